"""Worlds from outside: start one, stop one, ask how it is."""

import asyncio
import contextlib
import json
import os
import signal
import tempfile
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from albatross_sandbox import module
from albatross_sandbox.world import part
from albatross_sandbox.world.state import State, Trouble, alive, controllable, program

# Seconds for a world to end by itself; its parts get eight each, the controller before the others.
GRACE = 20.0

Progress = Callable[[str, str], None]
"""Called with the name of a part and what it is, when the part is ready."""


def _silent(step: str, text: str) -> None:
    """Progress for nobody."""


@dataclass(frozen=True, slots=True)
class Options:
    """How a world is to be started. `images` are those that its pods can really run, as `pods.image` describes."""

    state: Path
    controller: bool = True
    images: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class World:
    """A running world; `dns` is the address and port of its resolver; `details` is all of world.json."""

    state: Path
    kubeconfig: str
    server: str
    aws_endpoint: str
    region: str
    cluster_name: str
    vpc_id: str
    cidr: str
    domain: str
    envoy_status: str
    dns: str
    pids: dict[str, int]
    details: dict[str, Any] = field(repr=False)

    def environment(self) -> dict[str, str]:
        """The variables that point kubectl, boto3 and the AWS CLI at this world."""
        aws = {"endpoint": self.aws_endpoint, "metadata": self.details.get("metadata")}
        facts = {"region": self.region, "aws": aws, "envoy": {"dns": self.dns}}
        return {"KUBECONFIG": self.kubeconfig, **part.environment(facts)}


def described(details: dict[str, Any]) -> World:
    """The world that a world.json describes."""
    names = ("kubeconfig", "server", "aws_endpoint", "region", "cluster_name", "vpc_id", "cidr", "domain", "envoy_status", "dns")
    texts = {name: str(details.get(name) or "") for name in names}
    return World(state=Path(details["state"]), pids=dict(details["pids"]), details=details, **texts)


async def up(options: Options, progress: Progress = _silent) -> World:
    """Start a world in the background and return when it is ready; raises Trouble."""
    if State(options.state).holder() is not None:
        raise Trouble(f"a sandbox is running already; `{program()} status` describes it, `{program()} down` stops it")
    process = await _spawn(options, attached=False)
    assert process.stdin is not None
    assert process.stdout is not None
    try:
        return await _ready(process, options, progress)
    except Trouble:
        raise
    except BaseException:
        process.stdin.close()
        await _released(State(options.state), GRACE)
        raise
    finally:
        process.stdin.close()
        await process.stdout.read()  # to its end: nothing of the process may be left open when the loop closes
        await process.wait()


@contextlib.asynccontextmanager
async def running(
    state: Path | None = None,
    *,
    controller: bool = False,
    progress: Progress = lambda step, text: None,
    images: Mapping[str, Any] | None = None,
) -> AsyncIterator[World]:
    """A world that lives as long as the context, in a private folder unless `state` is given; raises Trouble."""
    with contextlib.ExitStack() as stack:
        place = state or Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="albatross-", ignore_cleanup_errors=True)))
        options = Options(place, controller, images or {})
        process = await _spawn(options, attached=True)
        try:
            yield await _ready(process, options, progress)
        finally:
            await _end(process)


async def down(state: Path) -> bool:
    """Stop the world of a folder and remove its files; False when none ran, in which case what a crashed one left is removed."""
    files = State(state)
    pid = files.holder()
    if pid is None:
        files.clean()
        files.remove()
        return False
    os.kill(pid, signal.SIGTERM)
    if not await _released(files, GRACE):
        os.kill(pid, signal.SIGKILL)
        await _released(files, GRACE)
        files.clean()
    files.remove()
    return True


async def _released(files: State, within: float) -> bool:
    deadline = asyncio.get_running_loop().time() + within
    while files.holder() is not None:
        if asyncio.get_running_loop().time() > deadline:
            return False
        await asyncio.sleep(0.05)
    return True


async def status(state: Path) -> dict[str, Any]:
    """world.json with `running`, `parts` (name → whether it lives) and `load_balancers` as Envoy's part tells them.

    Without a world: `running` false, and `failure` when the last one ended by itself.
    """
    files = State(state)
    details = files.read()
    if files.holder() is None or not details:
        failure = files.failure.read_text().strip() if files.failure.exists() else None
        if failure is None and details:
            failure = "the last sandbox here was killed"
        return {"running": False, "state": str(state), **({"failure": failure} if failure else {})}
    parts = {name: alive(pid) for name, pid in details["pids"].items() if name != "supervisor"}
    shown = {key: value for key, value in details.items() if key != "processes"}
    return {**shown, "running": True, "parts": parts, "load_balancers": await _load_balancers(details.get("envoy_status"))}


async def _load_balancers(url: str | None) -> list[Any]:
    if not url:
        return []
    import aiohttp  # a quarter of a second: `kubeconfig` and `down` need not wait for it

    try:
        timeout = aiohttp.ClientTimeout(total=2)
        async with aiohttp.ClientSession(timeout=timeout) as session, session.get(url) as answer:
            found = await answer.json(content_type=None)
    except (OSError, aiohttp.ClientError, TimeoutError, ValueError):
        return []
    return list(found.get("load_balancers") or []) if isinstance(found, dict) else []


async def balancers(world: World) -> list[dict[str, Any]]:
    """The load balancers of a world, as its data plane tells them."""
    return await _load_balancers(world.envoy_status)


def current(state: Path) -> World:
    """The world that runs in a folder; raises Trouble when none runs."""
    files = State(state)
    if files.holder() is None or not (details := files.read()):
        raise Trouble(f"no sandbox is running; `{program()} up` starts one")
    return described(details)


async def _spawn(options: Options, *, attached: bool) -> asyncio.subprocess.Process:
    if options.controller and not controllable():
        raise Trouble("the controller is not installed: pip install albatross-controller, or leave it out with --no-controller")
    options.state.mkdir(parents=True, exist_ok=True, mode=0o700)
    argv = [*module.argv("albatross_sandbox.world"), "--state", str(options.state.resolve())]
    argv += ["--attached"] if attached else []
    argv += [] if options.controller else ["--no-controller"]
    argv += ["--images", json.dumps(dict(options.images))] if options.images else []
    with State(options.state).log("supervisor").open("ab") as log:
        return await asyncio.create_subprocess_exec(
            *argv,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=log,
            start_new_session=True,
            limit=2**24,
        )


async def _ready(process: asyncio.subprocess.Process, options: Options, progress: Progress) -> World:
    assert process.stdout is not None
    while raw := await process.stdout.readline():
        line = json.loads(raw)
        if "step" in line:
            progress(line["step"], line["text"])
        elif line.get("ready"):
            return described(line)
        elif "error" in line:
            raise Trouble(line["error"])
    raise Trouble(f"the supervisor ended before the sandbox was ready; its log is {State(options.state).log('supervisor')}")


async def _end(process: asyncio.subprocess.Process) -> None:
    """Stop a supervisor that is ours."""
    if process.returncode is None:
        process.terminate()
    if process.stdin is not None:
        process.stdin.close()
    try:
        await asyncio.wait_for(process.wait(), GRACE)
    except TimeoutError:
        process.kill()
        await process.wait()
