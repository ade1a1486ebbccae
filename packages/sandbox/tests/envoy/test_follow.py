"""The loop when things go wrong."""

import asyncio
import os
import signal
from collections.abc import Callable
from pathlib import Path

import aiohttp
import pytest
from packages.sandbox.tests.envoy.conftest import Account

from albatross_sandbox.envoy import config
from albatross_sandbox.envoy.address import Ledger
from albatross_sandbox.envoy.loop import Loop
from albatross_sandbox.envoy.process import Envoy


async def until(met: Callable[[], bool]) -> None:
    """Wait for something that is to come about within five seconds."""
    deadline = asyncio.get_running_loop().time() + 5
    while not met():
        assert asyncio.get_running_loop().time() < deadline
        await asyncio.sleep(0.01)


async def test_envoy_is_started_again(account: Account, tmp_path: Path) -> None:
    envoy = Envoy(tmp_path)
    await envoy.start()
    loop = Loop(account, envoy, Ledger("127.9.0.0/16", tmp_path / "a.json"))
    await loop.first()
    first = envoy.pid
    assert first is not None
    following = asyncio.create_task(loop.run())
    os.kill(first, signal.SIGKILL)
    await until(lambda: envoy.pid not in (None, first))
    following.cancel()
    await envoy.stop()
    assert not envoy.running


async def test_an_account_that_is_away_is_waited_for(account: Account, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    envoy = Envoy(tmp_path)
    await envoy.start()
    loop = Loop(account, envoy, Ledger("127.9.0.0/16", tmp_path / "a.json"))
    await loop.first()

    async def away(_: int) -> list[object]:
        raise aiohttp.ClientConnectionError

    monkeypatch.setattr(account, "journal", away)
    following = asyncio.create_task(loop.run())
    await until(lambda: loop.view.error is not None)
    monkeypatch.undo()
    account.balancer()
    await until(lambda: loop.view.error is None and len(loop.view.places) == 1)
    following.cancel()
    await envoy.stop()


async def test_what_envoy_refuses_is_told(tmp_path: Path) -> None:
    envoy = Envoy(tmp_path)
    await envoy.start()
    envoy.write({config.CLUSTERS: config.response([{"@type": "type.googleapis.com/envoy.config.cluster.v3.Cluster", "name": ""}])})
    await envoy.settle()
    assert list(envoy.refused) == [config.CLUSTERS]
    envoy.write({config.CLUSTERS: config.response([])})
    await envoy.settle()
    assert not envoy.refused
    await envoy.stop()


def test_files_with_keys_are_ours_alone(tmp_path: Path) -> None:
    Envoy(tmp_path).write({config.LISTENERS: config.response([])})
    assert (tmp_path / config.LISTENERS).stat().st_mode & 0o077 == 0
