"""Which problems count: `--select`, `--ignore`, and the comments in files."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from albatross.cli.explain import find
from albatross.cli.terminal import diagnostic
from albatross.cli.terminal.diagnostic import Finding
from albatross.manifests import FILE, Ignore, Loaded, Sources, ignores
from albatross.model.problem import Origin, Problem

IDLE = "LB670"

Where = tuple[str, int, str]
"""A file, a line that a comment is about, and a code."""


@dataclass(frozen=True, slots=True)
class Counted:
    """The codes that count, or all if `select` is empty, without the codes in `ignore`."""

    select: frozenset[str] = frozenset()
    ignore: frozenset[str] = frozenset()

    def counts(self, code: str) -> bool:
        """Whether problems with this code are shown."""
        return code not in self.ignore and (not self.select or code in self.select)

    def shown(self, problem: Problem) -> bool:
        """Whether a problem is shown. A fault that hides objects is shown unless it is ignored by name."""
        hidden = problem.origin.kind == FILE and problem.code != IDLE
        return problem.code not in self.ignore if hidden else self.counts(problem.code)


def gate(select: str, ignore: str) -> Counted:
    """The rules from codes or slugs, separated by commas. Errors: ClickException for an unknown one."""
    return Counted(_codes(select), _codes(ignore))


def _codes(words: str) -> frozenset[str]:
    return frozenset(find(word.strip()).code for word in words.split(",") if word.strip())


def kept(problems: Iterable[Problem], loaded: Loaded, rules: Counted) -> list[Problem]:
    """The problems that count, without those that a comment ignores; and a note for each comment that ignores nothing."""
    comments = [each for text in loaded.sources.texts.values() for each in ignores(text)]
    ignored = {(each.file, each.about, code) for each in comments for code in each.codes}
    used: set[Where] = set()
    left = []
    for each in diagnostic.findings(problems, loaded.sources):
        matching = ignored.intersection(_where(each, loaded.sources)) if ignored else ignored
        used |= matching
        if not matching:
            left.append(each.problem)
    return [each for each in (*left, *_idle(comments, used, rules)) if rules.shown(each)]


def _where(found: Finding, sources: Sources) -> Iterator[Where]:
    """Where a comment ignores the problem: its line, and the line of its key."""
    for place in (found.place, sources.locate(found.problem.origin, True)):
        if place is not None:
            yield place.file, place.line, found.problem.code


def _idle(comments: Iterable[Ignore], used: set[Where], rules: Counted) -> Iterator[Problem]:
    for each in comments:
        origin = Origin(FILE, "", each.file, f"line {each.line}, column {each.column}")
        if not each.codes:
            yield Problem(IDLE, origin, (("codes", "no problem, because it names no code"),))
        if idle := [code for code in each.codes if (each.file, each.about, code) not in used and rules.counts(code)]:
            yield Problem(IDLE, origin, (("codes", f"no {' and no '.join(idle)}"),))
