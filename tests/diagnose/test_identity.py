"""`doctor`: the role of the controller, and the documents that give it and take it."""

from typing import Any

import pytest
from tests.diagnose.evident import (
    ARN,
    CLUSTER,
    ISSUER,
    LB,
    LEADER,
    PROVIDER,
    account,
    codes,
    everything,
    evident,
    installed,
    pod,
    words,
)

from albatross.catalog.identity import Principal
from albatross.diagnose import identity, metadata, policy, trust
from albatross.diagnose.evidence import RoleDocuments
from albatross.install import trust as trusted


def test_the_service_account() -> None:
    assert codes(identity.check(installed())) == ["LB640"]
    assert identity.remark(installed(account())) == "ServiceAccount kube-system/lb: no role in an annotation"
    assert identity.remark(evident()) == ""
    wrong = installed(account(policy_arn=ARN))
    (found,) = identity.check(wrong)
    assert (found.problem.code, found.severity) == ("LB701", "error")
    assert found.remedy.commands[-1] == "kubectl rollout restart deployment -n kube-system albatross"
    assert not list(identity.role(wrong))
    both = installed(account(policy_arn=ARN), associations=({"roleArn": ARN},))
    assert [each.severity for each in identity.check(both)] == ["warning"]
    assert not list(identity.check(evident()))


def test_no_role_at_all() -> None:
    (found,) = identity.role(installed(account()))
    assert found.problem.code == "LB645"
    assert found.remedy.commands[1].startswith("aws eks create-pod-identity-association --cluster-name prod-eks")
    assert codes(identity.role(installed())) == ["LB645"]
    assert not list(identity.role(installed(account(role_arn=ARN))))
    assert not list(identity.role(evident()))


def test_pods() -> None:
    node = Principal(kind="node", arn="arn:aws:sts::1:assumed-role/nodes/i-1", account="1")
    assert codes(identity.pods(installed(account(), leader=node))) == ["LB705"]
    assert not list(identity.pods(installed(leader=LEADER)))
    assert not list(identity.pods(evident()))
    own = pod("albatross-1", "kube-system")
    own["metadata"]["labels"] = {"app": "albatross"}
    (found,) = identity.pods(installed(account(role_arn=ARN), own))
    assert (found.problem.code, words(found)["variable"]) == ("LB647", "AWS_ROLE_ARN")
    (found,) = identity.pods(installed(account(), own, associations=({"roleArn": ARN},)))
    assert words(found)["variable"] == "AWS_CONTAINER_CREDENTIALS_FULL_URI"
    assert not list(identity.pods(installed(account(), own)))
    given = pod("albatross-1", "kube-system", container={"env": [{"name": "AWS_ROLE_ARN", "value": ARN}]})
    given["metadata"]["labels"] = {"app": "albatross"}
    assert not list(identity.pods(installed(account(role_arn=ARN), given)))
    assert identity.said(installed(leader=LEADER)).startswith("the leader is arn:aws:sts")
    assert identity.said(installed()) == ""


def test_instance_metadata() -> None:
    near = ({"InstanceId": "i-1", "MetadataOptions": {"HttpPutResponseHopLimit": 1}}, {"InstanceId": "i-2"})
    (found,) = metadata.check(installed(account(), instances=near))
    assert (found.problem.code, words(found)["nodes"]) == ("LB646", "i-1")
    assert not list(metadata.check(installed(account(role_arn=ARN), instances=near)))
    assert not list(metadata.check(installed(account(), instances=near[1:])))


def test_the_oidc_provider() -> None:
    (found,) = trust.provider(installed(account(role_arn=ARN)))
    assert found.remedy.commands[0].startswith(f"aws iam create-open-id-connect-provider --url https://{ISSUER}")
    assert not list(trust.provider(installed(account(role_arn=ARN), providers=(PROVIDER,))))
    assert not list(trust.provider(installed(account())))
    assert trust.remark(installed()) == f"issuer {ISSUER}"
    assert trust.remark(evident()) == ""


