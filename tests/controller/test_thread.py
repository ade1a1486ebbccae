"""The thread that decides."""

import asyncio
import threading
from collections.abc import Iterator

import pytest
from tests.clock import settle

from albatross.aws.session.turn import NORMAL, URGENT, taking
from albatross.controller.thread import Thread


class Slow:
    """A thread whose first decision ends when the test says so."""

    def __init__(self) -> None:
        self.thread = Thread()
        self.go = threading.Event()
        self.order: list[str] = []

    async def decide(self, name: str, patience: float = NORMAL, first: bool = False) -> None:
        def work() -> None:
            if first:
                self.go.wait(10)
            self.order.append(name)

        with taking(name, patience):
            await self.thread.run(work)


@pytest.fixture
def slow() -> Iterator[Slow]:
    found = Slow()
    yield found
    found.go.set()
    found.thread.close()


async def test_an_edit_is_decided_before_builds_that_wait(slow: Slow) -> None:
    tasks = [asyncio.create_task(slow.decide("first", first=True))]
    await settle()
    tasks += [asyncio.create_task(slow.decide(name)) for name in ("build-1", "build-2")]
    await settle()
    tasks.append(asyncio.create_task(slow.decide("edit", URGENT)))
    await settle()
    slow.go.set()
    await asyncio.gather(*tasks)
    assert slow.order == ["first", "edit", "build-1", "build-2"]


async def test_who_gives_up_does_not_stop_the_others(slow: Slow) -> None:
    first = asyncio.create_task(slow.decide("first", first=True))
    await settle()
    waiting = [asyncio.create_task(slow.decide(name)) for name in ("gone", "next", "last")]
    await settle()
    waiting[0].cancel()
    await settle()
    slow.go.set()
    await asyncio.gather(first, *waiting[1:])
    assert slow.order == ["first", "next", "last"]


async def test_a_turn_that_is_given_to_a_task_that_ends_goes_on(slow: Slow) -> None:
    first = asyncio.create_task(slow.decide("first", first=True))
    await settle()
    gone, last = (asyncio.create_task(slow.decide(name)) for name in ("gone", "last"))
    await settle()
    slow.go.set()
    first.add_done_callback(lambda _: gone.cancel())
    await asyncio.gather(first, last)
    assert slow.order[-1] == "last"


async def test_an_error_of_a_decision_is_that_of_its_task(slow: Slow) -> None:
    with pytest.raises(ZeroDivisionError):
        await slow.thread.run(lambda: 1 / 0)
    assert await slow.thread.run(lambda: 1) == 1
