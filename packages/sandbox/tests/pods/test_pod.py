"""The life of a pod."""

import json
import socket
import sys
from typing import Any

from packages.sandbox.tests.pods.cluster import Bed, condition, container

PROBE = {"httpGet": {"path": "/ping", "port": "http"}, "periodSeconds": 0.02, "failureThreshold": 1}


def main(running: Bed, name: str = "one") -> dict[str, Any]:
    found = (running.one(name).get("status") or {}).get("containerStatuses") or [{}]
    return dict(found[0])


async def test_gets_a_node_and_an_address_of_its_subnet(running: Bed) -> None:
    await running.pod()
    await running.until(lambda: running.ready() == 1)
    pod = running.one()
    assert pod["status"]["podIP"] == f"{running.prefix}.48.10"
    assert pod["status"]["hostIP"] == f"{running.prefix}.48.1"
    assert pod["status"]["phase"] == "Running"
    for kind in ("Initialized", "PodScheduled", "ContainersReady", "Ready"):
        assert condition(pod, kind) == "True"


async def test_is_ready_only_when_every_gate_is(running: Bed) -> None:
    await running.pod(readinessGates=[{"conditionType": "a"}, {"conditionType": "b"}])
    await running.until(lambda: condition(running.one(), "ContainersReady") == "True")
    for kind in "ab":
        assert condition(running.one(), "Ready") == "False"
        conditions = [*running.one()["status"]["conditions"], {"type": kind, "status": "True"}]
        await running.cluster.patch_status("pods", "default", "one", {"conditions": conditions})
    await running.until(lambda: running.ready() == 1)


async def test_annotated_unhealthy_it_leaves_and_comes_back(running: Bed) -> None:
    await running.pod(**container(readinessProbe=PROBE))
    await running.until(lambda: running.ready() == 1)
    await running.annotate("one", health="fail")
    await running.until(lambda: running.ready() == 0)
    address = running.one()["status"]["podIP"]
    statuses = {}
    for path, agent in (("/", "curl"), ("/ping", "curl"), ("/", "ELB-HealthChecker/2.0")):
        statuses[path, agent] = (await running.get(f"http://{address}:8080{path}", headers={"User-Agent": agent}))["status"]
    assert list(statuses.values()) == [200, 503, 503]
    await running.annotate("one", health=None)
    await running.until(lambda: running.ready() == 1)


async def test_liveness_restarts_it(running: Bed) -> None:
    await running.pod(annotations={"sandbox.albatross/health": "fail"}, **container(livenessProbe=PROBE))
    await running.until(lambda: main(running).get("restartCount", 0) >= 1)
    reasons = {event["reason"] for event in running.cluster.list("events", "default")}
    assert {"Scheduled", "Started", "Unhealthy", "Killing"} <= reasons


async def test_startup_holds_the_other_probes_back(running: Bed) -> None:
    startup = {**PROBE, "failureThreshold": 1000}
    await running.pod(annotations={"sandbox.albatross/health": "fail"}, **container(startupProbe=startup, livenessProbe=PROBE))
    await running.until(lambda: "running" in main(running).get("state", {}))
    assert main(running)["started"] is False
    await running.annotate("one", health=None)
    await running.until(lambda: running.ready() == 1)
    assert main(running)["restartCount"] == 0


async def test_tcp_and_exec_probes(running: Bed) -> None:
    tcp = {**PROBE, "tcpSocket": {"port": 8080}}
    del tcp["httpGet"]
    await running.pod(**container(readinessProbe=tcp, livenessProbe={"exec": {"command": ["true"]}}))
    await running.until(lambda: running.ready() == 1)
    await running.pod("closed", **container(readinessProbe={**tcp, "tcpSocket": {"port": 9}}))
    await running.until(lambda: any("Readiness" in event["message"] for event in running.cluster.list("events", "default")))
    assert condition(running.one("closed"), "Ready") == "False"


