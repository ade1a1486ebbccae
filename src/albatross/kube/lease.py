"""Leader election with a Lease, compatible with client-go.

It leads only while now < last renewal + deadline. The leading task is cancelled before another process can take over: a leader with hanging
requests must not continue to write while its successor writes too. The deadline is also that of the fence of the clients, so a process that
was stopped and continues sends no write.
"""

import asyncio
import random
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass

import structlog

from albatross.kube.client import Client, Object, Request
from albatross.kube.errors import KubeError, KubeNotFound

log = structlog.get_logger("lease")

EXPIRED_SECONDS = 0.05
"""How long after the expiry of a lease we try to acquire it (chosen by us)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """The values of client-go: how long a lease is valid, how long renewal is tried, and how often; seconds."""

    duration: float = 15
    deadline: float = 10
    retry: float = 2

    @property
    def request(self) -> float:
        """The longest time for one request, so that after a hanging request there is time for another."""
        return min(self.deadline / 2, 5)


@dataclass(frozen=True, slots=True)
class LastRecord:
    """The last record of another holder, and when it expires: `until`, by our clock, counted from the moment when we first saw it."""

    record: tuple[object, ...]
    until: float


class Elector:
    """One candidate for one Lease. `holder` is the process that we last saw in it.

    `took_over`: the holder before us did not release the lease, so it may still have sent a write. `transitions`: how often the holder
    had changed when we became it.
    """

    def __init__(
        self,
        client: Client,
        place: tuple[str, str],
        identity: str,
        terms: Terms | None = None,
        marks: Mapping[str, Mapping[str, str]] | None = None,
    ) -> None:
        """`place` is the Lease's namespace and name; `marks` are its labels and annotations while we hold it."""
        self._client = client
        self._clock = client.clock
        self._namespace, self._name = place
        self._identity = identity
        self._terms = terms or Terms()
        self._marks = dict(marks or {})
        self._collection = f"/apis/coordination.k8s.io/v1/namespaces/{self._namespace}/leases"
        self._seen: LastRecord | None = None
        self._renewed = float("-inf")
        self.took_over = False
        self.transitions = 0
        self.holder = ""

    @property
    def place(self) -> tuple[str, str]:
        """The Lease's namespace and name."""
        return self._namespace, self._name

    @property
    def leading(self) -> bool:
        """Whether we certainly hold the lease."""
        return self._clock.now() < self._renewed + self._terms.deadline

    async def run(self, lead: Callable[[], Awaitable[None]]) -> bool:
        """Wait for the lease, then run `lead`. True: `lead` ended by itself. False: the lease was lost, and `lead` was cancelled."""
        await self._acquire()
        log.info("leading", lease=f"{self._namespace}/{self._name}", identity=self._identity)
        task = asyncio.ensure_future(lead())
        try:
            kept = await self._keep(task)
            if kept:
                task.result()
            return kept
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
            await self._release()

    async def _acquire(self) -> None:
        while True:
            started = self._clock.now()
            try:
                if await self._try():
                    self._lead_since(started)
                    return
            except KubeError as error:
                log.warning("lease not acquired", error=str(error))
            await self._clock.sleep(self._pause())

    def _pause(self) -> float:
        """The time until the next try: at the latest when the lease expires. Only the expiry decides how long nobody leads."""
        left = self._seen.until - self._clock.now() if self._seen else 0.0
        usual = self._terms.retry * random.uniform(1, 1.2)
        return min(usual, left + EXPIRED_SECONDS) if left > 0 else usual

    async def _keep(self, task: "asyncio.Future[None]") -> bool:
        """Renew until the task is done (True) or the lease is lost (False)."""
        while not await self._ended(task):
            try:
                if not await self._renew():
                    log.error("lease taken by another", lease=f"{self._namespace}/{self._name}")
                    self._lead_since(float("-inf"))
                    return False
            except TimeoutError:
                log.error("lease lost", seconds=self._terms.deadline, lease=f"{self._namespace}/{self._name}")
                return False
            except KubeError as error:
                log.warning("lease not renewed", error=str(error))
        return True

    async def _renew(self) -> bool:
        """One renewal; TimeoutError when the last renewal has expired; False if another process holds the lease."""
        started = self._clock.now()
        left = self._renewed + self._terms.deadline - started
        async with self._clock.timeout(max(0, left)):
            if not await self._try():
                return False
        self._lead_since(started)
        return True

    def _lead_since(self, started: float) -> None:
        self._renewed = started
        self._client.fence.extend(started + self._terms.deadline)

    async def _ended(self, task: "asyncio.Future[None]") -> bool:
        """Whether the task has ended before the next renewal is due."""
        try:
            async with self._clock.timeout(self._terms.retry):
                await asyncio.wait([task])
        except TimeoutError:
            pass
        return task.done()

    async def _try(self) -> bool:
        """One attempt to acquire or renew the lease; False while another process holds it."""
        try:
            lease = await self._send("GET", f"{self._collection}/{self._name}")
        except KubeNotFound:
            await self._send("POST", self._collection, self._new())
            return True
        spec = lease.setdefault("spec", {})
        self.holder = holder = spec.get("holderIdentity") or ""
        if holder and holder != self._identity and not self._expired(spec):
            return False
        now = self._stamp()
        if holder != self._identity:
            self.took_over = bool(holder)
            self.transitions = int(spec.get("leaseTransitions") or 0) + 1
            spec |= {"leaseTransitions": self.transitions, "acquireTime": now}
            meta = lease["metadata"]
            meta |= {field: {**(meta.get(field) or {}), **own} for field, own in self._marks.items()}
        spec |= {"holderIdentity": self._identity, "leaseDurationSeconds": max(1, int(self._terms.duration)), "renewTime": now}
        await self._send("PUT", f"{self._collection}/{self._name}", lease)
        return True

    def _expired(self, spec: Object) -> bool:
        record = (spec.get("holderIdentity"), spec.get("renewTime"), spec.get("leaseTransitions"))
        if self._seen is None or self._seen.record != record:
            self._seen = LastRecord(record, self._clock.now() + float(spec.get("leaseDurationSeconds") or self._terms.duration))
        return self._clock.now() > self._seen.until

    async def _release(self) -> None:
        """Release the lease at once, unless another process may hold it by now."""
        if not self.leading:
            return
        try:
            lease = await self._send("GET", f"{self._collection}/{self._name}")
            if lease.get("spec", {}).get("holderIdentity") == self._identity:
                lease["spec"] |= {"holderIdentity": "", "leaseDurationSeconds": 1, "renewTime": self._stamp()}
                await self._send("PUT", f"{self._collection}/{self._name}", lease)
        except KubeError as error:
            log.warning("lease not released", error=str(error))
        self._lead_since(float("-inf"))

    async def _send(self, method: str, path: str, body: Object | None = None) -> Object:
        return await self._client.call(Request(method=method, path=path, body=body, timeout=self._terms.request, fenced=False))

    def _new(self) -> Object:
        now = self._stamp()
        return {
            "apiVersion": "coordination.k8s.io/v1",
            "kind": "Lease",
            "metadata": {"namespace": self._namespace, "name": self._name, **self._marks},
            "spec": {
                "holderIdentity": self._identity,
                "leaseDurationSeconds": max(1, int(self._terms.duration)),
                "acquireTime": now,
                "renewTime": now,
                "leaseTransitions": 0,
            },
        }

    def _stamp(self) -> str:
        return self._clock.utc().strftime("%Y-%m-%dT%H:%M:%S.%fZ")
