"""Given security groups, and what the nodes and pods admit."""

from typing import Any

import pytest
import yaml
from tests.world import annotated, compiled, recorded

from albatross.catalog.problems import PROBLEMS
from albatross.model.facts import Facts
from albatross.model.problem import Problem

ROW = PROBLEMS["LB439"].example
OURS, NODES = "sg-0864108d11dadf668", "sg-461e125c4376846e8"
IP = "kind: Service\nmetadata: {name: web}\nspec: {type: ClusterIP, ports: [{name: http, port: 80, targetPort: %s}]}"


def found(*rules: dict[str, Any], port: str = "8080", kind: str = "ip", **more: str) -> list[Problem]:
    assert ROW
    account = yaml.safe_load(ROW.account)
    account["ec2.DescribeSecurityGroups"][1]["IpPermissions"] = list(rules)
    settings = {"security-groups": OURS, "target-type": kind, **more}
    result = compiled(IP % port, annotated(settings), recording=recorded(yaml.safe_dump(account)))
    return [each for each in result.problems if each.code == "LB439"]


def rule(source: str = OURS, low: int = 8080, high: int = 8080, protocol: str = "tcp") -> dict[str, Any]:
    pairs = [{"GroupId": source}] if source.startswith("sg-") else []
    ranges = [] if pairs else [{"CidrIp": source}]
    return {"IpProtocol": protocol, "FromPort": low, "ToPort": high, "UserIdGroupPairs": pairs, "IpRanges": ranges}


ITSELF = {"IpProtocol": "-1", "UserIdGroupPairs": [{"GroupId": NODES}]}


@pytest.mark.parametrize(
    "admitting",
    [rule(), rule(low=1, high=65535), rule("10.0.0.0/8"), {"IpProtocol": "-1", "UserIdGroupPairs": [{"GroupId": OURS}]}],
)
def test_a_rule_that_admits(admitting: dict[str, Any]) -> None:
    assert not found(ITSELF, admitting)


@pytest.mark.parametrize("other", [rule(low=443, high=443), rule(NODES), rule("10.0.0.0/8", 443, 443), rule(protocol="udp")])
def test_no_rule_that_admits(other: dict[str, Any]) -> None:
    (problem,) = found(ITSELF, other)
    assert problem.origin.field.endswith('security-groups"]')
    assert dict(problem.args) == {"groups": OURS, "targets": NODES, "ports": "8080"}


def test_a_port_by_name_can_be_any_port() -> None:
    assert not found(ITSELF, rule(low=9, high=9), port="http")
    (problem,) = found(ITSELF, port="http")
    assert dict(problem.args)["ports"] == "of each pod"


def test_what_is_not_judged() -> None:
    assert not found()
    assert not found(ITSELF, rule(), **{"enable-frontend-nlb": "true"})
    assert not found(ITSELF, **{"manage-backend-security-group-rules": "true"})
    assert not compiled(annotated({"security-groups": OURS})).at("LB439")
    assert not compiled(annotated({"security-groups": OURS}), facts=Facts()).at("LB439")