def statement(**given: Any) -> dict[str, Any]:
    right = trusted.irsa(PROVIDER, LB)["Statement"][0]
    return {"Version": "2012-10-17", "Statement": {**right, **given}}


SUB, AUD = f"{ISSUER}:sub", f"{ISSUER}:aud"


@pytest.mark.parametrize(
    ("document", "reason"),
    [
        (statement(), None),
        (statement(Condition={"StringLike": {SUB: "system:serviceaccount:*:lb"}}), None),
        (statement(Condition={"StringEquals": {AUD: ["x", "sts.amazonaws.com"], "aws:SourceIp": "1"}}), None),
        (statement(Condition=None), None),
        (statement(Principal="*"), None),
        (
            statement(Condition={"StringEquals": {SUB: "system:serviceaccount:default:lb"}}),
            f"{SUB} must be system:serviceaccount:default:lb",
        ),
        (statement(Condition={"StringEquals": {SUB: "system:serviceaccount:*:lb"}}), f"{SUB} must be"),
        (statement(Condition={"StringLike": {SUB: "system:serviceaccount:default:*"}}), f"{SUB} must be system:serviceaccount:default:*"),
        (statement(Condition={"StringEquals": {"oidc.eks/id/B:sub": "x"}}), "which is the issuer of another cluster"),
        (statement(Principal={"Service": "ec2.amazonaws.com"}), "it trusts"),
        (statement(Principal=None), "it trusts"),
        (statement(Action="sts:AssumeRole"), "no statement allows sts:AssumeRoleWithWebIdentity"),
        (statement(Effect="Deny"), "no statement allows"),
        ({}, "it has no statement"),
    ],
)
def test_trust_policies(document: dict[str, Any], reason: str | None) -> None:
    role = RoleDocuments(name="lb", arn=ARN, trust=document)
    found = list(trust.check(installed(account(role_arn=ARN), providers=(PROVIDER,), role=role)))
    assert codes(found) == ([] if reason is None else ["LB642"])
    for each in found:
        assert str(reason) in words(each)["reason"]
        assert "+" in each.remedy.diff
        assert each.remedy.commands[0].startswith("aws iam update-assume-role-policy --role-name lb")


def test_roles() -> None:
    missing = installed(account(role_arn=ARN), role=RoleDocuments(name="lb"))
    assert codes(trust.check(missing)) == ["LB643"]
    pods = RoleDocuments(name="lb", arn=ARN, trust=trusted.pod_identity(str(CLUSTER["arn"]), LB))
    assert not list(trust.check(installed(account(), associations=({"roleArn": ARN},), role=pods)))
    assert not list(trust.check(installed(account())))
    unknown = installed(account(role_arn="ROLE"), role=RoleDocuments(name="lb", arn=ARN, trust={}))
    (found,) = trust.check(unknown)
    assert "arn:aws:iam::ACCOUNT:oidc-provider" in found.remedy.diff
    (found,) = trust.check(installed(account(role_arn=ARN), role=RoleDocuments(name="lb", arn=ARN, trust={})))
    assert PROVIDER in found.remedy.diff


def test_policies() -> None:
    some = [each for each in everything()["Statement"] if each["Sid"] != everything()["Statement"][0]["Sid"]]
    lacks = installed(account(role_arn=ARN), role=RoleDocuments(name="lb", arn=ARN, policies=({"Statement": some},)))
    (found,) = policy.check(lacks)
    assert (found.problem.code, len(found.look)) == ("LB644", 5)
    assert words(found)["more"].endswith("more")
    assert not list(policy.check(installed()))
    assert not list(policy.check(installed(role=RoleDocuments(name="lb"))))
    assert policy.remark(installed()) == ""
    one = everything()
    first = one["Statement"][0]["Action"].pop()
    (found,) = policy.check(installed(role=RoleDocuments(name="lb", arn=ARN, policies=(one,))))
    assert (words(found)["actions"], words(found)["more"]) == (first, "")
