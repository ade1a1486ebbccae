"""The example of every row behaves as it says: broken has the problem, fixed has not."""

from collections.abc import Iterable
from pathlib import Path

import pytest
from tests.world import shown

from albatross import manifests
from albatross.catalog.problems import PROBLEMS, Example, message, remedy, severity
from albatross.catalog.problems.row import ProblemRow
from albatross.model.problem import Problem

SHOWN = [row for row in PROBLEMS.values() if row.example]


def found(example: Example, text: str, folder: Path) -> list[Problem]:
    """Every problem of a manifest: of whole files those of reading them, else those of all that is decided."""
    if not example.whole:
        return shown(example, text).problems
    (folder / "example.yaml").write_text(text)
    return list(manifests.load([str(folder)]).problems)


def codes(problems: Iterable[Problem], *severities: str) -> set[str]:
    return {problem.code for problem in problems if not severities or severity(problem) in severities}


@pytest.mark.parametrize("row", SHOWN, ids=lambda row: row.code)
def test_broken_has_it_and_fixed_has_not(row: ProblemRow, tmp_path: Path) -> None:
    assert row.example
    wrong = [each for each in found(row.example, row.example.broken, tmp_path) if each.code == row.code]
    assert wrong
    assert not [words for each in wrong for words in (message(each), remedy(each)) if "<" in words]
    fixed = found(row.example, row.example.fixed, tmp_path)
    assert row.code not in codes(fixed)
    assert not codes(fixed, "error")


def test_a_row_without_an_example_says_why() -> None:
    assert not [row.code for row in PROBLEMS.values() if bool(row.example) == bool(row.unshown)]
    unshown = {row.code for row in PROBLEMS.values() if row.unshown and row.code < "LB5"}
    assert unshown == {
        "LB188",
        "LB190",
        "LB210",
        "LB313",
        "LB314",
        "LB320",
        "LB325",
    }
