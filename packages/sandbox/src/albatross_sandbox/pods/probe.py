"""Readiness, liveness and startup probes, asked as a kubelet asks them.

httpGet, tcpSocket and grpc (as a connection, no more) go to the pod's address; exec runs the command for pods that run
their own, and for echo servers gives what their health annotation says.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from typing import Any

import aiohttp

from albatross_sandbox.pods import process
from albatross_sandbox.pods.objects import Object, annotation, container_port

USER_AGENT = "kube-probe/1.37"


@dataclass(frozen=True, slots=True)
class Probe:
    """A probe with its defaults filled in; times in seconds."""

    action: Object
    delay: float
    period: float
    timeout: float
    successes: int
    failures: int


def read(container: Object, kind: str) -> Probe | None:
    """The container's `<kind>Probe`, if it has one."""
    spec: dict[str, Any] | None = container.get(f"{kind}Probe")
    if not spec:
        return None
    return Probe(
        spec,
        float(spec.get("initialDelaySeconds") or 0),
        float(spec.get("periodSeconds") or 10),
        float(spec.get("timeoutSeconds") or 1),
        int(spec.get("successThreshold") or 1),
        int(spec.get("failureThreshold") or 3),
    )


@dataclass(frozen=True, slots=True)
class Target:
    """Where the probes of one container go."""

    pod: Callable[[], Object]
    ip: str
    env: dict[str, str]
    session: aiohttp.ClientSession

    async def attempt(self, probe: Probe) -> str | None:
        """None when the probe succeeds, else why not."""
        try:
            async with asyncio.timeout(probe.timeout):
                return await self._action(probe)
        except TimeoutError:
            return f"no answer within {probe.timeout:g}s"
        except (OSError, aiohttp.ClientError, ValueError) as error:
            return str(error) or type(error).__name__

    def _action(self, probe: Probe) -> Awaitable[str | None]:
        action = probe.action
        if "httpGet" in action:
            return self._http(action["httpGet"])
        if "exec" in action:
            return self._exec(action["exec"].get("command") or [], probe.timeout)
        return self._connect((action.get("tcpSocket") or action.get("grpc") or {}).get("port", 0))

    async def _http(self, action: Object) -> str | None:
        scheme = str(action.get("scheme") or "HTTP").lower()
        headers = {"User-Agent": USER_AGENT, **{item["name"]: item["value"] for item in action.get("httpHeaders") or ()}}
        path = "/" + str(action.get("path") or "/").removeprefix("/")
        url = f"{scheme}://{action.get('host') or self.ip}:{self._port(action['port'])}{path}"
        async with self.session.get(url, headers=headers, ssl=False, allow_redirects=False) as answer:
            # https://kubernetes.io/docs/concepts/configuration/liveness-readiness-startup-probes/: 200 to 399 is success
            return None if 200 <= answer.status < 400 else f"HTTP probe failed with statuscode: {answer.status}"

    async def _connect(self, port: int | str) -> str | None:
        _, writer = await asyncio.open_connection(self.ip, self._port(port))
        writer.close()
        return None

    async def _exec(self, argv: list[str], timeout: float) -> str | None:
        if annotation(self.pod(), "command") is None:
            return "the pod is annotated unhealthy" if annotation(self.pod(), "health") == "fail" else None
        code = await process.run(argv, self.env, timeout)
        return None if code == 0 else f"command ended with {'a time-out' if code is None else code}"

    def _port(self, port: int | str) -> int:
        number = container_port(self.pod(), port)
        if number is None:
            raise ValueError(f"no container port is named {port!r}")
        return number

    async def verdicts(self, probe: Probe) -> AsyncIterator[tuple[bool, str]]:
        """(healthy, why not) each time a threshold of successes or failures is reached, for ever."""
        await asyncio.sleep(probe.delay)
        good = bad = 0
        while True:
            why = await self.attempt(probe)
            good, bad = (good + 1, 0) if why is None else (0, bad + 1)
            if good >= probe.successes:
                yield True, ""
            elif bad >= probe.failures:
                yield False, why or ""
            await asyncio.sleep(probe.period)
