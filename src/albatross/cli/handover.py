"""Hands a cluster over from the AWS Load Balancer Controller to this controller, and back. It writes to the cluster only."""

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import msgspec

from albatross.cli.wait import until
from albatross.errors import AlbatrossError
from albatross.install import peer
from albatross.install.installation import Item
from albatross.install.webhooks import COLLECTIONS
from albatross.kube import apply, rollout
from albatross.kube.client import Client, Object, Request
from albatross.kube.errors import KubeNotFound, Refused

REPLICAS = "albatross.dev/replicas"
"""The annotation with the number of replicas before the Deployment was scaled to 0."""
SAVED = "albatross-migration"
"""The ConfigMap with the objects of the other controller as they were."""
HOOKS = tuple(COLLECTIONS.values())
"""Where webhook configurations are: first the mutating ones."""
BINDINGS = ("put Binding ", "delete Binding ")
"""The first words of operations that write to the cluster and not to AWS."""
UNSAVED = frozenset(("CustomResourceDefinition", "Namespace"))
"""Kinds that no hand-over changes: both controllers have the same definitions."""


class HandoverError(AlbatrossError):
    """The cluster cannot be handed over, or what happened shows that it must go back. The text says why."""


@dataclass(frozen=True, slots=True)
class Scene:
    """What is involved: both Deployments, the ServiceAccount, the webhook configurations and their Services. `ours` may not exist."""

    theirs: Object
    account: Object
    ours: Object
    hooks: Mapping[str, Object] = field(default_factory=dict)
    services: Mapping[str, Object] = field(default_factory=dict)

    @property
    def failing(self) -> list[str]:
        """The webhooks that would block writes while no pod answers, in words."""
        return [
            f"{each['name']} ({found['metadata']['name']})"
            for found in self.hooks.values()
            for each in found.get("webhooks") or ()
            if each.get("failurePolicy") != "Ignore"
        ]


def place(obj: Object) -> str:
    """The path of a Deployment."""
    head = obj["metadata"]
    return f"/apis/apps/v1/namespaces/{head['namespace']}/deployments/{head['name']}"


def replicas(deployment: Object) -> int:
    """The number of replicas it should have."""
    found = deployment["spec"].get("replicas")
    return 1 if found is None else int(found)


async def maybe(client: Client, path: str) -> Object:
    """The object, or nothing."""
    try:
        return await client.get(path)
    except KubeNotFound:
        return {}


async def look(client: Client, named: str, ours: str) -> Scene:
    """Find everything. `named` is NAMESPACE/NAME of the other controller's Deployment, if it is not the only one. Errors: HandoverError."""
    theirs = await _theirs(client, named)
    space, template = theirs["metadata"]["namespace"], theirs["spec"]["template"]
    account = template["spec"].get("serviceAccountName") or "default"
    path = f"/api/v1/namespaces/{space}/services"
    labels = template["metadata"].get("labels") or {}
    services = {
        f"{path}/{each['metadata']['name']}": {"apiVersion": "v1", "kind": "Service", **each}
        for each in (await client.get(path)).get("items") or ()
        if (selector := each["spec"].get("selector")) and selector.items() <= labels.items()
    }
    named_services = {(space, each["metadata"]["name"]) for each in services.values()}
    namespace, _, name = ours.partition("/")
    return Scene(
        theirs,
        await maybe(client, f"/api/v1/namespaces/{space}/serviceaccounts/{account}"),
        await maybe(client, f"/apis/apps/v1/namespaces/{namespace}/deployments/{name}"),
        await _hooks(client, named_services),
        services,
    )


async def _theirs(client: Client, named: str) -> Object:
    every = (await client.get("/apis/apps/v1/deployments")).get("items") or ()
    found = {f"{each['metadata']['namespace']}/{each['metadata']['name']}": each for each in every if peer.runs(each)}
    if named:
        found = {name: each for name, each in found.items() if name == named}
    if not found:
        raise HandoverError(
            f"no Deployment {named or 'of this cluster'} has an image with {peer.IMAGE} in its name\n  - pass --peer NAMESPACE/NAME"
        )
    if len(found) > 1:
        raise HandoverError(f"several Deployments run it: {', '.join(sorted(found))}\n  - pass --peer NAMESPACE/NAME")
    return next(iter(found.values()))


async def _hooks(client: Client, services: Iterable[tuple[str, str]]) -> dict[str, Object]:
    """The webhook configurations that call one of the Services, by path."""
    wanted, found = set(services), {}
    for path in HOOKS:
        for each in (await client.get(path)).get("items") or ():
            called = [hook["clientConfig"].get("service") or {} for hook in each.get("webhooks") or ()]
            if any((service.get("namespace"), service.get("name")) in wanted for service in called):
                found[f"{path}/{each['metadata']['name']}"] = {
                    "apiVersion": "admissionregistration.k8s.io/v1",
                    "kind": "MutatingWebhookConfiguration" if path == HOOKS[0] else "ValidatingWebhookConfiguration",
                    **each,
                }
    return found


