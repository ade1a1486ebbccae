"""The live subcommands against a cluster and an account over real sockets; no controller takes part."""

import asyncio
import base64
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import AbstractContextManager, closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from tests.cli.front import GOLDEN, Answer, albatross
from tests.flows.bed import place as account

from albatross.controller.webhook import certificate
from albatross_sandbox import world
from albatross_sandbox.world import World

pytestmark = pytest.mark.xdist_group("cli-world")

KUBECTL = Path(sys.executable).with_name("kubectl")
SHOP = """
apiVersion: v1
kind: Service
metadata: {name: web}
spec: {type: NodePort, ports: [{name: http, port: 80}]}
---
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata:
  name: app
  annotations:
    kubernetes.io/ingress.class: alb
    alb.ingress.kubernetes.io/auth-type: oidc
    alb.ingress.kubernetes.io/listen-ports: '[{"HTTPS": 443}]'
    alb.ingress.kubernetes.io/certificate-arn: CERTIFICATE
    alb.ingress.kubernetes.io/auth-idp-oidc: >-
      {"issuer": "https://id.example.com", "authorizationEndpoint": "https://id.example.com/a", "secretName": "oidc",
       "tokenEndpoint": "https://id.example.com/t", "userInfoEndpoint": "https://id.example.com/u"}
spec:
  defaultBackend: {service: {name: web, port: {number: 80}}}
"""

KEPT = """
apiVersion: v1
kind: Service
metadata: {name: kept}
spec: {type: NodePort, ports: [{name: http, port: 80}]}
---
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata:
  name: app
  annotations: {kubernetes.io/ingress.class: alb}
spec:
  defaultBackend: {service: {name: kept, port: {number: 80}}}
"""


@pytest.fixture(scope="module")
def place() -> Iterator[World]:
    running = world.running(controller=False)
    with asyncio.Runner() as runner:
        yield runner.run(running.__aenter__())
        runner.run(running.__aexit__(None, None, None))


