"""What one decision may see of the cluster; immutable. Names are Kubernetes' own, snake_cased; only fields that are read exist."""

from collections.abc import Mapping
from dataclasses import dataclass, field

Key = tuple[str, str]
"""(namespace, name); the namespace of a cluster-scoped object is empty."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Metadata:
    """`metadata` of any object. `deletion_timestamp` and `creation_timestamp` are RFC 3339 texts, empty when absent."""

    namespace: str = ""
    name: str = ""
    uid: str = ""
    resource_version: str = ""
    generation: int = 0
    creation_timestamp: str = ""
    deletion_timestamp: str = ""
    labels: Mapping[str, str] = field(default_factory=dict)
    annotations: Mapping[str, str] = field(default_factory=dict)
    finalizers: tuple[str, ...] = ()

    @property
    def key(self) -> Key:
        """(namespace, name)."""
        return (self.namespace, self.name)

    @property
    def deleting(self) -> bool:
        """Whether the object waits for its finalizers."""
        return bool(self.deletion_timestamp)


@dataclass(frozen=True, slots=True)
class IngressBackend:
    """`backend`: a Service port, by number or by name. `service` is None for a resource backend; `port` is None where none was written."""

    service: str | None = None
    port: int | str | None = None


@dataclass(frozen=True, slots=True)
class IngressPath:
    """One of `spec.rules[].http.paths[]`; `path_type` is None where it was not written."""

    path: str
    path_type: str | None
    backend: IngressBackend


@dataclass(frozen=True, slots=True)
class IngressRule:
    """One of `spec.rules[]`; `paths` is None where `http` was not written."""

    host: str
    paths: tuple[IngressPath, ...] | None


@dataclass(frozen=True, slots=True)
class IngressTLS:
    """One of `spec.tls[]`."""

    hosts: tuple[str, ...]
    secret_name: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadBalancerIngress:
    """One of `status.loadBalancer.ingress[]`."""

    hostname: str = ""
    ip: str = ""
    ports: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Ingress:
    """networking.k8s.io/v1 Ingress."""

    metadata: Metadata
    ingress_class_name: str | None = None
    default_backend: IngressBackend | None = None
    rules: tuple[IngressRule, ...] = ()
    tls: tuple[IngressTLS, ...] = ()
    status: tuple[LoadBalancerIngress, ...] = ()


@dataclass(frozen=True, slots=True)
class ServicePort:
    """One of `spec.ports[]`; `target_port` is a number or a container port's name; `node_port` is 0 where none was allocated."""

    name: str
    port: int
    target_port: int | str
    protocol: str = "TCP"
    node_port: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    """v1 Service."""

    metadata: Metadata
    type: str = "ClusterIP"
    ports: tuple[ServicePort, ...] = ()
    selector: Mapping[str, str] = field(default_factory=dict)
    cluster_ip: str = ""
    ip_families: tuple[str, ...] = ()
    external_traffic_policy: str = ""
    load_balancer_class: str = ""


@dataclass(frozen=True, slots=True)
class ParametersReference:
    """IngressClass `spec.parameters`; `api_group` is None where it was not written."""

    api_group: str | None
    kind: str
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class IngressClass:
    """networking.k8s.io/v1 IngressClass."""

    metadata: Metadata
    controller: str = ""
    parameters: ParametersReference | None = None


@dataclass(frozen=True, slots=True)
class LabelRequirement:
    """One of `matchExpressions[]`."""

    key: str
    operator: str
    values: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class LabelSelector:
    """metav1.LabelSelector; empty matches everything."""

    match_labels: Mapping[str, str] = field(default_factory=dict)
    match_expressions: tuple[LabelRequirement, ...] = ()


