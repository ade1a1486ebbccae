"""The command line, called as a user calls it, and golden files of what it prints."""

import contextlib
import io
from dataclasses import dataclass
from pathlib import Path

from albatross.cli import main

GOLDEN = Path(__file__).parent / "golden"


@dataclass(frozen=True)
class Answer:
    """What a call printed, and its exit code."""

    code: int
    out: str
    err: str


def albatross(*arguments: str | Path) -> Answer:
    """Runs `albatross …` in this process."""
    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        code = main([str(each) for each in arguments])
    return Answer(code, out.getvalue(), err.getvalue())


def same(name: str, text: str, update: bool) -> None:
    """Compares with a golden file, or writes it anew."""
    path = GOLDEN / name
    if update:
        path.write_text(text)
    assert text == path.read_text()
