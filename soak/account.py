"""An AWS account in this process: every call passes a gate that can count it, spoil it, or kill who sent it."""

import json
import re
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from aiohttp import web
from soak.loop import EPOCH, Loop

from albatross_sandbox.aws import child
from albatross_sandbox.aws.assembly import ACCOUNT, assemble
from albatross_sandbox.aws.call import identify
from albatross_sandbox.aws.clock import Clock
from albatross_sandbox.aws.control import routes
from albatross_sandbox.aws.front import Endpoint
from albatross_sandbox.aws.seed import Plan, seed

REGION, CLUSTER = "ap-northeast-2", "soak"
READS = ("Describe", "Get", "List", "Search")
Serve = Callable[[], Awaitable[web.StreamResponse]]


class LoopTime(Clock):
    """The account's time is that of the loop."""

    def __init__(self, loop: Loop) -> None:
        super().__init__()
        self._loop = loop

    def now(self) -> float:
        return EPOCH + self._loop.time()


@dataclass(frozen=True, slots=True)
class Made:
    """One call: its number since the last `reset`, when it came, what it is, and the code of its answer."""

    number: int
    at: float
    service: str
    operation: str

    @property
    def name(self) -> str:
        return f"{self.service}:{self.operation}"

    @property
    def writes(self) -> bool:
        return not self.operation.startswith((*READS, "Assume"))


Gate = Callable[[Made, Serve, web.Request], Awaitable[web.StreamResponse]]
"""Answers a call, usually by serving it."""


async def through(_: Made, serve: Serve, __: web.Request) -> web.StreamResponse:
    """The gate that is open."""
    return await serve()


@dataclass
class Account:
    """The running account. `gate` is asked with every call of a controller."""

    endpoint: Endpoint
    loop: Loop
    facts: dict[str, Any]
    url: str = ""
    gate: Gate = through
    calls: list[Made] = field(default_factory=list)

    @web.middleware
    async def count(self, request: web.Request, handler: Any) -> web.StreamResponse:
        """Every request of an AWS client passes here."""
        if request.path.startswith("/_sandbox"):
            answer: web.StreamResponse = await handler(request)
            return answer
        call = identify(request.method, request.path_qs, request.headers, await request.read())
        assert call is not None
        made = Made(len(self.calls) + 1, self.loop.time(), call.service, call.operation)
        self.calls.append(made)
        return await self.gate(made, lambda: handler(request), request)

    def reset(self) -> None:
        """Count from 1 again, with an open gate."""
        self.calls.clear()
        self.gate = through

    async def state(self) -> Any:
        """All that the account has, with names in place of ids and ARNs, so that two accounts can be compared."""
        store = self.endpoint.store
        groups = (await self.endpoint.cloud.ec2("DescribeSecurityGroups"))["securityGroupInfo"] or []
        zones = await self._records()
        found = {
            "load_balancers": {each.name: _plain(each, "listeners", "name") for each in store.load_balancers.values()},
            "listeners": {f"{each.load_balancer.name}:{each.port}": _listener(each) for each in store.listeners.values()},
            "rules": {
                f"{each.listener.load_balancer.name}:{each.listener.port}:{each.priority}": _rule(each) for each in store.rules.values()
            },
            "target_groups": {each.name: _target_group(each) for each in store.target_groups.values()},
            "security_groups": {each["groupName"]: ordered({**each, "tagSet": _tags(each)}) for each in groups},
            "protections": sorted(each["ResourceArn"] for each in self.endpoint.small.protections.values()),
            "records": zones,
        }
        found["counts"] = {kind: len(rows) for kind, rows in found.items()}
        names = {each["groupId"]: f"<{each['groupName']}>" for each in groups}
        return json.loads(_named(json.dumps(found, default=str), names))

    async def _records(self) -> list[str]:
        path = f"/2013-04-01/hostedzone/{self.facts['hosted_zone_id']}/rrset"
        _, _, body = await self.endpoint.cloud.forward("GET", path, self.endpoint.cloud.signature("route53"), b"")
        return sorted(re.findall(r"<ResourceRecordSet>.*?</ResourceRecordSet>", body.decode().replace("\n", "")))


