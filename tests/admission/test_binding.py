"""Which TargetGroupBindings are denied, and why."""

from dataclasses import replace
from typing import Any

import pytest
from tests.admission.admitted import answered, asked, body, configured
from tests.admission.bound import ARN, FACT, ROLE, binding, full, said, stored
from tests.world import snapshot

from albatross.admission import Response
from albatross.model.facts import Answer, RefusedAnswer, TargetGroupFact, TargetGroupOf
from albatross.model.snapshot import Snapshot

PATH = "/validate-elbv2-k8s-aws-v1beta1-targetgroupbinding"
KIND = "TargetGroupBinding"
OTHER = ARN.replace("/web/", "/other/")
GONE = "TargetGroupNotFound: One or more target groups not found"
REFUSED = RefusedAnswer("DescribeTargetGroups", "Throttling", "slow down")
Spec = dict[str, Any]


def created(new: Spec, fact: TargetGroupFact | None = FACT, cluster: Snapshot | None = None) -> Response:
    return answered(PATH, body(KIND, new), cluster, said((fact,) if fact else ()))


def updated(new: Spec, old: Spec, cluster: Snapshot | None = None, answer: Answer = (FACT,), **settings: Any) -> Response:
    return answered(PATH, body(KIND, new, old), cluster, said(answer), configured(**settings))


def denied(response: Response) -> str:
    assert (response.allowed, response.code, response.warnings) == (False, 403, ())
    return response.message


def test_a_complete_binding_is_allowed() -> None:
    assert created(full()) == Response()
    assert created(full(targetGroupProtocol=None, vpcID=None, ipAddressType=None)) == Response()
    assert created(full(targetType="instance", nodeSelector={}), replace(FACT, type="instance")) == Response()


@pytest.mark.parametrize(
    ("spec", "fact", "text"),
    [
        ({"targetType": None}, {}, "TargetGroupBinding must specify these fields: spec.targetType"),
        ({"nodeSelector": {}}, {}, "TargetGroupBinding cannot set NodeSelector when TargetType is ip"),
        ({}, {"ip_address_type": "ipv6"}, f"invalid IP address type ipv6 for TargetGroup {ARN}"),
        ({"ipAddressType": None}, {"ip_address_type": "ipv6"}, f"invalid IP address type ipv6 for TargetGroup {ARN}"),
        (
            {"vpcID": "vpc-1"},
            {},
            "ValidationError: vpcID vpc-1 failed to satisfy constraint: VPC Id must begin with 'vpc-' followed by 8, 17 or 32 lowercase "
            "letters (a-f) or numbers.",
        ),
        ({"vpcID": "vpc-00000000"}, {}, f"invalid VpcID vpc-00000000 doesnt match VpcID from TargetGroup {ARN}"),
        ({"targetGroupProtocol": "TCP"}, {}, f"TargetGroup {ARN} protocol differs (got TCP, expected HTTP)"),
        ({"targetType": "instance", "iamRoleArnToAssume": ""}, {"protocol": "HTTP"}, ""),
        (
            {"targetType": "instance", "targetGroupProtocol": "QUIC"},
            {"protocol": "QUIC"},
            "QUIC protocol is not supported for Instance target types.",
        ),
        (
            {"targetType": "instance", "targetGroupProtocol": "TCP_QUIC"},
            {"protocol": "TCP_QUIC"},
            "QUIC protocol is not supported for Instance target types.",
        ),
        ({"targetGroupProtocol": "QUIC"}, {"protocol": "QUIC"}, ""),
    ],
)
def test_new_bindings(spec: Spec, fact: dict[str, str], text: str) -> None:
    response = created(full(**spec), replace(FACT, **fact))
    assert (response.allowed, response.message) == (not text, text)


def test_a_role_with_instances_is_denied() -> None:
    text = "Unable to use instance target type while using assume role"
    new = full(targetType="instance", iamRoleArnToAssume=ROLE)
    facts = said((replace(FACT, type="instance"),), arn=ARN, role=ROLE)
    assert denied(answered(PATH, body(KIND, new), facts=facts)) == text
    assert denied(updated(new, full(targetType="instance"))) == text


