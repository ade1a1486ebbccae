"""Where problems are collected, each once, in the order they were found."""

from albatross.catalog import problems
from albatross.catalog.value import Fault
from albatross.model.problem import Origin, Problem, Severity


class Notes:
    """A list of problems that knows how many of its entries were errors."""

    def __init__(self) -> None:
        self._found: dict[Problem, None] = {}
        self.errors = 0

    def add(self, code: str, origin: Origin, severity: Severity | None = None, **args: str) -> None:
        """Note a problem."""
        self.put(Problem(code, origin, tuple(sorted(args.items())), severity))

    def fault(self, fault: Fault, origin: Origin) -> None:
        """Note what a parser said about the value at `origin`."""
        self.put(Problem(fault.code, origin.at(origin.field, fault.pointer), fault.args))

    def put(self, problem: Problem) -> None:
        """Note a problem; one that is known already counts as an error once more, but is kept once."""
        self._found.setdefault(problem)
        self.errors += problems.severity(problem) == "error"

    @property
    def problems(self) -> tuple[Problem, ...]:
        """All of them."""
        return tuple(self._found)