@pytest.fixture(autouse=True)
def settings(plain: None, place: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """The environment a user of this world would set."""
    mine = {"ALBATROSS_CLUSTER_NAME": place.cluster_name, "ALBATROSS_AWS_VPC_ID": place.vpc_id}
    for name, value in {**place.environment(), **mine}.items():
        monkeypatch.setenv(name, value)


def kubectl(*arguments: str, text: str = "") -> None:
    subprocess.run([KUBECTL, *arguments], check=True, capture_output=True, input=text, text=True, env=os.environ)


def planned(answer: Answer, stack: str) -> list[tuple[str, str]]:
    return [(each["id"], json.dumps([each["after"], each["later"]])) for each in json.loads(answer.out)["stacks"][stack]["operations"]]


def test_a_recording_plans_what_the_account_plans(tmp_path: Path, place: World) -> None:
    manifest = tmp_path / "a.yaml"
    # the fixture's subnets are nobody's; these are found by their tags
    lines = (GOLDEN / "good.yaml").read_text().splitlines()
    manifest.write_text("\n".join(line for line in lines if "/subnets:" not in line))
    (tmp_path / "facts.json").write_text(albatross("record").out)
    live = albatross("plan", "--live", "-f", manifest, "-o", "json")
    recorded = albatross("plan", "-f", manifest, "--facts", tmp_path / "facts.json", "-o", "json")
    assert (live.code, recorded.code) == (2, 2)
    assert planned(live, "shop/app") == planned(recorded, "shop/app")


def test_region_and_vpc_are_those_of_the_nodes(monkeypatch: pytest.MonkeyPatch) -> None:
    given = albatross("plan", "--live", "-f", GOLDEN / "good.yaml", "-o", "json")
    for name in ("ALBATROSS_AWS_VPC_ID", "AWS_REGION", "AWS_DEFAULT_REGION"):
        monkeypatch.delenv(name)
    found = albatross("plan", "--live", "-f", GOLDEN / "good.yaml", "-o", "json")
    assert (found.code, found.out, found.err) == (given.code, given.out, given.err)


def test_secrets_are_read_by_name_and_never_shown(place: World) -> None:
    certificate = next(each["arn"] for each in place.details["certificates"])
    kubectl("apply", "-f", "-", text=SHOP.replace("CERTIFICATE", certificate))
    before = albatross("plan", "--live")
    assert before.code == 1
    assert "Ingress/default/app metadata.annotations" in before.out
    kubectl("create", "secret", "generic", "oidc", "--from-literal=clientID=me", "--from-literal=clientSecret=hush-hush")
    after = albatross("plan", "--live")
    assert after.code == 2
    assert "authenticate with https://id.example.com" in after.out
    assert "hush-hush" not in after.out + before.out


def test_a_file_keeps_what_the_cluster_gave(tmp_path: Path) -> None:
    manifest = tmp_path / "a.yaml"
    manifest.write_text(KEPT)
    kubectl("create", "namespace", "kept")
    kubectl("apply", "-n", "kept", "-f", str(manifest))
    stored = planned(albatross("plan", "--live", "-o", "json"), "kept/app")
    drift = json.loads(albatross("drift", "--group", "kept/app", "-o", "json").out)
    assert (planned(Answer(2, json.dumps(drift), ""), "kept/app"), {each["state"] for each in drift["drift"]}) == (stored, {"new"})
    assert planned(albatross("plan", "--live", "-n", "kept", "-f", manifest, "-o", "json"), "kept/app") == stored
    assert '"port"]' not in str(stored)
    manifest.write_text(manifest.read_text().replace("name: kept", "name: other"))
    assert '"port"]' in str(planned(albatross("plan", "--live", "-n", "kept", "-f", manifest, "-o", "json"), "kept/app"))


def test_nothing_stands_where_nobody_built(place: World) -> None:
    answer = albatross("status")
    assert (answer.code, answer.out) == (0, "no load balancer exists in AWS for this cluster\n")


def test_what_nobody_wants_is_deleted_only_with_yes(place: World) -> None:
    def left() -> list[str]:
        return [each["TargetGroupName"] for each in elb.describe_target_groups()["TargetGroups"]]

    tags = {"elbv2.k8s.aws/cluster": place.cluster_name, "ingress.k8s.aws/stack": "gone/app", "ingress.k8s.aws/resource": "gone/app-a:80"}
    with administered(place, "elbv2") as elb:
        for name, cluster in (("gone", place.cluster_name), ("foreign", "another")):
            own = {**tags, "elbv2.k8s.aws/cluster": cluster}
            pairs = [{"Key": key, "Value": value} for key, value in own.items()]
            elb.create_target_group(Name=name, Protocol="HTTP", Port=80, VpcId=place.vpc_id, TargetType="ip", Tags=pairs)
        shown = albatross("gc", "--all")
        assert (shown.code, "target group" in shown.out, sorted(left())) == (2, True, ["foreign", "gone"]), shown.err
        assert (albatross("gc", "--yes").code, sorted(left())) == (1, ["foreign", "gone"])
        assert json.loads(albatross("gc", "--all", "-o", "json").out)["changes"] == 1
        assert (albatross("gc", "--all", "--yes").code, left()) == (0, ["foreign"])
        again = albatross("gc", "--all")
        assert (again.code, again.out.startswith("nothing to delete")) == (0, True)
        elb.delete_target_group(TargetGroupArn=elb.describe_target_groups(Names=["foreign"])["TargetGroups"][0]["TargetGroupArn"])


def test_a_wrong_region_is_named() -> None:
    answer = albatross("plan", "--live", "--region", "eu-west-1")
    assert answer.code == 1
    assert "check the region" in answer.err


def test_a_cluster_that_does_not_answer_is_named(place: World, tmp_path: Path) -> None:
    text = Path(place.kubeconfig).read_text().replace(place.server, "https://127.0.0.1:1")
    (tmp_path / "config").write_text(text)
    answer = albatross("plan", "--live", "--kubeconfig", tmp_path / "config")
    assert answer.code == 1
    assert answer.err.startswith("error: cannot reach the Kubernetes API at https://127.0.0.1:1")


def deployment(name: str, image: str, *args: str, replicas: int = 1) -> str:
    template = {"metadata": {"labels": {"app": name}}, "spec": {"containers": [{"name": "c", "image": image, "args": list(args)}]}}
    spec = {"replicas": replicas, "selector": {"matchLabels": {"app": name}}, "template": template}
    return json.dumps({"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": name}, "spec": spec})


def test_a_migration_is_judged_before_anything_changes(place: World) -> None:
    kubectl("delete", "ingress", "--all", "--all-namespaces")
    image, mine = "aws-load-balancer-controller:v3.5.0", ("--cluster-name", place.cluster_name)
    ours = ("--peer", "default/lbc", "--deployment", "default/albatross")
    try:
        assert "no Deployment default/lbc" in albatross("migrate", *ours).err
        kubectl("apply", "-f", "-", text=deployment("lbc", image, *mine))
        absent = albatross("migrate", *ours, "--yes")
        assert (absent.code, "this controller is not installed" in absent.err) == (1, True)
        assert "the hand-over:" in absent.out
        kubectl(
            "apply", "-f", "-", text=deployment("albatross", "none", *mine, "--enable-waf=false", "--leader-election-id=other", replicas=0)
        )
        unlike = albatross("migrate", *ours).err
        assert "--enable-waf of this controller is false, there not set" in unlike
        assert "has the lease default/other, the other one default/aws-load-balancer-controller-leader" in unlike
        assert "there is nothing to undo" in albatross("migrate", *ours, "--back").err
        kubectl("apply", "-f", "-", text=deployment("albatross", "none", *mine, replicas=0))
        ready = albatross("migrate", *ours)
        assert (ready.code, "nothing was changed; --yes hands over" in ready.out) == (0, True), ready.err
        taken = albatross("adopt", "--peer", "default/lbc")
        assert (taken.code, "nothing would be written to AWS" in taken.out) == (0, True), taken.err
        kubectl("apply", "-f", "-", text=KEPT)
        written = albatross("adopt", "--peer", "default/lbc")
        assert (written.code, "would be written to AWS" in written.out, "Plan for default/app" in written.out) == (2, True, True)
        assert json.loads(albatross("adopt", "--peer", "default/lbc", "-o", "json").out)["writes"]
        kubectl("delete", "ingress", "app")
        kubectl("scale", "deployment/lbc", "--replicas=0")
        assert "the other controller has no replicas" in albatross("migrate", *ours).err
        assert "nothing was changed; --yes does it" in albatross("migrate", *ours, "--back").out
    finally:
        kubectl("delete", "deployment", "--all")


