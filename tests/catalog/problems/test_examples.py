"""The example of every row behaves as it says: broken has the problem, mended has not."""

import pytest
from tests.world import Result, compiled

from albatross.catalog.problems import PROBLEMS, message, remedy
from albatross.catalog.problems.row import Row

WITH = [row for row in PROBLEMS.values() if row.example and row.code < "LB5"]


def broken(row: Row) -> Result:
    assert row.example
    return compiled(row.example.broken)


@pytest.mark.parametrize("row", WITH, ids=lambda row: row.code)
def test_broken_has_it(row: Row) -> None:
    assert row.code in broken(row).codes


@pytest.mark.parametrize("row", WITH, ids=lambda row: row.code)
def test_mended_has_not(row: Row) -> None:
    assert row.example
    result = compiled(row.example.mended)
    assert row.code not in result.codes
    assert not result.errors


@pytest.mark.parametrize("row", WITH, ids=lambda row: row.code)
def test_words_are_all_filled_in(row: Row) -> None:
    found = next(problem for problem in broken(row).problems if problem.code == row.code)
    assert "<" not in message(found)
    assert "<" not in remedy(found)
