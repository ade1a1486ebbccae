"""The JSON of a pod → the noun, with only what decides."""

from albatross.catalog import quic
from albatross.catalog.shape import Cursor
from albatross.model.snapshot import Pod, PodCondition

ENI = "vpc.amazonaws.com/pod-eni"


def decides(condition: str) -> bool:
    """Whether a pod condition of this type is kept: readiness of the pod and its containers, and target health of any controller."""
    return condition in ("Ready", "ContainersReady") or condition.startswith("target-health.")


def running(spec: Cursor) -> list[Cursor]:
    """The containers that run while the pod runs: init containers only if they restart always."""
    sidecars = [container for container in spec["initContainers"].items() if container["restartPolicy"].text() == "Always"]
    return [*spec["containers"].items(), *sidecars]


def read(at: Cursor) -> Pod:
    """The pod."""
    meta, spec, status = at["metadata"], at["spec"], at["status"]
    containers = running(spec)
    ports = [port for container in containers for port in container["ports"].items()]
    return Pod(
        namespace=meta["namespace"].text() or "default",
        name=meta["name"].text(),
        uid=meta["uid"].text(),
        created=meta["creationTimestamp"].text(),
        deleting=meta["deletionTimestamp"].present,
        pod_ip=status["podIP"].text(),
        node_name=spec["nodeName"].text(),
        labels=meta["labels"].strings(),
        container_ports=tuple((port["name"].text(), port["containerPort"].number()) for port in ports),
        readiness_gates=tuple(gate["conditionType"].text() for gate in spec["readinessGates"].items()),
        conditions=tuple(_condition(entry) for entry in status["conditions"].items() if decides(entry["type"].text())),
        pod_eni=meta["annotations"].strings().get(ENI, ""),
        server_ids=quic.server_ids(map(_environment, containers)) if quic.ANNOTATION in meta["annotations"].strings() else (),
    )


def _environment(at: Cursor) -> quic.Container:
    variables = [(each["name"].text(), each["value"].text()) for each in at["env"].items()]
    return variables, tuple(port["containerPort"].number() for port in at["ports"].items())


def _condition(at: Cursor) -> PodCondition:
    return PodCondition(type=at["type"].text(), status=at["status"].text(), reason=at["reason"].text(), message=at["message"].text())
