"""What every builder needs: the intent, the facts, our settings and the ledger."""

from dataclasses import dataclass
from typing import TypeVar, cast

from albatross.catalog.question import words
from albatross.model.config import Config
from albatross.model.facts import Facts, Question, RefusedAnswer
from albatross.model.intent import Intent, Keyed
from albatross.model.problem import Origin
from albatross.model.resources.ref import Pairs
from albatross.planner.builders.ledger import Ledger
from albatross.planner.builders.merge import values

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Task:
    """One build of one group."""

    intent: Intent
    facts: Facts
    config: Config
    ledger: Ledger

    @property
    def origin(self) -> Origin:
        """The group's first member, where a problem has no better place."""
        return self.intent.members[0].origin

    def ask(self, question: Question, kind: type[T], at: Origin) -> tuple[T, ...] | None:
        """The answer; None where it is unknown (a remark says so) or AWS refused (an error says so)."""
        answer = self.facts.answers.get(question)
        if answer is None:
            self.ledger.add("LB314", at, question=words(question))
            return None
        if isinstance(answer, RefusedAnswer):
            self.ledger.fail("LB313", at, operation=answer.operation, aws_code=answer.code, text=answer.message)
            return None
        return cast(tuple[T, ...], answer)

    def tags(self, own: Keyed) -> Pairs:
        """User tags with the operator's default tags over or, by feature gate, under them."""
        defaults = self.config.default_tags
        mine = dict(values(own))
        low = self.config.gate("EnableDefaultTagsLowPriority")
        return tuple(sorted(({**defaults, **mine} if low else {**mine, **defaults}).items()))
