"""What a resolver of the VPC answers, from zones and load balancers given as data."""

from typing import Any

import pytest

from albatross_sandbox.dns.answer import World, Zone, answer


def values(name: str, type: str, *given: str) -> dict[str, Any]:
    return {"Name": f"{name}.", "Type": type, "TTL": 300, "ResourceRecords": [{"Value": each} for each in given]}


def alias(name: str, target: str, type: str = "A") -> dict[str, Any]:
    return {"Name": f"{name}.", "Type": type, "AliasTarget": {"HostedZoneId": "Z1", "DNSName": f"{target}."}}


PUBLIC = Zone(
    "Z1",
    "example.com",
    False,
    (
        values("example.com", "SOA", "ns.example.com. hostmaster.example.com. 1 7200 900 1209600 86400"),
        alias("shop.example.com", "lb-1.ap-northeast-2.elb.amazonaws.com"),
        alias("shop.example.com", "lb-1.ap-northeast-2.elb.amazonaws.com", "AAAA"),
        values("a-shop.example.com", "TXT", '"owner"'),
        values("\\052.example.com", "A", "192.0.2.1"),
        values("www.example.com", "CNAME", "shop.example.com."),
        values("deep.down.example.com", "A", "192.0.2.2"),
        alias("again.example.com", "shop.example.com"),
        alias("round.example.com", "round.example.com"),
        {**values("weighted.example.com", "A", "192.0.2.3"), "SetIdentifier": "one"},
        {**values("weighted.example.com", "A", "192.0.2.4"), "SetIdentifier": "two"},
    ),
)
PRIVATE = Zone("Z2", "internal.example.com", True, (values("db.internal.example.com", "A", "10.0.0.1"),))
WORLD = World((PUBLIC, PRIVATE), {"lb-1.ap-northeast-2.elb.amazonaws.com": ("127.2.240.1",)})


@pytest.mark.parametrize(
    ("name", "type", "wanted"),
    [
        ("shop.example.com", "A", ["127.2.240.1"]),
        ("SHOP.example.com.", "A", ["127.2.240.1"]),
        ("shop.example.com", "AAAA", []),
        ("shop.example.com", "MX", []),
        ("a-shop.example.com", "TXT", ['"owner"']),
        ("other.example.com", "A", ["192.0.2.1"]),
        ("very.other.example.com", "A", ["192.0.2.1"]),
        ("www.example.com", "A", ["shop.example.com.", "127.2.240.1"]),
        ("www.example.com", "CNAME", ["shop.example.com."]),
        ("down.example.com", "A", []),
        ("again.example.com", "A", ["127.2.240.1"]),
        ("round.example.com", "A", []),
        ("weighted.example.com", "A", ["192.0.2.3"]),
        ("lb-1.ap-northeast-2.elb.amazonaws.com", "A", ["127.2.240.1"]),
        ("dualstack.LB-1.ap-northeast-2.elb.amazonaws.com", "A", ["127.2.240.1"]),
        ("db.internal.example.com", "A", ["10.0.0.1"]),
    ],
)
def test_names(name: str, type: str, wanted: list[str]) -> None:
    found = answer(WORLD, name, type)
    assert [value for *_, value in found.rows] == wanted
    assert found.exists


@pytest.mark.parametrize(
    "name",
    [
        "example.org",
        "up.down.example.com",  # the wildcard does not reach below a name that exists
        "other.internal.example.com",  # the private zone hides the public one
        "lb-2.ap-northeast-2.elb.amazonaws.com",
    ],
)
def test_no_such_name(name: str) -> None:
    assert not answer(WORLD, name, "A").exists


def test_a_load_balancer_has_an_address_in_each_zone() -> None:
    world = World((), {"lb.elb.test": ("127.2.240.1", "127.2.240.2")})
    assert [row[3] for row in answer(world, "lb.elb.test", "A").rows] == ["127.2.240.1", "127.2.240.2"]
