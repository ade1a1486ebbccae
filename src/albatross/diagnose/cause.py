"""A finding of a diagnosis: a problem with the command or the diff that removes it."""

from collections.abc import Iterable
from dataclasses import dataclass

from albatross.catalog import problems
from albatross.model.problem import Origin, Problem, Severity


@dataclass(frozen=True, slots=True, kw_only=True)
class Remedy:
    """What removes a cause: commands for a shell, or a unified diff."""

    commands: tuple[str, ...] = ()
    diff: str = ""

    def __bool__(self) -> bool:
        return bool(self.commands or self.diff)


@dataclass(frozen=True, slots=True, kw_only=True)
class Cause:
    """A cause: its problem (code, place, words), its remedy, and in `look` what else to look at, in this order."""

    problem: Problem
    remedy: Remedy = Remedy()
    look: tuple[str, ...] = ()

    @property
    def severity(self) -> Severity:
        """The severity of the problem."""
        return problems.severity(self.problem)

    @property
    def blocking(self) -> bool:
        """Whether nothing works before this cause is removed."""
        return self.severity == "error"


def cause(code: str, at: Origin, *commands: str, diff: str = "", look: Iterable[str] = (), **words: str) -> Cause:
    """A cause of one of our own codes."""
    return Cause(problem=Problem(code, at, tuple(sorted(words.items()))), remedy=Remedy(commands=commands, diff=diff), look=tuple(look))


def ordered(found: Iterable[Cause]) -> tuple[Cause, ...]:
    """Errors first, then warnings, then notes, each in the given order. Of two equal problems only the first stays."""
    ranks = {"error": 0, "warning": 1, "note": 2}
    once: dict[Problem, Cause] = {}
    for each in found:
        once.setdefault(each.problem, each)
    return tuple(sorted(once.values(), key=lambda each: ranks[each.severity]))


def code(causes: Iterable[Cause], unseen: bool) -> int:
    """The exit code: 1 with a cause, 3 if nothing was found but not everything could be read, else 0."""
    return 1 if any(each.severity != "note" for each in causes) else 3 if unseen else 0
