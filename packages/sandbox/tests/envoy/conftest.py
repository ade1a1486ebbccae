"""A recorded account that tests write by hand, and one real Envoy for all tests of a worker."""

import asyncio
import json
import os
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aiohttp
import pytest
import pytest_asyncio
from aiohttp import web

from albatross_sandbox.envoy.address import Ledger
from albatross_sandbox.envoy.loop import Loop
from albatross_sandbox.envoy.process import Envoy
from albatross_sandbox.envoy.read import Answers

Json = dict[str, Any]
PREFIX = "arn:aws:elasticloadbalancing:ap-northeast-2:123456789012:"


@dataclass
class Account:
    """Describe answers in the making; it also stands in for the connection to an account."""

    calls: list[Json] = field(default_factory=list)
    raw: dict[str, Any] = field(default_factory=lambda: {"load_balancers": [], "target_groups": []})

    def balancer(self, name: str = "web", kind: str = "application", **attributes: str) -> str:
        short = {"application": "app", "network": "net", "gateway": "gwy"}[kind]
        arn = f"{PREFIX}loadbalancer/{short}/{name}/0123456789abcdef"
        self.raw["load_balancers"].append(
            {"LoadBalancerArn": arn, "LoadBalancerName": name, "DNSName": f"{name}.elb.test", "Scheme": "internal", "Type": kind}
        )
        self._of("load_balancer_attributes")[arn] = pairs(attributes)
        return arn

    def listener(self, balancer: str, port: int, *actions: Json, protocol: str = "HTTP", **more: Any) -> str:
        arn = f"{balancer.replace(':loadbalancer/', ':listener/')}/{port:016x}"
        attributes = more.pop("attributes", {})
        certificates = more.pop("certificates", [])
        listener = {
            "ListenerArn": arn,
            "LoadBalancerArn": balancer,
            "Port": port,
            "Protocol": protocol,
            "DefaultActions": list(actions),
            **more,
        }
        if certificates:
            listener["Certificates"] = [{"CertificateArn": certificates[0]}]
            listed = [{"CertificateArn": each, "IsDefault": each == certificates[0]} for each in certificates]
            self._of("listener_certificates")[arn] = tuple(listed)
        found = self._of("listeners")
        found[balancer] = (*found.get(balancer, ()), listener)
        self._of("listener_attributes")[arn] = pairs(attributes)
        return arn

    def rule(self, listener: str, priority: int, conditions: Iterable[Json], *actions: Json, transforms: Sequence[Json] = ()) -> None:
        rules = self._of("rules")
        arn = f"{listener.replace(':listener/', ':listener-rule/')}/{priority:016x}"
        rule = {
            "RuleArn": arn,
            "Priority": str(priority),
            "Conditions": list(conditions),
            "Actions": list(actions),
            "Transforms": list(transforms),
        }
        rules[listener] = (*rules.get(listener, ()), rule)

    def group(self, name: str, targets: Sequence[tuple[str, int, str]] = (), protocol: str = "HTTP", **more: Any) -> str:
        arn = f"{PREFIX}targetgroup/{name}/0123456789abcdef"
        attributes = more.pop("attributes", {})
        defaults = {"TargetType": "ip", "Port": 80, "LoadBalancerArns": []}
        if protocol in ("HTTP", "HTTPS"):
            defaults["ProtocolVersion"] = "HTTP1"
        self.raw["target_groups"] = [each for each in self.raw["target_groups"] if each["TargetGroupArn"] != arn]
        self.raw["target_groups"].append({"TargetGroupArn": arn, "TargetGroupName": name, "Protocol": protocol, **defaults, **more})
        self._of("target_group_attributes")[arn] = pairs(attributes)
        self.targets(arn, targets)
        return arn

    def targets(self, group: str, targets: Sequence[tuple[str, int, str]]) -> None:
        rows = tuple({"Target": {"Id": host, "Port": port}, "TargetHealth": {"State": state}} for host, port, state in targets)
        self._of("target_health")[group] = rows

    def _of(self, key: str) -> dict[str, Any]:
        found: dict[str, Any] = self.raw.setdefault(key, {})
        return found

    async def journal(self, since: int) -> list[Mapping[str, Any]]:
        return [each for each in self.calls if each["n"] > since]

    async def answers(self, before: Answers, touched: str | None) -> Answers:
        return self.recorded()

    async def health(self, groups: Iterable[str]) -> dict[str, tuple[Mapping[str, Any], ...]]:
        return {arn: self.raw["target_health"][arn] for arn in groups}

    def recorded(self) -> Answers:
        raw: dict[str, Any] = json.loads(json.dumps(self.raw))
        lists = ("load_balancers", "target_groups")
        found: dict[str, Any] = {key: tuple(value) if key in lists else value for key, value in raw.items()}
        return Answers(**found)


