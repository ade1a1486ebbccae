"""`doctor`: whether the API server reaches the webhooks and trusts them."""

from typing import Any

import pytest
from tests.diagnose.evident import NOW, codes, deployment, evident, hook, words

from albatross.diagnose import hooks
from albatross.diagnose.evidence import Authority


def authority(ends: float, signs: bool | None = None) -> dict[str, tuple[Authority, ...]]:
    return {"ValidatingWebhookConfiguration/albatross-webhook": (Authority(name="ca", begins=0, ends=ends, signs=signs),)}


READY = {
    "apiVersion": "discovery.k8s.io/v1",
    "kind": "EndpointSlice",
    "metadata": {"namespace": "kube-system", "name": "x", "labels": {"kubernetes.io/service-name": "albatross-webhook-service"}},
    "addressType": "IPv4",
    "endpoints": [{"addresses": ["10.0.0.1"]}],
}


@pytest.mark.parametrize(
    ("known", "code"),
    [
        (authority(NOW - 1), ["LB662"]),
        (authority(NOW + 1, False), ["LB663"]),
        (authority(NOW + 1, True), []),
        (authority(NOW + 1), []),
        ({}, []),
    ],
)
def test_the_ca_of_webhooks(known: Any, code: list[str]) -> None:
    evidence = evident(more=(deployment(), hook(), READY), authorities=known)
    assert codes(hooks.check(evidence)) == code
    alone = evident(more=(hook(), READY), authorities=known)
    commands = [each.remedy.commands[0] for each in hooks.check(alone)]
    assert commands == ["kubectl delete validatingwebhookconfiguration albatross-webhook"] * len(code)


def test_webhooks_that_nobody_answers() -> None:
    (found,) = hooks.check(evident(more=(deployment(), hook())))
    assert (found.problem.code, words(found)["policy"]) == ("LB664", "Fail")
    (alone,) = hooks.check(evident(more=(hook(),)))
    assert alone.remedy.commands == ("kubectl delete validatingwebhookconfiguration albatross-webhook",)
    assert not list(hooks.check(evident(more=(hook(service=None, url="https://x"),))))
    other = {**hook(), "webhooks": [{"name": "x.example.com", "clientConfig": {}}]}
    assert not list(hooks.check(evident(more=(other,))))
    assert hooks.remark(evident(more=(hook(),))) == "albatross-webhook"
    assert hooks.remark(evident()).startswith("no webhooks of Albatross")
