"""Causes of a diagnosis: each as a problem with its place, then what else to look at; at the end the fix of the first one."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from rich.console import Console
from rich.text import Text

from albatross.cli.terminal import diagnostic
from albatross.cli.terminal.console import prose
from albatross.diagnose.cause import Cause, Remedy
from albatross.diagnose.subject import Diagnosis
from albatross.manifests import Sources


@dataclass(frozen=True, slots=True)
class Printer:
    """Prints causes; `sources` are the places of objects in files."""

    screen: Console
    sources: Sources | None = None

    def show(self, causes: Iterable[Cause]) -> None:
        """Print each cause, with a blank line after it."""
        for each in causes:
            for line in lines(each, self.screen.width, self.sources):
                self.screen.print(line)
            self.screen.print()

    def end(self, causes: Iterable[Cause]) -> None:
        """Print the fix of the first cause."""
        for line in ending(causes):
            self.screen.print(line)


def show(screen: Console, found: Diagnosis) -> None:
    """Print the diagnosis of one object."""
    printer = Printer(screen)
    printer.show(found.causes)
    for reason in dict.fromkeys(found.unseen.values()):
        names = ", ".join(name for name, why in found.unseen.items() if why == reason)
        for line in prose("not read: ", f"{names}: {reason}", screen.width):
            screen.print(line)
    for fact in found.facts:
        screen.print(Text(fact, "dim"))
    if found.code == 0:
        screen.print(Text(f"{found.subject} is healthy", "bold green"))
    printer.end(found.causes)


def lines(each: Cause, width: int, sources: Sources | None = None) -> Iterator[Text]:
    """One cause: the problem, what else to look at, and the commands of its fix."""
    (finding,) = diagnostic.findings([each.problem], sources)
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


def ending(causes: Iterable[Cause]) -> Iterator[Text]:
    """The fix of the first cause, ready to be copied."""
    first = next((each for each in causes if each.severity != "note"), None)
    if first:
        yield Text.assemble(("to fix it", "bold"), f" ({first.problem.code}):")
        yield from remedy(first.remedy)


def form(each: Cause, sources: Sources | None = None) -> dict[str, Any]:
    """The JSON form: a problem as `lint` prints it, with the fix as commands and a diff."""
    (finding,) = diagnostic.findings([each.problem], sources)
    more = {"commands": list(each.remedy.commands), "diff": each.remedy.diff, "look": list(each.look)}
    return {**diagnostic.form(finding), **more}
