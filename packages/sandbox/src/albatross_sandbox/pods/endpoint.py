"""EndpointSlices, and the older Endpoints, of every Service with a selector."""

from collections.abc import Iterable
from typing import Any

from albatross_sandbox.pods.loop import Key
from albatross_sandbox.pods.objects import Object, container_port, deleting, is_true, labels, name, namespace, now, owner, uid
from albatross_sandbox.pods.view import ENDPOINTS, NODES, PODS, SERVICES, SLICES, View, suffix

SERVICE = "kubernetes.io/service-name"
MANAGED = "endpointslice.kubernetes.io/managed-by"
MANAGER = "endpointslice-controller.k8s.io"
TRIGGER = "endpoints.kubernetes.io/last-change-trigger-time"
# https://kubernetes.io/docs/concepts/services-networking/endpoint-slices/: 100 endpoints in a slice
SIZE = 100

Ports = tuple[tuple[str, int, str, str], ...]
"""(name, number, protocol, appProtocol) in the order of the Service's ports."""


class Endpoints:
    """Keeps the endpoints of Services current; an endpoint stays in the slice it is in."""

    def __init__(self, view: View) -> None:
        self._view = view

    def keys(self, kind: str, obj: Object, before: Object | None) -> Iterable[Key]:
        """A Service; for a pod, the Services that select it or did; for a slice of ours, its Service."""
        if kind == SERVICES:
            return [(namespace(obj), name(obj))]
        if kind == SLICES and labels(obj).get(MANAGED) == MANAGER:
            return [(namespace(obj), labels(obj).get(SERVICE, ""))]
        if kind != PODS:
            return ()
        services = self._view.all(SERVICES, namespace(obj))
        return [(namespace(item), name(item)) for item in services if selects(item, obj) or (before and selects(item, before))]

    async def reconcile(self, key: Key) -> float | None:
        """Bring the slices and the Endpoints of one Service up to date."""
        service = self._view.get(SERVICES, *key)
        slices = [item for item in self._view.all(SLICES, key[0]) if labels(item).get(SERVICE) == key[1] and not deleting(item)]
        slices = [item for item in slices if labels(item).get(MANAGED) == MANAGER]
        if service is None or deleting(service):
            await self._clear(key, slices)
        elif service["spec"].get("selector") and service["spec"].get("type") != "ExternalName":
            pods = [pod for pod in self._view.all(PODS, key[0]) if selects(service, pod) and _counts(pod)]
            await self._fill(service, slices, pods)
            await self._legacy(service, pods)
        return None

    async def _clear(self, key: Key, slices: list[Object]) -> None:
        for item in slices:
            await self._view.delete(SLICES, item)
        endpoints = self._view.get(ENDPOINTS, *key)
        if endpoints is not None:
            await self._view.delete(ENDPOINTS, endpoints)

    async def _fill(self, service: Object, slices: list[Object], pods: list[Object]) -> None:
        wanted: dict[Ports, dict[str, Object]] = {}
        for pod in pods:
            ports = resolve(service, pod)
            wanted.setdefault(ports, {})[uid(pod)] = self._endpoint(service, pod)
        if not wanted:
            wanted[resolve(service, None)] = {}
        spare: list[Object] = []
        for item in sorted(slices, key=name):
            endpoints = wanted.get(_ports(item))
            kept = (
                [] if endpoints is None else [found for old in item.get("endpoints") or () if (found := endpoints.pop(_target(old), None))]
            )
            if kept:
                await self._change(item, _ports(item), kept, endpoints or {})
            else:
                spare.append(item)
        for ports, left in wanted.items():
            empty = not pods
            while left or empty:
                empty = False
                chunk = [left.pop(key) for key in list(left)[:SIZE]]
                await self._place(service, spare, ports, chunk)
        for item in spare:
            await self._view.delete(SLICES, item)

    async def _change(self, item: Object, ports: Ports, kept: list[Object], more: dict[str, Object]) -> None:
        """Update a slice, filling its free room from `more`."""
        room = SIZE - len(kept)
        kept.extend(more.pop(key) for key in list(more)[:room])
        await self._write(item, ports, kept)

    async def _place(self, service: Object, spare: list[Object], ports: Ports, endpoints: list[Object]) -> None:
        """Put endpoints into a slice that lost all of its own, else into a new one."""
        if spare:
            await self._write(spare.pop(0), ports, endpoints)
            return
        made = _slice(service)
        made |= {"ports": [_port(port) for port in ports], "endpoints": endpoints}
        await self._view.create(SLICES, made)

    async def _write(self, item: Object, ports: Ports, endpoints: list[Object]) -> None:
        listed = [_port(port) for port in ports]
        if (item.get("endpoints") or []) == endpoints and (item.get("ports") or []) == listed:
            return

        def change(found: Object) -> None:
            found["ports"], found["endpoints"] = listed, endpoints
            found["metadata"].setdefault("annotations", {})[TRIGGER] = now()

        await self._view.edit(SLICES, item, change)

    def _endpoint(self, service: Object, pod: Object) -> Object:
        ready, going = is_true(pod, "Ready"), deleting(pod)
        shown = (ready and not going) or bool(service["spec"].get("publishNotReadyAddresses"))
        node_name = pod["spec"].get("nodeName") or ""
        node = self._view.get(NODES, "", node_name)
        made: Object = {
            "addresses": [pod["status"]["podIP"]],
            "conditions": {"ready": shown, "serving": ready, "terminating": going},
            "nodeName": node_name,
            "targetRef": {"kind": "Pod", "name": name(pod), "namespace": namespace(pod), "uid": uid(pod)},
        }
        zone = labels(node).get("topology.kubernetes.io/zone") if node else None
        if zone:
            made["zone"] = zone
        if pod["spec"].get("hostname") and pod["spec"].get("subdomain") == name(service):
            made["hostname"] = pod["spec"]["hostname"]
        return made

    async def _legacy(self, service: Object, pods: list[Object]) -> None:
        subsets = _subsets(service, pods)
        known = self._view.get(ENDPOINTS, namespace(service), name(service))
        mark = {"endpoints.kubernetes.io/managed-by": "endpoint-controller", **labels(service)}
        if known is None:
            metadata = {"name": name(service), "namespace": namespace(service), "labels": mark}
            await self._view.create(ENDPOINTS, {"apiVersion": "v1", "kind": "Endpoints", "metadata": metadata, "subsets": subsets})
        elif (known.get("subsets") or []) != subsets:
            await self._view.edit(ENDPOINTS, known, lambda found: found.update(subsets=subsets))


