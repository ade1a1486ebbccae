"""`python -m albatross_sandbox.envoy --config FILE`: the data plane as a child of a sandbox world."""

import argparse
import asyncio
import json
import logging
import os
import signal
import sys
import threading
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from albatross_sandbox.dns.answer import World, plain
from albatross_sandbox.dns.serve import ADDRESS, Server
from albatross_sandbox.envoy import status
from albatross_sandbox.envoy.account import Account
from albatross_sandbox.envoy.address import Ledger
from albatross_sandbox.envoy.loop import Loop
from albatross_sandbox.envoy.process import Envoy
from albatross_sandbox.envoy.zone import addresses


@dataclass(frozen=True, slots=True)
class Settings:
    """The config file: keys state, aws_endpoint, region, cidr, vpc_id, port."""

    state: str
    aws_endpoint: str
    region: str = "ap-northeast-2"
    cidr: str = "127.2.0.0/16"
    vpc_id: str = ""
    port: int = 0

    @classmethod
    def load(cls, path: Path) -> "Settings":
        """The settings in a file; keys of other parts are ignored."""
        raw: dict[str, Any] = json.loads(path.read_text("utf-8"))
        return cls(**{key: raw[key] for key in cls.__slots__ if key in raw})


async def main(settings: Settings, stop: asyncio.Event) -> None:
    """Run until `stop`; prints the ready line once what is there is served."""
    folder = Path(settings.state).resolve() / "envoy"
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    envoy = Envoy(folder)
    async with Account(settings.aws_endpoint, settings.region) as account:
        loop = Loop(account, envoy, Ledger(settings.cidr, folder / "addresses.json"))
        names = Server(await _look(account, loop, settings.vpc_id))
        try:
            await envoy.start()
            await loop.first()
            await _listen(names, folder / "dns.port")
            runner, url = await status.serve(lambda: loop.view, settings.port)
            ready = {"ready": True, "status_url": url, "dns": f"{ADDRESS}:{names.port}", "envoy_pid": envoy.pid}
            print(json.dumps(ready), flush=True)
            following = asyncio.create_task(loop.run())
            ended = asyncio.create_task(stop.wait())
            await asyncio.wait({following, ended}, return_when=asyncio.FIRST_COMPLETED)
            for task in (following, ended):
                task.cancel()
            await runner.cleanup()
            with suppress(asyncio.CancelledError):
                await following
        finally:
            await names.close()
            await envoy.stop()


async def _look(account: Account, loop: Loop, vpc_id: str) -> Callable[[], Awaitable[World]]:
    """What names are answered from: the account's zones, and the load balancers as they are served now."""
    zones = await account.zones(vpc_id)

    async def look() -> World:
        view = loop.view
        return World(
            await zones.read(),
            {plain(each.dns_name): addresses(each, view.state, view.places[each.arn]) for each in view.state.load_balancers},
        )

    return look


async def _listen(names: Server, file: Path) -> None:
    """Listen where it listened before, so that a world keeps its resolver when this process is started again."""
    await names.open(int(file.read_text("utf-8")) if file.exists() else 0)
    file.write_text(str(names.port), "utf-8")


def _until_closed(loop: asyncio.AbstractEventLoop, stop: asyncio.Event) -> None:
    """The supervisor holds our standard input: its end is ours."""
    with suppress(OSError):
        while os.read(0, 4096):
            pass
    with suppress(RuntimeError):  # the loop has ended before
        loop.call_soon_threadsafe(stop.set)


async def _run(settings: Settings) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    threading.Thread(target=_until_closed, args=(loop, stop), daemon=True).start()
    await main(settings, stop)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m albatross_sandbox.envoy", description=__doc__)
    parser.add_argument("--config", type=Path, required=True)
    logging.basicConfig(stream=sys.stderr, level=logging.INFO, format="envoy: %(message)s")
    asyncio.run(_run(Settings.load(parser.parse_args().config)))
