"""The how-to, as a new user follows it: role, controller, Ingress, name; and its own mistakes, of which the first message names each."""

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from tests.flows.bed import CLI, KUBECTL, Bed, Controller, deployment, place, service, until
from tests.role import Role

from albatross.cli.demo.call import Caller, Names, front
from albatross.cli.sandbox import IMAGES
from albatross.kube.client import Client
from albatross.kube.config import load
from albatross_sandbox import world
from albatross_sandbox.dns.ask import ask

pytestmark = [pytest.mark.flow, pytest.mark.xdist_group("howto"), pytest.mark.timeout(240)]

ACCOUNT = "aws-load-balancer-controller"
SYSTEM = ("-n", "kube-system")
HOST = "api.example.com"
POLICY = "eks.amazonaws.com/policy-arn"
INGRESS = """
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata:
  name: NAME
  annotations:
    kubernetes.io/ingress.class: alb
    albatross.dev/dns: "true"
    alb.ingress.kubernetes.io/scheme: internet-facing
    alb.ingress.kubernetes.io/target-type: ip
    alb.ingress.kubernetes.io/listen-ports: '[{"HTTPS": 443}, {"HTTP": 80}]'
    alb.ingress.kubernetes.io/ssl-redirect: "443"
    alb.ingress.kubernetes.io/certificate-arn: CERTIFICATE
    alb.ingress.kubernetes.io/healthcheck-path: /ping
spec:
  rules:
  - host: NAME.example.com
    http:
      paths:
      - path: /*
        pathType: ImplementationSpecific
        backend:
          service:
            name: web
            port:
              number: 80
"""


class HowTo(Bed):
    """A world, its commands, and the role of the controller."""

    @property
    def role(self) -> Role:
        return self.controller.role

    async def run(self, *argv: str, text: str = "", **more: str) -> tuple[int, str]:
        """The exit code of a command, and all that it printed, as one line."""
        code, said = await super().run(*argv, text=text, **more)
        return code, " ".join(said.split())

    async def install(self, *arguments: str) -> tuple[int, str]:
        """`albatross install`, with pods that ask for credentials again."""
        await self.kubectl("delete", "deployment", *SYSTEM, "albatross", "--ignore-not-found")
        return await self.run(*CLI, "install", "--yes", "--timeout", "60", *arguments)

    async def applied(self, text: str) -> tuple[int, str]:
        """What `kubectl apply` says."""
        return await self.run(KUBECTL, "apply", "-f", "-", text=text)

    def text(self, name: str = "api", *replaced: tuple[str, str]) -> str:
        """The Ingress of the how-to, with some of its text replaced. Its host is `name.example.com`."""
        certificate = next(each["arn"] for each in self.world.details["certificates"] if each["domain"] == HOST)
        found = INGRESS.replace("NAME", name).replace("CERTIFICATE", certificate)
        for old, new in replaced:
            assert old in found
            found = found.replace(old, new)
        return found

    async def first(self, name: str, namespace: str = "default", reason: str = "") -> str:
        """The first warning in an event about an object."""

        async def look() -> str:
            found = (await self.client.get(f"/api/v1/namespaces/{namespace}/events")).get("items", [])
            fit = [each for each in found if each["involvedObject"]["name"] == name and each["type"] == "Warning"]
            fit = [each for each in fit if reason in each["reason"]]
            return str(min(fit, key=lambda each: str(each["firstTimestamp"]))["message"]) if fit else ""

        return str(await until(look, f"a warning about {name}"))


@pytest.fixture
async def bed(tmp_path: Path) -> AsyncIterator[HowTo]:
    async with world.running(images=IMAGES) as found, Client(load(found.kubeconfig)) as client:
        role = Role.made(place(found), ACCOUNT, "dns")
        yield HowTo(found, client, Controller(found, tmp_path / "log", found.kubeconfig, "", role), "default")


