"""The controller says who it is, in each way of getting credentials, and what it may not do; as a process, over real sockets."""

from __future__ import annotations

import json
import os
import subprocess
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import boto3
import pytest
from tests import account
from tests.flows.bed import RUN, Stage, until

from albatross.catalog.identity import ROLE, leader
from albatross.install.rbac import objects
from albatross.kube.client import Client
from albatross.kube.config import load
from albatross_sandbox.world import World

pytestmark = [pytest.mark.flow, pytest.mark.timeout(180), pytest.mark.xdist_group("flows")]

EVERYTHING = {"Effect": "Allow", "Action": "*", "Resource": "*"}
PODS = {"Effect": "Allow", "Principal": {"Service": "pods.eks.amazonaws.com"}, "Action": ["sts:AssumeRole", "sts:TagSession"]}
EC2 = {"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"}
LEASES = f"/apis/coordination.k8s.io/v1/namespaces/{account.NAMESPACE}/leases"
OURS = "arn:aws:sts::123456789012:assumed-role/"

Environment = dict[str, str]


@dataclass
class Home:
    """The account of a world, where each test has a role and a ServiceAccount of its own name."""

    world: World
    folder: Path
    name: str

    def client(self, service: str) -> Any:
        keys = {"aws_access_key_id": "sandbox", "aws_secret_access_key": "sandbox"}
        return boto3.client(service, endpoint_url=self.world.aws_endpoint, region_name=self.world.region, **keys)

    def role(self, trust: dict[str, Any]) -> str:
        iam = self.client("iam")
        made = iam.create_role(RoleName=self.name, AssumeRolePolicyDocument=_document(trust))
        iam.put_role_policy(RoleName=self.name, PolicyName="all", PolicyDocument=_document(EVERYTHING))
        return str(made["Role"]["Arn"])

    def token(self, audience: str) -> str:
        """The file with a token of the ServiceAccount, as EKS mounts it."""
        body = {"namespace": account.NAMESPACE, "service_account": self.name, "audience": audience, "pod": f"{self.name}-0"}
        request = urllib.request.Request(f"{self.world.aws_endpoint}/_sandbox/token", data=json.dumps(body).encode())
        with urllib.request.urlopen(request, timeout=10) as answer:
            file = self.folder / "token"
            file.write_text(json.load(answer)["token"])
        return str(file)


