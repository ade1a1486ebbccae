"""Objects of the CRDs that this controller installs (API group elbv2.k8s.aws)."""

from collections.abc import Mapping
from dataclasses import dataclass

from albatross.model.snapshot.core import LabelSelector, Metadata


@dataclass(frozen=True, slots=True)
class ListenerParams:
    """IngressClassParams `spec.listeners[]`; `attributes` are (key, value) pairs in their original order."""

    protocol: str
    port: int
    attributes: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class SubnetParams:
    """IngressClassParams `spec.subnets`: ids or tag filters, None if not written."""

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
class TargetGroupBinding:
    """elbv2.k8s.aws/v1beta1 TargetGroupBinding in its current state in the cluster.

    `networking` is the raw `spec.networking` JSON text, empty if not set. `excess`: the number of its rules or of the terms of its node
    selector, if that is more than what is read; then both are empty.
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
    excess: int = 0

    @property
    def quic(self) -> bool:
        """Whether its targets need QUIC server ids."""
        return self.target_group_protocol in ("QUIC", "TCP_QUIC")