async def test_the_how_to_and_its_mistakes(bed: HowTo) -> None:
    await _name(bed)
    await bed.apply(deployment(), service(type="NodePort"))
    await _identity(bed)
    await _permissions(bed)
    await _subnets(bed)
    code, said = await bed.run(*CLI, "install", "--yes", "--timeout", "60")
    assert code == 0, said
    assert "+ Service kube-system/albatross-webhook-service 1 to create" in said, said
    await _ingress(bed)
    await _answer(bed)
    await _action(bed)


# Mistakes of the installation -------------------------------------------------------------------------------------------


async def _name(bed: HowTo) -> None:
    code, said = await bed.install("--cluster-name", "production")
    assert (code, said.partition("error[")[2][:38]) == (1, "LB730]: --cluster-name=production does"), said


async def _identity(bed: HowTo) -> None:
    """An annotation that EKS does not read is named before anything is installed; a trust policy for another namespace, at the start."""
    iam = bed.role.place.client("iam")
    await bed.kubectl("create", "serviceaccount", *SYSTEM, ACCOUNT)
    await bed.kubectl("annotate", "serviceaccount", *SYSTEM, ACCOUNT, f"{POLICY}=arn:aws:iam::123456789012:policy/lb")
    code, said = await bed.run(*CLI, "install", "--dry-run")
    assert (code, f'warning[LB701]: EKS does not read the annotation "{POLICY}"' in said.partition(" + ")[0]) == (2, True), said
    await bed.kubectl("annotate", "serviceaccount", *SYSTEM, ACCOUNT, f"{POLICY}-")

    trust = json.dumps(iam.get_role(RoleName=ACCOUNT)["Role"]["AssumeRolePolicyDocument"])
    iam.update_assume_role_policy(RoleName=ACCOUNT, PolicyDocument=trust.replace("kube-system", "other"))
    bed.controller.start("--enable-leader-election=false")
    process = bed.controller.process
    assert process is not None
    assert await asyncio.to_thread(process.wait, 60) == 1
    *_, last = bed.controller.log.read_text().splitlines()
    assert "error: LB715: AWS gives the pods no credentials of the role of their ServiceAccount: " in last, last
    assert "fix: check that the trust policy of the role names the namespace" in last, last
    bed.controller.stop()
    iam.update_assume_role_policy(RoleName=ACCOUNT, PolicyDocument=trust)


async def _permissions(bed: HowTo) -> None:
    """The role has no policy; and somebody deletes the Service of the webhooks."""
    iam = bed.role.place.client("iam")
    for each in bed.role.policies:
        iam.detach_role_policy(RoleName=ACCOUNT, PolicyArn=each)
    code, said = await bed.install()
    note = said.partition("note: ")[2]
    assert (code, note[:6], "add the statement ReadNetwork" in note) == (0, "LB511:", True), said
    await bed.kubectl("delete", "service", *SYSTEM, "albatross-webhook-service")
    webhooks = await bed.first(ACCOUNT, "kube-system", "WebhooksNotReached")
    assert webhooks.startswith("LB751: Service kube-system/albatross-webhook-service has no ready endpoints"), webhooks
    assert "create the Service with port 443" in webhooks, webhooks
    await bed.applied(bed.text("denied"))
    told = await bed.first("denied")
    assert "LB511: " in told, told
    assert "is not allowed to do ec2:" in told, told
    assert f"add the statement ReadNetwork to the policies of role {ACCOUNT}" in told, told
    _, said = await bed.run(*CLI, "status", "--cluster-name", bed.world.cluster_name)
    assert "LB751: Service kube-system/albatross-webhook-service" in said, said
    assert "Ingress default/denied ● failed Failed build model due to LB511: " in said, said


