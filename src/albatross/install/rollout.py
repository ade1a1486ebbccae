"""How far a Deployment of the controller is: what it waits for, and what prevents it. Kubernetes objects are JSON here."""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from albatross.catalog.problems import PROBLEMS
from albatross.model.problem import Origin, Problem

Object = Mapping[str, Any]

PULL = frozenset(("ErrImagePull", "ImagePullBackOff", "InvalidImageName", "ErrImageNeverPull", "ImageInspectError", "RegistryUnavailable"))
LASTING = frozenset(("ImagePullBackOff", "InvalidImageName", "ErrImageNeverPull"))
"""Reasons that do not end by themselves soon; the first attempts have failed."""
ENDINGS = 3
"""A container that ended this many times will not get ready (chosen by us: the kubelet waits 10, then 20 seconds between them)."""
LINES = 3
END = "error: "
"""The start of the line with which the controller ends."""
CODE = re.compile(r"\bLB\d{3}\b")
READ_LOG = "read the log: kubectl logs -n {namespace} {name} --previous"
WATCH_POD = "see what happens to it: kubectl describe pod -n {namespace} {name}"


@dataclass(frozen=True, slots=True)
class Progress:
    """One look at the rollout. `waiting` is empty when it is ready. `problem` is the first cause; `final`: more time does not help."""

    waiting: str
    problem: Problem | None = None
    final: bool = False


def look(deployment: Object, pods: Sequence[Object], events: Sequence[Object], leader: str | None) -> Progress:
    """The progress. `leader` is the holder of the Lease; None: no leader is needed."""
    living = sorted((pod for pod in pods if not pod["metadata"].get("deletionTimestamp")), key=_age, reverse=True)
    wanted, status = deployment["spec"].get("replicas", 1), deployment.get("status") or {}
    if status.get("observedGeneration", 0) < deployment["metadata"].get("generation", 1):
        return Progress("the cluster to read the Deployment")
    for pod in living:
        if found := _pod(pod, events):
            return found
    if status.get("updatedReplicas", 0) < wanted or len(living) < wanted:
        return Progress(f"pods: {len(living)} of {wanted} exist", _refused(deployment))
    if status.get("availableReplicas", 0) < wanted or status.get("replicas", 0) > wanted:
        return Progress(f"ready pods: {status.get('availableReplicas', 0)} of {wanted}, and the old ones to end")
    if leader is not None and not any(leader.startswith(pod["metadata"]["name"]) for pod in living):
        holder = f"the Lease is held by {leader}" if leader else "nobody holds the Lease"
        return Progress(f"a leader: {holder}", _unready(_origin(living[0]), holder))
    return Progress("")


def _age(pod: Object) -> str:
    return str(pod["metadata"].get("creationTimestamp", ""))


def _refused(deployment: Object) -> Problem | None:
    """Why the cluster creates no pods, such as a quota or an admission webhook."""
    said = [
        each.get("message", "") for each in (deployment.get("status") or {}).get("conditions") or () if each["type"] == "ReplicaFailure"
    ]
    at = Origin("Deployment", deployment["metadata"].get("namespace", ""), deployment["metadata"]["name"])
    return _unready(at, said[0], "correct what the message names") if said else None


def _origin(pod: Object) -> Origin:
    return Origin("Pod", pod["metadata"].get("namespace", ""), pod["metadata"]["name"])


def _unready(at: Origin, said: str, remedy: str = WATCH_POD) -> Problem:
    return Problem("LB737", at, (("remedy", remedy.format(namespace=at.namespace, name=at.name)), ("said", said)))


def _pod(pod: Object, events: Sequence[Object]) -> Progress | None:
    """What one pod waits for; None if it is ready."""
    status = pod.get("status") or {}
    conditions = {each["type"]: each for each in status.get("conditions") or ()}
    name = f"pod {pod['metadata']['name']}"
    if conditions.get("Ready", {}).get("status") == "True":
        return None
    scheduled = conditions.get("PodScheduled", {})
    if not pod["spec"].get("nodeName"):
        said = scheduled.get("message") or "the scheduler has not chosen a node yet"
        return Progress(f"a node for {name}", Problem("LB735", _origin(pod), (("said", said),)))
    for container in status.get("containerStatuses") or ():
        if found := _container(pod, container):
            return found
    unhealthy = _said(pod, events)
    return Progress(f"{name} to be ready" + (f": {unhealthy}" if unhealthy else ""), _unready(_origin(pod), unhealthy or "it is starting"))


