"""Load balancers: create, describe, change, delete."""

import re
import secrets
from typing import Any

from albatross_sandbox.aws import account, attribute, listener, quic, tag
from albatross_sandbox.aws.clock import moment
from albatross_sandbox.aws.cloud import Cloud
from albatross_sandbox.aws.fault import Fault, invalid
from albatross_sandbox.aws.network import Wanted, place, secure
from albatross_sandbox.aws.store import LoadBalancer, Placement, Request, Result, Store, page, token
from albatross_sandbox.aws.zone import hosted_zone

_NAME = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,30}[A-Za-z0-9])?")
_PREFIX = {"application": "app", "network": "net", "gateway": "gwy"}
_QUOTA = {"application": "application-load-balancers", "network": "network-load-balancers", "gateway": "gateway-load-balancers"}


async def create(store: Store, cloud: Cloud, request: Request) -> Result:
    """CreateLoadBalancer; the same request twice answers the same load balancer."""
    name = _name(request["Name"])
    kind = request.get("Type", "application")
    scheme = request.get("Scheme", "internal" if kind == "gateway" else "internet-facing")
    tags = tag.read(request.get("Tags"))
    wanted = Wanted(kind, scheme, request.get("IpAddressType", "ipv4"), request.get("Subnets"), request.get("SubnetMappings"))
    vpc_id, placements = await place(cloud, wanted)
    groups = await secure(cloud, kind, vpc_id, request.get("SecurityGroups"))
    if same := next((lb for lb in store.load_balancers.values() if lb.name == name), None):
        _require_same(same, wanted, placements, groups, tags)
        return {"LoadBalancers": [shown(store, same)]}
    held = sum(lb.kind == kind for lb in store.load_balancers.values())
    account.enforce(store, _QUOTA[kind], held + 1, "TooManyLoadBalancers", "The maximum number of load balancers has been reached")
    lb = _make(store, name, wanted, vpc_id, placements)
    lb.security_groups, lb.tags = groups, tags
    lb.coip = request.get("CustomerOwnedIpv4Pool")
    lb.prefix_nat = request.get("EnablePrefixForIpv6SourceNat", "off")
    lb.ipam_pool = (request.get("IpamPools") or {}).get("Ipv4IpamPoolId")
    store.load_balancers[lb.arn] = lb
    return {"LoadBalancers": [shown(store, lb)]}


def _name(name: str) -> str:
    if len(name) > 32:
        raise invalid(f"The load balancer name '{name}' cannot be longer than '32' characters")
    if not _NAME.fullmatch(name):
        raise invalid(f"The load balancer name '{name}' can only contain characters that are alphanumeric characters and hyphens(-)")
    if name.startswith("internal-"):
        raise invalid("The load balancer name cannot begin with 'internal-'")
    return name


def _require_same(lb: LoadBalancer, wanted: Wanted, placements: list[Placement], groups: list[str], tags: dict[str, str]) -> None:
    subnets = {foot.subnet_id for foot in placements}
    same = (
        (lb.kind, lb.scheme, lb.ip_address_type) == (wanted.kind, wanted.scheme, wanted.ip_address_type)
        and {foot.subnet_id for foot in lb.placements} == subnets
        and set(lb.security_groups) == set(groups)
        and lb.tags == tags
    )
    if not same:
        raise Fault("DuplicateLoadBalancerName", f"A load balancer with the same name '{lb.name}' exists, but with different settings")


def _make(store: Store, name: str, wanted: Wanted, vpc_id: str, placements: list[Placement]) -> LoadBalancer:
    now = store.clock.now()
    return LoadBalancer(
        arn=store.arn("loadbalancer", f"{_PREFIX[wanted.kind]}/{name}/{token()}"),
        name=name,
        kind=wanted.kind,
        scheme=wanted.scheme,
        vpc_id=vpc_id,
        dns_name=_dns_name(store.region, name, wanted),
        zone_id=hosted_zone(store.region, wanted.kind),
        created=now,
        active_at=now + store.timing.provisioning,
        ip_address_type=wanted.ip_address_type,
        placements=placements,
        security_groups=[],
        attributes=attribute.for_load_balancer(wanted.kind, wanted.scheme),
        tags={},
    )


def _dns_name(region: str, name: str, wanted: Wanted) -> str:
    domain = "amazonaws.com.cn" if region.startswith("cn-") else "amazonaws.com"
    if wanted.kind != "application":
        return f"{name}-{token()}.elb.{region}.{domain}"
    inside = "internal-" if wanted.scheme == "internal" else ""
    return f"{inside}{name}-{secrets.randbelow(9 * 10**9) + 10**9}.{region}.elb.{domain}"


