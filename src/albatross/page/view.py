"""What the page shows, as one value: a card for each group of objects, with boxes and wires; problems, plans and calls to AWS."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

from albatross.model.problem import Severity

Health = Literal["idle", "good", "warn", "bad"]
RANKS: Mapping[Health, int] = {"idle": 0, "good": 1, "warn": 2, "bad": 3}
"""What is worse has a higher number."""
Fold = Literal["", "many", "few"]
"""When a box is shown: always; only if the card is unfolded; only if the card is folded."""

BALANCER, LISTENER, GROUP, TARGET = range(4)
"""The columns of the picture. Rules are in the column of their listener."""


@dataclass(frozen=True, slots=True)
class Flaw:
    """A problem of a thing on the page: `where` is the object and its field."""

    code: str
    severity: Severity
    where: str
    message: str
    why: str
    fix: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Box:
    """A thing in AWS. `id` is unique in the page. `resource` is its noun, for all its fields; `arn` is empty if it is not known yet."""

    id: str
    column: int
    noun: str
    title: str
    text: str = ""
    state: str = ""
    health: Health = "idle"
    inner: bool = False
    """A rule: it is drawn below its listener, and further to the right."""
    fold: Fold = ""
    flaws: tuple[Flaw, ...] = ()
    resource: object = None
    arn: str = ""


@dataclass(frozen=True, slots=True)
class Wire:
    """A line from one box to another."""

    start: str
    end: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """One group of objects and its load balancers. `flaws` are those that no box has."""

    id: str
    name: str
    objects: tuple[str, ...] = ()
    hosts: tuple[str, ...] = ()
    numbers: str = ""
    health: Health = "idle"
    boxes: tuple[Box, ...] = ()
    wires: tuple[Wire, ...] = ()
    flaws: tuple[Flaw, ...] = ()

    @property
    def every(self) -> tuple[Flaw, ...]:
        """All problems of the group, each once."""
        return tuple(dict.fromkeys((*self.flaws, *(flaw for box in self.boxes for flaw in box.flaws))))

    @property
    def folds(self) -> bool:
        """Whether a box is hidden while the card is folded."""
        return any(box.fold for box in self.boxes)


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanRow:
    """A plan that ran or runs: when, for which group, what it changes, and how it ended. `failed` are operations with their errors."""

    number: int
    time: str
    name: str
    counts: str
    checksum: str
    state: str
    health: Health
    failed: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class CallRow:
    """Calls to AWS of the last minute. `allowed` is the number that AWS allows in a minute; 0: the controller has no limit for them."""

    name: str
    calls: int
    allowed: int = 0
    throttled: int = 0
    failed: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class PageView:
    """Everything that the page shows. `flaws` are problems of objects without a group. `command` leads to the page of the leader."""

    place: tuple[tuple[str, str], ...] = ()
    leading: bool = True
    leader: str = ""
    command: str = ""
    listed: bool = True
    cards: tuple[Card, ...] = ()
    flaws: tuple[Flaw, ...] = ()
    plans: tuple[PlanRow, ...] = ()
    calls: tuple[CallRow, ...] = ()

    def card(self, id: str) -> Card | None:
        """The card with an id."""
        return next((card for card in self.cards if card.id == id), None)

    def box(self, id: str) -> tuple[Card, Box] | None:
        """The box with an id, and its card."""
        return next(((card, box) for card in self.cards for box in card.boxes if box.id == id), None)


def worst(found: Iterable[Health]) -> Health:
    """The worst of these; `idle` if there is none."""
    return max(found, key=lambda each: RANKS[each], default="idle")


def marred(health: Health, flaws: Iterable[Flaw]) -> Health:
    """The health of a thing that has these problems. A warning has a flag, but the thing works, so its health stays."""
    return "bad" if any(flaw.severity == "error" for flaw in flaws) else health
