"""What stands in AWS as a tree: load balancer → listener → rule → target group → target with its health."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from rich.console import Console
from rich.text import Text

DOTS = {"good": ("●", "green"), "waiting": ("◌", "yellow"), "bad": ("●", "red"), "": ("", "")}

STATES = {
    "active": "good",
    "healthy": "good",
    "provisioning": "waiting",
    "initial": "waiting",
    "draining": "waiting",
    "unused": "waiting",
    "unavailable": "waiting",
    "unhealthy": "bad",
    "unhealthy.draining": "bad",
    "active_impaired": "bad",
    "failed": "bad",
}
"""AWS' states of load balancers and targets, by what they mean to a reader."""


@dataclass(frozen=True, slots=True)
class Leaf:
    """A line of the tree: a label, a state in AWS' words (or none), a quieter remark, and what hangs below."""

    label: str
    state: str = ""
    remark: str = ""
    children: tuple["Leaf", ...] = ()


def show(console: Console, roots: Iterable[Leaf]) -> None:
    """Prints each tree."""
    for root in roots:
        for line in lines(root):
            console.print(line)


def lines(root: Leaf, first: str = "", rest: str = "") -> Iterator[Text]:
    """The tree's lines; `first` and `rest` stand before its own line and before those below."""
    dot, colour = DOTS[STATES.get(root.state, "waiting" if root.state else "")]
    line = Text.assemble((first, "dim"), (root.label, "bold" if not first else ""))
    if root.state:
        line.append(f"  {dot} {root.state}", colour)
    if root.remark:
        line.append(f"  {root.remark}", "dim")
    yield line
    for n, child in enumerate(root.children):
        last = n == len(root.children) - 1
        yield from lines(child, rest + ("└─ " if last else "├─ "), rest + ("   " if last else "│  "))
