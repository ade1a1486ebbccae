"""Operations as JSON for programs: the resource before and after, with typed values."""

from collections.abc import Iterable, Mapping
from dataclasses import fields, is_dataclass
from typing import Any, assert_never

from albatross.model.ident import Ident
from albatross.model.plan import (
    ChangeRecords,
    Create,
    CreateBackendGroup,
    Delete,
    DeleteBinding,
    Deregister,
    Operation,
    PutBinding,
    Register,
    Retire,
    SetCapacity,
    SetRulePriorities,
    Step,
    Update,
)
from albatross.model.resources.record import Record
from albatross.model.resources.ref import LATER, Pairs, Ref
from albatross.planner.document import REDACTED
from albatross.wording.details import FINAL, GENERATED, Unsettled
from albatross.wording.operation import sign, subject
from albatross.wording.words import HIDDEN

MAPS = frozenset(("tags", "attributes", "labels", "node_selector"))
"""Fields that are pairs in our classes and an object in JSON."""

Json = Any
"""A JSON value."""


def form(step: Step, provisional: Unsettled = FINAL) -> dict[str, Json]:
    """An operation: its id, sign, kind and name; the resource `before` (null: it is created) and `after` (null: it is deleted).

    `changed` are the names of the different fields, `later` the fields of a new resource with a value that only the cluster gives.
    """
    operation = step.operation
    before, after = states(operation)
    noun, name = subject(operation)
    later = _later(operation, provisional, after)
    return {
        "id": step.id,
        "sign": sign(operation),
        "noun": noun,
        "name": name,
        "before": before,
        "after": _known(after, later),
        "changed": list(operation.changed) if isinstance(operation, Create | Update | PutBinding) else [],
        "later": later,
        "needs": list(step.needs),
    }


def states(operation: Operation) -> tuple[dict[str, Json] | None, dict[str, Json] | None]:
    """The resource before and after the operation; None if it does not exist then."""
    match operation:
        case Create():
            after = _resource(operation.resource, operation.tags)
            return (_resource(operation.replaces.resource, operation.replaces.tags) if operation.replaces else None), after
        case Update():
            removed = {key for key, _ in operation.remove_tags}
            tags = {key: text for key, text in operation.before.tags if key not in removed} | dict(operation.put_tags)
            return _resource(operation.before.resource, operation.before.tags), _resource(operation.resource, tuple(tags.items()))
        case Delete() | DeleteBinding():
            return _resource(operation.before.resource, operation.before.tags), None
        case Retire():
            before = _resource(operation.before.resource, operation.before.tags)
            return before, before
        case PutBinding():
            return (_resource(operation.before.resource) if operation.before else None), _resource(operation.resource)
        case SetCapacity():
            return {"units": operation.before}, {"units": operation.units}
        case SetRulePriorities():
            pairs = [(move.rule.arn, move.rule.resource.priority, move.priority) for move in operation.moves]
            return {"priorities": {arn: was for arn, was, _ in pairs}}, {"priorities": {arn: new for arn, _, new in pairs}}
        case ChangeRecords():
            return _records(each.resource for each in operation.deletes), _records(operation.creates)
        case Register():
            return None, {"targets": value(operation.targets)}
        case Deregister():
            return {"targets": value(operation.targets)}, None
        case CreateBackendGroup():
            return None, {}
        case _:
            assert_never(operation)


def value(given: object) -> Json:
    """A typed value: numbers, booleans, lists and objects; a resource without an id yet is its kind and its id in the plan."""
    match given:
        case Ref():
            return {"kind": given.kind, "id": given.id, "field": given.field}
        case Ident():
            return str(given)
        case tuple() | frozenset():
            return [value(each) for each in given]
        case Mapping():
            return {str(key): value(each) for key, each in given.items()}
        case _ if is_dataclass(given) and not isinstance(given, type):
            return {each.name: _field(each.name, getattr(given, each.name)) for each in fields(given)}
        case _:
            return given


def _field(name: str, given: Any) -> Json:
    if name in HIDDEN:
        return REDACTED
    return dict(given) if name in MAPS and isinstance(given, tuple) else value(given)


def _resource(resource: object, tags: Pairs | None = None) -> dict[str, Json]:
    found: dict[str, Json] = value(resource)
    return found if tags is None else found | {"tags": dict(tags)}


def _known(after: dict[str, Json] | None, later: list[str]) -> Json:
    """The resource with null for each value that only the cluster gives."""
    return after and {name: None if (name == "name" and name in later) else _closed(given) for name, given in after.items()}


def _closed(given: Json) -> Json:
    match given:
        case Mapping():
            return {name: _closed(each) for name, each in given.items()}
        case list():
            return [_closed(each) for each in given]
        case _:
            return None if _open(given) else given


def _records(found: Iterable[Record]) -> dict[str, Json] | None:
    records = [value(each) for each in found]
    return {"records": records} if records else None


def _later(operation: Operation, provisional: Unsettled, after: Mapping[str, Json] | None) -> list[str]:
    """Fields of a new resource that depend on what only the cluster gives: a UID, a node port."""
    if not isinstance(operation, Create | PutBinding) or after is None:
        return []
    found = [name for name, given in after.items() if _open(given)]
    # a binding has the name of its target group
    kind = "TargetGroup" if isinstance(operation, PutBinding) else type(operation.resource).__name__
    generated = kind in provisional and GENERATED.fullmatch(str(after.get("name", "")))
    return sorted({*found, *(["name"] if generated or found else [])})


def _open(given: Json) -> bool:
    if isinstance(given, Mapping):
        return any(_open(each) for each in given.values())
    return any(_open(each) for each in given) if isinstance(given, list) else isinstance(given, str) and given.endswith(LATER)
