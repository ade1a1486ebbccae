import asyncio

import pytest
from tests.clock import Virtual, settle

from albatross.controller.queue import BURST, RATE, Queue


async def drained(queue: Queue[str], count: int) -> list[str]:
    found = []
    for _ in range(count):
        key = await queue.get()
        queue.done(key)
        found.append(key)
    return found


async def test_a_key_waits_once() -> None:
    queue: Queue[str] = Queue()
    for key in ("a", "b", "a"):
        queue.add(key)
    assert len(queue) == 2
    assert await drained(queue, 2) == ["a", "b"]
    assert queue.idle


async def test_a_key_is_never_worked_on_twice_at_a_time() -> None:
    queue: Queue[str] = Queue()
    queue.add("a")
    key = await queue.get()
    queue.add("a")
    queue.add("a")
    again = asyncio.create_task(queue.get())
    await settle()
    assert not again.done()
    assert queue.busy == {"a"}
    queue.done(key)
    assert await again == "a"
    queue.done("a")
    assert queue.idle


async def test_urgent_keys_go_first_and_may_become_so() -> None:
    queue: Queue[str] = Queue()
    for key in ("a", "b", "c"):
        queue.add(key, urgent=False)
    queue.add("c")
    queue.add("d")
    queue.add("d", urgent=False)
    assert await drained(queue, 4) == ["c", "d", "a", "b"]
    assert queue.idle


async def test_later_is_later_and_the_earliest_counts() -> None:
    clock = Virtual()
    queue: Queue[str] = Queue(clock=clock)
    queue.later("slow", 60)
    queue.later("slow", 20)
    queue.later("slow", 30)
    queue.later("now", 0)
    assert await drained(queue, 1) == ["now"]
    waiter = asyncio.create_task(queue.get())
    await clock.advance(19.9)
    assert not waiter.done()
    await clock.advance(0.1)
    assert await waiter == "slow"
    queue.done("slow")
    await clock.advance(60)
    assert queue.idle


async def test_a_waiter_wakes_for_what_comes_later() -> None:
    clock = Virtual()
    queue: Queue[str] = Queue(clock=clock)
    waiter = asyncio.create_task(queue.get())
    await settle()
    queue.later("a", 0.01)
    await clock.advance(0.01)
    assert await waiter == "a"


async def test_a_closed_queue_gives_out_nothing_and_calms_down() -> None:
    queue: Queue[str] = Queue()
    queue.add("a")
    queue.add("b")
    key = await queue.get()
    queue.close()
    calm = asyncio.create_task(queue.calm())
    waiter = asyncio.create_task(queue.get())
    await settle()
    assert not waiter.done()
    assert not calm.done()
    queue.done(key)
    await calm
    waiter.cancel()


async def test_retries_back_off_and_success_forgets() -> None:
    queue: Queue[str] = Queue()
    assert [queue.retry("a") for _ in range(4)] == [0.005, 0.01, 0.02, 0.04]
    assert queue.failures("a") == 4
    for _ in range(30):
        last = queue.retry("a")
    assert last == 1000
    queue.forget("a")
    assert queue.retry("a") == 0.005
    assert queue.retry("b", at_least=7) == 7


async def test_retries_of_all_keys_share_a_rate() -> None:
    clock = Virtual()
    queue: Queue[str] = Queue(clock=clock)
    delays = [queue.retry(str(number)) for number in range(BURST + 20)]
    assert delays[0] == 0.005
    assert delays[-1] == pytest.approx(20 / RATE)
    await clock.advance(60)
    assert queue.retry("later") == 0.005


async def test_one_key_wakes_one_worker() -> None:
    queue: Queue[str] = Queue()
    waiting = [asyncio.create_task(queue.get()) for _ in range(3)]
    await settle()
    queue.add("a")
    assert len(queue._idle) == 2
    assert await waiting[0] == "a"
    for each in waiting:
        each.cancel()


async def test_a_worker_that_ends_leaves_its_key_to_another() -> None:
    queue: Queue[str] = Queue()
    first, second = (asyncio.create_task(queue.get()) for _ in range(2))
    await settle()
    queue.add("a")
    first.cancel()  # it is woken already
    assert await second == "a"
    assert first.cancelled()


async def test_a_woken_worker_that_takes_another_key_wakes_the_next() -> None:
    """An urgent key comes while a worker wakes up for another one; a worker for urgent keys cannot take what is left."""
    queue: Queue[str] = Queue()
    common, other, urgent = (asyncio.create_task(queue.get(only)) for only in (False, False, True))
    await settle()
    queue.add("a", urgent=False)
    queue.add("b")
    await settle()
    assert {each.result() for each in (common, other)} == {"a", "b"}
    assert not urgent.done()
    urgent.cancel()


async def test_a_back_off_can_begin_later() -> None:
    queue: Queue[str] = Queue(clock=Virtual())
    assert [queue.retry("a", at_most=20, first=1) for _ in range(7)] == [1, 2, 4, 8, 16, 20, 20]
