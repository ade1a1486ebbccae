"""`spec.networking` of a binding."""

import json

import pytest

from albatross.catalog.networking import parse
from albatross.model.resources.binding import NetworkingRule

GROUP, BLOCK = {"securityGroup": {"groupID": "sg-1"}}, {"ipBlock": {"cidr": "10.0.0.0/8"}}


@pytest.mark.parametrize(
    ("ingress", "rules"),
    [
        ([{"from": [GROUP]}], (NetworkingRule(source_group="sg-1"),)),
        ([{"from": [BLOCK], "ports": [{"port": 80, "protocol": "UDP"}]}], (NetworkingRule(cidr="10.0.0.0/8", protocol="UDP", port=80),)),
        (
            [{"from": [GROUP, BLOCK], "ports": [{"port": "http"}]}],
            (NetworkingRule(source_group="sg-1", port="http"), NetworkingRule(cidr="10.0.0.0/8", port="http")),
        ),
        ([{"ports": [{"port": 80}]}], ()),
        (None, ()),
    ],
)
def test_a_rule_for_each_peer_and_port(ingress: object, rules: tuple[NetworkingRule, ...]) -> None:
    assert parse(json.dumps({"ingress": ingress})) == rules


def test_an_absent_field_is_no_rule_at_all() -> None:
    assert parse("") is None
