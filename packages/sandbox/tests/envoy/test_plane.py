"""Requests through the real Envoy."""

import asyncio
import itertools
from collections import Counter
from typing import Any

import pytest
from packages.sandbox.tests.envoy.conftest import Account, Backend, Client, Plane
from packages.sandbox.tests.envoy.parts import fixed, forward, path, redirect, source

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def test_fixed_response(account: Account, plane: Plane, client: Client) -> None:
    lb = account.balancer()
    account.listener(lb, 18080, fixed('{"a": 1}', 418, "application/json"))
    account.listener(lb, 18081, {"Type": "fixed-response", "FixedResponseConfig": {"StatusCode": "404"}})
    await plane.serve(account)
    answer = await client.get(plane.url(lb, 18080))
    assert (answer.status, answer.text, answer.headers["Server"]) == (418, '{"a": 1}', "awselb/2.0")
    assert answer.headers["Content-Type"] == "application/json; charset=utf-8"
    assert (await client.get(plane.url(lb, 18081))).text == ""


@pytest.mark.parametrize(
    ("config", "url", "location"),
    [
        ({"Protocol": "HTTPS", "Port": "443"}, "/eks/?k=v", "https://aws.test:443/eks/?k=v"),
        ({}, "/a", "http://aws.test:18080/a"),
        ({"Host": "www.#{host}", "Path": "/new/#{path}", "Query": "#{query}&q=1"}, "/a/b?x=1", "http://www.aws.test:18080/new/a/b?x=1&q=1"),
        ({"Path": "/fixed", "Query": ""}, "/a?b=c", "http://aws.test:18080/fixed"),
        ({"Path": "/#{host}/#{port}/#{protocol}"}, "/", "http://aws.test:18080/aws.test/18080/HTTP"),
    ],
)
async def test_redirect(account: Account, plane: Plane, client: Client, config: dict[str, str], url: str, location: str) -> None:
    lb = account.balancer()
    account.listener(lb, 18080, redirect(**config))
    await plane.serve(account)
    answer = await client.get(plane.url(lb, 18080, url), host="aws.test")
    assert (answer.status, answer.headers["Location"]) == (301, location)


async def test_forward_spreads_over_targets(account: Account, plane: Plane, client: Client, backend: Backend) -> None:
    targets = [(*await backend(name), "healthy") for name in ("one", "two")]
    lb = account.balancer()
    account.listener(lb, 18080, forward((account.group("t", targets), 1)))
    await plane.serve(account)
    names = [(await client.get(plane.url(lb, 18080))).json["name"] for _ in range(6)]
    assert Counter(names) == {"one": 3, "two": 3}


async def test_weights_are_kept(account: Account, plane: Plane, client: Client, backend: Backend) -> None:
    lb = account.balancer()
    groups = [account.group(name, [(*await backend(name), "healthy")]) for name in ("blue", "green", "none")]
    account.listener(lb, 18080, forward((groups[0], 900), (groups[1], 100), (groups[2], 0)))
    await plane.serve(account)
    names = Counter([(await client.get(plane.url(lb, 18080))).json["name"] for _ in range(80)])
    assert names["blue"] > names["green"]
    assert names["none"] == 0


async def test_request_headers(account: Account, plane: Plane, client: Client, backend: Backend) -> None:
    lb = account.balancer()
    account.listener(lb, 18080, forward((account.group("t", [(*await backend("one"), "healthy")]), 1)))
    await plane.serve(account)
    sent = {"x-forwarded-for": "203.0.113.7", "x-forwarded-proto": "https", "x_odd": "kept"}
    got = (await client.get(plane.url(lb, 18080, "/a/b?c=d%20e"), host="api.test", headers=sent)).json
    headers = got["headers"]
    assert (got["host"], got["path"]) == ("api.test:18080", "/a/b?c=d%20e")
    assert headers["x-forwarded-for"] == "203.0.113.7, 127.0.0.1"
    assert (headers["x-forwarded-proto"], headers["x-forwarded-port"], headers["x_odd"]) == ("http", "18080", "kept")
    assert headers["x-amzn-trace-id"].startswith("Root=1-")
    assert not [key for key in headers if key.startswith(("x-envoy", "x-sandbox", "x-request-id"))]


