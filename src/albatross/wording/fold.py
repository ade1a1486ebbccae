"""Operations that are alike become one block: the same kind and the same fields, except for names and what belongs to a name."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from albatross.model.plan import ChangeRecords, Operation, Plan
from albatross.wording.details import Unsettled, details, named
from albatross.wording.operation import sign, subject
from albatross.wording.words import plural

LEAST = 3
"""The least number of operations that become one block (chosen by us: two blocks can still be compared by eye)."""
SHOWN = 3
"""The number of names and values that a block shows (chosen by us)."""

Field = tuple[str, tuple[str, ...]]
"""A label, and its different values."""

OWN: Mapping[str, frozenset[str]] = {
    "target group": frozenset(("name", "port")),
    "target group binding": frozenset(("service", "target group")),
    "rule": frozenset(("when", "then", "conditions")),
}
"""Fields that differ between operations that are alike, by the kind of the resource."""


@dataclass(frozen=True, slots=True)
class Block:
    """One operation, or several operations that are alike: their names, and for each field its different values."""

    sign: str
    noun: str
    names: tuple[str, ...]
    fields: tuple[Field, ...]

    @property
    def title(self) -> str:
        """`target group`, or `40 target groups`. A noun for many, such as `targets`, stays as it is: a name says how many."""
        return self.noun if len(self.names) == 1 or self.noun.endswith("s") else plural(self.noun, len(self.names))


def blocks(plan: Plan, provisional: Unsettled, expand: bool = False) -> Iterator[Block]:
    """The blocks of a plan, in the order of their first operations. `expand`: one block for each operation."""
    single = [_block(each, provisional, expand) for each in plan.operations]
    if expand:
        yield from single
        return
    alike: dict[object, list[Block]] = {}
    for each in single:
        alike.setdefault(_shape(each), []).append(each)
    for each in single:
        found = alike[_shape(each)]
        if len(found) < LEAST:
            yield each
        elif found[0] is each:
            yield _joined(found)


def shown(values: Iterable[str], between: str, most: int = SHOWN) -> str:
    """`a, b, c, … 37 more`."""
    found = list(values)
    if len(found) <= most + 1:
        return between.join(found)
    return between.join([*found[:most], f"… {len(found) - most:,} more"])


def _block(operation: Operation, provisional: Unsettled, expand: bool) -> Block:
    fields: tuple[Field, ...] = tuple((label, (text,)) for label, text in details(operation, provisional))
    if isinstance(operation, ChangeRecords) and not expand:
        fields = tuple(_records(fields))
    return Block(sign(operation), subject(operation)[0], (named(operation, provisional),), fields)


def _records(fields: Iterable[Field]) -> Iterator[Field]:
    """Records of one type with the same value become one field: `40 A records`, with the value and the names."""
    alike: dict[tuple[str, tuple[str, ...]], list[str]] = {}
    for label, texts in fields:
        type, _, name = label.partition(" ")
        alike.setdefault((type, texts), []).append(name)
    for (type, texts), names in alike.items():
        if len(names) < LEAST:
            yield from ((f"{type} {name}", texts) for name in names)
        else:
            yield plural(f"{type} record", len(names)), (f"{texts[0]}: {shown(names, ', ')}",)


def _shape(block: Block) -> object:
    own = OWN.get(block.noun, frozenset())
    return block.sign, block.noun, tuple((label, () if label in own else texts) for label, texts in block.fields)


def _joined(found: list[Block]) -> Block:
    columns = zip(*(each.fields for each in found), strict=True)
    fields = tuple((same[0][0], tuple(dict.fromkeys(text for _, texts in same for text in texts))) for same in columns)
    return Block(found[0].sign, found[0].noun, tuple(name for each in found for name in each.names), fields)