@asynccontextmanager
async def account(loop: Loop, state: Path, cidr: str) -> AsyncIterator[Account]:
    """An account on loopback with its network, and a fast provisioning."""
    with loop.patient():
        process = await child.begin()
        moto = await child.address(process)
    accounts = assemble(ACCOUNT, REGION, moto, "/id/SOAK", LoopTime(loop))
    endpoint = accounts.of(ACCOUNT)
    forward = endpoint.cloud.forward

    async def patient(*args: Any) -> Any:
        with loop.patient():
            return await forward(*args)

    endpoint.cloud.forward = patient  # type: ignore[method-assign,assignment]
    facts = await seed(endpoint.cloud, endpoint.passage, Plan(REGION, CLUSTER, cidr, "example.com", state))
    endpoint.small.subscription = "ACTIVE"
    found = Account(endpoint, loop, facts)
    app = web.Application(client_max_size=16 * 2**20, middlewares=[found.count])
    app.add_routes(routes(endpoint))
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    found.url = endpoint.store.endpoint = f"http://127.0.0.1:{runner.addresses[0][1]}"
    try:
        yield found
    finally:
        await endpoint.balancing.prober.close()
        await runner.cleanup()
        await endpoint.cloud.close()
        with loop.patient():
            await child.end(process)


# What is compared --------------------------------------------------------------------------------------------------------

_DROPPED = ("arn", "created", "active_at", "rules", "targets", "changed", "given", "load_balancer", "listener", "task", "registered")


def _plain(noun: Any, *dropped: str) -> dict[str, Any]:
    from dataclasses import fields, is_dataclass

    found = {each.name: getattr(noun, each.name) for each in fields(noun) if each.name not in (*_DROPPED, *dropped)}
    return {
        name: ordered([vars_(x) for x in value] if isinstance(value, list) and value and is_dataclass(value[0]) else value)
        for name, value in found.items()
    }


def vars_(noun: Any) -> dict[str, Any]:
    from dataclasses import asdict

    return asdict(noun)


def ordered(value: Any) -> Any:
    """The value, with lists in an order that says nothing in AWS sorted."""
    if isinstance(value, dict):
        return {key: ordered(each) for key, each in value.items()}
    if isinstance(value, list):
        return sorted((ordered(each) for each in value), key=lambda each: json.dumps(each, sort_keys=True, default=str))
    return value


def _listener(noun: Any) -> dict[str, Any]:
    return _plain(noun)


def _rule(noun: Any) -> dict[str, Any]:
    return _plain(noun)


def _target_group(noun: Any) -> dict[str, Any]:
    targets = sorted(f"{each.id}:{each.port} {each.state}" for each in noun.targets.values() if each.draining_until is None)
    return {**_plain(noun, "name"), "targets": targets, "used_by": sorted({each.rpartition("/")[0] for each in noun.load_balancers})}


def _tags(group: Any) -> Any:
    return sorted(f"{each['key']}={each.get('value') or ''}" for each in group.get("tagSet") or ())


_ID = re.compile(
    r"(loadbalancer/(?:app|net)/[^/\"]+|targetgroup/[^/\"]+|listener/(?:app|net)/[^/\"]+|listener-rule/(?:app|net)/[^/\"]+)/[0-9a-f/]+"
)
_RULE = re.compile(r"sgr-[0-9a-f]+")
_HOST = re.compile(r"-[0-9a-f]{8,}(\.elb|\.ap-)|-\d{6,}(\.ap-|\.elb)")


def _named(text: str, names: dict[str, str]) -> str:
    text = _RULE.sub("sgr", _ID.sub(r"\1", text))
    for identity, name in names.items():
        text = text.replace(identity, name)
    return text
