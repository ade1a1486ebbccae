"""How near the account is to its quotas of load balancing, and of the security groups that load balancers use."""

from collections import Counter
from collections.abc import Iterator, Mapping

from albatross.diagnose.cause import Cause, cause
from albatross.diagnose.evidence import Body, Evidence, Origin

NEAR = 0.9
"""The part of a quota from which it is reported (chosen by us)."""
OF_VPC = "aws service-quotas list-service-quotas --service-code vpc"
VPC_WORDS = ("security groups of the load balancer", "inbound rules of security group")
HEAD = ("quota", "in use", "limit")
REGION = ("application-load-balancers", "network-load-balancers", "target-groups")
"""Quotas of the Region."""
RULES, GROUPS = "rules-per-application-load-balancer", "target-groups-per-application-load-balancer"
"""Quotas of each load balancer, with the names of AWS."""
OPENINGS, FIREWALLS = "rules-per-security-group", "security-groups-per-network-interface"
"""Quotas of the VPC; the names are ours, because AWS has only codes."""
CODES: Mapping[str, str] = {OPENINGS: "L-0EA8095F", FIREWALLS: "L-2AFB9258"}
"""Their codes in Service Quotas, service `vpc`."""
REQUEST = "aws service-quotas list-service-quotas --service-code elasticloadbalancing"


def uses(evidence: Evidence) -> Iterator[tuple[str, str, int, int]]:
    """(what, where, in use, limit) of every quota that is known."""
    limits = evidence.aws.quotas
    for name in REGION:
        if name in limits and name in evidence.aws.counts:
            yield name.replace("-", " "), "", evidence.aws.counts[name], limits[name]
    for observed in evidence.aws.observed.values():
        listeners = {each.arn: each.parent for each in observed.listeners}
        rules = Counter(listeners.get(each.parent, "") for each in observed.rules)
        for owned in observed.load_balancers:
            if RULES in limits and rules[owned.arn]:
                yield "rules", owned.resource.name, rules[owned.arn], limits[RULES]
            if GROUPS in limits and len(observed.load_balancers) == 1:
                yield "target groups of the load balancer", owned.resource.name, len(observed.target_groups), limits[GROUPS]
            if FIREWALLS in limits and owned.resource.security_groups:
                yield "security groups of the load balancer", owned.resource.name, len(owned.resource.security_groups), limits[FIREWALLS]
    if OPENINGS in limits:
        for each in evidence.aws.firewalls:
            yield "inbound rules of security group", str(each["GroupId"]), openings(each), limits[OPENINGS]


def openings(firewall: Body) -> int:
    """The inbound rules of a security group. AWS counts rules for IPv4 and for IPv6 separately, and all others for both."""
    rows = firewall.get("IpPermissions") or ()
    four, six = (sum(len(row.get(kind) or ()) for row in rows) for kind in ("IpRanges", "Ipv6Ranges"))
    return max(four, six) + sum(len(row.get(kind) or ()) for row in rows for kind in ("PrefixListIds", "UserIdGroupPairs"))


def table(evidence: Evidence) -> tuple[tuple[str, ...], ...]:
    """The rows, with a head; of each quota of load balancers only the one that is nearest."""
    nearest: dict[str, tuple[str, str, int, int]] = {}
    for each in uses(evidence):
        if each[0] not in nearest or each[2] > nearest[each[0]][2]:
            nearest[each[0]] = each
    return (HEAD, *((f"{what} {where}".strip(), str(used), str(limit)) for what, where, used, limit in nearest.values()))


def check(evidence: Evidence) -> Iterator[Cause]:
    """Every quota that is nearly or completely used."""
    for what, where, used, limit in uses(evidence):
        if used >= NEAR * limit:
            region = evidence.config.region
            command = f"albatross status --cluster-name {evidence.config.cluster_name}"
            request = f"{OF_VPC if what in VPC_WORDS else REQUEST} --region {region}"
            words = {"used": str(used), "limit": str(limit), "what": f"{what} {where}".strip(), "command": command, "request": request}
            yield cause("LB665", Origin("Quota", "", what.replace(" ", "-")), command, request, **words)
