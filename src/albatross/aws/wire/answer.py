"""AWS items → typed answers: the same code for live calls and for recordings.

`items` maps `service.Operation` (`ec2.DescribeSubnets`) to the items as the API returns them. Every filter of a live call is applied
here again, so that a recording of the whole account gives the same answers.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import singledispatch
from typing import Any

from albatross.aws.wire import record
from albatross.catalog import tracking
from albatross.model import facts
from albatross.model.config import Config

Item = Mapping[str, Any]
Items = Mapping[str, Sequence[Item]]
MOST = 65535
"""The highest port."""


def tags(item: Item) -> facts.Tags:
    """The item's `Tags` list as a map."""
    return {tag["Key"]: tag.get("Value", "") for tag in item.get("Tags") or ()}


def tags_by_arn(items: Items) -> Mapping[str, facts.Tags]:
    """elbv2 DescribeTags → tags by resource ARN."""
    return {item["ResourceArn"]: tags(item) for item in items.get("elasticloadbalancingv2.DescribeTags", ())}


def subnet(item: Item) -> facts.Subnet:
    """ec2 `Subnet` → fact."""
    found = item.get("Ipv6CidrBlockAssociationSet") or ()
    associated = [each for each in found if each.get("Ipv6CidrBlockState", {}).get("State") == "associated"]
    return facts.Subnet(
        id=item["SubnetId"],
        vpc_id=item.get("VpcId", ""),
        zone=item.get("AvailabilityZone", ""),
        zone_id=item.get("AvailabilityZoneId", ""),
        cidr=item.get("CidrBlock", ""),
        available_ips=int(item.get("AvailableIpAddressCount", 0)),
        ipv6_associated=bool(associated),
        ipv6_cidrs=tuple(each["Ipv6CidrBlock"] for each in associated if each.get("Ipv6CidrBlock")),
        outpost_arn=item.get("OutpostArn") or "",
        tags=tags(item),
    )


def route_table(item: Item) -> facts.RouteTable:
    """ec2 `RouteTable` → fact."""
    associations = item.get("Associations") or ()
    return facts.RouteTable(
        id=item["RouteTableId"],
        main=any(entry.get("Main") for entry in associations),
        subnet_ids=tuple(sorted(entry["SubnetId"] for entry in associations if entry.get("SubnetId"))),
        public=any((route.get("GatewayId") or "").startswith("igw") for route in item.get("Routes") or ()),
    )


def zone(item: Item) -> facts.Zone:
    """ec2 `AvailabilityZone` → fact."""
    return facts.Zone(item.get("ZoneId", ""), item.get("ZoneName", ""), item.get("ZoneType", "availability-zone"))


def security_group(item: Item) -> facts.SecurityGroupFact:
    """ec2 `SecurityGroup` → fact."""
    return facts.SecurityGroupFact(
        id=item["GroupId"],
        name=item.get("GroupName", ""),
        vpc_id=item.get("VpcId", ""),
        tags=tags(item),
        admits=tuple(_admission(each) for each in item.get("IpPermissions") or ()),
    )


def _admission(item: Item) -> facts.Admission:
    """ec2 `IpPermission` → fact. Without ports, it is every port."""
    return facts.Admission(
        protocol=item.get("IpProtocol", "-1"),
        from_port=item.get("FromPort", 0),
        to_port=item.get("ToPort", MOST),
        groups=tuple(pair["GroupId"] for pair in item.get("UserIdGroupPairs") or () if pair.get("GroupId")),
        open=any(item.get(each) for each in ("IpRanges", "Ipv6Ranges", "PrefixListIds")),
    )


def certificate(item: Item, owned: facts.Tags | None = None) -> facts.CertificateFact:
    """acm `CertificateDetail` → fact; the tags come from another call."""
    return facts.CertificateFact(
        arn=item["CertificateArn"],
        domains=tuple(item.get("SubjectAlternativeNames") or ([item["DomainName"]] if item.get("DomainName") else [])),
        authority_arn=item.get("CertificateAuthorityArn") or "",
        type=item.get("Type", ""),
        status=item.get("Status", ""),
        not_after=str(item.get("NotAfter") or ""),
        tags=owned or {},
    )


