"""Kubernetes Events about objects. Repeated events increase a count. They are written in the background and never block other work."""

import asyncio
from collections import OrderedDict
from dataclasses import dataclass

import structlog

from albatross.bucket import Bucket
from albatross.catalog.kinds import KINDS
from albatross.kube.client import JSON, MERGE, Client, Object, Request
from albatross.kube.errors import KubeError, KubeNotFound
from albatross.model.snapshot import Metadata

log = structlog.get_logger("events")

# The spam filter and correlator of client-go: 25 events at once per object, then one in five minutes; the last 4096 are remembered.
BURST = 25
REFILL_SECONDS = 300
REMEMBERED = 4096
WAITING = 1000
# etcd and kubectl accept 1024; client-go uses the same limit.
LONGEST = 1024


@dataclass(frozen=True, slots=True)
class Event:
    """One message about an object: `type` is Normal or Warning. An empty `component` means that of the recorder."""

    kind: str
    metadata: Metadata
    type: str
    reason: str
    message: str
    component: str = ""


@dataclass(slots=True)
class _Written:
    """An event that exists in the cluster."""

    path: str
    count: int


class Recorder:
    """Accepts events immediately and writes them in `run`; if there are too many about one object, they are dropped."""

    def __init__(self, client: Client, component: str = "ingress", host: str = "", off: bool = False) -> None:
        """`off`: the cluster does not allow events, so all are dropped."""
        self._client = client
        self._clock = client.clock
        self._component = component
        self._host = host
        self._off = off
        self._queue: asyncio.Queue[Event] = asyncio.Queue(WAITING)
        self._written: OrderedDict[tuple[str, ...], _Written] = OrderedDict()
        self._buckets: OrderedDict[str, Bucket] = OrderedDict()
        self._named = 0

    def emit(self, event: Event) -> None:
        """Queue an event, so that it is written soon."""
        if self._off:
            return
        bucket = self._buckets.setdefault(event.metadata.uid, Bucket(BURST, 1 / REFILL_SECONDS, self._clock))
        self._buckets.move_to_end(event.metadata.uid)
        if len(self._buckets) > REMEMBERED:
            self._buckets.popitem(last=False)
        if bucket.spare():
            try:
                self._queue.put_nowait(event)
            except asyncio.QueueFull:
                log.warning("event dropped", reason=event.reason, object=f"{event.metadata.namespace}/{event.metadata.name}")

    async def run(self) -> None:
        """Write events until cancelled."""
        while True:
            event = await self._queue.get()
            try:
                await self._write(event)
            except KubeError as error:
                log.warning("event not written", reason=event.reason, error=str(error))
            except Exception:
                log.exception("event not written", reason=event.reason)
            finally:
                self._queue.task_done()

    async def flush(self, seconds: float = 2) -> None:
        """Wait until all emitted events are written, for a clean end."""
        try:
            async with self._clock.timeout(seconds):
                await self._queue.join()
        except TimeoutError:
            log.warning("events left unwritten", count=self._queue.qsize())

    async def _write(self, event: Event) -> None:
        # The key contains the whole message, as in client-go: another count or cause in the text makes another event.
        key = (
            event.metadata.uid,
            event.metadata.resource_version if not event.metadata.uid else "",
            event.type,
            event.reason,
            event.message,
        )
        known = self._written.get(key)
        if known is not None:
            try:
                await self._send("PATCH", known.path, {"count": known.count + 1, "lastTimestamp": self._now()})
                known.count += 1
                self._written.move_to_end(key)
                return
            except KubeNotFound:
                del self._written[key]  # events are deleted after an hour
        namespace = event.metadata.namespace or "default"
        stored = await self._send("POST", f"/api/v1/namespaces/{namespace}/events", self._body(event, namespace))
        self._written[key] = _Written(f"/api/v1/namespaces/{namespace}/events/{stored['metadata']['name']}", 1)
        if len(self._written) > REMEMBERED:
            self._written.popitem(last=False)

    async def _send(self, method: str, path: str, body: Object) -> Object:
        """An event tells what happened, also when this process does not lead any more."""
        kind = JSON if method == "POST" else MERGE
        return await self._client.call(Request(method=method, path=path, body=body, content_type=kind, fenced=False))

    def _body(self, event: Event, namespace: str) -> Object:
        meta, now, component = event.metadata, self._now(), event.component or self._component
        return {
            "apiVersion": "v1",
            "kind": "Event",
            "metadata": {"namespace": namespace, "name": f"{meta.name}.{self._number():x}"},
            "involvedObject": {
                "apiVersion": KINDS[event.kind].api_version,
                "kind": event.kind,
                "namespace": meta.namespace,
                "name": meta.name,
                "uid": meta.uid,
                "resourceVersion": meta.resource_version,
            },
            "type": event.type,
            "reason": event.reason,
            "message": event.message[:LONGEST],
            "source": {"component": component, **({"host": self._host} if self._host else {})},
            "reportingComponent": component,
            "reportingInstance": self._host,
            "firstTimestamp": now,
            "lastTimestamp": now,
            "count": 1,
        }

    def _number(self) -> int:
        """The number at the end of an event's name, as in client-go: the nanoseconds since 1970; it is never repeated."""
        self._named = max(self._named + 1, int(self._clock.utc().timestamp() * 1e6) * 1000)
        return self._named

    def _now(self) -> str:
        return self._clock.utc().strftime("%Y-%m-%dT%H:%M:%SZ")
