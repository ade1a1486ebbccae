"""Ingresses through a whole life: AWS follows, and nothing is written twice."""

import asyncio
import base64
import json
import signal
import urllib.request
from pathlib import Path
from typing import Any

import pytest
from tests import account
from tests.flows.bed import CLI, Bed, Controller, deployment, ingress, service, until
from tests.kube.wire import Wire

from albatross.catalog.tracking import LAST_GOOD
from albatross.install.rbac import secret as secrets
from albatross.kube.config import load

pytestmark = [pytest.mark.flow, pytest.mark.timeout(180), pytest.mark.xdist_group("flows")]

BAD = "sideways"
FIRST, SECOND = "first-client-secret-7f3a", "second-client-secret-91bc"


def fault(operation: str, code: str, times: int) -> dict[str, Any]:
    """An error that AWS answers a few times."""
    return {"service": "elasticloadbalancing", "operation": operation, "code": code, "status": 400, "message": "as asked", "times": times}


def redirecting(**annotations: str) -> dict[str, Any]:
    """Ingress `two`, with a path that redirects."""
    found = ingress("two", **annotations)
    (rule,) = found["spec"]["rules"]
    action = {"service": {"name": "old", "port": {"name": "use-annotation"}}}
    rule["http"]["paths"].append({"path": "/old", "pathType": "Prefix", "backend": action})
    return found


async def in_place(bed: Bed) -> int:
    """Wait until a controller that has started has done what has changed; the number of groups that it compares later."""
    found: list[int] = []

    async def settled() -> bool:
        found[:] = [line["later"] for line in bed.controller.lines() if line["event"] == "groups in place"]
        return bool(found)

    await until(settled, "the groups are in place")
    return found[0]


async def test_create_edit_restart_delete(bed: Bed) -> None:
    await bed.apply(service(), deployment(), ingress())
    address = await bed.address()
    await bed.event("SuccessfullyReconciled")
    found = await bed.get("Ingress", "app")
    assert address.endswith(".elb.amazonaws.com")
    assert found["metadata"]["finalizers"] == ["ingress.k8s.aws/resources"]
    assert found["status"]["loadBalancer"]["ingress"][0]["ports"][0]["port"] == 80
    (binding,) = (await bed.get("TargetGroupBinding"))["items"]
    assert binding["metadata"]["labels"] == {"ingress.k8s.aws/stack-namespace": bed.namespace, "ingress.k8s.aws/stack-name": "app"}

    await bed.quiet()
    bed.remember()
    await bed.apply(ingress(note="only a note"))
    await bed.quiet()
    assert bed.calls(), "the edit was looked at"
    assert bed.writes() == []

    assert bed.controller.stop() == 0
    bed.controller.remember()
    bed.controller.start()
    assert await in_place(bed) == 1, "nothing has changed: it is compared after the start"
    await bed.quiet(3)
    assert bed.writes() == []
    assert "DescribeRules" in [call["operation"] for call in bed.calls()]

    assert bed.controller.stop() == 0
    bed.remember()
    bed.controller.remember()
    await bed.apply(ingress(healthcheck_path="/meanwhile"))
    bed.controller.start()
    assert await in_place(bed) == 0, "it has changed: it is compared at once"
    await bed.quiet(3)
    assert bed.writes() == ["ModifyTargetGroup"]

    await bed.apply(ingress(healthcheck_path="/ready", listen_ports='[{"HTTP": 8081}]'))
    await bed.event("SuccessfullyReconciled")

    async def moved() -> bool:
        entries = (await bed.get("Ingress", "app"))["status"]["loadBalancer"]["ingress"]
        return bool(entries[0]["ports"][0]["port"] == 8081)

    await until(moved, "the status shows the new port")
    await bed.quiet()
    assert {"CreateListener", "DeleteListener", "ModifyTargetGroup"} <= set(bed.writes())

    bed.remember()
    await bed.kubectl("delete", "ingress", "app", "--timeout=60s")
    assert {"DeleteLoadBalancer", "DeleteTargetGroup", "DeleteSecurityGroup"} <= set(bed.writes())
    assert (await bed.get("TargetGroupBinding"))["items"] == []


