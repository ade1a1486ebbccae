"""A collection of problems: each problem once, in the order in which it was found."""

from collections import Counter
from dataclasses import replace

from albatross.catalog import problems
from albatross.catalog.bounds import PROBLEMS, WORDS, shortened
from albatross.catalog.value import Fault
from albatross.model.ident import Ident
from albatross.model.problem import Origin, Problem, Severity


class Notes:
    """Problems, and the number of errors that were added. Of one object, the first PROBLEMS errors and other problems are kept."""

    def __init__(self) -> None:
        self._found: dict[Problem, None] = {}
        self._counts: Counter[tuple[Ident, bool]] = Counter()
        self.errors = 0

    def add(self, code: str, origin: Origin, severity: Severity | None = None, **args: str) -> None:
        """Add a problem."""
        self.put(Problem(code, origin, tuple(sorted(args.items())), severity))

    def fault(self, fault: Fault, origin: Origin) -> None:
        """Add a fault of a parser about the value at `origin`."""
        self.put(Problem(fault.code, origin.at(origin.field, fault.pointer), fault.args, hint=fault.hint))

    def put(self, problem: Problem) -> None:
        """Add a problem. A known problem is kept once, but `errors` counts it again."""
        error = problems.severity(problem) == "error"
        self.errors += error
        problem = _short(problem)
        if problem not in self._found:
            place = (problem.origin.ident, error)
            self._counts[place] += 1
            if self._counts[place] <= PROBLEMS:
                self._found[problem] = None

    def join(self, other: "Notes") -> None:
        """Count the problems that others did not keep; what they kept is put one by one."""
        for place, count in other._counts.items():
            self._counts[place] += max(0, count - PROBLEMS)

    @property
    def kept(self) -> tuple[Problem, ...]:
        """The problems that are kept."""
        return tuple(self._found)

    @property
    def problems(self) -> tuple[Problem, ...]:
        """All problems; for an object with too many of them, the last one has the number of the others."""
        more = Counter({place[0]: 0 for place in self._counts})
        for place, count in self._counts.items():
            more[place[0]] += max(0, count - PROBLEMS)
        told = (Problem("LB769", Origin.of(ident), (("count", str(count)),)) for ident, count in more.items() if count)
        return (*self._found, *told)


def _short(problem: Problem) -> Problem:
    """The problem with short texts."""
    if all(len(text) <= WORDS for _, text in problem.args):
        return problem
    return replace(problem, args=tuple((name, shortened(text)) for name, text in problem.args))
