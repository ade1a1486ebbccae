"""The network load balancer in front."""

import json
from dataclasses import replace

import pytest
from tests.world import CONFIG, annotated, compiled, paths

from albatross.model.resources.ref import Ref

ON = {"enable-frontend-nlb": "true"}
TEAM = {"group.name": "team"}


def test_nobody_enables_it() -> None:
    assert len(compiled(annotated({"enable-frontend-nlb": "false"})).stack.load_balancers) == 1


def test_it_is_in_front_of_every_port() -> None:
    stack = compiled(annotated(ON)).stack
    behind, front = stack.load_balancers
    assert (front.id, front.type, front.name) == ("FrontendNlb", "network", behind.name[:28] + "-nlb")
    assert front.security_groups == behind.security_groups
    group = next(each for each in stack.target_groups if each.target_type == "alb")
    assert (group.id, group.port, group.protocol, group.health_check.healthy_threshold_count) == ("FrontendNlb-tg-TCP-80", 80, "TCP", 2)
    listener = next(each for each in stack.listeners if each.protocol == "TCP")
    assert listener.load_balancer == Ref("LoadBalancer", "FrontendNlb", "arn")
    assert stack.registrations[0].id == group.name


def test_its_own_settings() -> None:
    given = {
        **ON,
        "frontend-nlb-scheme": "internet-facing",
        "frontend-nlb-subnets": "public-a,public-b",
        "frontend-nlb-security-groups": "web-sg",
        "frontend-nlb-eip-allocations": "e1,e2",
        "frontend-nlb-attributes": "load_balancing.cross_zone.enabled=true",
        "frontend-nlb-tags": "team=edge",
        "frontend-nlb-listener-port-mapping": "8080=80,9090=9090",
        "frontend-nlb-healthcheck-port": "81",
        "frontend-nlb-healthcheck-interval-seconds": "20",
        "tags": "team=shop",
    }
    result = compiled(annotated(given), config=replace(CONFIG, default_tags={"by": "op"}))
    front = result.stack.load_balancers[1]
    assert (front.scheme, front.tags, front.attributes) == (
        "internet-facing", (("team", "edge"),), (("load_balancing.cross_zone.enabled", "true"),)
    )  # fmt: skip
    assert [each.allocation_id for each in front.subnet_mappings] == ["e1", "e2"]
    assert len(front.security_groups) == 1
    assert [each.port for each in result.stack.listeners if each.protocol == "TCP"] == [8080]
    group = next(each for each in result.stack.target_groups if each.target_type == "alb")
    assert (group.health_check.port, group.health_check.interval_seconds) == (81, 20)
    assert result.codes.count("LB164") == 1


def test_elastic_addresses_need_the_internet_and_as_many_subnets() -> None:
    assert compiled(annotated({**ON, "frontend-nlb-eip-allocations": "e1,e2"})).errors == ["LB158", "LB159"]
    given = {**ON, "frontend-nlb-scheme": "internet-facing", "frontend-nlb-eip-allocations": "e1"}
    assert compiled(annotated(given)).errors == ["LB159"]


def pair(first: dict[str, str], second: dict[str, str]) -> list[str]:
    one = annotated({**TEAM, **first})
    two = annotated({**TEAM, **second}, "other", spec={"ingressClassName": "alb", **paths(("/o", "Exact", "web:80"), host="o.example.com")})
    result = compiled(one, two)
    stack = result.stacks["team"]
    assert stack is not None
    served = {rule.member.short for rule in stack.rules if rule.member}
    assert "shop/app" in served
    return [*result.errors, *(["withheld"] if "shop/other" not in served else [])]


def test_members_agree() -> None:
    assert pair(ON, {}) == []
    assert pair(ON, ON) == []
    assert pair(ON, {"enable-frontend-nlb": "false"}) == ["LB123"]


def test_attributes_must_be_repeated_once_given() -> None:
    some = {**ON, "frontend-nlb-attributes": "load_balancing.cross_zone.enabled=true"}
    assert pair(some, some) == []
    assert pair(some, ON) == ["LB123"]
    assert pair(ON, some) == []


