"""Security groups in front of listeners and targets, through the real Envoy, with clients at several addresses of this machine."""

import asyncio
from typing import Any

import pytest
from packages.sandbox.tests.envoy.conftest import Account, Backend, Listen, Plane, Where, named
from packages.sandbox.tests.envoy.test_network import SUBNETS, forward

from albatross_sandbox.envoy import reach
from albatross_sandbox.envoy.listener import fronts

pytestmark = pytest.mark.asyncio(loop_scope="session")
Json = dict[str, Any]
INSIDE, OUTSIDE = "127.0.0.5", "127.0.0.1"


def rule(*cidrs: str, groups: tuple[str, ...] = (), protocol: str = "tcp", **ports: int) -> Json:
    found: Json = {"IpProtocol": protocol, "IpRanges": [{"CidrIp": each} for each in cidrs]}
    found["UserIdGroupPairs"] = [{"GroupId": each} for each in groups]
    low, high = ports.get("low", 0), ports.get("high", 65535)
    return found if protocol == "-1" else {**found, "FromPort": low, "ToPort": high}


def guard(account: Account, **rules: list[Json]) -> None:
    """Security groups with these ingress rules; `_` in names stands for `-`."""
    account.raw["security_groups"] = [{"GroupId": key.replace("_", "-"), "IpPermissions": each} for key, each in rules.items()]


def owned(account: Account, address: str, *groups: str) -> None:
    """A network interface with an address."""
    own = {"Groups": [{"GroupId": each} for each in groups], "PrivateIpAddresses": [{"PrivateIpAddress": address}]}
    account.raw.setdefault("interfaces", []).append(own)


def balancer(account: Account, name: str, *groups: str, kind: str = "network") -> str:
    arn = account.balancer(name, kind=kind)
    zones = [{"ZoneName": "zone-a", "SubnetId": "subnet-a", "LoadBalancerAddresses": []}]
    account.raw["load_balancers"][-1] |= {"AvailabilityZones": zones, "SecurityGroups": list(groups)}
    account.raw["subnets"] = SUBNETS
    return arn


async def said(where: Where, source: str) -> str:
    """The first line of a new connection from an address, empty where it is closed."""
    try:
        reader, writer = await asyncio.open_connection(*where, local_addr=(source, 0))
        line = await asyncio.wait_for(reader.readline(), 5)
        writer.close()
    except OSError:
        return ""
    return line.decode().strip()


async def heard(where: Where) -> dict[str, str]:
    return {source: await said(where, source) for source in (INSIDE, OUTSIDE)}


async def test_only_clients_in_the_source_ranges_connect(account: Account, plane: Plane, listen: Listen) -> None:
    nlb = balancer(account, "ranges", "sg-lb")
    group = account.group("t", [(*await listen(named("a"), "127.0.16.9"), "healthy")], protocol="TCP", LoadBalancerArns=[nlb])
    account.listener(nlb, 18090, forward(group), protocol="TCP")
    guard(account, sg_lb=[rule(f"{INSIDE}/32", low=18090, high=18090)])
    loop = await plane.serve(account)
    assert await heard(plane.address(nlb, 18090)) == {INSIDE: "a", OUTSIDE: ""}
    (warning,) = loop.view.warnings[nlb]
    assert warning.endswith(f"only {INSIDE}/32 by tcp; give curl one of these as --interface")
    guard(account, sg_lb=[rule(f"{INSIDE}/32"), rule("0.0.0.0/0")])
    loop = await plane.serve(account)
    assert await heard(plane.address(nlb, 18090)) == {INSIDE: "a", OUTSIDE: "a"}
    assert loop.view.warnings[nlb] == ()
    guard(account, sg_lb=[])
    loop = await plane.serve(account)
    assert await heard(plane.address(nlb, 18090)) == {INSIDE: "", OUTSIDE: ""}
    assert "nobody" in loop.view.warnings[nlb][0]


