"""What a row of the table is made of: which resources a call asks for, which tags it brings, what AWS asks on its behalf."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from albatross_sandbox.aws.iam.asked import Asked, Tags

Resources = Callable[[Asked], tuple[str, ...]]
"""ARNs; one that ends in `*` is of what the call is about to make."""
When = Callable[[Asked], bool]


@dataclass(frozen=True, slots=True)
class Implied:
    """An action that AWS asks of the caller beside the call's own; `tags`: with the tags of the request in its context."""

    action: str
    resources: Resources
    when: When = lambda _: True
    tags: bool = False
    keys: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Row:
    """One operation; `keys` are condition keys of the service, and where in the request their values are.

    `tagged` are the resources that the request's tags are for: the call's own, unless it makes one of several.
    """

    resources: Resources = lambda _: ("*",)
    tags: Callable[[Asked], Tags] = lambda _: {}
    tag_keys: Callable[[Asked], list[str]] = lambda _: []
    keys: Mapping[str, str] = field(default_factory=dict)
    implied: tuple[Implied, ...] = ()
    tagged: Resources | None = None


def star(_: Asked) -> tuple[str, ...]:
    """No resource: the action has none."""
    return ("*",)


def given(*paths: str) -> Resources:
    """ARNs that stand in the request."""

    def found(asked: Asked) -> tuple[str, ...]:
        return tuple(dict.fromkeys(arn for path in paths for arn in asked.values(path))) or ("*",)

    return found


def named(service: str, template: str) -> Resources:
    """An ARN made of parameters: `targetgroup/{Name}/*`; several where a parameter has several values."""
    path = template.partition("{")[2].partition("}")[0]

    def found(asked: Asked) -> tuple[str, ...]:
        names = asked.values(path) or ["*"]
        return tuple(asked.place.arn(service, template.replace("{" + path + "}", name)) for name in names)

    return found if path else lambda asked: (asked.place.arn(service, template),)


def both(*parts: Resources) -> Resources:
    """The resources of all the parts."""
    return lambda asked: tuple(arn for part in parts for arn in part(asked))


def listed(path: str) -> Callable[[Asked], Tags]:
    """Tags that stand at a path as rows of Key and Value."""

    def found(asked: Asked) -> Tags:
        return dict(zip(asked.values(f"{path}.Key"), _tag_values(asked, path), strict=False))

    return found


def _tag_values(asked: Asked, path: str) -> list[str]:
    """The values beside the keys; a tag may have an empty one."""
    rows = asked.given.get(path) or []
    return [str(row.get("Value") or "") for row in rows if isinstance(row, dict) and row.get("Key")] if isinstance(rows, list) else []


def present(*paths: str) -> When:
    """Whether the request has one of the parameters."""
    return lambda asked: any(asked.values(path) for path in paths)
