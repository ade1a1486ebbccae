"""The input of every builder: the intent, the facts, our settings and the ledger."""

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
        """The group's first member, for problems without a better place."""
        return self.intent.members[0].origin

    @property
    def identity(self) -> dict[str, str]:
        """The facts of the group itself that can be hashed into names."""
        stack = self.intent.id
        own = {"namespace": stack.namespace, "name": stack.name, "uid": self.intent.members[0].uid}
        return {"cluster": self.config.cluster_name, "stack": str(stack), **own}

    def ask(self, question: Question, kind: type[T], at: Origin) -> tuple[T, ...] | None:
        """The answer; None if it is unknown (a note reports this) or if AWS refused (an error reports this)."""
        answer = self.facts.answers.get(question)
        if answer is None:
            self.ledger.add("LB314", at, question=words(question))
            return None
        if isinstance(answer, RefusedAnswer):
            self.ledger.refuse(answer, at, words(question), self.config.cluster_name)
            return None
        return cast(tuple[T, ...], answer)

    def gently(self, question: Question, at: Origin, refused: str) -> tuple[object, ...] | None:
        """The same, but if AWS refuses, everything else is built; `refused` is the code of the problem that reports this."""
        answer = self.facts.answers.get(question)
        if answer is None:
            self.ledger.add("LB314", at, question=words(question))
            return None
        if isinstance(answer, RefusedAnswer):
            self.ledger.add(refused, at, operation=answer.operation, aws_code=answer.code, text=answer.message)
            return None
        return answer

    def tags(self, own: Keyed) -> Pairs:
        """The user's tags with the operator's default tags, which have priority; with the feature gate, the user's tags have priority."""
        defaults = self.config.default_tags
        mine = dict(values(own))
        low = self.config.gate("EnableDefaultTagsLowPriority")
        return tuple(sorted(({**defaults, **mine} if low else {**mine, **defaults}).items()))
