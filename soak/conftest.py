"""One world for each file of runs, and the table that they fill."""

import asyncio
import logging
import os
from collections.abc import Coroutine, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import pytest
import structlog
from soak import runs
from soak.loop import Loop
from soak.world import World, world

T = TypeVar("T")
TABLE = runs.Table()


@dataclass
class Field:
    """A world, what a run without a disturbance shows, and the loop in which both live."""

    loop: Loop
    world: World
    known: dict[str, runs.Undisturbed]
    table: runs.Table

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        return self.loop.run_until_complete(work)


@pytest.fixture(scope="module")
def field(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Field]:
    kept = {name: os.environ.get(name) for name in os.environ}
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    loop = Loop()
    asyncio.set_event_loop(loop)
    context = world(loop, tmp_path_factory.mktemp("soak"))
    found = loop.run_until_complete(context.__aenter__())
    try:
        known = loop.run_until_complete(runs.undisturbed(found))
        yield Field(loop, found, known, TABLE)
    finally:
        loop.run_until_complete(context.__aexit__(None, None, None))
        for task in (held := asyncio.all_tasks(loop)):  # calls that never get an answer
            task.cancel()
        loop.run_until_complete(asyncio.gather(*held, return_exceptions=True))
        loop.run_until_complete(loop.shutdown_asyncgens())
        loop.close()
        asyncio.set_event_loop(None)
        structlog.reset_defaults()
        for name in [name for name in os.environ if name not in kept]:
            del os.environ[name]


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """The table of all processes."""
    file = os.environ.get("SOAK_ROWS")
    if file and Path(file).exists():
        terminalreporter.write_line(runs.Table.read(file).markdown())
