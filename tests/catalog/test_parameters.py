"""Every field of class parameters has its row, and the rows say what happens."""

import json
from dataclasses import fields
from typing import Any

import pytest
import yaml
from tests.world import Result, annotated, compiled

from albatross.catalog import kinds
from albatross.catalog.annotations import ANNOTATIONS
from albatross.catalog.annotations.ingress import PREFIX
from albatross.catalog.crds import ingress_class_params
from albatross.catalog.parameters import PARAMETERS, Parameter, Scope, Wins
from albatross.catalog.schema import shape
from albatross.model.snapshot import IngressClassParams

WHOLE = [row for row in PARAMETERS.values() if row.wins is Wins.WHOLE and row.annotation not in ("group.name",)]
LISTENS = {"listen-ports": '[{"HTTP": 80}, {"HTTPS": 443}]', "certificate-arn": "arn:aws:acm:ap-northeast-2:123456789012:certificate/9"}


def test_every_field_of_the_definition_has_a_row() -> None:
    schema = ingress_class_params()["spec"]["versions"][0]["schema"]["openAPIV3Schema"]["properties"]["spec"]
    assert list(schema["properties"]) == list(PARAMETERS)
    assert all(row.about for row in PARAMETERS.values())


def test_every_field_of_the_noun_comes_from_one_row() -> None:
    nouns = [noun for row in PARAMETERS.values() for noun in row.nouns]
    assert sorted(nouns) == sorted(field.name for field in fields(IngressClassParams) if field.name != "metadata")


def test_annotations_exist_unless_there_is_none() -> None:
    assert all(PREFIX + row.annotation in ANNOTATIONS if row.wins is not Wins.ALONE else not row.annotation for row in PARAMETERS.values())


@pytest.mark.parametrize("row", PARAMETERS.values(), ids=lambda row: row.name)
def test_an_example_becomes_the_noun(row: Parameter) -> None:
    found, empty = (kinds.parse(_params(spec)) for spec in ({row.name: yaml.safe_load(row.example)}, {}))
    assert any(getattr(found, noun) != getattr(empty, noun) for noun in row.nouns)
    changed = {field.name for field in fields(IngressClassParams) if getattr(found, field.name) != getattr(empty, field.name)}
    assert changed <= set(row.nouns)


@pytest.mark.parametrize("row", WHOLE, ids=lambda row: row.name)
def test_an_annotation_beside_a_class_value_changes_nothing(row: Parameter) -> None:
    beside = LISTENS if row.annotation != "certificate-arn" else {"listen-ports": LISTENS["listen-ports"]}
    alone, both = (_ruled(row, given) for given in (beside, {**beside, row.annotation: "nonsense"}))
    assert (alone.stacks, alone.errors) == (both.stacks, both.errors)


@pytest.mark.parametrize("row", [row for row in PARAMETERS.values() if row.wins is Wins.OVER], ids=lambda row: row.name)
def test_a_class_value_takes_the_place_of_an_annotation(row: Parameter) -> None:
    other = ANNOTATIONS[PREFIX + row.annotation].example.replace("100", "200").replace("pool-0", "pool-9")
    alone, both, none = (_ruled(row, {}), _ruled(row, {row.annotation: other}), compiled(annotated({row.annotation: other})))
    assert alone.stacks == both.stacks
    assert both.stacks != none.stacks


@pytest.mark.parametrize("row", [row for row in PARAMETERS.values() if row.scope is Scope.FIRST], ids=lambda row: row.name)
def test_where_the_first_member_counts_the_class_of_a_second_has_no_say(row: Parameter) -> None:
    group = {"group.name": "team"}
    one = annotated({**group, "group.order": "1"})
    second: Any = {**json.loads(annotated({**group, "group.order": "2"}, "other")), "spec": {"ingressClassName": "ruled"}}
    rule = {"host": "b.example.com", "http": {"paths": [{"path": "/", "pathType": "Prefix", "backend": _backend()}]}}
    second["spec"]["rules"] = [rule]
    ruled, plain = (compiled(one, json.dumps(second), *_class(spec, "ruled")) for spec in ({row.name: yaml.safe_load(row.example)}, {}))
    assert ruled.stacks == plain.stacks
    assert ruled.stacks["team"] is not None


def _backend() -> dict[str, Any]:
    return {"service": {"name": "web", "port": {"number": 80}}}


def _params(spec: dict[str, Any]) -> dict[str, Any]:
    return {"apiVersion": "elbv2.k8s.aws/v1beta1", "kind": "IngressClassParams", "metadata": {"name": "p"}, "spec": spec}


def _class(spec: dict[str, Any], name: str) -> tuple[str, str]:
    parameters = {"apiGroup": "elbv2.k8s.aws", "kind": "IngressClassParams", "name": "p"}
    found = {"kind": "IngressClass", "metadata": {"name": name}, "spec": {"controller": "ingress.k8s.aws/alb", "parameters": parameters}}
    return json.dumps(_params(spec)), json.dumps(found)


def _ruled(row: Parameter, given: dict[str, str]) -> Result:
    return compiled(annotated(given), *_class({row.name: yaml.safe_load(row.example)}, "alb"))


def test_shapes_read_well() -> None:
    assert [shape(PARAMETERS[name].schema) for name in ("scheme", "tags", "subnets", "namespaceSelector", "certificateArn")] == [
        "choice",
        "list of {key: text, value: text}",
        "{ids: list of text, tags: map to list of text}",
        "label selector",
        "list of text",
    ]
