"""A collection of problems: each problem once, in the order in which it was found."""

from albatross.catalog import problems
from albatross.catalog.value import Fault
from albatross.model.problem import Origin, Problem, Severity


class Notes:
    """Problems, and the number of errors that were added."""

    def __init__(self) -> None:
        self._found: dict[Problem, None] = {}
        self.errors = 0

    def add(self, code: str, origin: Origin, severity: Severity | None = None, **args: str) -> None:
        """Add a problem."""
        self.put(Problem(code, origin, tuple(sorted(args.items())), severity))

    def fault(self, fault: Fault, origin: Origin) -> None:
        """Add a fault of a parser about the value at `origin`."""
        self.put(Problem(fault.code, origin.at(origin.field, fault.pointer), fault.args, hint=fault.hint))

    def put(self, problem: Problem) -> None:
        """Add a problem. A known problem is kept once, but `errors` counts it again."""
        self._found.setdefault(problem)
        self.errors += problems.severity(problem) == "error"

    @property
    def problems(self) -> tuple[Problem, ...]:
        """All problems."""
        return tuple(self._found)
