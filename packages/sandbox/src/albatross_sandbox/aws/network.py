"""What ELBv2 demands of the subnets and security groups it is given."""

import ipaddress
import re
from dataclasses import dataclass
from typing import Any

from albatross_sandbox.aws.cloud import Cloud, Subnet
from albatross_sandbox.aws.fault import Fault, invalid
from albatross_sandbox.aws.store import Placement

_FREE = 8  # user guide, "Subnets for your load balancer": at least 8 free addresses in each
_GROUPS = 5  # security groups per network interface, the EC2 default


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a request says of a load balancer's place in the network."""

    kind: str
    scheme: str
    ip_address_type: str
    subnets: list[str] | None
    mappings: list[dict[str, Any]] | None


async def place(cloud: Cloud, wanted: Wanted) -> tuple[str, list[Placement]]:
    """The VPC and the placements of a load balancer; raises AWS's faults for subnets that will not do."""
    mappings = _mappings(wanted)
    known = await cloud.subnets()
    if missing := [m["SubnetId"] for m in mappings if m["SubnetId"] not in known]:
        raise Fault("SubnetNotFound", f"The subnet ID '{missing[0]}' does not exist")
    subnets = [known[m["SubnetId"]] for m in mappings]
    _check_zones(wanted, subnets)
    _check_addresses(wanted, subnets)
    vpc_id = subnets[0].vpc_id
    if wanted.scheme == "internet-facing" and vpc_id not in await cloud.gateways():
        raise Fault("InvalidSubnet", f"VPC {vpc_id} has no internet gateway")
    elastic = await _allocations(cloud, wanted, mappings)
    return vpc_id, [_placement(m, subnet, elastic) for m, subnet in zip(mappings, subnets, strict=True)]


def _mappings(wanted: Wanted) -> list[dict[str, Any]]:
    if wanted.subnets and wanted.mappings:
        raise invalid("Subnets and subnet mappings cannot be specified at the same time")
    rows = wanted.mappings or [{"SubnetId": subnet} for subnet in wanted.subnets or []]
    if not rows:
        raise invalid("You must specify either subnets or subnet mappings")
    if len({row.get("SubnetId") for row in rows}) < len(rows) or not all(row.get("SubnetId") for row in rows):
        raise invalid("Each subnet must be specified exactly once")
    return rows


def _check_zones(wanted: Wanted, subnets: list[Subnet]) -> None:
    if len({subnet.vpc_id for subnet in subnets}) > 1:
        raise Fault("InvalidConfigurationRequest", "All subnets must belong to the same VPC")
    zones = [subnet.zone for subnet in subnets]
    if len(set(zones)) < len(zones):
        raise Fault("InvalidConfigurationRequest", "A load balancer cannot be attached to multiple subnets in the same Availability Zone")
    if wanted.kind == "application" and len(zones) < 2:
        raise invalid("At least two subnets in two different Availability Zones must be specified")


def _check_addresses(wanted: Wanted, subnets: list[Subnet]) -> None:
    if wanted.ip_address_type.startswith("dualstack") and not all(subnet.ipv6 for subnet in subnets):
        raise invalid("You must specify subnets with an associated IPv6 CIDR block.")
    if wanted.ip_address_type == "dualstack-without-public-ipv4" and (wanted.kind, wanted.scheme) != ("application", "internet-facing"):
        raise Fault("InvalidConfigurationRequest", "dualstack-without-public-ipv4 needs an internet-facing Application Load Balancer")
    for subnet in subnets:
        if subnet.free < _FREE:
            need = f"ELB requires at least {_FREE} free IP addresses in each subnet."
            raise Fault("InvalidSubnet", f"Not enough IP space available in {subnet.id}. {need}")


async def _allocations(cloud: Cloud, wanted: Wanted, mappings: list[dict[str, Any]]) -> dict[str, str]:
    """The public addresses, by allocation id, that the mappings ask for among others; raises AWS's faults for those that will not do."""
    asked = [m["AllocationId"] for m in mappings if m.get("AllocationId")]
    private = [m for m in mappings if m.get("PrivateIPv4Address")]
    if (asked or private) and wanted.kind != "network":
        raise invalid("Addresses can be specified for the subnets of a Network Load Balancer only")
    if asked and wanted.scheme != "internet-facing":
        raise Fault("InvalidConfigurationRequest", "Elastic IP addresses are supported for internet-facing load balancers only")
    if private and wanted.scheme != "internal":
        raise Fault("InvalidConfigurationRequest", "Private IPv4 addresses are supported for internal load balancers only")
    elastic = await cloud.allocations() if asked else {}
    if unknown := set(asked) - elastic.keys():
        raise Fault("AllocationIdNotFound", f"The allocation IDs '{', '.join(sorted(unknown))}' do not exist")
    return elastic


def _placement(mapping: dict[str, Any], subnet: Subnet, elastic: dict[str, str]) -> Placement:
    private = mapping.get("PrivateIPv4Address")
    if private and ipaddress.ip_address(private) not in ipaddress.ip_network(subnet.cidr):
        raise Fault("InvalidSubnet", f"The address '{private}' is not in the CIDR of {subnet.id}")
    allocation, six, prefix = (mapping.get(each) for each in ("AllocationId", "IPv6Address", "SourceNatIpv6Prefix"))
    return Placement(subnet.id, subnet.zone, allocation, private, six, prefix, elastic.get(allocation or ""))


async def secure(cloud: Cloud, kind: str, vpc_id: str, asked: list[str] | None) -> list[str]:
    """The security groups of a load balancer: those asked for, or for an application one the VPC's default."""
    if not asked:
        return await cloud.default_groups(vpc_id) if kind == "application" else []
    if kind == "gateway":
        raise Fault("InvalidConfigurationRequest", "Security groups are not supported for load balancers with type 'gateway'")
    if malformed := [group for group in asked if not re.fullmatch(r"sg-[0-9a-f]{8,17}", group)]:
        raise invalid(f"Security group '{malformed[0]}' is not valid")
    known = await cloud.security_groups(asked)
    if missing := [group for group in asked if group not in known]:
        raise Fault("InvalidSecurityGroup", f"The security groups '{', '.join(missing)}' do not exist")
    if any(known[group] != vpc_id for group in asked):
        raise Fault("InvalidConfigurationRequest", "One or more security groups are invalid")
    if len(set(asked)) > _GROUPS:
        raise Fault("InvalidConfigurationRequest", f"The maximum number of security groups per load balancer is {_GROUPS}")
    return list(dict.fromkeys(asked))
