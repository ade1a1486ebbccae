"""The form of a handler: it decides the requests for one kind of object at one path."""

from collections.abc import Callable
from dataclasses import dataclass

from albatross.admission.review import Response, Review
from albatross.model.config import Config
from albatross.model.facts import Facts, Question
from albatross.model.snapshot import Snapshot

Ask = Callable[[Review, Snapshot, Config], frozenset[Question]]
Decide = Callable[[Review, Snapshot, Facts, Config], Response]
Enabled = Callable[[Config], bool]


def nothing(review: Review, snapshot: Snapshot, config: Config) -> frozenset[Question]:
    """No question to AWS."""
    return frozenset()


def always(config: Config) -> bool:
    """Whatever the settings are."""
    return True


@dataclass(frozen=True, slots=True, kw_only=True)
class Handler:
    """`answer` decides CREATE and UPDATE of a kind; `questions` are the facts of AWS that it needs; `enabled` is about the settings.

    All of them may raise `Malformed` for an object of another shape.
    """

    kind: str
    answer: Decide
    questions: Ask = nothing
    enabled: Enabled = always
