"""The form of a handler: it decides the requests for one kind of object at one path."""

from collections.abc import Callable
from dataclasses import dataclass, field

from albatross.admission.review import Response, Review
from albatross.model.config import Config
from albatross.model.facts import Facts, Question
from albatross.model.snapshot import Snapshot


@dataclass(frozen=True, slots=True)
class Submission:
    """A request, and everything that its decision can use: the cluster, the settings, and the answers of AWS to its questions."""

    review: Review
    snapshot: Snapshot
    config: Config
    facts: Facts = field(default_factory=Facts)


def nothing(given: Submission) -> frozenset[Question]:
    """No question to AWS."""
    return frozenset()


def always(config: Config) -> bool:
    """Whatever the settings are."""
    return True


@dataclass(frozen=True, slots=True, kw_only=True)
class Handler:
    """`answer` decides CREATE and UPDATE of a kind; `questions` are the facts of AWS that it needs; `enabled` is about the settings.

    `answer` and `questions` may raise `Malformed` for an object of another shape.
    """

    kind: str
    answer: Callable[[Submission], Response]
    questions: Callable[[Submission], frozenset[Question]] = nothing
    enabled: Callable[[Config], bool] = always
