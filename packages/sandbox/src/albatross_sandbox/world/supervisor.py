"""The process that keeps a world: it starts the AWS account, then the parts that live in it, watches them, and ends them all."""

import asyncio
import logging
import os
from collections.abc import Awaitable, Callable, Coroutine, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

from albatross_sandbox.world import controller, ingressclass, network, part
from albatross_sandbox.world.child import Child
from albatross_sandbox.world.part import Facts, Part
from albatross_sandbox.world.state import State, Trouble

LOG = logging.getLogger("albatross_sandbox.world")
# Seconds between restarts of a part that can be replaced; the last one repeats (chosen by us).
PAUSES = (0.2, 1.0, 2.0, 5.0, 10.0)

Tell = Callable[[dict[str, Any]], None]
"""Takes one progress line: {"step", "text"} as each part is ready, then {"ready": true, …world}."""


class Supervisor:
    """One world, from its first part to the end of its last."""

    def __init__(
        self,
        state: State,
        *,
        with_controller: bool = True,
        parts: Sequence[Part] = part.PARTS,
        seed: Callable[[str], Awaitable[None]] = ingressclass.apply,
        images: Mapping[str, Any] | None = None,
    ) -> None:
        self._images = images or {}
        self._state, self._controlled, self._parts, self._seed = state, with_controller, parts, seed
        self._children: dict[str, Child] = {}
        self._facts: Facts = {}
        self._started = datetime.now(UTC).isoformat(timespec="seconds")
        self.stop = asyncio.Event()

    async def run(self, tell: Tell) -> None:
        """Keep the world until `stop` is set; raises Trouble when it cannot start, or loses a part it cannot do without."""
        with self._state.held():
            self._state.clean()
            self._state.fresh(item.name for item in self._parts)
            with network.claimed(str(self._state.path.resolve())) as cidr:
                self._facts = {"region": part.REGION, "cluster_name": part.CLUSTER, "account": part.ACCOUNT, "domain": part.DOMAIN}
                self._facts |= {"cidr": cidr, "images": dict(self._images)}
                try:
                    await self._unless_stopped(self._start(tell))
                    if not self.stop.is_set():
                        await self._watch()
                except Trouble as trouble:
                    self._state.failure.write_text(f"{trouble}\n")
                    raise
                finally:
                    await self._end()

    async def _unless_stopped(self, starting: Awaitable[None]) -> None:
        """Give up starting as soon as the stop is asked for."""
        work, stop = asyncio.ensure_future(starting), asyncio.ensure_future(self.stop.wait())
        await asyncio.wait((work, stop), return_when=asyncio.FIRST_COMPLETED)
        stop.cancel()
        if not work.done():
            work.cancel()
            await asyncio.gather(work, return_exceptions=True)
            return
        work.result()

    async def _start(self, tell: Tell) -> None:
        first, *others = self._parts
        await self._step(first, tell)
        await together(self._step(item, tell) for item in others)
        await self._seed(self._facts["kube"]["kubeconfig"])
        if self._controlled:
            await controller.ready(await self._launch_controller(), self._facts)
            tell({"step": controller.NAME, "text": f"the Albatross controller; its page is {controller.page(self._facts)}"})
        self._describe()
        tell({"ready": True, **self._state.read()})

    async def _step(self, item: Part, tell: Tell) -> None:
        self._facts[item.name] = await self._launch(item)
        tell({"step": item.name, "text": item.text})

    async def _launch(self, item: Part, port: int = 0) -> dict[str, Any]:
        child = Child(item.name, item.command(self._state.path, self._facts, port), part.CREDENTIALS, self._state.log(item.name))
        self._children[item.name] = child
        return await child.start()

    async def _launch_controller(self) -> Child:
        argv, env = controller.argv(self._facts), part.environment(self._facts)
        child = self._children[controller.NAME] = Child(controller.NAME, argv, env, self._state.log(controller.NAME))
        await child.start(ready=False)
        return child

    def _describe(self) -> None:
        """Write world.json."""
        processes = {name: child.identity for name, child in self._children.items()}
        pids = {"supervisor": os.getpid(), **{name: pid for name, (pid, _) in processes.items()}}
        described = part.description(self._facts, self._state.path)
        described |= {"page": controller.page(self._facts)} if self._controlled else {}
        self._state.write({**described, "started": self._started, "controller": self._controlled, "pids": pids, "processes": processes})

    async def _watch(self) -> None:
        """Until the stop: replace what may be replaced, end with what may not."""
        holders = {item.name for item in self._parts if item.holds}
        stop = asyncio.create_task(self.stop.wait())
        watching = [asyncio.create_task(self._keep(name, holds=name in holders)) for name in self._children]
        done, left = await asyncio.wait((stop, *watching), return_when=asyncio.FIRST_COMPLETED)
        for task in left:
            task.cancel()
        await asyncio.gather(*left, return_exceptions=True)
        for ended in done:
            ended.result()

    async def _keep(self, name: str, *, holds: bool) -> None:
        for attempt in range(1_000_000):
            child = self._children[name]
            code = await child.wait()
            if holds:
                raise Trouble(f"{name} ended with {code}, and the world with it; its log is {self._state.log(name)}")
            LOG.warning("%s ended with %s and is started again", name, code)
            await child.stop()
            await asyncio.sleep(PAUSES[min(attempt, len(PAUSES) - 1)])
            await self._again(name)

    async def _again(self, name: str) -> None:
        """Start a part anew, on the port it had."""
        try:
            if name == controller.NAME:
                await self._launch_controller()
            else:
                item = next(item for item in self._parts if item.name == name)
                urls = [urlsplit(value) for value in self._facts[name].values() if isinstance(value, str) and "://" in value]
                self._facts[name] = await self._launch(item, urls[0].port or 0 if urls else 0)
        except Trouble as trouble:
            LOG.warning("%s", trouble)
        else:
            self._describe()

    async def _end(self) -> None:
        """The controller first, so that it can say goodbye to what it works on; then all others."""
        ours = self._children.pop(controller.NAME, None)
        if ours is not None:
            await ours.stop()
        await asyncio.gather(*(child.stop() for child in self._children.values()))
        self._state.world.unlink(missing_ok=True)


async def together(works: Iterable[Coroutine[Any, Any, None]]) -> None:
    """Do all at once; the first failure cancels the others and is raised as it is."""
    tasks = [asyncio.create_task(work) for work in works]
    try:
        await asyncio.gather(*tasks)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