@dataclass(frozen=True, slots=True)
class Handover:
    """One hand-over. `say` prints what happens; `patience` is the longest time of one step in seconds."""

    client: Client
    say: Callable[[str], None]
    patience: float = 300.0

    async def over(self, scene: Scene, items: Sequence[Item] = ()) -> Mapping[str, Any]:
        """Hand over, after the installation of `items`. Returns the log line of the first pass.

        If it fails, everything goes back. Errors: HandoverError says why; Late if going back needs too long.
        """
        space = scene.theirs["metadata"]["namespace"]
        await self._save(scene, items)
        try:
            for path, each in scene.hooks.items():
                await self._soften(path, each)
            if items:
                scene = replace(scene, ours=await self._install(items))
            old = {mark for pod in await self._pods(scene.ours) for mark in _leads(pod, await self._log(pod))}
            await self._up(scene.ours)  # it waits for the lease, so the cluster is without a controller for a shorter time
            await self._down(scene.theirs)
            return await self._first(scene.ours, old)
        except AlbatrossError as error:
            self.say(f"{error}\nthe hand-over failed; everything goes back")
            await self.back(scene.theirs, scene.ours)
            raise HandoverError(f"{error}\n  - the AWS Load Balancer Controller in {space} works again") from error

    async def back(self, theirs: Object, ours: Object) -> None:
        """Stop this controller, start the other one, and restore its objects. Errors: Late."""
        if ours:
            await self._down(ours)
        await self._up(theirs)
        await self._restore(theirs["metadata"]["namespace"])

    async def _install(self, items: Sequence[Item]) -> Object:
        """Create or change the objects of this controller; returns its Deployment. Both controllers share some of them."""
        self.say(f"installing this controller: {len(items)} objects")
        for item in items:
            made = await apply.apply(self.client, item.body, force=True)
        return made

    # Deployments ------------------------------------------------------------------------------------------------------

    async def _down(self, deployment: Object) -> None:
        """Scale it to 0, remember its replicas, and wait until its pods have ended."""
        path = place(deployment)
        if count := replicas(await self.client.get(path)):
            self.say(f"Deployment {_name(deployment)}: {count} replicas → 0")
            await self.client.patch(path, {"metadata": {"annotations": {REPLICAS: str(count)}}, "spec": {"replicas": 0}})

        async def ended() -> bool:
            return not await self._pods(deployment)

        await until(ended, f"the pods of {_name(deployment)} end", self.patience, self.client.clock)

    async def _up(self, deployment: Object) -> None:
        """Give it back its replicas, and wait until one is ready."""
        path = place(deployment)
        now = await self.client.get(path)
        if not replicas(now):
            count = int((now["metadata"].get("annotations") or {}).get(REPLICAS, 2))
            self.say(f"Deployment {_name(deployment)}: 0 replicas → {count}")
            await self.client.patch(path, {"metadata": {"annotations": {REPLICAS: None}}, "spec": {"replicas": count}})

        async def ready() -> bool:
            return bool((await self.client.get(path)).get("status", {}).get("readyReplicas"))

        await until(ready, f"a pod of {_name(deployment)} is ready", self.patience, self.client.clock)

    # The objects of the other controller ------------------------------------------------------------------------------

    async def _save(self, scene: Scene, items: Sequence[Item]) -> None:
        """Save the webhook configurations, Services and other objects that change. What an earlier hand-over saved stays: it is older."""
        path = f"/api/v1/namespaces/{scene.theirs['metadata']['namespace']}/configmaps"
        if await maybe(self.client, f"{path}/{SAVED}"):
            return
        shared = {apply.path(item.body): await apply.read(self.client, item.body) for item in items if item.kind not in UNSAVED}
        typed = {apply.path(item.body): {key: item.body[key] for key in ("apiVersion", "kind")} for item in items}
        found = {at: {**typed[at], **each} for at, each in shared.items() if each}
        saved = {at: _plain(each) for at, each in {**found, **scene.services, **scene.hooks}.items()}
        body = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": SAVED}, "data": {"objects.json": json.dumps(saved)}}
        await self.client.create(path, body)
        self.say(f"ConfigMap {scene.theirs['metadata']['namespace']}/{SAVED}: {len(saved)} objects saved")

    async def _soften(self, path: str, found: Object) -> None:
        """Let requests pass while no pod answers the webhooks."""
        hooks = [{**each, "failurePolicy": "Ignore"} for each in found.get("webhooks") or ()]
        if hooks != found.get("webhooks"):
            self.say(f"{found['kind']} {found['metadata']['name']}: failurePolicy → Ignore")
            await self.client.patch(path, {"webhooks": hooks})

    async def _restore(self, namespace: str) -> None:
        path = f"/api/v1/namespaces/{namespace}/configmaps/{SAVED}"
        saved = json.loads((await maybe(self.client, path)).get("data", {}).get("objects.json", "{}"))
        for where, body in saved.items():
            now = await maybe(self.client, where)
            if not now:
                await self.client.create(where.rpartition("/")[0], body)
            elif _plain({**now, "apiVersion": body["apiVersion"], "kind": body["kind"]}) != body:
                await self.client.replace(where, _over(body, now))
            else:
                continue
            self.say(f"{body['kind']} {body['metadata']['name']}: as before")
        if saved:
            await self.client.delete(path)

    # The first pass -----------------------------------------------------------------------------------------------------

    async def _first(self, ours: Object, old: set[tuple[str, str]]) -> Mapping[str, Any]:
        """Wait until a pod of ours leads and has reconciled everything once. Errors: HandoverError for a write to AWS or a failed pass."""

        async def over() -> Mapping[str, Any] | None:
            for pod in await self._pods(ours):
                lines = await self._log(pod)
                _alive(pod, lines)
                since = [number for number, line in enumerate(lines) if line.get("event") == "leading" and _mark(pod, line) not in old]
                if since and (found := judged(lines[since[-1] :])):
                    return found
            return None

        self.say("waiting until this controller leads, and has reconciled everything once")
        return await until(over, "the first pass is over", self.patience, self.client.clock)

    async def _pods(self, deployment: Object) -> list[Object]:
        if not deployment:
            return []
        return await rollout.pods(self.client, deployment["metadata"]["namespace"], deployment["spec"]["selector"]["matchLabels"])

    async def _log(self, pod: Object) -> list[Mapping[str, Any]]:
        """The lines that a pod logged; empty as long as it has not started."""
        head, container = pod["metadata"], pod["spec"]["containers"][0]["name"]
        path = f"/api/v1/namespaces/{head['namespace']}/pods/{head['name']}/log"
        try:
            async with self.client.open(Request(method="GET", path=path, params={"container": container})) as answer:
                return list(lines((await answer.read()).decode(errors="replace")))
        except Refused:
            return []


