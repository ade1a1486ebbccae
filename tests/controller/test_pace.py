"""Work that can wait."""

import asyncio

from tests.clock import Virtual, settle

from albatross.controller.pace import RATE, Pace
from albatross.controller.queue import Queue


async def test_keys_come_one_by_one_and_never_urgent() -> None:
    clock = Virtual()
    queue: Queue[str] = Queue(clock=clock)
    pace = Pace(queue, clock)
    for key in ("a", "b", "a"):
        pace.add(key)
    assert (len(pace), len(queue)) == (2, 0)
    running = asyncio.create_task(pace.run())
    await settle()
    assert (len(pace), len(queue)) == (1, 1)
    assert await queue.get() == "a"
    assert not queue.urgent("a")
    await clock.advance(0.9 / RATE)
    assert len(queue) == 0
    await clock.advance(0.1 / RATE)
    assert (await queue.get(), len(pace)) == ("b", 0)
    pace.add("c")
    await clock.advance(1 / RATE)
    assert await queue.get() == "c"
    running.cancel()
