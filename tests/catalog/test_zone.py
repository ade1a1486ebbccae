"""Which hosted zone holds a name."""

import pytest

from albatross.catalog import zone
from albatross.model.facts import HostedZone

ZONES = (
    HostedZone(id="Z1", name="example.com"),
    HostedZone(id="Z2", name="shop.example.com"),
    HostedZone(id="Z3", name="example.com", private=True, ours=True),
    HostedZone(id="Z4", name="shop.example.com", private=True),
    HostedZone(id="Z5", name="example.net", private=True),
    HostedZone(id="Z6", name="example.com"),
)


@pytest.mark.parametrize(
    ("name", "scheme", "id"),
    [
        ("www.example.com", "internet-facing", "Z6"),  # of two with one name always the same
        ("www.shop.example.com", "internet-facing", "Z2"),
        ("*.shop.example.com", "internet-facing", "Z2"),
        ("example.com", "internal", "Z3"),
        ("www.shop.example.com", "internal", "Z3"),  # the longer private zone is not of our VPC
        ("www.example.net", "internal", ""),
        ("www.notexample.com", "internet-facing", ""),
        ("example.org", "internal", ""),
    ],
)
def test_zones(name: str, scheme: str, id: str) -> None:
    found = zone.of(ZONES, name, scheme)
    assert (found.id if found else "") == id


def test_an_internal_name_without_a_private_zone_is_public() -> None:
    found = zone.of(ZONES[:2], "www.example.com", "internal")
    assert found is not None
    assert found.id == "Z1"
