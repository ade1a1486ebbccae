"""Subnets: given, kept and discovered."""

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

import pytest
from tests.world import CONFIG, RECORDING, Result, annotated, snapshot

from albatross import pipeline
from albatross.model.config import Config
from albatross.model.facts import (
    Answer,
    Facts,
    LoadBalancersOfStack,
    Question,
    RouteTable,
    RouteTables,
    StackLoadBalancer,
    Subnet,
    SubnetsById,
    SubnetsOfVpc,
    Zone,
    Zones,
)

INTERNAL = "kubernetes.io/role/internal-elb"
PARAMS = "kind: IngressClass\nmetadata: {name: alb}\nspec: {parameters: {apiGroup: elbv2.k8s.aws, kind: IngressClassParams, name: p}}"


def subnet(name: str, zone: str, ips: int = 100, ipv6: bool = False, **tags: str) -> Subnet:
    return Subnet(id=f"subnet-{name}", vpc_id="v", zone=zone, zone_id=f"id-{zone}", available_ips=ips, ipv6_associated=ipv6, tags=tags)


def role(name: str, zone: str, value: str = "1", ips: int = 100, ipv6: bool = False, cluster: str = "") -> Subnet:
    found = subnet(name, zone, ips, ipv6)
    return replace(found, tags={INTERNAL: value, **({f"kubernetes.io/cluster/{cluster}": "shared"} if cluster else {})})


def facts(questions: Iterable[Question], **answers: Any) -> Facts:
    """The recorded account, but other subnets, zones, route tables and load balancers."""
    known: dict[Question, Answer] = dict(RECORDING.answer(questions, CONFIG).answers)
    subnets = answers.get("subnets", ())
    known[SubnetsOfVpc()] = subnets
    known[Zones()] = answers.get("zones") or tuple(Zone(f"id-{each}", each, "availability-zone") for each in "abcd")
    known[RouteTables()] = answers.get("tables", ())
    for question in questions:
        if isinstance(question, SubnetsById):
            known[question] = tuple(each for each in subnets if each.id in question.ids)
        if isinstance(question, LoadBalancersOfStack):
            known[question] = answers.get("balancers", ())
    return Facts(known)


def chosen(annotations: dict[str, str], *patches: str, config: Config = CONFIG, **answers: Any) -> tuple[list[str], Result]:
    cluster = snapshot(annotated(annotations), *patches)
    survey = pipeline.survey(cluster, config)
    questions = [each for group in survey.groups.values() for each in pipeline.prepare(cluster, config, group).questions]
    result = Result(cluster, config, facts(questions, **answers))
    stack = result.stacks["shop/app"]
    mappings = stack.load_balancers[0].subnet_mappings if stack else ()
    return [each.subnet_id.removeprefix("subnet-") for each in mappings], result


def test_one_a_zone_own_cluster_first_then_the_smallest_id() -> None:
    subnets = (role("9", "a", cluster="prod-eks"), role("1", "a"), role("4", "b"), role("3", "b", ""), role("5", "c", "x"))
    assert chosen({}, subnets=subnets)[0] == ["3", "9"]


def test_other_clusters_subnets_and_full_ones_are_left_out() -> None:
    subnets = (role("1", "a", cluster="other"), role("2", "a"), role("3", "b", ips=7), role("4", "b", ips=8))
    assert chosen({}, subnets=subnets)[0] == ["2", "4"]
    relaxed = replace(CONFIG, gates={"SubnetsClusterTagCheck": False})
    assert chosen({}, subnets=subnets, config=relaxed)[0] == ["1", "4"]


def test_none_fits() -> None:
    assert chosen({}, subnets=(role("1", "a", ips=0),))[1].errors == ["LB307"]
    assert chosen({}, subnets=())[1].errors == ["LB307"]


def test_dualstack_needs_ipv6_everywhere() -> None:
    subnets = (role("1", "a", ipv6=True), role("2", "b"), role("3", "c", ipv6=True))
    assert chosen({"ip-address-type": "dualstack"}, subnets=subnets)[0] == ["1", "3"]
    named = {"ip-address-type": "dualstack", "subnets": "subnet-1,subnet-2"}
    assert chosen(named, subnets=subnets)[1].errors == ["LB306"]


