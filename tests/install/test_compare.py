"""Compare a role with the permissions that the controller needs."""

from typing import Any

import pytest

from albatross.install import policy
from albatross.install.compare import differences

NEEDED = policy.statements((), "prod")
OWN = policy.document(NEEDED)


def changed(sid: str, **fields: Any) -> dict[str, Any]:
    """The policy with one statement changed. A field of None is removed."""
    statements = [each | fields if each["Sid"] == sid else each for each in OWN["Statement"]]
    return {**OWN, "Statement": [{key: value for key, value in each.items() if value is not None} for each in statements]}


def found(*documents: dict[str, Any]) -> list[tuple[str, str]]:
    return [(each.kind, each.action) for each in differences(NEEDED, documents)]


def test_our_own_policy_is_what_is_needed() -> None:
    assert found(OWN) == []
    assert found(policy.document(policy.statements((), "prod", "account"))) == []


@pytest.mark.parametrize("statement", NEEDED, ids=lambda each: each.sid)
def test_every_statement_that_is_taken_away_is_missed(statement: policy.Statement) -> None:
    rest = {**OWN, "Statement": [each for each in OWN["Statement"] if each["Sid"] != statement.sid]}
    lacking = [each for each in differences(NEEDED, [rest]) if each.kind != "surplus"]
    assert {each.sid for each in lacking} == {statement.sid}
    assert {each.action for each in lacking} == set(statement.actions)


def test_a_statement_for_another_cluster_is_too_narrow() -> None:
    other = changed("ChangeTagged", Condition={"StringEquals": {"aws:ResourceTag/elbv2.k8s.aws/cluster": "other"}})
    (first, *_) = differences(NEEDED, [other])
    assert (first.kind, first.sid) == ("narrower", "ChangeTagged")
    assert first.why == "allowed only with stringequals aws:resourcetag/elbv2.k8s.aws/cluster"


def test_a_statement_for_fewer_resources_is_too_narrow() -> None:
    fewer = changed("TagOwn", Resource="arn:aws:elasticloadbalancing:*:*:targetgroup/*/*")
    lacking = differences(NEEDED, [fewer])
    assert {(each.kind, each.action.partition(":")[2]) for each in lacking} == {("narrower", "AddTags"), ("narrower", "RemoveTags")}
    assert lacking[0].why.startswith("allowed only for other resources than arn:aws:elasticloadbalancing:*:*:targetgroup/*/*, ")


def test_patterns_and_several_policies_together_are_enough_but_more_than_needed() -> None:
    wide = {"Statement": {"Effect": "Allow", "Action": ["ec2:*", "elasticloadbalancing:*", "IAM:CreateServiceLinkedRole"], "Resource": "*"}}
    assert found(wide) == [("surplus", "ec2:*"), ("surplus", "elasticloadbalancing:*")]
    assert ("surplus", "s3:GetObject") in found(OWN, {"Statement": [{"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}]})


def test_a_deny_wins() -> None:
    deny = {"Statement": {"Effect": "Deny", "Action": "elasticloadbalancing:CreateRule", "Resource": "*"}}
    assert found(OWN, deny) == [("denied", "elasticloadbalancing:CreateRule")]
    others = {"Statement": {"Effect": "Deny", "NotAction": ["ec2:*", "elasticloadbalancing:*", "iam:*"], "Resource": "*"}}
    assert found(OWN, others) == []
