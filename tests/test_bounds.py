"""No value of an annotation, however strange, is an exception: each is used, or a problem."""

import json
from collections import Counter
from typing import Any

import pytest
from soak import large
from tests.world import annotated, compiled, prepared, snapshot

from albatross import frontend
from albatross.catalog import bounds, kinds, value
from albatross.catalog.annotations import ANNOTATIONS
from albatross.catalog.form.listener import listen_ports
from albatross.catalog.texts import texts
from albatross.model.resources.stack import StackId
from albatross.model.snapshot import TargetGroupBinding

STRANGE = {
    "empty": "",
    "a control character": '{"type":"fixed-response","fixedResponseConfig":{"statusCode":"200","messageBody":"a\u0001b"}}',
    "a list nested deep": "[" * 990 + "]" * 990,
    "an object nested deep": '{"a":' * 2000 + "1" + "}" * 2000,
    "a number without end": "[" + "9" * 5000 + "]",
    "half a character": '"\\ud800"',
    "no number": "[NaN, Infinity, -Infinity, 1e999]",
    "null": "null",
    "a key twice": '{"type": "forward", "type": "redirect"}',
    "a long word": "x" * 5000,
    "many parts": "," * 1000,
}


@pytest.mark.parametrize("name", sorted({row.example_name for row in ANNOTATIONS.values() if row.prefix.startswith("alb.")}))
def test_strange_values_are_no_exceptions(name: str) -> None:
    for text in STRANGE.values():
        compiled(annotated({name: text}))


@pytest.mark.parametrize("value", STRANGE.values(), ids=STRANGE)
def test_what_an_object_mentions_is_found_in_strange_values_too(value: str) -> None:
    for kind, key in (("Ingress", "alb.ingress.kubernetes.io/actions.web"), ("Service", "service.beta.kubernetes.io/actions.TCP-80")):
        group = {"Ingress": "networking.k8s.io/v1", "Service": "v1"}[kind]
        metadata = {"namespace": "shop", "name": "web", "annotations": {key: value}}
        noun = kinds.parse({"apiVersion": group, "kind": kind, "metadata": metadata, "spec": {}})
        for each in frontend.ALL:
            each.mentions(noun)


def test_texts_have_the_key_above_them() -> None:
    written = '{"a": "1", "b": ["2", {"c": "3"}], "d": {"e": [["4"]]}, "f": 5}'
    assert list(texts(written)) == [("a", "1"), ("b", "2"), ("c", "3"), ("e", "4")]
    assert list(texts("[")) == []


def test_ports_without_end_are_refused_before_they_are_built() -> None:
    def written(last: int) -> str:
        return "[" + ",".join(f'{{"HTTP": {port}}}' for port in range(1, last + 1)) + "]"

    assert compiled(annotated({"listen-ports": written(2 * bounds.PORTS)})).errors == ["LB188"]
    assert len(listen_ports(written(bounds.PORTS)).value or ()) == bounds.PORTS


# What is too large ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("parse", [value.items, value.cidrs, value.mapping, listen_ports])
def test_values_that_are_too_long_are_not_parsed(parse: value.Parser[Any]) -> None:
    parsed = parse("x" * (bounds.LONGEST + 1))
    assert parsed.value is None
    assert [fault.code for fault in parsed.faults] == ["LB766"]


def test_a_word_that_is_too_long_is_not_compared_with_others() -> None:
    assert compiled(annotated({"ssl-policy": "x" * (bounds.LONGEST + 1)})).errors == ["LB766"]


@pytest.mark.parametrize(
    ("name", "most", "text"),
    [("inbound-cidrs", bounds.ITEMS, "10.0.0.0/8"), ("tags", bounds.PAIRS, "k{}=v"), ("subnets", bounds.ITEMS, "s")],
)
def test_lists_and_maps_have_a_largest_number_of_entries(name: str, most: int, text: str) -> None:
    def codes(count: int) -> list[str]:
        return compiled(annotated({name: ",".join(text.format(number) for number in range(count))})).codes

    assert "LB767" not in codes(most)
    assert "LB767" in codes(most + 1)


def _paths(name: str, count: int, **annotations: str) -> str:
    backend = {"service": {"name": "web", "port": {"number": 80}}}
    paths = [{"path": f"/{number}", "pathType": "Prefix", "backend": backend} for number in range(count)]
    spec = {"ingressClassName": "alb", "rules": [{"host": f"{name}.example.com", "http": {"paths": paths}}]}
    return annotated({"group.name": "g", **annotations}, name, spec=spec)


def test_an_ingress_with_too_many_paths_is_refused_and_the_rest_of_its_group_is_served() -> None:
    found = compiled(_paths("app", 1), _paths("large", bounds.RULES + 1))
    assert found.errors == ["LB768"]
    stack = found.stacks["g"]
    assert stack is not None
    assert [rule.member.name for rule in stack.rules if rule.member] == ["app"]


def test_paths_count_on_each_port_of_an_ingress() -> None:
    ports = json.dumps([{"HTTP": port} for port in range(1, 102)])
    assert compiled(_paths("app", 20, **{"listen-ports": ports})).errors == ["LB768"]