def _document(*statements: dict[str, Any]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


def irsa(home: Home) -> Environment:
    url = str(home.world.details["oidc_issuer"])
    host = url.partition("://")[2]
    made = home.client("iam").create_open_id_connect_provider(Url=url, ClientIDList=["sts.amazonaws.com"], ThumbprintList=["0" * 40])
    trust = {"Effect": "Allow", "Principal": {"Federated": made["OpenIDConnectProviderArn"]}, "Action": "sts:AssumeRoleWithWebIdentity"}
    arn = home.role({**trust, "Condition": {"StringEquals": {f"{host}:sub": f"system:serviceaccount:kube-system:{home.name}"}}})
    return {"AWS_ROLE_ARN": arn, "AWS_WEB_IDENTITY_TOKEN_FILE": home.token("sts.amazonaws.com")}


def pod_identity(home: Home) -> Environment:
    where = {"clusterName": home.world.cluster_name, "namespace": account.NAMESPACE, "serviceAccount": home.name}
    home.client("eks").create_pod_identity_association(**where, roleArn=home.role(PODS))
    file = home.token("pods.eks.amazonaws.com")
    uri = str(home.world.details["pod_identity"])
    return {"AWS_CONTAINER_CREDENTIALS_FULL_URI": uri, "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE": file}


def node(home: Home) -> Environment:
    home.role(EC2)
    iam, ec2 = home.client("iam"), home.client("ec2")
    iam.create_instance_profile(InstanceProfileName=home.name)
    iam.add_role_to_instance_profile(InstanceProfileName=home.name, RoleName=home.name)
    name, endpoints = next(iter(home.world.details["metadata"].items()))
    instance = next(each["instance_id"] for each in home.world.details["nodes"] if each["name"] == name)
    for each in ec2.describe_iam_instance_profile_associations()["IamInstanceProfileAssociations"]:
        ec2.disassociate_iam_instance_profile(AssociationId=each["AssociationId"])
    ec2.associate_iam_instance_profile(IamInstanceProfile={"Name": home.name}, InstanceId=instance)
    return {"AWS_EC2_METADATA_SERVICE_ENDPOINT": endpoints["pod"]}


def static(home: Home) -> Environment:
    return {"AWS_ACCESS_KEY_ID": "someone", "AWS_SECRET_ACCESS_KEY": "sandbox"}


@dataclass
class Process:
    """A controller as a process, with only the given variables for AWS."""

    home: Home
    log: Path = field(init=False)
    running: list[subprocess.Popen[bytes]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.log = self.home.folder / "controller.log"

    def start(self, kubeconfig: str, environment: Environment, *flags: str) -> None:
        world = self.home.world
        inherited = {key: text for key, text in os.environ.items() if not key.startswith("AWS_")}
        place = {"AWS_ENDPOINT_URL": world.aws_endpoint, "AWS_REGION": world.region, "KUBECONFIG": kubeconfig}
        nothing = {"AWS_SHARED_CREDENTIALS_FILE": "/dev/null", "AWS_CONFIG_FILE": "/dev/null"}
        own = ("--metrics-bind-addr", "0", "--health-probe-bind-addr", "0", "--leader-election-id", self.home.name)
        argv = (*RUN, "--cluster-name", world.cluster_name, "--aws-vpc-id", world.vpc_id, *own, *flags)
        with self.log.open("ab") as log:
            process = subprocess.Popen(argv, env={**inherited, **place, **nothing, **environment}, stderr=log, stdin=subprocess.DEVNULL)
        self.running.append(process)

    def lines(self, event: str) -> list[dict[str, Any]]:
        whole = [line for line in self.log.read_text().splitlines() if line.endswith("}")]
        return [line for line in map(json.loads, whole) if line["event"] == event]

    async def line(self, event: str) -> dict[str, Any]:
        async def look() -> Any:
            assert self.running[-1].poll() is None, self.log.read_text()
            return self.lines(event)

        return dict((await until(look, f"{event} in the log"))[0])


@pytest.fixture
def process(stage: Stage, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Process]:
    stage.clear()
    made = Process(Home(stage.world, tmp_path, f"identity-{abs(hash(request.node.name)) % 10**8}"))
    yield made
    for each in made.running:
        each.terminate()
    for each in made.running:
        each.wait(20)


async def event(client: Client, name: str, reason: str) -> str:
    async def look() -> Any:
        found = (await client.get(f"/api/v1/namespaces/{account.NAMESPACE}/events"))["items"]
        return [each["message"] for each in found if each["reason"] == reason and each["involvedObject"]["name"] == name]

    return str((await until(look, f"event {reason} on {name}"))[0])


@pytest.mark.parametrize(
    ("way", "kind", "arn", "annotated", "codes"),
    [
        (irsa, "irsa", f"{OURS}%s/", True, []),
        (pod_identity, "pod-identity", f"{OURS}%s/eks-sandbox-%s-0-", False, []),
        (node, "node", f"{OURS}%s/i-", False, ["LB705"]),
        (node, "node", f"{OURS}%s/i-", True, ["LB705"]),
        (static, "static", "arn:aws:iam::123456789012:user/someone", False, []),
    ],
    ids=["irsa", "pod-identity", "node", "node-policy-arn", "static"],
)
async def test_it_says_who_it_is(
    process: Process, way: Callable[[Home], Environment], kind: str, arn: str, annotated: bool, codes: list[str]
) -> None:
    home = process.home
    environment = way(home)
    wrong = "eks.amazonaws.com/policy-arn"
    annotations = {ROLE if kind == "irsa" else wrong: f"arn:aws:iam::123456789012:role/{home.name}"} if annotated else {}
    expected = ["LB701", *codes] if wrong in annotations else codes
    async with Client(load(home.world.kubeconfig)) as client:
        await account.made(client, home.name, annotations=annotations)
        process.start(await account.kubeconfig(client, home.name, home.folder / "kubeconfig"), environment)
        line = await process.line("identity")
        assert line["kind"] == kind
        assert line["arn"].startswith(arn.replace("%s", home.name))
        assert line["arn"] in await event(client, home.name, "Identity")
        await process.line("leading")
        assert [each["code"] for each in process.lines("problem")] == expected
        if expected:
            assert "kubectl annotate" in await event(client, home.name, "IdentityMismatch") or expected == codes
        known = leader(await client.get(f"{LEASES}/{home.name}"))
        assert known is not None
        assert known.arn == line["arn"]


async def test_without_optional_access_it_goes_on(process: Process) -> None:
    home = process.home
    async with Client(load(home.world.kubeconfig)) as client:
        await account.made(client, home.name, account.USED - {"events", "nodes", "class-params", "readiness-gates"})
        process.start(await account.kubeconfig(client, home.name, home.folder / "kubeconfig"), static(home))
        await process.line("leading")
    found = process.lines("problem")
    assert [each["code"] for each in found] == ["LB711"] * 4
    assert any('resources: ["events"]' in each["fix"] for each in found)
    assert not process.lines("event not written")
    assert not process.lines("watch failed")


async def test_without_required_access_it_waits_until_the_rule_is_there(process: Process) -> None:
    home = process.home
    async with Client(load(home.world.kubeconfig)) as client:
        await account.made(client, home.name)
        role, *_ = objects(account.NAMESPACE, home.name, account.USED, name=home.name, lease=home.name)
        less = [rule for rule in role["rules"] if rule["resources"] != ["pods"]]
        await account.grant(client, {**role, "rules": less})
        process.start(await account.kubeconfig(client, home.name, home.folder / "kubeconfig"), static(home))
        line = await process.line("problem")
        assert (line["code"], "may not list, watch pods" in line["message"]) == ("LB710", True)
        await account.grant(client, role)
        await process.line("leading")
