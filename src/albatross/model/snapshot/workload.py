"""Pods, their nodes and the workloads that make them, with the fields that targets need."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Taint:
    """One of a Node's `spec.taints[]`."""

    key: str
    effect: str
    value: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Node:
    """v1 Node. `ready` is the status of its Ready condition: True, False, Unknown or empty."""

    name: str
    uid: str = ""
    created: str = ""
    provider_id: str = ""
    labels: Mapping[str, str] = field(default_factory=dict)
    taints: tuple[Taint, ...] = ()
    addresses: tuple[tuple[str, str], ...] = ()
    ready: str = ""

    @property
    def instance_id(self) -> str:
        """The EC2 instance id in `aws:///zone/i-…`; empty for a hybrid node (`mi-…`) or any other id that does not name an instance."""
        last = self.provider_id.rsplit("/", 1)[-1]
        return last if last.startswith("i-") and not self.provider_id.startswith("eks-hybrid:") else ""


@dataclass(frozen=True, slots=True, kw_only=True)
class PodCondition:
    """A pod condition; only conditions that affect decisions are kept."""

    type: str
    status: str
    reason: str = ""
    message: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerId:
    """A QUIC server id (`0x` and 16 hexadecimal characters) of one container: the variable that has it, and the container's ports."""

    variable: str
    id: str
    ports: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Pod:
    """v1 Pod, with the fields that targets need. `container_ports` are (name, number); `pod_eni` is the annotation of the VPC CNI.

    `server_ids`: only of pods that ask for QUIC, in the order of the containers.
    """

    namespace: str
    name: str
    uid: str = ""
    created: str = ""
    deleting: bool = False
    pod_ip: str = ""
    node_name: str = ""
    labels: Mapping[str, str] = field(default_factory=dict)
    container_ports: tuple[tuple[str, int], ...] = ()
    readiness_gates: tuple[str, ...] = ()
    conditions: tuple[PodCondition, ...] = ()
    pod_eni: str = ""
    server_ids: tuple[ServerId, ...] = ()


@dataclass(frozen=True, slots=True)
class ContainerPort:
    """One of a container's `ports[]`."""

    name: str
    number: int
    host_port: int = 0


@dataclass(frozen=True, slots=True)
class Probe:
    """A readinessProbe; `kind` is httpGet, grpc, tcpSocket or exec. `port` is a number or the name of a port of the same container."""

    kind: str
    port: int | str = 0
    path: str = ""
    scheme: str = ""


@dataclass(frozen=True, slots=True)
class Container:
    """A container of a pod; `field` is its path in the workload."""

    field: str
    ports: tuple[ContainerPort, ...] = ()
    probe: Probe | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Workload:
    """A Pod, or an object that makes pods, in a file. `labels` are those of its pods; None: its pod template cannot be read."""

    kind: str
    namespace: str
    name: str
    labels: Mapping[str, str] | None = None
    containers: tuple[Container, ...] = ()
    host_network: bool = False
