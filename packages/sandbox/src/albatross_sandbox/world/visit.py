"""The way from a URL to a load balancer of a world: what DNS does for clients on the internet."""

import ipaddress
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import SplitResult, urlsplit

import aiohttp

from albatross_sandbox.dns.ask import ask
from albatross_sandbox.world import ingressclass, launch
from albatross_sandbox.world.launch import World
from albatross_sandbox.world.state import Trouble

Balancer = dict[str, Any]
_PORTS = {"http": 80, "https": 443}


@dataclass(frozen=True, slots=True)
class Way:
    """A host, the address that stands for it, and on which port there each port of the host is."""

    host: str
    address: str
    ports: dict[int, int]

    def connect(self) -> list[str]:
        """Options of curl."""
        return [word for port, bound in self.ports.items() for word in ("--connect-to", f"{self.host}:{port}:{self.address}:{bound}")]


async def way(found: World, url: str, via: str = "") -> Way | None:
    """The way of a URL; None for one that needs none, such as an address. Raises Trouble if nothing leads to a load balancer."""
    parts = urlsplit(url)
    host = parts.hostname or ""
    if not host or _literal(host):
        return None
    balancers = await launch.balancers(found)
    addresses = [each for each in await ask(found.dns, host) if _literal(each)]
    chosen = _named(balancers, via) if via else _at(balancers, addresses) or await _of(found, balancers, host)
    if chosen is None:
        raise Trouble(_lost(host, balancers))
    ports = {each["port"]: each["bound_port"] for each in chosen["listeners"] if each["listens"]}
    if port(parts) not in ports:
        have = ", ".join(f"{each['protocol']} {each['port']}" for each in chosen["listeners"]) or "none"
        raise Trouble(f"load balancer {chosen['name']} has no listener on port {port(parts)}; its listeners: {have}")
    address = next((each for each in addresses if each in _addresses(chosen)), chosen["address"])
    return Way(host, address, ports)


def port(parts: SplitResult) -> int:
    """The port that a URL means."""
    return parts.port or _PORTS.get(parts.scheme, 0)


def _literal(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


def _addresses(balancer: Balancer) -> list[str]:
    return [balancer["address"], *(balancer.get("zones") or {}).values()]


def _at(balancers: Sequence[Balancer], addresses: Sequence[str]) -> Balancer | None:
    return next((each for each in balancers if set(addresses) & set(_addresses(each))), None)


def _named(balancers: Sequence[Balancer], name: str) -> Balancer:
    for each in balancers:
        if name in (each["name"], each["arn"], each["dns_name"]):
            return each
    raise Trouble(f"no load balancer is named {name}; {_list(balancers)}")


async def _of(found: World, balancers: Sequence[Balancer], host: str) -> Balancer | None:
    """The load balancer of the Ingress that has the host; the only one if no Ingress has it."""
    by_name = {each["dns_name"].lower(): each for each in balancers}
    for hosts, names in await _ingresses(found):
        fit = [by_name[name] for name in names if name in by_name]
        if fit and any(_fits(host, each) for each in hosts):
            return fit[0]
    return balancers[0] if len(balancers) == 1 else None


def _fits(host: str, rule: str) -> bool:
    return host == rule or (rule.startswith("*.") and host.partition(".")[2] == rule[2:])


async def _ingresses(found: World) -> list[tuple[list[str], list[str]]]:
    """The hosts of each Ingress, and the names in its status; hosts without wildcards come first."""
    server, context, headers = ingressclass.access(found.kubeconfig)
    url = f"{server}/apis/networking.k8s.io/v1/ingresses"
    async with aiohttp.ClientSession(headers=headers) as session, session.get(url, ssl=context) as answer:
        items = (await answer.json())["items"] if answer.status == 200 else []
    rows = [(list(_hosts(each)), list(_published(each))) for each in items]
    return [row for row in rows if "*" not in str(row[0])] + [row for row in rows if "*" in str(row[0])]


def _hosts(ingress: dict[str, Any]) -> Iterator[str]:
    for rule in ingress["spec"].get("rules") or ():
        yield str(rule.get("host") or "")
    for tls in ingress["spec"].get("tls") or ():
        yield from tls.get("hosts") or ()


def _published(ingress: dict[str, Any]) -> Iterator[str]:
    entries = ((ingress.get("status") or {}).get("loadBalancer") or {}).get("ingress") or ()
    return (str(each.get("hostname") or "").lower() for each in entries)


def _lost(host: str, balancers: Sequence[Balancer]) -> str:
    record = 'the annotation albatross.dev/dns: "true" makes a record in a hosted zone'
    return f"no DNS record and no Ingress leads {host} to a load balancer; {record}, --via NAME names the load balancer; {_list(balancers)}"


def _list(balancers: Sequence[Balancer]) -> str:
    return f"load balancers: {', '.join(each['name'] for each in balancers) or 'none'}"
