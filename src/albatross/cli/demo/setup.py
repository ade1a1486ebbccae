"""The first act: the IAM role that `albatross iam role` prints, and the installation."""

import contextlib
import io
import json
from typing import Any

from albatross.aws.session.client import Session
from albatross.cli import install
from albatross.cli.demo.stage import Stage, Stuck, expect, headline
from albatross.cli.group import invoke
from albatross.install.installation import ACCOUNT, LEASE, NAMESPACE, Installation
from albatross.kube import config as access
from albatross.kube import rollout
from albatross.kube.client import Client

ROLE = "albatross-sandbox"
WAIT_SECONDS = 60.0


async def play(stage: Stage) -> None:
    """Make the role, and install the controller with it. Errors: Stuck, AlbatrossError."""
    headline(stage.screen, "Permissions: a role with only what these manifests need")
    await _role(stage)
    headline(stage.screen, "Installing the controller")
    stage.typed("albatross install --yes\n")
    options = {"kubeconfig": stage.world.kubeconfig, "context": "", "yes": True, "force": False, "dry_run": False, "timeout": WAIT_SECONDS}
    expect(await install.perform(Installation(cluster_name=""), options) == 0, "the controller is not ready")
    async with Client(access.load(stage.world.kubeconfig)) as client:
        stage.leader = (await rollout.holder(client, NAMESPACE, LEASE)).partition("_")[0]


async def _role(stage: Stage) -> None:
    stage.typed(f"albatross iam role --cluster-name {stage.world.cluster_name} -f {stage.manifest}")
    found, used = _printed(stage)
    for line in used:
        feature, _, reason = line.partition(": ")
        stage.screen.print(f"    {feature:<16} {reason}")
    async with Session(stage.config) as session:
        made = await session.call("iam", "CreateRole", RoleName=ROLE, AssumeRolePolicyDocument=json.dumps(found["trust"]))
        for number, each in enumerate(found["policies"], 1):
            named = {"RoleName": ROLE, "PolicyName": f"part-{number}"}
            await session.call("iam", "PutRolePolicy", **named, PolicyDocument=json.dumps(each))
        where = {"clusterName": stage.world.cluster_name, "namespace": NAMESPACE, "serviceAccount": ACCOUNT}
        await session.call("eks", "CreatePodIdentityAssociation", **where, roleArn=made["Role"]["Arn"])
    statements = [row for each in found["policies"] for row in each["Statement"]]
    actions = {action for row in statements for action in row["Action"]}
    told = f": {len(actions)} actions in {len(statements)} statements, writes only to what has this cluster's tag"
    stage.good("role ", (ROLE, "bold"), told)
    stage.good(f"only pods of ServiceAccount {NAMESPACE}/{ACCOUNT} get it (EKS Pod Identity)")


def _printed(stage: Stage) -> tuple[dict[str, Any], list[str]]:
    """What the command prints: the role, and the features with what uses each of them."""
    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        code = invoke(["iam", "role", "--cluster-name", stage.world.cluster_name, "-f", str(stage.manifest), "-o", "json"])
    if code:
        raise Stuck(err.getvalue().strip())
    found: dict[str, Any] = json.loads(out.getvalue())
    return found, err.getvalue().splitlines()
