"""Network load balancers through the real Envoy: zones, the PROXY protocol, TLS to targets, stickiness, draining, UDP."""

import asyncio
import ipaddress
import ssl
import struct
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from packages.sandbox.tests.envoy.conftest import Account, Backend, Client, Handler, Listen, Plane, Where, named
from packages.sandbox.tests.envoy.test_secure import context, key_pair, with_keys

from albatross_sandbox.envoy.relay import read
from albatross_sandbox.envoy.status import shown
from albatross_sandbox.envoy.zone import addresses

pytestmark = pytest.mark.asyncio(loop_scope="session")
Json = dict[str, Any]
SIGNATURE = b"\r\n\r\n\x00\r\nQUIT\n"
SUBNETS = {
    "subnet-a": {"SubnetId": "subnet-a", "CidrBlock": "127.0.16.0/20", "AvailabilityZone": "zone-a"},
    "subnet-b": {"SubnetId": "subnet-b", "CidrBlock": "127.0.32.0/20", "AvailabilityZone": "zone-b"},
}


def forward(*groups: str) -> Json:
    return {"Type": "forward", "ForwardConfig": {"TargetGroups": [{"TargetGroupArn": each, "Weight": 1} for each in groups]}}


async def said(where: Where) -> str:
    """The first line of a new connection, empty where there is none."""
    try:
        reader, writer = await asyncio.open_connection(*where)
        line = await asyncio.wait_for(reader.readline(), 5)
        writer.close()
    except OSError:
        return ""
    return line.decode().strip()


def zoned(account: Account, cross: str, own: str = "use_load_balancer_configuration", private: str = "") -> tuple[str, str]:
    """A load balancer in two zones and its target group, without targets."""
    nlb = account.balancer("zoned", kind="network", **{"load_balancing.cross_zone.enabled": cross})
    given = [{"PrivateIPv4Address": private}] if private else []
    zones = [{"ZoneName": f"zone-{each}", "SubnetId": f"subnet-{each}", "LoadBalancerAddresses": given * (each == "b")} for each in "ba"]
    account.raw["load_balancers"][-1]["AvailabilityZones"] = zones
    account.raw["subnets"] = SUBNETS
    attributes = {"load_balancing.cross_zone.enabled": own}
    group = account.group("t", protocol="TCP", attributes=attributes, LoadBalancerArns=[nlb])
    account.listener(nlb, 18090, forward(group), protocol="TCP")
    return nlb, group


@pytest.mark.parametrize(
    ("cross", "own", "apart"),
    [
        ("false", "use_load_balancer_configuration", True),
        ("true", "use_load_balancer_configuration", False),
        ("true", "false", True),
        ("false", "true", False),
    ],
)
async def test_zones(account: Account, plane: Plane, listen: Listen, cross: str, own: str, apart: bool) -> None:
    nlb, group = zoned(account, cross, own)
    targets = [await listen(named("a"), "127.0.16.9"), await listen(named("b"), "127.0.32.9")]
    account.targets(group, [(*each, "healthy") for each in targets])
    loop = await plane.serve(account)
    place = loop.view.places[nlb]
    found = {zone: {await said((address, place.ports[18090])) for _ in range(4)} for zone, address in place.zones.items()}
    both = {"a", "b"}
    assert found == ({"zone-a": {"a"}, "zone-b": {"b"}} if apart else {"zone-a": both, "zone-b": both})
    assert len(set(place.zones.values())) == 2


async def test_a_zone_without_targets_leaves_the_name(account: Account, plane: Plane, listen: Listen) -> None:
    nlb, group = zoned(account, "false")
    account.targets(group, [(*await listen(named("b"), "127.0.32.9"), "healthy")])
    loop = await plane.serve(account)
    (balancer,), place = loop.view.state.load_balancers, loop.view.places[nlb]
    assert addresses(balancer, loop.view.state, place) == (place.zones["zone-b"],)
    assert await said((place.zones["zone-a"], place.ports[18090])) == ""
    (status,) = shown(loop.view)["load_balancers"]
    assert (status["address"], status["zones"]) == (place.zones["zone-b"], dict(place.zones))
    account.targets(group, [])
    loop = await plane.serve(account)
    (balancer,) = loop.view.state.load_balancers
    assert addresses(balancer, loop.view.state, place) == tuple(place.zones.values())


