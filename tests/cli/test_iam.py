"""`albatross iam` prints the permissions of the controller, and the role that has them."""

import json
from pathlib import Path

import pytest
from tests.cli.front import GOLDEN, albatross

GOOD = GOLDEN / "good.yaml"
PROVIDER = "arn:aws:iam::1:oidc-provider/oidc.eks.eu-west-1.amazonaws.com/id/A"


def test_a_policy_allows_what_the_manifests_use_and_says_why() -> None:
    answer = albatross("iam", "policy", "--cluster-name", "prod", "-f", GOOD)
    sids = [each["Sid"] for each in json.loads(answer.out)["Statement"]]
    assert (answer.code, "ChangeListeners" in sids, "Protect" in sids) == (0, True, False)
    assert "core: always needed" in answer.err


def test_roles_of_other_accounts_are_limited_to_those_in_the_manifests(tmp_path: Path) -> None:
    file, role = tmp_path / "binding.yaml", "arn:aws:iam::210987654321:role/lender"
    spec: dict[str, object] = {
        "targetGroupARN": "arn:aws:elasticloadbalancing:eu-west-1:210987654321:targetgroup/web/1",
        "iamRoleArnToAssume": role,
    }
    spec |= {"serviceRef": {"name": "web", "port": 80}}
    file.write_text(
        json.dumps({"apiVersion": "elbv2.k8s.aws/v1beta1", "kind": "TargetGroupBinding", "metadata": {"name": "web"}, "spec": spec})
    )
    found = json.loads(albatross("iam", "policy", "--cluster-name", "prod", "--features", "cross-account", "-f", file).out)
    documents = found if isinstance(found, list) else [found]
    (assume,) = [each for document in documents for each in document["Statement"] if each["Sid"] == "AssumeRoles"]
    assert assume["Resource"] == [role]


def test_more_than_a_policy_holds_is_several() -> None:
    found = json.loads(albatross("iam", "policy", "--cluster-name", "prod").out)
    assert len(found) == 2
    small = albatross("iam", "policy", "--features", "wafv2", "--scope", "account", "-o", "terraform").out
    assert small.count('resource "aws_iam_policy"') == 1


@pytest.mark.parametrize("output", ["json", "terraform", "cloudformation"])
@pytest.mark.parametrize("way", ["irsa", "pod-identity", "node"])
def test_a_role_comes_with_its_policies(way: str, output: str) -> None:
    answer = albatross("iam", "role", "--cluster-name", "prod", "--way", way, "--oidc-provider", PROVIDER, "-o", output)
    assert answer.code == 0
    assert "sts:Assume" in answer.out
    assert "elasticloadbalancing:CreateLoadBalancer" in answer.out
    assert ("every pod on these nodes" in answer.err) == (way == "node")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("policy",), "--scope cluster needs --cluster-name NAME"),
        (("policy", "--cluster-name", "c", "--features", "waf"), "unknown feature: waf; the features are core"),
        (("role", "--cluster-name", "c", "--way", "irsa"), "--way irsa needs --oidc-provider ARN"),
        (("role", "--cluster-name", "c", "--service-account", "alone"), "NAMESPACE/NAME"),
        (("diff", "--cluster-name", "c"), "name a role, or policy documents"),
        (("diff", "--cluster-name", "c", "--document", GOOD), "as a policy document"),
    ],
)
def test_what_is_missing_is_named(arguments: tuple[str | Path, ...], said: str) -> None:
    answer = albatross("iam", *arguments)
    assert answer.code == 1
    assert said in answer.err


def test_a_policy_is_compared_with_what_is_needed(tmp_path: Path) -> None:
    own = json.loads(albatross("iam", "policy", "--cluster-name", "c", "--features", "certificates").out)
    document = tmp_path / "policy.json"
    document.write_text(json.dumps(own))
    usual = ("--cluster-name", "c", "--features", "certificates", "--document", document)
    same = albatross("iam", "diff", *usual)
    assert (same.code, same.out) == (0, "0 missing or limited, 0 not needed\n")
    statements = [each for part in own for each in part["Statement"] if each["Sid"] != "ChangeTargets"]
    document.write_text(json.dumps({"Statement": statements}))
    less = albatross("iam", "diff", *usual)
    assert less.code == 1
    assert "missing   elasticloadbalancing:RegisterTargets\n          ChangeTargets: targets\n" in less.out
    found = json.loads(albatross("iam", "diff", *usual, "-o", "json").out)
    assert {each["kind"] for each in found} == {"missing"}
    document.write_text("{}")
    assert "has no Statement" in albatross("iam", "diff", *usual).err
