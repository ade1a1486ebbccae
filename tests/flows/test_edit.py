"""Edits of one Ingress, each seen in AWS, through Envoy where it shows, and in the journal: nothing is asked twice or in vain."""

import asyncio
import json
import os
import ssl
from collections.abc import Iterator
from copy import deepcopy
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3
import pytest
from tests.flows.bed import CLI, READS, Bed, Stage, deployment, ingress, service, until

from albatross_sandbox.world import World

pytestmark = [pytest.mark.flow, pytest.mark.timeout(180)]

HOST = "app.example.com"
BOTH = '[{"HTTP": 80}, {"HTTPS": 443}]'
TARGETS = ("AssignPrivateIpAddresses", "UnassignPrivateIpAddresses", "RegisterTargets", "DeregisterTargets")
"""What pods' addresses and targets need."""


class Account:
    """The account as any other client of AWS sees it."""

    def __init__(self, world: World) -> None:
        keys = {"aws_access_key_id": "sandbox", "aws_secret_access_key": "sandbox"}
        self.session = boto3.Session(region_name=world.region, **keys)
        self.endpoint = world.aws_endpoint
        self.elbv2, self.ec2, self.acm = (self.client(each) for each in ("elbv2", "ec2", "acm"))

    def client(self, service: str) -> Any:
        return self.session.client(service, endpoint_url=self.endpoint)

    def balancer(self, address: str) -> dict[str, Any]:
        found = self.elbv2.describe_load_balancers()["LoadBalancers"]
        return dict(next(each for each in found if each["DNSName"].lower() == address))

    def listeners(self, address: str) -> dict[int, dict[str, Any]]:
        found = self.elbv2.describe_listeners(LoadBalancerArn=self.balancer(address)["LoadBalancerArn"])["Listeners"]
        return {each["Port"]: each for each in found}

    def rules(self, address: str, port: int = 80) -> list[dict[str, Any]]:
        found = self.elbv2.describe_rules(ListenerArn=self.listeners(address)[port]["ListenerArn"])["Rules"]
        return [each for each in found if not each["IsDefault"]]

    def group(self, address: str) -> dict[str, Any]:
        arn = self.balancer(address)["LoadBalancerArn"]
        (found,) = self.elbv2.describe_target_groups(LoadBalancerArn=arn)["TargetGroups"]
        return dict(found)

    def sni(self, address: str) -> set[str]:
        """The certificates beside the default one."""
        arn = self.listeners(address)[443]["ListenerArn"]
        found = self.elbv2.describe_listener_certificates(ListenerArn=arn)["Certificates"]
        return {each["CertificateArn"] for each in found if not each["IsDefault"]}

    def tags(self, arn: str) -> dict[str, str]:
        (found,) = self.elbv2.describe_tags(ResourceArns=[arn])["TagDescriptions"]
        return {each["Key"]: each["Value"] for each in found["Tags"]}

    def certificate(self, arn: str) -> bytes:
        return ssl.PEM_cert_to_DER_cert(self.acm.get_certificate(CertificateArn=arn)["Certificate"])

    def close(self) -> None:
        for each in (self.elbv2, self.ec2, self.acm):
            each.close()


@pytest.fixture
def account(stage: Stage) -> Iterator[Account]:
    found = Account(stage.world)
    yield found
    found.close()


# Requests --------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Answer:
    """A status (0: nothing answers there), what the pod said of itself, and the certificate (DER)."""

    status: int
    body: dict[str, Any]
    certificate: bytes = b""


def place(bed: Bed, address: str, port: int) -> tuple[str, int] | None:
    """Where the data plane serves a load balancer's port; None where it does not."""
    found = bed.listener(address, port)
    return (found["address"], found["bound_port"]) if found else None


async def get(bed: Bed, address: str, path: str = "/", *, port: int = 80, host: str = HOST, tls: bool = False) -> Answer:
    """One GET on a connection of its own; with `tls` the host is the server name, and any certificate will do."""
    if (at := place(bed, address, port)) is None:
        return Answer(0, {})
    try:
        context = ssl._create_unverified_context() if tls else None
        reader, writer = await asyncio.open_connection(*at, ssl=context, server_hostname=host if tls else None)
    except OSError:
        return Answer(0, {})
    try:
        connection = writer.get_extra_info("ssl_object")
        certificate = connection.getpeercert(True) if connection else b""
        writer.write(f"GET {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n".encode())
        head, _, body = (await reader.read()).partition(b"\r\n\r\n")
    except OSError:
        return Answer(0, {})
    finally:
        writer.close()
    status = int(head.split(b" ")[1]) if head else 0
    return Answer(status, json.loads(body[body.index(b"{") : body.rindex(b"}") + 1]) if b"{" in body else {}, certificate)


