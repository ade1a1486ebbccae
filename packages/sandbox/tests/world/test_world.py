"""A whole world, through kubectl and the command line."""

import asyncio
import base64
import json
import os
import re
import signal
import ssl
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest

from albatross_sandbox import world
from albatross_sandbox.world.state import State, alive

pytestmark = [pytest.mark.flow, pytest.mark.timeout(180)]
KUBECTL = str(Path(sys.executable).with_name("kubectl"))
COMMAND = str(Path(sys.executable).with_name("albatross-sandbox"))
GATED = """
apiVersion: v1
kind: Pod
metadata: {name: gated, labels: {app: gated}}
spec:
  readinessGates: [{conditionType: target-health.elbv2.k8s.aws/x}]
  containers: [{name: main, image: echo, ports: [{name: http, containerPort: 8080}]}]
"""


@pytest.fixture(scope="module")
def lived() -> Iterator[world.World]:
    """A world without our controller, for all tests of this module."""
    with asyncio.Runner() as runner:
        context = world.running()
        found = runner.run(context.__aenter__())
        yield found
        runner.run(context.__aexit__(None, None, None))


@pytest.fixture
def kubectl(lived: world.World) -> Callable[..., str]:
    def run(*argv: str, text: str | None = None) -> str:
        argv = (KUBECTL, "--kubeconfig", lived.kubeconfig, *argv)
        done = subprocess.run(argv, input=text, capture_output=True, text=True, timeout=30, check=False)
        assert done.returncode == 0, done.stderr
        return done.stdout

    return run


def fetch(url: str) -> Any:
    with urllib.request.urlopen(url, timeout=5) as answer:
        return json.load(answer)


def answers(url: str) -> bool:
    try:
        return bool(fetch(url))
    except OSError:
        return False


def until(holds: Callable[[], Any], within: float = 10) -> None:
    deadline = time.monotonic() + within
    while not holds():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.05)


def test_nodes_and_class_are_there(kubectl: Callable[..., str], lived: world.World) -> None:
    rows = kubectl("get", "nodes", "-o", "wide", "--no-headers").splitlines()
    assert [row.split()[:2] for row in rows] == [["node-0", "Ready"], ["node-1", "Ready"], ["node-2", "Ready"]]
    assert all(row.split()[5].startswith(lived.cidr.removesuffix("0.0/16")) for row in rows)
    assert kubectl("get", "ingressclass", "alb", "-o", "jsonpath={.spec.controller}") == "ingress.k8s.aws/alb"


def test_a_deployment_is_rolled_scaled_and_undone(kubectl: Callable[..., str]) -> None:
    kubectl("create", "deployment", "roll", "--image=echo", "--port=8080", "--replicas=2")
    assert "successfully rolled out" in kubectl("rollout", "status", "deploy/roll", "--timeout=10s")
    kubectl("rollout", "restart", "deploy/roll")
    kubectl("rollout", "status", "deploy/roll", "--timeout=10s")
    kubectl("scale", "deploy/roll", "--replicas=3")
    kubectl("wait", "--for=condition=available", "deploy/roll", "--timeout=10s")
    assert re.search(r"^2\s", kubectl("rollout", "history", "deploy/roll"), re.MULTILINE)
    kubectl("rollout", "undo", "deploy/roll")
    kubectl("rollout", "status", "deploy/roll", "--timeout=10s")
    kubectl("delete", "deployment", "roll", "--timeout=10s")
    until(lambda: "roll" not in kubectl("get", "pods", "-o", "name"))


def test_a_request_arrives_and_is_logged(kubectl: Callable[..., str]) -> None:
    kubectl("create", "deployment", "web", "--image=echo", "--port=8080")
    kubectl("expose", "deployment", "web", "--port=80", "--target-port=8080", "--type=NodePort")
    kubectl("rollout", "status", "deploy/web", "--timeout=10s")
    port = kubectl("get", "service", "web", "-o", "jsonpath={.spec.ports[0].nodePort}")
    node = kubectl("get", "node", "node-2", "-o", "jsonpath={.status.addresses[0].address}")
    answer = fetch(f"http://{node}:{port}/hello")
    assert (answer["path"], answer["namespace"]) == ("/hello", "default")
    assert "GET /hello" in kubectl("logs", answer["pod"])


def test_pod_addresses_stand_on_the_nodes_interfaces(kubectl: Callable[..., str], lived: world.World) -> None:
    kubectl("run", "addressed", "--image=echo", "--port=8080")
    kubectl("wait", "--for=condition=Ready", "pod/addressed", "--timeout=10s")
    address = kubectl("get", "pod", "addressed", "-o", "jsonpath={.status.podIP}")
    calls = [call for call in fetch(f"{lived.aws_endpoint}/_sandbox/journal?since=0")["calls"] if address in json.dumps(call["request"])]
    assert [(call["operation"], call["status"]) for call in calls] == [("AssignPrivateIpAddresses", 200)]
    assert calls[0]["principal"].endswith("user/vpc-cni")


