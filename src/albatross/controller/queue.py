"""A work queue like client-go's: a key waits only once, is never processed twice at the same time, and has its own back-off."""

import asyncio
import heapq
import itertools
from collections import Counter, deque
from collections.abc import Hashable
from functools import partial
from typing import Generic, TypeVar

from albatross.bucket import Bucket
from albatross.clock import Clock
from albatross.controller.metrics import QueueTimes

K = TypeVar("K", bound=Hashable)

# client-go's DefaultControllerRateLimiter.
FIRST_SECONDS = 0.005
LAST_SECONDS = 1000.0
RATE = 10.0
BURST = 100


class Queue(Generic[K]):
    """Keys to process. Urgent keys (someone has just changed an object) come before the others (start, resync)."""

    def __init__(
        self, first: float = FIRST_SECONDS, last: float = LAST_SECONDS, clock: Clock | None = None, times: QueueTimes | None = None
    ) -> None:
        """`first` and `last` are the shortest and the longest back-off of a key, in seconds. `times` has the metrics of the queue."""
        self._first, self._last = first, last
        self._clock = clock or Clock()
        self._ready: list[tuple[bool, int, K]] = []
        self._dirty: dict[K, bool] = {}
        self._busy: dict[K, bool] = {}
        self._began: dict[K, float] = {}
        self._since: dict[K, float] = {}
        self._times = times
        self._later: list[tuple[float, int, K]] = []
        self._due: dict[K, float] = {}
        self._failures: Counter[K] = Counter()
        self._bucket = Bucket(BURST, RATE, self._clock)
        self._order = itertools.count()
        self._idle: deque[tuple[bool, asyncio.Future[None]]] = deque()
        self._closed = False
        self._calm = asyncio.Event()
        self._calm.set()

    def __len__(self) -> int:
        return len(self._dirty)

    @property
    def busy(self) -> frozenset[K]:
        """The keys that workers process now."""
        return frozenset(self._busy)

    @property
    def running(self) -> tuple[float, ...]:
        """For how many seconds workers have processed each of these keys."""
        now = self._clock.now()
        return tuple(now - began for began in self._began.values())

    @property
    def idle(self) -> bool:
        """Whether no key waits, no key is being processed, and no key is scheduled for later."""
        return not (self._dirty or self._busy or self._due)

    def add(self, key: K, urgent: bool = True) -> None:
        """Queue a key. If a worker processes it now, it is processed once more afterwards."""
        known = self._dirty.get(key)
        if known or (known is False and not urgent):
            return
        self._dirty[key] = urgent
        if known is None:
            self._since[key] = self._clock.now()
            if self._times:
                self._times.adds.inc()
        if key not in self._busy:
            self._push(key, urgent)

    def later(self, key: K, seconds: float) -> None:
        """Queue a key after a delay. If it is called several times, the earliest time is used."""
        if seconds <= 0:
            self.add(key)
            return
        due = self._clock.now() + seconds
        if due < self._due.get(key, float("inf")):
            self._due[key] = due
            heapq.heappush(self._later, (due, next(self._order), key))
            self._clock.later(seconds, partial(self._promote, due))

    def retry(self, key: K, at_least: float = 0, at_most: float | None = None, first: float | None = None) -> float:
        """Queue a key again after its back-off, which doubles each time, from `first` up to `at_most`; return the delay in seconds."""
        back_off = (self._first if first is None else first) * 2.0 ** min(self._failures[key], 40)
        delay = min(self._last if at_most is None else at_most, self._last, back_off)
        self._failures[key] += 1
        if self._times:
            self._times.retries.inc()
        delay = max(delay, self._bucket.take(), at_least)
        self.later(key, delay)
        return delay

    def forget(self, key: K) -> None:
        """A key succeeded: its next failure starts with the first back-off again."""
        self._failures.pop(key, None)

    def failures(self, key: K) -> int:
        """How many times in a row a key was retried."""
        return self._failures[key]

    def urgent(self, key: K) -> bool:
        """Whether the key that a worker processes now was urgent."""
        return self._busy.get(key, False)

    async def get(self, urgent: bool = False) -> K:
        """The next key; call `done` with it afterwards. `urgent`: only an urgent one."""
        while True:
            self._promote()
            while self._ready and not self._closed and not (urgent and self._ready[0][0]):
                lazy, _, key = heapq.heappop(self._ready)
                # A key that became urgent while it waited is in the heap twice; the entry that is not urgent is outdated.
                if key not in self._busy and self._dirty.get(key, lazy) is not lazy:
                    del self._dirty[key]
                    self._take(key, not lazy)
                    self._wake()
                    return key
            await self._sleep(urgent)

    async def _sleep(self, urgent: bool) -> None:
        """Wait until there is a key for this worker."""
        future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._idle.append((urgent, future))
        try:
            await future
        except asyncio.CancelledError:
            self._wake()  # it may have been woken for a key that another worker must take now
            raise

    def _wake(self) -> None:
        """Wake one worker for the next key, not all of them: with a hundred workers, that took 4 % of the CPU of a build (measured)."""
        while self._ready and not self._closed:
            found = next((each for each in self._idle if not (each[0] and self._ready[0][0])), None)
            if found is None:
                return
            self._idle.remove(found)
            if not found[1].done():  # else it was cancelled
                found[1].set_result(None)
                return

    def close(self) -> None:
        """Return no more keys."""
        self._closed = True

    async def calm(self) -> None:
        """Wait until no worker processes a key."""
        await self._calm.wait()

    def done(self, key: K) -> None:
        """A worker has finished the key."""
        self._busy.pop(key, None)
        began = self._began.pop(key, None)
        if self._times and began is not None:
            self._times.work.observe(self._clock.now() - began)
        if not self._busy:
            self._calm.set()
        if key in self._dirty:
            self._push(key, self._dirty[key])

    def _take(self, key: K, urgent: bool) -> None:
        """A worker processes the key from now on."""
        now = self._began[key] = self._clock.now()
        waited = now - self._since.pop(key, now)
        self._busy[key] = urgent
        self._calm.clear()
        if self._times:
            self._times.wait.observe(waited)

    def _push(self, key: K, urgent: bool) -> None:
        heapq.heappush(self._ready, (not urgent, next(self._order), key))
        self._wake()

    def _promote(self, at_least: float = 0.0) -> None:
        now = max(self._clock.now(), at_least)  # a timer may be early by the resolution of the clock
        while self._later and self._later[0][0] <= now:
            due, _, key = heapq.heappop(self._later)
            if self._due.get(key) == due:
                del self._due[key]
                self.add(key)
