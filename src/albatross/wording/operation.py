"""An operation of a plan in words: its sign, its noun, its name."""

from typing import assert_never

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
    Update,
)
from albatross.model.resources.listener import Listener
from albatross.model.resources.rule import Rule
from albatross.model.resources.target_group import TargetGroup
from albatross.wording.words import NAMES, token


def sign(operation: Operation) -> str:
    """`+` creates, `~` changes, `-` deletes; `-/+` is part of a replacement."""
    match operation:
        case Create():
            return "-/+" if operation.replaces else "+"
        case Delete():
            return "-/+" if operation.replaced else "-"
        case PutBinding():
            return "~" if operation.before else "+"
        case CreateBackendGroup() | Register():
            return "+"
        case DeleteBinding() | Deregister():
            return "-"
        case ChangeRecords():
            return "~" if operation.creates and operation.deletes else "+" if operation.creates else "-"
        case Update() | SetCapacity() | SetRulePriorities() | Retire():
            return "~"
        case _:
            assert_never(operation)


def subject(operation: Operation) -> tuple[str, str]:
    """The noun in words, and the name for users."""
    match operation:
        case Create():
            return NAMES[type(operation.resource).__name__], name(operation.resource)
        case Retire():
            return "address", f"moves away from load balancer {operation.before.resource.name}"
        case Update() | Delete():
            return NAMES[type(operation.before.resource).__name__], name(operation.before.resource)
        case CreateBackendGroup():
            return NAMES["BackendSecurityGroup"], "shared by the cluster"
        case SetCapacity():
            return "capacity", f"{operation.units} LCUs"
        case SetRulePriorities():
            return "rule priorities", f"{token(operation.listener)}, {len(operation.moves)} rules"
        case ChangeRecords():
            return "DNS records", f"in hosted zone {operation.zone}"
        case Register() | Deregister():
            return "targets", f"{len(operation.targets)} of {token(operation.target_group)}"
        case PutBinding():
            return NAMES["Binding"], operation.resource.id
        case DeleteBinding():
            return NAMES["Binding"], operation.before.arn
        case _:
            assert_never(operation)


def name(resource: object) -> str:
    """The name for users: protocol and port of a listener, listener and priority of a rule, member of a target group, else the name."""
    if isinstance(resource, TargetGroup):
        return resource.id or resource.name
    if isinstance(resource, Listener):
        return f"{resource.protocol}:{resource.port}"
    if isinstance(resource, Rule):
        return f"{token(resource.listener)}:{resource.priority}"
    return str(getattr(resource, "name", "") or getattr(resource, "id", ""))
