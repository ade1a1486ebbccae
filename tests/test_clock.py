"""The clock of the machine and the clocks of tests behave in the same way."""

import asyncio

import pytest
from soak.loop import Loop
from tests.clock import Virtual, settle, until

from albatross.clock import Clock


async def test_the_machines_own() -> None:
    clock = Clock()
    before = clock.now(), clock.utc()
    await clock.sleep(0)
    called = asyncio.Event()
    clock.later(0, called.set)
    await called.wait()
    with pytest.raises(TimeoutError):
        async with clock.timeout(0):
            await asyncio.Event().wait()
    async with clock.timeout(None):
        await settle()
    assert before <= (clock.now(), clock.utc())


async def test_time_passes_when_the_test_says_so_and_in_order() -> None:
    clock, seen = Virtual(), list[tuple[str, float]]()

    async def pause(name: str, seconds: float) -> None:
        await clock.sleep(seconds)
        seen.append((name, clock.now() - 1000))

    both = asyncio.gather(pause("late", 5), pause("soon", 2))
    clock.later(3, lambda: seen.append(("called", clock.now() - 1000)))
    await clock.advance(1.9)
    assert seen == []
    await clock.advance(10)
    assert seen == [("soon", 2), ("called", 3), ("late", 5)]
    await both


async def test_a_deadline_ends_only_what_is_late() -> None:
    clock = Virtual()

    async def wait(event: asyncio.Event) -> None:
        async with clock.timeout(5):
            await event.wait()

    never, soon = asyncio.Event(), asyncio.Event()
    late, early = asyncio.create_task(wait(never)), asyncio.create_task(wait(soon))
    await clock.advance(4)
    soon.set()
    await early
    await clock.advance(1)
    with pytest.raises(TimeoutError):
        await late
    assert not clock.waiting


async def test_waiting_for_something_skips_pauses() -> None:
    clock, done = Virtual(), list[int]()

    async def work() -> None:
        for number in range(3):
            await clock.sleep(1000)
            done.append(number)

    task = asyncio.create_task(work())
    await until(task.done, clock)
    assert (done, clock.now()) == ([0, 1, 2], 4000)


async def test_a_pause_ends_early_when_something_happens() -> None:
    clock, woken = Virtual(), asyncio.Event()
    late = asyncio.create_task(clock.pause(5, woken))
    await clock.advance(5)
    assert late.done()
    soon = asyncio.create_task(clock.pause(5, woken))
    await clock.advance(1)
    assert not soon.done()
    woken.set()
    await settle()
    assert soon.done()
    assert not woken.is_set()
    assert not clock.waiting


def test_in_the_loop_of_the_soak_no_wait_is_shorter_than_asked() -> None:
    loop, short = Loop(), list[float]()

    async def wait() -> None:
        for pause in (0.1, 0.7, 60.0) * 500:
            began = loop.time()
            with pytest.raises(TimeoutError):
                async with asyncio.timeout(pause):
                    await asyncio.Event().wait()
            if loop.time() - began < pause:
                short.append(pause)

    try:
        loop.run_until_complete(wait())
    finally:
        loop.close()
    assert not short
