"""Faults, put into a world by hand: `why` and `doctor` name each of them first, with the fix."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import io
import json
import os
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from tests import account
from tests.flows.bed import Bed, Controller, backend, deployment, ingress, place, service, until
from tests.role import Role

from albatross.cli import main
from albatross.controller.webhook import certificate
from albatross.kube.client import Client
from albatross.kube.config import load
from albatross_sandbox import world

pytestmark = [pytest.mark.flow, pytest.mark.xdist_group("why"), pytest.mark.timeout(180)]

ACCOUNT = "aws-load-balancer-controller"
ELSEWHERE = "arn:aws:acm:us-east-1:123456789012:certificate/11111111-2222-3333-4444-555555555555"
Object = dict[str, Any]


@dataclass
class Home(Bed):
    """The world of all faults. Its controller is a process; a Deployment with the same identity stands for it in the cluster."""

    async def ask(self, *argv: str) -> tuple[int, Object]:
        """The exit code of `why` or `doctor`, and what it says as JSON."""
        out = io.StringIO()

        def run() -> int:
            with contextlib.redirect_stdout(out):
                return main([*argv, "-o", "json"])

        code = await asyncio.to_thread(run)
        return code, json.loads(out.getvalue())

    async def first(self, name: str, kind: str = "ingress") -> Object:
        """The first cause that `why` finds."""
        code, found = await self.ask("why", kind, f"default/{name}")
        assert code == 1, found
        return dict(found["causes"][0])

    async def named(self, code: str, name: str, kind: str = "ingress") -> Object:
        """The first cause, as soon as it is this one: AWS and the controller need some seconds."""

        async def look() -> Object | None:
            found = await self.first(name, kind)
            return found if found["code"] == code else None

        return dict(await until(look, f"{code} of {kind} {name}", 30))

    async def broken(self, code: str) -> Object:
        """The first cause that `doctor` finds, which is this one."""
        exit, found = await self.ask("doctor")
        assert (exit, found["causes"][0]["code"]) == (1, code), found["causes"]
        return dict(found["causes"][0])

    def aws(self, service: str) -> Any:
        """A client of the administrator."""
        return self.controller.role.place.client(service)

    def record(self, action: str, name: str, target: str) -> None:
        """Change a CNAME record."""
        row = {"Name": name, "Type": "CNAME", "TTL": 60, "ResourceRecords": [{"Value": target}]}
        batch = {"Changes": [{"Action": action, "ResourceRecordSet": row}]}
        self.aws("route53").change_resource_record_sets(HostedZoneId=self.world.details["hosted_zone_id"], ChangeBatch=batch)

    async def stand(self, *objects: Object) -> None:
        """Create objects in kube-system, or change them."""
        text = json.dumps({"apiVersion": "v1", "kind": "List", "items": list(objects)})
        await self.kubectl("apply", "-n", "kube-system", "-f", "-", text=text)


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Home]:
    with opened(tmp_path_factory.mktemp("why")) as found:
        yield found


@contextlib.contextmanager
def opened(folder: Path) -> Iterator[Home]:
    """The world, with its controller and the Ingresses that are wrong from the start."""
    before = dict(os.environ)
    with asyncio.Runner() as runner:
        context = world.running()
        found = runner.run(context.__aenter__())
        os.environ.update(found.environment())
        seat = runner.run(account.seat(found.kubeconfig, ACCOUNT, folder))
        controller = Controller(found, folder / "log", seat, ACCOUNT, Role.made(place(found), ACCOUNT, "dns"))
        controller.start("--enable-webhooks=false")
        made = Home(found, Client(load(found.kubeconfig)), controller, "default")
        runner.run(made.stand(standing()))
        group = made.aws("ec2").create_security_group(VpcId=found.vpc_id, GroupName="alone", Description="alone")["GroupId"]
        runner.run(made.apply(deployment(), service(), *faulty(group)))
        try:
            yield made
        finally:
            os.environ.clear()
            os.environ.update(before)
            controller.stop()
            runner.run(context.__aexit__(None, None, None))


def standing(image: str = "albatross-controller:1", name: str = "albatross", replicas: int = 1) -> Object:
    """A Deployment of a controller. Its pods only answer, because the controller is a process."""
    found = deployment(name, replicas)
    spec = found["spec"]["template"]["spec"]
    spec["serviceAccountName"] = ACCOUNT
    spec["containers"][0] |= {"image": image, "args": ["--cluster-name=sandbox"]}
    return found


APP = """
import http.server, os, time
time.sleep(float(os.environ.get("WAIT", "0")))
class App(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        time.sleep(30 if self.path == "/hang" else 0)
        self.send_response(404 if self.path == "/nope" else 200)
        self.end_headers()
    def log_message(self, *args):
        pass
http.server.ThreadingHTTPServer((os.environ["POD_IP"], 8080), App).serve_forever()
"""
"""An application that does not answer at /hang, and answers 404 at /nope."""


def app(name: str, wait: str = "0") -> Object:
    found = deployment(name, 1)
    template = found["spec"]["template"]
    template["metadata"]["annotations"] = {"sandbox.albatross/command": json.dumps([sys.executable, "-c", APP])}
    template["spec"]["containers"][0]["env"] = [{"name": "WAIT", "value": wait}]
    return found


def checked(name: str, service: str = "app", **more: str) -> Object:
    """An Ingress with quick health checks."""
    often = {"healthcheck-interval-seconds": "5", "healthcheck-timeout-seconds": "2", "unhealthy-threshold-count": "2"}
    return ingress(name, service, **often, **more)


def faulty(group: str) -> Iterator[Object]:
    """The Ingresses that are wrong from the start; `group` is a security group that nothing allows."""
    yield ingress("good")
    mistyped = ingress("class")
    mistyped["spec"]["ingressClassName"] = "abl"
    yield mistyped
    port = ingress("port")
    port["spec"]["rules"][0]["http"]["paths"][0]["backend"] = backend("web", 8080)
    yield port
    yield ingress("spelt", **{"helthcheck-path": "/ping"})
    yield ingress("region", **{"certificate-arn": ELSEWHERE, "listen-ports": '[{"HTTPS": 443}]'})
    yield from (app("app"), service("app"), app("slow", "60"), service("slow"))
    yield checked("path", **{"healthcheck-path": "/nope"})
    yield checked("door", **{"healthcheck-port": "9999"})
    yield checked("start", "slow")
    yield checked("group", **{"healthcheck-path": "/hang", "security-groups": group})


# Faults of one object --------------------------------------------------------------------------------------------------


async def test_a_healthy_one(home: Home) -> None:
    async def healthy() -> Any:
        code, found = await home.ask("why", "ingress", "default/good")
        return found if code == 0 else None

    found = await until(healthy, "the Ingress is healthy", 60)
    assert found["healthy"]
    assert [each["severity"] for each in found["causes"]] == ["note"]
    home.call("clock", {"advance": 30})


async def test_a_class_that_is_mistyped(home: Home) -> None:
    found = await home.first("class")
    assert found["code"] == "LB601"
    assert 'IngressClass "abl" does not exist' in found["message"]
    assert "alb (ingress.k8s.aws/alb)" in found["message"]
    assert found["commands"] == ["""kubectl patch ingress -n default class --type merge -p '{"spec": {"ingressClassName": "alb"}}'"""]


async def test_a_port_that_the_service_does_not_have(home: Home) -> None:
    found = await home.first("port")
    assert (found["code"], "port 8080" in found["message"]) == ("LB208", True)
    assert '"value": {"number": 80}' in found["commands"][0]


async def test_an_annotation_that_is_misspelt(home: Home) -> None:
    found = await home.named("LB131", "spelt")
    key = "alb.ingress.kubernetes.io/"
    assert found["commands"] == [f"kubectl annotate ingress -n default spelt {key}healthcheck-path=/ping {key}helthcheck-path-"]


async def test_a_certificate_of_another_region(home: Home) -> None:
    found = await home.first("region")
    assert (found["code"], "us-east-1" in found["message"]) == ("LB185", True)
    assert "certificate-arn=arn:aws:acm:ap-northeast-2:123456789012:certificate/" in found["commands"][0]
    assert (await home.broken("LB660"))["object"] == "Ingress/default/region"
    await home.kubectl("delete", "ingress", "region")


async def test_targets_that_answer_another_code(home: Home) -> None:
    found = await home.named("LB610", "path")
    assert "404" in found["message"]
    assert "healthcheck-path=PATH" in found["commands"][0]


async def test_targets_that_do_not_listen_at_the_port(home: Home) -> None:
    found = await home.named("LB611", "door")
    assert "their containers have the ports 8080" in found["message"]
    assert "healthcheck-port=traffic-port" in found["commands"][0]


async def test_targets_behind_a_security_group(home: Home) -> None:
    found = await home.named("LB613", "group")
    assert found["commands"][0].startswith("aws ec2 authorize-security-group-ingress")
    assert "--port 8080" in found["commands"][0]


async def test_targets_that_start_slowly(home: Home) -> None:
    found = await home.named("LB616", "start")
    assert "pods still start" in found["message"]
    assert found["commands"][0].startswith("kubectl logs -n default slow-")


async def test_a_quota_that_is_reached(home: Home) -> None:
    used = len(home.aws("elbv2").describe_load_balancers()["LoadBalancers"])
    home.call("limits", {"quotas": {"application-load-balancers": used}})
    await home.apply(ingress("quota"))
    found = await home.named("LB603", "quota")
    assert "LB515" in found["message"]
    assert "TooManyLoadBalancers" in found["message"]
    code, said = await home.ask("doctor")
    assert (code, said["causes"][0]["code"]) == (1, "LB665")
    home.call("limits", {"quotas": {"application-load-balancers": 50}})
    await home.kubectl("delete", "ingress", "quota")


async def test_a_name_that_leads_to_an_old_load_balancer(home: Home) -> None:
    old = "k8s-default-good-0123456789-1.ap-northeast-2.elb.amazonaws.com"
    home.record("UPSERT", "good.example.com", old)
    found = await home.first("good")
    assert (found["code"], old in found["message"]) == ("LB620", True)
    assert "aws route53 change-resource-record-sets" in found["commands"][0]
    home.record("DELETE", "good.example.com", old)


# Faults of the chain ---------------------------------------------------------------------------------------------------


async def test_two_controllers(home: Home) -> None:
    await home.stand(standing("public.ecr.aws/eks/aws-load-balancer-controller:v2.8.1", "other"))
    found = await home.broken("LB635")
    assert "AWS Load Balancer Controller v2.8.1" in found["message"]
    assert found["commands"] == ["kubectl scale deployment -n kube-system other --replicas 0"]
    await home.kubectl("delete", "deployment", "-n", "kube-system", "other")


async def test_the_wrong_annotation(home: Home) -> None:
    key, eks, where = "eks.amazonaws.com/policy-arn", home.aws("eks"), {"clusterName": home.world.cluster_name}
    (held,) = eks.list_pod_identity_associations(**where)["associations"]
    eks.delete_pod_identity_association(**where, associationId=held["associationId"])
    await home.kubectl("annotate", "-n", "kube-system", "serviceaccount", ACCOUNT, f"{key}=arn:aws:iam::123456789012:policy/lb")
    found = await home.broken("LB701")
    assert "eks.amazonaws.com/role-arn=ROLE_ARN" in found["commands"][0]
    assert found["commands"][-1] == "kubectl rollout restart deployment -n kube-system albatross"
    await home.kubectl("annotate", "-n", "kube-system", "serviceaccount", ACCOUNT, f"{key}-")
    assert (await home.broken("LB645"))["commands"][0].startswith("albatross iam role")
    account = {"namespace": "kube-system", "serviceAccount": ACCOUNT}
    eks.create_pod_identity_association(**where, **account, roleArn=home.controller.role.arn)


async def test_a_trust_policy_for_another_namespace(home: Home) -> None:
    iam = home.aws("iam")
    right = iam.get_role(RoleName=ACCOUNT)["Role"]["AssumeRolePolicyDocument"]
    wrong = json.dumps(right).replace("kube-system", "default")
    iam.update_assume_role_policy(RoleName=ACCOUNT, PolicyDocument=wrong)
    found = await home.broken("LB642")
    assert "kubernetes-namespace must be default, and the token has kube-system" in found["message"]
    assert '-          "aws:RequestTag/kubernetes-namespace": "default",' in found["diff"]
    iam.update_assume_role_policy(RoleName=ACCOUNT, PolicyDocument=json.dumps(right))


async def test_one_action_that_is_missing(home: Home) -> None:
    role = home.controller.role
    role.lacking("elasticloadbalancing:SetRulePriorities")
    found = await home.broken("LB644")
    assert "may not do elasticloadbalancing:SetRulePriorities" in found["message"]
    assert found["commands"][0].startswith("albatross iam policy")
    role.restore()


async def test_subnets_without_tags(home: Home) -> None:
    tag, ec2 = "kubernetes.io/role/elb", home.aws("ec2")
    ids = [each["SubnetId"] for each in ec2.describe_subnets(Filters=[{"Name": "tag-key", "Values": [tag]}])["Subnets"]]
    ec2.delete_tags(Resources=ids, Tags=[{"Key": tag}])
    found = await home.broken("LB650")
    assert sorted(ids) == sorted(each for each in found["commands"][0].split() if each.startswith("subnet-"))
    ec2.create_tags(Resources=ids, Tags=[{"Key": tag, "Value": "1"}])


async def test_a_subnet_with_too_few_addresses(home: Home) -> None:
    ec2 = home.aws("ec2")
    block = home.world.cidr.replace(".0.0/16", ".250.0/28")
    small = ec2.create_subnet(VpcId=home.world.vpc_id, CidrBlock=block)["Subnet"]["SubnetId"]
    held = [ec2.create_network_interface(SubnetId=small)["NetworkInterface"]["NetworkInterfaceId"] for _ in range(4)]
    found = await home.broken("LB651")
    assert (small in found["message"], "has 7 free addresses" in found["message"]) == (True, True)
    for each in held:
        ec2.delete_network_interface(NetworkInterfaceId=each)
    ec2.delete_subnet(SubnetId=small)


async def test_a_webhook_with_a_ca_that_has_ended(home: Home) -> None:
    service = {"namespace": "kube-system", "name": "albatross-webhook-service", "path": "/x"}
    config = {"service": service, "caBundle": base64.b64encode(ended()).decode()}
    hook = {"name": "vingress.elbv2.k8s.aws", "clientConfig": config, "sideEffects": "None", "admissionReviewVersions": ["v1"]}
    body = {"apiVersion": "admissionregistration.k8s.io/v1", "kind": "ValidatingWebhookConfiguration", "webhooks": [hook]}
    await home.apply({**body, "metadata": {"name": "albatross-webhook"}})
    found = await home.broken("LB662")
    assert found["object"] == "ValidatingWebhookConfiguration/albatross-webhook"
    assert found["commands"] == ["kubectl rollout restart deployment -n kube-system albatross"]
    await home.kubectl("delete", "validatingwebhookconfiguration", "albatross-webhook")


def ended() -> bytes:
    """A CA that ended years ago."""
    return certificate.make(("x",), datetime(2001, 1, 1, tzinfo=UTC)).authority


async def test_a_finalizer_that_is_left(home: Home) -> None:
    home.controller.stop()
    await home.kubectl("scale", "deployment", "-n", "kube-system", "albatross", "--replicas", "0")
    await home.kubectl("delete", "ingress", "good", "--wait=false")
    found = await home.first("good")
    assert found["code"] == "LB602"
    assert "ingress.k8s.aws/resources" in found["message"]
    assert "no controller runs" in found["message"]
    assert found["commands"] == ["kubectl scale deployment -n kube-system albatross --replicas 2"]
