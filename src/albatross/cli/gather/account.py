"""What AWS says: the groups of the objects, networks, identities, certificates, quotas."""

import asyncio
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from albatross import pipeline
from albatross.aws.read import lookup
from albatross.aws.read.role import document, policies
from albatross.aws.session.client import Session
from albatross.aws.session.errors import NotFound
from albatross.aws.targets import health, interface
from albatross.aws.wire.certificate import KEY_TYPES
from albatross.cli.gather.parts import Parts
from albatross.cli.live import seen as observed
from albatross.diagnose import names
from albatross.diagnose.evidence import AwsEvidence, Body, RoleDocuments
from albatross.diagnose.quotas import CODES
from albatross.model.config import Config
from albatross.model.facts import Answer, Facts, HostedZones, Question, RefusedAnswer, RouteTables, SubnetsOfVpc, Vpc, Zones
from albatross.model.ident import Ident
from albatross.model.observed import Observed
from albatross.model.resources.stack import StackId
from albatross.model.snapshot import Snapshot
from albatross.model.target import Registered

NETWORK: tuple[Question, ...] = (SubnetsOfVpc(), RouteTables(), Zones(), Vpc())
STATUSES = ["PENDING_VALIDATION", "ISSUED", "INACTIVE", "EXPIRED", "VALIDATION_TIMED_OUT", "REVOKED", "FAILED"]
"""All states of certificates; without this list, ListCertificates leaves some out."""


@dataclass(frozen=True, slots=True)
class Look:
    """An open account, and the settings with which it is read."""

    session: Session
    config: Config


async def look(world: Look, parts: Parts, snapshot: Snapshot, subject: Ident | None) -> AwsEvidence:
    """Everything about the subject, or about all objects of the cluster."""
    wanted = _groups(snapshot, world.config, subject)
    hosts = [host for each in members(snapshot, world.config, subject) for host in names.hosts(snapshot, each)]
    held, records, network, firewalls, instances = await asyncio.gather(
        parts.part("groups", lambda: _observed(world, wanted, snapshot)),
        parts.part("records", lambda: _facts(world, (HostedZones(), names.question(hosts)))),
        parts.part("network", lambda: _facts(world, NETWORK)),
        parts.part("firewalls", lambda: _firewalls(world)),
        parts.part("instances", lambda: _instances(world.session, snapshot)),
    )
    pairs = held or []
    seen: Mapping[StackId, Observed] = {group.id: found for group, (found, _) in zip(wanted, pairs, strict=bool(pairs))}
    answers: dict[Question, Answer] = {}
    for facts in (*(found for _, found in pairs), records or Facts(), network or Facts()):
        answers |= facts.answers
    if refused := _refused(answers):
        parts.fail(("facts",), refused)
    targets = await parts.part("health", lambda: _health(world.session, seen.values())) or {}
    return AwsEvidence(
        facts=Facts(answers),
        observed=seen,
        health=targets,
        firewalls=tuple(firewalls or ()),
        interfaces=tuple(await parts.part("firewalls", lambda: _interfaces(world.session, targets)) or ()),
        instances=tuple(instances or ()),
    )


def members(snapshot: Snapshot, config: Config, subject: Ident | None) -> list[Ident]:
    """The subject, or all objects with a load balancer."""
    return [each for group in _groups(snapshot, config, subject) for each in group.members if subject in (None, each)]


def _groups(snapshot: Snapshot, config: Config, subject: Ident | None) -> list[pipeline.Group]:
    survey = pipeline.survey(snapshot, config)
    every = [group for _, group in sorted(survey.groups.items()) if group.members]
    return [group for group in every if subject is None or subject in group.members]


async def _observed(world: Look, groups: Iterable[pipeline.Group], snapshot: Snapshot) -> list[tuple[Observed, Facts]]:
    prepared = [pipeline.understand(snapshot, world.config, group) for group in groups]
    return list(await asyncio.gather(*(observed(world.session, world.config, each, snapshot) for each in prepared)))


def _refused(answers: Mapping[Question, Answer]) -> str:
    """The first refusal of AWS; empty if there is none."""
    found = [each for each in answers.values() if isinstance(each, RefusedAnswer)]
    return f"{found[0].operation}: {found[0].code}: {found[0].message}" if found else ""


async def _facts(world: Look, questions: Iterable[Question]) -> Facts:
    return await lookup.look(world.session, questions, world.config)


async def _health(session: Session, found: Iterable[Observed]) -> dict[str, tuple[Registered, ...]]:
    arns = [each.arn for one in found for each in one.target_groups]
    answers = await asyncio.gather(*(health.registered(session, arn) for arn in arns))
    return dict(zip(arns, answers, strict=True))


async def _firewalls(world: Look) -> list[dict[str, Any]]:
    place = [{"Name": "vpc-id", "Values": [world.config.vpc_id]}]
    return await world.session.pages("ec2", "DescribeSecurityGroups", "SecurityGroups", Filters=place)


