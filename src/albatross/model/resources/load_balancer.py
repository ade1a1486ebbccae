"""AWS::ElasticLoadBalancingV2::LoadBalancer."""

from dataclasses import dataclass, field

from albatross.model.resources.ref import Pairs, Token


@dataclass(frozen=True, slots=True, kw_only=True)
class SubnetMapping:
    """A subnet, and the addresses of a network load balancer in it."""

    subnet_id: str
    allocation_id: str | None = None
    private_ipv4_address: str | None = None
    ipv6_address: str | None = None
    source_nat_ipv6_prefix: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadBalancer:
    """An application or network load balancer. `minimum_capacity` is in LCUs: None makes no change in AWS, 0 resets it.

    `ipv6_source_nat` and `private_link_rules` are `on` or `off`; None makes no change in AWS.
    """

    id: str
    name: str = field(metadata={"diff": "ignore"})
    type: str = field(metadata={"diff": "replace"})
    scheme: str = field(metadata={"diff": "replace"})
    ip_address_type: str
    subnet_mappings: tuple[SubnetMapping, ...] = ()
    security_groups: tuple[Token, ...] = ()
    customer_owned_ipv4_pool: str | None = field(default=None, metadata={"diff": "ignore"})
    attributes: Pairs = ()
    minimum_capacity: int | None = field(default=None, metadata={"diff": "apart"})
    tags: Pairs = ()
    ipv4_ipam_pool: str | None = None
    ipv6_source_nat: str | None = None
    private_link_rules: str | None = None
