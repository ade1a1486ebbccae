"""What the data plane tells of itself over HTTP."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from aiohttp import web

from albatross_sandbox.envoy.listener import spoken
from albatross_sandbox.envoy.loop import View
from albatross_sandbox.envoy.state import Listener, LoadBalancer, Place
from albatross_sandbox.envoy.zone import addresses

Json = dict[str, Any]

_SCHEMES = {"HTTP": "http", "HTTPS": "https", "TLS": "tls", "TCP": "tcp", "UDP": "udp", "TCP_UDP": "tcp"}
_DEFAULT = {"http": 80, "https": 443}


def shown(view: View) -> Json:
    """The status document: load balancers with addresses, listeners and warnings; `through` is the journal number it reflects."""
    balancers = [_balancer(each, _answering(each, view), view.warnings.get(each.arn, ())) for each in view.state.load_balancers]
    return {"load_balancers": balancers, "through": view.through, "error": view.error}


def _answering(balancer: LoadBalancer, view: View) -> Place:
    """Its place, with the address that its name resolves to first."""
    place = view.places[balancer.arn]
    return replace(place, address=addresses(balancer, view.state, place)[0])


def _balancer(balancer: LoadBalancer, place: Place, warnings: tuple[str, ...]) -> Json:
    return {
        "name": balancer.name,
        "arn": balancer.arn,
        "dns_name": balancer.dns_name,
        "scheme": balancer.scheme,
        "type": balancer.type,
        "address": place.address,
        "zones": dict(place.zones),
        "listeners": [_listener(each, place) for each in balancer.listeners],
        "warnings": list(warnings),
    }


def _listener(listener: Listener, place: Place) -> Json:
    scheme = _SCHEMES.get(listener.protocol, listener.protocol.lower())
    bound = place.ports[listener.port]
    port = "" if _DEFAULT.get(scheme) == bound else f":{bound}"
    return {"port": listener.port, "protocol": listener.protocol, "url": f"{scheme}://{place.address}{port}", "bound_port": bound} | {
        "listens": spoken(listener)
    }


async def serve(view: Callable[[], View], port: int) -> tuple[web.AppRunner, str]:
    """Answer `GET /` with the status on a loopback port (0: a free one); the runner, to be cleaned up, and the URL."""

    async def status(_: web.Request) -> web.Response:
        return web.json_response(shown(view()))

    application = web.Application()
    application.router.add_get("/", status)
    runner = web.AppRunner(application, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", port).start()
    return runner, f"http://127.0.0.1:{runner.addresses[0][1]}"
