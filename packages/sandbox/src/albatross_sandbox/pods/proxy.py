"""kube-proxy: node ports, forwarded to the ready endpoints of their Service, and health check node ports.

Pods see the node as the client, but the client itself where the Service has `externalTrafficPolicy: Local`."""

import asyncio
import itertools
import logging
from collections.abc import Callable, Iterator

from aiohttp import web

from albatross_sandbox import pipe
from albatross_sandbox.pipe import Address
from albatross_sandbox.pods import listen
from albatross_sandbox.pods.endpoint import SERVICE
from albatross_sandbox.pods.forward import Forward
from albatross_sandbox.pods.objects import Object, labels, name, namespace
from albatross_sandbox.pods.view import NODES, SERVICES, SLICES, View
from albatross_sandbox.scatter import Scatter

LOG = logging.getLogger("albatross_sandbox.proxy")
# Seconds until an address that was taken is tried again.
AGAIN = 1.0


Known = tuple[Address, str]
"""A listener's address, and what it is for."""
Listener = Forward | Scatter


class Health:
    """A Service's healthCheckNodePort on one node: 200 while the node has a ready endpoint, 503 while it has none."""

    def __init__(self, where: Address, count: Callable[[], int]) -> None:
        self._where, self._count = where, count
        self._http = web.Server(self._serve, access_log=None)
        self._server: asyncio.Server | None = None

    async def start(self) -> None:
        """Listen; raises OSError when the address is taken."""
        self._server = await asyncio.get_running_loop().create_server(self._http, *self._where)

    async def stop(self) -> None:
        """Close the port and its connections."""
        if self._server is not None:
            await listen.close(self._server)
        await self._http.shutdown(0)

    async def _serve(self, request: web.BaseRequest) -> web.Response:
        found = self._count()
        return web.json_response({"localEndpoints": found, "serviceProxyHealthy": True}, status=200 if found else 503)


class Proxy:
    """Listens on `<node address>:<nodePort>` of every NodePort and LoadBalancer Service."""

    def __init__(self, view: View) -> None:
        self._view = view
        self._wake = asyncio.Event()
        self._open: dict[Known, Listener | Health] = {}
        self._turn = itertools.count()

    def observe(self, kind: str, obj: Object, *, gone: bool) -> None:
        """Services and nodes decide what is listened on; endpoints are read at each connection."""
        if kind in (SERVICES, NODES):
            self._wake.set()

    async def run(self) -> None:
        """Follow, for ever."""
        try:
            while True:
                await self._wake.wait()
                self._wake.clear()
                if not await self._follow():
                    asyncio.get_running_loop().call_later(AGAIN, self._wake.set)
        finally:
            await asyncio.gather(*(forward.stop() for forward in self._open.values()))

    async def _follow(self) -> bool:
        """Close what is no longer wanted, open what is; False when something could not be opened."""
        wanted = dict(self._wanted())
        for known in [known for known in self._open if known not in wanted]:
            await self._open.pop(known).stop()
        good = True
        for known, forward in wanted.items():
            if known in self._open:
                continue
            try:
                await forward.start()
            except OSError as error:
                LOG.warning("node port %s:%s cannot be opened: %s", *known[0], error)
                good = False
            else:
                self._open[known] = forward
        return good

    def _wanted(self) -> Iterator[tuple[Known, Listener | Health]]:
        for service in self._view.all(SERVICES):
            if service["spec"].get("type") not in ("NodePort", "LoadBalancer"):
                continue
            if service["spec"].get("healthCheckNodePort"):
                yield from (self._health(service, node) for node in self._view.all(NODES))
            for port in service["spec"].get("ports") or ():
                if not port.get("nodePort") or (port.get("protocol") or "TCP") not in ("TCP", "UDP"):
                    continue
                for node in self._view.all(NODES):
                    yield self._listener(service, port, node)

    def _health(self, service: Object, node: Object) -> tuple[Known, Health]:
        where = (_address(node), int(service["spec"]["healthCheckNodePort"]))
        key, port = (namespace(service), name(service)), str(service["spec"]["ports"][0].get("name") or "")
        found = Health(where, lambda: sum(bool(conditions.get("ready")) for _, conditions in self._endpoints(key, port, name(node))))
        return (where, "/".join((*key, "health"))), found

    def _listener(self, service: Object, port: Object, node: Object) -> tuple[Known, Listener]:
        own, key = _address(node), (namespace(service), name(service))
        where, title, kind = (own, int(port["nodePort"])), str(port.get("name") or ""), port.get("protocol") or "TCP"

        def source(client: str) -> str | None:
            return pipe.local(client if self._local(key) else own)

        known = (where, "/".join((*key, title, kind)))
        if kind == "UDP":
            return known, Scatter(where, lambda client: self._pick(key, title, name(node)), source)
        return known, Forward(where, lambda: self._pick(key, title, name(node)), source)

    def _local(self, key: tuple[str, str]) -> bool:
        service = self._view.get(SERVICES, *key)
        return service is not None and service["spec"].get("externalTrafficPolicy") == "Local"

    def _pick(self, key: tuple[str, str], port: str, node: str) -> Address | None:
        """The next endpoint: ready ones in turn, else those that still serve while they terminate."""
        service = self._view.get(SERVICES, *key)
        if service is None:
            return None
        local = node if self._local(key) else None
        found = list(self._endpoints(key, port, local))
        ready = [address for address, conditions in found if conditions.get("ready")]
        usable = ready or [address for address, conditions in found if conditions.get("serving")]
        return usable[next(self._turn) % len(usable)] if usable else None

    def _endpoints(self, key: tuple[str, str], port: str, node: str | None) -> Iterator[tuple[Address, dict[str, bool]]]:
        for item in self._view.all(SLICES, key[0]):
            if labels(item).get(SERVICE) != key[1]:
                continue
            number = next((found["port"] for found in item.get("ports") or () if (found.get("name") or "") == port), None)
            for endpoint in item.get("endpoints") or ():
                if number and node in (None, endpoint.get("nodeName")):
                    yield (endpoint["addresses"][0], number), endpoint.get("conditions") or {}


def _address(node: Object) -> str:
    addresses = (node.get("status") or {}).get("addresses") or ()
    return next((str(item["address"]) for item in addresses if item["type"] == "InternalIP"), "127.0.0.1")