# why and doctor ----------------------------------------------------------------------------------------------------------

ROLE = "arn:aws:iam::123456789012:role/nobody"
TRUST = {"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"}
HOOK = """
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingWebhookConfiguration
metadata: {name: albatross-webhook}
webhooks:
- name: vingress.elbv2.k8s.aws
  clientConfig: {service: {namespace: default, name: albatross-webhook-service}, caBundle: CA}
  sideEffects: None
  admissionReviewVersions: [v1]
"""
SERVED = """
apiVersion: v1
kind: Secret
metadata: {name: albatross-webhook-tls, namespace: default}
data: {tls.crt: CERTIFICATE}
"""


def encoded(pem: bytes) -> str:
    return base64.b64encode(pem).decode()


def test_why_without_a_controller(place: World) -> None:
    kubectl("apply", "-f", "-", text=KEPT)
    answer = albatross("why", "ingress", "app")
    assert (answer.code, "error[LB634]" in answer.out) == (1, True)
    assert answer.out.rstrip().endswith("albatross install")
    assert json.loads(albatross("why", "svc", "default/nobody", "-o", "json").out)["causes"][0]["code"] == "LB600"


def test_doctor_reads_every_part(place: World, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("ALBATROSS_CLUSTER_NAME", "ALBATROSS_AWS_VPC_ID"):
        monkeypatch.delenv(name)
    pair, other = (certificate.make((name,), datetime(2026, 1, 1, tzinfo=UTC)) for name in ("a", "b"))
    kubectl("apply", "-f", "-", text=KEPT)
    kubectl("annotate", "serviceaccount", "default", f"eks.amazonaws.com/role-arn={ROLE}")
    kubectl("apply", "-f", "-", text=SERVED.replace("CERTIFICATE", encoded(pair.certificate)))
    kubectl("apply", "-f", "-", text=HOOK.replace("CA", encoded(other.authority)))
    kubectl("apply", "-f", "-", text=deployment("albatross", "albatross-controller:1", "--dns=true", "--backend-security-group=sg-1"))
    try:
        found = json.loads(albatross("doctor", "-o", "json").out)
        states = {each["name"]: each["state"] for each in found["links"]}
        assert "not read" not in states.values()
        codes = {each["code"] for each in found["causes"]}
        assert {"LB643", "LB641", "LB663", "LB664"} <= codes
        kubectl("apply", "-f", "-", text=HOOK.replace("CA", encoded(pair.authority)))
        assert "LB663" not in albatross("doctor").out
        kubectl("apply", "-f", "-", text=HOOK.replace("CA", encoded(b"-----BEGIN CERTIFICATE-----\nx")))
        assert "LB663" not in albatross("doctor").out
    finally:
        kubectl("annotate", "serviceaccount", "default", "eks.amazonaws.com/role-arn-")
        kubectl("delete", "deployment/albatross", "secret/albatross-webhook-tls")
        kubectl("delete", "validatingwebhookconfiguration", "albatross-webhook")


def test_a_role_is_compared(place: World) -> None:
    kubectl("annotate", "serviceaccount", "default", f"eks.amazonaws.com/role-arn={ROLE}")
    kubectl("apply", "-f", "-", text=deployment("albatross", "albatross-controller:1"))
    with administered(place) as iam:
        iam.create_role(RoleName="nobody", AssumeRolePolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [TRUST]}))
    try:
        codes = [each["code"] for each in json.loads(albatross("doctor", "-o", "json").out)["causes"]]
        assert {"LB642", "LB644"} <= set(codes)
    finally:
        kubectl("delete", "deployment/albatross")
        kubectl("annotate", "serviceaccount", "default", "eks.amazonaws.com/role-arn-")


def test_doctor_says_what_it_may_not_read(place: World, monkeypatch: pytest.MonkeyPatch) -> None:
    with administered(place) as iam:
        iam.create_user(UserName="guest")
        made = iam.create_access_key(UserName="guest")["AccessKey"]
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", made["AccessKeyId"])
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", made["SecretAccessKey"])
    answer = albatross("doctor")
    assert answer.code in (1, 3)
    assert "? quotas" in answer.out
    assert "is not authorized to perform" in " ".join(answer.out.split())


def administered(place: World, service: str = "iam") -> AbstractContextManager[Any]:
    """A client of AWS without limits."""
    return closing(account(place).client(service))
