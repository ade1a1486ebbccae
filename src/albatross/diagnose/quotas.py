"""How near the account is to its quotas of load balancing."""

from collections import Counter
from collections.abc import Iterator

from albatross.diagnose.cause import Cause, cause
from albatross.diagnose.evidence import Evidence, Origin

NEAR = 0.9
"""The part of a quota from which it is reported (chosen by us)."""
HEAD = ("quota", "in use", "limit")
REGION = ("application-load-balancers", "network-load-balancers", "target-groups")
"""Quotas of the Region."""
RULES, GROUPS = "rules-per-application-load-balancer", "target-groups-per-application-load-balancer"
"""Quotas of each load balancer, with the names of AWS."""
REQUEST = "aws service-quotas list-service-quotas --service-code elasticloadbalancing"


def uses(evidence: Evidence) -> Iterator[tuple[str, str, int, int]]:
    """(what, where, in use, limit) of every quota that is known."""
    limits = evidence.aws.quotas
    for name in REGION:
        if name in limits and name in evidence.aws.counts:
            yield name.replace("-", " "), "", evidence.aws.counts[name], limits[name]
    for observed in evidence.aws.observed.values():
        listeners = {each.arn: each.parent for each in observed.listeners}
        rules = Counter(listeners.get(each.parent, "") for each in observed.rules)
        for owned in observed.load_balancers:
            if RULES in limits and rules[owned.arn]:
                yield "rules", owned.resource.name, rules[owned.arn], limits[RULES]
            if GROUPS in limits and len(observed.load_balancers) == 1:
                yield "target groups of the load balancer", owned.resource.name, len(observed.target_groups), limits[GROUPS]


def table(evidence: Evidence) -> tuple[tuple[str, ...], ...]:
    """The rows, with a head; of each quota of load balancers only the one that is nearest."""
    nearest: dict[str, tuple[str, str, int, int]] = {}
    for each in uses(evidence):
        if each[0] not in nearest or each[2] > nearest[each[0]][2]:
            nearest[each[0]] = each
    return (HEAD, *((f"{what} {where}".strip(), str(used), str(limit)) for what, where, used, limit in nearest.values()))


def check(evidence: Evidence) -> Iterator[Cause]:
    """Every quota that is nearly or completely used."""
    for what, where, used, limit in uses(evidence):
        if used >= NEAR * limit:
            region = evidence.config.region
            command = f"albatross status --cluster-name {evidence.config.cluster_name}"
            request = f"{REQUEST} --region {region}"
            words = {"used": str(used), "limit": str(limit), "what": f"{what} {where}".strip(), "command": command, "request": request}
            yield cause("LB665", Origin("Quota", "", what.replace(" ", "-")), command, request, **words)