def test_routes_decide_where_no_role_tag_does() -> None:
    subnets = tuple(subnet(str(number), zone) for number, zone in enumerate("abcd"))
    tables = (RouteTable(id="m", main=True), RouteTable(id="p", subnet_ids=("subnet-0", "subnet-1"), public=True))
    assert chosen({}, subnets=subnets, tables=tables)[0] == ["2", "3"]
    assert chosen({"scheme": "internet-facing"}, subnets=subnets, tables=tables)[0] == ["0", "1"]
    off = replace(CONFIG, gates={"SubnetDiscoveryByReachability": False})
    assert chosen({}, subnets=subnets, tables=tables, config=off)[1].errors == ["LB307"]


def test_an_existing_load_balancer_keeps_its_subnets() -> None:
    subnets = (role("1", "a"), role("2", "b"))
    balancers = (
        StackLoadBalancer(arn="n", scheme="internal", type="network", subnet_ids=("subnet-7",)),
        StackLoadBalancer(arn="a", scheme="internal", subnet_ids=("subnet-9", "subnet-8")),
    )
    assert chosen({}, subnets=subnets, balancers=balancers)[0] == ["9", "8"]
    assert chosen({"scheme": "internet-facing"}, subnets=subnets, balancers=balancers)[1].errors == ["LB307"]


def test_a_load_balancer_that_is_being_replaced_does_not_decide() -> None:
    old = StackLoadBalancer(arn="o", scheme="internal", subnet_ids=("subnet-1",), tags={"albatross.dev/replaced": "2026-03-01T12:00:00Z"})
    new = StackLoadBalancer(arn="n", scheme="internet-facing", subnet_ids=("subnet-2",))
    assert chosen({"scheme": "internet-facing"}, subnets=(), balancers=(old, new))[0] == ["2"]
    assert chosen({}, subnets=(), balancers=(new, old))[0] == ["1"], "a change back takes it again"


def test_named_subnets_keep_their_order_and_shared_names_take_turns() -> None:
    subnets = (subnet("3", "a", Name="x"), subnet("2", "b", Name="x"), subnet("1", "c", Name="y"))
    assert chosen({"subnets": "y,x,x"}, subnets=subnets)[0] == ["1", "2", "3"]
    assert chosen({"subnets": "x,subnet-1"}, subnets=subnets)[0] == ["2", "1"]
    assert chosen({"subnets": "x,x,x"}, subnets=subnets)[1].errors == ["LB302"]


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ("subnet-1,subnet-7", "LB301"),
        ("subnet-1,subnet-1", "LB318"),
        ("subnet-1,subnet-2", "LB303"),
        ("subnet-1", "LB305"),
        ("subnet-1,subnet-3", "LB304"),
        (" , ", "LB317"),
    ],
)
def test_refused_lists(given: str, code: str) -> None:
    subnets = (subnet("1", "a"), subnet("2", "a"), replace(subnet("3", "b"), outpost_arn="arn:o"))
    assert code in chosen({"subnets": given}, subnets=subnets)[1].errors


def test_one_subnet_is_enough_in_a_local_zone_or_with_the_gate() -> None:
    zones = (Zone("id-a", "a", "local-zone"), Zone("id-b", "b", "availability-zone"))
    assert chosen({"subnets": "subnet-1"}, subnets=(subnet("1", "a"),), zones=zones)[0] == ["1"]
    single = replace(CONFIG, gates={"ALBSingleSubnet": True})
    assert chosen({"subnets": "subnet-1"}, subnets=(subnet("1", "a"),), config=single)[0] == ["1"]
    assert chosen({}, subnets=(role("1", "a"),))[1].errors == ["LB305"]


def params(spec: str) -> str:
    return f"kind: IngressClassParams\nmetadata: {{name: p}}\nspec: {{subnets: {spec}}}"


def test_class_ids_beat_the_annotation() -> None:
    subnets = (subnet("2", "b"), subnet("1", "a"))
    found, result = chosen({"subnets": "ghost"}, PARAMS, params("{ids: [subnet-1, subnet-2]}"), subnets=subnets)
    assert found == ["2", "1"]
    assert "LB130" in result.codes
    assert chosen({}, PARAMS, params("{ids: [subnet-1, subnet-7]}"), subnets=subnets)[1].errors == ["LB301"]


def test_class_tags_choose_one_a_zone() -> None:
    subnets = (subnet("1", "a", team="x"), subnet("2", "a", team="x"), subnet("3", "b", team="y"), subnet("4", "c", team="z"))
    assert chosen({}, PARAMS, params("{tags: {team: [x, y]}}"), subnets=subnets)[0] == ["1", "3"]
    assert chosen({}, PARAMS, params("{tags: {team: []}}"), subnets=subnets)[0] == ["1", "3", "4"]