async def _interfaces(session: Session, targets: Mapping[str, tuple[Registered, ...]]) -> list[dict[str, Any]]:
    """The network interfaces of the first targets that are not healthy."""
    ill = [next((str(each.target.id) for each in found if each.state == "unhealthy"), "") for found in targets.values()]
    addresses = [each for each in dict.fromkeys(ill) if each and not each.startswith(("i-", "arn:"))]
    if not addresses:
        return []
    wanted = [{"Name": "addresses.private-ip-address", "Values": addresses}]
    return await session.pages("ec2", "DescribeNetworkInterfaces", "NetworkInterfaces", Filters=wanted)


async def _instances(session: Session, snapshot: Snapshot) -> list[dict[str, Any]]:
    """Those of the nodes, by id; an instance that was deleted a moment ago is left out."""
    found = await interface.instances(session, (each.instance_id for each in snapshot.nodes.values() if each.instance_id))
    return list(found.values())


# The account -----------------------------------------------------------------------------------------------------------


async def whole(world: Look, parts: Parts, found: AwsEvidence, account: tuple[str, str], annotated: str) -> AwsEvidence:
    """With the parts that only `doctor` needs. `account` is the ServiceAccount of the controller, `annotated` the role that it names."""
    session, name = world.session, world.config.cluster_name
    cluster, providers, associations, certificates, quotas, more = await asyncio.gather(
        parts.part("eks", lambda: _cluster(session, name)),
        parts.part("providers", lambda: _providers(session)),
        parts.part("association", lambda: _associations(session, name, account)),
        parts.part("certificates", lambda: _certificates(session)),
        parts.part("quotas", lambda: _quotas(session)),
        parts.part("vpc-quotas", lambda: _vpc_quotas(session)),
    )
    arn = annotated or next((str(each["roleArn"]) for each in associations or ()), "")
    role = await parts.part("role", lambda: _role(session, arn)) if arn else None
    return replace(
        found,
        cluster=cluster or {},
        providers=providers or (),
        associations=associations or (),
        certificates=certificates or (),
        quotas={**(quotas[0] if quotas else {}), **(more or {})},
        counts=quotas[1] if quotas else {},
        role=role,
    )


async def _cluster(session: Session, name: str) -> Body:
    found: Body = (await session.call("eks", "DescribeCluster", name=name))["cluster"]
    return found


async def _providers(session: Session) -> tuple[str, ...]:
    found = await session.call("iam", "ListOpenIDConnectProviders")
    return tuple(str(each["Arn"]) for each in found.get("OpenIDConnectProviderList") or ())


async def _associations(session: Session, cluster: str, account: tuple[str, str]) -> tuple[Body, ...]:
    namespace, name = account
    where = {"clusterName": cluster, "namespace": namespace, "serviceAccount": name}
    found = (await session.call("eks", "ListPodIdentityAssociations", **where)).get("associations") or ()
    ids = [each["associationId"] for each in found]
    answers = await asyncio.gather(
        *(session.call("eks", "DescribePodIdentityAssociation", clusterName=cluster, associationId=each) for each in ids)
    )
    return tuple(each["association"] for each in answers)


async def _role(session: Session, arn: str) -> RoleDocuments:
    """A role by its ARN; without an ARN in the answer if it does not exist."""
    name = arn.rpartition("/")[2]
    try:
        found, documents = await asyncio.gather(session.call("iam", "GetRole", RoleName=name), policies(session, name))
    except NotFound:
        return RoleDocuments(name=name)
    trust = document(found["Role"].get("AssumeRolePolicyDocument") or {})
    return RoleDocuments(name=name, arn=str(found["Role"]["Arn"]), trust=trust, policies=documents)


async def _certificates(session: Session) -> tuple[Body, ...]:
    """Every certificate, issued or not."""
    listed = await session.pages(
        "acm", "ListCertificates", "CertificateSummaryList", CertificateStatuses=STATUSES, Includes={"keyTypes": KEY_TYPES}
    )
    answers = await asyncio.gather(*(lookup.certificate(session, each) for each in listed))
    return tuple(each for each in answers if each)


async def _vpc_quotas(session: Session) -> dict[str, int]:
    """The quotas of security groups, as they are for this account."""
    names, answers = list(CODES), []
    for name in names:
        answers.append(await session.call("service-quotas", "GetServiceQuota", ServiceCode="vpc", QuotaCode=CODES[name]))
    return {name: int(each["Quota"]["Value"]) for name, each in zip(names, answers, strict=True)}


async def _quotas(session: Session) -> tuple[dict[str, int], dict[str, int]]:
    """The quotas of load balancing with the names of AWS, and how many are in use."""
    limits, balancers, groups = await asyncio.gather(
        session.pages("elbv2", "DescribeAccountLimits", "Limits"), session.inventory.load_balancers(), session.inventory.target_groups()
    )
    kinds = Counter(str(item.get("Type")) for item, _ in balancers)
    counts = {"application-load-balancers": kinds["application"], "network-load-balancers": kinds["network"], "target-groups": len(groups)}
    return {str(each["Name"]): int(each["Max"]) for each in limits}, counts
