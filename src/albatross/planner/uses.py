"""For every ARN: which resources contain it, and which operation ends this. AWS refuses to delete a resource in use.

The errors are `ResourceInUse` and `DependencyViolation`.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from albatross.catalog import tracking
from albatross.model.observed import Observed, Owned
from albatross.model.plan import ChangeRecords, Create, Delete, DeleteBinding, Deregister, Operation, SetRulePriorities, Update
from albatross.model.resources.listener import Listener
from albatross.model.resources.load_balancer import LoadBalancer
from albatross.model.resources.rule import Rule
from albatross.planner.nouns import NOUNS, Identity
from albatross.token import literals


@dataclass(slots=True)
class Uses:
    """`ends` has for each ARN or id that a current resource contains the operations that end this."""

    ends: dict[str, set[str]] = field(default_factory=dict)

    def of(self, arn: str) -> frozenset[str]:
        """The operations after which no resource of ours contains the ARN."""
        return frozenset(self.ends.get(arn, ()))


def uses(plain: Observed, operations: Iterable[Operation]) -> Uses:
    """The uses by the ids of AWS. An update of the user always ends its use, because its new form is in the plan too."""
    known = frozenset(each.arn for row in NOUNS if row.identity is Identity.TAG for each in row.current(plain))
    # Ids are strings at any depth of the noun: a certificate in a listener, a target group three levels deep in the action of a rule.
    parents = {each.arn: each.parent for row in NOUNS for each in row.current(plain)}
    ends = {each.before.arn: each.id for each in operations if isinstance(each, Update | Delete | DeleteBinding)}
    found = Uses()
    for owned in (each for row in NOUNS if row.holds for each in row.current(plain)):
        tokens = _held(owned, known)
        for end in _ends(owned.arn, ends, parents) if tokens else ():
            for token in tokens:
                found.ends.setdefault(token, set()).add(end)
    return found


def _held(owned: Owned[object], known: frozenset[str]) -> frozenset[str]:
    return literals(owned.resource) & known


def _ends(arn: str, ends: Mapping[str, str], parents: Mapping[str, str]) -> Iterator[str]:
    """The operation that changes or deletes the resource, or the deletion of its listener or load balancer.

    AWS deletes a rule with its listener, and a listener with its load balancer; then they have no separate operation. An update of the
    parent does not end a use.
    """
    if own := ends.get(arn):
        yield own
        return
    above = parents.get(arn, "")
    while above:
        if (end := ends.get(above, "")).startswith("delete "):
            yield end
            return
        above = parents.get(above, "")


def names(operation: Operation) -> bool:
    """Whether the tag is added by which the DNS records of a load balancer are found."""
    return isinstance(operation, Update) and any(key == tracking.NAMED for key, _ in operation.put_tags)


def unnames(operation: Update) -> bool:
    """Whether the tag is removed by which the DNS records of a load balancer are found."""
    return any(key == tracking.NAMED for key, _ in operation.remove_tags)


# Who waits for whom ----------------------------------------------------------------------------------------------

Mark = tuple[str, object]
"""What an operation does, and to what: `("moves rules of", listener)`."""

MOVES, MAKES_RULE, BORROWS, DEREGISTERS, REMOVES, FREES_PORT, FREES_NAME, UNBINDS, NAMES, UNNAMES, LISTENS = (
    "moves rules of",
    "makes a rule of",
    "forwards for now to",
    "deregisters from",
    "deregisters",
    "frees a port of",
    "frees the name of",
    "deletes the binding",
    "allows names",
    "deletes names",
    "listens at",
)


@dataclass(frozen=True, slots=True)
class Peers:
    """The ids of operations by what they do, so that each operation finds the ones it waits for without a look at all others."""

    marks: Mapping[Mark, frozenset[str]]

    def of(self, what: str, whom: object = "") -> set[str]:
        """The operations that do this to that."""
        return set(self.marks.get((what, whom), ()))


def peers(operations: Iterable[Operation]) -> Peers:
    found: dict[Mark, set[str]] = {}
    for operation in operations:
        for mark in _marks(operation):
            found.setdefault(mark, set()).add(operation.id)
    return Peers({mark: frozenset(ids) for mark, ids in found.items()})


def _marks(operation: Operation) -> Iterator[Mark]:
    if names(operation):
        yield NAMES, ""
    match operation:
        case SetRulePriorities(listener=listener):
            yield MOVES, listener
        case Create(resource=Rule() as rule):
            yield MAKES_RULE, rule.listener
            yield from ((BORROWS, group) for group in (operation.awaited.serving if operation.awaited else ()))
        case Update(resource=Rule() as rule) if not _stays(operation):
            yield MAKES_RULE, rule.listener
        case Create(resource=Listener() as listener):
            yield LISTENS, (listener.load_balancer, listener.port)
        case Delete(before=before):
            if isinstance(before.resource, Listener):
                yield FREES_PORT, before.resource.load_balancer
            elif isinstance(before.resource, LoadBalancer):
                yield FREES_NAME, before.resource.id
        case DeleteBinding(before=before):
            yield UNBINDS, before.arn
        case Deregister(target_group=group, targets=targets):
            yield DEREGISTERS, group
            yield from ((REMOVES, target.id) for target in targets)
        case ChangeRecords(creates=creates) if not creates:
            yield UNNAMES, ""
        case _:
            pass


def _stays(operation: Update) -> bool:
    """Whether the rule answers the same requests before and after; then nobody depends on the change, which may have to wait."""
    return operation.awaited is not None and "conditions" not in operation.changed
