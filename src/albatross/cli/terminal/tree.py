"""The resources in AWS as a tree: load balancer → listener → rule → target group → target with its health."""

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
"""The meaning of the AWS states of load balancers and targets."""


@dataclass(frozen=True, slots=True)
class Leaf:
    """A line of the tree: a label, a state of AWS (or none), a remark, and the lines below."""

    label: str
    state: str = ""
    remark: str = ""
    children: tuple["Leaf", ...] = ()


def show(console: Console, roots: Iterable[Leaf]) -> None:
    """Print each tree."""
    for root in roots:
        for line in lines(root):
            console.print(line)


def lines(root: Leaf, first: str = "", rest: str = "") -> Iterator[Text]:
    """The lines of the tree. `first` is in front of its own line, `rest` in front of the lines below."""
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
