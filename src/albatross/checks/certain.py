"""Values that AWS certainly refuses, whatever exists in the account: ids and paths with a wrong form, and another Region."""

import re
from collections.abc import Iterator

from albatross.catalog.notes import Notes
from albatross.model.facts import Facts, SecurityGroupsById, SubnetsById
from albatross.model.intent import Intent, LoadBalancerSettings, Names, Setting, Share, TargetGroupSettings

ID = "([0-9a-f]{8}|[0-9a-f]{17})"
"""The digits of an id in EC2. Source: https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/resource-ids.html"""
REGIONAL = re.compile(r"arn:aws[a-z-]*:acm:([a-z0-9-]+):")


def check(intent: Intent, facts: Facts, region: str, notes: Notes) -> None:
    """Note these values. Ids are not judged if AWS has answered; then their absence is a problem of its own."""
    for balancer in intent.balancers:
        for share in balancer.shares:
            _ids(share.settings, facts, notes)
            for listen in share.formed:
                _region(listen.certificates, region, notes)
            for settings in _targets(share):
                _path(settings, notes)


def _targets(share: Share) -> Iterator[TargetGroupSettings]:
    yield from share.rehearsed
    for target in (each for forward in share.forwards for each in forward.targets):
        yield from (each.settings for each in (target.backend, target.chained) if each)


def _ids(settings: LoadBalancerSettings, facts: Facts, notes: Notes) -> None:
    for given, prefix, asked in (
        (settings.subnets, "subnet-", SubnetsById),
        (settings.security_groups, "sg-", SecurityGroupsById),
    ):
        wrong = list(_malformed(given, prefix))
        ids = tuple(each for each in given.value if each.startswith(prefix)) if given else ()
        if given and asked(ids) not in facts.answers:
            for each in wrong:
                _refuse(prefix.removesuffix("-") + " id", each, f"{prefix} with 8 or 17 hexadecimal digits, or a Name tag", given, notes)


def _malformed(given: Names | None, prefix: str) -> Iterator[str]:
    for each in given.value if given else ():
        if each.startswith(prefix) and not re.fullmatch(prefix + ID, each):
            yield each


def _region(given: Names | None, region: str, notes: Notes) -> None:
    for arn in given.value if given else ():
        found = REGIONAL.match(arn)
        if given and found and region and found[1] != region:
            notes.add("LB185", given.origin, arn=arn, there=found[1], here=region)


def _path(settings: TargetGroupSettings, notes: Notes) -> None:
    """For AWS, an empty path is the same as no path."""
    path = settings.health_check_path
    if path and path.value and not path.value.startswith("/"):
        _refuse("health check path", path.value, f"a path with a slash first, such as /{path.value}", path, notes)


def _refuse(what: str, value: str, expected: str, given: Setting[str] | Names, notes: Notes) -> None:
    notes.add("LB407", given.origin, "error", what=what, value=value, expected=expected)
