"""Runs: create, edit, replace and delete, each with a disturbance, each compared with a run without one."""

import asyncio
import difflib
import json
import os
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any, TypeVar

from soak.world import World

T = TypeVar("T")

SHARE = int(os.environ.get("SHARE") or 1)
"""One of so many cases is run, spread evenly over all."""
STEPS = ("create", "edit", "replace", "delete")
LIMIT = 900.0
"""The longest time, in seconds, until the end state of a step; chosen by us."""


@dataclass(frozen=True, slots=True)
class Row:
    """How one step of one run ended. `seconds`: until the end state, None if it was not reached; `told`: warnings that should not be."""

    family: str
    case: str
    step: str
    seconds: float | None
    happened: bool = True
    told: tuple[str, ...] = ()
    difference: tuple[str, ...] = ()
    calls: int = 0

    @property
    def ok(self) -> bool:
        return self.seconds is not None and not self.told


@dataclass(frozen=True, slots=True)
class Undisturbed:
    """What a run without disturbance shows of a step: its end state, its calls, its writes into the cluster, its warnings, its seconds."""

    state: Any
    calls: tuple[str, ...]
    writes: tuple[str, ...]
    told: frozenset[str]
    seconds: float


Disturb = Callable[[World], "Happened"]
"""Sets the gates of a world before a step; the answer says later what happened."""


@dataclass
class Happened:
    """Whether a disturbance took place. `since`: when what disturbs had ended. `true`: the codes of warnings that are right."""

    count: int = 0
    since: float | None = None
    true: frozenset[str] = frozenset()


@dataclass
class Table:
    """All rows."""

    rows: list[Row] = field(default_factory=list)

    def add(self, rows: Iterable[Row]) -> None:
        """Add rows; they are written to the file SOAK_ROWS too, because several processes can fill one table."""
        added = list(rows)
        self.rows.extend(added)
        if file := os.environ.get("SOAK_ROWS"):
            with Path(file).open("a") as lines:
                lines.writelines(json.dumps(asdict(row)) + "\n" for row in added)

    @classmethod
    def read(cls, file: str) -> "Table":
        """The table in such a file."""
        return cls([Row(**json.loads(line)) for line in Path(file).read_text().splitlines()])

    def failed(self, family: str) -> list[str]:
        """A line for each row that is not as it must be."""
        return [_line(row) for row in self.rows if row.family == family and not row.ok]

    def slow(self, family: str, seconds: float) -> list[str]:
        """A line for each row that took longer."""
        return [_line(row) for row in self.rows if row.family == family and row.happened and (row.seconds or 0) > seconds]

    def busy(self, family: str, calls: int) -> list[str]:
        """A line for each row with more calls."""
        return [f"{_line(row)} {row.calls} calls" for row in self.rows if row.family == family and row.calls > calls]

    def markdown(self) -> str:
        """A line for each family: runs, those in which the disturbance took place, those that ended as they must, the longest time."""
        lines = ["| disturbance | steps | disturbed | end state equal | longest, s |", "|---|---|---|---|---|"]
        for family in dict.fromkeys(row.family for row in self.rows):
            own = [row for row in self.rows if row.family == family]
            hit = [row for row in own if row.happened]
            longest = max((LIMIT if row.seconds is None else row.seconds for row in hit), default=0)
            lines.append(f"| {family} | {len(own)} | {len(hit)} | {sum(row.ok for row in hit)} | {longest:.0f} |")
        return "\n".join(lines)


def _line(row: Row) -> str:
    end = "no end state" if row.seconds is None else f"{row.seconds:.0f} s"
    return f"{row.family} {row.case} {row.step}: {end}; {' / '.join(row.told)} {' '.join(row.difference[:12])}"


def spread(cases: Iterable[T]) -> list[T]:
    """The share of the cases that is run. From list to list, others are chosen."""
    listed = list(cases)
    return listed[len(listed) * 7 % SHARE :: SHARE]


