"""The policy of a group: what can be read, and what a row is for."""

import json

import pytest

from albatross.catalog import tenants
from albatross.catalog.tenants import Tenant
from albatross.model.snapshot import LabelRequirement, LabelSelector

NAME = "kubernetes.io/metadata.name"


def test_rows() -> None:
    selector = {"matchLabels": {"team": "a"}, "matchExpressions": [{"key": "stage", "operator": "In", "values": ["x"]}]}
    written = [{"namespaces": selector, "hosts": ["Shop.example.com", "*.example.com", "*"]}, {"namespaces": {}}]
    first = LabelSelector({"team": "a"}, (LabelRequirement("stage", "In", ("x",)),))
    assert tenants.parse(json.dumps(written)) == (Tenant(first, ("shop.example.com", "*.example.com", "*")), Tenant(LabelSelector()))
    assert tenants.parse("[]") == ()


@pytest.mark.parametrize(
    ("written", "reason"),
    [
        ("", "it is not a JSON text"),
        ("[" * 9999, "it is not a JSON text"),
        ("{}", "the object: expected a list"),
        ("[1]", "[0]: expected a map with only hosts and namespaces"),
        ('[{"namespace": {}}]', "[0]: expected a map with only hosts and namespaces"),
        ("[{}]", "[0].namespaces: expected a label selector"),
        ('[{"namespaces": {"matchlabels": {}}}]', "[0].namespaces: expected a map with only matchExpressions and matchLabels"),
        ('[{"namespaces": {"matchExpressions": [{"operator": "in"}]}}]', "[0].namespaces.matchExpressions[0].operator: expected In"),
        ('[{"namespaces": {}, "hosts": "a.example.com"}]', "[0].hosts: expected a list"),
        ('[{"namespaces": {}, "hosts": [""]}]', "[0].hosts[0]: expected a host, *.HOST, or *"),
        ('[{"namespaces": {}, "hosts": ["a.*"]}]', "[0].hosts[0]: expected a host, *.HOST, or *"),
        ('[{"namespaces": {}, "hosts": [1]}]', "[0].hosts[0]: expected a string"),
    ],
)  # fmt: skip
def test_what_cannot_be_read(written: str, reason: str) -> None:
    found = tenants.parse(written)
    assert isinstance(found, str)
    assert found.startswith(reason)


@pytest.mark.parametrize(
    ("pattern", "host", "allowed"),
    [
        ("*", "", True),
        ("*", "a.example.com", True),
        ("a.example.com", "A.example.com", True),
        ("a.example.com", "b.a.example.com", False),
        ("a.example.com", "", False),
        ("*.example.com", "b.a.example.com", True),
        ("*.example.com", "*.example.com", True),
        ("*.example.com", "example.com", False),
        ("*.example.com", ".example.com", False),
        ("*.example.com", "*example.com", False),
        ("*.example.com", "", False),
        ("a.example.com", "?.example.com", False),
    ],
)
def test_hosts(pattern: str, host: str, allowed: bool) -> None:
    assert tenants.allows(pattern, host) is allowed


@pytest.mark.parametrize(
    ("labels", "known", "selected"),
    [
        ({"team": "a"}, {"team": "a"}, True),
        ({"team": "a"}, {}, False),
        ({"team": "a"}, None, True),
        ({NAME: "shop"}, {}, True),
        ({NAME: "shop"}, None, True),
        ({NAME: "other"}, None, False),
        ({NAME: "other", "team": "a"}, None, True),
        ({}, None, True),
    ],
)
def test_namespaces(labels: dict[str, str], known: dict[str, str] | None, selected: bool) -> None:
    assert Tenant(LabelSelector(labels)).selects("shop", known) is selected
