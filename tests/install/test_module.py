"""The Terraform modules: they parse, refer only to what they declare, and evaluate to the policy of `albatross iam`."""

import io
import json
import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import hcl2
import pytest

from albatross.catalog.permissions import Feature
from albatross.frontend.ingress import in_front, member
from albatross.install import module, policy, trust
from albatross.install.policy import Scope
from albatross.install.trust import Account

ROOT = Path(__file__).parents[2] / "terraform"
FILES = sorted(ROOT.rglob("*.tf"))
MODULES = ("controller", "load-balancer")
TERRAFORM = shutil.which("terraform")
MIRRORS = (os.environ.get("TF_PLUGIN_CACHE_DIR"), Path.home() / ".terraform.d/plugins", "/usr/share/terraform/plugins")
"""Where Terraform finds a provider without a download."""
PROVIDER = next((str(each) for each in MIRRORS if each and any(Path(each).glob("*/hashicorp/aws"))), "")

terraform = pytest.mark.skipif(not TERRAFORM, reason="terraform is not installed")


def run(folder: Path, *arguments: str) -> "subprocess.CompletedProcess[str]":
    """Runs terraform without a configuration of its own and without a question to anybody."""
    own = {
        "TF_CLI_CONFIG_FILE": os.devnull,
        "CHECKPOINT_DISABLE": "1",
        "TF_IN_AUTOMATION": "1",
        "HOME": str(folder),
        "PATH": "/usr/bin:/bin",
    }
    return subprocess.run((str(TERRAFORM), f"-chdir={folder}", *arguments), capture_output=True, text=True, env=own, check=False)


def parsed(name: str) -> dict[str, Any]:
    """All blocks of a module, by their type."""
    found: dict[str, Any] = {}
    for path in (ROOT / name).glob("*.tf"):
        for kind, blocks in hcl2.load(io.StringIO(path.read_text())).items():
            found.setdefault(kind, []).extend(blocks)
    return found


def labels(blocks: list[dict[str, Any]]) -> set[str]:
    return {name.strip('"') for block in blocks for name in block if not name.startswith("__")}


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_file_parses(path: Path) -> None:
    assert hcl2.load(io.StringIO(path.read_text()))


@pytest.mark.parametrize("name", [*MODULES, "example"])
def test_a_module_refers_to_what_it_declares_and_uses_what_it_declares(name: str) -> None:
    found, text = parsed(name), "\n".join(path.read_text() for path in (ROOT / name).glob("*.tf"))
    assert set(re.findall(r"\bvar\.([a-z_]+)", re.sub(r"condition +=.*|error_message.*", "", text))) == labels(found["variable"])
    locals_ = labels(found.get("locals", []))
    assert set(re.findall(r"\blocal\.([a-z_]+)", text)) == locals_
    declared = {
        (kind.strip('"'), label.strip('"')) for block in found.get("resource", []) for kind, named in block.items() for label in named
    }
    used = set(re.findall(r"\b(aws_[a-z_0-9]+)\.([a-z_0-9]+)", re.sub(r"data\.aws_[a-z_0-9]+\.[a-z_0-9]+", "", text)))
    assert used <= declared


@pytest.mark.parametrize("name", MODULES)
def test_every_input_and_output_is_described_and_on_the_page(name: str) -> None:
    page, found = (ROOT / name / "README.md").read_text(), parsed(name)
    for block in (*found["variable"], *found["output"]):
        ((label, body),) = ((key.strip('"'), value) for key, value in block.items() if not key.startswith("__"))
        assert body["description"]
        assert f"`{label}`" in page


def test_the_generated_files_are_what_the_catalog_says() -> None:
    made = {"controller/policy": module.policy_file, "controller/trust": module.trust_file, "load-balancer/tags": module.tag_file}
    assert {name: (ROOT / f"{name}.tf").read_text() for name in made} == {name: text() for name, text in made.items()}


def test_a_module_of_the_repository_says_what_the_code_says() -> None:
    (account, own) = Account(), {label: body for block in parsed("controller")["variable"] for label, body in block.items()}
    defaults = {label.strip('"'): body.get("default") for label, body in own.items()}
    assert (defaults["namespace"], defaults["service_account"]) == (f'"{account.namespace}"', f'"{account.name}"')
    assert (module.BALANCER, module.FRONTEND) == (member.ID, in_front.ID)


@pytest.mark.parametrize("scope", ["cluster", "account"])
def test_no_cluster_name_makes_a_policy_too_long(scope: Scope) -> None:
    found = {each.sid: each for each in policy.listed(policy.FEATURES, module.LONGEST, scope, "aws-us-gov")}
    groups = [[found[sid] for sid in sids] for sids in module.groups()]
    assert [sid for sids in module.groups() for sid in sids] == list(found)
    assert max(policy.size(each) for each in groups) <= policy.SIZE


