"""One container of a running pod: what it runs, its probes, its restarts and its status."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

import orjson

from albatross_sandbox.pods import probe as probes
from albatross_sandbox.pods.datagram import Datagrams
from albatross_sandbox.pods.echo import Echo
from albatross_sandbox.pods.forward import Forward
from albatross_sandbox.pods.image import Images
from albatross_sandbox.pods.log import Log
from albatross_sandbox.pods.objects import Object, annotation, name, namespace, now, uid
from albatross_sandbox.pods.process import Process

# A first restart is at once, the next ones wait longer, as a kubelet's do (there 10 s to 5 min; shorter here, chosen).
BACKOFF = (0.0, 1.0, 2.0, 5.0, 10.0, 20.0, 40.0)


class Part(Protocol):
    """Something a container runs."""

    async def start(self) -> None:
        """Begin; raises OSError when it cannot."""

    async def stop(self, grace: float) -> None:
        """End within `grace` seconds."""


@dataclass(frozen=True, slots=True)
class Place:
    """What a container needs to know of its pod."""

    pod: Callable[[], Object]
    ip: str
    changed: Callable[[], None]
    event: Callable[[str, str, str], None]
    target: probes.Target
    images: Images


class Container:
    """Runs until told to stop, restarting as the pod's restartPolicy says."""

    def __init__(self, place: Place, spec: Object, log: Log, former: Object | None = None) -> None:
        """`former`: its status when the process that ran it ended, which ended it too."""
        self._place, self._spec, self._log = place, spec, log
        self._parts: list[Part] = []
        self._task: asyncio.Task[None] | None = None
        self._state: Object = {"waiting": {"reason": "ContainerCreating"}}
        self._last: Object = {}
        self._restarts = 0
        if former is not None and "running" in former["state"]:
            began = former["state"]["running"].get("startedAt") or now()
            self._last = {"terminated": {"exitCode": 137, "reason": "Error", "startedAt": began, "finishedAt": now()}}
            self._restarts = int(former["restartCount"]) + 1
        self._started = False
        self._ready = False

    @property
    def name(self) -> str:
        """The container's name."""
        return str(self._spec["name"])

    @property
    def exit_code(self) -> int | None:
        """Its exit code once it has ended for good."""
        return self._state["terminated"]["exitCode"] if "terminated" in self._state else None

    @property
    def ready(self) -> bool:
        """Running, and its probes agree."""
        return "running" in self._state and self._started and self._ready

    def begin(self) -> None:
        """Start in the background."""
        self._task = asyncio.create_task(self._run())

    async def stop(self, grace: float) -> None:
        """End it for good."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
        code = await self._halt(grace)
        if "terminated" not in self._state:
            self._end(code)

    def status(self) -> Object:
        """Its entry in status.containerStatuses."""
        image = str(self._spec.get("image") or "")
        return {
            "name": self.name,
            "image": image,
            "imageID": f"sandbox://{image}",
            "containerID": f"sandbox://{uid(self._place.pod())}/{self.name}/{self._restarts}",
            "ready": self.ready,
            "started": "running" in self._state and self._started,
            "restartCount": self._restarts,
            "state": self._state,
            "lastState": self._last,
        }

    async def _run(self) -> None:
        while True:
            code = await self._once()
            self._end(code)
            if not self._restart(code):
                return
            pause = BACKOFF[min(self._restarts, len(BACKOFF) - 1)]
            self._last = self._state
            if pause:
                self._state = {"waiting": {"reason": "CrashLoopBackOff", "message": f"restarting in {pause:g}s"}}
                self._place.event("Warning", "BackOff", f"Back-off restarting failed container {self.name}")
                self._place.changed()
                await asyncio.sleep(pause)
            self._restarts += 1

    def _restart(self, code: int) -> bool:
        policy = self._place.pod()["spec"].get("restartPolicy") or "Always"
        return policy == "Always" or (policy == "OnFailure" and code != 0)

    async def _once(self) -> int:
        """Run from start to end; the exit code."""
        self._parts = parts(self._place, self._spec, self._log)
        try:
            for part in self._parts:
                await part.start()
        except OSError as error:
            self._log.write(f"cannot start: {error}")
            self._place.event("Warning", "Failed", f"Container {self.name} cannot start: {error}{_advice(error)}")
            await self._halt(0)
            return 128
        self._started = probes.read(self._spec, "startup") is None
        self._ready = probes.read(self._spec, "readiness") is None
        self._state = {"running": {"startedAt": now()}}
        self._place.event("Normal", "Started", f"Container {self.name} started")
        self._place.changed()
        async with asyncio.TaskGroup() as group:
            watching = group.create_task(self._probe())
            ended = group.create_task(self._ended(watching))
        return ended.result()

    async def _ended(self, watching: asyncio.Task[None]) -> int:
        """Wait for the process to end or the probes to give it up."""
        runs = [part for part in self._parts if isinstance(part, Process)]
        waits: list[asyncio.Future[Any]] = [watching, *(asyncio.ensure_future(run.wait()) for run in runs)]
        try:
            await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for wait in waits:
                wait.cancel()
        exited = next((wait.result() for wait in waits[1:] if wait.done() and not wait.cancelled()), None)
        grace = float(self._place.pod()["spec"].get("terminationGracePeriodSeconds") or 30)
        code = await self._halt(grace if exited is None else 0)
        return code if exited is None else int(exited)

    async def _halt(self, grace: float) -> int:
        """Stop everything; 143 for a process that TERM ended, 0 for servers, which always end well."""
        await asyncio.gather(*(part.stop(grace) for part in reversed(self._parts)))
        codes = [await part.wait() for part in self._parts if isinstance(part, Process) and part.started]
        self._parts = []  # not before: when this is cancelled, the next call has to stop them
        return codes[0] if codes else 0

    def _end(self, code: int) -> None:
        began = self._state.get("running", {}).get("startedAt") or now()
        reason = "Completed" if code == 0 else "Error"
        self._state = {"terminated": {"exitCode": code, "reason": reason, "startedAt": began, "finishedAt": now()}}
        self._ready = self._started = False
        self._place.changed()

    async def _probe(self) -> None:
        """Follow the probes; returns when the container must be restarted, and never when there is nothing to wait for."""
        if not self._started and not await self._await_startup():
            return
        async with asyncio.TaskGroup() as group:
            reading = group.create_task(self._follow_readiness())
            await self._follow_liveness()
            reading.cancel()

    async def _await_startup(self) -> bool:
        probe = probes.read(self._spec, "startup")
        assert probe is not None
        async for good, why in self._place.target.verdicts(probe):
            if not good:
                self._unhealthy("Startup", why)
                return False
            self._started = True
            self._place.changed()
            return True
        return False

    async def _follow_readiness(self) -> None:
        probe = probes.read(self._spec, "readiness")
        if probe is None:
            return
        async for good, why in self._place.target.verdicts(probe):
            if good != self._ready:
                self._ready = good
                self._place.changed()
            if not good:
                self._unhealthy("Readiness", why)

    async def _follow_liveness(self) -> None:
        probe = probes.read(self._spec, "liveness")
        if probe is None:
            await asyncio.Event().wait()
            return
        async for good, why in self._place.target.verdicts(probe):
            if not good:
                self._unhealthy("Liveness", why)
                self._place.event("Normal", "Killing", f"Container {self.name} failed liveness probe, will be restarted")
                return

    def _unhealthy(self, kind: str, why: str) -> None:
        self._place.event("Warning", "Unhealthy", f"{kind} probe failed: {why}")


def parts(place: Place, spec: Object, log: Log) -> list[Part]:
    """What a container runs: the command of a known image, or the pod's own (in its first container), or a forwarder or an echo
    server a port; UDP ports have echo servers only.
    """
    pod = place.pod()
    ports = _ports(spec, "TCP")
    first = pod["spec"]["containers"][0]["name"] == spec["name"]
    command, local = annotation(pod, "command"), annotation(pod, "port")
    known = None if command else place.images.run(pod, spec, environment(pod, spec, place.ip), log)
    if known is not None:
        return [known]
    made: list[Part] = []
    if command and first:
        made.append(Process(orjson.loads(command), environment(pod, spec, place.ip), log))
    if local:
        there = ("127.0.0.1", int(local))
        made.extend(Forward((place.ip, int(port["containerPort"])), lambda: there) for port in ports)
    elif not (command and first):
        made.extend(Echo(place.pod, place.ip, int(port["containerPort"]), secure=_secure(pod, port), log=log) for port in ports)
        made.extend(Datagrams(place.pod, place.ip, int(port["containerPort"]), log) for port in _ports(spec, "UDP"))
    return made


def _ports(spec: Object, protocol: str) -> list[Object]:
    return [port for port in spec.get("ports") or () if (port.get("protocol") or "TCP") == protocol]


def _advice(error: OSError) -> str:
    if not isinstance(error, PermissionError):
        return ""
    return "; ports below 1024 need root, or a lower net.ipv4.ip_unprivileged_port_start: use a higher containerPort"


def _secure(pod: Object, port: Object) -> bool:
    """HTTPS for ports named `https` and for every port of a pod annotated `sandbox.albatross/tls: "true"`."""
    return port.get("name") == "https" or annotation(pod, "tls") == "true"


def environment(pod: Object, spec: Object, ip: str) -> dict[str, str]:
    """The variables a command gets: who and where it is, the port to listen on, and those its container spells out."""
    ports = spec.get("ports") or ()
    port = annotation(pod, "port") or (str(ports[0]["containerPort"]) if ports else "")
    own = {
        "POD_NAME": name(pod),
        "POD_NAMESPACE": namespace(pod),
        "POD_IP": ip,
        "PORT": port,
        "NODE_NAME": str(pod["spec"].get("nodeName") or ""),
        "HOSTNAME": name(pod),
    }
    given = {item["name"]: str(item["value"]) for item in spec.get("env") or () if item.get("value") is not None}
    fields = {item["name"]: ((item.get("valueFrom") or {}).get("fieldRef") or {}).get("fieldPath") for item in spec.get("env") or ()}
    return own | given | {key: _field(pod, path, ip) for key, path in fields.items() if path}


def _field(pod: Object, path: str, ip: str) -> str:
    """A field of the downward API; empty for one that is not there."""
    if path in ("status.podIP", "status.podIPs"):
        return ip
    found: Any = pod
    for part in path.split("."):
        found = found.get(part) if isinstance(found, dict) else None
    return "" if found is None else str(found)