def test_an_ingress_with_too_many_hosts_is_refused() -> None:
    tls = [{"hosts": [f"h{number}.example.com" for number in range(bounds.HOSTS)]}]
    assert compiled(annotated({}, spec={"tls": tls})).errors == ["LB768"]


def test_a_service_with_too_many_ports_or_sources_is_refused() -> None:
    ports = [{"name": f"p{number}", "port": number, "targetPort": 80} for number in range(1, bounds.PORTS + 2)]
    spec = {"type": "LoadBalancer", "loadBalancerClass": "service.k8s.aws/nlb"}
    assert compiled(annotated({}, "net", "Service", spec={**spec, "ports": ports})).errors == ["LB768"]
    ranges = ["10.0.0.0/8"] * (bounds.ITEMS + 1)
    assert (
        "LB767" in compiled(annotated({}, "net", "Service", spec={**spec, "ports": ports[:1], "loadBalancerSourceRanges": ranges})).errors
    )


@pytest.mark.parametrize(
    "spec",
    [
        {"tags": [{"key": f"k{number}", "value": ""} for number in range(bounds.ITEMS + 1)]},
        {"inboundCIDRs": ["10.0.0.0/8"] * (bounds.ITEMS + 1)},
        {"sslPolicy": "x" * bounds.WORDS * (bounds.ITEMS + 1)},
        {"namespaceSelector": {"matchExpressions": [{"key": "a", "operator": "DoesNotExist"}] * (bounds.ITEMS + 1)}},
        {"subnets": {"tags": {f"k{number}": ["v"] for number in range(bounds.ITEMS + 1)}}},
    ],
    ids=lambda spec: next(iter(spec)),
)
def test_class_parameters_that_are_too_large_decide_nothing(spec: dict[str, Any]) -> None:
    reference = {"apiGroup": "elbv2.k8s.aws", "kind": "IngressClassParams", "name": "p"}
    params = json.dumps({"kind": "IngressClassParams", "metadata": {"name": "p"}, "spec": spec})
    used = json.dumps({"kind": "IngressClass", "metadata": {"name": "alb"}, "spec": {"parameters": reference}})
    assert compiled(params, used).errors == ["LB768"]


def test_of_many_problems_the_first_are_kept_and_the_others_counted() -> None:
    keys = {f"condition{number}.x": "x" for number in range(bounds.PROBLEMS + 7)}
    found = compiled(annotated(keys)).problems
    assert Counter(problem.code for problem in found) == {"LB131": bounds.PROBLEMS, "LB769": 1}
    assert [problem.args for problem in found if problem.code == "LB769"] == [(("count", "7"),)]


def test_problems_repeat_only_the_start_of_a_long_text() -> None:
    (problem,) = compiled(annotated({"scheme": "x" * 5000})).problems
    assert dict(problem.args)["value"] == "x" * (bounds.WORDS - 1) + "…"


def test_many_backends_of_one_service_share_its_ports() -> None:
    spec = {"type": "NodePort", "ports": [{"name": f"p{port}", "port": port, "nodePort": 30_000 + port} for port in range(1, 300)]}
    service = json.dumps({"kind": "Service", "metadata": {"name": "web", "namespace": "shop"}, "spec": spec})
    paths = [
        {"path": f"/{port}", "pathType": "Exact", "backend": {"service": {"name": "web", "port": {"number": port}}}}
        for port in range(1, 300)
    ]
    written = (service, annotated({}, spec={"rules": [{"http": {"paths": paths}}]}))
    intent = prepared(snapshot(*written), StackId("ingress.k8s.aws", "shop", "app")).intent
    assert len({id(each.ports) for balancer in intent.balancers for each in balancer.backends}) == 1


# Every kind of large object, in a twentieth of its size ---------------------------------------------------------------

LARGE = dict(large.objects(0.05))


@pytest.mark.parametrize("obj", LARGE.values(), ids=LARGE)
def test_large_objects_have_few_problems_and_short_ones(obj: dict[str, Any]) -> None:
    found = compiled(json.dumps(obj))
    assert len(found.problems) <= 4 * (bounds.PROBLEMS + 1)
    assert all(len(text) <= bounds.WORDS for problem in found.problems for _, text in problem.args)


@pytest.mark.parametrize(
    "spec",
    [
        {"networking": {"ingress": [{"from": [{}] * 50, "ports": [{}] * 50}]}},
        {"networking": {"ingress": [{"from": [{}] * (bounds.RULES + 1)}]}},
        {"nodeSelector": {"matchExpressions": [{"key": "a", "operator": "In", "values": ["b"] * bounds.RULES}]}},
    ],
)
def test_a_binding_with_too_many_rules_or_terms_has_none(spec: dict[str, Any]) -> None:
    metadata = {"namespace": "shop", "name": "b"}
    found = kinds.parse({"apiVersion": "elbv2.k8s.aws/v1beta1", "kind": "TargetGroupBinding", "metadata": metadata, "spec": spec})
    assert isinstance(found, TargetGroupBinding)
    assert found.excess > bounds.RULES
    assert (found.networking, found.node_selector) == ("", None)