# What terraform itself says ------------------------------------------------------------------------------------------

OUTPUTS = """
locals {
  partition = "aws-cn"
  issuer    = "oidc.example.com/id/A"
}
output "documents" {
  value = [for number in local.numbers : jsonencode(local.documents[number])]
}
output "trust" {
  value = { for way, each in local.trust : way => jsonencode(each) }
}
"""


def evaluated(folder: Path, **variables: Any) -> dict[str, Any]:
    """The documents of the module and its trust policies, as terraform evaluates them."""
    for name in ("policy", "documents", "trust", "variables"):
        shutil.copy(ROOT / "controller" / f"{name}.tf", folder)
    (folder / "outputs.tf").write_text(OUTPUTS)
    (folder / "terraform.tfvars.json").write_text(json.dumps(variables))
    for step in (("init", "-input=false"), ("apply", "-auto-approve", "-input=false")):
        done = run(folder, *step)
        assert done.returncode == 0, done.stderr
    return {name: each["value"] for name, each in json.loads(run(folder, "output", "-json").stdout).items()}


def grants(statements: list[dict[str, Any]]) -> set[str]:
    """What the statements allow: the same for two statements that differ only in their names."""

    def form(each: dict[str, Any], action: str) -> str:
        return json.dumps([action, each["Resource"], each.get("Condition", {})], sort_keys=True)

    return {form(each, action) for each in statements for action in each["Action"]}


@terraform
@pytest.mark.parametrize("features", [(), ("wafv2", "given-target-groups"), policy.FEATURES], ids=len)
@pytest.mark.parametrize("scope", ["cluster", "account"])
def test_the_module_allows_what_the_command_prints(tmp_path: Path, scope: Scope, features: tuple[Feature, ...]) -> None:
    found = evaluated(tmp_path, cluster_name="prod", scope=scope, features=features)
    statements = [each for text in found["documents"] for each in json.loads(text)["Statement"]]
    wanted = [each.json for each in policy.statements(features, "prod", scope, "aws-cn")]
    assert grants(statements) == grants(wanted)
    assert {each["Sid"] for each in wanted} <= {each["Sid"] for each in statements}


@terraform
def test_the_module_trusts_whom_the_command_trusts(tmp_path: Path) -> None:
    provider, cluster = "arn:aws:iam::111122223333:oidc-provider/oidc.example.com/id/A", "arn:aws:eks:eu-west-1:111122223333:cluster/prod"
    found = evaluated(tmp_path, cluster_name="prod", oidc_provider_arn=provider, cluster_arn=cluster)["trust"]
    assert {way: json.loads(text) for way, text in found.items()} == {
        "irsa": trust.irsa(provider, Account()),
        "pod-identity": trust.pod_identity("", Account()),
        "pod-identity-of-one-cluster": trust.pod_identity(cluster, Account()),
    }


@terraform
@pytest.mark.parametrize(
    ("variables", "said"),
    [
        ({"cluster_name": "my cluster"}, "A cluster name has at most 100"),
        ({"cluster_name": "c", "features": ["waf"]}, "The features are core"),
        ({"cluster_name": "c", "scope": "vpc"}, "The scope is cluster or account"),
        ({"cluster_name": "c", "identity": "node"}, "The identity is pod-identity or irsa"),
        ({"cluster_name": "c", "oidc_provider_arn": "https://oidc"}, "Write the ARN of the provider"),
        ({"cluster_name": "c", "cluster_arn": "prod"}, "Write the ARN of the cluster"),
    ],
)
def test_a_wrong_input_is_named(tmp_path: Path, variables: dict[str, Any], said: str) -> None:
    with pytest.raises(AssertionError, match=said):
        evaluated(tmp_path, **variables)


@terraform
def test_terraform_would_format_it_the_same() -> None:
    done = run(ROOT, "fmt", "-check", "-diff", "-recursive")
    assert (done.returncode, done.stdout) == (0, "")


@terraform
@pytest.mark.skipif(not PROVIDER, reason="no local copy of the provider hashicorp/aws: see `terraform providers mirror`")
@pytest.mark.parametrize("name", [*MODULES, "example"])
def test_terraform_validates_it(tmp_path: Path, name: str) -> None:
    shutil.copytree(ROOT, tmp_path / "terraform")
    folder = tmp_path / "terraform" / name
    for step in (("init", "-input=false", f"-plugin-dir={PROVIDER}"), ("validate",)):
        done = run(folder, *step)
        assert done.returncode == 0, done.stderr


def modules() -> Iterator[str]:
    yield from (path.name for path in ROOT.iterdir() if path.is_dir())


def test_every_folder_is_tested() -> None:
    assert sorted(modules()) == sorted([*MODULES, "example"])