@dataclass(frozen=True, slots=True)
class ListenerParams:
    """IngressClassParams `spec.listeners[]`; `attributes` are (key, value) pairs in their order."""

    protocol: str
    port: int
    attributes: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class SubnetParams:
    """IngressClassParams `spec.subnets`: ids or tag filters, None where not written."""

    ids: tuple[str, ...] | None = None
    tags: Mapping[str, tuple[str, ...]] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class IngressClassParams:
    """elbv2.k8s.aws/v1beta1 IngressClassParams; None or empty means not written."""

    metadata: Metadata
    load_balancer_name: str = ""
    certificate_arn: tuple[str, ...] = ()
    namespace_selector: LabelSelector | None = None
    group_name: str | None = None
    scheme: str | None = None
    inbound_cidrs: tuple[str, ...] = ()
    ssl_policy: str = ""
    ssl_redirect_port: str = ""
    subnets: SubnetParams | None = None
    ip_address_type: str | None = None
    tags: tuple[tuple[str, str], ...] = ()
    target_type: str | None = None
    load_balancer_attributes: tuple[tuple[str, str], ...] = ()
    listeners: tuple[ListenerParams, ...] = ()
    minimum_load_balancer_capacity: int | None = None
    ipam_configured: bool = False
    ipv4_ipam_pool_id: str | None = None
    prefix_lists_ids: tuple[str, ...] = ()
    prefix_lists_ids_legacy: tuple[str, ...] = ()
    wafv2_acl_arn: str = ""
    wafv2_acl_name: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Namespace:
    """v1 Namespace."""

    metadata: Metadata


@dataclass(frozen=True, slots=True, kw_only=True)
class Secret:
    """v1 Secret, decoded; the values never appear in a repr."""

    metadata: Metadata
    data: Mapping[str, bytes] = field(default_factory=dict, repr=False)


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
        """The EC2 instance id in `aws:///zone/i-…`; empty for a hybrid node (`mi-…`) or anything else that is no instance."""
        last = self.provider_id.rsplit("/", 1)[-1]
        return last if last.startswith("i-") and not self.provider_id.startswith("eks-hybrid:") else ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Condition:
    """A pod condition; only those that decide are kept."""

    type: str
    status: str
    reason: str = ""
    message: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pod:
    """v1 Pod, as far as targets need it. `container_ports` are (name, number); `pod_eni` is the VPC CNI's annotation."""

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
    conditions: tuple[Condition, ...] = ()
    pod_eni: str = ""


@dataclass(frozen=True, slots=True)
class Endpoint:
    """One of an EndpointSlice's endpoints: first address only. `ready` is None where it was not written."""

    address: str
    pod: Key | None
    node_name: str = ""
    ready: bool | None = None
    terminating: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class EndpointSlice:
    """discovery.k8s.io/v1 EndpointSlice; `ports` are (name, number or None)."""

    namespace: str
    name: str
    service: str
    address_type: str = "IPv4"
    ports: tuple[tuple[str, int | None], ...] = ()
    endpoints: tuple[Endpoint, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class TargetGroupBinding:
    """elbv2.k8s.aws/v1beta1 TargetGroupBinding as the cluster has it.

    `networking` is the raw `spec.networking` JSON text, empty when absent.
    """

    metadata: Metadata
    target_group_arn: str = ""
    target_group_name: str = ""
    target_type: str = ""
    service: str = ""
    port: int | str = 0
    networking: str = ""
    node_selector: LabelSelector | None = None
    ip_address_type: str = ""
    vpc_id: str = ""
    multi_cluster: bool = False
    target_group_protocol: str = ""
    iam_role_arn: str = ""
    external_id: str = ""
    observed_generation: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Snapshot:
    """The cluster at one moment. Maps are keyed by (namespace, name); cluster-scoped objects by ("", name)."""

    ingresses: Mapping[Key, Ingress] = field(default_factory=dict)
    services: Mapping[Key, Service] = field(default_factory=dict)
    ingress_classes: Mapping[Key, IngressClass] = field(default_factory=dict)
    ingress_class_params: Mapping[Key, IngressClassParams] = field(default_factory=dict)
    namespaces: Mapping[Key, Namespace] = field(default_factory=dict)
    secrets: Mapping[Key, Secret] = field(default_factory=dict)
    nodes: Mapping[Key, Node] = field(default_factory=dict)
    pods: Mapping[Key, Pod] = field(default_factory=dict)
    endpoint_slices: Mapping[Key, EndpointSlice] = field(default_factory=dict)
    bindings: Mapping[Key, TargetGroupBinding] = field(default_factory=dict)
    complete: bool = True
    """Whether what is not here does not exist: true for a cluster, false for a few files, where a missing Service is only unknown."""
