"""What AWS says when it denies a call, in the words of each service, and the fix of each."""

import pytest

from albatross.catalog import denial, problems
from albatross.catalog.denial import CAPPED, FORBIDDEN, MISSING, UNTRUSTED, Denial
from albatross.model.problem import Origin, Problem

WHO = "arn:aws:sts::123456789012:assumed-role/lbc/eks-prod-albatross-0"
LB = "arn:aws:elasticloadbalancing:eu-west-1:123456789012:loadbalancer/app/web/*"
SG = "arn:aws:ec2:eu-west-1:123456789012:security-group/sg-1"
LENDER = "arn:aws:iam::210987654321:role/lender"


def said(action: str, resource: str = "", why: str = "") -> str:
    on = f" on resource: {resource}" if resource else ""
    return f"User: {WHO} is not authorized to perform: {action}{on}{why}"


def ec2(text: str, encoded: str = "") -> str:
    return f"You are not authorized to perform this operation. {text}{encoded}"


ENCODED = ". Encoded authorization failure message: XQ_jqde5rHje6j9P-qke7"
SCP = " with an explicit deny in a service control policy: arn:aws:organizations::1:policy/o-1/service_control_policy/p-2"


@pytest.mark.parametrize(
    ("text", "wanted", "problem"),
    [
        (
            said("elasticloadbalancing:AddTags", LB, " because no identity-based policy allows the elasticloadbalancing:AddTags action"),
            Denial(identity=WHO, action="elasticloadbalancing:AddTags", resource=LB, policy="identity-based policy"),
            MISSING,
        ),
        (
            ec2(said("ec2:CreateTags", SG, " because no identity-based policy allows the ec2:CreateTags action"), ENCODED),
            Denial(identity=WHO, action="ec2:CreateTags", resource=SG, policy="identity-based policy"),
            MISSING,
        ),
        (ec2(said("ec2:CreateTags", SG), ENCODED), Denial(identity=WHO, action="ec2:CreateTags", resource=SG), MISSING),
        (said("acm:ListCertificates"), Denial(identity=WHO, action="acm:ListCertificates"), MISSING),
        ("You are not authorized to perform this operation.", Denial(), MISSING),
        (
            said("acm:ListCertificates", "", " because no permissions boundary allows the acm:ListCertificates action"),
            Denial(identity=WHO, action="acm:ListCertificates", policy="permissions boundary"),
            CAPPED,
        ),
        (
            said("acm:ListCertificates", "*", " because no session policy allows the acm:ListCertificates action"),
            Denial(identity=WHO, action="acm:ListCertificates", resource="*", policy="session policy"),
            CAPPED,
        ),
        (
            said("acm:ListCertificates", "", " because no VPC endpoint policy allows the acm:ListCertificates action"),
            Denial(identity=WHO, action="acm:ListCertificates", policy="VPC endpoint policy"),
            CAPPED,
        ),
        (
            ec2(said("ec2:CreateTags", SG, SCP), ENCODED),
            Denial(
                identity=WHO,
                action="ec2:CreateTags",
                resource=SG,
                policy="service control policy",
                arn="arn:aws:organizations::1:policy/o-1/service_control_policy/p-2",
                explicit=True,
            ),
            FORBIDDEN,
        ),
        (
            said("elasticloadbalancing:AddTags", LB, " with an explicit deny"),
            Denial(identity=WHO, action="elasticloadbalancing:AddTags", resource=LB, explicit=True),
            FORBIDDEN,
        ),
        (said("sts:AssumeRole", LENDER), Denial(identity=WHO, action="sts:AssumeRole", resource=LENDER), UNTRUSTED),
        (
            said("sts:AssumeRole", LENDER, " because no identity-based policy allows the sts:AssumeRole action"),
            Denial(identity=WHO, action="sts:AssumeRole", resource=LENDER, policy="identity-based policy"),
            MISSING,
        ),
    ],
)
def test_the_text_of_aws_is_read(text: str, wanted: Denial, problem: str) -> None:
    assert denial.read(text) == wanted
    assert wanted.problem == problem