def selects(service: Object, pod: Object) -> bool:
    """Whether the Service's selector, if it has one, matches the pod's labels."""
    selector: dict[str, str] = service["spec"].get("selector") or {}
    return bool(selector) and selector.items() <= labels(pod).items()


def resolve(service: Object, pod: Object | None) -> Ports:
    """The Service's ports as numbers on that pod; a name that the pod does not know is left out, and without a pod all names are."""
    found = []
    for port in service["spec"].get("ports") or ():
        target = port.get("targetPort") or port["port"]
        number = container_port(pod, target) if pod is not None else target if isinstance(target, int) else None
        if number is not None:
            found.append((str(port.get("name") or ""), number, str(port.get("protocol") or "TCP"), str(port.get("appProtocol") or "")))
    return tuple(found)


def _counts(pod: Object) -> bool:
    status = pod.get("status") or {}
    return bool(status.get("podIP")) and status.get("phase") not in ("Succeeded", "Failed")


def _ports(item: Object) -> Ports:
    listed: list[dict[str, Any]] = item.get("ports") or []
    return tuple(
        (str(port.get("name") or ""), int(port.get("port") or 0), str(port.get("protocol") or "TCP"), str(port.get("appProtocol") or ""))
        for port in listed
    )


def _port(port: tuple[str, int, str, str]) -> Object:
    made: Object = {"name": port[0], "port": port[1], "protocol": port[2]}
    return made | ({"appProtocol": port[3]} if port[3] else {})


def _target(endpoint: Object) -> str:
    return str((endpoint.get("targetRef") or {}).get("uid") or "")


def _slice(service: Object) -> Object:
    headless = {"service.kubernetes.io/headless": ""} if service["spec"].get("clusterIP") == "None" else {}
    metadata = {
        "name": f"{name(service)}-{suffix()}",
        "generateName": f"{name(service)}-",
        "namespace": namespace(service),
        "labels": {**labels(service), SERVICE: name(service), MANAGED: MANAGER, **headless},
        "annotations": {TRIGGER: now()},
        "ownerReferences": [owner(service)],
    }
    return {"apiVersion": "discovery.k8s.io/v1", "kind": "EndpointSlice", "metadata": metadata, "addressType": "IPv4"}


def _subsets(service: Object, pods: list[Object]) -> list[Object]:
    """Addresses grouped by ports; terminating pods are left out here."""
    always = bool(service["spec"].get("publishNotReadyAddresses"))
    groups: dict[Ports, Object] = {}
    for pod in sorted(pods, key=lambda item: str(item["status"]["podIP"])):
        if deleting(pod) and not always:
            continue
        target = {"kind": "Pod", "name": name(pod), "namespace": namespace(pod), "uid": uid(pod)}
        address = {"ip": pod["status"]["podIP"], "nodeName": pod["spec"].get("nodeName"), "targetRef": target}
        side = "addresses" if always or is_true(pod, "Ready") else "notReadyAddresses"
        groups.setdefault(resolve(service, pod), {}).setdefault(side, []).append(address)
    return [{**sides, "ports": [_legacy_port(port) for port in ports]} for ports, sides in sorted(groups.items(), key=lambda item: item[0])]


def _legacy_port(port: tuple[str, int, str, str]) -> Object:
    return {key: value for key, value in _port(port).items() if value != ""}
