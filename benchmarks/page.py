"""The page with 200 load balancers and 5,000 targets: the time to make it, its bytes, and the bytes of a change.

Run: python benchmarks/page.py
"""

import gc
import sys
from collections.abc import Callable
from pathlib import Path
from time import perf_counter
from typing import TypeVar

sys.path.insert(0, str(Path(__file__).parent.parent))

from tests.page.made import cards, group, view  # the same groups as in the tests

from albatross.page import graph, sheet
from albatross.page.change import change
from albatross.page.compose import card
from albatross.page.view import PageView

T = TypeVar("T")

BALANCERS, TARGETS = 200, 5000
BUDGETS = {"cards": 2.0, "page": 0.5, "change": 0.1, "page bytes": 400_000, "change bytes": 10_000}
"""Seconds, and bytes."""


def timed(work: Callable[[], T], runs: int = 5) -> tuple[T, float]:
    """The result, and the shortest time of some runs."""
    best = float("inf")
    for _ in range(runs):
        gc.collect()
        began = perf_counter()
        found = work()
        best = min(best, perf_counter() - began)
    return found, best


def replaced(made: PageView, *states: str) -> PageView:
    """The page after the first targets of one load balancer changed their states."""
    other = card(group("team-007", 2, TARGETS // BALANCERS // 2, dict(enumerate(states, 1))))
    return view(*(other if each.id == other.id else each for each in made.cards))


def main() -> int:
    """Print every number; 1 if one is over its budget."""
    found, making = timed(lambda: cards(BALANCERS, TARGETS // BALANCERS + 1), 2)
    made = view(*found)
    numbers: dict[str, float] = {"cards": making}
    document, numbers["page"] = timed(lambda: sheet.document(made, 1))
    numbers["page bytes"] = len(document.encode())
    one, numbers["change"] = timed(lambda: change(made, replaced(made, "initial")))
    numbers["change bytes"] = len(one.encode())
    print(f"{BALANCERS} load balancers, {sum(box.noun == 'target' for each in found for box in each.boxes):,} targets")
    print(f"  cards, once                     {numbers['cards'] * 1000:8.1f} ms  (one: {numbers['cards'] * 1000 / BALANCERS:.1f} ms)")
    size = numbers["page bytes"]
    print(f"  the whole page                  {numbers['page'] * 1000:8.1f} ms  {size:10,.0f} bytes")
    picture, drawing = timed(lambda: sheet.body(found[7]))
    print(f"  the picture of one card         {drawing * 1000:8.1f} ms  {len(picture.encode()):10,} bytes")
    print(f"  a target changes its state      {numbers['change'] * 1000:8.1f} ms  {numbers['change bytes']:10,.0f} bytes")
    rollout, rolling = timed(lambda: change(made, replaced(made, *["initial"] * 12)))
    print(f"  12 targets change at once       {rolling * 1000:8.1f} ms  {len(rollout.encode()):10,} bytes")
    nothing, idle = timed(lambda: change(made, view(*made.cards)))
    print(f"  nothing changes                 {idle * 1000:8.1f} ms  {len(nothing):10,} bytes")
    text, writing = timed(lambda: graph.text(made), 2)
    print(f"  model.json                      {writing * 1000:8.1f} ms  {len(text.encode()):10,} bytes")
    over = {name: number for name, number in numbers.items() if number > BUDGETS[name]}
    print(f"over budget: {over}" if over else "all within budget")
    return bool(over)


if __name__ == "__main__":
    sys.exit(main())