async def answers(bed: Bed, address: str, path: str = "/", status: int = 200, **more: Any) -> Answer:
    """Wait until a path is answered so."""

    async def look() -> Answer | None:
        found = await get(bed, address, path, **more)
        return found if found.status == status else None

    return Answer(**vars(await until(look, f"{path} is answered with {status} {more}")))


async def presents(bed: Bed, address: str, host: str, certificate: bytes) -> None:
    """Wait until a name is served with that certificate."""

    async def look() -> bool:
        return (await get(bed, address, host=host, port=443, tls=True)).certificate == certificate

    await until(look, f"{host} has its certificate")


# What an edit costs ----------------------------------------------------------------------------------------------------


def writes(bed: Bed) -> list[str]:
    """The calls that changed something, in order; what AWS would not grant yet (a group still held) is asked again."""
    done = (each for each in bed.calls() if each["code"] is None)
    return [each["operation"] for each in done if not each["operation"].startswith(READS) and each["operation"] not in TARGETS]


async def costs(bed: Bed, *operations: str) -> list[str]:
    """Wait until an edit is carried out: with these calls, in any order, and no other; their order."""

    late = asyncio.get_running_loop().time() + 30

    async def made() -> bool:
        return len(writes(bed)) >= len(operations) or asyncio.get_running_loop().time() > late

    await until(made, "the calls, or that they are late")
    await bed.quiet(0.8)
    assert sorted(writes(bed)) == sorted(operations)
    return writes(bed)


async def edit(bed: Bed, *objects: dict[str, Any]) -> None:
    bed.remember()
    await bed.apply(*objects)


async def plan(bed: Bed, made: dict[str, Any], folder: Path) -> tuple[int, str]:
    """What `albatross plan --live` makes of an edit: its exit code, and its words on one line."""
    file = folder / "edit.yaml"
    file.write_text(json.dumps({**made, "metadata": {**made["metadata"], "namespace": bed.namespace}}))
    where = ("--cluster-name", bed.world.cluster_name, "--vpc-id", bed.world.vpc_id)
    environment = {**os.environ, **bed.world.environment()}
    argv = (*CLI, "plan", "--live", "-f", str(file), *where)
    process = await asyncio.create_subprocess_exec(*argv, env=environment, stdout=asyncio.subprocess.PIPE)
    output, _ = await process.communicate()
    return process.returncode or 0, " ".join(output.decode().split())


async def stand(bed: Bed, *objects: dict[str, Any]) -> str:
    """Apply, and wait until all is made and its pods answer; the address."""
    await bed.apply(*(objects or (service(), deployment(), ingress())))
    address = await bed.address()
    await bed.event("SuccessfullyReconciled")
    await answers(bed, address)
    await bed.quiet(0.8)
    return address


def routed(made: dict[str, Any], path: str = "/", port: int = 80) -> dict[str, Any]:
    """The Ingress with another path or Service port."""
    made = deepcopy(made)
    (found,) = made["spec"]["rules"][0]["http"]["paths"]
    found["path"] = path
    found["backend"]["service"]["port"]["number"] = port
    return made


# The edits -------------------------------------------------------------------------------------------------------------


async def test_paths_and_ports(bed: Bed, account: Account) -> None:
    web = deployment()
    web["spec"]["template"]["spec"]["containers"][0]["ports"].append({"name": "other", "containerPort": 8081})
    address = await stand(bed, service(), web, ingress())
    assert (await answers(bed, address)).body["port"] == 8080

    await edit(bed, routed(ingress(), "/api"))
    await costs(bed, "ModifyRule")
    (rule,) = account.rules(address)
    (paths,) = (each["Values"] for each in rule["Conditions"] if each["Field"] == "path-pattern")
    assert paths == ["/api", "/api/*"]
    await answers(bed, address, "/", 404)
    await answers(bed, address, "/api/x", 200)

    # another port of the Service is another target group; the binding goes with it, and the pods' groups stay as they are.
    # The rule first gets it with weight 0, so that its targets are healthy when requests arrive.
    new = {"name": "new", "port": 81, "targetPort": 8080}
    await edit(bed, service(ports=[{"name": "http", "port": 80, "targetPort": 8080}, new]))
    await costs(bed)
    await edit(bed, routed(ingress(), "/api", 81))
    order = await costs(bed, "CreateTargetGroup", "ModifyRule", "ModifyRule", "DeleteTargetGroup")
    assert order == ["CreateTargetGroup", "ModifyRule", "ModifyRule", "DeleteTargetGroup"]
    (binding,) = (await bed.get("TargetGroupBinding"))["items"]
    assert binding["spec"]["serviceRef"]["port"] == 81
    assert binding["spec"]["targetGroupARN"] == account.group(address)["TargetGroupArn"]
    assert (await answers(bed, address, "/api")).body["port"] == 8080

    # another targetPort: the targets say their ports themselves, and the pods' groups open that one instead
    await edit(bed, service(ports=[{**new, "targetPort": 8081}]))
    await costs(bed, "AuthorizeSecurityGroupIngress", "RevokeSecurityGroupIngress")

    async def moved() -> bool:
        return (await get(bed, address, "/api")).body.get("port") == 8081

    await until(moved, "the pods' other port answers")