async def test_an_application_load_balancer_has_security_groups_too(account: Account, plane: Plane, backend: Backend) -> None:
    alb = balancer(account, "ranges", "sg-lb", kind="application")
    account.listener(alb, 18080, {"Type": "fixed-response", "FixedResponseConfig": {"StatusCode": "200"}})
    guard(account, sg_lb=[rule(groups=("sg-pod",)), rule(f"{INSIDE}/32", low=80, high=80)])
    owned(account, INSIDE, "sg-pod")
    await plane.serve(account)

    async def status(source: str) -> bytes:
        reader, writer = await asyncio.open_connection(*plane.address(alb, 18080), local_addr=(source, 0))
        writer.write(b"GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
        try:
            return (await asyncio.wait_for(reader.read(), 5)).partition(b"\r\n")[0]
        except ConnectionResetError:
            return b""
        finally:
            writer.close()

    assert (await status(INSIDE), await status(OUTSIDE)) == (b"HTTP/1.1 200 OK", b"")


@pytest.mark.parametrize(
    ("rules", "groups", "open"),
    [
        ([rule(groups=("sg-lb",))], ("sg-lb",), True),
        ([rule(groups=("sg-other",))], ("sg-lb",), False),
        ([rule("127.0.16.0/20")], (), True),
        ([rule("127.0.16.0/24")], (), False),
        ([rule("0.0.0.0/0", protocol="-1")], (), True),
        ([], (), False),
    ],
)
async def test_targets_are_reached_where_their_groups_allow(
    account: Account, plane: Plane, listen: Listen, rules: list[Json], groups: tuple[str, ...], open: bool
) -> None:
    nlb = balancer(account, "reach", *groups)
    group = account.group("t", [(*await listen(named("a"), "127.0.16.9"), "healthy")], protocol="TCP", LoadBalancerArns=[nlb])
    account.listener(nlb, 18090, forward(group), protocol="TCP")
    owned(account, "127.0.16.9", "sg-node")
    guard(account, sg_lb=[rule("0.0.0.0/0")], sg_node=rules)
    await plane.serve(account)
    assert await heard(plane.address(nlb, 18090)) == dict.fromkeys((INSIDE, OUTSIDE), "a" if open else "")


async def test_targets_that_see_the_client_look_at_the_client(account: Account, plane: Plane, listen: Listen) -> None:
    nlb = balancer(account, "kept")
    kept = {"preserve_client_ip.enabled": "true"}
    targets = [(*await listen(named("a"), "127.0.16.9"), "healthy")]
    group = account.group("t", targets, protocol="TCP", attributes=kept, LoadBalancerArns=[nlb])
    account.listener(nlb, 18090, forward(group), protocol="TCP")
    owned(account, "127.0.16.9", "sg-node")
    guard(account, sg_node=[rule(f"{INSIDE}/32")])
    await plane.serve(account)
    assert await heard(plane.address(nlb, 18090)) == {INSIDE: "a", OUTSIDE: ""}


async def test_datagrams_of_others_are_dropped(account: Account, plane: Plane) -> None:
    class Echo(asyncio.DatagramProtocol):
        def connection_made(self, transport: Any) -> None:
            self.transport = transport

        def datagram_received(self, data: bytes, addr: Any) -> None:
            self.transport.sendto(data, addr)

    class Once(asyncio.DatagramProtocol):
        def __init__(self) -> None:
            self.got: asyncio.Future[bytes] = asyncio.get_running_loop().create_future()

        def datagram_received(self, data: bytes, addr: Any) -> None:
            self.got.set_result(data)

    loop = asyncio.get_running_loop()
    server, _ = await loop.create_datagram_endpoint(Echo, local_addr=("127.0.16.9", 0))
    nlb = balancer(account, "udp", "sg-lb")
    target = (*server.get_extra_info("sockname"), "healthy")
    account.listener(nlb, 18053, forward(account.group("t", [target], protocol="UDP", LoadBalancerArns=[nlb])), protocol="UDP")
    guard(account, sg_lb=[rule(f"{INSIDE}/32", protocol="udp"), rule("0.0.0.0/0", protocol="tcp")])
    await plane.serve(account)
    outside, never = await loop.create_datagram_endpoint(Once, local_addr=(OUTSIDE, 0), remote_addr=plane.address(nlb, 18053))
    inside, once = await loop.create_datagram_endpoint(Once, local_addr=(INSIDE, 0), remote_addr=plane.address(nlb, 18053))
    outside.sendto(b"out")
    inside.sendto(b"in")  # after the other one, so that its answer proves that the other has none
    assert await asyncio.wait_for(once.got, 5) == b"in"
    assert not never.got.done()
    for each in (server, outside, inside):
        each.close()


async def test_a_load_balancer_behind_another_looks_at_the_client(account: Account, plane: Plane) -> None:
    alb = balancer(account, "behind", "sg-alb", kind="application")
    account.listener(alb, 18080, {"Type": "fixed-response", "FixedResponseConfig": {"StatusCode": "200"}})
    nlb = balancer(account, "front", "sg-nlb")
    group = account.group("t", [(alb, 18080, "healthy")], protocol="TCP", TargetType="alb", LoadBalancerArns=[nlb])
    account.listener(nlb, 18090, forward(group), protocol="TCP")

    async def status(source: str) -> bytes:
        reader, writer = await asyncio.open_connection(*plane.address(nlb, 18090), local_addr=(source, 0))
        writer.write(b"GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
        found = (await asyncio.wait_for(reader.read(), 5)).partition(b"\r\n")[0]
        writer.close()
        return found

    everybody = rule("0.0.0.0/0")
    guard(account, sg_nlb=[everybody], sg_alb=[rule(f"{INSIDE}/32")])
    loop = await plane.serve(account)
    assert (await status(INSIDE), await status(OUTSIDE)) == (b"HTTP/1.1 200 OK", b"")
    assert fronts(loop.view.state.target_groups, loop.view.places) == {alb: (plane.address(nlb, 18090)[0],)}
    guard(account, sg_nlb=[everybody], sg_alb=[rule(groups=("sg-nlb",))])
    await plane.serve(account)
    assert (await status(INSIDE), await status(OUTSIDE)) == (b"HTTP/1.1 200 OK", b"HTTP/1.1 200 OK")


async def test_prefix_lists_and_other_families() -> None:
    raw = rule("10.0.0.0/8", low=80, high=80) | {"PrefixListIds": [{"PrefixListId": "pl-1"}], "Ipv6Ranges": [{"CidrIpv6": "::/0"}]}
    wall = reach.firewall([{"GroupId": "sg", "IpPermissions": [raw]}], [], {"pl-1": ("192.0.2.0/24", "2001:db8::/32")})
    assert [str(each) for each in wall.clients(["sg"], "tcp", 80)] == ["10.0.0.0/8", "192.0.2.0/24"]


async def test_a_private_address_is_where_a_load_balancer_connects_from() -> None:
    zones = [
        {"ZoneName": "a", "SubnetId": "subnet-a", "LoadBalancerAddresses": [{"PrivateIPv4Address": "127.0.16.77"}]},
        {"ZoneName": "b", "SubnetId": "subnet-b", "LoadBalancerAddresses": [{"IpAddress": "203.0.113.1"}]},
        {"ZoneName": "c", "SubnetId": "subnet-gone"},
    ]
    found = reach.origin({"AvailabilityZones": zones, "SecurityGroups": ["sg"]}, SUBNETS)
    assert (found.groups, [str(each) for each in found.networks]) == (("sg",), ["127.0.16.77/32", "127.0.32.0/20"])
