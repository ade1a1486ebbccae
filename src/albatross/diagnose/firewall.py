"""Whether security groups let one side reach the other. Items are as EC2 describes them."""

import ipaddress
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from albatross.diagnose.evidence import Body, Evidence


@dataclass(frozen=True, slots=True, kw_only=True)
class Side:
    """One side of a connection: its security groups and its addresses."""

    groups: frozenset[str] = frozenset()
    addresses: tuple[str, ...] = ()


def allows(firewalls: Mapping[str, Body], target: Side, source: Side, port: int) -> bool:
    """Whether an inbound rule of one of the target's groups allows TCP to the port from the source. Prefix lists count as allowed."""
    return any(
        _port(rule, port) and _source(rule, source)
        for group in target.groups
        for rule in (firewalls.get(group) or {}).get("IpPermissions") or ()
    )


def _port(rule: Body, port: int) -> bool:
    protocol = str(rule.get("IpProtocol"))
    return protocol == "-1" or (protocol in ("tcp", "6") and rule.get("FromPort", 0) <= port <= rule.get("ToPort", 65535))


def _source(rule: Body, source: Side) -> bool:
    if rule.get("PrefixListIds") or any(pair.get("GroupId") in source.groups for pair in rule.get("UserIdGroupPairs") or ()):
        return True
    ranges = [str(each.get("CidrIp")) for each in rule.get("IpRanges") or ()]
    ranges += [str(each.get("CidrIpv6")) for each in rule.get("Ipv6Ranges") or ()]
    return any(_within(address, cidr) for address in source.addresses for cidr in ranges)


def _within(address: str, cidr: str) -> bool:
    """Whether an address or a network is in a network."""
    one, other = ipaddress.ip_network(address, strict=False), ipaddress.ip_network(cidr, strict=False)
    return one.version == other.version and one.network_address in other and one.prefixlen >= other.prefixlen


def inside(address: str, cidrs: Iterable[str]) -> bool:
    """Whether an address is in one of the networks."""
    return any(_within(address, cidr) for cidr in cidrs)


def table(evidence: Evidence) -> Mapping[str, Body]:
    """The security groups of the VPC by id."""
    return {str(each["GroupId"]): each for each in evidence.aws.firewalls}


def of_address(evidence: Evidence, address: str) -> frozenset[str]:
    """The security groups of the network interface with a private address; empty if it is not known."""
    return frozenset(
        str(group["GroupId"]) for each in evidence.aws.interfaces if address in _addresses(each) for group in each.get("Groups") or ()
    )


def _addresses(interface: Body) -> Iterable[str]:
    yield str(interface.get("PrivateIpAddress"))
    yield from (str(each.get("PrivateIpAddress")) for each in interface.get("PrivateIpAddresses") or ())


def of_instance(evidence: Evidence, instance: str) -> frozenset[str]:
    """The security groups of an instance; empty if it is not known."""
    found = [each for each in evidence.aws.instances if each.get("InstanceId") == instance]
    return frozenset(str(group["GroupId"]) for each in found for group in each.get("SecurityGroups") or ())


def opened(evidence: Evidence, target: str, port: int, source: str) -> str:
    """The command that allows a security group to reach a port of another one. A source that is not a group is a CIDR."""
    given = f"--source-group {source}" if source.startswith("sg-") else f"--cidr {source}"
    region = f" --region {evidence.config.region}" if evidence.config.region else ""
    return f"aws ec2 authorize-security-group-ingress{region} --group-id {target} --protocol tcp --port {port} {given}"


def control(evidence: Evidence) -> str:
    """The security group that EKS gives to the control plane; empty if it is not known."""
    return str((evidence.aws.cluster.get("resourcesVpcConfig") or {}).get("clusterSecurityGroupId") or "")