async def test_the_health_check_and_tags(bed: Bed, account: Account) -> None:
    address = await stand(bed)
    check = {
        "healthcheck_path": "/ready",
        "healthcheck_interval_seconds": "7",
        "success_codes": "200-204",
        "unhealthy_threshold_count": "4",
    }
    await edit(bed, ingress(**check))
    await costs(bed, "ModifyTargetGroup")
    group = account.group(address)
    found = (group["HealthCheckPath"], group["HealthCheckIntervalSeconds"], group["Matcher"]["HttpCode"], group["UnhealthyThresholdCount"])
    assert found == ("/ready", 7, "200-204", 4)

    await edit(bed, ingress(**check, tags="team=shop"))
    await costs(bed, *("AddTags",) * 4, "CreateTags")
    arns = (account.balancer(address)["LoadBalancerArn"], account.listeners(address)[80]["ListenerArn"], group["TargetGroupArn"])
    assert [account.tags(arn).get("team") for arn in (*arns, account.rules(address)[0]["RuleArn"])] == ["shop"] * 4

    await edit(bed, ingress(**check))
    await costs(bed, *("RemoveTags",) * 4, "DeleteTags")
    assert "team" not in account.tags(arns[0])
    assert account.tags(arns[0])["ingress.k8s.aws/stack"] == f"{bed.namespace}/app"
    await answers(bed, address)


async def test_certificates_and_listeners(bed: Bed, account: Account) -> None:
    wide, own = (each["arn"] for each in bed.world.details["certificates"])
    address = await stand(bed)
    await edit(bed, ingress(listen_ports=BOTH, certificate_arn=wide))
    # the default certificate stands in the SNI list too, so that AWS may choose among key types
    await costs(bed, "CreateListener", "AddListenerCertificates", "CreateRule", "AuthorizeSecurityGroupIngress")
    await answers(bed, address, port=443, tls=True)
    await presents(bed, address, HOST, account.certificate(wide))

    await edit(bed, ingress(listen_ports=BOTH, certificate_arn=own))
    order = await costs(bed, "ModifyListener", "AddListenerCertificates", "RemoveListenerCertificates")
    assert order[0] == "ModifyListener"
    await presents(bed, address, HOST, account.certificate(own))

    await edit(bed, ingress(listen_ports=BOTH, certificate_arn=f"{own},{wide}"))
    await costs(bed, "AddListenerCertificates")
    assert account.sni(address) == {own, wide}
    await presents(bed, address, HOST, account.certificate(wide))
    await presents(bed, address, "api.example.com", account.certificate(own))
    await presents(bed, address, "else.example.org", account.certificate(own))

    await edit(bed, ingress(listen_ports=BOTH, certificate_arn=own))
    await costs(bed, "RemoveListenerCertificates")
    assert account.sni(address) == {own}

    await edit(bed, ingress(listen_ports='[{"HTTPS": 443}]', certificate_arn=own))
    await costs(bed, "DeleteListener", "RevokeSecurityGroupIngress")
    assert list(account.listeners(address)) == [443]
    await answers(bed, address, port=443, tls=True)
    await answers(bed, address, status=0)
    entries = (await bed.get("Ingress", "app"))["status"]["loadBalancer"]["ingress"]
    assert [each["port"] for each in entries[0]["ports"]] == [443]


