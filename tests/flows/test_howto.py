"""The how-to, as a new user follows it: role, controller, Ingress, name; and its own mistakes, of which the first message names each."""

import asyncio
import os
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from tests.flows.bed import KUBECTL, Bed, Controller, deployment, place, service, until
from tests.role import Role

from albatross.cli.demo.call import Caller, Names, front
from albatross.cli.sandbox import IMAGES
from albatross.kube.client import Client
from albatross.kube.config import load
from albatross_sandbox import world
from albatross_sandbox.dns.ask import ask

pytestmark = [pytest.mark.flow, pytest.mark.xdist_group("howto"), pytest.mark.timeout(240)]

ACCOUNT = "aws-load-balancer-controller"
HOST = "api.example.com"
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

    async def run(self, *argv: str, text: str = "") -> tuple[int, str]:
        """The exit code of a command, and all that it printed, as one line."""
        child = await asyncio.create_subprocess_exec(
            *argv,
            env={**os.environ, **self.world.environment()},
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )
        out, _ = await child.communicate(text.encode())
        return child.returncode or 0, " ".join(out.decode().split())

    async def install(self, *arguments: str) -> tuple[int, str]:
        """`albatross install`, with pods that ask for credentials again."""
        await self.kubectl("delete", "deployment", "-n", "kube-system", "albatross", "--ignore-not-found")
        return await self.run(sys.executable, "-P", "-m", "albatross", "install", "--yes", "--timeout", "60", *arguments)

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

    async def first(self, name: str) -> str:
        """The first warning in an event about an Ingress."""

        async def look() -> str:
            found = (await self.get("events")).get("items", [])
            fit = [each for each in found if each["involvedObject"]["name"] == name and each["type"] == "Warning"]
            return str(min(fit, key=lambda each: str(each["firstTimestamp"]))["message"]) if fit else ""

        return str(await until(look, f"a warning about {name}"))


@pytest.fixture
async def bed(tmp_path: Path) -> AsyncIterator[HowTo]:
    async with world.running(images=IMAGES) as found, Client(load(found.kubeconfig)) as client:
        role = Role.made(place(found), ACCOUNT, "dns")
        yield HowTo(found, client, Controller(found, tmp_path / "log", found.kubeconfig, "", role), "default")


async def test_the_how_to_and_its_mistakes(bed: HowTo) -> None:
    await _name(bed)
    code, said = await bed.install()
    assert code == 0, said
    await bed.apply(deployment(), service(type="NodePort"))
    await _answer(bed)
    await _ingress(bed)


# Mistakes of the installation -------------------------------------------------------------------------------------------


async def _name(bed: HowTo) -> None:
    code, said = await bed.install("--cluster-name", "production")
    assert (code, said.partition("error[")[2][:38]) == (1, "LB730]: --cluster-name=production does"), said


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
