"""The generated IAM policy."""

from typing import Any, get_args

import pytest

from albatross.catalog.permissions import PERMISSIONS, UNASKED, Feature
from albatross.install import policy
from albatross.install.policy import Statement

OWN = "aws:ResourceTag/elbv2.k8s.aws/cluster"
READS = ("Describe", "List", "Get")
FREE = {
    "AssociateClassicWebAcls",  # web ACLs do not have the tag of the cluster, and WAF Classic does not support tags
    "AssociateWebAcls",
    "AssociateWebAclsImplied",
    "AssumeRoles",
    "ChangeRecords",  # records have no tags; each has an ownership record, and the policy allows no overwriting
    "ChangeGivenTargets",  # only on request: target groups that others created
    "CreateSecurityGroups",  # a new resource cannot harm others
    "IssuePrivateCertificates",
    "MakeServiceLinkedRole",
    "Protect",
    "ProveDomains",
    "TagCertificates",
}
"""Statements that allow writes to resources without the tag of the cluster."""


def found(scope: policy.Scope = "cluster", features: tuple[Feature, ...] = policy.FEATURES) -> dict[str, Statement]:
    return {each.sid: each for each in policy.statements(features, "prod", scope)}


def test_every_action_of_a_feature_is_allowed() -> None:
    allowed = {action for each in found().values() for action in each.actions}
    assert allowed == {row.action for row in PERMISSIONS} - UNASKED


def test_what_is_always_needed_is_always_there() -> None:
    assert {each.feature for each in policy.statements((), "prod")} == set(policy.ALWAYS)
    assert "AssumeRoles" not in found(features=policy.USUAL)
    assert set(policy.USUAL) | set(policy.ASKED) == set(get_args(Feature))


def test_a_policy_of_one_cluster_writes_only_to_what_carries_its_tag() -> None:
    writing = {sid for sid, each in found().items() if not all(a.partition(":")[2].startswith(READS) for a in each.actions)}
    bound = {sid for sid, each in found().items() if "prod" in str(each.condition)}
    assert writing - bound == FREE
    assert found()["OpenTargetPorts"].condition == {"StringEquals": {"aws:ResourceTag/kubernetes.io/cluster/prod": ("owned", "shared")}}
    assert found()["ChangeListeners"].condition == {"StringEquals": {OWN: "prod"}}


def test_a_policy_of_the_account_asks_for_any_clusters_tag() -> None:
    assert found("account")["ChangeTagged"].condition == {"Null": {OWN: "false"}}
    assert "OpenTargetPorts" not in found("account"), "OpenOwnPorts says the same there"
    assert found("account")["ChangeListeners"].condition == {}


def test_the_cluster_tag_of_another_can_never_be_set() -> None:
    assert found()["TagOwn"].condition == {"Null": {"aws:RequestTag/elbv2.k8s.aws/cluster": "true"}, "StringEquals": {OWN: "prod"}}


@pytest.mark.parametrize("partition", get_args(policy.Partition))
def test_resources_are_of_the_partition(partition: policy.Partition) -> None:
    arns = {arn for each in policy.statements((), "prod", partition=partition) for arn in each.resources if arn != "*"}
    assert arns
    assert all(arn.startswith(f"arn:{partition}:") for arn in arns)


def test_each_part_fits_a_managed_policy() -> None:
    every = policy.statements(policy.FEATURES, "a-cluster-with-a-name-of-some-length")
    parts = policy.split(every)
    assert len(parts) == 2
    assert all(policy.size(part) <= policy.SIZE for part in parts)
    assert tuple(each for part in parts for each in part) == every
    assert policy.split(every[:2]) == (every[:2],)


def test_a_document_is_what_iam_takes() -> None:
    document: dict[str, Any] = policy.document(policy.statements((), "prod"))
    assert document["Version"] == "2012-10-17"
    sids = [each["Sid"] for each in document["Statement"]]
    assert len(sids) == len(set(sids))
    (tagging,) = [each for each in document["Statement"] if each["Sid"] == "TagAtCreation"]
    assert tagging["Condition"]["StringEquals"]["elasticloadbalancing:CreateAction"] == ["CreateTargetGroup", "CreateLoadBalancer"]


def test_roles_to_assume_are_only_those_that_are_known() -> None:
    role = "arn:aws:iam::2:role/r"
    known = {each.sid: each.resources for each in policy.statements(policy.FEATURES, "prod", roles=(role, role))}
    assert known["AssumeRoles"] == (role,)
    assert known["ChangeListeners"] == found()["AssumeRoles"].resources == ("*",)
