"""Webhook configurations."""

import base64
import copy
from typing import Any

import pytest

from albatross.catalog import webhooks as rows
from albatross.install import webhooks
from albatross.install.webhooks import Serving

PLACE = Serving(namespace="albatross", bundle=b"PEM", user="system:serviceaccount:albatross:albatross", foreign=("nginx", "kong"))


def entries(place: Serving = PLACE, paths: tuple[str, ...] = tuple(rows.BY_PATH)) -> dict[str, Any]:
    found = webhooks.configurations(place, paths)
    return {entry["name"]: entry for each in found.values() if each for entry in each["webhooks"]}


def test_two_configurations_hold_the_webhooks_of_their_kind() -> None:
    found = webhooks.configurations(PLACE, rows.BY_PATH)
    for mutating, kind in ((True, "MutatingWebhookConfiguration"), (False, "ValidatingWebhookConfiguration")):
        made = found[mutating]
        assert made is not None
        assert (made["kind"], made["metadata"]["name"]) == (kind, rows.CONFIGURATION)
        assert [each["name"] for each in made["webhooks"]] == [row.name for row in rows.WEBHOOKS if row.mutating is mutating]


def test_without_a_webhook_there_is_no_configuration() -> None:
    assert webhooks.configurations(PLACE, ["/mutate-v1-pod"])[False] is None
    assert webhooks.configurations(PLACE, []) == {True: None, False: None}


def test_an_entry_is_whole() -> None:
    entry = entries()["vingress.elbv2.k8s.aws"]
    assert entry["clientConfig"] == {
        "service": {"namespace": "albatross", "name": rows.SERVICE, "port": 443, "path": "/validate-networking-v1-ingress"},
        "caBundle": base64.b64encode(b"PEM").decode(),
    }
    assert (entry["failurePolicy"], entry["timeoutSeconds"], entry["sideEffects"]) == ("Ignore", 3, "None")
    assert entry["rules"][0]["apiGroups"] == ["networking.k8s.io"]
    conditions = {each["name"]: each["expression"] for each in entry["matchConditions"]}
    assert conditions["not-our-own-write"].endswith('!= "system:serviceaccount:albatross:albatross"')
    assert conditions["class-may-be-ours"].endswith('in ["kong", "nginx"])')
    assert conditions["class-annotation-ours"].endswith('== "alb"')


def test_a_condition_without_its_value_is_left_out() -> None:
    entry = entries(Serving(namespace="a", ingress_class=""))["vingress.elbv2.k8s.aws"]
    assert {each["name"] for each in entry["matchConditions"]} == {"not-being-deleted", "spec-or-annotations-changed"}


def test_cert_manager_writes_its_own_bundle() -> None:
    place = Serving(namespace="a", injected=True)
    made = webhooks.configurations(place, rows.BY_PATH)[True]
    assert made is not None
    assert made["metadata"]["annotations"] == {"cert-manager.io/inject-ca-from": "a/albatross-webhook-serving-cert"}
    assert all("caBundle" not in each["clientConfig"] for each in made["webhooks"])


def test_the_probe_sees_only_its_own_object() -> None:
    (entry,) = webhooks.probe(PLACE)["webhooks"]
    asked = webhooks.question(PLACE, "n-1")
    assert asked["metadata"]["namespace"] == "albatross"
    assert asked["metadata"]["labels"] == {entry["objectSelector"]["matchExpressions"][0]["key"]: "n-1"}
    assert entry["clientConfig"]["service"]["path"] == rows.PROBE_PATH


def test_the_bundle_of_a_configuration_is_read() -> None:
    assert webhooks.bundle(webhooks.probe(PLACE)) == b"PEM"
    assert webhooks.bundle(webhooks.probe(Serving(namespace="a", injected=True))) == b""
    assert webhooks.bundle({}) == b""


@pytest.mark.parametrize(
    ("said", "code"),
    [
        ('failed to call webhook: Post "https://…": no endpoints available for service "s"', "LB751"),
        ('failed to call webhook: service "s" not found', "LB751"),
        ("tls: failed to verify certificate: x509: certificate signed by unknown authority", "LB752"),
        ("context deadline exceeded", "LB750"),
        ("dial tcp 10.0.0.1:9443: connect: connection refused", "LB750"),
    ],
)
def test_the_message_of_the_api_server_names_the_cause(said: str, code: str) -> None:
    assert webhooks.blame(said) == code


def changed(obj: dict[str, Any], *path: Any, value: Any) -> dict[str, Any]:
    copied = copy.deepcopy(obj)
    at: Any = copied
    for name in path[:-1]:
        at = at[name]
    at[path[-1]] = value
    return copied


@pytest.mark.parametrize(
    ("path", "value", "differs"),
    [
        (("metadata", "resourceVersion"), "7", False),
        (("webhooks", 0, "reinvocationPolicy"), "Never", False),
        (("webhooks", 0, "timeoutSeconds"), 10, True),
        (("webhooks", 0, "clientConfig", "caBundle"), "eA==", True),
        (("webhooks", 0, "matchConditions"), [], True),
        (("webhooks", 0, "rules"), None, True),
        (("webhooks", 0, "clientConfig"), None, True),
    ],
)
def test_only_our_own_fields_count(path: tuple[Any, ...], value: Any, differs: bool) -> None:
    wanted = webhooks.configurations(PLACE, rows.BY_PATH)[True]
    assert wanted is not None
    assert webhooks.differs(wanted, changed(wanted, *path, value=value)) is differs