def target_group(item: Item) -> facts.TargetGroupFact:
    """elbv2 `TargetGroup` → fact."""
    return facts.TargetGroupFact(
        arn=item["TargetGroupArn"],
        name=item.get("TargetGroupName", ""),
        type=item.get("TargetType", ""),
        ip_address_type=item.get("IpAddressType") or "ipv4",
        vpc_id=item.get("VpcId") or "",
        protocol=item.get("Protocol") or "",
    )


def vpc(item: Item) -> facts.VpcFact:
    """ec2 `Vpc` → fact, only with its associated CIDRs."""
    four = item.get("CidrBlockAssociationSet") or ()
    six = item.get("Ipv6CidrBlockAssociationSet") or ()
    return facts.VpcFact(
        id=item["VpcId"],
        cidrs=tuple(entry["CidrBlock"] for entry in four if entry.get("CidrBlockState", {}).get("State") == "associated"),
        ipv6_cidrs=tuple(entry["Ipv6CidrBlock"] for entry in six if entry.get("Ipv6CidrBlockState", {}).get("State") == "associated"),
    )


def load_balancer(item: Item, owned: facts.Tags) -> facts.StackLoadBalancer:
    """elbv2 `LoadBalancer` → fact."""
    return facts.StackLoadBalancer(
        arn=item["LoadBalancerArn"],
        scheme=item.get("Scheme", ""),
        type=item.get("Type", "application"),
        subnet_ids=tuple(sorted(entry["SubnetId"] for entry in item.get("AvailabilityZones") or () if entry.get("SubnetId"))),
        security_groups=tuple(item.get("SecurityGroups") or ()),
        tags=owned,
    )


def read(question: facts.Question, items: Items, config: Config) -> facts.Answer:
    """The answer to a question, from the items that its calls returned (or from a whole recording)."""
    return _read(question, items, config)


@singledispatch
def _read(question: object, items: Items, config: Config) -> tuple[object, ...]:
    raise TypeError(f"no reading for {type(question).__name__}")


def _here(item: Item, config: Config) -> bool:
    """Whether the item is in the controller's VPC (True for any VPC if no VPC is set)."""
    return not config.vpc_id or item.get("VpcId") == config.vpc_id


def _groups(items: Items, keep: Callable[[Item], bool]) -> tuple[facts.SecurityGroupFact, ...]:
    return tuple(security_group(item) for item in items.get("ec2.DescribeSecurityGroups", ()) if keep(item))


def _named(items: Iterable[Item], key: str, name: str, arn: str) -> tuple[str, ...]:
    return tuple(item[arn] for item in items if item.get(key) == name)


@_read.register
def _(question: facts.SubnetsOfVpc, items: Items, config: Config) -> tuple[object, ...]:
    found = (subnet(item) for item in items.get("ec2.DescribeSubnets", ()) if _here(item, config))
    return tuple(sorted(found, key=lambda each: each.id))


@_read.register
def _(question: facts.SubnetsById, items: Items, config: Config) -> tuple[object, ...]:
    return tuple(subnet(item) for item in items.get("ec2.DescribeSubnets", ()) if item["SubnetId"] in question.ids)


@_read.register
def _(question: facts.RouteTables, items: Items, config: Config) -> tuple[object, ...]:
    return tuple(route_table(item) for item in items.get("ec2.DescribeRouteTables", ()) if _here(item, config))


@_read.register
def _(question: facts.Zones, items: Items, config: Config) -> tuple[object, ...]:
    return tuple(zone(item) for item in items.get("ec2.DescribeAvailabilityZones", ()))


