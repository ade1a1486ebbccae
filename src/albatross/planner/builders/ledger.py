"""The problems that are found while a group is built, and the members that they concern."""

from collections.abc import Callable, Iterable
from typing import TypeVar

from albatross.catalog import denial
from albatross.catalog.notes import Notes
from albatross.model.facts import RefusedAnswer
from albatross.model.ident import Ident
from albatross.model.intent import Member
from albatross.model.problem import Origin, Problem

T = TypeVar("T")


class Ledger(Notes):
    """Problems of one build. An error that belongs to no single member breaks it; a blamed member is faulty; a withheld one gets no routes.

    `live` are members that are served now. If one of them were withheld, it would lose its routes; so this breaks the build instead, and
    nothing changes.
    """

    def __init__(self, live: frozenset[Ident] = frozenset()) -> None:
        super().__init__()
        self._live = live
        self.broken = False
        self.faulty: set[Ident] = set()
        self.withheld: set[Ident] = set()

    def ranked(self, found: Iterable[T], member: Callable[[T], Ident]) -> list[T]:
        """The members that are served now, then the others, each in group order: a newcomer does not change a value that is served."""
        return sorted(found, key=lambda each: member(each) not in self._live)

    def fail(self, code: str, origin: Origin, **args: str) -> None:
        """Record an error of the load balancer itself: nothing can be built."""
        self.add(code, origin, "error", **args)
        self.broken = True

    def refuse(self, answer: RefusedAnswer, origin: Origin, question: str, cluster: str) -> None:
        """Record that AWS refused a question; a missing permission, and an answer that refuses every question, have their own."""
        what, call = f"look up {question}", f"{answer.service} {answer.operation}".strip()
        if answer.problem:
            args = {"what": what, "call": call, "code": answer.code or "Unavailable", "said": answer.message}
            self.put(Problem(answer.problem, origin, tuple(sorted(args.items())), "error"))
            self.broken = True
            return
        if answer.code not in denial.CODES:
            self.fail("LB313", origin, operation=answer.operation, aws_code=answer.code, text=answer.message)
            return
        said = denial.words(answer.message, answer.service, answer.operation, cluster)
        self.fail(denial.read(answer.message).problem, origin, what=what, call=call, aws_code=answer.code, **said)

    def blame(self, member: Ident, code: str, origin: Origin, *related: Origin, **args: str) -> None:
        """Record an error of one member; `related` are the other places that cause it."""
        self.put(Problem(code, origin, tuple(sorted(args.items())), "error", related))
        self.faulty.add(member)

    def withhold(self, member: Ident, code: str, origin: Origin, *related: Origin, **args: str) -> None:
        """Record an error of one member. Its routes can't be served with the settings that the other members agree on."""
        self.blame(member, code, origin, *related, **args)
        self.withheld.add(member)
        # Without this, the next plan would delete the rules of a working member.
        self.broken = self.broken or member in self._live

    def blamed(self, members: tuple[Member, ...]) -> bool:
        """Whether every member has an error, so that there is nothing to build."""
        # Not for a group without members: its empty stack must be built, because it deletes all resources.
        return bool(members) and all((member.faulty and not member.partial) or member.ident in self.faulty for member in members)