def state(store: Store, lb: LoadBalancer) -> str:
    """`provisioning` until AWS has built it, then `active`."""
    return "active" if store.clock.now() >= lb.active_at else "provisioning"


def shown(store: Store, lb: LoadBalancer) -> Result:
    """A load balancer as Describe shows it."""
    out: Result = {
        "LoadBalancerArn": lb.arn,
        "DNSName": lb.dns_name,
        "CanonicalHostedZoneId": lb.zone_id,
        "CreatedTime": moment(lb.created),
        "LoadBalancerName": lb.name,
        "Scheme": lb.scheme,
        "VpcId": lb.vpc_id,
        "State": {"Code": state(store, lb)},
        "Type": lb.kind,
        "AvailabilityZones": zones(lb),
        "SecurityGroups": lb.security_groups if lb.kind == "application" or lb.security_groups else None,
        "IpAddressType": lb.ip_address_type,
        "CustomerOwnedIpv4Pool": lb.coip,
        "IpamPools": {"Ipv4IpamPoolId": lb.ipam_pool} if lb.ipam_pool else None,
    }
    if lb.kind == "network":
        out["EnablePrefixForIpv6SourceNat"] = lb.prefix_nat
        out["EnforceSecurityGroupInboundRulesOnPrivateLinkTraffic"] = lb.privatelink if lb.security_groups else None
    return out


def zones(lb: LoadBalancer) -> list[dict[str, Any]]:
    """A load balancer's zones as Describe shows them."""
    return [
        {
            "ZoneName": foot.zone,
            "SubnetId": foot.subnet_id,
            "LoadBalancerAddresses": _addresses(lb, foot),
            "SourceNatIpv6Prefixes": [_prefix(foot)] if lb.prefix_nat == "on" else [],
        }
        for foot in sorted(lb.placements, key=lambda foot: foot.zone)
    ]


def _prefix(foot: Placement) -> str:
    """The prefix for source NAT: the one of the request, or one that AWS would choose (here by the subnet's id)."""
    if foot.prefix and foot.prefix != "auto_assigned":
        return foot.prefix
    digits = foot.subnet_id.removeprefix("subnet-")[-8:].rjust(8, "0")
    return f"2001:db8:{digits[:4]}:{digits[4:]}::/80"


def _addresses(lb: LoadBalancer, foot: Placement) -> list[dict[str, Any]]:
    if lb.kind != "network" or not (foot.allocation_id or foot.private_ip or foot.ipv6):
        return []
    return [
        {"IpAddress": foot.public_ip, "AllocationId": foot.allocation_id, "PrivateIPv4Address": foot.private_ip, "IPv6Address": foot.ipv6}
    ]


def describe(store: Store, request: Request) -> Result:
    """DescribeLoadBalancers."""
    arns, names = request.get("LoadBalancerArns"), request.get("Names")
    if arns and names:
        raise invalid("Load balancer names and load balancer ARNs cannot be specified at the same time")
    if arns:
        return {"LoadBalancers": [shown(store, store.load_balancer(arn)) for arn in dict.fromkeys(arns)]}
    if names:
        by_name = {lb.name: lb for lb in store.load_balancers.values()}
        if missing := [name for name in names if name not in by_name]:
            raise Fault("LoadBalancerNotFound", f"Load balancers '[{', '.join(missing)}]' not found")
        return {"LoadBalancers": [shown(store, by_name[name]) for name in dict.fromkeys(names)]}
    rows, marker = page(request, store.load_balancers.values(), lambda lb: lb.arn)
    return {"LoadBalancers": [shown(store, lb) for lb in rows], "NextMarker": marker}


def delete(store: Store, request: Request) -> Result:
    """DeleteLoadBalancer, with its listeners and rules; one that is not there is no error."""
    lb = store.load_balancers.get(request["LoadBalancerArn"])
    if lb is None:
        return {}
    if lb.attributes.get("deletion_protection.enabled") == "true":
        raise Fault("OperationNotPermitted", f"Load balancer '{lb.arn}' cannot be deleted because deletion protection is enabled")
    if _serves(store, lb):
        raise Fault("ResourceInUse", f"Load balancer '{lb.arn}' cannot be deleted because it is currently a target of a target group")
    for held in list(lb.listeners.values()):
        listener.drop(store, held)
    del store.load_balancers[lb.arn]
    store.addresses.pop(lb.arn, None)
    store.released.append((store.clock.now() + store.timing.eni_release, lb.security_groups))
    return {}