async def test_security_groups(bed: Bed, account: Account) -> None:
    vpc = bed.world.vpc_id
    own = account.ec2.create_security_group(GroupName=f"own-{bed.namespace}", Description="d", VpcId=vpc)["GroupId"]
    node = bed.world.details["security_groups"]["node"]
    account.ec2.authorize_security_group_ingress(GroupId=own, IpProtocol="tcp", FromPort=80, ToPort=80, CidrIp="0.0.0.0/0")
    # with a group of the user, the ports of the pods are the user's business too
    allowed = [{"IpProtocol": "tcp", "FromPort": 8080, "ToPort": 8080, "UserIdGroupPairs": [{"GroupId": own}]}]
    account.ec2.authorize_security_group_ingress(GroupId=node, IpPermissions=allowed)
    address = await stand(bed)
    before = set(account.balancer(address)["SecurityGroups"])
    assert len(before) == 2, "the managed group and the shared backend group"

    await edit(bed, ingress(security_groups=own))
    # the managed group goes; so does the shared one, which nobody needs now, and the rules of the pods that name it
    order = await costs(bed, "SetSecurityGroups", "RevokeSecurityGroupIngress", "DeleteSecurityGroup", "DeleteSecurityGroup")
    assert order[0] == "SetSecurityGroups"
    assert account.balancer(address)["SecurityGroups"] == [own]
    left = account.ec2.describe_security_groups(Filters=[{"Name": "vpc-id", "Values": [vpc]}])["SecurityGroups"]
    assert not before & {each["GroupId"] for each in left}
    await answers(bed, address)

    await edit(bed, ingress(security_groups=own, manage_backend_security_group_rules="true"))
    await costs(bed, "CreateSecurityGroup", "SetSecurityGroups", "AuthorizeSecurityGroupIngress")
    assert own in account.balancer(address)["SecurityGroups"]
    account.ec2.revoke_security_group_ingress(GroupId=node, IpPermissions=allowed)
    await answers(bed, address)

    await bed.kubectl("delete", "ingress", "app", "--timeout=60s")
    account.ec2.delete_security_group(GroupId=own)


async def test_another_scheme_is_another_load_balancer(bed: Bed, account: Account, tmp_path: Path) -> None:
    address = await stand(bed)
    old = account.balancer(address)
    inner = {**ingress()["metadata"]["annotations"], "alb.ingress.kubernetes.io/scheme": "internal"}
    made = ingress()
    made["metadata"]["annotations"] = {**inner, "albatross.dev/replace-grace-seconds": "0"}
    code, said = await plan(bed, made, tmp_path)
    assert code == 2
    assert f"cannot change its scheme; its DNS name {address} will be deleted" in said

    await edit(bed, made)
    order = await costs(bed, "DeleteLoadBalancer", "CreateLoadBalancer", "CreateListener", "CreateRule")
    assert order == ["DeleteLoadBalancer", "CreateLoadBalancer", "CreateListener", "CreateRule"]

    await bed.event("ReplacingLoadBalancer", contains=address)

    async def moved() -> str:
        found = await bed.address()
        return found if found != address else ""

    successor = str(await until(moved, "the status names the successor"))
    new = account.balancer(successor)
    assert (new["Scheme"], new["LoadBalancerArn"] == old["LoadBalancerArn"]) == ("internal", False)
    await answers(bed, successor)
    await answers(bed, address, status=0)

    bed.remember()
    await bed.kubectl("delete", "ingress", "app", "--timeout=60s")
    # what uses goes before what is used, and nothing is left when the finalizer goes
    gone = ["DeleteLoadBalancer", "DeleteTargetGroup", "DeleteSecurityGroup"]
    order = writes(bed)
    assert [each for each in order if each in gone][:3] == gone
    assert sorted(set(order)) == ["DeleteLoadBalancer", "DeleteSecurityGroup", "DeleteTargetGroup", "RevokeSecurityGroupIngress"]
    assert (await bed.get("TargetGroupBinding"))["items"] == []


async def test_a_denied_edit_says_what_is_missing_and_the_rest_is_done(bed: Bed) -> None:
    address = await stand(bed)
    fault = {
        "service": "elasticloadbalancing",
        "operation": "ModifyRule",
        "code": "AccessDenied",
        "status": 403,
        "message": "no",
        "times": 3,
    }
    bed.call("faults", [fault])
    await edit(bed, routed(ingress(healthcheck_path="/ready"), "/api"))
    told = (await bed.event("FailedDeployModel", contains="1 of 2 operations are done"))["message"]
    assert "update Rule 80:1: elbv2 ModifyRule failed with AccessDenied" in told
    assert "`albatross iam policy --cluster-name sandbox` prints it" in told
    assert any(each.get("code") == "LB511" and each["event"] == "operation failed" for each in bed.controller.lines())
    await costs(bed, "ModifyTargetGroup", "ModifyRule")
    await answers(bed, address, "/api")