def _container(pod: Object, container: Object) -> Progress | None:
    waiting = (container.get("state") or {}).get("waiting") or {}
    reason, name = waiting.get("reason", ""), f"pod {pod['metadata']['name']}"
    if reason in PULL:
        args = (("image", container["image"]), ("node", pod["spec"]["nodeName"]), ("said", waiting.get("message") or reason))
        return Progress(f"the image of {name}: {reason}", Problem("LB734", _origin(pod), args), reason in LASTING)
    ended = [state["terminated"] for state in (container.get("state"), container.get("lastState")) if state and state.get("terminated")]
    if ended and "running" not in (container.get("state") or {}):
        at = _origin(pod)
        args = (
            ("exit", str(ended[0].get("exitCode"))),
            ("remedy", READ_LOG.format(namespace=at.namespace, name=at.name)),
            ("said", "nothing"),
        )
        times = container.get("restartCount", 0) + 1
        return Progress(f"{name}: the controller ended and starts again", Problem("LB736", at, args), times >= ENDINGS)
    if reason and reason not in ("ContainerCreating", "PodInitializing"):
        said = f"{reason}: {waiting.get('message', '')}".rstrip(": ")
        return Progress(f"{name}: {said}", _unready(_origin(pod), said))
    return None


def _said(pod: Object, events: Sequence[Object]) -> str:
    """The message of the last warning about the pod."""
    about = [
        each
        for each in events
        if each.get("type") == "Warning" and (each.get("involvedObject") or {}).get("name") == pod["metadata"]["name"]
    ]
    last = max(about, key=lambda each: str(each.get("lastTimestamp") or each.get("eventTime") or ""), default=None)
    return str(last.get("message", "")) if last else ""


def explained(problem: Problem, log: str) -> Problem:
    """The problem with the last lines of the controller's log; a problem of the controller in them gives the fix."""
    lines = _once(warnings(log))
    if not lines:
        return problem
    args = dict(problem.args)
    args["said"] = " | ".join(lines[-LINES:]) if problem.code == "LB736" else f"{args['said']}; its log ends: {lines[-1]}"
    for code in reversed([code for line in lines for code in CODE.findall(line)]):
        if code in PROBLEMS:
            args["remedy"] = f"see `albatross explain {code}`"
            break
    return replace(problem, args=tuple(sorted(args.items())))


def _once(lines: Sequence[str]) -> list[str]:
    """Without the last words of earlier starts: they differ only by the id of a request."""
    ends = [line for line in lines if line.startswith(END)]
    return [line for line in lines if line not in ends[:-1]]


def warnings(log: str) -> list[str]:
    """The warnings and errors in a log, in words; what is repeated after each start occurs once."""
    return list(dict.fromkeys(text for line in log.splitlines() if (text := _line(line))))


def notes(log: str) -> list[str]:
    """The problems that the controller found at its start and works with, one line each. Those of the webhooks are not among them:
    the first attempts to reach a new pod often fail."""
    found = []
    for line in log.splitlines():
        read = _read(line)
        if str(read.get("code", "LB75")).startswith("LB75") or read.get("level") == "info":
            continue
        found.append(str(read.get("problem") or f"{read['code']}: {read.get('message', '')}; fix: {read.get('fix', '')}"))
    return list(dict.fromkeys(found))


def registered(configuration: Object | None, at: Origin, log: str) -> Progress:
    """Whether the API server calls the webhooks. The leader registers them when it is reached; its log says why it is not."""
    if configuration is not None:
        return Progress("")
    said = next((text for line in reversed(log.splitlines()) if (text := _hindrance(line))), "the leader has not tried it yet")
    return Progress(f"the API server to reach the webhooks: {said}", Problem("LB756", at, (("said", said),)))


def _hindrance(line: str) -> str:
    """What a line of the log says about webhooks that are not registered; empty if it is about something else."""
    read = _read(line)
    return str(read.get("problem", "")) if str(read.get("code", "")).startswith("LB75") else ""


def _read(line: str) -> Object:
    """A line of the log as JSON; empty if it is something else."""
    try:
        read = json.loads(line)
    except ValueError:
        return {}
    return read if isinstance(read, dict) else {}


def _line(line: str) -> str:
    """A line of the log in words: JSON lines become their event and its details."""
    read = _read(line)
    if not read:
        return line.strip()
    hidden = ("event", "level", "timestamp")
    details = " ".join(f"{name}={value}" for name, value in read.items() if name not in hidden)
    return f"{read.get('event', '')} {details}".strip() if read.get("level") in ("warning", "error", "critical") else ""
