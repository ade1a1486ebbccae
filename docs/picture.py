"""Draws docs/demo.svg from a real run of `albatross demo`; run by hand: `.venv/bin/python -m docs.picture`."""

import io
import os
import subprocess
import sys
from pathlib import Path

from rich.console import Console
from rich.terminal_theme import MONOKAI
from rich.text import Text

WIDTH = 100
LEFT_OUT = "Plan for "
"""The plan is long, and the same again in the operations: from this line to the next heading nothing is drawn."""


def run() -> list[Text]:
    """The demo's lines, with their colours."""
    environment = {**os.environ, "FORCE_COLOR": "1", "COLUMNS": str(WIDTH), "TERM": "xterm-256color"}
    command = [sys.executable, "-m", "albatross", "demo"]
    done = subprocess.run(command, env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, check=True)
    return list(Text.from_ansi(done.stdout.decode()).split("\n"))


def chosen(lines: list[Text]) -> list[Text]:
    """The lines without the part that is left out."""
    kept, inside = [], False
    for line in lines:
        if line.plain.startswith(("── ", LEFT_OUT)):
            inside = line.plain.startswith(LEFT_OUT)
        if not inside:
            kept.append(line)
    return kept


def main() -> None:
    """Writes the picture; its fonts are the reader's own, so that nothing is fetched to see it."""
    console = Console(record=True, width=WIDTH, file=io.StringIO(), force_terminal=True, color_system="truecolor")
    for line in chosen(run()):
        console.print(line, overflow="fold")
    picture = console.export_svg(title="make demo", theme=MONOKAI)
    lines = [line.replace('"Fira Code"', "monospace").replace("Fira Code,", "") for line in picture.splitlines()]
    text = "\n".join(lines)
    while (start := text.find("@font-face")) >= 0:
        text = text[:start] + text[text.index("}", start) + 1 :]
    (Path(__file__).parent / "demo.svg").write_text(text)


if __name__ == "__main__":
    main()
