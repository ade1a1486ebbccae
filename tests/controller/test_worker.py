"""Passes that end well, badly, and later."""

import asyncio

import pytest
from tests.clock import Virtual

from albatross.aws.session.errors import Denied
from albatross.controller.metrics import Metrics
from albatross.controller.queue import Queue
from albatross.controller.worker import Verdict, Worker
from albatross.errors import AlbatrossError


class Script:
    """Passes that end as told, in order; then well."""

    def __init__(self, *ends: Verdict | Exception) -> None:
        self.ends = list(ends)
        self.seen = 0
        self.done = asyncio.Event()

    async def reconcile(self, key: str) -> Verdict:
        self.seen += 1
        end = self.ends.pop(0) if self.ends else Verdict()
        if not self.ends:
            self.done.set()
        if isinstance(end, Exception):
            raise end
        return end


@pytest.fixture
def clock() -> Virtual:
    return Virtual()


@pytest.fixture
def queue(clock: Virtual) -> Queue[str]:
    return Queue(clock=clock)


async def worked(clock: Virtual, queue: Queue[str], script: Script) -> None:
    queue.add("a")
    task = asyncio.create_task(Worker("ingress", queue, script.reconcile, Metrics()).run())
    await clock.advance(1)
    assert script.done.is_set()
    await queue.calm()
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


@pytest.mark.parametrize("end", [Verdict(failed=True), AlbatrossError("aws is away"), LookupError("a fault of ours")])
async def test_a_pass_that_fails_is_tried_again(clock: Virtual, queue: Queue[str], end: Verdict | Exception) -> None:
    script = Script(end, end, Verdict())
    await worked(clock, queue, script)
    assert script.seen == 3


async def test_success_forgets_the_failures(clock: Virtual, queue: Queue[str]) -> None:
    await worked(clock, queue, Script(Verdict(failed=True), Verdict(after=60)))
    assert queue.failures("a") == 0
    assert not queue.idle  # it comes again in a minute


async def test_a_denied_pass_is_tried_again_within_half_a_minute(clock: Virtual, queue: Queue[str]) -> None:
    """Whoever corrects a policy sees it work at most 30 s later, however long it was denied before."""
    denied = Denied("elbv2", "CreateRule", "AccessDenied", "no")
    script = Script(*[denied] * 10, *[Verdict(failed=True, within=30, first=1)] * 90)
    queue.add("a")
    task = asyncio.create_task(Worker("ingress", queue, script.reconcile, Metrics()).run())
    await clock.advance(1200)
    before = script.seen
    await clock.advance(30)
    assert script.seen == before + 1
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
