"""The line about long work: on a terminal, after a second, and nowhere else."""

import io

import pytest
from tests.clock import Virtual

from albatross.cli.terminal import console, progress
from albatross.cli.terminal.progress import START, Bar


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True

    def take(self) -> str:
        text = self.getvalue()
        self.seek(0)
        self.truncate()
        return text


@pytest.fixture
def person(monkeypatch: pytest.MonkeyPatch) -> Terminal:
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.delenv("CI", raising=False)
    return Terminal()


async def test_work_of_less_than_a_second_shows_nothing(person: Terminal) -> None:
    clock = Virtual()
    async with progress.shown(person, clock):
        await clock.advance(0.9)
    assert person.getvalue() == ""


async def test_a_bar_shows_which_part_is_done(person: Terminal) -> None:
    clock = Virtual()
    async with progress.shown(person, clock):
        progress.begin("reading AWS", 4)
        progress.step()
        await clock.advance(1)
        assert person.take() == START + "[#####...............] 1/4 reading AWS, 1 s"
        progress.begin("waiting")
        await clock.advance(1)
        assert person.take().endswith(START + "waiting, 2 s")
    assert person.getvalue() == START


async def test_what_is_printed_erases_the_line_first(person: Terminal) -> None:
    clock = Virtual()
    screen = console.console(person)
    async with progress.shown(person, clock):
        await clock.advance(1)
        person.take()
        screen.print("done")
        assert person.take().startswith(START)
        screen.print("more")
        assert START not in person.take()


async def test_a_line_is_never_longer_than_the_terminal(person: Terminal, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "20")
    clock = Virtual()
    async with progress.shown(person, clock):
        progress.begin("waiting until everything is there")
        await clock.advance(1)
        assert person.take() == START + "waiting until every"


@pytest.mark.parametrize("environment", [{}, {"TERM": "dumb"}, {"TERM": "xterm", "CI": "true"}])
def test_nobody_watches(environment: dict[str, str]) -> None:
    assert not progress.wanted(Terminal(), environment)


async def test_a_pipe_gets_nothing() -> None:
    clock, pipe = Virtual(), io.StringIO()
    assert progress.wanted(Terminal(), {"TERM": "xterm"})
    assert not progress.wanted(pipe, {"TERM": "xterm"})
    async with progress.shown(pipe, clock):
        progress.begin("reading", 2)
        progress.step()
        progress.clear()
        await clock.advance(5)
    assert pipe.getvalue() == ""


def test_a_bar_is_not_longer_than_full() -> None:
    assert Bar(io.StringIO(), Virtual(), "x", done=9, total=3).text(1) == "[####################] 9/3 x, 1 s"
