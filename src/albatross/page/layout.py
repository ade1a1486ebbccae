"""The place of every box and wire of a card, as numbers. A box is next to what it belongs to, so the lines are short and rarely cross."""

from collections.abc import Iterable
from dataclasses import dataclass

from albatross.page.view import BALANCER, GROUP, LISTENER, TARGET, Box, Card, Wire

WIDTH = 1200
"""The width of a picture in its own units (chosen by us); a screen scales it."""
COLUMNS = ((8, 234), (278, 316), (630, 272), (938, 254))
"""For each column where it starts, and how wide it is."""
INDENT = 16
TALL, LOW = 44, 26
"""The height of a box with two lines of text, and with one."""
GAP = 8
TOP = 8


@dataclass(frozen=True, slots=True)
class Spotted:
    """A box with its place."""

    box: Box
    x: int
    y: int
    width: int
    height: int


@dataclass(frozen=True, slots=True)
class Drawing:
    """The boxes and the lines (paths of SVG) of a picture, and its height."""

    places: tuple[Spotted, ...]
    lines: tuple[str, ...]
    height: int


def width(box: Box) -> int:
    """The width of a box."""
    return COLUMNS[box.column][1] - (INDENT if box.inner else 0)


def height(box: Box) -> int:
    """The height of a box."""
    return TALL if box.text else LOW


def draw(card: Card, many: bool = False) -> Drawing:
    """The picture of a card, with all boxes (`many`) or folded."""
    boxes = [box for box in card.boxes if box.fold != ("few" if many else "many")]
    found = _Layout(card, boxes)
    found.run()
    places = tuple(found.places[box.id] for box in boxes)
    lines = tuple(_line(found.places[wire.start], found.places[wire.end]) for wire in found.wires)
    return Drawing(places, lines, max((each.y + each.height for each in places), default=0) + TOP)


class _Layout:
    def __init__(self, card: Card, boxes: list[Box]) -> None:
        self.boxes = boxes
        shown = {box.id for box in boxes}
        self.wires = tuple(wire for wire in card.wires if wire.start in shown and wire.end in shown)
        self.free = [TOP] * len(COLUMNS)
        self.places: dict[str, Spotted] = {}
        self.first: dict[str, str] = {}
        for wire in self.wires:
            self.first.setdefault(wire.end, wire.start)

    def run(self) -> None:
        """Place the columns from left to right; a load balancer starts below everything of the one before."""
        balancers: list[Box | None] = [*self._column(BALANCER)]
        for balancer in balancers or [None]:
            self.free = [max(self.free)] * len(COLUMNS)
            if balancer is not None:
                self._put(balancer)
            for box in self._column(LISTENER):
                if self._root(box) == (balancer.id if balancer else None):
                    self._put(box)
        # a target group is beside the first rule that names it, and its targets are beside it
        self.free[GROUP] = self.free[TARGET] = TOP
        for group in sorted(self._column(GROUP), key=self._beside):
            self.free[GROUP] = max(self.free[GROUP], self.free[TARGET], self._beside(group))
            self._put(group)
            self.free[TARGET] = self.places[group.id].y
            for target in self._column(TARGET):
                if self.first.get(target.id) == group.id:
                    self._put(target)

    def _column(self, column: int) -> list[Box]:
        return [box for box in self.boxes if box.column == column]

    def _root(self, box: Box) -> str | None:
        """The load balancer of a listener or a rule."""
        start = self.first.get(box.id)
        return self.first.get(start) if box.inner and start else start

    def _beside(self, group: Box) -> int:
        start = self.places.get(self.first.get(group.id, ""))
        return start.y if start else max(self.free[LISTENER], TOP)

    def _put(self, box: Box) -> None:
        x = COLUMNS[box.column][0] + (INDENT if box.inner else 0)
        y = self.free[box.column]
        self.places[box.id] = Spotted(box, x, y, width(box), height(box))
        self.free[box.column] = y + height(box) + GAP


def _line(start: Spotted, end: Spotted) -> str:
    """The path of a line: a bracket from a listener to its rules, else a curve."""
    to = end.y + min(end.height // 2, 22)
    if start.box.column == end.box.column:
        return f"M{start.x + 6} {start.y + start.height}V{to}H{end.x}"
    x, y = start.x + start.width, start.y + min(start.height // 2, 22)
    half = (x + end.x) // 2
    return f"M{x} {y}C{half} {y} {half} {to} {end.x} {to}" if y != to else f"M{x} {y}H{end.x}"


def shape(card: Card) -> tuple[object, ...]:
    """A value that changes exactly if a picture of the card has other places or lines."""
    return (*((box.id, box.fold, height(box)) for box in card.boxes), *_pairs(card.wires))


def _pairs(wires: Iterable[Wire]) -> Iterable[tuple[str, str]]:
    return ((wire.start, wire.end) for wire in wires)
