"""Rows and their words."""

import pytest

from albatross.catalog.problems import PROBLEMS, message
from albatross.catalog.problems.row import ProblemRow, table
from albatross.model.problem import Origin, Problem

EVERY = pytest.mark.parametrize("row", PROBLEMS.values(), ids=lambda row: row.code)


def test_a_word_that_is_missing_shows_its_name() -> None:
    assert message(Problem("LB101", Origin("Ingress", "shop", "app"))) == '"<value>" is not a boolean'


def test_a_code_is_never_used_twice() -> None:
    row = PROBLEMS["LB101"]
    with pytest.raises(ValueError, match="used twice"):
        table((row,), (row,))


@EVERY
def test_why_is_prose_and_no_template(row: ProblemRow) -> None:
    assert not set("{}") & set(row.why)


@EVERY
def test_words_begin_small_and_end_without_a_stop(row: ProblemRow) -> None:
    for words in (*(() if row.literal else (row.summary,)), row.why, row.fix, row.unshown):
        first = words.split(" ", 1)[0]
        assert not words.endswith((".", "!"))
        assert not first.istitle() or first in ("Service", "Secret", "Kubernetes", "Helm"), words


def test_a_long_value_leaves_room_for_the_place_and_the_fix() -> None:
    found = Problem("LB102", Origin("Ingress", "shop", "app", "metadata"), (("value", "x" * 5000),))
    assert len(message(found)) < 400
    assert "…" in message(found)