async def test_a_broken_edit_takes_nothing_away(bed: Bed) -> None:
    both = {"group__name": f"{bed.namespace}-g"}
    moved = {**both, "actions__old": json.dumps({"type": "redirect", "redirectConfig": {"statusCode": "HTTP_301", "path": "/new"}})}
    await bed.apply(service(), deployment(), ingress("one", **both), redirecting(**moved))
    assert await bed.address("one") == await bed.address("two")
    await bed.event("SuccessfullyReconciled", "two")
    await bed.quiet()
    bed.remember()
    await bed.apply(redirecting(**both, actions__old="{", success_codes="200-", healthcheck_interval_seconds=BAD))
    told = await bed.event("FailedBuildModel", "two", BAD)
    assert "fix:" in told["message"]
    await bed.quiet()
    assert bed.writes() == []

    # the other member moves on meanwhile, and a restart finds the good version on the object
    assert LAST_GOOD in (await bed.get("Ingress", "two"))["metadata"]["annotations"]
    await bed.apply(ingress("one", **both, healthcheck_path="/other"))
    await bed.quiet()
    assert bed.writes() == ["ModifyTargetGroup"]
    bed.controller.stop()
    bed.remember()
    bed.controller.start()
    await bed.event("FailedBuildModel", "two", BAD)
    await bed.quiet(3)
    assert bed.writes() == []

    await bed.apply(redirecting(**moved))
    await bed.quiet()
    await bed.event("SuccessfullyReconciled", "two")

    async def clean() -> bool:
        return LAST_GOOD not in (await bed.get("Ingress", "two"))["metadata"]["annotations"]

    await until(clean, "the annotation is removed with the error")
    assert bed.writes() == []


async def test_a_crash_in_the_middle_of_a_plan(bed: Bed) -> None:
    bed.call("latency", {"seconds": 0.3})
    await bed.apply(service(), deployment(), ingress())

    async def begun() -> bool:
        return "CreateLoadBalancer" in bed.writes()

    await until(begun, "the load balancer is made")
    bed.controller.stop(signal.SIGKILL)
    bed.call("latency", {"seconds": 0})
    bed.controller.start("--enable-leader-election=false")  # the lease of the dead one holds for 15 s yet
    await bed.address()
    await bed.event("SuccessfullyReconciled")
    made = [each for each in bed.writes() if each.startswith("Create")]
    assert made.count("CreateLoadBalancer") == made.count("CreateTargetGroup") == made.count("CreateListener") == 1


async def test_an_ingress_that_no_group_can_take_is_told_why(bed: Bed) -> None:
    await bed.apply(service(), ingress(group__name="Not A Name"))
    told = await bed.event("FailedLoadGroupID")
    assert "LB137" in told["message"]
    assert bed.writes() == []


async def test_the_api_server_may_come_and_go(bed: Bed) -> None:
    access = load(bed.world.kubeconfig)
    host, _, port = access.server.removeprefix("https://").partition(":")
    bed.controller.stop()
    async with Wire((host, int(port))).listening() as wire:
        config = bed.controller.log.parent / "kubeconfig"
        config.write_text(Path(bed.world.kubeconfig).read_text().replace(access.server, f"https://127.0.0.1:{wire.port}"))
        bed.controller.kubeconfig = str(config)
        bed.controller.start("--enable-leader-election=false")
        await bed.apply(service(), deployment(), ingress())
        await bed.address()
        await bed.event("SuccessfullyReconciled")
        wire.closed = True
        wire.cut()
        await bed.apply(ingress(healthcheck_path="/after"))
        wire.closed = False
        await bed.quiet()

        async def modified() -> bool:
            return "ModifyTargetGroup" in bed.writes()

        await until(modified, "the edit made meanwhile is carried out")
        assert bed.controller.stop() == 0
    bed.controller.kubeconfig = bed.world.kubeconfig


async def test_a_service_that_comes_later_is_served(bed: Bed) -> None:
    await bed.apply(ingress())
    await bed.address()
    await bed.event("SuccessfullyReconciled")
    assert "CreateTargetGroup" not in bed.writes()
    await bed.apply(service(), deployment())

    async def bound() -> Any:
        return (await bed.get("TargetGroupBinding"))["items"]

    await until(bound, "the service has a binding")


