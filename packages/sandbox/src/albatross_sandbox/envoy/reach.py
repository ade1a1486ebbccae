"""Security groups in the Describe answers → who gets through to listeners and targets; pure."""

from collections.abc import Iterable, Mapping
from typing import Any

from albatross_sandbox.envoy.state import Forward, Listener, Target, TargetGroup
from albatross_sandbox.firewall import ALL, Firewall, Network, Origin, Rule, collapse, common, networks

Json = Mapping[str, Any]
Lists = Mapping[str, tuple[str, ...]]

# The transport protocols of listeners and target groups; TCP for all others.
_TRANSPORT = {"UDP": ("udp",), "QUIC": ("udp",), "TCP_UDP": ("tcp", "udp"), "TCP_QUIC": ("tcp", "udp")}


def firewall(groups: Iterable[Json], interfaces: Iterable[Json], lists: Lists) -> Firewall:
    """The rules of these security groups, and which groups an address has; `lists` are the CIDRs of prefix lists."""
    found: dict[str, tuple[str, ...]] = {}
    for each in interfaces:
        own = tuple(group["GroupId"] for group in each.get("Groups") or ())
        found |= {row["PrivateIpAddress"]: own for row in each.get("PrivateIpAddresses") or () if row.get("PrivateIpAddress")}
    return Firewall({each["GroupId"]: tuple(_rule(rule, lists) for rule in each.get("IpPermissions") or ()) for each in groups}, found)


def _rule(raw: Json, lists: Lists) -> Rule:
    cidrs = [row["CidrIp"] for row in raw.get("IpRanges") or ()]
    cidrs += [cidr for row in raw.get("PrefixListIds") or () for cidr in lists.get(row["PrefixListId"], ())]
    return Rule(
        protocol=str(raw["IpProtocol"]),
        low=raw.get("FromPort", -1),
        high=raw.get("ToPort", -1),
        cidrs=networks(cidrs),
        groups=tuple(row["GroupId"] for row in raw.get("UserIdGroupPairs") or () if row.get("GroupId")),
    )


def origin(balancer: Json, subnets: Mapping[str, Json]) -> Origin:
    """Where a load balancer connects to its targets from: in each zone its private address, or any address of the subnet."""
    zones = balancer.get("AvailabilityZones") or ()
    own = [_own(zone) or (subnets.get(zone["SubnetId"]) or {}).get("CidrBlock") for zone in zones]
    return Origin(tuple(balancer.get("SecurityGroups") or ()), networks(filter(None, own)))


def _own(zone: Json) -> str | None:
    return next((each["PrivateIPv4Address"] for each in zone.get("LoadBalancerAddresses") or () if each.get("PrivateIPv4Address")), None)


def through(wall: Firewall, start: Origin, group: TargetGroup, target: Target) -> dict[str, tuple[Network, ...]]:
    """By transport protocol, the clients that get through to a target: all of them, some or none."""
    if target.address is None:  # a load balancer, which looks at its clients itself
        return {}
    found = {}
    for each in _TRANSPORT.get(group.protocol, ("tcp",)):
        if group.preserves:
            found[each] = wall.preserved(target.address, target.port, start, each)
        else:
            found[each] = ALL if wall.passes(target.address, target.port, start, each) else ()
    return found


def clients(
    wall: Firewall, start: Origin, listener: Listener, groups: Mapping[str, TargetGroup], front: Iterable[str] = ()
) -> dict[str, tuple[Network, ...]]:
    """By transport protocol, who may connect to a listener, where that is not everybody.

    A client that no target would hear is not let in either: packets with its own address would be dropped at each of them. `front` are
    the security groups of load balancers in front of this one.
    """
    found = {}
    for each in _TRANSPORT.get(listener.protocol, ("tcp",)):
        outside = wall.clients(start.groups, each, listener.port, front) if start.groups else ALL
        inside = collapse(network for target in _targets(listener, groups) for network in target.clients.get(each, ALL))
        allowed = common(outside, inside or ALL)
        if allowed != ALL:
            found[each] = allowed
    return found


def fronts(groups: Mapping[str, TargetGroup]) -> dict[str, tuple[str, ...]]:
    """By ARN, load balancers that are targets of others, with the ARNs of those."""
    found: dict[str, tuple[str, ...]] = {}
    for group in (each for each in groups.values() if each.type == "alb"):
        found |= {each.id: (*found.get(each.id, ()), *group.load_balancers) for each in group.targets}
    return found


def _targets(listener: Listener, groups: Mapping[str, TargetGroup]) -> Iterable[Target]:
    finals = [rule.final for rule in listener.rules]
    arns = [each.target_group for final in finals if isinstance(final, Forward) for each in final.groups]
    return (target for arn in arns if arn in groups for target in groups[arn].targets)
