"""The subnets of the VPC, one row each with a verdict; and what is wrong with their tags, routes and addresses."""

from collections.abc import Iterator
from dataclasses import dataclass

from albatross.diagnose.cause import Cause, cause
from albatross.diagnose.evidence import Evidence, Origin, RouteTable, Subnet, answered
from albatross.planner.builders.subnet import FREE_ADDRESSES, LEAST_ZONES, ROLES

HEAD = ("subnet", "zone", "kind", "free", "role tags", "cluster tags", "verdict")
CLUSTER = "kubernetes.io/cluster/"
SCHEME = {True: "internet-facing", False: "internal"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """A subnet, whether its route table leads to an internet gateway, and its route table."""

    subnet: Subnet
    public: bool
    table: str
    cluster: str

    @property
    def roles(self) -> tuple[str, ...]:
        """The schemes of which it has the role tag."""
        return tuple(scheme for scheme, tag in ROLES.items() if self.subnet.tags.get(tag) in ("", "1"))

    @property
    def clusters(self) -> tuple[str, ...]:
        """The clusters of its tags."""
        return tuple(sorted(each.removeprefix(CLUSTER) for each in self.subnet.tags if each.startswith(CLUSTER)))

    @property
    def foreign(self) -> bool:
        """Whether it is tagged only for other clusters."""
        return bool(self.clusters) and self.cluster not in self.clusters

    @property
    def full(self) -> bool:
        """Whether it has too few free addresses."""
        return self.subnet.available_ips < FREE_ADDRESSES

    @property
    def misplaced(self) -> bool:
        """Whether it has the tag for internet-facing load balancers without a route to an internet gateway."""
        return SCHEME[True] in self.roles and not self.public

    @property
    def scheme(self) -> str:
        """The scheme of load balancers that its routes are for."""
        return SCHEME[self.public]

    @property
    def verdict(self) -> str:
        """One line: usable, or why not."""
        if self.foreign:
            return f"not used: tagged for {', '.join(self.clusters)}"
        if self.full:
            return f"not used: fewer than {FREE_ADDRESSES} free addresses"
        if self.misplaced:
            return "tagged for internet-facing, but without a route to an internet gateway"
        return f"for {' and '.join(self.roles)}" if self.roles else f"no role tag; its routes are for {self.scheme}"


def judged(evidence: Evidence) -> tuple[Judged, ...]:
    """Every subnet of the VPC."""
    tables = answered(evidence, RouteTable)
    own = {subnet: table for table in tables for subnet in table.subnet_ids}
    main = next((table for table in tables if table.main), RouteTable(id="no route table"))
    subnets = sorted(answered(evidence, Subnet), key=lambda each: (each.zone, each.id))
    rows = ((each, own.get(each.id, main)) for each in subnets if each.vpc_id == evidence.config.vpc_id)
    return tuple(Judged(subnet=each, public=at.public, table=at.id, cluster=evidence.config.cluster_name) for each, at in rows)


def table(evidence: Evidence) -> tuple[tuple[str, ...], ...]:
    """The rows, with a head."""
    rows = ((each.subnet, each) for each in judged(evidence))
    return (
        HEAD,
        *((s.id, s.zone, _kind(row), str(s.available_ips), _tags(row.roles), _tags(row.clusters), row.verdict) for s, row in rows),
    )


def _kind(row: Judged) -> str:
    return "public" if row.public else "private"


def _tags(names: tuple[str, ...]) -> str:
    return ", ".join(names) or "-"


def check(evidence: Evidence) -> Iterator[Cause]:
    """Everything that is wrong with the subnets, the faults that hide others first."""
    rows = judged(evidence)
    yield from (_full(evidence, each) for each in rows if each.full)
    if foreign := [each for each in rows if each.foreign]:
        yield _foreign(evidence, foreign)
    yield from (_misplaced(evidence, each) for each in rows if each.misplaced)
    free = [each for each in rows if not each.foreign]
    for scheme, tag in ROLES.items() if free else ():
        tagged = [each for each in free if scheme in each.roles]
        if not tagged:
            yield _untagged(evidence, [each for each in free if each.scheme == scheme], scheme, tag)
        elif len({each.subnet.zone for each in tagged if not each.full}) < LEAST_ZONES:
            yield _zones(evidence, tagged, scheme)


def _tagging(evidence: Evidence, verb: str, rows: list[Judged], tag: str) -> str:
    ids = " ".join(each.subnet.id for each in rows) or "SUBNET_IDS"
    return f"aws ec2 {verb}-tags --region {evidence.config.region} --resources {ids} --tags Key={tag}" + ",Value=1" * (verb == "create")


def _full(evidence: Evidence, row: Judged) -> Cause:
    command = f"aws ec2 describe-network-interfaces --region {evidence.config.region} --filters Name=subnet-id,Values={row.subnet.id}"
    words = {"id": row.subnet.id, "zone": row.subnet.zone, "free": str(row.subnet.available_ips), "least": str(FREE_ADDRESSES)}
    return cause("LB651", Origin("Subnet", "", row.subnet.id), command, **words, command=command)


def _foreign(evidence: Evidence, rows: list[Judged]) -> Cause:
    cluster = evidence.config.cluster_name
    command = _tagging(evidence, "create", rows, f"{CLUSTER}{cluster}").replace("Value=1", "Value=shared")
    others = ", ".join(sorted({name for each in rows for name in each.clusters}))
    ids = ", ".join(each.subnet.id for each in rows)
    return cause("LB653", Origin("Subnet", "", rows[0].subnet.id), command, ids=ids, others=others, cluster=cluster, command=command)


def _misplaced(evidence: Evidence, row: Judged) -> Cause:
    tag = ROLES[SCHEME[True]]
    command = _tagging(evidence, "delete", [row], tag)
    words = {"id": row.subnet.id, "tag": tag, "table": row.table, "route": "no route to an internet gateway"}
    return cause("LB652", Origin("Subnet", "", row.subnet.id), command, **words, command=command)


def _untagged(evidence: Evidence, rows: list[Judged], scheme: str, tag: str) -> Cause:
    names = ", ".join(each.subnet.id for each in rows)
    instead = f"; by its routes it would use {names}" if names else "; and no subnet has the routes for them"
    command = _tagging(evidence, "create", rows, tag)
    vpc = evidence.config.vpc_id
    return cause("LB650", Origin("Vpc", "", vpc), command, vpc=vpc, tag=tag, scheme=scheme, instead=instead, command=command)


def _zones(evidence: Evidence, rows: list[Judged], scheme: str) -> Cause:
    zones = {each.subnet.zone for each in rows if not each.full}
    command = _tagging(evidence, "create", [], ROLES[scheme])
    at = Origin("Vpc", "", evidence.config.vpc_id)
    return cause("LB654", at, command, scheme=scheme, count=str(len(zones)), least=str(LEAST_ZONES), command=command)
