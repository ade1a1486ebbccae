"""The supervisor over parts that do nothing."""

import asyncio
import dataclasses
import json
import os
import signal
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from albatross_sandbox.world import part
from albatross_sandbox.world.part import Part
from albatross_sandbox.world.state import State, Trouble, alive
from albatross_sandbox.world.supervisor import Supervisor

FAKE = str(Path(__file__).with_name("fakepart.py"))


def faked(item: Part, name: str = "") -> Part:
    return dataclasses.replace(item, argv=(sys.executable, "-S", FAKE, name or item.name))


PARTS = tuple(faked(item) for item in part.PARTS)


async def seed(kubeconfig: str) -> None:
    assert kubeconfig == "/nowhere"


async def until(holds: Callable[[], bool], within: float = 10) -> None:
    async with asyncio.timeout(within):
        while not holds():  # noqa: ASYNC110 - what is waited for is another process
            await asyncio.sleep(0.01)


def parts(state: State) -> list[int]:
    return [pid for name, pid in state.read()["pids"].items() if name != "supervisor"]


@asynccontextmanager
async def kept(state: State) -> AsyncIterator[tuple[list[dict[str, Any]], asyncio.Task[None], Supervisor]]:
    supervisor = Supervisor(state, with_controller=False, parts=PARTS, seed=seed)
    lines: list[dict[str, Any]] = []
    task = asyncio.create_task(supervisor.run(lines.append))
    await until(lambda: bool(lines and "ready" in lines[-1]) or task.done())
    try:
        yield lines, task, supervisor
    finally:
        supervisor.stop.set()
        await asyncio.gather(task, return_exceptions=True)


async def test_tells_each_step_and_then_the_world(tmp_path: Path) -> None:
    async with kept(State(tmp_path)) as (lines, _, _):
        steps = [line.get("step", "ready") for line in lines]
        assert (steps[0], set(steps[1:3]), steps[3]) == ("aws", {"kube", "envoy"}, "ready")
        world = json.loads((tmp_path / "world.json").read_text())
        assert world["server"] == "https://127.0.0.1:2"
        assert world["cidr"].startswith("127.")
        assert all(alive(pid) for pid in world["pids"].values())


async def test_gives_a_part_what_earlier_ones_told(tmp_path: Path) -> None:
    async with kept(State(tmp_path)):
        config = json.loads((tmp_path / "config" / "kube.json").read_text())
        assert config["nodes"] == [{"name": "node-0"}]
        assert config["aws_endpoint"] == "http://127.0.0.1:1"


async def test_ends_every_part_and_forgets_the_world(tmp_path: Path) -> None:
    state = State(tmp_path)
    async with kept(state):
        pids = parts(state)
    assert not any(alive(pid) for pid in pids)
    assert not state.world.exists()
    assert state.holder() is None


async def test_refuses_a_second_world_in_one_folder(tmp_path: Path) -> None:
    async with kept(State(tmp_path)):
        with pytest.raises(Trouble, match="running already"):
            await Supervisor(State(tmp_path), with_controller=False, parts=PARTS, seed=seed).run(lambda line: None)


async def test_two_worlds_have_two_networks(tmp_path: Path) -> None:
    async with kept(State(tmp_path / "a")), kept(State(tmp_path / "b")):
        assert State(tmp_path / "a").read()["cidr"] != State(tmp_path / "b").read()["cidr"]


async def test_ends_when_a_part_that_holds_state_dies(tmp_path: Path) -> None:
    state = State(tmp_path)
    async with kept(state) as (_, task, _):
        pids = state.read()["pids"]
        os.kill(pids["aws"], signal.SIGKILL)
        with pytest.raises(Trouble, match="aws ended with -9"):
            await task
    assert not any(alive(pid) for name, pid in pids.items() if name != "supervisor")
    assert "aws.log" in state.failure.read_text()


@pytest.mark.parametrize(("name", "port"), [("envoy", 3), ("kube", 2)])
async def test_starts_a_part_again_when_it_dies(tmp_path: Path, name: str, port: int) -> None:
    state = State(tmp_path)
    async with kept(state):
        before = state.read()["pids"]
        os.kill(before[name], signal.SIGKILL)
        await until(lambda: state.read()["pids"][name] != before[name])
        assert json.loads((tmp_path / "config" / f"{name}.json").read_text())["port"] == port
        assert state.read()["pids"]["aws"] == before["aws"]


async def test_shows_the_log_of_a_part_that_does_not_start(tmp_path: Path) -> None:
    chosen = (PARTS[0], faked(PARTS[1], "broken"))
    with pytest.raises(Trouble, match="the reason why"):
        await Supervisor(State(tmp_path), with_controller=False, parts=chosen, seed=seed).run(lambda line: None)


async def test_a_stop_while_it_starts_is_no_failure(tmp_path: Path) -> None:
    state = State(tmp_path)
    supervisor = Supervisor(state, with_controller=False, parts=(faked(PARTS[0], "silent"),), seed=seed)
    task = asyncio.create_task(supervisor.run(lambda line: None))
    await until(lambda: "begins" in (state.log("aws").read_text() if state.log("aws").exists() else ""))
    supervisor.stop.set()
    await task
    assert not state.failure.exists()
    assert state.holder() is None


async def test_parts_end_with_a_killed_supervisor(tmp_path: Path) -> None:
    script = f"""
import asyncio, sys
sys.path.insert(0, {str(Path(__file__).parent)!r})
from test_supervisor import *
asyncio.run(Supervisor(State(Path({str(tmp_path)!r})), with_controller=False, parts=PARTS, seed=seed).run(lambda line: None))
"""
    process = await asyncio.create_subprocess_exec(sys.executable, "-c", script)
    state = State(tmp_path)
    await until(lambda: bool(state.read()))
    pids = state.read()["pids"].values()
    process.kill()
    await process.wait()
    await until(lambda: not any(alive(pid) for pid in pids))
    assert state.holder() is None
