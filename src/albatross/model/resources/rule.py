"""AWS::ElasticLoadBalancingV2::ListenerRule."""

from dataclasses import dataclass, field

from albatross.model.ident import Ident
from albatross.model.resources.action import Action
from albatross.model.resources.ref import Pairs, Ref


@dataclass(frozen=True, slots=True, kw_only=True)
class Condition:
    """A rule condition.

    `values` and `regex_values` are OR-ed; `header` names an http-header; `query` holds (key or None, value) of query-string.
    """

    field: str
    values: tuple[str, ...] = ()
    regex_values: tuple[str, ...] = ()
    header: str = ""
    query: tuple[tuple[str | None, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Transform:
    """`url-rewrite` or `host-header-rewrite`; `rewrites` are (regex, replace) in order."""

    type: str
    rewrites: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """A rule of a listener; AWS evaluates lower priorities first. `member` is the object that it comes from."""

    id: str
    listener: Ref = field(metadata={"diff": "ignore"})
    priority: int
    actions: tuple[Action, ...]
    conditions: tuple[Condition, ...]
    transforms: tuple[Transform, ...] = ()
    tags: Pairs = ()
    member: Ident | None = field(default=None, compare=False, repr=False, metadata={"diff": "ignore"})
