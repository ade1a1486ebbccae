"""Rows and their words."""

import pytest

from albatross.catalog.problems import PROBLEMS, message
from albatross.catalog.problems.row import table
from albatross.model.problem import Origin, Problem


def test_a_word_that_is_missing_shows_its_name() -> None:
    assert message(Problem("LB101", Origin("Ingress", "shop", "app"))) == '"<value>" is no boolean'


def test_a_code_is_never_used_twice() -> None:
    row = PROBLEMS["LB101"]
    with pytest.raises(ValueError, match="used twice"):
        table((row,), (row,))
