"""A plan as text: what will be created, changed and deleted, in order, and the rules of each Ingress."""

import re
from collections.abc import Iterator
from dataclasses import fields
from typing import Any

from rich.text import Text

from albatross.catalog import tracking
from albatross.cli.terminal import words
from albatross.cli.terminal.operation import COLOURS, name, sign, subject
from albatross.model.ident import Ident
from albatross.model.plan import ChangeRecords, Create, Delete, DeleteBinding, Operation, Plan, PutBinding, SetRulePriorities, Update
from albatross.model.resources.listener import Listener
from albatross.model.resources.load_balancer import LoadBalancer
from albatross.model.resources.rule import Rule
from albatross.model.resources.stack import Stack
from albatross.model.resources.target_group import TargetGroup
from albatross.planner import safety

QUIET = frozenset(
    ("id", "name", "listener", "load_balancer", "priority", "member", "tags", "namespace", "labels", "description", "conditions")
)
"""Fields of a new resource that its first line already shows, or that users do not need."""

VERBS = {"create": "to create", "put": "to bind", "update": "to change", "delete": "to delete", "prioritize": "to reorder"}


Unsettled = frozenset[str]
"""Classes of resources with names that are not final: the end is left out, because it is a hash of UIDs."""
FINAL: Unsettled = frozenset()
_GENERATED = re.compile(r"(k8s-.+-)[0-9a-f]{10}")


def lines(plan: Plan, stack: Stack | None, provisional: Unsettled = FINAL) -> Iterator[Text]:
    """The plan of one group: a head, a block for each operation, the rules of the Ingresses, counts and checksum."""
    yield Text.assemble(("Plan for ", "bold"), (tracking.output(plan.stack), "bold cyan"))
    yield Text()
    if not plan:
        yield Text("  nothing to do: AWS already has everything")
    yield from operations(plan, provisional)
    if stack is not None:
        yield from becomes(stack)
    yield Text()
    yield Text.assemble("  ", (counts(plan), "bold"), (f"   checksum {plan.checksum}", "dim"))


def counts(plan: Plan) -> str:
    """`7 to create, 1 to change`."""
    return ", ".join(f"{number} {VERBS.get(verb, f'to {verb}')}" for verb, number in plan.counts.items()) or "0 changes"


def operations(plan: Plan, provisional: Unsettled = FINAL) -> Iterator[Text]:
    """A block for each operation: its sign, noun and name, then its fields."""
    for operation in plan.operations:
        yield from _operation(operation, provisional)


def _operation(operation: Operation, provisional: Unsettled) -> Iterator[Text]:
    mark = sign(operation)
    noun, named = subject(operation)
    if isinstance(operation, Create) and type(operation.resource).__name__ in provisional and (generated := _GENERATED.fullmatch(named)):
        named = f"{generated[1]}…"
    yield Text.assemble((f"  {mark:>3} ", COLOURS[mark]), (noun, "bold"), f" {named}")
    for label, text in details(operation, provisional):
        yield Text.assemble(" " * 8, (f"{label:<16} ", "dim"), _clipped(text))


def details(operation: Operation, provisional: Unsettled = FINAL) -> Iterator[tuple[str, str]]:
    """Field names with their values, or with the old and the new value."""
    yield from _waits(operation)
    match operation:
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
        if field.name not in quiet and given not in (None, "", ()):
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


def _clipped(text: str, room: int = 400) -> str:
    return text if len(text) <= room else text[: room - 1] + "…"


# What each Ingress becomes ---------------------------------------------------------------------------------------


def becomes(stack: Stack) -> Iterator[Text]:
    """The rules of each member: listeners, ALB conditions and action."""
    last = None
    for member, where, when, then in rows(stack):
        if member != last:
            yield Text()
            yield Text.assemble("  Ingress ", (member, "bold"), " becomes")
            last = member
        yield Text.assemble(f"    {where:<20} ", (when, "cyan"), f" → {then}")


def rows(stack: Stack) -> Iterator[tuple[str, str, str, str]]:
    """(member, listeners, conditions, action) of each rule; a rule that several listeners share is listed once."""
    listeners = {listener.id: name(listener) for listener in stack.listeners}
    for member in dict.fromkeys(rule.member for rule in stack.rules):
        for (when, then), ports in _grouped(stack, member).items():
            yield member.short if member else str(stack.id), " ".join(listeners.get(port, port) for port in ports), when, then


def _grouped(stack: Stack, member: Ident | None) -> dict[tuple[str, str], list[str]]:
    found: dict[tuple[str, str], list[str]] = {}
    for rule in stack.rules:
        if rule.member == member:
            found.setdefault((words.conditions(rule.conditions), words.actions(rule.actions)), []).append(rule.listener.id)
    return found
