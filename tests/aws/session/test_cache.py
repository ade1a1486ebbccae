"""Answers remembered on a clock of our own."""

import asyncio

import pytest
from tests.clock import Virtual

from albatross.aws.session.cache import TimedCache


class Source:
    """Counts how often it is asked."""

    def __init__(self) -> None:
        self.clock = Virtual()
        self.asked = 0
        self.gate = asyncio.Event()
        self.gate.set()
        self.cache = TimedCache(self.clock)

    async def ask(self) -> int:
        self.asked += 1
        await self.gate.wait()
        return self.asked

    async def get(self, seconds: float = 10) -> int:
        return await self.cache.get("key", seconds, self.ask)


async def test_an_answer_lives_its_time() -> None:
    source = Source()
    assert await source.get() == await source.get() == 1
    await source.clock.advance(9.9)
    assert await source.get() == 1
    await source.clock.advance(0.1)
    assert await source.get() == 2
    assert await source.get(seconds=0) == 3


async def test_those_who_ask_at_once_share_an_answer() -> None:
    source = Source()
    assert await asyncio.gather(*(source.get(seconds=0) for _ in range(5))) == [1] * 5


async def test_what_was_forgotten_meanwhile_is_not_kept() -> None:
    source = Source()
    source.gate.clear()
    asking = asyncio.ensure_future(source.get())
    await asyncio.sleep(0)
    source.cache.forget("key")
    source.gate.set()
    assert await asking == 1
    assert await source.get() == 2


async def test_a_write_is_remembered_until_all_is_cleared() -> None:
    source = Source()
    source.cache.put("key", 7)
    assert await source.get() == 7
    source.cache.clear()
    assert await source.get() == 1


async def test_an_error_is_not_kept() -> None:
    source = Source()

    async def fail() -> int:
        raise ValueError("no")

    for _ in range(2):
        with pytest.raises(ValueError, match="no"):
            await source.cache.get("key", 10, fail)
    assert await source.get() == 1


async def test_a_cancelled_asker_does_not_take_others_down() -> None:
    source = Source()
    source.gate.clear()
    first, second = asyncio.ensure_future(source.get()), asyncio.ensure_future(source.get())
    await asyncio.sleep(0)
    first.cancel()
    source.gate.set()
    assert await second == 1
    with pytest.raises(asyncio.CancelledError):
        await first


async def test_closed_it_asks_no_more() -> None:
    source = Source()
    source.gate.clear()
    asking = asyncio.ensure_future(source.get())
    await asyncio.sleep(0)
    source.cache.close()
    with pytest.raises(asyncio.CancelledError):
        await asking


async def test_what_is_too_old_takes_no_memory() -> None:
    clock = Virtual()
    cache = TimedCache(clock)
    for number in range(1000):
        await cache.get(("instance", number), 10, answer)
    assert len(cache) == 1000
    await clock.advance(10)
    await cache.get("new", 10, answer)
    assert len(cache) == 1


async def test_there_are_never_too_many_and_the_one_unread_for_longest_goes() -> None:
    cache = TimedCache(Virtual(), most=3)
    for number in range(3):
        cache.put(number, number)
    await cache.get(0, 10, answer)
    cache.put(3, 3)
    assert len(cache) == 3
    assert [await cache.get(number, 10, answer) for number in (0, 2, 3)] == [0, 2, 3]
    assert await cache.get(1, 10, answer) == -1


async def test_a_value_without_end_stays() -> None:
    clock = Virtual()
    cache = TimedCache(clock)
    cache.put("zones", 7, float("inf"))
    await clock.advance(1e9)
    assert await cache.get("zones", float("inf"), answer) == 7


async def answer() -> int:
    return -1
