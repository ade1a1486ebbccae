"""What each operation of a plan does, so that an operation finds the ones that it waits for without a look at all others."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum

from albatross.catalog import tracking
from albatross.model.plan import ChangeRecords, Create, Delete, DeleteBinding, Deregister, Operation, Register, SetRulePriorities, Update
from albatross.model.resources.addon import Protection
from albatross.model.resources.listener import Listener
from albatross.model.resources.load_balancer import LoadBalancer
from albatross.model.resources.rule import Rule


class Effect(StrEnum):
    """What an operation does to something."""

    MOVES = "moves rules of"
    MAKES_RULE = "makes a rule of"
    BORROWS = "forwards for now to"
    DEREGISTERS = "deregisters from"
    REMOVES = "deregisters"
    BARES = "removes what would outlive"
    FREES_PORT = "frees a port of"
    FREES_NAME = "frees the name of"
    UNBINDS = "deletes the binding"
    NAMES = "allows names"
    UNNAMES = "deletes names"
    LISTENS = "listens at"
    ANSWERS = "lets a load balancer answer"


Mark = tuple[Effect, object]
"""What an operation does, and to what: `(Effect.MOVES, listener)`."""


@dataclass(frozen=True, slots=True)
class Effects:
    """The ids of operations by what they do."""

    marks: Mapping[Mark, frozenset[str]]

    def of(self, effect: Effect, whom: object = "") -> set[str]:
        """The operations that do this to that."""
        return set(self.marks.get((effect, whom), ()))


def effects(operations: Iterable[Operation]) -> Effects:
    """The effects of these operations."""
    found: dict[Mark, set[str]] = {}
    for operation in operations:
        for mark in _marks(operation):
            found.setdefault(mark, set()).add(operation.id)
    return Effects({mark: frozenset(ids) for mark, ids in found.items()})


def _marks(operation: Operation) -> Iterator[Mark]:
    if _tags(operation):
        yield Effect.NAMES, ""
    if _answers(operation):
        yield Effect.ANSWERS, ""
    match operation:
        case SetRulePriorities(listener=listener):
            yield Effect.MOVES, listener
        case Create(resource=Rule() as rule):
            yield Effect.MAKES_RULE, rule.listener
            yield from ((Effect.BORROWS, group) for group in (operation.awaited.serving if operation.awaited else ()))
        case Update(resource=Rule() as rule) if not _stays(operation):
            yield Effect.MAKES_RULE, rule.listener
        case Create(resource=Listener() as listener):
            yield Effect.LISTENS, (listener.load_balancer, listener.port)
        case Delete(before=before):
            if isinstance(before.resource, Listener):
                yield Effect.FREES_PORT, before.resource.load_balancer
            elif isinstance(before.resource, LoadBalancer):
                yield Effect.FREES_NAME, before.resource.id
            elif isinstance(before.resource, Protection):
                yield Effect.BARES, before.resource.resource
        case DeleteBinding(before=before):
            yield Effect.UNBINDS, before.arn
        case Deregister(target_group=group, targets=targets):
            yield Effect.DEREGISTERS, group
            yield from ((Effect.REMOVES, target.id) for target in targets)
        case ChangeRecords(creates=creates) if not creates:
            yield Effect.UNNAMES, ""
        case _:
            pass


def _answers(operation: Operation) -> bool:
    """Whether clients need it before the address of a load balancer moves to another one."""
    if isinstance(operation, Create):
        return isinstance(operation.resource, LoadBalancer | Listener | Rule)
    return isinstance(operation, ChangeRecords | Register)


def _stays(operation: Update) -> bool:
    """Whether the rule answers the same requests before and after; then nobody depends on the change, which may have to wait."""
    return operation.awaited is not None and "conditions" not in operation.changed


def _tags(operation: Operation) -> bool:
    """Whether the tag is added by which the DNS records of a load balancer are found."""
    return isinstance(operation, Update) and any(key == tracking.NAMED for key, _ in operation.put_tags)


def untags(operation: Update) -> bool:
    """Whether the tag is removed by which the DNS records of a load balancer are found."""
    return any(key == tracking.NAMED for key, _ in operation.remove_tags)