async def test_a_secret_is_followed_and_told_to_nobody(bed: Bed, unused_tcp_port: int) -> None:
    bed.controller.stop()
    bed.controller.start("--metrics-bind-addr", f"127.0.0.1:{unused_tcp_port}")
    sites = {
        "issuer": "https://id",
        "authorizationEndpoint": "https://id/a",
        "tokenEndpoint": "https://id/t",
        "userInfoEndpoint": "https://id/u",
    }
    oidc = json.dumps({**sites, "secretName": "oidc"})
    secure = {"listen_ports": '[{"HTTPS": 443}]', "certificate_arn": bed.world.details["certificates"][0]["arn"]}
    secret = {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "oidc"}, "stringData": {"clientID": "me", "clientSecret": FIRST}}
    await account.grant(bed.client, *secrets(bed.namespace, ["oidc"], {"name": bed.controller.lease, "namespace": account.NAMESPACE}))
    await bed.apply(service(), deployment(), ingress(auth_type="oidc", auth_idp_oidc=oidc, **secure))
    await bed.event("FailedBuildModel", contains="oidc")
    await bed.apply(secret)
    await bed.event("SuccessfullyReconciled")
    await bed.quiet()
    bed.remember()
    bed.call("faults", [fault("ModifyRule", "ValidationError", 1)])
    await bed.apply({**secret, "stringData": {"clientID": "me", "clientSecret": SECOND}})

    async def changed() -> bool:
        return bed.writes().count("ModifyRule") > 1

    await until(changed, "the new secret has reached AWS, at the second try")
    hidden, shown = await _secrets(bed), await _texts(bed, unused_tcp_port)
    assert SECOND in hidden
    assert all(len(text) > 40 for text in shown.values()), shown
    for secret_text in (FIRST, *hidden):
        assert [name for name, text in shown.items() if secret_text in text] == []


async def _secrets(bed: Bed) -> set[str]:
    """Every secret of the flow: of Secrets (a private key line by line), tokens, and credentials of AWS."""
    found = set(bed.controller.role.credentials().values()) | {bed.controller.role.place.token(bed.controller.role.name)}
    found |= {path.read_text() for path in bed.controller.log.parent.glob("*.token")}
    found |= {str(user["user"]["token"]) for user in json.loads(Path(bed.controller.kubeconfig).read_text())["users"]}
    for each in (await bed.client.get("/api/v1/secrets"))["items"]:
        values = {key: base64.b64decode(text).decode() for key, text in (each.get("data") or {}).items()}
        lines = [line for key, text in values.items() if not key.endswith(".crt") and key != "clientID" for line in text.splitlines()]
        found |= {line for line in lines if "PRIVATE KEY" not in line}
    return {text for text in found if len(text) > 7}


async def _texts(bed: Bed, port: int) -> dict[str, str]:
    """Everything that the controller and the commands say about the flow."""
    found = {kind: json.dumps(await bed.get(kind)) for kind in ("events", "Ingress", "TargetGroupBinding")}
    found["metrics"] = await asyncio.to_thread(_page, port)
    for command in (("plan", "--live", "-n", bed.namespace), ("status", "-n", bed.namespace), ("why", "ingress", f"{bed.namespace}/app")):
        found[" ".join(command)] = (await bed.run(*CLI, *command, "--cluster-name", bed.world.cluster_name))[1]
    return {**found, "log": bed.controller.log.read_text()}


def _page(port: int) -> str:
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=10) as answer:
        return str(answer.read().decode())


async def test_throttling_is_waited_out(bed: Bed) -> None:
    fault = {
        "service": "elasticloadbalancing",
        "operation": "^Create.*",
        "code": "Throttling",
        "status": 400,
        "message": "Rate exceeded",
        "times": 4,
    }
    bed.call("faults", [fault])
    await bed.apply(service(), deployment(), ingress())
    await bed.address()
    await bed.event("SuccessfullyReconciled")


async def test_a_refusal_is_told_and_the_address_waits_for_its_end(bed: Bed) -> None:
    bed.call("faults", [fault("CreateListener", "TooManyListeners", 1000)])
    await bed.apply(service(), deployment(), ingress())
    told = await bed.event("FailedDeployModel")
    assert "TooManyListeners" in told["message"]
    assert "CreateLoadBalancer" in bed.writes()
    assert not (await bed.get("Ingress", "app")).get("status", {}).get("loadBalancer", {}).get("ingress")
    bed.call("faults", [])
    await bed.address()
    await bed.event("SuccessfullyReconciled")


async def test_a_second_replica_takes_over(bed: Bed) -> None:
    second = Controller(
        bed.world, bed.controller.log.with_name("second.log"), bed.controller.kubeconfig, bed.controller.lease, bed.controller.role
    )
    bed.others.append(second)
    await bed.apply(service(), deployment(), ingress())
    await bed.address()
    second.start()
    await bed.quiet()
    assert bed.controller.stop() == 0
    await bed.apply(ingress("late"))
    await bed.address("late")
    assert any(line["event"] == "leading" for line in second.lines())
    second.stop(signal.SIGINT)
