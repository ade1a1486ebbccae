"""Lines on a terminal: no word is broken."""

import io

import pytest
from rich.text import Text

from albatross.cli.terminal.console import console, hanging


def wrapped(words: str, width: int = 40) -> list[str]:
    return [line.plain for line in hanging(Text("    label "), words, 10, width)]


def test_words_that_fit_are_one_line() -> None:
    assert wrapped("as it is") == ["    label as it is"]
    assert wrapped("") == ["    label "]


def test_words_are_wrapped_under_the_first() -> None:
    found = wrapped("one two-three four five six seven eight nine")
    assert found == ["    label one two-three four five six", "          seven eight nine"]


def test_a_word_is_never_broken() -> None:
    arn = "arn:aws:acm:eu-west-1:123456789012:certificate/" + "0" * 36
    assert wrapped(f"{arn} next") == [f"    label {arn}", "          next"]
    assert wrapped(" " * 100) == ["    label "]


@pytest.mark.parametrize(("columns", "width"), [("80", 80), ("", 100), ("wide", 100), ("0", 100)])
def test_columns_are_the_width_without_a_terminal(columns: str, width: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", columns)
    assert console(io.StringIO()).width == width
