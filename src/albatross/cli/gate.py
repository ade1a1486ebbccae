"""Which problems count: `--select`, `--ignore`, and the comments in files."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from albatross.cli.explain import find
from albatross.cli.terminal import diagnostic
from albatross.cli.terminal.diagnostic import Finding
from albatross.manifests import FILE, Ignore, Loaded, Sources, ignores
from albatross.model.problem import Origin, Problem

IDLE = "LB670"


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
    found = diagnostic.findings(problems, loaded.sources)
    used: set[tuple[Ignore, str]] = set()
    left = []
    for each in found:
        matching = {(comment, each.problem.code) for comment in comments if _ignores(comment, each, loaded.sources)}
        used |= matching
        if not matching:
            left.append(each.problem)
    return [each for each in (*left, *_idle(comments, used, rules)) if rules.shown(each)]


def _ignores(comment: Ignore, found: Finding, sources: Sources) -> bool:
    """Whether the comment is about the line of the problem, or about the line of its key."""
    if found.problem.code not in comment.codes:
        return False
    places = (found.place, sources.locate(found.problem.origin, True))
    return any(place is not None and (place.file, place.line) == (comment.file, comment.about) for place in places)


def _idle(comments: Sequence[Ignore], used: set[tuple[Ignore, str]], rules: Counted) -> Iterator[Problem]:
    for each in comments:
        origin = Origin(FILE, "", each.file, f"line {each.line}, column {each.column}")
        if not each.codes:
            yield Problem(IDLE, origin, (("codes", "no problem, because it names no code"),))
        if idle := [code for code in each.codes if (each, code) not in used and rules.counts(code)]:
            yield Problem(IDLE, origin, (("codes", f"no {' and no '.join(idle)}"),))