def test_every_problem_at_once() -> None:
    new = full(nodeSelector={}, vpcID="vpc-00000000", targetGroupProtocol="TCP")
    assert denied(created(new)).split("; ") == [
        "TargetGroupBinding cannot set NodeSelector when TargetType is ip",
        f"invalid VpcID vpc-00000000 doesnt match VpcID from TargetGroup {ARN}",
        f"TargetGroup {ARN} protocol differs (got TCP, expected HTTP)",
    ]


def test_the_required_fields_are_named() -> None:
    text = "TargetGroupBinding must specify these fields: either TargetGroupARN or TargetGroupName,spec.targetType"
    assert asked(PATH, body(KIND, binding())) == frozenset()
    assert denied(created(binding())) == text
    found = denied(updated(binding(), full(targetType=None)))
    assert (
        found
        == f"{text}; TargetGroupBinding update may not change these immutable fields: spec.targetGroupARN,spec.ipAddressType,spec.vpcID"
    )


# The target group in AWS -------------------------------------------------------------------------------------------


def test_a_target_group_that_does_not_exist_is_denied() -> None:
    assert denied(created(full(), None)) == f"unable to get target group IP address type: {GONE}"


def test_a_name_that_does_not_exist_is_denied() -> None:
    new = full(targetGroupARN=None, targetGroupName="web")
    question = TargetGroupOf(name="web")
    assert asked(PATH, body(KIND, new)) == {question}
    assert denied(answered(PATH, body(KIND, new), facts={question: ()})) == f"searching TargetGroup with name web: {GONE}"
    assert answered(PATH, body(KIND, new), facts={question: (FACT,)}) == Response()


def test_a_name_is_compared_by_its_arn() -> None:
    new = full(targetGroupARN=None, targetGroupName="web")
    response = answered(PATH, body(KIND, new), snapshot(stored("other")), {TargetGroupOf(name="web"): (FACT,)})
    assert f"TargetGroup {ARN} is already bound to following TargetGroupBindings [shop/other]" in denied(response)


def test_aws_without_an_answer_is_a_warning() -> None:
    response = answered(PATH, body(KIND, full()), facts=said(REFUSED))
    assert response.allowed
    assert response.warnings == ("not compared with the target group in AWS: Throttling: slow down",)
    assert answered(PATH, body(KIND, full())).warnings == ("not compared with the target group in AWS: AWS was not asked",)
    assert denied(answered(PATH, body(KIND, full(nodeSelector={})), facts=said(REFUSED))).startswith("TargetGroupBinding cannot")
    long = answered(PATH, body(KIND, full()), facts=said(replace(REFUSED, message="x" * 300))).warnings[0]
    assert (len(long), long[-1]) == (256, "…")


# Bindings of the same target group ---------------------------------------------------------------------------------

SHARED = (
    f"TargetGroup {ARN} is already bound to following TargetGroupBindings [shop/a shop/b]. Please enable MultiCluster mode on all "
    f"TargetGroupBindings referencing {ARN} or choose a different Target Group ARN."
)


@pytest.mark.parametrize("own", [True, None])
@pytest.mark.parametrize("others", [True, None])
def test_a_target_group_has_one_binding_or_all_are_for_several_clusters(own: bool | None, others: bool | None) -> None:
    cluster = snapshot(stored("b", multiClusterTargetGroup=True), stored("a", multiClusterTargetGroup=others), stored("web"))
    new = full(multiClusterTargetGroup=own)
    text = "" if own and others else SHARED
    assert created(new, cluster=cluster).message == text
    assert updated(new, full(targetGroupProtocol="TCP"), cluster).message == text


def test_other_target_groups_do_not_matter() -> None:
    cluster = snapshot(stored("a", targetGroupARN=OTHER), stored("b", targetGroupARN=None))
    assert created(full(), cluster=cluster) == Response()


# Updates -----------------------------------------------------------------------------------------------------------

CHANGED = "TargetGroupBinding update may not change these immutable fields: "


