"""Which IngressClassParams are denied, and why."""

from typing import Any

import pytest
from tests.admission.admitted import answered, body

from albatross.admission import Response

PATH = "/validate-elbv2-k8s-aws-v1beta1-ingressclassparams"
KIND = "IngressClassParams"
CIDR = "Could not be parsed as a CIDR"
BITS = "Network contains bits outside prefix"
Spec = dict[str, Any]


def made(spec: Spec, **meta: Any) -> dict[str, Any]:
    return {"metadata": {"name": "alb", **meta}, "spec": spec}


@pytest.mark.parametrize(
    ("spec", "text"),
    [
        ({}, ""),
        ({"inboundCIDRs": ["10.0.0.0/8", "::/0", "2001:db8::/32", "10.0.0.1/32"]}, ""),
        ({"inboundCIDRs": ["10.0.0.1"]}, f'spec.inboundCIDRs[0]: Invalid value: "10.0.0.1": {CIDR} (did you mean "10.0.0.1/32")'),
        ({"inboundCIDRs": ["2001:db8::1"]}, f'spec.inboundCIDRs[0]: Invalid value: "2001:db8::1": {CIDR} (did you mean "2001:db8::1/64")'),
        (
            {"inboundCIDRs": ["", "x"]},
            f'[spec.inboundCIDRs[0]: Invalid value: "": {CIDR}, spec.inboundCIDRs[1]: Invalid value: "x": {CIDR}]',
        ),
        ({"inboundCIDRs": ["fe80::1%eth0"]}, f'spec.inboundCIDRs[0]: Invalid value: "fe80::1%eth0": {CIDR}'),
        ({"inboundCIDRs": ["10.0.0.0/33"]}, f'spec.inboundCIDRs[0]: Invalid value: "10.0.0.0/33": {CIDR}'),
        ({"inboundCIDRs": ['a"b']}, f'spec.inboundCIDRs[0]: Invalid value: "a\\"b": {CIDR}'),
        ({"inboundCIDRs": ["10.0.0.1/8"]}, f'spec.inboundCIDRs[0]: Invalid value: "10.0.0.1/8": {BITS} (did you mean "10.0.0.0/8")'),
        (
            {"inboundCIDRs": ["0.0.0.0/0", "2001:db8::1/32"]},
            f'spec.inboundCIDRs[1]: Invalid value: "2001:db8::1/32": {BITS} (did you mean "2001:db8::/32")',
        ),
        ({"subnets": {}}, "spec.subnets: Required value: must have either `ids` or `tags`"),
        ({"subnets": {"ids": ["subnet-1", "subnet-2"]}}, ""),
        ({"subnets": {"ids": ["subnet-1"], "tags": {}}}, "spec.subnets.tags: Forbidden: may not have both `ids` and `tags` set"),
        ({"subnets": {"ids": ["subnet-1", "subnet-2", "subnet-1"]}}, 'spec.subnets.ids[2]: Duplicate value: "subnet-1"'),
        ({"subnets": {"tags": {}}}, "spec.subnets.tags: Required value: must have at least one tag key"),
        ({"subnets": {"tags": {"Name": [], "Tier": ["a", "b"]}}}, ""),
        ({"subnets": {"tags": {"Name": ["a", "a"]}}}, 'spec.subnets.tags[Name][1]: Duplicate value: "a"'),
        (
            {"inboundCIDRs": ["x"], "subnets": {"tags": {"Name": ["a", "a", "a"]}}},
            f'[spec.inboundCIDRs[0]: Invalid value: "x": {CIDR}, spec.subnets.tags[Name][1]: Duplicate value: "a", '
            'spec.subnets.tags[Name][2]: Duplicate value: "a"]',
        ),
    ],
)
def test_created_and_updated(spec: Spec, text: str) -> None:
    for review in (body(KIND, made(spec)), body(KIND, made(spec), made({"scheme": "internal"}))):
        response = answered(PATH, review)
        assert (response.allowed, response.message) == (not text, text)


def test_metadata_and_deletion_are_not_checked() -> None:
    wrong = {"inboundCIDRs": ["x"]}
    assert answered(PATH, body(KIND, made(wrong, labels={"a": "b"}), made(wrong))) == Response()
    assert answered(PATH, body(KIND, made(wrong, deletionTimestamp="2026-01-01T00:00:00Z"), made({}))) == Response()


def test_a_policy_is_checked_when_it_changes() -> None:
    group, broken = {"group": {"name": "team"}}, {"albatross.dev/tenants": "{"}
    text = "metadata.annotations[albatross.dev/tenants]: the policy of the group cannot be read: it is not a JSON text"
    wrong, right = made(group, annotations=broken), made(group, annotations={"albatross.dev/tenants": "[]"})
    assert answered(PATH, body(KIND, right)) == Response()
    assert answered(PATH, body(KIND, wrong)).message == text
    assert answered(PATH, body(KIND, wrong, right)).message == text
    assert answered(PATH, body(KIND, wrong, wrong)) == Response()
    old = {**group, "inboundCIDRs": ["x"]}
    assert answered(PATH, body(KIND, made(old, annotations={"albatross.dev/tenants": "[]"}), made(old))) == Response()
