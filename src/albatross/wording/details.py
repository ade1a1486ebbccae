"""The fields of an operation, in words: those of a new resource, or the old and the new value of each field that changes."""

import re
from collections.abc import Iterator
from dataclasses import fields
from typing import Any

from albatross.model.plan import (
    ChangeRecords,
    Create,
    Delete,
    DeleteBinding,
    Operation,
    PutBinding,
    Retire,
    SetRulePriorities,
    Standby,
    Update,
)
from albatross.model.resources.listener import Listener
from albatross.model.resources.load_balancer import LoadBalancer
from albatross.model.resources.rule import Rule
from albatross.model.resources.target_group import NAMED_PORT, TargetGroup
from albatross.planner import safety
from albatross.wording import words
from albatross.wording.operation import subject

QUIET = frozenset(
    ("id", "name", "listener", "load_balancer", "priority", "member", "tags", "namespace", "labels", "description", "conditions")
)
"""Fields of a new resource that its first line already shows, or that users do not need."""

Unsettled = frozenset[str]
"""Classes of resources with names that are not final: the end is left out, because it is a hash of UIDs."""
FINAL: Unsettled = frozenset()
OWN_PORTS = f"{NAMED_PORT} (not used: the target port has a name, so each target is registered with its own port)"
GENERATED = re.compile(r"(k8s-.+-)[0-9a-f]{10}")


def named(operation: Operation, provisional: Unsettled = FINAL) -> str:
    """The name of the resource; the end of a name is left out if it is not final."""
    name = subject(operation)[1]
    if isinstance(operation, Create) and type(operation.resource).__name__ in provisional and (generated := GENERATED.fullmatch(name)):
        return f"{generated[1]}…"
    return name


def details(operation: Operation, provisional: Unsettled = FINAL) -> Iterator[tuple[str, str]]:
    """Field names with their values, or with the old and the new value."""
    yield from _waits(operation)
    match operation:
        case Retire():
            yield "until now", operation.before.dns_name
        case Create(resource=Rule() as rule):
            yield "when", words.conditions(rule.conditions)
            yield "then", words.actions(rule.actions)
            if rule.transforms:
                yield "rewriting", words.value(rule.transforms)
        case Create(resource=TargetGroup() as group, replaces=None):
            yield "name", _named(group, provisional)
            yield from _fields(group)
        case Create(replaces=None):
            yield from _fields(operation.resource)
        case PutBinding(before=None):
            yield "service", f"{operation.resource.service}:{operation.resource.port}"
            yield "target group", words.token(operation.resource.target_group)
        case Create() | Update() | PutBinding():
            yield from _changes(operation)
        case Delete(before=before) if isinstance(before.resource, LoadBalancer) and safety.protection(before.resource) is not False:
            on = "is" if safety.protection(before.resource) else "is, if it is on,"
            yield "first", f"deletion protection {on} switched off"
        case ChangeRecords():
            yield from _records(operation)
        case SetRulePriorities():
            for move in operation.moves:
                yield f"{move.rule.resource.priority} → {move.priority}", words.conditions(move.rule.resource.conditions)


def state(each: Standby) -> str:
    """What happens to a replaced load balancer that stays for now."""
    if each.until is not None:
        return f"is replaced; it answers clients of {each.before.dns_name} until {safety.clock(each.until)}, and is then deleted"
    if each.waits:
        return f"keeps the address until its successor is ready, then stays {each.grace_seconds:g} s more; now: {'; '.join(each.waits)}"
    return f"is replaced now, and is deleted {each.grace_seconds:g} s later"


def _waits(operation: Operation) -> Iterator[tuple[str, str]]:
    """What must be true before a rule sends requests to new target groups."""
    if isinstance(operation, Create | Update) and operation.awaited:
        yield "waits for", " and ".join(f"a healthy target of {words.token(group)}" for group in operation.awaited.groups)
    elif isinstance(operation, DeleteBinding) and operation.served:
        yield "waits for", "the rule to be in use for some seconds"


def _records(operation: ChangeRecords) -> Iterator[tuple[str, str]]:
    made = {each.id for each in operation.creates}
    for each in operation.creates:
        yield f"{each.type} {each.name}", words.record(each)
    for gone in operation.deletes:
        if gone.resource.id not in made:
            yield f"{gone.resource.type} {gone.resource.name}", "deleted"


def _named(group: TargetGroup, provisional: Unsettled) -> str:
    of = "UIDs and of a node port" if isinstance(group.port, str) else "UIDs" if provisional else ""
    return f"{group.name.rpartition('-')[0]}-… (the end is a hash of {of})" if of else group.name


def _fields(resource: Any) -> Iterator[tuple[str, str]]:
    for field in fields(resource):
        given = getattr(resource, field.name)
        quiet = QUIET | {"port", "protocol"} if isinstance(resource, Listener) else QUIET
        if field.name == "port" and isinstance(resource, TargetGroup) and resource.target_type == "ip" and given == NAMED_PORT:
            yield "port", OWN_PORTS
        elif field.name not in quiet and given not in (None, "", ()):
            yield field.name.replace("_", " "), words.value(given)


def _changes(operation: Create | Update | PutBinding) -> Iterator[tuple[str, str]]:
    before = operation.replaces if isinstance(operation, Create) else operation.before
    for changed in operation.changed:
        if changed == "tags":
            yield "tags", _tags(operation)
        else:
            was, wanted = (getattr(each, changed, None) for each in (before.resource if before else None, operation.resource))
            yield changed.replace("_", " "), f"{words.value(was)} → {words.value(wanted)}"


def _tags(operation: Create | Update | PutBinding) -> str:
    if not isinstance(operation, Update):
        return "changed"
    return ", ".join([*(f"{key}={value}" for key, value in operation.put_tags), *(f"{key} removed" for key, _ in operation.remove_tags)])