def pairs(attributes: Mapping[str, str]) -> tuple[Json, ...]:
    return tuple({"Key": key, "Value": value} for key, value in attributes.items())


@dataclass(frozen=True)
class Answer:
    """What a client got back."""

    status: int
    headers: Mapping[str, str]
    cookies: tuple[str, ...]
    text: str

    @property
    def json(self) -> Json:
        found: Json = json.loads(self.text)
        return found


class Plane:
    """The data plane over whatever account a test gives it."""

    def __init__(self, envoy: Envoy, cidr: str) -> None:
        self.envoy = envoy
        self.cidr = cidr
        self._ledger = Ledger(cidr, envoy.folder / "addresses.json")
        self.loop: Loop | None = None

    async def serve(self, account: Account) -> Loop:
        self.loop = Loop(account, self.envoy, self._ledger)
        await self.loop.first()
        assert not self.envoy.refused
        return self.loop

    def address(self, balancer: str, port: int) -> tuple[str, int]:
        assert self.loop is not None
        place = self.loop.view.places[balancer]
        return place.address, place.ports[port]

    def url(self, balancer: str, port: int = 80, path: str = "/", scheme: str = "http") -> str:
        host, bound = self.address(balancer, port)
        return f"{scheme}://{host}:{bound}{path}"


@dataclass
class Client:
    """An HTTP client without cookies, redirects or opinions."""

    session: aiohttp.ClientSession

    async def get(self, url: str, host: str = "", method: str = "GET", headers: Mapping[str, str] | None = None, **more: Any) -> Answer:
        from yarl import URL

        sent = dict(headers or {}) | ({"Host": host} if host else {})
        async with self.session.request(method, URL(url, encoded=True), headers=sent, allow_redirects=False, **more) as answer:
            return Answer(answer.status, answer.headers, tuple(answer.headers.getall("Set-Cookie", ())), await answer.text())


Backend = Callable[[str], Awaitable[tuple[str, int]]]


@pytest.fixture
def account() -> Account:
    return Account()


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def session_plane(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Plane]:
    worker = os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw")
    folder: Path = tmp_path_factory.mktemp("envoy")
    envoy = Envoy(folder)
    await envoy.start()
    yield Plane(envoy, f"127.{230 + int(worker) % 20}.0.0/16")
    await envoy.stop()


@pytest_asyncio.fixture(loop_scope="session")
async def plane(session_plane: Plane) -> AsyncIterator[Plane]:
    yield session_plane
    await session_plane.serve(Account())


@pytest_asyncio.fixture(loop_scope="session")
async def client() -> AsyncIterator[Client]:
    jar = aiohttp.DummyCookieJar()
    connector = aiohttp.TCPConnector(force_close=True)
    async with aiohttp.ClientSession(cookie_jar=jar, connector=connector, timeout=aiohttp.ClientTimeout(total=10)) as session:
        yield Client(session)


@pytest_asyncio.fixture(loop_scope="session")
async def backend() -> AsyncIterator[Backend]:
    """Starts HTTP servers that say what they got; gives the address of each."""
    runners: list[web.AppRunner] = []

    async def start(name: str) -> tuple[str, int]:
        async def echo(request: web.Request) -> web.StreamResponse:
            if request.headers.get("upgrade") == "websocket":
                socket = web.WebSocketResponse()
                await socket.prepare(request)
                async for message in socket:
                    await socket.send_str(f"{name}: {message.data}")
                return socket
            headers = {key.lower(): value for key, value in request.headers.items()}
            return web.json_response({"name": name, "host": request.headers["Host"], "path": request.raw_path, "headers": headers})

        application = web.Application()
        application.router.add_route("*", "/{rest:.*}", echo)
        runner = web.AppRunner(application, access_log=None)
        runners.append(runner)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        host, port = runner.addresses[0][:2]
        return host, port

    yield start
    for runner in runners:
        await runner.cleanup()


Handler = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]
Where = tuple[str, int]
Listen = Callable[..., Awaitable[Where]]


@pytest_asyncio.fixture(loop_scope="session")
async def listen() -> AsyncIterator[Listen]:
    """Starts TCP servers; gives the address of each."""
    servers: list[asyncio.Server] = []

    async def start(handler: Handler, host: str = "127.0.0.1", tls: ssl.SSLContext | None = None) -> Where:
        server = await asyncio.start_server(handler, host, 0, ssl=tls)
        servers.append(server)
        found = server.sockets[0].getsockname()
        return str(found[0]), int(found[1])

    yield start
    for server in servers:
        server.close()


def named(name: str) -> Handler:
    """Says its name, then sends back each line."""

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(f"{name}\n".encode())
        while line := await reader.readline():
            writer.write(line)
        writer.close()

    return handle
