"""Reads the log of a controller (JSON lines) while it grows."""

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

PAUSE = 0.05
"""Seconds between two reads of the file (chosen by us: shorter than a user notices)."""


async def events(path: Path) -> AsyncIterator[dict[str, Any]]:
    """Every event from the start of the file; an empty event each time there is nothing new."""
    with path.open() as file:
        rest = ""
        while True:
            rest += file.read()
            *whole, rest = rest.split("\n")
            for line in whole:
                if found := _event(line):
                    yield found
            yield {}
            await asyncio.sleep(PAUSE)


def _event(line: str) -> dict[str, Any] | None:
    try:
        found = json.loads(line)
    except ValueError:
        return None
    return found if isinstance(found, dict) else None
