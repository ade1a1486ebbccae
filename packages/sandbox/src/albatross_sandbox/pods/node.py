"""The cluster's nodes, as the kubelet and the AWS cloud provider would report them."""

from typing import Any

from albatross_sandbox.pods.objects import Object, now, set_condition
from albatross_sandbox.pods.view import NODES, View

VERSION = "v1.37.0"
INSTANCE_TYPE = "m6i.large"
PRESSURES = (
    ("MemoryPressure", "KubeletHasSufficientMemory", "kubelet has sufficient memory available"),
    ("DiskPressure", "KubeletHasNoDiskPressure", "kubelet has no disk pressure"),
    ("PIDPressure", "KubeletHasSufficientPID", "kubelet has sufficient PID available"),
)


async def register(view: View, config: dict[str, Any]) -> None:
    """Create the nodes of the configuration that are not there yet, and say that all are ready."""
    for entry in config["nodes"]:
        node = await view.create(NODES, _node(entry, config)) or view.get(NODES, "", entry["name"])
        if node is not None:
            await view.edit(NODES, node, lambda found, ip=entry["private_ip"]: _report(found, ip), "status")  # type: ignore[misc]


def _node(entry: dict[str, Any], config: dict[str, Any]) -> Object:
    labels = {
        "kubernetes.io/hostname": entry["name"],
        "kubernetes.io/os": "linux",
        "kubernetes.io/arch": "amd64",
        "node.kubernetes.io/instance-type": INSTANCE_TYPE,
        "topology.kubernetes.io/region": config["region"],
        "topology.kubernetes.io/zone": entry["zone"],
    }
    spec = {"providerID": entry.get("provider_id") or f"aws:///{entry['zone']}/{entry['instance_id']}"}
    return {"apiVersion": "v1", "kind": "Node", "metadata": {"name": entry["name"], "labels": labels}, "spec": spec}


def _report(node: Object, ip: str) -> None:
    status = node.setdefault("status", {})
    room = {"cpu": "2", "memory": "8Gi", "ephemeral-storage": "20Gi", "pods": "1000"}
    status["capacity"], status["allocatable"] = room, room
    status["addresses"] = [
        {"type": "InternalIP", "address": ip},
        {"type": "InternalDNS", "address": node["metadata"]["name"]},
        {"type": "Hostname", "address": node["metadata"]["name"]},
    ]
    status["nodeInfo"] = _information(node)
    conditions = status.setdefault("conditions", [])
    for kind, reason, message in PRESSURES:
        _set(conditions, {"type": kind, "status": "False", "reason": reason, "message": message})
    _set(conditions, {"type": "Ready", "status": "True", "reason": "KubeletReady", "message": "kubelet is posting ready status"})


def _set(conditions: list[Object], wanted: Object) -> None:
    set_condition(conditions, {**wanted, "lastHeartbeatTime": now()})


def _information(node: Object) -> Object:
    return {
        "machineID": node["metadata"]["uid"].replace("-", ""),
        "systemUUID": node["metadata"]["uid"],
        "bootID": node["metadata"]["uid"],
        "architecture": "amd64",
        "operatingSystem": "linux",
        "osImage": "Albatross sandbox",
        "kernelVersion": "loopback",
        "containerRuntimeVersion": "sandbox://1",
        "kubeletVersion": VERSION,
        "kubeProxyVersion": VERSION,
    }