def test_a_readiness_gate_is_opened_by_a_status_patch(kubectl: Callable[..., str]) -> None:
    kubectl("apply", "-f", "-", text=GATED)
    kubectl("wait", "--for=condition=ContainersReady", "pod/gated", "--timeout=10s")
    assert kubectl("get", "pod", "gated", "-o", "jsonpath={.status.conditions[?(@.type=='Ready')].status}") == "False"
    patch = {"status": {"conditions": [{"type": "target-health.elbv2.k8s.aws/x", "status": "True"}]}}
    kubectl("patch", "pod", "gated", "--subresource=status", "--type=strategic", "-p", json.dumps(patch))
    kubectl("wait", "--for=condition=Ready", "pod/gated", "--timeout=10s")


@pytest.fixture
def command(lived: world.World) -> Callable[..., subprocess.CompletedProcess[str]]:
    """The program, in a shell that knows only where the sandbox is."""

    def run(*argv: str, **env: str) -> subprocess.CompletedProcess[str]:
        env = {**os.environ, "ALBATROSS_SANDBOX_DIR": str(lived.state), **env}
        return subprocess.run((COMMAND, *argv), env=env, capture_output=True, text=True, timeout=30, check=False)

    return run


def client(lived: world.World, service: str) -> Any:
    keys = {"aws_access_key_id": "sandbox", "aws_secret_access_key": "sandbox"}
    return boto3.client(service, endpoint_url=lived.aws_endpoint, region_name=lived.region, **keys)


def test_a_shell_uses_the_world_after_env(lived: world.World) -> None:
    script = f"""eval "$({COMMAND} env)"; kubectl get nodes -o name; albatross-sandbox resolve nobody.test; echo $AWS_REGION"""
    env = {"PATH": os.environ["PATH"], "ALBATROSS_SANDBOX_DIR": str(lived.state), "HOME": "/nowhere"}
    done = subprocess.run(["sh", "-c", script], env=env, capture_output=True, text=True, timeout=30, check=False)
    assert done.stdout.split() == ["node/node-0", "node/node-1", "node/node-2", lived.region]
    assert done.stderr == "nobody.test has no A record\n"


@pytest.mark.parametrize("path", ["", str(Path(COMMAND).parent)], ids=["curl", "without-curl"])
def test_a_request_to_any_host_with_a_certificate_of_its_own(
    lived: world.World, command: Callable[..., subprocess.CompletedProcess[str]], path: str
) -> None:
    arn = command("certificate", "shop.test").stdout.strip()
    assert f"{arn}  shop.test\n" in command("certificate").stdout
    elb, name = client(lived, "elbv2"), "bare" if path else "curled"
    subnets = [each["id"] for each in lived.details["subnets"] if each["public"]]
    ec2 = client(lived, "ec2")
    group = ec2.create_security_group(GroupName=name, Description="HTTPS", VpcId=lived.vpc_id)["GroupId"]
    ec2.authorize_security_group_ingress(GroupId=group, IpProtocol="tcp", FromPort=443, ToPort=443, CidrIp="0.0.0.0/0")
    made = elb.create_load_balancer(Name=name, Subnets=subnets, SecurityGroups=[group])["LoadBalancers"][0]
    answer = {"Type": "fixed-response", "FixedResponseConfig": {"StatusCode": "418", "ContentType": "text/plain", "MessageBody": "tea"}}
    given = {"LoadBalancerArn": made["LoadBalancerArn"], "DefaultActions": [answer]}
    elb.create_listener(**given, Port=443, Protocol="HTTPS", Certificates=[{"CertificateArn": arn}])
    env = {"PATH": path} if path else {}
    visit = ("curl", "-s", "-i", "--via", name, "https://shop.test/")
    until(lambda: "418" in command(*visit, **env).stdout)
    assert command(*visit, **env).stdout.endswith("tea")
    assert command("resolve", made["DNSName"]).stdout.startswith("127.")
    strange = command(*visit[:-1], "https://other.test/", **env)
    assert strange.returncode != 0, "the certificate is for another host"
    elb.delete_load_balancer(LoadBalancerArn=made["LoadBalancerArn"])


def marked(request: Any, **_: Any) -> None:
    """Sign the name of the cluster, as `aws eks get-token` does."""
    request.headers.add_header("x-k8s-aws-id", "sandbox")