@_read.register
def _(question: facts.SecurityGroupsById, items: Items, config: Config) -> tuple[object, ...]:
    return _groups(items, lambda item: item["GroupId"] in question.ids)


@_read.register
def _(question: facts.SecurityGroupsByName, items: Items, config: Config) -> tuple[object, ...]:
    return _groups(items, lambda item: _here(item, config) and tags(item).get("Name") in question.names)


@_read.register
def _(question: facts.BackendSecurityGroup, items: Items, config: Config) -> tuple[object, ...]:
    if config.backend_security_group:
        return (facts.SecurityGroupFact(id=config.backend_security_group),)
    want = set(tracking.backend_group(config).items())
    return _groups(items, lambda item: _here(item, config) and want <= set(tags(item).items()))


@_read.register
def _(question: facts.ClusterSecurityGroups, items: Items, config: Config) -> tuple[object, ...]:
    return _groups(items, lambda item: _here(item, config) and tracking.cluster(config) in tags(item))


@_read.register
def _(question: facts.Certificates, items: Items, config: Config) -> tuple[object, ...]:
    issued = {item["CertificateArn"] for item in items.get("acm.ListCertificates", ()) if item.get("Status", "ISSUED") == "ISSUED"}
    owned = {item["CertificateArn"]: tags(item) for item in items.get("acm.ListTagsForCertificate", ())}
    details = (item for item in items.get("acm.DescribeCertificate", ()) if item["CertificateArn"] in issued)
    return tuple(certificate(item, owned.get(item["CertificateArn"])) for item in sorted(details, key=lambda each: each["CertificateArn"]))


@_read.register
def _(question: facts.TargetGroupByName, items: Items, config: Config) -> tuple[object, ...]:
    found = items.get("elasticloadbalancingv2.DescribeTargetGroups", ())
    return _named(found, "TargetGroupName", question.name, "TargetGroupArn")


@_read.register
def _(question: facts.TargetGroupByArn, items: Items, config: Config) -> tuple[object, ...]:
    found = items.get("elasticloadbalancingv2.DescribeTargetGroups", ())
    return _named(found, "TargetGroupArn", question.arn, "TargetGroupArn")


@_read.register
def _(question: facts.TargetGroupOf, items: Items, config: Config) -> tuple[object, ...]:
    key, value = ("TargetGroupArn", question.arn) if question.arn else ("TargetGroupName", question.name)
    found = items.get("elasticloadbalancingv2.DescribeTargetGroups", ())
    return tuple(target_group(item) for item in found if item.get(key) == value)


@_read.register
def _(question: facts.TrustStoreByName, items: Items, config: Config) -> tuple[object, ...]:
    return _named(items.get("elasticloadbalancingv2.DescribeTrustStores", ()), "Name", question.name, "TrustStoreArn")


@_read.register
def _(question: facts.WebAclByName, items: Items, config: Config) -> tuple[object, ...]:
    return _named(items.get("wafv2.ListWebACLs", ()), "Name", question.name, "ARN")


@_read.register
def _(question: facts.LoadBalancersOfStack, items: Items, config: Config) -> tuple[object, ...]:
    owned = tags_by_arn(items)
    want = set(tracking.tags(config, question.stack).items())
    found = items.get("elasticloadbalancingv2.DescribeLoadBalancers", ())
    return tuple(
        load_balancer(item, owned[item["LoadBalancerArn"]])
        for item in found
        if _here(item, config) and want <= set(owned.get(item["LoadBalancerArn"], {}).items())
    )


@_read.register
def _(question: facts.Vpc, items: Items, config: Config) -> tuple[object, ...]:
    return tuple(vpc(item) for item in items.get("ec2.DescribeVpcs", ()) if _here(item, config))


@_read.register
def _(question: facts.HostedZones, items: Items, config: Config) -> tuple[object, ...]:
    return record.zones(items)


@_read.register
def _(question: facts.RecordsOf, items: Items, config: Config) -> tuple[object, ...]:
    return record.records(question, items)
