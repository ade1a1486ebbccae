"""A call as questions to policies: each action on each resource, with all that conditions may ask of it."""

from collections.abc import Awaitable, Callable, Iterator, Mapping
from dataclasses import dataclass

from albatross_sandbox.aws.iam import table
from albatross_sandbox.aws.iam.asked import Asked, Tags
from albatross_sandbox.aws.iam.pattern import Context

Keys = dict[str, tuple[str, ...]]

Stored = Callable[[str], Awaitable[Tags]]
"""The tags that a resource carries; none where there is no such resource."""


@dataclass(frozen=True, slots=True)
class Ask:
    """One action on one resource; every one that a call makes must be allowed."""

    action: str
    resource: str
    context: Context


@dataclass(frozen=True, slots=True)
class _Part:
    """An ask before the stored tags are known."""

    action: str
    resource: str
    keys: Mapping[str, tuple[str, ...]]


async def asks(asked: Asked, base: Context, stored: Stored) -> list[Ask]:
    """The call's own action first, then what AWS asks beside it."""
    found = []
    for part in (*_own(asked), *_implied(asked)):
        tags = {} if part.resource.endswith("*") else await stored(part.resource)
        found.append(Ask(part.action, part.resource, {**base, **part.keys, **_resource(part, tags, asked)}))
    return found


def _own(asked: Asked) -> Iterator[_Part]:
    row = table.row(asked.service, asked.operation)
    tags = requested(row.tags(asked), row.tag_keys(asked))
    keys = {key.lower(): tuple(asked.values(path)) for key, path in row.keys.items() if asked.values(path)}
    tagged = row.tagged(asked) if row.tagged else None
    for resource in row.resources(asked):
        yield _Part(
            table.action(asked.service, asked.operation),
            resource,
            {**keys, **(tags if tagged is None or resource in tagged else {})},
        )


def _implied(asked: Asked) -> Iterator[_Part]:
    row = table.row(asked.service, asked.operation)
    tags = requested(row.tags(asked), [])
    for each in row.implied:
        if each.when(asked):
            keys = {key.lower(): (value,) for key, value in each.keys.items()}
            via = {} if _same_service(each.action, asked) else {"aws:viaawsservice": ("true",)}
            for resource in each.resources(asked):
                yield _Part(each.action, resource, {**keys, **via, **(tags if each.tags else {})})


def _same_service(action: str, asked: Asked) -> bool:
    return action.partition(":")[0] == table.action(asked.service, "").partition(":")[0]


def requested(tags: Tags, keys: list[str]) -> Keys:
    """The condition keys of tags that a request brings, or of tag keys that it names."""
    found: Keys = {f"aws:requesttag/{key.lower()}": (value,) for key, value in tags.items()}
    return {**found, **({"aws:tagkeys": (*tags, *keys)} if tags or keys else {})}


_PREFIXES = ("elasticloadbalancing", "ec2", "iam")
"""Services with a ResourceTag key of their own beside the global one."""


def _resource(part: _Part, tags: Tags, asked: Asked) -> Keys:
    """What conditions may ask of the resource."""
    service = part.action.partition(":")[0]
    names = ["aws", *(each for each in _PREFIXES if each == service)]
    found: Keys = {f"{name}:resourcetag/{key.lower()}": (value,) for name in names for key, value in tags.items()}
    fields = part.resource.split(":", 5)
    found["aws:resourceaccount"] = (fields[4] if len(fields) == 6 and fields[4] else asked.place.account,)
    if service == "ec2":
        found["ec2:region"] = (asked.place.region,)
    return found
