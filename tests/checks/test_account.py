"""ServiceAccounts: annotations that EKS does not read, values that name no role, and identities that are not the intended ones."""

import pytest

from albatross.catalog.identity import ROLE, Kind, Principal
from albatross.catalog.problems import message, remedy, severity
from albatross.checks.account import alike, annotated, examine, intended
from albatross.model.problem import Problem
from albatross.model.snapshot import Metadata, ServiceAccount

ARN = "arn:aws:iam::123456789012:role/lb"


def account(annotations: dict[str, str]) -> ServiceAccount:
    return ServiceAccount(metadata=Metadata(namespace="kube-system", name="lb", annotations=annotations))


def only(annotations: dict[str, str]) -> Problem:
    (problem,) = annotated(account(annotations))
    return problem


@pytest.mark.parametrize(
    "key",
    [
        "eks.amazonaws.com/policy-arn",
        "eks.amazonaws.com/role_arn",
        "eks.amazonaws.com/rolearn",
        "eks.amazonaws.com/Role-Arn",
        "EKS.amazonaws.com/role-arn",
        "eks.amazonaws.com/role-arn ",
        "eks.amazonaws.com/role",
        "eks.amazonaws.com/iam-role-arn",
        "eks.amazon.com/role-arn",
        "eks.amazonaws.com.cn/role-arn",
        "amazonaws.com/role-arn",
        "iam.amazonaws.com/role",
        "role-arn",
        "eks.amazonaws.com.role-arn",
    ],
)
def test_keys_that_eks_does_not_read(key: str) -> None:
    problem = only({key: ARN})
    assert (problem.code, severity(problem)) == ("LB701", "warning")
    assert problem.origin.field == f'metadata.annotations["{key}"]'
    assert f"kubectl annotate serviceaccount -n kube-system lb --overwrite {ROLE}={ARN} {key}-" in remedy(problem)


@pytest.mark.parametrize(
    "key",
    [
        ROLE,
        "eks.amazonaws.com/audience",
        "eks.amazonaws.com/sts-regional-endpoints",
        "meta.helm.sh/release-name",
        "example.com/role",
        "team",
    ],
)
def test_other_keys_are_fine(key: str) -> None:
    assert not alike(key)
    assert not annotated(account({key: ARN}))


def test_a_policy_in_the_wrong_key_is_not_offered_as_the_role() -> None:
    problem = only({"eks.amazonaws.com/policy-arn": "arn:aws:iam::123456789012:policy/lb"})
    assert f"{ROLE}=ROLE_ARN eks.amazonaws.com/policy-arn-" in remedy(problem)


@pytest.mark.parametrize(
    ("value", "code", "kind", "says"),
    [
        (f" {ARN}", "LB702", "error", "white space"),
        (f"{ARN}\n", "LB702", "error", "white space"),
        (f'"{ARN}"', "LB702", "error", "quotes"),
        ("arn:aws:iam::{{ACCOUNT}}:role/lb", "LB702", "warning", "{{ACCOUNT}} is not replaced"),
        ("arn:aws:iam::${ACCOUNT_ID}:role/lb", "LB702", "warning", "${ACCOUNT_ID} is not replaced"),
        ("arn:aws:iam::<id>:role/lb", "LB702", "warning", "<id> is not replaced"),
        ("arn:aws:iam::ACCOUNT_ID:role/lb", "LB702", "warning", "ACCOUNT_ID is not replaced"),
        ("lb", "LB702", "error", "it is not the ARN of a role"),
        ("", "LB702", "error", "it is not the ARN of a role"),
        ("arn:aws:iam::123456789012:user/lb", "LB702", "error", "it is not the ARN of a role"),
        ("arn:aws:iam::123456789012:policy/lb", "LB703", "error", "the ARN of a policy"),
    ],
)
def test_values_that_name_no_role(value: str, code: str, kind: str, says: str) -> None:
    problem = only({ROLE: value})
    assert (problem.code, severity(problem)) == (code, kind)
    assert says in message(problem)
    assert f"kubectl annotate serviceaccount -n kube-system lb --overwrite {ROLE}=" in remedy(problem)


@pytest.mark.parametrize("arn", [ARN, "arn:aws-cn:iam::123456789012:role/eks/lb", "arn:aws-us-gov:iam::123456789012:role/a+b=c,d.e@f_g-h"])
def test_roles_of_every_partition_are_fine(arn: str) -> None:
    assert not annotated(account({ROLE: arn}))


def test_every_account_is_examined_in_order() -> None:
    wrong = account({"iam.amazonaws.com/role": "lb"})
    assert [each.code for each in examine({("b", "x"): wrong, ("a", "x"): account({ROLE: "lb"})})] == ["LB702", "LB701"]


def identity(kind: Kind, role: str, session: str) -> Principal:
    return Principal(kind=kind, arn=f"arn:aws:sts::123456789012:assumed-role/{role}/{session}", account="123456789012")


@pytest.mark.parametrize(
    ("annotations", "kind", "role", "code"),
    [
        ({ROLE: ARN}, "irsa", "lb", None),
        ({ROLE: "arn:aws:iam::123456789012:role/eks/lb"}, "irsa", "lb", None),
        ({ROLE: ARN}, "irsa", "older", "LB704"),
        ({ROLE: ARN}, "node", "nodes", "LB704"),
        ({ROLE: ARN}, "static", "admin", "LB704"),
        ({ROLE: "broken"}, "node", "nodes", "LB705"),
        ({}, "node", "nodes", "LB705"),
        ({}, "pod-identity", "lb", None),
        ({}, "static", "admin", None),
    ],
)
def test_an_identity_that_is_not_the_intended_one(annotations: dict[str, str], kind: Kind, role: str, code: str | None) -> None:
    found = intended(account(annotations), identity(kind, role, "i-0123456789abcdef0"))
    assert [each.code for each in found] == ([code] if code else [])
    assert not [each for each in found if "<" in message(each) + remedy(each)]
