"""Load balancers: elbv2 `LoadBalancer` ↔ model."""

from collections.abc import Mapping
from typing import Any

from albatross.aws.wire.action import given, literal
from albatross.model.observed import Owned
from albatross.model.resources.load_balancer import LoadBalancer, SubnetMapping
from albatross.model.resources.ref import Pairs, Ref

Item = Mapping[str, Any]


def creation(balancer: LoadBalancer) -> dict[str, Any]:
    """Model → CreateLoadBalancer, without tags."""
    return given(
        Name=balancer.name,
        Type=balancer.type,
        Scheme=balancer.scheme,
        IpAddressType=balancer.ip_address_type,
        SubnetMappings=mappings(balancer),
        SecurityGroups=[literal(each) for each in balancer.security_groups] or None,
        CustomerOwnedIpv4Pool=balancer.customer_owned_ipv4_pool,
        IpamPools={"Ipv4IpamPoolId": balancer.ipv4_ipam_pool} if balancer.ipv4_ipam_pool else None,
        EnablePrefixForIpv6SourceNat=balancer.ipv6_source_nat,
    )


def mappings(balancer: LoadBalancer) -> list[dict[str, Any]]:
    """Model → `SubnetMappings`."""
    return [
        given(
            SubnetId=each.subnet_id,
            AllocationId=each.allocation_id,
            PrivateIPv4Address=each.private_ipv4_address,
            IPv6Address=each.ipv6_address,
            SourceNatIpv6Prefix=each.source_nat_ipv6_prefix,
        )
        for each in balancer.subnet_mappings
    ]


def read(item: Item, tags: Pairs, resource: str, attributes: Pairs = (), capacity: int | None = None) -> Owned[LoadBalancer]:
    """Answer → model; `capacity` is None if it was not read."""
    zones = sorted(item.get("AvailabilityZones") or (), key=lambda zone: zone.get("SubnetId", ""))
    balancer = LoadBalancer(
        id=resource,
        name=item.get("LoadBalancerName", ""),
        type=item.get("Type", ""),
        scheme=item.get("Scheme", ""),
        ip_address_type=item.get("IpAddressType", ""),
        subnet_mappings=tuple(_mapping(zone) for zone in zones if zone.get("SubnetId")),
        security_groups=tuple(sorted(item.get("SecurityGroups") or ())),
        customer_owned_ipv4_pool=item.get("CustomerOwnedIpv4Pool") or None,
        attributes=attributes,
        minimum_capacity=capacity,
        ipv4_ipam_pool=(item.get("IpamPools") or {}).get("Ipv4IpamPoolId") or None,
        ipv6_source_nat=item.get("EnablePrefixForIpv6SourceNat") or None,
        private_link_rules=item.get("EnforceSecurityGroupInboundRulesOnPrivateLinkTraffic") or None,
    )
    return Owned(
        resource=balancer,
        arn=item["LoadBalancerArn"],
        tags=tags,
        dns_name=item.get("DNSName", ""),
        zone_id=item.get("CanonicalHostedZoneId", ""),
        state=(item.get("State") or {}).get("Code", ""),
    )


def _mapping(zone: Item) -> SubnetMapping:
    address: Item = next(iter(zone.get("LoadBalancerAddresses") or ()), {})
    return SubnetMapping(
        subnet_id=zone["SubnetId"],
        allocation_id=address.get("AllocationId"),
        private_ipv4_address=address.get("PrivateIPv4Address"),
        ipv6_address=address.get("IPv6Address"),
        source_nat_ipv6_prefix=next(iter(zone.get("SourceNatIpv6Prefixes") or ()), None),
    )


def learnt(resource: str, item: Item) -> Mapping[Ref, str]:
    """The ids of a created load balancer."""
    known = {"arn": item["LoadBalancerArn"], "dns_name": item.get("DNSName", ""), "zone_id": item.get("CanonicalHostedZoneId", "")}
    return {Ref("LoadBalancer", resource, field): value for field, value in known.items() if value}
