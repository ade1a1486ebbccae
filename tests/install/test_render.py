"""Policies and roles as Terraform and CloudFormation."""

import io
import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import hcl2
import pytest

from albatross.install import cloudformation, policy, terraform, trust
from albatross.install.trust import Account

PROVIDER = "arn:aws:iam::111122223333:oidc-provider/oidc.eks.eu-west-1.amazonaws.com/id/ABC"
PARTS = policy.split(policy.statements(policy.FEATURES, "prod"))
CONFIGURATION = "\n".join(
    (
        terraform.policies(PARTS, "albatross-prod"),
        terraform.role(trust.irsa(PROVIDER, Account()), "albatross-prod", len(PARTS)),
        terraform.association("prod", "kube-system", "albatross"),
    )
)


def test_terraform_reads_back_as_what_was_written() -> None:
    blocks = hcl2.load(io.StringIO(CONFIGURATION))["resource"]
    labels = [(kind.strip('"'), name.strip('"')) for block in blocks for kind, named in block.items() for name in named if name[0] != "_"]
    assert labels == [
        ("aws_iam_policy", "controller_1"),
        ("aws_iam_policy", "controller_2"),
        ("aws_iam_role", "controller"),
        ("aws_iam_role_policy_attachment", "controller_1"),
        ("aws_iam_role_policy_attachment", "controller_2"),
        ("aws_eks_pod_identity_association", "controller"),
    ]


def test_every_statement_has_its_reason_beside_it() -> None:
    text = terraform.policies(PARTS, "albatross-prod")
    for statement in (each for part in PARTS for each in part):
        assert f"# {statement.why}\n" in text
        assert f'"{statement.sid}"' in text


def test_one_policy_has_the_name_as_it_is() -> None:
    text = terraform.policies((PARTS[1],), "albatross") + terraform.role(trust.node("aws"), "albatross", 1)
    assert 'name = "albatross"\n' in text
    assert "policy_arn = aws_iam_policy.controller.arn" in text


def test_a_string_never_begins_a_template() -> None:
    assert '"$${a} %%{b} \\"c\\""' in terraform.association('${a} %{b} "c"', "n", "a")


@pytest.mark.skipif(not shutil.which("terraform"), reason="terraform is not installed")
def test_terraform_would_format_it_the_same(tmp_path: Path) -> None:
    (tmp_path / "main.tf").write_text(CONFIGURATION)
    (tmp_path / "rc").write_text("")
    run = [str(shutil.which("terraform")), f"-chdir={tmp_path}", "fmt", "-check", "-diff"]
    done = subprocess.run(run, capture_output=True, text=True, env={"TF_CLI_CONFIG_FILE": str(tmp_path / "rc")}, check=False)
    assert (done.returncode, done.stdout) == (0, "")


def test_cloudformation_attaches_the_policies_to_the_role() -> None:
    template: dict[str, Any] = cloudformation.template(PARTS, "albatross", trust.pod_identity("", Account()))
    assert template["Resources"]["Role"]["Properties"]["ManagedPolicyArns"] == [{"Ref": "Policy1"}, {"Ref": "Policy2"}]
    assert template["Resources"]["Policy1"]["Metadata"]["Reasons"]["ReadNetwork"]
    alone = cloudformation.template((PARTS[1],), "albatross")
    assert (list(alone["Resources"]), "Outputs" in alone) == (["Policy"], False)
    assert json.loads(json.dumps(template)) == template


def test_irsa_compares_the_subject_and_the_audience() -> None:
    (statement,) = trust.irsa(PROVIDER, Account(namespace="infra", name="alb"))["Statement"]
    assert statement["Principal"] == {"Federated": PROVIDER}
    assert statement["Condition"] == {
        "StringEquals": {
            "oidc.eks.eu-west-1.amazonaws.com/id/ABC:aud": "sts.amazonaws.com",
            "oidc.eks.eu-west-1.amazonaws.com/id/ABC:sub": "system:serviceaccount:infra:alb",
        }
    }


def test_pod_identity_names_the_service_account_and_the_cluster() -> None:
    (statement,) = trust.pod_identity("arn:aws:eks:eu-west-1:1:cluster/prod", Account())["Statement"]
    assert statement["Action"] == ["sts:AssumeRole", "sts:TagSession"]
    assert statement["Condition"]["StringEquals"]["aws:RequestTag/eks-cluster-arn"] == "arn:aws:eks:eu-west-1:1:cluster/prod"
    assert "aws:RequestTag/eks-cluster-arn" not in trust.pod_identity("", Account())["Statement"][0]["Condition"]["StringEquals"]


def test_a_node_role_is_for_instances() -> None:
    assert trust.node("aws-cn")["Statement"][0]["Principal"] == {"Service": "ec2.amazonaws.com.cn"}
    assert "Condition" not in trust.node("aws")["Statement"][0]
