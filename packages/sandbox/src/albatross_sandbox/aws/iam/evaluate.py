"""Policies asked about a request: an explicit deny beats every allow, and what nothing allows is denied.

IAM user guide, "Policy evaluation logic". Pure: it looks at nothing but what it is given.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from albatross_sandbox.aws.iam import condition, pattern
from albatross_sandbox.aws.iam.condition import Condition
from albatross_sandbox.aws.iam.pattern import Context


@dataclass(frozen=True, slots=True)
class Request:
    """One action on resources (`*` for an action that has none), in one context."""

    action: str
    resources: tuple[str, ...] = ("*",)
    context: Context = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Statement:
    """One statement; `label` says where it stands. `principal` is what it says of its principals, if it does."""

    label: str
    denies: bool
    actions: tuple[str, ...]
    resources: tuple[str, ...] = ("*",)
    conditions: tuple[Condition, ...] = ()
    other_actions: bool = False
    other_resources: bool = False
    principal: Any = None

    def covers(self, action: str, resource: str, context: Context) -> bool:
        """Whether it speaks of this request."""
        return self._acts(action) and self._reaches(resource, context) and all(each.holds(context) for each in self.conditions)

    def _acts(self, action: str) -> bool:
        return any(pattern.like(each, action.lower()) for each in self.actions) != self.other_actions

    def _reaches(self, resource: str, context: Context) -> bool:
        found = [each for each in (pattern.resolved(name, context) for name in self.resources) if each is not None]
        return any(pattern.resource(each, resource) for each in found) != self.other_resources


@dataclass(frozen=True, slots=True)
class Allowed:
    """The request may be served; `statements` allowed it, one a resource."""

    statements: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Denied:
    """The request may not be served: a statement denies it on a resource, or none allows it there."""

    kind: Literal["explicit", "implicit"]
    resource: str
    statement: str | None = None


Verdict = Allowed | Denied


def read(document: Mapping[str, Any], name: str) -> tuple[Statement, ...]:
    """The statements of a policy document; raises ValueError for what IAM would refuse."""
    if document.get("Version") != "2012-10-17":  # variables came with that version; in older documents they are text
        document = json.loads(pattern.literal(json.dumps(document, ensure_ascii=False)))
    statements = document.get("Statement")
    rows = statements if isinstance(statements, list) else [statements]
    return tuple(_statement(row, f"{name}/{row.get('Sid') or index}") for index, row in enumerate(rows) if isinstance(row, dict))


def _statement(row: Mapping[str, Any], label: str) -> Statement:
    if row.get("Effect") not in ("Allow", "Deny") or ("Action" in row) == ("NotAction" in row):
        raise ValueError(f"{label}: a statement has the Effect Allow or Deny, and either Action or NotAction")
    return Statement(
        label=label,
        denies=row["Effect"] == "Deny",
        actions=tuple(each.lower() for each in condition.texts(row.get("Action", row.get("NotAction")))),
        other_actions="NotAction" in row,
        resources=condition.texts(row.get("Resource", row.get("NotResource", "*"))),
        other_resources="NotResource" in row,
        conditions=condition.read(row.get("Condition") or {}),
        principal=row.get("Principal"),
    )


def evaluate(statements: Iterable[Statement], request: Request) -> Verdict:
    """What policies say of a request: every one of its resources must be allowed."""
    held = list(statements)
    allowing: list[str] = []
    for resource in request.resources:
        verdict = _judge(held, request, resource)
        if isinstance(verdict, Denied):
            return verdict
        allowing.extend(verdict.statements)
    return Allowed(tuple(allowing))


def _judge(statements: Sequence[Statement], request: Request, resource: str) -> Verdict:
    speaking = [each for each in statements if each.covers(request.action, resource, request.context)]
    for each in speaking:
        if each.denies:
            return Denied("explicit", resource, each.label)
    return Allowed((speaking[0].label,)) if speaking else Denied("implicit", resource)