def _serves(store: Store, lb: LoadBalancer) -> bool:
    """Whether another load balancer sends it requests, or has not drained it yet; a group that none uses does not hold it."""
    groups = [group for group in store.target_groups.values() if group.load_balancers]
    return any(lb.arn == target.id for group in groups for target in group.targets.values())


async def set_subnets(store: Store, cloud: Cloud, request: Request) -> Result:
    """SetSubnets."""
    lb = store.load_balancer(request["LoadBalancerArn"])
    ip_type = request.get("IpAddressType", lb.ip_address_type)
    wanted = Wanted(lb.kind, lb.scheme, ip_type, request.get("Subnets"), request.get("SubnetMappings"))
    vpc_id, placements = await place(cloud, wanted)
    if vpc_id != lb.vpc_id:
        raise Fault("InvalidConfigurationRequest", "Subnets must belong to the VPC of the load balancer")
    if lb.kind == "gateway" and not {foot.zone for foot in lb.placements} <= {foot.zone for foot in placements}:
        raise Fault("InvalidConfigurationRequest", "You cannot remove an Availability Zone of a Gateway Load Balancer")
    lb.placements, lb.ip_address_type = placements, ip_type
    lb.prefix_nat = request.get("EnablePrefixForIpv6SourceNat", lb.prefix_nat)
    nat = lb.prefix_nat if lb.kind == "network" else None
    return {"AvailabilityZones": zones(lb), "IpAddressType": lb.ip_address_type, "EnablePrefixForIpv6SourceNat": nat}


async def set_security_groups(store: Store, cloud: Cloud, request: Request) -> Result:
    """SetSecurityGroups."""
    lb = store.load_balancer(request["LoadBalancerArn"])
    if lb.kind == "gateway":
        raise Fault("InvalidConfigurationRequest", "SetSecurityGroups is not supported for load balancers of type 'gateway'")
    if lb.kind == "network" and not lb.security_groups:
        raise Fault(
            "InvalidConfigurationRequest",
            "You cannot set security groups on a Network Load Balancer that was created without security groups",
        )
    if not request["SecurityGroups"]:
        raise invalid("You must specify at least one security group")
    lb.security_groups = await secure(cloud, lb.kind, lb.vpc_id, request["SecurityGroups"])
    privatelink = request.get("EnforceSecurityGroupInboundRulesOnPrivateLinkTraffic")
    if lb.kind == "network" and privatelink:
        lb.privatelink = privatelink
    return {
        "SecurityGroupIds": lb.security_groups,
        "EnforceSecurityGroupInboundRulesOnPrivateLinkTraffic": lb.privatelink if lb.kind == "network" else None,
    }


async def set_ip_address_type(store: Store, cloud: Cloud, request: Request) -> Result:
    """SetIpAddressType."""
    lb = store.load_balancer(request["LoadBalancerArn"])
    wanted = Wanted(lb.kind, lb.scheme, request["IpAddressType"], [foot.subnet_id for foot in lb.placements], None)
    await place(cloud, wanted)
    if wanted.ip_address_type != "ipv4" and any(each.protocol in quic.PROTOCOLS for each in lb.listeners.values()):
        raise Fault("InvalidConfigurationRequest", "A load balancer with QUIC or TCP_QUIC listeners cannot become dualstack")
    lb.ip_address_type = wanted.ip_address_type
    return {"IpAddressType": lb.ip_address_type}


def modify_ip_pools(store: Store, request: Request) -> Result:
    """ModifyIpPools."""
    lb = store.load_balancer(request["LoadBalancerArn"])
    if lb.kind != "application" or lb.scheme != "internet-facing":
        raise Fault("OperationNotPermitted", "IPAM pools are supported for internet-facing Application Load Balancers only")
    pool = (request.get("IpamPools") or {}).get("Ipv4IpamPoolId")
    if pool and request.get("RemoveIpamPools"):
        raise invalid("IpamPools and RemoveIpamPools cannot be specified at the same time")
    if pool or "ipv4" in request.get("RemoveIpamPools", []):
        lb.ipam_pool = pool
    return {"IpamPools": {"Ipv4IpamPoolId": lb.ipam_pool} if lb.ipam_pool else {}}
