"""One running pod, from its address to its removal."""

import asyncio
from dataclasses import dataclass
from typing import Any

import aiohttp

from albatross_sandbox.pods import process
from albatross_sandbox.pods.address import Addresses
from albatross_sandbox.pods.cni import Cni
from albatross_sandbox.pods.container import Container, Place, environment
from albatross_sandbox.pods.image import Images
from albatross_sandbox.pods.log import Log
from albatross_sandbox.pods.objects import Object, annotation, deleting, is_true, now, set_condition
from albatross_sandbox.pods.probe import Target
from albatross_sandbox.pods.view import PODS, View

# Chosen: in-process servers finish their requests in less than this, however long the pod's grace period is.
SERVER_GRACE = 5.0
# Chosen: seconds that a pod of a former process has to become what it was before its status says that it is not.
RETURN = 10.0
# Seconds until a node whose subnet is full is asked again for an address.
FULL = 2.0


@dataclass(frozen=True, slots=True)
class Host:
    """What the kubelet lends its pods."""

    view: View
    addresses: Addresses
    cni: Cni
    session: aiohttp.ClientSession
    node_ips: dict[str, str]
    images: Images


class Pod:
    """Follows its object: runs its containers, reports their status, and ends when the object is deleted."""

    def __init__(self, host: Host, obj: Object) -> None:
        self._host = host
        self.obj = obj
        self.logs: dict[str, Log] = {item["name"]: Log() for item in obj["spec"]["containers"]}
        self._ip = ""
        self._started = now()
        self._containers: list[Container] = []
        self._ending, self._changed = asyncio.Event(), asyncio.Event()
        self._grace: float | None = None
        self._events: asyncio.Queue[tuple[str, str, str]] = asyncio.Queue()
        self._former = {item["name"]: item for item in (obj.get("status") or {}).get("containerStatuses") or ()}
        self._patient = bool(self._former) and not deleting(obj)

    def observe(self, obj: Object, *, gone: bool) -> None:
        """Take in the newest object: a gate may have opened, an annotation changed, a deletion begun."""
        self.obj = obj
        if gone:
            self._grace = 0.0
        if gone or deleting(obj):
            self._ending.set()
        self._changed.set()

    async def run(self) -> None:
        """Live, from scheduled to removed."""
        reporting = [asyncio.create_task(self._report()), asyncio.create_task(self._record())]
        try:
            if deleting(self.obj):
                self._reclaim()
            else:
                await self._live()
            await self._terminate()
        finally:
            for task in reporting:
                task.cancel()
            await asyncio.gather(*reporting, return_exceptions=True)
            await asyncio.gather(*(item.stop(0) for item in self._containers))
            self._release()
        await self._publish()
        await self._host.view.delete(PODS, self.obj, at_once=True)

    async def _live(self) -> None:
        """Get an address, start the containers, and wait for the end of the pod or of all of them."""
        self._changed.set()
        if self._patient:
            asyncio.get_running_loop().call_later(RETURN, self._give_up_waiting)
        if not await self._join_network():
            return
        event, images = (lambda *event: self._events.put_nowait(event)), self._host.images
        place = Place(lambda: self.obj, self._ip, self._changed.set, event, self._target(), images)
        for spec in self.obj["spec"]["containers"]:
            self._containers.append(Container(place, spec, self.logs[spec["name"]], self._former.get(spec["name"])))
        for container in self._containers:
            container.begin()
        await self._ending.wait()

    def _target(self) -> Target:
        env = environment(self.obj, self.obj["spec"]["containers"][0], self._ip)
        return Target(lambda: self.obj, self._ip, env, self._host.session)

    async def _join_network(self) -> bool:
        """Take an address and let EC2 know it; False when the pod ends before there is one."""
        node = self.obj["spec"]["nodeName"]
        if self.obj["spec"].get("hostNetwork"):
            self._ip = self._host.node_ips.get(node, "")
        self._reclaim()
        while not self._ip:
            try:
                self._ip = self._host.addresses.take(node)
            except LookupError as error:
                self._events.put_nowait(("Warning", "FailedCreatePodSandBox", str(error)))
                if await happens(self._ending, FULL):
                    return False
            else:
                await self._host.cni.assign(node, self._ip)
        return not self._ending.is_set()

    def _reclaim(self) -> None:
        """Take the address that the pod had before this process began."""
        before = (self.obj.get("status") or {}).get("podIP")
        if before and not self._ip and self._host.addresses.keep(self.obj["spec"]["nodeName"], before):
            self._ip = before

    def _release(self) -> None:
        if self._ip and not self.obj["spec"].get("hostNetwork"):
            node, address = self.obj["spec"]["nodeName"], self._ip
            done = self._host.cni.unassign(node, address)
            done.add_done_callback(lambda _: self._host.addresses.release(address))

    async def _terminate(self) -> None:
        """preStop, then TERM, then KILL, within the grace period."""
        if self._grace is None:
            self._grace = float(self.obj["metadata"].get("deletionGracePeriodSeconds") or 0)
        loop = asyncio.get_running_loop()
        deadline = loop.time() + self._grace
        if self._grace and self._containers:
            self._events.put_nowait(("Normal", "Killing", "Stopping the pod's containers"))
            hooks = [self._pre_stop(spec) for spec in self.obj["spec"]["containers"]]
            await asyncio.wait([asyncio.ensure_future(hook) for hook in hooks], timeout=self._grace)
        left = max(0.0, deadline - loop.time())
        processes = annotation(self.obj, "command") or any(self._host.images.find(spec["image"]) for spec in self.obj["spec"]["containers"])
        grace = left if processes else min(left, SERVER_GRACE)
        await asyncio.gather(*(item.stop(grace) for item in self._containers))

    async def _pre_stop(self, spec: Object) -> None:
        """lifecycle.preStop: sleep and exec; `exec: ["sleep", "5"]` works for echo servers too."""
        hook = (spec.get("lifecycle") or {}).get("preStop") or {}
        if "sleep" in hook:
            await asyncio.sleep(float(hook["sleep"].get("seconds") or 0))
        elif "exec" in hook:
            argv = [str(word) for word in hook["exec"].get("command") or ()]
            await process.run(argv, environment(self.obj, spec, self._ip), self._grace or 0)

    async def _report(self) -> None:
        """Write the status whenever something changed; changes of one moment make one write."""
        while True:
            await self._changed.wait()
            await asyncio.sleep(0)
            self._changed.clear()
            await self._publish()

    async def _record(self) -> None:
        while True:
            await self._host.view.event(self.obj, *await self._events.get())

    async def _publish(self) -> None:
        if self._grace == 0.0 and self._ending.is_set():
            return
        if self._returning():
            return
        self._patient = False
        await self._host.view.edit(PODS, self.obj, self._status, "status")

    def _returning(self) -> bool:
        """Whether a pod of a former process has yet to become as ready as it was."""
        ready = {item.name for item in self._containers if item.ready}
        return self._patient and not self._ending.is_set() and not {key for key, item in self._former.items() if item["ready"]} <= ready

    def _give_up_waiting(self) -> None:
        self._patient = False
        self._changed.set()

    def _status(self, obj: Object) -> None:
        """Bring status up to date, leaving conditions of others (readiness gates) as they are."""
        status = obj.setdefault("status", {})
        node_ip = self._host.node_ips.get(obj["spec"]["nodeName"], "")
        status["phase"] = self._phase()
        status["startTime"] = status.get("startTime") or self._started
        status["qosClass"] = status.get("qosClass") or "BestEffort"
        status["hostIP"], status["hostIPs"] = node_ip, [{"ip": node_ip}]
        if self._ip:
            status["podIP"], status["podIPs"] = self._ip, [{"ip": self._ip}]
        specs = obj["spec"]["containers"]
        status["containerStatuses"] = [item.status() for item in self._containers] or [_creating(spec) for spec in specs]
        if obj["spec"].get("initContainers"):
            status["initContainerStatuses"] = [_initialised(spec, self._started) for spec in obj["spec"]["initContainers"]]
        self._conditions(obj, status.setdefault("conditions", []))

    def _conditions(self, obj: Object, conditions: list[Object]) -> None:
        unready = [item.name for item in self._containers if not item.ready]
        running = bool(self._containers) and not unready and self._phase() == "Running"
        closed = [gate["conditionType"] for gate in obj["spec"].get("readinessGates") or () if not is_true(obj, gate["conditionType"])]
        for kind, holds in (("PodReadyToStartContainers", bool(self._ip)), ("Initialized", True), ("PodScheduled", True)):
            set_condition(conditions, {"type": kind, "status": _text(holds)})
        why: Object = {}
        if not running:
            why = {"reason": "ContainersNotReady", "message": f"containers with unready status: [{' '.join(unready)}]"}
        set_condition(conditions, {"type": "ContainersReady", "status": _text(running), **why})
        if running and closed:
            gates = ", ".join(f'"{gate}"' for gate in closed)
            why = {"reason": "ReadinessGatesNotReady", "message": f"corresponding condition of pod readiness gate {gates} is not True."}
        set_condition(conditions, {"type": "Ready", "status": _text(running and not closed), **why})

    def _phase(self) -> str:
        if not self._containers:
            return "Pending"
        codes = [item.exit_code for item in self._containers]
        policy = self.obj["spec"].get("restartPolicy") or "Always"
        over = all(code is not None for code in codes) and (self._ending.is_set() or policy == "Never" or _given_up(policy, codes))
        if not over:
            return "Running"
        return "Failed" if any(codes) else "Succeeded"


