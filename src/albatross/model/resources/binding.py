"""K8S::ElasticLoadBalancingV2::TargetGroupBinding, which the model loop writes and the targets loop reads."""

from dataclasses import dataclass, field

from albatross.model.resources.ref import Pairs, Token


@dataclass(frozen=True, slots=True, kw_only=True)
class NetworkingRule:
    """A part of `spec.networking.ingress[]`: one source and one port; `port` None means every port of the protocol.

    Rules with the same `entry` are one element of the list, with all their sources and all their ports; 0 means an element of its own.
    """

    source_group: Token = ""
    cidr: str = ""
    protocol: str = "TCP"
    port: int | str | None = None
    entry: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Binding:
    """A TargetGroupBinding object: which Service's endpoints are the targets of a target group. `networking` None: the field is omitted."""

    id: str
    namespace: str = field(metadata={"diff": "ignore"})
    name: str = field(metadata={"diff": "ignore"})
    labels: Pairs = ()
    target_group: Token
    target_type: str
    service: str
    port: int | str
    networking: tuple[NetworkingRule, ...] | None = None
    node_selector: Pairs = ()
    ip_address_type: str = "ipv4"
    vpc_id: str = ""
    multi_cluster: bool = False
    protocol: str = ""
