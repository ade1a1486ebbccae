"""The defaults of TargetGroupBindings."""

from dataclasses import replace
from typing import Any

import pytest
from tests.admission.admitted import answered, asked, body, patched
from tests.admission.bound import ARN, FACT, FULL, ROLE, binding, full, said

from albatross.admission import Response
from albatross.model.facts import RefusedAnswer, TargetGroupOf

PATH = "/mutate-elbv2-k8s-aws-v1beta1-targetgroupbinding"
KIND = "TargetGroupBinding"


def lacking(field: str) -> dict[str, Any]:
    """A binding without one field."""
    absent: dict[str, Any] = {field: None}
    return full(**absent, targetGroupName="web")


def test_a_name_becomes_a_whole_binding() -> None:
    new = binding(targetGroupName="web")
    question = TargetGroupOf(name="web")
    assert asked(PATH, body(KIND, new)) == {question}
    after = patched(new, answered(PATH, body(KIND, new), facts={question: (FACT,)}))
    assert after["spec"] == {"serviceRef": {"name": "web", "port": 80}, "targetGroupName": "web", **FULL}
    assert answered(PATH, body(KIND, after)) == Response()
    assert asked(PATH, body(KIND, after)) == frozenset()


@pytest.mark.parametrize("field", FULL)
def test_only_what_is_missing_is_set(field: str) -> None:
    new = lacking(field)
    by = {"name": "web"} if field == "targetGroupARN" else {"arn": ARN}
    response = answered(PATH, body(KIND, new), facts=said((FACT,), **by))
    assert response.patch == ({"op": "add", "path": f"/spec/{field}", "value": FULL[field]},)


def test_the_role_is_part_of_the_question() -> None:
    new = binding(targetGroupARN=ARN, targetGroupName="web", iamRoleArnToAssume=ROLE, assumeRoleExternalId="secret")
    assert asked(PATH, body(KIND, new)) == {TargetGroupOf(arn=ARN, role=ROLE, external_id="secret")}


def test_a_field_that_the_target_group_lacks_stays_empty() -> None:
    response = answered(PATH, body(KIND, full(vpcID=None)), facts=said((replace(FACT, vpc_id=""),)))
    assert response == Response()


@pytest.mark.parametrize("type", ["lambda", "alb"])
def test_other_target_types_are_denied(type: str) -> None:
    response = answered(PATH, body(KIND, binding(targetGroupARN=ARN)), facts=said((replace(FACT, type=type),)))
    assert (response.allowed, response.code, response.message) == (False, 403, f"unsupported TargetType: {type}")


def test_every_problem_at_once() -> None:
    fact = replace(FACT, type="lambda", ip_address_type="ipv8")
    response = answered(PATH, body(KIND, binding(targetGroupARN=ARN)), facts=said((fact,)))
    assert response.message == "unsupported TargetType: lambda; unsupported IPAddressType: ipv8"
    assert answered(PATH, body(KIND, full(vpcID=None)), facts=said((fact,))).allowed


def test_a_binding_without_a_target_group_is_denied() -> None:
    assert asked(PATH, body(KIND, binding())) == frozenset()
    assert answered(PATH, body(KIND, binding())).message == "must provide either TargetGroupARN or TargetGroupName"


@pytest.mark.parametrize(
    ("missing", "start"),
    [
        ("targetGroupARN", ""),
        ("targetType", "couldn't determine TargetType: "),
        ("ipAddressType", "unable to get target group IP address type: "),
        ("vpcID", "unable to get target group VpcID: "),
        ("targetGroupProtocol", "couldn't determine TargetGroup protocol: "),
    ],
)
def test_what_aws_does_not_say_is_denied(missing: str, start: str) -> None:
    review = body(KIND, lacking(missing))
    by = {"name": "web"} if missing == "targetGroupARN" else {"arn": ARN}
    cases: list[tuple[Any, str]] = [
        ((), "TargetGroupNotFound: One or more target groups not found"),
        (RefusedAnswer("DescribeTargetGroups", "AccessDenied", "no"), "AccessDenied: no"),
    ]
    for answer, reason in cases:
        response = answered(PATH, review, facts=said(answer, **by))
        assert (response.allowed, response.message) == (False, start + reason)
    assert answered(PATH, review).message == f"{start}AWS was not asked"


def test_an_update_stays() -> None:
    review = body(KIND, binding(), binding(targetGroupARN=ARN))
    assert asked(PATH, review) == frozenset()
    assert answered(PATH, review) == Response()
