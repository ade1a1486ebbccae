"""For every ARN: which resources contain it, and which operation ends this. AWS refuses to delete a resource in use.

The errors are `ResourceInUse` and `DependencyViolation`.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from albatross.model.observed import Observed, Owned
from albatross.model.plan import Delete, DeleteBinding, Deregister, Operation, Update
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
    """The uses by the ids of AWS. An update of the user always ends its use, because its new form is in the plan too.

    Nothing is searched if no operation has to wait for the end of a use.
    """
    operations = tuple(operations)
    if not any(isinstance(each, Delete | DeleteBinding | Deregister) for each in operations):
        return Uses()
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
