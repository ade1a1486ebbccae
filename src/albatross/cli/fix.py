"""`lint --fix`: rounds of safe rewrites of the texts of files, until there is nothing to rewrite."""

import difflib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from rich.console import Console
from rich.text import Text as Line

from albatross import manifests
from albatross.catalog.fixes import FIXES, Spot
from albatross.catalog.problems import severity
from albatross.manifests import Loaded, Text, Unread, edit
from albatross.manifests.edit import Edit
from albatross.model.problem import Problem

ROUNDS = 100
"""The maximum number of rounds (chosen by us). Each round finds only the first wrong field of an object."""

UNTOUCHED = {"LB190": "it cannot be read", "LB191": "parts of it cannot be read", "LB192": "it is a template"}
"""Problems of a file that prevent every change of it."""

HARMFUL = "the fix would cause an error"

Examine = Callable[[Loaded], Sequence[Problem]]


@dataclass(frozen=True, slots=True)
class Held:
    """A rewrite that is not made: the problem, and the reason."""

    problem: Problem
    reason: str


@dataclass(frozen=True, slots=True)
class Fixed:
    """Files before and after, in their order; the fixed problems, and the problems that could not be fixed."""

    before: tuple[Text, ...]
    after: tuple[Text, ...]
    loaded: Loaded
    problems: tuple[Problem, ...]
    held: tuple[Held, ...]

    @property
    def changed(self) -> tuple[tuple[Text, Text], ...]:
        """The files that differ."""
        return tuple((old, new) for old, new in zip(self.before, self.after, strict=True) if old.text != new.text)


def fix(texts: Sequence[Text | Unread], namespace: str, examine: Examine) -> Fixed:
    """Fix as many problems as possible, in memory. `examine` returns the problems of files."""
    work = _Work(namespace, examine)
    found, fixed = list(texts), list[Problem]()
    loaded = manifests.read(found, namespace=namespace)
    for _ in range(ROUNDS):
        made = work.round(found, loaded)
        if not made:
            break
        fixed += made
        loaded = manifests.read(found, namespace=namespace)
    before = tuple(text for text in texts if isinstance(text, Text))
    after = tuple(text for text in found if isinstance(text, Text))
    return Fixed(before, after, loaded, tuple(fixed), tuple(Held(problem, reason) for problem, reason in work.held.items()))


class _Work:
    def __init__(self, namespace: str, examine: Examine) -> None:
        self.namespace, self.examine = namespace, examine
        self.held: dict[Problem, str] = {}
        self.harmful: set[Edit] = set()

    def round(self, found: list[Text | Unread], loaded: Loaded) -> list[Problem]:
        """Put the new texts into `found`; return the fixed problems."""
        # a fault that is ignored still prevents changes of its file
        problems = [*self.examine(loaded), *(each for each in loaded.problems if each.code in UNTOUCHED)]
        wanted = {edit: problem for edit, problem in self._wanted(loaded, problems) if edit not in self.harmful}
        mild = [edit for edit, problem in wanted.items() if severity(problem) != "error"]
        errors = _errors(problems)
        texts, made = self._applied(found, loaded, wanted)
        if mild and self._errors(texts) - errors:
            # A value that is ignored now may become an error if a rewrite makes it effective; such a rewrite is not made.
            while bad := self._bad(found, loaded, {edit: wanted[edit] for edit in mild}, errors):
                mild = [edit for edit in mild if edit not in bad]
                self.harmful.update(bad)
                self.held |= {wanted.pop(edit): HARMFUL for edit in bad}
            texts, made = self._applied(found, loaded, wanted)
        found[:] = texts
        return [wanted[edit] for edit in made]

    def _bad(self, found: list[Text | Unread], loaded: Loaded, wanted: Mapping[Edit, Problem], errors: set[Problem]) -> set[Edit]:
        """Edits that cause errors, found by bisection; all edits if only their combination causes errors."""
        if not wanted or not self._errors(self._applied(found, loaded, wanted)[0]) - errors:
            return set()
        pairs = list(wanted.items())
        if len(pairs) == 1:
            return set(wanted)
        middle = len(pairs) // 2
        halves = [self._bad(found, loaded, dict(half), errors) for half in (pairs[:middle], pairs[middle:])]
        return set().union(*halves) or set(wanted)

    def _wanted(self, loaded: Loaded, problems: Iterable[Problem]) -> Iterator[tuple[Edit, Problem]]:
        closed = {problem.origin.name: UNTOUCHED[problem.code] for problem in problems if problem.code in UNTOUCHED}
        self.held = {problem: reason for problem, reason in self.held.items() if reason == HARMFUL}
        for problem in dict.fromkeys(problems):
            looked = edit.look(loaded.sources, problem.origin) if problem.code in FIXES else None
            rewrite = FIXES[problem.code].rewrite(Spot(problem, *looked)) if looked else None
            if rewrite is None:
                continue
            if (file := edit.file(loaded.sources, problem.origin)) in closed:
                self.held[problem] = f"{file} is not changed: {closed[file]}"
            else:
                yield Edit(problem.origin, rewrite), problem

    def _applied(
        self, found: list[Text | Unread], loaded: Loaded, wanted: Mapping[Edit, Problem]
    ) -> tuple[list[Text | Unread], list[Edit]]:
        """The texts with these edits, and the edits that were possible."""
        made, texts = list[Edit](), list[Text | Unread]()
        for text in found:
            here = [each for each in wanted if isinstance(text, Text) and edit.file(loaded.sources, each.origin) == text.file]
            if not here or isinstance(text, Unread):
                texts.append(text)
                continue
            edited = edit.apply(loaded.sources, text, here)
            self.held |= {wanted[each]: why for each, why in edited.refused}
            made += edited.made
            texts.append(replace(text, text=edited.text))
        return texts, made

    def _errors(self, texts: Iterable[Text | Unread]) -> set[Problem]:
        return _errors(self.examine(manifests.read(texts, namespace=self.namespace)))


def _errors(problems: Iterable[Problem]) -> set[Problem]:
    # related places move if a line becomes longer; the problem is the same
    return {replace(problem, related=()) for problem in problems if severity(problem) == "error"}


# What is shown -----------------------------------------------------------------------------------------------------


def diff(fixed: Fixed) -> Iterator[str]:
    """The lines of a unified diff, with their ends."""
    for old, new in fixed.changed:
        lines = difflib.unified_diff(old.text.splitlines(keepends=True), new.text.splitlines(keepends=True), old.file, new.file)
        for line in lines:
            yield line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n"


def show(screen: Console, fixed: Fixed) -> None:
    """Print the diff: with colours on a terminal, otherwise exactly as it is."""
    for line in diff(fixed):
        if screen.is_terminal:
            screen.print(Line(line.rstrip("\r\n"), _colour(line)))
        else:
            screen.file.write(line)


def _colour(line: str) -> str:
    if line.startswith(("+++", "---")):
        return "bold"
    return {"+": "green", "-": "red", "@": "cyan"}.get(line[:1], "")