@pytest.mark.parametrize(
    ("attributes", "key", "value"),
    [
        ({"routing.http.preserve_host_header.enabled": "true"}, "host", "api.test"),
        ({"routing.http.xff_header_processing.mode": "preserve"}, "x-forwarded-for", "203.0.113.7"),
        ({"routing.http.xff_header_processing.mode": "remove"}, "x-forwarded-for", None),
        ({"routing.http.drop_invalid_header_fields.enabled": "true"}, "x_odd", None),
    ],
)
async def test_attributes_change_headers(
    account: Account, plane: Plane, client: Client, backend: Backend, attributes: dict[str, str], key: str, value: str | None
) -> None:
    lb = account.balancer(**attributes)
    account.listener(lb, 18080, forward((account.group("t", [(*await backend("one"), "healthy")]), 1)))
    await plane.serve(account)
    sent = {"x-forwarded-for": "203.0.113.7", "x_odd": "1"}
    got = (await client.get(plane.url(lb, 18080), host="api.test", headers=sent)).json
    assert got["headers"].get(key) == value


async def test_client_port_is_told_where_wanted(account: Account, plane: Plane, client: Client, backend: Backend) -> None:
    lb = account.balancer(**{"routing.http.xff_client_port.enabled": "true"})
    account.listener(lb, 18080, forward((account.group("t", [(*await backend("one"), "healthy")]), 1)))
    await plane.serve(account)
    got = (await client.get(plane.url(lb, 18080))).json["headers"]["x-forwarded-for"]
    assert got.startswith("127.0.0.1:")


async def test_trace_is_continued(account: Account, plane: Plane, client: Client, backend: Backend) -> None:
    lb = account.balancer()
    account.listener(lb, 18080, forward((account.group("t", [(*await backend("one"), "healthy")]), 1)))
    await plane.serve(account)
    root = "Root=1-67891233-abcdef012345678912345678"
    got = (await client.get(plane.url(lb, 18080), headers={"x-amzn-trace-id": root})).json["headers"]["x-amzn-trace-id"]
    assert got.startswith("Self=1-")
    assert got.endswith(";" + root)


async def test_no_target_is_503_and_no_answer_is_502(account: Account, plane: Plane, client: Client, unused_tcp_port: int) -> None:
    lb = account.balancer()
    account.listener(lb, 18080, forward((account.group("empty"), 1)))
    account.listener(lb, 18081, forward((account.group("dead", [("127.0.0.1", unused_tcp_port, "healthy")]), 1)))
    account.listener(lb, 18082, forward(("arn:aws:elasticloadbalancing:ap-northeast-2:123456789012:targetgroup/gone/0", 1)))
    loop = await plane.serve(account)
    answers = [await client.get(plane.url(lb, port)) for port in (18080, 18081, 18082)]
    assert [each.status for each in answers] == [503, 502, 503]
    assert "503 Service Temporarily Unavailable" in answers[0].text
    assert loop.view.warnings[lb] == ("listener 18082, the default rule: target group targetgroup/gone/0 does not exist: it answers 503",)


async def test_nothing_is_tried_twice(account: Account, plane: Plane, client: Client, backend: Backend, unused_tcp_port: int) -> None:
    lb = account.balancer()
    targets = [(*await backend("one"), "healthy"), ("127.0.0.1", unused_tcp_port, "healthy")]
    account.listener(lb, 18080, forward((account.group("t", targets), 1)))
    await plane.serve(account)
    statuses = Counter([(await client.get(plane.url(lb, 18080))).status for _ in range(4)])
    assert statuses == {200: 2, 502: 2}


async def test_silence_is_504(account: Account, plane: Plane, client: Client) -> None:
    async def silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()
        writer.close()

    server = await asyncio.start_server(silent, "127.0.0.1", 0)
    where = server.sockets[0].getsockname()
    lb = account.balancer(**{"idle_timeout.timeout_seconds": "1"})
    account.listener(lb, 18080, forward((account.group("t", [(*where, "healthy")]), 1)))
    await plane.serve(account)
    answer = await client.get(plane.url(lb, 18080))
    server.close()
    assert answer.status == 504


