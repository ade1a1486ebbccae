"""Causes of a diagnosis: each as a problem with its place, then what else to look at; at the end the fix of the first one."""

from collections.abc import Iterable, Iterator
from typing import Any

from rich.console import Console
from rich.text import Text

from albatross.cli.terminal import diagnostic
from albatross.cli.terminal.console import prose
from albatross.diagnose.cause import Cause, Remedy
from albatross.diagnose.subject import Diagnosis


def show(screen: Console, found: Diagnosis) -> None:
    """Print the diagnosis of one object."""
    for each in found.causes:
        for line in lines(each, screen.width):
            screen.print(line)
        screen.print()
    for name, reason in found.unseen.items():
        for line in prose("not read: ", f"{name}: {reason}", screen.width):
            screen.print(line)
    for fact in found.facts:
        screen.print(Text(fact, "dim"))
    if found.code == 0:
        screen.print(Text(f"{found.subject} is healthy", "bold green"))
    for line in _ending(found.causes):
        screen.print(line)


def lines(each: Cause, width: int) -> Iterator[Text]:
    """One cause: the problem, and what else to look at."""
    (finding,) = diagnostic.findings([each.problem])
    yield from diagnostic.lines(finding, width)
    for text in each.look:
        yield from prose("   look: ", text, width)
    for command in each.remedy.commands:
        yield Text(f"   run:  {command}")


def remedy(found: Remedy) -> Iterator[Text]:
    """The commands and the diff of a fix, ready to be copied."""
    for command in found.commands:
        yield Text(f"  {command}", "bold")
    for line in found.diff.splitlines():
        yield Text(f"  {line}", {"+": "green", "-": "red"}.get(line[:1], ""))


def _ending(causes: Iterable[Cause]) -> Iterator[Text]:
    first = next((each for each in causes if each.severity != "note"), None)
    if first:
        yield Text.assemble(("to fix it", "bold"), f" ({first.problem.code}):")
        yield from remedy(first.remedy)


def form(each: Cause) -> dict[str, Any]:
    """The JSON form: a problem as `lint` prints it, with the fix as commands and a diff."""
    (finding,) = diagnostic.findings([each.problem])
    more = {"commands": list(each.remedy.commands), "diff": each.remedy.diff, "look": list(each.look)}
    return {**diagnostic.form(finding), **more}
