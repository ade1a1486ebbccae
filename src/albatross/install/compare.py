"""Compares the permissions of a role with those that the controller needs: missing, too narrow, denied, or not needed.

The rules are in the IAM User Guide, "IAM JSON policy elements". A needed action is allowed only if this is certain for every resource
that the controller can use; if it depends on another condition, the action is `narrower`.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any, Literal

from albatross.install.policy import Document, Statement

Kind = Literal["missing", "narrower", "denied", "surplus"]

_Condition = Mapping[tuple[str, str], frozenset[str]]
"""Values by operator and key, both in lower case."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """One action that the role lacks or does not need. `why` says why the controller needs it, or what limits it."""

    kind: Kind
    action: str
    sid: str = ""
    why: str = ""


@dataclass(frozen=True, slots=True)
class _Rule:
    """A statement of a policy document in one form: always lists, keys in lower case."""

    effect: str
    actions: tuple[str, ...]
    resources: tuple[str, ...]
    condition: _Condition
    inverted: bool

    def names(self, action: str) -> bool:
        """Whether the statement applies to the action."""
        found = any(fnmatchcase(action.lower(), pattern.lower()) for pattern in self.actions)
        return found != self.inverted

    def holds(self, resource: str) -> bool:
        """Whether the statement applies to every resource of that pattern."""
        return any(pattern == "*" or fnmatchcase(resource, pattern) for pattern in self.resources)


def differences(needed: Iterable[Statement], documents: Iterable[Document]) -> tuple[Difference, ...]:
    """First the actions that the policies lack, in the order of the statements, then those that are not needed."""
    wanted = tuple(needed)
    rules = [rule for document in documents for rule in _rules(document)]
    allows, denies = [rule for rule in rules if rule.effect == "Allow"], [rule for rule in rules if rule.effect != "Allow"]
    lacking = [found for statement in wanted for found in _lacking(statement, allows, denies)]
    known = {action for statement in wanted for action in statement.actions}
    return (*lacking, *_surplus(allows, known))


def _lacking(statement: Statement, allows: Iterable[_Rule], denies: Iterable[_Rule]) -> Iterator[Difference]:
    condition = _condition(statement.json.get("Condition") or {})
    for action in statement.actions:
        if any(rule.names(action) for rule in denies):
            yield Difference(
                kind="denied",
                action=action,
                sid=statement.sid,
                why="a Deny statement names the action; check the condition of that statement",
            )
            continue
        naming = [rule for rule in allows if rule.names(action)]
        if not naming:
            yield Difference(kind="missing", action=action, sid=statement.sid, why=statement.why)
            continue
        free = [rule for rule in naming if not _unmet(rule.condition, condition)]
        if not all(any(rule.holds(resource) for rule in free) for resource in statement.resources):
            yield Difference(kind="narrower", action=action, sid=statement.sid, why=_limits(naming, statement, condition))


def _limits(naming: Iterable[_Rule], statement: Statement, condition: _Condition) -> str:
    """Why the statements that name the action do not allow enough: the conditions of the nearest one, or the resources."""
    unmet = min((_unmet(rule.condition, condition) for rule in naming), key=len)
    if unmet:
        return f"allowed only with {', '.join(f'{operator} {key}' for operator, key in unmet)}"
    return f"allowed only for other resources than {', '.join(statement.resources)}"


def _unmet(given: _Condition, needed: _Condition) -> list[tuple[str, str]]:
    """The conditions of the role that a request with the needed conditions may not meet."""
    found = []
    for (operator, key), values in given.items():
        ours = needed.get((operator, key))
        # A key that must equal a value is present.
        present = operator == "null" and values == {"false"} and ("stringequals", key) in needed
        if not present and (ours is None or not ours <= values):
            found.append((operator, key))
    return found


def _surplus(allows: Iterable[_Rule], known: set[str]) -> Iterator[Difference]:
    for pattern in dict.fromkeys(pattern for rule in allows for pattern in rule.actions):
        if "*" in pattern or "?" in pattern:
            yield Difference(kind="surplus", action=pattern, why="a pattern allows actions that the controller never calls")
        elif pattern.lower() not in {action.lower() for action in known}:
            yield Difference(kind="surplus", action=pattern, why="the features in use do not need it")


def _rules(document: Document) -> Iterator[_Rule]:
    for statement in _list(document.get("Statement")):
        inverted = "NotAction" in statement
        yield _Rule(
            effect=statement.get("Effect", "Deny"),
            actions=_texts(statement.get("NotAction" if inverted else "Action")),
            resources=_texts(statement.get("Resource")),
            condition=_condition(statement.get("Condition") or {}),
            inverted=inverted,
        )


def _condition(found: Mapping[str, Mapping[str, Any]]) -> _Condition:
    pairs = (((operator.lower(), key.lower()), value) for operator, keys in found.items() for key, value in keys.items())
    return {name: frozenset(str(each).lower() if name[0] == "null" else str(each) for each in _list(value)) for name, value in pairs}


def _texts(value: Any) -> tuple[str, ...]:
    return tuple(str(each) for each in _list(value))


def _list(value: Any) -> list[Any]:
    return list(value) if isinstance(value, list | tuple) else [] if value is None else [value]
