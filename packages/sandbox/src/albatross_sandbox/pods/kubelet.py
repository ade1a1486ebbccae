"""Runs the pods of all nodes, in this process."""

import asyncio
import logging
from collections.abc import AsyncIterator, Mapping

from albatross_sandbox.pods.log import Log
from albatross_sandbox.pods.objects import Object, name, namespace, uid
from albatross_sandbox.pods.pod import Host, Pod, over
from albatross_sandbox.pods.scheduler import tolerates
from albatross_sandbox.pods.view import NODES, PODS

LOG = logging.getLogger("albatross_sandbox.kubelet")


class Kubelet:
    """Starts a pod when it is bound to a node, and tells it of every change of its object."""

    def __init__(self, host: Host) -> None:
        self._host = host
        self._pods: dict[str, Pod] = {}
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._chores: set[asyncio.Task[None]] = set()

    def observe(self, kind: str, obj: Object, *, gone: bool) -> None:
        """See one change of a pod or a node."""
        if kind == NODES:
            self._node(obj, gone=gone)
        if kind != PODS:
            return
        known = self._pods.get(uid(obj))
        if known is not None:
            known.observe(obj, gone=gone)
        elif not gone and obj["spec"].get("nodeName") and not over(obj):
            self._start(obj)
        elif not gone and obj["metadata"].get("deletionTimestamp"):
            self._chore(obj)

    async def stop(self) -> None:
        """End all pods at once, leaving their objects."""
        tasks = [*self._tasks.values(), *self._chores]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def logs(self, space: str, called: str, query: Mapping[str, str]) -> AsyncIterator[bytes]:
        """What `kubectl logs` prints, following while asked to and the pod lives."""
        log = self._log(space, called, query.get("container", ""))
        if log is None:
            return
        tail, timestamps = query.get("tailLines"), query.get("timestamps") == "true"
        text, seen = log.since(0, tail=int(tail) if tail else None, timestamps=timestamps)
        yield text.encode()
        if query.get("follow") != "true":
            return
        while not log.closed:
            await log.more(seen)
            text, seen = log.since(seen, timestamps=timestamps)
            yield text.encode()

    def _log(self, space: str, called: str, container: str) -> Log | None:
        pods = [pod for pod in self._pods.values() if (namespace(pod.obj), name(pod.obj)) == (space, called)]
        logs = pods[-1].logs if pods else {}
        return logs.get(container) or next(iter(logs.values()), None)

    def _start(self, obj: Object) -> None:
        pod = self._pods[uid(obj)] = Pod(self._host, obj)
        task = self._tasks[uid(obj)] = asyncio.create_task(pod.run())
        task.add_done_callback(lambda done: self._ended(uid(obj), done))

    def _ended(self, key: str, task: asyncio.Task[None]) -> None:
        pod = self._pods.pop(key, None)
        self._tasks.pop(key, None)
        for log in pod.logs.values() if pod else ():
            log.close()
        if not task.cancelled() and (error := task.exception()) is not None:
            LOG.error("pod %s failed", pod and name(pod.obj), exc_info=error)

    def _node(self, node: Object, *, gone: bool) -> None:
        """A deleted node takes its pods with it; a NoExecute taint drives out those that do not tolerate it."""
        taints = [item for item in (node.get("spec") or {}).get("taints") or () if item["effect"] == "NoExecute"]
        for pod in self._pods.values():
            if pod.obj["spec"].get("nodeName") != name(node):
                continue
            tolerations = pod.obj["spec"].get("tolerations") or ()
            driven = not all(any(tolerates(item, taint) for item in tolerations) for taint in taints)
            if gone or driven:
                self._chore(pod.obj, at_once=gone)

    def _chore(self, obj: Object, *, at_once: bool = True) -> None:
        """Delete a pod in the background: one that has nothing left to stop, or one that must leave its node."""
        task = asyncio.create_task(self._host.view.delete(PODS, obj, at_once=at_once))
        self._chores.add(task)
        task.add_done_callback(self._chores.discard)
