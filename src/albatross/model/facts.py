"""Queries to AWS, and their answers. A query without an answer is unknown; it never causes a crash."""

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
    """Subnets by id, of any VPC → tuple[Subnet, …]; subnets that do not exist are missing in the answer."""

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
    """Security groups of the VPC with a Name tag in `names` → tuple[SecurityGroupFact, …]."""

    names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class BackendSecurityGroup:
    """The cluster's shared backend security group, found by its tags → tuple[SecurityGroupFact, …]; empty: it must be created."""


@dataclass(frozen=True, slots=True)
class ClusterSecurityGroups:
    """Security groups of the VPC with the tag of the cluster: those of its nodes and pods → tuple[SecurityGroupFact, …]."""


@dataclass(frozen=True, slots=True)
class Certificates:
    """Issued ACM certificates of the account and region → tuple[CertificateFact, …] by ARN."""


@dataclass(frozen=True, slots=True)
class TargetGroupByName:
    """A target group by name → tuple[str, …]: its ARN, or empty."""

    name: str


@dataclass(frozen=True, slots=True)
class TargetGroupByArn:
    """A target group by ARN → tuple[str, …]: that ARN, or empty."""

    arn: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TargetGroupOf:
    """A target group by ARN, or by name if the ARN is empty, with the role and external id of a binding → tuple[TargetGroupFact, …]."""

    arn: str = ""
    name: str = ""
    role: str = ""
    external_id: str = ""


@dataclass(frozen=True, slots=True)
class TrustStoreByName:
    """A trust store by name → tuple[str, …]: its ARN, or empty."""

    name: str


@dataclass(frozen=True, slots=True)
class WebAclByName:
    """A regional WAFv2 web ACL by name → tuple[str, …]: its ARN, or empty."""

    name: str


@dataclass(frozen=True, slots=True)
class LoadBalancersOfStack:
    """Load balancers that carry the stack's tags → tuple[StackLoadBalancer, …], in the order of AWS."""

    stack: StackId


@dataclass(frozen=True, slots=True)
class Vpc:
    """The VPC itself → tuple[VpcFact, …]."""


@dataclass(frozen=True, slots=True)
class HostedZones:
    """Route 53 hosted zones of the account → tuple[HostedZone, …] by name and id."""


@dataclass(frozen=True, slots=True)
class RecordsOf:
    """Records of these names and of their ownership records, in every hosted zone that holds the name → tuple[RecordFact, …]."""

    names: tuple[str, ...]


Question = (
    SubnetsOfVpc
    | SubnetsById
    | RouteTables
    | Zones
    | SecurityGroupsById
    | SecurityGroupsByName
    | BackendSecurityGroup
    | ClusterSecurityGroups
    | Certificates
    | TargetGroupByName
    | TargetGroupByArn
    | TargetGroupOf
    | TrustStoreByName
    | WebAclByName
    | LoadBalancersOfStack
    | Vpc
    | HostedZones
    | RecordsOf
)


# Answers -----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Subnet:
    """ec2 DescribeSubnets. `ipv6_associated`: it has an IPv6 CIDR association in state `associated`; `ipv6_cidrs` are those CIDRs."""

    id: str
    vpc_id: str
    zone: str
    zone_id: str = ""
    cidr: str = ""
    available_ips: int = 0
    ipv6_associated: bool = False
    ipv6_cidrs: tuple[str, ...] = ()
    outpost_arn: str = ""
    tags: Tags = field(default_factory=dict, hash=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class RouteTable:
    """ec2 DescribeRouteTables. `public`: the gateway id of a route starts with `igw`."""

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


@dataclass(frozen=True, slots=True)
class Admission:
    """An inbound rule of a security group; protocol `-1` is every protocol and port. `open`: it admits addresses or prefix lists too."""

    protocol: str
    from_port: int
    to_port: int
    groups: tuple[str, ...] = ()
    open: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class SecurityGroupFact:
    """ec2 DescribeSecurityGroups."""

    id: str
    name: str = ""
    vpc_id: str = ""
    tags: Tags = field(default_factory=dict, hash=False)
    admits: tuple[Admission, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class CertificateFact:
    """acm DescribeCertificate. `domains` are the subject alternative names, including the domain name."""

    arn: str
    domains: tuple[str, ...] = ()
    authority_arn: str = ""
    type: str = ""
    status: str = "ISSUED"
    not_after: str = ""
    tags: Tags = field(default_factory=dict, hash=False)

    def covers(self, host: str) -> bool:
        """Whether one of the domains covers a host."""
        return any(covers(domain, host) for domain in self.domains)


def covers(domain: str, host: str) -> bool:
    """Whether a certificate's domain covers a host: it is equal, or a wildcard replaces the first label."""
    if not domain.startswith("*."):
        return domain == host
    labels = host.split(".")
    return domain.split(".")[1:] == labels[1:]


@dataclass(frozen=True, slots=True, kw_only=True)
class TargetGroupFact:
    """elbv2 DescribeTargetGroups. `ip_address_type` is ipv4 if AWS leaves it out; a target group of Lambda functions has no VPC."""

    arn: str
    name: str = ""
    type: str = ""
    ip_address_type: str = "ipv4"
    vpc_id: str = ""
    protocol: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class StackLoadBalancer:
    """A load balancer of the stack, with the fields that are needed to keep its subnets, its scheme, or that it has no security groups."""

    arn: str
    scheme: str
    type: str = "application"
    subnet_ids: tuple[str, ...] = ()
    security_groups: tuple[str, ...] = ()
    tags: Tags = field(default_factory=dict, hash=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class VpcFact:
    """ec2 DescribeVpcs: its associated CIDRs."""

    id: str
    cidrs: tuple[str, ...] = ()
    ipv6_cidrs: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class HostedZone:
    """route53 ListHostedZones. `name` has no dot at the end. `ours`: a private zone that is associated with our VPC."""

    id: str
    name: str
    private: bool = False
    ours: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordFact:
    """route53 ListResourceRecordSets. `zone` is an id. Names have no dot at the end, and `*` for a wildcard.

    `routing` is the set identifier of a weighted, failover, latency, … record, else empty.
    """

    zone: str
    name: str
    type: str
    routing: str = ""
    target: str = ""
    target_zone: str = ""
    ttl: int = 0
    values: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class RefusedAnswer:
    """AWS answered with an error: its code and text, without secrets.

    `problem` is the code of the problem if the answer has nothing to do with the question: throttled, unavailable, or wrong credentials.
    """

    operation: str
    code: str
    message: str
    service: str = ""
    problem: str = ""


Answer = tuple[object, ...] | RefusedAnswer


@dataclass(frozen=True, slots=True)
class Facts:
    """Answers by query. A missing query was not sent (offline); this is different from an empty answer."""

    answers: Mapping[Question, Answer] = field(default_factory=dict)