@pytest.mark.parametrize(
    ("states", "served"),
    [
        (("healthy", "unhealthy"), {"one"}),
        (("unhealthy", "unhealthy"), {"one", "two"}),
        (("initial", "healthy"), {"two"}),
        (("draining", "healthy"), {"two"}),
        (("draining", "unhealthy"), {"two"}),
        (("draining", "draining"), {"503"}),
        (("unused", "unused"), {"503"}),
    ],
)
async def test_health_decides(
    account: Account, plane: Plane, client: Client, backend: Backend, states: tuple[str, str], served: set[str]
) -> None:
    lb = account.balancer()
    targets = [(*await backend(name), state) for name, state in zip(("one", "two"), states, strict=True)]
    account.listener(lb, 18080, forward((account.group("t", targets), 1)))
    await plane.serve(account)
    answers = [await client.get(plane.url(lb, 18080)) for _ in range(4)]
    assert {each.json["name"] if each.status == 200 else str(each.status) for each in answers} == served


@pytest.mark.parametrize(
    ("kind", "config", "regex", "replace", "got"),
    [
        ("url-rewrite", "UrlRewriteConfig", "^/dp/([a-z]+)", "/product.php?id=$1", ("api.test:18080", "/product.php?id=abc?x=1")),
        ("url-rewrite", "UrlRewriteConfig", "/nowhere", "/", ("api.test:18080", "/dp/abc?x=1")),
        (
            "host-header-rewrite",
            "HostHeaderRewriteConfig",
            r"^(\w+)\.test",
            "in.$1.example.com",
            ("in.api.example.com", "/dp/abc?x=1"),
        ),
    ],
)
async def test_transform(
    account: Account, plane: Plane, client: Client, backend: Backend, kind: str, config: str, regex: str, replace: str, got: tuple[str, str]
) -> None:
    lb = account.balancer()
    group = account.group("t", [(*await backend("one"), "healthy")])
    listener = account.listener(lb, 18080, fixed("missed", 404))
    transform = {"Type": kind, config: {"Rewrites": [{"Regex": regex, "Replace": replace}]}}
    account.rule(listener, 1, [path("/dp/*")], forward((group, 1)), transforms=[transform])
    await plane.serve(account)
    answer = (await client.get(plane.url(lb, 18080, "/dp/abc?x=1"), host="api.test")).json
    assert (answer["host"], answer["path"]) == got


async def test_what_cannot_be_said_is_warned_of(account: Account, plane: Plane, client: Client) -> None:
    lb = account.balancer()
    listener = account.listener(lb, 18080, fixed("default", 404))
    account.rule(listener, 1, [path("/(?=a)", key="RegexValues")], fixed("never"))
    account.rule(listener, 2, [{"Field": "moon-phase", "Values": ["full"]}], fixed("never"))
    account.rule(listener, 3, [path("/c")], {"Type": "teleport"})
    loop = await plane.serve(account)
    assert (await client.get(plane.url(lb, 18080, "/a"))).text == "default"
    assert (await client.get(plane.url(lb, 18080, "/c"))).status == 503
    assert [each.split(": ")[0] for each in loop.view.warnings[lb]] == [
        "listener 18080, rule 1",
        "listener 18080, rule 2",
        "listener 18080, rule 3",
        "listener 18080, rule 3",
    ]


@pytest.mark.parametrize(("unauthenticated", "status"), [("authenticate", 302), ("deny", 401), ("allow", 200)])
async def test_authenticate(account: Account, plane: Plane, client: Client, unauthenticated: str, status: int) -> None:
    lb = account.balancer()
    oidc = {"AuthorizationEndpoint": "https://idp.test/auth", "ClientId": "me", "OnUnauthenticatedRequest": unauthenticated}
    account.listener(lb, 18080, {"Type": "authenticate-oidc", "Order": 1, "AuthenticateOidcConfig": oidc}, fixed("in") | {"Order": 2})
    loop = await plane.serve(account)
    answer = await client.get(plane.url(lb, 18080), host="api.test")
    assert answer.status == status
    if status == 302:
        assert answer.headers["Location"].startswith(
            "https://idp.test/auth?client_id=me&redirect_uri=http%3A%2F%2Fapi.test%2Foauth2%2Fidpresponse&response_type=code&scope=openid&state="
        )
    assert "nobody can log in here" in loop.view.warnings[lb][0]


