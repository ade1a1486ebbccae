"""A plan as text: what will be created, changed and deleted, in order, and the rules of each Ingress."""

import re
from collections.abc import Iterator

from rich.text import Text

from albatross.catalog import tracking
from albatross.catalog.bounds import shortened
from albatross.cli.terminal import total
from albatross.cli.terminal.console import WIDTH, hanging
from albatross.cli.terminal.operation import COLOURS
from albatross.model.ident import Ident
from albatross.model.plan import Plan
from albatross.model.resources.stack import Stack
from albatross.wording import words
from albatross.wording.details import FINAL, Unsettled, state
from albatross.wording.fold import Block, blocks, shown
from albatross.wording.operation import name

INDENT = 8
LABEL = 17
"""Columns of the name of a field."""
REMARK = re.compile(r" \([^()]*\)$")
LONGEST = 400
"""The most characters of a value (chosen by us), unless all operations are expanded."""


def lines(plan: Plan, stack: Stack | None, provisional: Unsettled = FINAL, width: int = WIDTH, expand: bool = False) -> Iterator[Text]:
    """The plan of one group: a head, a block for each operation or for operations that are alike, the rules, counts and checksum."""
    yield Text.assemble(("Plan for ", "bold"), (tracking.output(plan.stack), "bold cyan"))
    yield Text()
    if not plan and not plan.standby:
        yield Text("  nothing to do: AWS already has everything")
    for block in blocks(plan, provisional, expand):
        yield from lines_of(block, width, expand)
    for each in plan.standby:
        yield from hanging(Text("    = ", "cyan"), f"load balancer {each.before.resource.name} {state(each)}", 6, width)
    if stack is not None:
        yield from becomes(stack, width)
    yield Text()
    yield Text.assemble("  ", (total.counts(total.total([plan])), "bold"), (f"   checksum {plan.checksum}", "dim"))


def lines_of(block: Block, width: int = WIDTH, expand: bool = False) -> Iterator[Text]:
    """One block: its sign, noun and names, then its fields."""
    head = Text.assemble((f"  {block.sign:>3} ", COLOURS[block.sign]), (block.title, "bold"), " ")
    yield from hanging(head, shown(block.names, ", "), INDENT, width)
    for label, texts in block.fields:
        text = _listed(texts)
        name = Text.assemble(" " * INDENT, (f"{label:<16} ", "dim"))
        yield from hanging(name, text if expand else shortened(text, LONGEST), INDENT + LABEL, width)


def _listed(texts: tuple[str, ...]) -> str:
    """The values; a remark that all of them have is written once."""
    remarks = {found[0] if (found := REMARK.search(text)) else "" for text in texts}
    if len(texts) == 1 or len(remarks) > 1:
        return shown(texts, "; ")
    (remark,) = remarks
    return shown((text.removesuffix(remark) for text in texts), "; ") + remark


# What each Ingress becomes ---------------------------------------------------------------------------------------


def becomes(stack: Stack, width: int = WIDTH) -> Iterator[Text]:
    """The rules of each member: listeners, ALB conditions and action."""
    last = None
    for member, where, when, then in rows(stack):
        if member != last:
            yield Text()
            yield Text.assemble("  Ingress ", (member, "bold"), " becomes")
            last = member
        yield from hanging(Text(f"    {where:<20} "), f"{when} → {then}", 25, width, "cyan")


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