@pytest.mark.parametrize(
    ("new", "old", "fields"),
    [
        ({"targetGroupARN": OTHER}, {}, "spec.targetGroupARN"),
        ({"targetType": "instance"}, {}, "spec.targetType"),
        ({"ipAddressType": "ipv6"}, {}, "spec.ipAddressType"),
        ({"ipAddressType": None}, {}, "spec.ipAddressType"),
        ({"ipAddressType": "ipv4"}, {"ipAddressType": None}, ""),
        ({"ipAddressType": "ipv6"}, {"ipAddressType": None}, "spec.ipAddressType"),
        ({"vpcID": "vpc-00000000"}, {}, "spec.vpcID"),
        ({"vpcID": None}, {}, "spec.vpcID"),
        ({"vpcID": "vpc-11111111"}, {"vpcID": None}, ""),
        ({"vpcID": "vpc-00000000"}, {"vpcID": None}, "spec.vpcID"),
        ({"targetType": "instance", "vpcID": None}, {}, "spec.targetType,spec.vpcID"),
        ({"targetGroupProtocol": "TCP"}, {}, ""),
        ({"multiClusterTargetGroup": True}, {}, ""),
        ({"targetGroupName": "other"}, {}, ""),
    ],
)
def test_immutable_fields(new: Spec, old: Spec, fields: str) -> None:
    response = updated(full(**new), full(**old), vpc_id="vpc-11111111")
    assert response.message == (CHANGED + fields if fields else "")


def test_a_node_selector_of_pods_is_denied() -> None:
    assert denied(updated(full(nodeSelector={}), full())) == "TargetGroupBinding cannot set NodeSelector when TargetType is ip"


def test_an_incomplete_binding_is_completed_with_the_values_of_aws() -> None:
    old = binding(targetGroupName="web")
    assert asked(PATH, body(KIND, full(targetGroupName="web"), old)) == {TargetGroupOf(arn=ARN)}
    assert updated(full(targetGroupName="web"), old) == Response()
    six = replace(FACT, ip_address_type="ipv6")
    assert updated(full(ipAddressType="ipv6"), full(ipAddressType=None), answer=(six,)) == Response()


@pytest.mark.parametrize(
    ("change", "answer", "fields"),
    [
        ({"targetType": "instance"}, (FACT,), "spec.targetType"),
        ({}, (replace(FACT, name="other"),), "spec.targetGroupARN"),
        ({}, (), "spec.targetGroupARN,spec.targetType,spec.vpcID"),
        ({}, REFUSED, "spec.targetGroupARN,spec.targetType,spec.vpcID"),
    ],
)
def test_it_is_completed_with_nothing_else(change: Spec, answer: Answer, fields: str) -> None:
    response = updated(full(targetGroupName="web", **change), binding(targetGroupName="web"), answer=answer)
    assert denied(response) == CHANGED + fields


def test_an_arn_that_is_left_out_is_found_by_the_name() -> None:
    new = full(targetGroupARN=None, targetGroupName="web")
    review, question = body(KIND, new, full(targetGroupName="web")), TargetGroupOf(name="web")
    assert asked(PATH, review) == {question}
    assert answered(PATH, review, facts={question: (FACT,)}) == Response()
    changed = answered(PATH, review, facts={question: (replace(FACT, arn=OTHER),)})
    assert denied(changed) == CHANGED + "spec.targetGroupARN"
    assert denied(answered(PATH, review, facts={question: ()})) == f"searching TargetGroup with name web: {GONE}"


@pytest.mark.parametrize(
    ("new", "old"),
    [
        (full(meta={"finalizers": ["a"]}, nodeSelector={}), full(nodeSelector={})),
        (full(meta={"annotations": {"elbv2.k8s.aws/checkpoint": "1"}}, targetType=None), full(targetType=None)),
        (full(meta={"deletionTimestamp": "2026-01-01T00:00:00Z"}, targetType="instance"), full()),
    ],
)
def test_metadata_and_deletion_are_not_checked(new: Spec, old: Spec) -> None:
    cluster = snapshot(stored("other"))
    assert asked(PATH, body(KIND, new, old)) == frozenset()
    assert updated(new, old, cluster) == Response()