async def test_websocket(account: Account, plane: Plane, client: Client, backend: Backend) -> None:
    lb = account.balancer()
    account.listener(lb, 18080, forward((account.group("t", [(*await backend("one"), "healthy")]), 1)))
    await plane.serve(account)
    async with client.session.ws_connect(plane.url(lb, 18080, "/ws")) as socket:
        await socket.send_str("hello")
        assert await socket.receive_str() == "one: hello"


async def test_a_change_keeps_connections(account: Account, plane: Plane, client: Client, backend: Backend) -> None:
    lb = account.balancer()
    one, two = (await backend("one"), await backend("two"))
    group = account.group("t", [(*one, "healthy")])
    listener = account.listener(lb, 18080, forward((group, 1)))
    await plane.serve(account)
    async with client.session.ws_connect(plane.url(lb, 18080, "/ws")) as socket:
        account.targets(group, [(*two, "healthy")])
        account.rule(listener, 1, [path("/new")], fixed("new"))
        await plane.serve(account)
        assert (await client.get(plane.url(lb, 18080, "/new"))).text == "new"
        assert (await client.get(plane.url(lb, 18080))).json["name"] == "two"
        await socket.send_str("still here")
        assert await socket.receive_str() == "one: still here"


async def test_the_loop_follows_the_journal(account: Account, plane: Plane, client: Client) -> None:
    lb = account.balancer()
    listener = account.listener(lb, 18080, fixed("default", 404))
    loop = await plane.serve(account)
    following = asyncio.create_task(loop.run())
    account.rule(listener, 1, [path("/new")], fixed("new"))
    account.calls.append({"n": 1, "operation": "CreateRule", "status": 200})
    for _ in itertools.takewhile(lambda _: loop.view.through < 1, range(200)):
        await asyncio.sleep(0.01)
    following.cancel()
    assert (await client.get(plane.url(lb, 18080, "/new"))).text == "new"


async def test_tcp_listeners_pass_bytes(account: Account, plane: Plane, client: Client, backend: Backend) -> None:
    nlb = account.balancer("tcp", kind="network")
    account.listener(nlb, 18090, forward((account.group("t", [(*await backend("one"), "healthy")], protocol="TCP"), 1)), protocol="TCP")
    await plane.serve(account)
    got = (await client.get(plane.url(nlb, 18090), host="api.test")).json
    assert (got["host"], got["headers"].get("x-forwarded-for")) == ("api.test", None)


async def test_a_load_balancer_behind_another(account: Account, plane: Plane, client: Client) -> None:
    alb, nlb = account.balancer("inner"), account.balancer("outer", kind="network")
    listener = account.listener(alb, 18080, fixed("missed", 404))
    account.rule(listener, 1, [source("127.0.0.1/32")], fixed("inner"))
    group = account.group("t", [(alb, 18080, "healthy")], protocol="TCP", TargetType="alb", LoadBalancerArns=[nlb])
    account.listener(nlb, 18090, forward((group, 1)), protocol="TCP")
    await plane.serve(account)
    assert (await client.get(plane.url(nlb, 18090))).text == "inner"
    assert plane.address(alb, 18080)[0] != plane.address(nlb, 18090)[0]


async def test_udp(account: Account, plane: Plane) -> None:
    class Echo(asyncio.DatagramProtocol):
        def connection_made(self, transport: Any) -> None:
            self.transport = transport

        def datagram_received(self, data: bytes, addr: Any) -> None:
            self.transport.sendto(b"echo " + data, addr)

    class Client(asyncio.DatagramProtocol):
        def __init__(self) -> None:
            self.got: asyncio.Future[bytes] = asyncio.get_running_loop().create_future()

        def datagram_received(self, data: bytes, addr: Any) -> None:
            self.got.set_result(data)

    loop = asyncio.get_running_loop()
    server, _ = await loop.create_datagram_endpoint(Echo, local_addr=("127.0.0.1", 0))
    nlb = account.balancer("udp", kind="network")
    group = account.group("t", [(*server.get_extra_info("sockname"), "healthy")], protocol="UDP")
    account.listener(nlb, 18053, forward((group, 1)), protocol="UDP")
    await plane.serve(account)
    sender, client = await loop.create_datagram_endpoint(Client, remote_addr=plane.address(nlb, 18053))
    sender.sendto(b"hello")
    assert await asyncio.wait_for(client.got, 5) == b"echo hello"
    sender.close()
    server.close()
