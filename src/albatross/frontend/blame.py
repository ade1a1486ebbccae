"""Which objects an error concerns."""

from collections.abc import Iterable, Mapping

from albatross.catalog import problems
from albatross.model.ident import Ident
from albatross.model.problem import Problem


def blame(
    found: Iterable[Problem], members: Iterable[Ident], mentions: Mapping[Ident, frozenset[Ident]]
) -> dict[Ident, tuple[Problem, ...]]:
    """Errors by the member that they concern: the member with the error, else members that mention the object with the error, else all.

    `mentions` are the objects that each member mentions.
    """
    idents = tuple(members)
    blamed: dict[Ident, list[Problem]] = {}
    for problem in found:
        if problems.severity(problem) == "error":
            for ident in _concerned(problem.origin.ident, idents, mentions):
                blamed.setdefault(ident, []).append(problem)
    return {ident: tuple(each) for ident, each in blamed.items()}


def _concerned(at: Ident, members: tuple[Ident, ...], mentions: Mapping[Ident, frozenset[Ident]]) -> tuple[Ident, ...]:
    if at in members:
        return (at,)
    return tuple(each for each in members if at in mentions.get(each, ())) or members
