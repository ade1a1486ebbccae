"""How far a Deployment is, from the objects of the cluster."""

import json
from typing import Any

import pytest

from albatross.install import rollout
from albatross.install.rollout import Progress
from albatross.model.problem import Origin, Problem


def deployment(**status: Any) -> dict[str, Any]:
    usual = {"observedGeneration": 1, "updatedReplicas": 1, "availableReplicas": 1, "replicas": 1}
    return {
        "metadata": {"name": "albatross", "namespace": "kube-system", "generation": 1},
        "spec": {"replicas": 1},
        "status": usual | status,
    }


def pod(name: str = "albatross-1", node: str = "node-0", ready: bool = False, **status: Any) -> dict[str, Any]:
    conditions = [{"type": "Ready", "status": "True" if ready else "False"}, *status.pop("conditions", [])]
    spec = {"nodeName": node} if node else {}
    return {"metadata": {"name": name, "namespace": "kube-system"}, "spec": spec, "status": {"conditions": conditions, **status}}


def container(state: dict[str, Any], last: dict[str, Any] | None = None, restarts: int = 0) -> dict[str, Any]:
    return {"containerStatuses": [{"image": "img", "state": state, "lastState": last or {}, "restartCount": restarts}]}


def look(*pods: dict[str, Any], leader: str | None = "albatross-1_x", events: Any = (), **status: Any) -> Progress:
    return rollout.look(deployment(**status), pods, events, leader)


ENDED = {"terminated": {"exitCode": 1}}
BACK_OFF = {"waiting": {"reason": "CrashLoopBackOff", "message": "back-off"}}


@pytest.mark.parametrize(
    ("progress", "waiting", "code", "final"),
    [
        (look(pod(ready=True)), "", "", False),
        (look(pod(ready=True), leader=None), "", "", False),
        (look(pod(ready=True), observedGeneration=0), "the cluster to read", "", False),
        (look(updatedReplicas=0), "pods: 0 of 1 exist", "", False),
        (look(conditions=[{"type": "ReplicaFailure", "message": "quota"}]), "pods: 0 of 1", "LB737", False),
        (look(pod(ready=True), replicas=2), "ready pods: 1 of 1, and the old", "", False),
        (look(pod(ready=True), leader=""), "a leader: nobody holds", "LB737", False),
        (look(pod(ready=True), leader="other"), "a leader: the Lease is held by other", "LB737", False),
        (look(pod(node="")), "a node for pod albatross-1", "LB735", False),
        (look(pod(**container({"waiting": {"reason": "ErrImagePull", "message": "no such image"}}))), "the image of", "LB734", False),
        (look(pod(**container({"waiting": {"reason": "ImagePullBackOff"}}))), "the image of", "LB734", True),
        (look(pod(**container(BACK_OFF, ENDED, 1))), "the controller ended", "LB736", False),
        (look(pod(**container(BACK_OFF, ENDED, 2))), "the controller ended", "LB736", True),
        (
            look(pod(**container({"waiting": {"reason": "CreateContainerConfigError", "message": "bad"}}))),
            "CreateContainerConfigError: bad",
            "LB737",
            False,
        ),
        (look(pod(**container({"waiting": {"reason": "ContainerCreating"}}))), "to be ready", "LB737", False),
        (look(pod(**container({"running": {}}, ENDED, 1))), "to be ready", "LB737", False),
    ],
)
def test_one_look(progress: Progress, waiting: str, code: str, final: bool) -> None:
    assert (waiting in progress.waiting) if waiting else progress.waiting == ""
    assert (progress.problem.code if progress.problem else "", progress.final) == (code, final)


def test_an_unscheduled_pod_says_why() -> None:
    found = look(pod(node="", conditions=[{"type": "PodScheduled", "status": "False", "message": "0/2 nodes are available"}]))
    assert found.problem is not None
    assert dict(found.problem.args)["said"] == "0/2 nodes are available"


def test_the_last_warning_is_shown() -> None:
    events = [
        {"type": "Warning", "involvedObject": {"name": "albatross-1"}, "message": "later", "lastTimestamp": "2026-01-02T00:00:00Z"},
        {"type": "Warning", "involvedObject": {"name": "albatross-1"}, "message": "first", "eventTime": "2026-01-01T00:00:00Z"},
        {"type": "Normal", "involvedObject": {"name": "albatross-1"}, "message": "normal"},
    ]
    assert look(pod(**container({"running": {}})), events=events).waiting == "pod albatross-1 to be ready: later"


def test_pods_that_end_are_ignored() -> None:
    old = pod("old")
    old["metadata"]["deletionTimestamp"] = "now"
    assert look(old, pod(ready=True)).waiting == ""


CRASH = Problem("LB736", Origin("Pod", "kube-system", "a"), (("exit", "1"), ("remedy", "read the log"), ("said", "nothing")))
WAIT = Problem("LB737", Origin("Pod", "kube-system", "a"), (("remedy", "look"), ("said", "it is starting")))


def line(**more: str) -> str:
    return json.dumps({"event": "an event", "level": "error", "timestamp": "now", **more})


@pytest.mark.parametrize(
    ("problem", "log", "said", "remedy"),
    [
        (CRASH, "", "nothing", "read the log"),
        (CRASH, "error: the VPC is unknown\n", "error: the VPC is unknown", "read the log"),
        (CRASH, "1\n2\n3\n4\n[]\n", "3 | 4 | []", "read the log"),
        (CRASH, line(error="LB511: denied"), "an event error=LB511: denied", "see `albatross explain LB511`"),
        (CRASH, line(error="LB000: none"), "an event error=LB000: none", "read the log"),
        (WAIT, line(level="info") + "\n" + line(level="warning"), "it is starting; its log ends: an event", "look"),
    ],
)
def test_the_log_explains(problem: Problem, log: str, said: str, remedy: str) -> None:
    args = dict(rollout.explained(problem, log).args)
    assert (args["said"], args["remedy"]) == (said, remedy)


def test_a_cause_that_is_repeated_is_said_once() -> None:
    assert dict(rollout.explained(CRASH, "error: no\n" * 3).args)["said"] == "error: no"


SERVICE = Origin("Service", "kube-system", "albatross-webhook-service")
REFUSED = line(code="LB750", problem="LB750: no route")


@pytest.mark.parametrize(
    ("configuration", "log", "said"),
    [
        ({"kind": "ValidatingWebhookConfiguration"}, REFUSED, ""),
        (None, "", "the leader has not tried it yet"),
        (None, line(code="LB751", problem="LB751: nobody") + "\n" + REFUSED + "\nno JSON\n" + line(code="LB701"), "LB750: no route"),
    ],
)
def test_the_leader_says_why_webhooks_are_not_registered(configuration: dict[str, Any] | None, log: str, said: str) -> None:
    found = rollout.registered(configuration, SERVICE, log)
    assert found.waiting == (f"the API server to reach the webhooks: {said}" if said else "")
    assert found.problem == (Problem("LB756", SERVICE, (("said", said),)) if said else None)


def test_notes_are_the_problems_of_a_controller_that_works() -> None:
    mismatch = line(code="LB701", message="no role", fix="annotate")
    denied = line(code="LB511", problem="LB511: denied")
    informed = json.dumps({"code": "LB208", "level": "info"})
    assert rollout.notes("\n".join((mismatch, denied, REFUSED, line(), informed, mismatch, "text"))) == [
        "LB701: no role; fix: annotate",
        "LB511: denied",
    ]