@pytest.mark.parametrize(
    ("action", "resource", "operation", "sids"),
    [
        ("elasticloadbalancing:AddTags", LB, "CreateLoadBalancer", ["TagAtCreation"]),
        ("elasticloadbalancing:AddTags", LB, "AddTags", ["TagOwn"]),
        (
            "elasticloadbalancing:AddTags",
            LB.replace("loadbalancer/app", "listener/app") + "/1/2",
            "CreateListener",
            ["TagListenersAtCreation"],
        ),
        ("elasticloadbalancing:SetWebACL", LB, "AssociateWebACL", ["AssociateWebAclsImplied"]),
        ("ec2:CreateTags", SG, "CreateSecurityGroup", ["TagSecurityGroupsAtCreation"]),
        ("ec2:AuthorizeSecurityGroupIngress", SG, "AuthorizeSecurityGroupIngress", ["OpenOwnPorts", "OpenTargetPorts"]),
        ("elasticloadbalancing:AddTags", "arn:aws:somewhere", "AddTags", ["TagOwn", "TagListeners"]),
        ("", "", "DeleteRule", ["ChangeListeners"]),
        ("sns:Publish", "", "Publish", []),
    ],
)
def test_a_denied_action_has_its_statements(action: str, resource: str, operation: str, sids: list[str]) -> None:
    found = denial.rows(Denial(action=action, resource=resource), "elbv2", operation)
    assert list(dict.fromkeys(row.sid for row in found)) == sids


def told(text: str, service: str = "elbv2", operation: str = "CreateLoadBalancer") -> str:
    found = {**denial.words(text, service, operation, "prod"), "what": "w", "call": f"{service} {operation}", "aws_code": "AccessDenied"}
    problem = Problem(denial.read(text).problem, Origin("", "", ""), tuple(found.items()))
    sentence = problems.sentence(problem)
    assert "<" not in sentence
    assert len(sentence) < 1000, "an event holds 1024 characters"
    return sentence


def test_a_missing_permission_names_the_statement_and_the_commands() -> None:
    words = told(
        said("elasticloadbalancing:AddTags", LB, " because no identity-based policy allows the elasticloadbalancing:AddTags action")
    )
    assert words.startswith(
        f"LB511: w: elbv2 CreateLoadBalancer failed with AccessDenied: {WHO} is not allowed to do elasticloadbalancing:AddTags on {LB}"
    )
    assert "add the statement TagAtCreation to the policies of role lbc: " in words
    assert "`albatross iam policy --cluster-name prod` prints it; `albatross iam diff lbc --cluster-name prod` lists" in words
    assert "--cluster-name prod --features certificates`" in told(said("acm:ListCertificates"), "acm", "ListCertificates")


def test_without_a_text_the_call_tells_what_it_needs() -> None:
    words = told("no", "ec2", "DeleteSecurityGroup")
    assert "the identity of the controller is not allowed to do ec2:DeleteSecurityGroup on this resource" in words
    assert "add the statement DeleteSecurityGroups to the policies of the identity of the controller" in words
    assert "a statement that allows sns:Publish" in told("no", "sns", "Publish")


def test_a_deny_is_removed_where_it_is() -> None:
    words = told(ec2(said("ec2:CreateTags", SG, SCP), ENCODED), "ec2", "CreateTags")
    assert "LB720" in words
    assert "Deny statement for ec2:CreateTags in a service control policy of the organization" in words
    assert "o-1/service_control_policy/p-2" in words
    assert "decode-authorization-message" in words
    assert "Encoded" not in words
    assert "add the statement" not in words


def test_a_boundary_must_allow_it_too() -> None:
    words = told(
        said("elasticloadbalancing:AddTags", LB, " because no permissions boundary allows the elasticloadbalancing:AddTags action")
    )
    assert "LB721" in words
    assert "allow elasticloadbalancing:AddTags in the permissions boundary of role lbc" in words


def test_a_role_that_does_not_trust_us_is_changed_there() -> None:
    words = told(said("sts:AssumeRole", LENDER), "sts", "AssumeRole")
    assert "LB722" in words
    assert f"the role {LENDER} does not let {WHO} in" in words
    assert "in account 210987654321: check that the role exists, and allow role lbc" in words
