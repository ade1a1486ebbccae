"""Controllers as real processes: one stopped for a minute while its plan waits, and others killed in the middle of their work."""

import asyncio
import os
import signal
from collections.abc import Awaitable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from soak import real, runs
from soak.conftest import TABLE
from soak.real import Hall
from tests.flows.bed import Bed, Controller, until

pytestmark = pytest.mark.timeout(1800)

STOPPED, KILLED = "a process: SIGSTOP for a minute while its plan waits", "a process: kill -9"
LEAD_SECONDS, STOP_SECONDS, WAKE_SECONDS = 20.0, 60.0, 15.0
CRASHES = (("create", 1), ("create", 4), ("create", 8), ("delete", 1), ("delete", 2), ("delete", 3))
"""What was under way, and after how many changes in the account the process is killed."""


@dataclass
class Street:
    """A hall, the loop in which it lives, and the states of undisturbed runs."""

    runner: asyncio.Runner
    hall: Hall
    known: dict[str, Any]


@pytest.fixture(scope="module")
def street(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Street]:
    with asyncio.Runner() as runner:
        context = real.hall(tmp_path_factory.mktemp("real"))
        found = Street(runner, runner.run(context.__aenter__()), {})
        try:
            found.known = runner.run(undisturbed(found.hall))
            yield found
        finally:
            runner.run(context.__aexit__(None, None, None))


async def undisturbed(hall: Hall) -> dict[str, Any]:
    """The states after creating, editing and deleting an Ingress."""
    bed, found = await hall.space(hall.start()), {}
    for step, to in (("create", "web"), ("edit", "api")):
        await bed.apply(real.routes(to))
        await bed.address()
        await bed.quiet(5)
        found[step] = await asyncio.to_thread(real.state, bed)
    await bed.kubectl("delete", "ingress", "app")
    await bed.quiet(5)
    found["delete"] = await asyncio.to_thread(real.state, bed)
    await hall.clear()
    return found


async def cleared(street: Street, case: Awaitable[runs.Row]) -> runs.Row:
    """A case, after which no process of it is left."""
    try:
        return await case
    finally:
        await street.hall.clear()


def test_a_leader_that_is_stopped_for_a_minute_writes_nothing_more(street: Street) -> None:
    TABLE.add([street.runner.run(cleared(street, stopped(street)))])
    assert not TABLE.failed(STOPPED)


async def stopped(street: Street) -> runs.Row:
    hall, loop = street.hall, asyncio.get_running_loop()
    first = hall.start(real.SLOW)
    await real.leads(first)
    second = hall.start()
    bed = await hall.space(first)
    await bed.apply(real.routes("web"))
    await real.same(bed, street.known["create"])
    bed.remember()
    await bed.apply(real.routes("api"))
    await until(lambda: _changing(bed, first), "its first change of a rule", real.SECONDS)
    assert first.process is not None
    os.kill(first.process.pid, signal.SIGSTOP)
    since = loop.time()
    await asyncio.sleep(2)  # the account answers what it had sent before
    before = real.sent(bed, first)
    assert before.count("ModifyRule") < real.PATHS, "nothing waits any more"
    await real.leads(second)
    led = loop.time() - since
    assert led <= LEAD_SECONDS
    taken = led + await real.same(bed, street.known["edit"])
    await asyncio.sleep(max(0.0, STOP_SECONDS - (loop.time() - since)))
    os.kill(first.process.pid, signal.SIGCONT)
    await asyncio.sleep(WAKE_SECONDS)
    late = real.sent(bed, first)[len(before) :]
    ended = first.process.poll()
    lacking = runs.difference(street.known["edit"], await asyncio.to_thread(real.state, bed))
    told = (*(f"{each} after it woke" for each in late), *(() if ended else ("it did not end",)))
    return runs.Row(STOPPED, f"standby led after {led:.0f} s", "edit", None if lacking else taken, told=told, difference=tuple(lacking))


@pytest.mark.parametrize(("step", "number"), CRASHES)
def test_a_process_that_is_killed_leaves_nothing_undone(street: Street, step: str, number: int) -> None:
    TABLE.add([street.runner.run(cleared(street, killed(street, step, number)))])
    assert not TABLE.failed(KILLED)


async def killed(street: Street, step: str, number: int) -> runs.Row:
    hall, loop = street.hall, asyncio.get_running_loop()
    first = hall.start()
    await real.leads(first)
    bed = await hall.space(first)
    if step == "delete":
        await bed.apply(real.routes("web"))
        await real.same(bed, street.known["create"])
        bed.remember()
    bed.call("latency", {"seconds": 0.3})
    await (bed.kubectl("delete", "ingress", "app", "--wait=false") if step == "delete" else bed.apply(real.routes("web")))
    await real.began(bed, number)
    first.stop(signal.SIGKILL)
    since = loop.time()
    bed.call("latency", {"seconds": 0})
    hall.running.remove(first)
    hall.start()
    await real.same(bed, street.known[step])
    if step == "delete":
        await until(lambda: _released(bed), "the Ingress is gone")
    return runs.Row(KILLED, f"{step}, change {number}", step, loop.time() - since)


async def _changing(bed: Bed, controller: Controller) -> bool:
    return "ModifyRule" in real.sent(bed, controller)


async def _released(bed: Bed) -> bool:
    return not await bed.get("Ingress", "app")