def test_ports_and_health_checks_merge() -> None:
    assert pair({**ON, "frontend-nlb-healthcheck-path": "/a"}, {}) == []
    assert pair({**ON, "frontend-nlb-healthcheck-path": "/a"}, {"frontend-nlb-healthcheck-path": "/b"}) == ["LB123"]
    both = {"listen-ports": '[{"HTTP": 80}, {"HTTP": 81}]'}
    front = "frontend-nlb-listener-port-mapping"
    assert pair({**ON, **both, front: "9000=80"}, {**both, front: "9000=81"}) == ["LB123", "withheld"]
    assert pair({**ON, **both, front: "9000=80"}, {front: "81=80"}) == []


def test_an_unlike_member_without_the_mapping() -> None:
    assert pair({**ON, "frontend-nlb-listener-port-mapping": "81=80"}, {"listen-ports": '[{"HTTP": 81}]'}) == ["LB123", "withheld"]


@pytest.mark.parametrize(
    ("name", "value", "code"),
    [
        ("frontend-nlb-healthcheck-port", "http", "LB104"),
        ("frontend-nlb-healthcheck-protocol", "TCP", "LB104"),
        ("frontend-nlb-attributes", "dns_record.client_routing_policy=nearest", "LB104"),
        ("frontend-nlb-listener-port-mapping", "a=80", "LB140"),
        ("frontend-nlb-subnets", "ghost", "LB302"),
        ("frontend-nlb-security-groups", "ghost", "LB308"),
        ("frontend-nlb-scheme", "x", "LB104"),
        ("frontend-nlb-tags", "x", "LB106"),
    ],
)
def test_bad_settings(name: str, value: str, code: str) -> None:
    assert compiled(annotated({**ON, name: value})).errors == [code]


def test_traffic_port_is_a_port() -> None:
    given = {
        **ON,
        "frontend-nlb-healthcheck-port": "traffic-port",
        "frontend-nlb-healthcheck-success-codes": "404",
        "frontend-nlb-attributes": "dns_record.client_routing_policy=any_availability_zone",
    }
    assert compiled(annotated(given)).codes == []


def test_the_first_member_decides_whether_there_is_one() -> None:
    one = annotated({**TEAM, "enable-frontend-nlb": "false"})
    two = annotated({**TEAM, "enable-frontend-nlb": "true"}, "other", spec={"ingressClassName": "alb", **paths(("/o", "Exact", "web:80"))})
    result = compiled(one, two)
    stack = result.stacks["team"]
    assert stack is not None
    assert (result.errors, [each.id for each in stack.load_balancers]) == (["LB123"], ["LoadBalancer"])


def test_a_port_that_the_group_did_not_take_is_left_out_in_silence() -> None:
    listens = {"listen-ports": '[{"HTTPS": 80}]', "certificate-arn": "arn:aws:acm:ap-northeast-2:123456789012:certificate/a"}
    spec = {"ingressClassName": "alb", **paths(("/o", "Exact", "web:80"))}
    result = compiled(annotated({**TEAM, **ON}), annotated({**TEAM, **ON, **listens}, "other", spec=spec))
    stack = result.stacks["team"]
    assert stack is not None
    assert (result.errors, "LB164" in result.codes) == (["LB125"], False)
    assert [each.port for each in stack.registrations] == [80]


def test_both_stay_as_long_when_they_are_replaced() -> None:
    assert compiled(annotated(ON)).stack.graces == (("LoadBalancer", 300.0), ("FrontendNlb", 300.0))
    own = {"kind": "Ingress", "metadata": {"name": "app", "annotations": {"albatross.dev/replace-grace-seconds": "60"}}}
    assert compiled(annotated(ON), json.dumps(own)).stack.graces == (("LoadBalancer", 60.0), ("FrontendNlb", 60.0))
    assert compiled(annotated({}), config=replace(CONFIG, replace_grace_seconds=0)).stack.graces == (("LoadBalancer", 0.0),)


def test_members_that_want_to_stay_for_different_times_are_served() -> None:
    def member(name: str, seconds: str) -> str:
        own = {"kind": "Ingress", "metadata": {"name": name, "annotations": {"albatross.dev/replace-grace-seconds": seconds}}}
        return json.dumps(own)

    result = compiled(annotated(TEAM), annotated(TEAM, "two"), member("app", "60"), member("two", "90"))
    assert result.errors == ["LB123"]
    assert result.stacks["team"] is not None
    assert result.stacks["team"].graces == (("LoadBalancer", 60.0),)