async def _subnets(bed: HowTo) -> None:
    """Subnets with tags of another cluster only are named. Without any tag, they are found by their routes, and the rest works."""
    ec2 = bed.role.place.client("ec2")
    subnets = [each["SubnetId"] for each in ec2.describe_subnets()["Subnets"]]
    keys = ("kubernetes.io/role/elb", "kubernetes.io/role/internal-elb", f"kubernetes.io/cluster/{bed.world.cluster_name}")
    ec2.delete_tags(Resources=subnets, Tags=[{"Key": each} for each in keys])
    ec2.create_tags(Resources=subnets, Tags=[{"Key": "kubernetes.io/cluster/other", "Value": "owned"}])
    for each in bed.role.policies:
        bed.role.place.client("iam").attach_role_policy(RoleName=ACCOUNT, PolicyArn=each)
    await bed.applied(bed.text("foreign"))
    said = await bed.first("foreign")
    assert "LB307: no suitable subnet; candidates: 3, tagged for other clusters: 3" in said, said
    assert "tag suitable subnets with kubernetes.io/role/elb=1" in said, said
    ec2.delete_tags(Resources=subnets, Tags=[{"Key": "kubernetes.io/cluster/other"}])
    await bed.kubectl("delete", "ingress", "denied", "foreign", "--wait=false")


# The way ---------------------------------------------------------------------------------------------------------------


async def _answer(bed: HowTo) -> None:
    """Without a mistake: tags, name, answer."""
    code, said = await bed.applied(bed.text())
    assert (code, said) == (0, "ingress.networking.k8s.io/api created"), said
    host = await bed.address("api")
    balancers = bed.role.place.client("elbv2")
    (found,) = [each for each in balancers.describe_load_balancers()["LoadBalancers"] if each["DNSName"] == host]
    tags = balancers.describe_tags(ResourceArns=[found["LoadBalancerArn"]])["TagDescriptions"][0]["Tags"]
    wanted = {"ingress.k8s.aws/stack": "default/api", "elbv2.k8s.aws/cluster": bed.world.cluster_name}
    assert wanted.items() <= {each["Key"]: each["Value"] for each in tags}.items()
    address, ports = await until(lambda: front(bed.world.envoy_status), "the load balancer listens")

    async def resolved() -> bool:
        return await ask(bed.world.dns, HOST) == (address,)

    await until(resolved, "the name leads to the load balancer")
    certificate = next(each["arn"] for each in bed.world.details["certificates"] if each["domain"] == HOST)
    issued = bed.role.place.client("acm").get_certificate(CertificateArn=certificate)
    async with Caller(Names(bed.world.dns, "127.0.0.1"), issued.get("CertificateChain") or issued["Certificate"]) as caller:

        async def served() -> bool:
            return (await caller.get(f"https://{HOST}:{ports['HTTPS']}/")).status == 200

        await until(served, "an answer by name")


# Mistakes of the Ingress -----------------------------------------------------------------------------------------------


async def _ingress(bed: HowTo) -> None:
    """The first message is the warning of `kubectl apply`; where the API server does not ask us, it is the first event."""
    for name, replaced, warned in (
        ("port", ("number: 80", "number: 8080"), "LB208 "),
        ("spelt", ("certificate-arn", "certficate-arn"), "LB131 "),
        ("region", ("acm:ap-northeast-2", "acm:us-east-1"), "LB185 "),
    ):
        code, said = await bed.applied(bed.text(name, replaced))
        assert (code, said[:15]) == (0, f"Warning: {warned}"), said
    code, said = await bed.applied(bed.text("typo", ("ingress.class: alb", "ingress.class: abl")))
    assert "LB757" in await bed.first("typo"), said
    classed = (("kubernetes.io/ingress.class: alb", "note: mine"), ("spec:", "spec:\n  ingressClassName: abl"))
    code, said = await bed.applied(bed.text("class", *classed))
    assert 'IngressClass.networking.k8s.io "abl" not found' in said, said
    await bed.kubectl("delete", "ingress", "port", "spelt", "region", "typo", "--timeout=60s")


async def _action(bed: HowTo) -> None:
    """One action is missing in a statement of the policy."""
    bed.role.lacking("elasticloadbalancing:CreateLoadBalancer")
    await bed.applied(bed.text("action"))
    said = await bed.first("action")
    assert "LB511" in said, said
    assert "is not allowed to do elasticloadbalancing:CreateLoadBalancer on" in said, said
    assert "add the statement CreateTagged to the policies" in said, said
    bed.role.restore()
    await bed.kubectl("delete", "ingress", "action", "api", "--timeout=60s")
