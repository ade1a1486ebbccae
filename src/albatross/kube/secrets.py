"""Secrets, by name and only while they are needed: each has its own watch, so that no right to list all Secrets is needed."""

import asyncio
from collections.abc import Hashable, Iterable
from dataclasses import dataclass, field

import structlog

from albatross.kube.cache import Cache
from albatross.kube.client import Client
from albatross.kube.watch import Reflector
from albatross.model.snapshot import Key

log = structlog.get_logger("secrets")

# A Secret that we may not read is treated as missing; a pass does not wait longer for it.
SYNC_SECONDS = 10.0


@dataclass
class _Watched:
    reflector: Reflector
    task: "asyncio.Task[None]"
    owners: set[Hashable] = field(default_factory=set)


class Secrets:
    """Watches the Secrets that owners (groups) need. `label` is a selector that a Secret must match; empty for all."""

    def __init__(self, client: Client, cache: Cache, label: str = "") -> None:
        self._client = client
        self._cache = cache
        self._label = label
        self._watched: dict[Key, _Watched] = {}

    async def want(self, owner: Hashable, keys: Iterable[Key]) -> None:
        """Keep exactly these Secrets in the cache for the owner, if they exist and we may read them."""
        wanted = set(keys)
        for key in [key for key, watched in self._watched.items() if owner in watched.owners and key not in wanted]:
            await self._drop(owner, key)
        for key in wanted:
            if key not in self._watched:
                self._watched[key] = self._watch(key)
            self._watched[key].owners.add(owner)
        waiting = [self._watched[key].reflector.synced.wait() for key in wanted if not self._watched[key].reflector.synced.is_set()]
        if waiting:
            try:
                async with self._client.clock.timeout(SYNC_SECONDS):
                    await asyncio.gather(*waiting)
            except TimeoutError:
                missing = sorted(f"{key[0]}/{key[1]}" for key in wanted if not self._watched[key].reflector.synced.is_set())
                log.warning("secrets not readable", secrets=missing)

    @property
    def unreadable(self) -> frozenset[Key]:
        """The Secrets that we may not read."""
        watched = ((key, each.reflector) for key, each in self._watched.items())
        return frozenset(key for key, reflector in watched if reflector.forbidden and not reflector.synced.is_set())

    async def close(self) -> None:
        """Stop all watches."""
        tasks = [watched.task for watched in self._watched.values()]
        self._watched.clear()
        await _end(tasks)

    def _watch(self, key: Key) -> _Watched:
        params = {"fieldSelector": f"metadata.name={key[1]}", **({"labelSelector": self._label} if self._label else {})}
        reflector = Reflector(self._client, self._cache, "Secret", key[0], params)
        return _Watched(reflector, asyncio.create_task(reflector.run(), name=f"secret {key[0]}/{key[1]}"))

    async def _drop(self, owner: Hashable, key: Key) -> None:
        watched = self._watched[key]
        watched.owners.discard(owner)
        if not watched.owners:
            del self._watched[key]
            await _end([watched.task])
            self._cache.put("Secret", key, None)


async def _end(tasks: list["asyncio.Task[None]"]) -> None:
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
