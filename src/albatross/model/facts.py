"""What must be looked up in AWS, and the answers. A question without an answer is unknown, never a crash."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from albatross.model.resources.stack import StackId

Tags = Mapping[str, str]


# Questions ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class SubnetsOfVpc:
    """Every subnet of the VPC → tuple[Subnet, …] by id."""


@dataclass(frozen=True, slots=True)
class SubnetsById:
    """Subnets by id, of any VPC → tuple[Subnet, …]; those not there are missing from the answer."""

    ids: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class RouteTables:
    """Route tables of the VPC → tuple[RouteTable, …]."""


@dataclass(frozen=True, slots=True)
class Zones:
    """Availability Zones of the region, opted in or not → tuple[Zone, …]."""


@dataclass(frozen=True, slots=True)
class SecurityGroupsById:
    """Security groups by id, of any VPC → tuple[SecurityGroupFact, …]."""

    ids: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class SecurityGroupsByName:
    """Security groups of the VPC whose Name tag is one of `names` → tuple[SecurityGroupFact, …]."""

    names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class BackendSecurityGroup:
    """The cluster's shared backend security group, found by its tags → tuple[SecurityGroupFact, …]; empty: it has to be made."""


@dataclass(frozen=True, slots=True)
class Certificates:
    """Issued ACM certificates of the account and region → tuple[CertificateFact, …] by ARN."""


@dataclass(frozen=True, slots=True)
class TargetGroupByName:
    """A target group by name → tuple[str, …]: its ARN, or nothing."""

    name: str


@dataclass(frozen=True, slots=True)
class TargetGroupByArn:
    """A target group by ARN → tuple[str, …]: that ARN, or nothing."""

    arn: str


@dataclass(frozen=True, slots=True)
class TrustStoreByName:
    """A trust store by name → tuple[str, …]: its ARN, or nothing."""

    name: str


@dataclass(frozen=True, slots=True)
class WebAclByName:
    """A regional WAFv2 web ACL by name → tuple[str, …]: its ARN, or nothing."""

    name: str


@dataclass(frozen=True, slots=True)
class LoadBalancersOfStack:
    """Load balancers that carry the stack's tags → tuple[StackLoadBalancer, …], in AWS' order."""

    stack: StackId


@dataclass(frozen=True, slots=True)
class Vpc:
    """The VPC itself → tuple[VpcFact, …]."""


Question = (
    SubnetsOfVpc
    | SubnetsById
    | RouteTables
    | Zones
    | SecurityGroupsById
    | SecurityGroupsByName
    | BackendSecurityGroup
    | Certificates
    | TargetGroupByName
    | TargetGroupByArn
    | TrustStoreByName
    | WebAclByName
    | LoadBalancersOfStack
    | Vpc
)


# Answers -----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Subnet:
    """ec2 DescribeSubnets. `ipv6_associated`: it has an IPv6 CIDR association in state `associated`."""

    id: str
    vpc_id: str
    zone: str
    zone_id: str = ""
    cidr: str = ""
    available_ips: int = 0
    ipv6_associated: bool = False
    outpost_arn: str = ""
    tags: Tags = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class RouteTable:
    """ec2 DescribeRouteTables. `public`: a route's gateway id starts with `igw`."""

    id: str
    main: bool = False
    subnet_ids: tuple[str, ...] = ()
    public: bool = False


@dataclass(frozen=True, slots=True)
class Zone:
    """ec2 DescribeAvailabilityZones. `type` is availability-zone, local-zone or wavelength-zone."""

    id: str
    name: str
    type: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SecurityGroupFact:
    """ec2 DescribeSecurityGroups."""

    id: str
    name: str = ""
    vpc_id: str = ""
    tags: Tags = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class CertificateFact:
    """acm DescribeCertificate. `domains` are the subject alternative names, the domain name among them."""

    arn: str
    domains: tuple[str, ...] = ()
    authority_arn: str = ""
    type: str = ""
    status: str = "ISSUED"
    not_after: str = ""
    tags: Tags = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class StackLoadBalancer:
    """A load balancer of the stack: enough to keep its subnets."""

    arn: str
    scheme: str
    type: str = "application"
    subnet_ids: tuple[str, ...] = ()
    tags: Tags = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class VpcFact:
    """ec2 DescribeVpcs: its associated CIDRs."""

    id: str
    cidrs: tuple[str, ...] = ()
    ipv6_cidrs: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class RefusedAnswer:
    """AWS answered with an error: its code (never its secrets) and text."""

    operation: str
    code: str
    message: str


Answer = tuple[object, ...] | RefusedAnswer


@dataclass(frozen=True, slots=True)
class Facts:
    """Answers by question; a question that is not here was not asked (offline), which is not the same as an empty answer."""

    answers: Mapping[Question, Answer] = field(default_factory=dict)
