"""A world's folder: where it is, who holds it, and what is written there."""

import contextlib
import fcntl
import json
import os
import shutil
import signal
import sys
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any

WORLDS = "worlds"
"""The folder of named worlds."""
FOLDERS = ("aws", "kube", "envoy", "pods", "kubectl")
FILES = (
    *(f"{part}.log" for part in ("supervisor", "aws", "kube", "envoy", "controller")),
    *(f"config/{part}.json" for part in ("aws", "kube", "envoy")),
    *("kubeconfig", "ca.crt", "ca.pem", "issuer.pem", "bundle.pem", "world.json", "world.new", "failure.txt"),
)
"""What a world makes in its folder, beside the lock. Nothing else there is touched: the folder may be one that the user had."""


class Trouble(Exception):
    """Something the user should read: one message, with what to do about it."""


def controllable() -> bool:
    """Whether Albatross, the controller, is installed."""
    return find_spec("albatross") is not None


def program() -> str:
    """The command that starts and stops worlds here: Albatross's own where it is installed; with its path if the shell does not find it."""
    name = "albatross" if controllable() else "albatross-sandbox"
    beside = Path(sys.executable).with_name(name)
    if beside.exists() and shutil.which(name) != str(beside):
        name = str(beside.relative_to(Path.cwd())) if beside.is_relative_to(Path.cwd()) else str(beside)
    return f"{name} sandbox" if controllable() else name


def folder(name: str = "", environment: Mapping[str, str] | None = None) -> Path:
    """The state folder of the default world, or of a named one."""
    env = os.environ if environment is None else environment
    if env.get("ALBATROSS_SANDBOX_DIR"):
        base = Path(env["ALBATROSS_SANDBOX_DIR"])
    else:
        home = env.get("XDG_STATE_HOME") or Path(env.get("HOME") or Path.home()) / ".local" / "state"
        base = Path(home) / "albatross" / "sandbox"
    return base / WORLDS / name if name else base


@dataclass(frozen=True, slots=True)
class State:
    """The files of one world."""

    path: Path

    @property
    def world(self) -> Path:
        """What runs there, as `albatross sandbox status --output json` prints it."""
        return self.path / "world.json"

    @property
    def failure(self) -> Path:
        """Why the last world here ended by itself."""
        return self.path / "failure.txt"

    def log(self, part: str) -> Path:
        """The log of one part."""
        return self.path / f"{part}.log"

    def read(self) -> dict[str, Any]:
        """world.json; empty when there is none, or when it is broken."""
        try:
            found = json.loads(self.world.read_bytes())
        except (OSError, ValueError):
            return {}
        return found if isinstance(found, dict) else {}

    def write(self, world: Mapping[str, Any]) -> None:
        """Replace world.json in one step."""
        draft = self.world.with_suffix(".new")
        draft.write_text(json.dumps(world, indent=2) + "\n")
        draft.replace(self.world)

    def holder(self) -> int | None:
        """The process id of the supervisor that holds this world, None when nobody does."""
        try:
            with (self.path / "lock").open("r+") as file:
                if _locked(file.fileno()):
                    return int(file.read() or 0)
        except FileNotFoundError:
            pass
        return None

    @contextlib.contextmanager
    def held(self) -> Iterator[None]:
        """Hold this world; raises Trouble when another process does."""
        self.path.mkdir(parents=True, exist_ok=True, mode=0o700)
        with (self.path / "lock").open("a+") as file:
            if not lock(file.fileno()):
                raise Trouble(f"a sandbox is running already in {self.path}")
            file.truncate(0)
            file.write(str(os.getpid()))
            file.flush()
            yield
            file.truncate(0)

    def clean(self) -> None:
        """Remove what a crashed world left: its parts, should one still run, and its description."""
        for pid, started in (self.read().get("processes") or {}).values():
            if started and started == birth(pid):
                with contextlib.suppress(ProcessLookupError, PermissionError):
                    os.kill(pid, signal.SIGKILL)
        self.world.unlink(missing_ok=True)
        self.failure.unlink(missing_ok=True)

    def remove(self) -> None:
        """Remove all that a world made here, and the folder if it holds nothing else; raises Trouble while one runs."""
        if not self.path.is_dir():
            return
        with self.held():
            for name in FOLDERS:
                shutil.rmtree(self.path / name, ignore_errors=True)
            for name in (*FILES, "lock"):
                (self.path / name).unlink(missing_ok=True)
        own = [each for each in self.path.parents if each.name in (WORLDS, "sandbox", "albatross")]
        for folder in (self.path / "config", self.path, *own):
            with contextlib.suppress(OSError):  # it is not empty, or was never made
                folder.rmdir()

    def fresh(self, parts: Iterable[str]) -> None:
        """Forget the logs of an earlier world here, and what its parts kept in folders of their own name."""
        for file in self.path.glob("*.log"):
            if file.stem != "supervisor":
                file.unlink()
        for part in parts:
            shutil.rmtree(self.path / part, ignore_errors=True)


def lock(descriptor: int) -> bool:
    """Take the lock of an open file for as long as this process keeps it open; False when another has it."""
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _locked(descriptor: int) -> bool:
    if not lock(descriptor):
        return True
    fcntl.flock(descriptor, fcntl.LOCK_UN)
    return False


def alive(pid: int) -> bool:
    """Whether a process of that id runs (a zombie does not)."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return _stat(pid)[:1] != ["Z"]


def birth(pid: int) -> str:
    """When a process began, in ticks since boot: with its id this names it for good; empty where it cannot be known."""
    fields = _stat(pid)
    return fields[19] if len(fields) > 19 else ""


def _stat(pid: int) -> list[str]:
    """The fields of /proc/<pid>/stat from the third on (proc(5)); empty elsewhere than on Linux."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return []
