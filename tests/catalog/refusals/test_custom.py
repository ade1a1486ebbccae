"""What the schemas of the two custom kinds refuse."""

from typing import Any

import pytest

from albatross.catalog.refusals import Refusal, refusals

SERVED = {"serviceRef": {"name": "web", "port": 80}}


def found(kind: str, spec: Any) -> list[Refusal]:
    return list(refusals(kind, {"apiVersion": "elbv2.k8s.aws/v1beta1", "kind": kind, "metadata": {"name": "a"}, "spec": spec}))


@pytest.mark.parametrize(
    ("kind", "spec", "fields"),
    [
        ("IngressClassParams", {"scheme": "internal", "group": {"name": "team"}, "tags": [{"key": "a", "value": "b"}]}, []),
        ("IngressClassParams", None, []),
        ("IngressClassParams", {"scheme": "public", "ipAddressType": "ipv6"}, ["spec.ipAddressType", "spec.scheme"]),
        ("IngressClassParams", {"group": {}, "tags": [{"key": "a"}]}, ["spec.group.name", "spec.tags[0].value"]),
        ("IngressClassParams", {"subnets": {"ids": ["subnet-1", "private-a"]}}, ["spec.subnets.ids[1]"]),
        ("TargetGroupBinding", SERVED, []),
        ("TargetGroupBinding", {"targetType": "pod"}, ["spec.serviceRef", "spec.targetType"]),
        ("TargetGroupBinding", {"serviceRef": {"name": "web"}}, ["spec.serviceRef.port"]),
        # LB181 says it
        ("TargetGroupBinding", {**SERVED, "vpcID": "main"}, []),
    ],
)
def test_fields_that_are_refused(kind: str, spec: Any, fields: list[str]) -> None:
    assert [each.field for each in found(kind, spec)] == fields


def test_words() -> None:
    (scheme,) = found("IngressClassParams", {"scheme": "public"})
    assert scheme.reason == 'Unsupported value: "public": supported values: "internal", "internet-facing"'
    assert scheme.fix == "write one of: internal, internet-facing"
    (subnet,) = found("IngressClassParams", {"subnets": {"ids": ["private-a"]}})
    assert subnet.reason == "Invalid value: \"private-a\": should match 'subnet-[0-9a-f]+'"