def test_eks_says_where_the_cluster_is_and_lets_the_caller_in(lived: world.World) -> None:
    """What `aws eks update-kubeconfig` writes, and what its kubeconfig calls."""
    cluster = client(lived, "eks").describe_cluster(name=lived.cluster_name)["cluster"]
    assert cluster["endpoint"] == lived.server
    assert base64.b64decode(cluster["certificateAuthority"]["data"]).decode() == Path(lived.details["ca"]).read_text()
    sts = client(lived, "sts")
    sts.meta.events.register("before-sign.sts.GetCallerIdentity", marked)
    url = sts.generate_presigned_url("get_caller_identity", ExpiresIn=60, HttpMethod="GET")
    token = "k8s-aws-v1." + base64.urlsafe_b64encode(url.encode()).rstrip(b"=").decode()
    asked = urllib.request.Request(f"{cluster['endpoint']}/api/v1/nodes", headers={"Authorization": f"Bearer {token}"})
    trust = ssl.create_default_context(cadata=base64.b64decode(cluster["certificateAuthority"]["data"]).decode())
    with urllib.request.urlopen(asked, timeout=5, context=trust) as answer:
        assert len(json.load(answer)["items"]) == 3


def test_a_killed_api_server_comes_back_with_its_objects(kubectl: Callable[..., str], lived: world.World) -> None:
    kubectl("create", "deployment", "stay", "--image=echo", "--port=8080", "--replicas=2")
    kubectl("rollout", "status", "deploy/stay", "--timeout=30s")
    shown = ("get", "pods", "-l", "app=stay", "-o", "jsonpath={range .items[*]}{.metadata.uid} {.status.podIP} {end}")
    before, pid = kubectl(*shown), State(lived.state).read()["pids"]["kube"]
    os.kill(pid, signal.SIGKILL)
    until(lambda: State(lived.state).read()["pids"]["kube"] != pid, 30)
    assert kubectl(*shown) == before
    for address in before.split()[1::2]:
        until(lambda address=address: answers(f"http://{address}:8080/"))  # type: ignore[misc]
    kubectl("scale", "deploy/stay", "--replicas=3")
    kubectl("rollout", "status", "deploy/stay", "--timeout=30s")


def test_a_world_in_the_background(tmp_path: Path) -> None:
    # what a person's own shell may hold leads no part of the world astray
    strays = {
        "AWS_PROFILE": "of-my-own",
        "AWS_ENDPOINT_URL": "http://127.0.0.1:1",
        "HTTP_PROXY": "http://127.0.0.1:1",
        "KUBECONFIG": "/nowhere",
    }
    env = {**os.environ, **strays, "ALBATROSS_SANDBOX_DIR": str(tmp_path)}

    def command(*argv: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run((COMMAND, *argv), env=env, capture_output=True, text=True, timeout=60, check=False)

    started = command("up", "--no-controller")
    try:
        assert started.returncode == 0, started.stderr
        assert 'eval "$(' in started.stdout
        assert f"{tmp_path}/ca.pem" in started.stdout
        told = command("env").stdout
        assert f"export KUBECONFIG={tmp_path}/kubeconfig" in told
        assert "\nunset AWS_PROFILE" in told
        second = command("up", "--no-controller")
        assert (second.returncode, "running already" in second.stderr) == (1, True)
        assert command("kubeconfig").stdout == f"{tmp_path}/kubeconfig\n"
        found = json.loads(command("status", "--output", "json").stdout)
        assert found["parts"] == {"aws": True, "kube": True, "envoy": True}
        assert {"kubeconfig", "server", "aws_endpoint", "region", "cluster_name", "vpc_id"} <= found.keys()
        os.kill(found["pids"]["supervisor"], signal.SIGKILL)
        until(lambda: not any(alive(pid) for pid in found["pids"].values()))
        assert "was killed" in command("status").stdout
    finally:
        command("down")
    assert not tmp_path.exists() or not list(tmp_path.iterdir())


def test_files_named_like_modules_are_left_alone(tmp_path: Path) -> None:
    here = tmp_path / "here"
    here.mkdir()
    for name in ("json", "yaml", "kube", "asyncio", "aiohttp", "moto", "albatross", "albatross_sandbox"):
        (here / f"{name}.py").write_text("raise SystemExit(f'{__file__} is none of the sandbox')\n")
    env = {**os.environ, "ALBATROSS_SANDBOX_DIR": str(tmp_path / "state")}

    def command(*argv: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run((COMMAND, *argv), env=env, cwd=here, capture_output=True, text=True, timeout=60, check=False)

    started = command("up")
    try:
        assert started.returncode == 0, started.stdout + started.stderr
        parts = json.loads(command("status", "--output", "json").stdout)["parts"]
        assert parts == {"aws": True, "kube": True, "envoy": True, "controller": True}
    finally:
        command("down")