async def undisturbed(world: World) -> dict[str, Undisturbed]:
    """A run without disturbance, to compare with. The account is afterwards as it was before."""
    before, found = await world.state(), {}
    for step in STEPS:
        await begin(world)
        began = world.loop.time()
        await world.step(step)
        seconds = await world.rest()
        assert seconds is not None, f"{step} does not come to rest: {world.warnings()}"
        calls = tuple(each.name for each in world.account.calls)
        found[step] = Undisturbed(await world.state(), calls, tuple(world.api.face.names), told(world), world.loop.time() - began)
    left = difference(before["account"], found["delete"].state["account"])
    assert not left, left
    return found


async def begin(world: World) -> None:
    """A world without events and counts, and with one controller at least."""
    world.account.reset()
    world.api.face.reset()
    await world.forget_events()
    if not any(not each.task.done() and each.life.alive for each in world.controllers):
        world.spawn()


async def step(world: World, name: str, known: Undisturbed, family: str, case: str, disturb: Disturb) -> Row:
    """One disturbed step."""
    await begin(world)
    happened = disturb(world)
    began = world.loop.time()
    await world.step(name)
    await asyncio.gather(*world.beside)
    world.beside.clear()
    reached = await reach(world, known.state)
    since = began if happened.since is None else max(began, happened.since)
    seconds = None if reached is None else max(0.0, reached - since)
    extra = tuple(sorted(each for each in told(world) - known.told if not happened.true.intersection(each.split())))
    lacking = () if reached is not None else tuple(difference(known.state, await world.state()))
    calls = len(world.account.calls)
    world.account.reset()
    world.api.face.reset()
    return Row(family, case, name, seconds, bool(happened.count), extra, lacking, calls)


async def cycle(world: World, known: Mapping[str, Undisturbed], family: str, case: str, disturb: Mapping[str, Disturb]) -> list[Row]:
    """A whole run; steps without a disturbance of their own only lead to the next one. After a failure the world is made clean.

    A warning that is right in one step may come in the next one: a pass that waits for an answer writes its events at its end.
    """
    rows, right = [], frozenset[str]()
    for name in STEPS:
        right |= known[name].told
        row = await step(world, name, replace(known[name], told=right), family, case, disturb.get(name, calm))
        if name in disturb:
            rows.append(row)
        if row.seconds is None and name != "delete":
            rows[-1:] = [row]
            await step(world, "delete", known["delete"], family, case, calm)
            break
    await world.clear()
    return rows


def calm(_: World) -> Happened:
    """No disturbance."""
    return Happened()


async def reach(world: World, wanted: Any, limit: float = LIMIT) -> float | None:
    """The time of the last call before the end state; None if it is not reached."""
    end, compared = world.loop.time() + limit, (-1, -1)
    while world.loop.time() < end:
        began = world.loop.time()
        rested = await world.rest(limit)
        if rested is not None and (world.sent() != compared or world.loop.time() % 30 < 6):
            compared = world.sent()
            if not difference(wanted, await world.state()):
                return began + rested
        if not any(not each.task.done() for each in world.controllers):
            world.spawn()  # as the kubelet does when a container has ended
    return None


def difference(wanted: Any, found: Any) -> list[str]:
    """Lines of JSON that differ."""
    if wanted == found:
        return []
    before, after = (json.dumps(each, indent=0, sort_keys=True).splitlines() for each in (wanted, found))
    return [line for line in difflib.unified_diff(before, after, lineterm="", n=0) if not line.startswith(("---", "+++", "@@"))] or ["?"]


_CODE = re.compile(r"LB\d{3}")


def told(world: World) -> frozenset[str]:
    """The reasons and codes of warnings: their texts name what differs from run to run."""
    return frozenset(f"{text.partition(':')[0]} {' '.join(sorted(set(_CODE.findall(text))))}" for text in world.warnings())