async def test_runs_its_own_command(running: Bed) -> None:
    script = "import os, http.server as h; print('at', os.environ['POD_IP'], os.environ['COLOUR'], flush=True); "
    script += "h.HTTPServer((os.environ['POD_IP'], int(os.environ['PORT'])), h.SimpleHTTPRequestHandler).serve_forever()"
    command = {"sandbox.albatross/command": json.dumps([sys.executable, "-S", "-c", script])}
    env = [{"name": "COLOUR", "value": "green"}]
    await running.pod(annotations=command, **container(readinessProbe={**PROBE, "httpGet": {"path": "/", "port": "http"}}, env=env))
    await running.until(lambda: running.ready() == 1)
    address = running.one()["status"]["podIP"]
    async with running.session.get(f"http://{address}:8080/") as answer:
        assert answer.headers["Server"].startswith("SimpleHTTP")
    assert running.cluster.logs is not None
    text = b"".join([chunk async for chunk in running.cluster.logs("default", "one", {"tailLines": "1000"})]).decode()
    assert text.startswith(f"at {address} green\n")
    await running.cluster.delete("pods", "default", "one", grace=5)
    await running.until(lambda: not running.one())


async def test_a_crash_is_restarted_and_then_backs_off(running: Bed) -> None:
    await running.pod(annotations={"sandbox.albatross/command": '["/bin/sh", "-c", "echo no; exit 7"]'})
    await running.until(lambda: main(running).get("state", {}).get("waiting", {}).get("reason") == "CrashLoopBackOff")
    assert main(running)["lastState"]["terminated"]["exitCode"] == 7
    assert running.ready() == 0


async def test_a_command_may_finish(running: Bed) -> None:
    await running.pod("good", annotations={"sandbox.albatross/command": '["true"]'}, restartPolicy="Never")
    await running.pod("bad", annotations={"sandbox.albatross/command": '["false"]'}, restartPolicy="Never")
    await running.until(lambda: (running.one("good").get("status") or {}).get("phase") == "Succeeded")
    await running.until(lambda: (running.one("bad").get("status") or {}).get("phase") == "Failed")


async def test_a_command_that_cannot_start_says_so(running: Bed) -> None:
    await running.pod(annotations={"sandbox.albatross/command": '["/no/such/command"]'})
    await running.until(lambda: main(running).get("lastState", {}).get("terminated", {}).get("exitCode") in (126, 127, 128))


async def test_a_taken_port_is_told_and_tried_again(running: Bed) -> None:
    taken = socket.create_server((f"{running.prefix}.48.10", 8080))
    await running.pod()
    await running.until(lambda: any(event["reason"] == "Failed" for event in running.cluster.list("events", "default")))
    taken.close()
    await running.until(lambda: running.ready() == 1)


async def test_stands_for_a_local_port(running: Bed) -> None:
    await running.pod("behind", **container())
    await running.until(lambda: running.ready() == 1)
    behind = running.one("behind")["status"]["podIP"]
    from albatross_sandbox.pods.forward import Forward

    local = Forward(("127.0.0.1", 0), lambda: (behind, 8080))
    await local.start()
    await running.pod("front", annotations={"sandbox.albatross/port": str(local.port)})
    await running.until(lambda: running.ready() == 2)
    answer = await running.get(f"http://{running.one('front')['status']['podIP']}:8080/x")
    assert (answer["pod"], answer["path"]) == ("behind", "/x")
    await local.stop()


async def test_force_deletion_frees_its_port(running: Bed) -> None:
    await running.pod(**container(lifecycle={"preStop": {"sleep": {"seconds": 60}}}))
    await running.until(lambda: running.ready() == 1)
    await running.cluster.delete("pods", "default", "one")
    await running.cluster.delete("pods", "default", "one", grace=0)
    assert not running.one()
    await running.pod("two")
    await running.until(lambda: running.ready() == 1)


async def test_addresses_are_not_reused_at_once(running: Bed) -> None:
    seen = []
    for _ in range(2):
        await running.pod(nodeName="node-1")
        await running.until(lambda: running.ready() == 1)
        seen.append(running.one()["status"]["podIP"])
        await running.cluster.delete("pods", "default", "one")
        await running.until(lambda: not running.one())
    assert seen == [f"{running.prefix}.64.10", f"{running.prefix}.64.11"]


async def test_a_finalizer_keeps_the_object_but_not_the_server(running: Bed) -> None:
    await running.pod()
    await running.cluster.merge("pods", "default", "one", {"metadata": {"finalizers": ["test/hold"]}})
    await running.until(lambda: running.ready() == 1)
    await running.cluster.delete("pods", "default", "one")
    await running.until(lambda: (running.one().get("status") or {}).get("phase") == "Succeeded")
    await running.cluster.merge("pods", "default", "one", {"metadata": {"finalizers": None}})
    await running.until(lambda: not running.one())
