"""`explain` finds a row however it is asked for."""

import pytest
from tests.cli.front import albatross, same


@pytest.mark.parametrize("asked", ["LB191", "lb191", "malformed-yaml", "Malformed_YAML"])
def test_a_row_is_found_by_code_and_slug(asked: str) -> None:
    answer = albatross("explain", asked)
    assert answer.code == 0
    assert answer.out.startswith("error[LB191] malformed-yaml\n")


def test_a_page_reads_well(update: bool) -> None:
    same("explain.txt", albatross("explain", "LB197").out, update)


def test_the_nearest_is_named() -> None:
    answer = albatross("explain", "malformed-yml")
    assert answer.code == 1
    assert "malformed-yaml" in answer.err


def test_without_a_code_all_are_listed() -> None:
    assert "LB190  error   unreadable-file\n" in albatross("explain").out