async def test_a_private_address_that_was_asked_for(account: Account, plane: Plane, listen: Listen) -> None:
    network = ipaddress.ip_network(plane.cidr)
    wanted = str(network[0x2009])
    nlb, group = zoned(account, "true", private=wanted)
    account.targets(group, [(*await listen(named("a"), "127.0.16.9"), "healthy")])
    loop = await plane.serve(account)
    place = loop.view.places[nlb]
    assert place.zones["zone-b"] == wanted
    assert await said((wanted, place.ports[18090])) == "a"


async def test_targets_outside_the_vpc_are_in_every_zone(account: Account, plane: Plane, listen: Listen) -> None:
    nlb, group = zoned(account, "false")
    account.targets(group, [(*await listen(named("far")), "healthy")])
    loop = await plane.serve(account)
    place = loop.view.places[nlb]
    assert [await said((address, place.ports[18090])) for address in place.zones.values()] == ["far", "far"]


async def test_proxy_protocol(account: Account, plane: Plane, listen: Listen) -> None:
    async def header(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readexactly(16)
        size = struct.unpack("!H", head[14:])[0]
        source, destination, port, to = struct.unpack("!4s4sHH", (await reader.readexactly(size))[:12])
        spoken = head[:12] == SIGNATURE and head[12:14] == b"\x21\x11"
        writer.write(f"{spoken} {ipaddress.ip_address(source)}:{port} {ipaddress.ip_address(destination)}:{to}\n".encode())
        writer.close()

    nlb = account.balancer("proxied", kind="network")
    on = {"proxy_protocol_v2.enabled": "true"}
    group = account.group("t", [(*await listen(header), "healthy")], protocol="TCP", attributes=on)
    account.listener(nlb, 18090, forward(group), protocol="TCP")
    await plane.serve(account)
    host, port = plane.address(nlb, 18090)
    reader, writer = await asyncio.open_connection(host, port)
    own = "{}:{}".format(*writer.get_extra_info("sockname"))
    assert (await asyncio.wait_for(reader.readline(), 5)).decode() == f"True {own} {host}:{port}\n"
    writer.close()


async def test_tls_to_targets(account: Account, plane: Plane, listen: Listen, tmp_path: Path) -> None:
    shown = key_pair("target.test")
    (tmp_path / "target.pem").write_text(shown["certificate"] + shown["private_key"])
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(tmp_path / "target.pem")
    nlb = account.balancer("tls", kind="network")
    group = account.group("t", [(*await listen(named("secure"), tls=tls), "healthy")], protocol="TLS")
    account.listener(nlb, 18443, forward(group), protocol="TLS", certificates=with_keys(account, key_pair("a.test")))
    await plane.serve(account)
    reader, writer = await asyncio.open_connection(*plane.address(nlb, 18443), ssl=context(), server_hostname="a.test")
    assert await asyncio.wait_for(reader.readline(), 5) == b"secure\n"
    writer.transport.abort()


def peer(header: bool = False) -> Handler:
    """Says who connects, after a PROXY protocol header."""

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if header:
            assert (await reader.readexactly(16))[:12] == SIGNATURE
            await reader.readexactly(12)
        writer.write("{}\n".format(writer.get_extra_info("peername")[0]).encode())
        while line := await reader.readline():
            writer.write(line)
        writer.close()

    return handle


@pytest.mark.parametrize(
    ("protocol", "attributes", "kept"),
    [
        ("TCP", {}, False),
        ("TCP", {"preserve_client_ip.enabled": "true"}, True),
        ("TCP", {"preserve_client_ip.enabled": "true", "proxy_protocol_v2.enabled": "true"}, True),
        ("TCP_UDP", {}, True),
    ],
)
async def test_targets_see_the_client(
    account: Account, plane: Plane, listen: Listen, protocol: str, attributes: dict[str, str], kept: bool
) -> None:
    nlb = account.balancer("kept", kind="network")
    where = await listen(peer("proxy_protocol_v2.enabled" in attributes))
    group = account.group("t", [(*where, "healthy")], protocol=protocol, attributes=attributes)
    account.listener(nlb, 18090, forward(group), protocol=protocol)
    await plane.serve(account)
    reader, writer = await asyncio.open_connection(*plane.address(nlb, 18090), local_addr=("127.0.0.9", 0))
    assert ((await asyncio.wait_for(reader.readline(), 5)) == b"127.0.0.9\n") == kept
    account.targets(group, [(*where, "draining")])
    await plane.serve(account)
    writer.write(b"still here\n")
    assert await asyncio.wait_for(reader.readline(), 5) == b"still here\n"
    writer.close()
    assert await said(plane.address(nlb, 18090)) == ""


async def test_what_is_no_header_is_refused() -> None:
    async def given(data: bytes) -> tuple[bytes, str]:
        reader = asyncio.StreamReader()
        reader.feed_data(data)
        reader.feed_eof()
        return await read(reader)

    local = SIGNATURE + b"\x20\x00\x00\x00"
    assert await given(local) == (local, "")
    with pytest.raises(ValueError, match="no PROXY"):
        await given(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
    with pytest.raises(EOFError):
        await given(SIGNATURE)


async def test_a_client_stays_with_its_target(account: Account, plane: Plane, listen: Listen) -> None:
    sticky = {"stickiness.enabled": "true", "stickiness.type": "source_ip"}
    nlb = account.balancer("sticky", kind="network")
    targets = [(*await listen(named(each)), "healthy") for each in ("one", "two", "three")]
    account.listener(nlb, 18090, forward(account.group("t", targets, protocol="TCP", attributes=sticky)), protocol="TCP")
    await plane.serve(account)
    assert len({await said(plane.address(nlb, 18090)) for _ in range(6)}) == 1


async def test_a_connection_lasts_while_its_target_drains(account: Account, plane: Plane, listen: Listen) -> None:
    nlb = account.balancer("draining", kind="network")
    old, new = await listen(named("old")), await listen(named("new"))
    group = account.group("t", [(*old, "healthy")], protocol="TCP")
    account.listener(nlb, 18090, forward(group), protocol="TCP")
    await plane.serve(account)
    reader, writer = await asyncio.open_connection(*plane.address(nlb, 18090))
    assert await reader.readline() == b"old\n"
    account.targets(group, [(*old, "draining"), (*new, "healthy")])
    await plane.serve(account)
    assert {await said(plane.address(nlb, 18090)) for _ in range(3)} == {"new"}
    writer.write(b"still here\n")
    assert await asyncio.wait_for(reader.readline(), 5) == b"still here\n"
    writer.close()


class Echo(asyncio.DatagramProtocol):
    """Sends back its name and who asks."""

    def __init__(self, name: str = "") -> None:
        self.name = name

    def connection_made(self, transport: Any) -> None:
        self.transport = transport

    def datagram_received(self, data: bytes, addr: Any) -> None:
        self.transport.sendto(f"{self.name} {addr[0]} ".encode() + data, addr)


class Answers(asyncio.DatagramProtocol):
    """Keeps what comes back."""

    def __init__(self) -> None:
        self.got: asyncio.Queue[str] = asyncio.Queue()

    def datagram_received(self, data: bytes, addr: Any) -> None:
        self.got.put_nowait(data.decode())


@pytest_asyncio.fixture(loop_scope="session")
async def echo() -> AsyncIterator[Callable[..., Awaitable[Where]]]:
    """Starts UDP servers; gives the address of each."""
    opened = []

    async def start(name: str, where: Where = ("127.0.0.1", 0)) -> Where:
        transport, _ = await asyncio.get_running_loop().create_datagram_endpoint(lambda: Echo(name), local_addr=where)
        opened.append(transport)
        found = transport.get_extra_info("sockname")
        return str(found[0]), int(found[1])

    yield start
    for transport in opened:
        transport.close()


async def asked(where: Where, source: str = "127.0.0.1", count: int = 1) -> list[str]:
    """The answers to datagrams of one client."""
    transport, answers = await asyncio.get_running_loop().create_datagram_endpoint(Answers, local_addr=(source, 0), remote_addr=where)
    found = []
    for _ in range(count):
        transport.sendto(b"hi")
        found.append(await asyncio.wait_for(answers.got.get(), 5))
    transport.close()
    return found


async def test_tcp_and_udp_on_one_port(account: Account, plane: Plane, client: Client, backend: Backend, echo: Any) -> None:
    where = await backend("tcp")
    await echo("udp", where)
    nlb = account.balancer("both", kind="network")
    account.listener(nlb, 18053, forward(account.group("t", [(*where, "healthy")], protocol="TCP_UDP")), protocol="TCP_UDP")
    await plane.serve(account)
    assert await asked(plane.address(nlb, 18053), "127.0.0.9", 2) == ["udp 127.0.0.9 hi"] * 2
    assert (await client.get(plane.url(nlb, 18053))).json["name"] == "tcp"


async def test_datagrams_go_to_all_targets_of_all_groups(account: Account, plane: Plane, echo: Any) -> None:
    nlb = account.balancer("spread", kind="network")
    one, two, three = [(*await echo(each), "healthy") for each in ("one", "two", "three")]
    groups = [account.group("a", [one, two], protocol="UDP"), account.group("b", [three], protocol="UDP")]
    account.listener(nlb, 18053, forward(*groups), protocol="UDP")
    await plane.serve(account)
    seen: set[str] = set()
    for _ in range(60):  # a client is a source port; each stays with its target
        first, again = await asked(plane.address(nlb, 18053), count=2)
        assert first == again
        seen.add(first.partition(" ")[0])
    assert seen == {"one", "two", "three"}
    sticky = {"stickiness.enabled": "true", "stickiness.type": "source_ip"}
    account.group("a", [one, two, three], protocol="UDP", attributes=sticky)
    account.group("b", [], protocol="UDP")
    account.raw["listeners"][nlb][0]["DefaultActions"] = [forward(groups[0])]
    await plane.serve(account)
    assert len({(await asked(plane.address(nlb, 18053)))[0] for _ in range(6)}) == 1


async def test_a_flow_leaves_a_target_that_is_gone(account: Account, plane: Plane, echo: Any) -> None:
    nlb = account.balancer("flows", kind="network")
    old, new = await echo("old"), await echo("new")
    group = account.group("t", [(*old, "healthy")], protocol="UDP")
    account.listener(nlb, 18053, forward(group), protocol="UDP")
    await plane.serve(account)
    transport, answers = await asyncio.get_running_loop().create_datagram_endpoint(Answers, remote_addr=plane.address(nlb, 18053))

    async def ask() -> str:
        transport.sendto(b"hi")
        return (await asyncio.wait_for(answers.got.get(), 5)).partition(" ")[0]

    assert await ask() == "old"
    account.targets(group, [(*old, "draining"), (*new, "healthy")])
    await plane.serve(account)
    assert await ask() == "old"
    account.targets(group, [(*new, "healthy")])
    await plane.serve(account)
    assert await ask() == "new"
    account.targets(group, [])
    await plane.serve(account)
    transport.sendto(b"nobody")
    transport.close()


async def test_a_udp_port_that_is_taken_is_said(account: Account, plane: Plane, echo: Any) -> None:
    nlb = account.balancer("taken", kind="network")
    group = account.group("t", [(*await echo("a"), "healthy")], protocol="UDP")
    account.listener(nlb, 18053, forward(group), protocol="UDP")
    await plane.serve(account)
    where = plane.address(nlb, 18053)
    await plane.serve(Account())
    await echo("other", where)
    loop = await plane.serve(account)
    (warning,) = loop.view.warnings[nlb]
    assert warning.startswith(f"UDP port {where[0]}:{where[1]} cannot be opened: ")


async def test_what_a_network_load_balancer_does_not_carry_is_said(account: Account, plane: Plane) -> None:
    nlb = account.balancer("told", kind="network")
    on = {"proxy_protocol_v2.enabled": "true"}
    groups = [account.group(each, protocol="UDP", attributes=on) for each in ("one", "two")]
    account.listener(nlb, 18053, forward(*groups), protocol="UDP")
    account.listener(nlb, 18443, forward(account.group("q", protocol="QUIC")), protocol="QUIC")
    loop = await plane.serve(account)
    assert loop.view.warnings[nlb] == (
        "listener 18053: datagrams carry no PROXY protocol header",
        "listener 18443: QUIC is not carried here, so it does not listen",
    )
    (status,) = shown(loop.view)["load_balancers"]
    assert [(each["protocol"], each["listens"]) for each in status["listeners"]] == [("UDP", True), ("QUIC", False)]
