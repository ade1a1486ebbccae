"""Bearer tokens: constant, from a file that is rotated, or from an exec credential plugin."""

import asyncio
import json
import os
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Protocol

from albatross.clock import Clock
from albatross.kube.errors import Unconfigured

# kubelet rotates a projected token at 80 % of its lifetime, which is at least an hour; client-go also reads it once a minute.
REREAD_SECONDS = 60
# client.authentication.k8s.io plugins may log in through the network; `aws eks get-token` needs a second or two.
PLUGIN_SECONDS = 30
EARLY_SECONDS = 60
API = "client.authentication.k8s.io"


class Token(Protocol):
    """A source of a bearer token; if the token is empty, none is sent."""

    async def get(self, fresh: bool = False) -> str:
        """The token; `fresh` if the server refused the last one."""


@dataclass(frozen=True)
class StaticToken:
    """A token that never changes."""

    value: str = field(default="", repr=False)

    async def get(self, fresh: bool = False) -> str:
        """The token."""
        return self.value


@dataclass
class FileToken:
    """A token in a file that is rotated."""

    path: str
    clock: Clock = field(default_factory=Clock, repr=False, compare=False)
    _value: str = field(default="", repr=False)
    _read_at: float = float("-inf")

    async def get(self, fresh: bool = False) -> str:
        """The token, read again after one minute; `Unconfigured` if the file can't be read and there is no previous token."""
        if fresh or self.clock.now() - self._read_at > REREAD_SECONDS:
            try:
                self._value = Path(self.path).read_text().strip()
                self._read_at = self.clock.now()
            except OSError as error:
                if not self._value:
                    raise Unconfigured(f"the token file {self.path} cannot be read: {error.strerror}") from error
        return self._value


@dataclass(frozen=True)
class Plugin:
    """`users[].user.exec` of a kubeconfig."""

    command: tuple[str, ...]
    env: tuple[tuple[str, str], ...] = field(default=(), repr=False)
    api_version: str = f"{API}/v1"
    hint: str = ""


@dataclass
class ExecToken:
    """A token from an exec credential plugin (`aws eks get-token`), requested again one minute before it expires."""

    plugin: Plugin
    clock: Clock = field(default_factory=Clock, repr=False, compare=False)
    _value: str = field(default="", repr=False)
    _expires: float = float("inf")
    _lock: asyncio.Lock = field(default_factory=asyncio.Lock, repr=False)

    async def get(self, fresh: bool = False) -> str:
        """The token; `Unconfigured` if the plugin can't run or returns none."""
        known = self._value
        async with self._lock:
            # Another task may have renewed the token while this one waited for the lock.
            stale = self.clock.utc().timestamp() > self._expires - EARLY_SECONDS
            if not self._value or stale or (fresh and self._value == known):
                self._value, self._expires = await self._run()
            return self._value

    async def _run(self) -> tuple[str, float]:
        info = {"apiVersion": self.plugin.api_version, "kind": "ExecCredential", "spec": {"interactive": False}}
        environment = {**os.environ, **dict(self.plugin.env), "KUBERNETES_EXEC_INFO": json.dumps(info)}
        try:
            output = await self._output(environment)
            status = json.loads(output)["status"]
            token = status["token"]
            expiry = status.get("expirationTimestamp")
            return str(token), datetime.fromisoformat(expiry).timestamp() if expiry else float("inf")
        except FileNotFoundError as error:
            ways = (self.plugin.hint,) if self.plugin.hint else ()
            raise Unconfigured(f"the credential plugin {self.plugin.command[0]} is not installed", ways) from error
        except (ValueError, KeyError, TypeError, AttributeError):
            # From None: the output may contain the token.
            raise Unconfigured(f"the credential plugin {self.plugin.command[0]} printed no ExecCredential with a token") from None

    async def _output(self, environment: dict[str, str]) -> bytes:
        command = self.plugin.command
        process = await asyncio.create_subprocess_exec(
            *command, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE, env=environment
        )
        try:
            async with self.clock.timeout(PLUGIN_SECONDS):
                output, errors = await process.communicate()
        except TimeoutError:
            process.kill()
            await process.wait()
            raise Unconfigured(f"the credential plugin {command[0]} gave no answer within {PLUGIN_SECONDS} s") from None
        if process.returncode:
            said = errors.decode(errors="replace").strip().splitlines()
            raise Unconfigured(
                f"the credential plugin {command[0]} ended with {process.returncode}: {said[-1] if said else 'it said nothing'}"
            )
        return output