def _given_up(policy: str, codes: list[int | None]) -> bool:
    return policy == "OnFailure" and not any(codes)


async def happens(event: asyncio.Event, within: float) -> bool:
    """Whether an event is set before so many seconds have passed."""
    try:
        await asyncio.wait_for(event.wait(), within)
    except TimeoutError:
        return False
    return True


def _text(holds: bool) -> str:
    return "True" if holds else "False"


def _creating(spec: Object) -> Object:
    state = {"waiting": {"reason": "ContainerCreating"}}
    return _blank(spec) | {"ready": False, "started": False, "state": state}


def _initialised(spec: Object, at: str) -> Object:
    """Init containers are not run: there is nothing to prepare for an echo server."""
    state = {"terminated": {"exitCode": 0, "reason": "Completed", "startedAt": at, "finishedAt": at}}
    return _blank(spec) | {"ready": True, "started": False, "state": state}


def _blank(spec: Object) -> Object:
    return {"name": spec["name"], "image": str(spec.get("image") or ""), "imageID": "", "restartCount": 0, "lastState": {}}


def over(obj: dict[str, Any]) -> bool:
    """Whether a pod has finished, in a former life of the kubelet perhaps."""
    return (obj.get("status") or {}).get("phase") in ("Succeeded", "Failed")
