"""The part of the cluster that a decision can read; immutable. Kubernetes field names in snake_case; unused fields are left out."""

from albatross.model.snapshot.cluster import Snapshot
from albatross.model.snapshot.core import Key, LabelRequirement, LabelSelector, Metadata, Namespace, Secret, ServiceAccount
from albatross.model.snapshot.custom import IngressClassParams, ListenerParams, SubnetParams, TargetGroupBinding
from albatross.model.snapshot.ingress import (
    Ingress,
    IngressBackend,
    IngressClass,
    IngressPath,
    IngressRule,
    IngressTLS,
    LoadBalancerIngress,
    ParametersReference,
)
from albatross.model.snapshot.service import Endpoint, EndpointSlice, Service, ServicePort
from albatross.model.snapshot.workload import Container, ContainerPort, Node, Pod, PodCondition, Probe, ServerId, Taint, Workload

__all__ = [
    "Container",
    "ContainerPort",
    "Endpoint",
    "EndpointSlice",
    "Ingress",
    "IngressBackend",
    "IngressClass",
    "IngressClassParams",
    "IngressPath",
    "IngressRule",
    "IngressTLS",
    "Key",
    "LabelRequirement",
    "LabelSelector",
    "ListenerParams",
    "LoadBalancerIngress",
    "Metadata",
    "Namespace",
    "Node",
    "ParametersReference",
    "Pod",
    "PodCondition",
    "Probe",
    "Secret",
    "ServerId",
    "Service",
    "ServiceAccount",
    "ServicePort",
    "Snapshot",
    "SubnetParams",
    "Taint",
    "TargetGroupBinding",
    "Workload",
]
