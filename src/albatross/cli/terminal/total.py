"""How many resources a plan creates, changes, replaces and deletes, by kind."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import Literal, assert_never

from rich.text import Text

from albatross.cli.terminal.console import hanging
from albatross.model.plan import (
    ChangeRecords,
    Create,
    CreateBackendGroup,
    Delete,
    DeleteBinding,
    Deregister,
    Operation,
    Plan,
    PutBinding,
    Register,
    Retire,
    SetCapacity,
    SetRulePriorities,
    Update,
)
from albatross.wording.words import NAMES, plural

Verb = Literal["create", "change", "replace", "delete"]
VERBS: tuple[Verb, ...] = ("create", "change", "replace", "delete")

Total = Mapping[Verb, Mapping[str, int]]
"""The number of resources by verb, then by kind; only numbers above 0."""


def total(plans: Iterable[Plan]) -> Total:
    """The numbers of all plans together. The security group that the whole cluster shares is created once."""
    found: dict[Verb, Counter[str]] = {verb: Counter() for verb in VERBS}
    shared = False
    for operation in (each for plan in plans for each in plan.operations):
        if isinstance(operation, CreateBackendGroup):
            if shared:
                continue
            shared = True
        for verb, noun, number in counted(operation):
            found[verb][noun] += number
    return {verb: {noun: number for noun, number in found[verb].items() if number} for verb in VERBS if +found[verb]}


def counted(operation: Operation) -> Iterator[tuple[Verb, str, int]]:
    """What an operation does to how many resources of a kind. A replacement is counted once, at its creation."""
    match operation:
        case Create():
            yield "replace" if operation.replaces else "create", NAMES[type(operation.resource).__name__], 1
        case Update():
            yield "change", NAMES[type(operation.resource).__name__], 1
        case Delete():
            yield "delete", NAMES[type(operation.before.resource).__name__], 0 if operation.replaced else 1
        case Retire():
            yield "change", "address", 1
        case CreateBackendGroup():
            yield "create", NAMES["BackendSecurityGroup"], 1
        case SetCapacity():
            yield "change", "capacity reservation", 1
        case SetRulePriorities():
            yield "change", "rule priority", len(operation.moves)
        case ChangeRecords():
            made, gone = {each.id for each in operation.creates}, {each.resource.id for each in operation.deletes}
            yield "create", NAMES["Record"], len(made - gone)
            yield "change", NAMES["Record"], len(made & gone)
            yield "delete", NAMES["Record"], len(gone - made)
        case Register():
            yield "create", "target", len(operation.targets)
        case Deregister():
            yield "delete", "target", len(operation.targets)
        case PutBinding():
            yield "change" if operation.before else "create", NAMES["Binding"], 1
        case DeleteBinding():
            yield "delete", NAMES["Binding"], 1
        case _:
            assert_never(operation)


def counts(found: Total) -> str:
    """`7 to create, 1 to change`, or `0 changes`."""
    return ", ".join(f"{sum(nouns.values()):,} to {verb}" for verb, nouns in found.items()) or "0 changes"


def kinds(found: Total) -> Iterator[tuple[Verb, str]]:
    """For each verb the kinds with their numbers: `3 target groups, 1 listener`."""
    for verb, nouns in found.items():
        yield verb, ", ".join(plural(noun, number) for noun, number in nouns.items())


def headline(found: Total, groups: int, unplanned: int) -> str:
    """`Total of 3 groups: 7 to create, 1 to change; 1 group has no plan`."""
    without = f"; {plural('group', unplanned)} {'has' if unplanned == 1 else 'have'} no plan" if unplanned else ""
    return f"Total of {plural('group', groups)}: {counts(found)}{without}"


def lines(found: Total, groups: int, unplanned: int, width: int) -> Iterator[Text]:
    """The total of several plans: a head, and a line for each verb with the kinds."""
    yield Text(headline(found, groups, unplanned), "bold")
    for verb, words in kinds(found):
        yield from hanging(Text(f"  to {verb:<9}"), words, 14, width)