def lines(text: str) -> Iterable[Mapping[str, Any]]:
    """The log lines that are JSON objects."""
    for line in text.splitlines():
        try:
            found = msgspec.json.decode(line)
        except msgspec.DecodeError:
            continue
        if isinstance(found, dict):
            yield found


def judged(found: Iterable[Mapping[str, Any]]) -> Mapping[str, Any] | None:
    """The line of the first pass, if it is over. Errors: HandoverError for a write to AWS or a failed pass."""
    for line in found:
        match line.get("event"):
            case "operation" if not str(line.get("operation")).startswith(BINDINGS):
                raise HandoverError(f"group {line.get('group')}: {line.get('operation')} was written to AWS")
            case "operation failed" | "pass failed":
                raise HandoverError(f"{line.get('group') or line.get('key')}: {line.get('error')}")
            case "first pass" if line.get("writes") or line.get("failed"):
                raise HandoverError(f"the first pass wrote to AWS: {line.get('writes')}; failed passes: {line.get('failed')}")
            case "first pass":
                return line
    return None


def _alive(pod: Object, found: list[Mapping[str, Any]]) -> None:
    for status in pod.get("status", {}).get("containerStatuses") or ():
        if (status.get("state", {}).get("waiting") or {}).get("reason") == "CrashLoopBackOff":
            raise HandoverError(
                f"pod {pod['metadata']['name']} ends again and again; its log ends: {dict(found[-1]) if found else 'empty'}"
            )


def _leads(pod: Object, found: Iterable[Mapping[str, Any]]) -> Iterable[tuple[str, str]]:
    return [_mark(pod, line) for line in found if line.get("event") == "leading"]


def _mark(pod: Object, line: Mapping[str, Any]) -> tuple[str, str]:
    return pod["metadata"]["uid"], str(line.get("timestamp"))


def _plain(obj: Object) -> Object:
    """An object without what the server writes."""
    head = {key: value for key, value in obj["metadata"].items() if key in ("name", "namespace", "labels", "annotations")}
    return {key: value for key, value in obj.items() if key not in ("metadata", "status")} | {"metadata": head}


def _over(body: Object, now: Object) -> Object:
    return {**body, "metadata": {**body["metadata"], "resourceVersion": now["metadata"]["resourceVersion"]}}


def _name(deployment: Object) -> str:
    return f"{deployment['metadata']['namespace']}/{deployment['metadata']['name']}"
