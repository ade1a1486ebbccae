"""Who may connect to what."""

import pytest

from albatross_sandbox.firewall import ALL, Firewall, Network, Origin, Rule, collapse, common, network

TEN, OFFICE, CLIENT = Network("10.0.0.0/8"), Network("203.0.113.0/24"), Network("203.0.113.7/32")
WALL = Firewall(
    {
        "sg-lb": (Rule("tcp", 80, 80, (OFFICE,)), Rule("17", 53, 53, ALL), Rule("icmp", 3, 4, ALL)),
        "sg-inside": (Rule("tcp", 443, 443, groups=("sg-node",)),),
        "sg-node": (Rule("6", 8080, 8090, groups=("sg-lb",)), Rule("tcp", 9090, 9090, (TEN,)), Rule("udp", 53, 53, (CLIENT,))),
        "sg-all": (Rule("-1", -1, -1, (TEN,)),),
    },
    {"10.0.1.5": ("sg-node",), "10.0.1.6": ("sg-all",), "10.0.1.7": ()},
)
LB = Origin(("sg-lb",), (Network("10.0.0.0/20"),))
FAR = Origin((), (Network("10.0.0.0/20"), Network("192.168.0.0/20")))


@pytest.mark.parametrize(
    ("groups", "protocol", "port", "expected"),
    [
        (["sg-lb"], "tcp", 80, (OFFICE,)),
        (["sg-lb"], "tcp", 81, ()),
        (["sg-lb"], "udp", 53, ALL),
        (["sg-lb"], "udp", 80, ()),
        (["sg-lb", "sg-all"], "tcp", 80, (TEN, OFFICE)),
        (["sg-inside"], "tcp", 443, (Network("10.0.1.5/32"),)),
        (["sg-unknown"], "tcp", 80, ()),
    ],
)
def test_who_may_connect(groups: list[str], protocol: str, port: int, expected: tuple[Network, ...]) -> None:
    assert WALL.clients(groups, protocol, port) == expected


def test_a_load_balancer_in_front_brings_its_clients() -> None:
    assert WALL.clients(["sg-inside"], "tcp", 443, ["sg-node"]) == ALL
    assert WALL.clients(["sg-inside"], "tcp", 443, ["sg-lb"]) == (Network("10.0.1.5/32"),)


@pytest.mark.parametrize(
    ("address", "port", "origin", "passes", "clients"),
    [
        ("10.0.1.5", 8080, LB, True, ALL),  # by the load balancer's group
        ("10.0.1.5", 8080, FAR, False, ()),
        ("10.0.1.5", 9090, Origin((), (Network("10.0.0.0/20"),)), True, (TEN,)),
        ("10.0.1.5", 9090, FAR, False, (TEN,)),  # one of its zones is outside
        ("10.0.1.5", 22, LB, False, ()),
        ("10.0.1.6", 22, LB, True, (TEN,)),
        ("10.0.1.7", 22, LB, False, ()),  # no group, no rule
        ("192.168.0.9", 22, LB, True, ALL),  # no interface of the account
    ],
)
def test_who_gets_through(address: str, port: int, origin: Origin, passes: bool, clients: tuple[Network, ...]) -> None:
    assert WALL.passes(address, port, origin) == passes
    assert WALL.preserved(address, port, origin) == clients


def test_networks() -> None:
    assert common([TEN], ALL) == (TEN,)
    assert common([OFFICE, TEN], [CLIENT]) == (CLIENT,)
    assert common([TEN], [OFFICE]) == ()
    assert collapse([CLIENT, OFFICE]) == (OFFICE,)
    assert network("2001:db8::/32") is None
    assert network("10.1.2.3/8") == TEN
