"""Questions → answers from AWS: each is asked once, all at the same time; the kind of an answer decides how long it is cached."""

import asyncio
from collections.abc import Iterable, Mapping
from typing import Any

from albatross.aws.read import zone
from albatross.aws.session.assume import Roles
from albatross.aws.session.cache import KEPT_SECONDS
from albatross.aws.session.client import Session
from albatross.aws.session.errors import AwsError, NotFound, elsewhere
from albatross.aws.wire import answer
from albatross.aws.wire.certificate import KEY_TYPES
from albatross.catalog import tracking
from albatross.model import facts
from albatross.model.config import Config
from albatross.model.facts import Answer, Facts, Question, RefusedAnswer

FOREVER = float("inf")
BURST = 5.0
"""Chosen by us: groups that start at the same time share these answers, which otherwise each pass would request."""
SECONDS: Mapping[type, float] = {
    facts.SubnetsOfVpc: BURST,
    facts.SubnetsById: BURST,
    facts.RouteTables: BURST,
    facts.Zones: FOREVER,
    facts.SecurityGroupsById: BURST,
    facts.SecurityGroupsByName: BURST,
    facts.BackendSecurityGroup: 600,
    facts.ClusterSecurityGroups: BURST,
    facts.Certificates: 60,
    facts.TargetGroupByName: 20 * 60,
    facts.TargetGroupByArn: 60,
    facts.TargetGroupOf: BURST,
    facts.TrustStoreByName: 10 * 60,
    facts.WebAclByName: 60 * 60,
    facts.LoadBalancersOfStack: 0,
    facts.Vpc: 10 * 60,
    facts.HostedZones: 0,
    facts.RecordsOf: 0,
}
"""How long each kind of answer is cached; with 0, simultaneous requests still share one call.

An empty answer is not cached: what is missing is usually being made. The shared security group is made by ourselves.
"""

IMPORTED_SECONDS, ISSUED_SECONDS = 5 * 60, 10 * 3600
"""How long a certificate's domains are cached: an imported one can be imported again under its ARN, an issued one never changes."""


async def look(session: Session, questions: Iterable[Question], config: Config, roles: Roles | None = None, trust: float = 0.0) -> Facts:
    """An answer to every question; if AWS refuses, the answer is `RefusedAnswer`.

    `trust` is how old an answer may be in seconds, if this is more than the usual time of its kind; our own writes are in it anyway.
    `roles` are sessions of other roles for questions that name one. Without them, such a session lives as long as this call.
    """
    if roles is None:
        async with Roles(session) as own:
            return await look(session, questions, config, own, trust)
    asked = sorted(set(questions), key=repr)
    answers = await asyncio.gather(*(_answer(roles, each, config, trust) for each in asked))
    return Facts(dict(zip(asked, answers, strict=True)))


async def _answer(roles: Roles, question: Question, config: Config, trust: float) -> Answer:
    key = ("fact", question)
    try:
        session = await roles.session(question.role, question.external_id) if isinstance(question, facts.TargetGroupOf) else roles.home
        usual = SECONDS[type(question)]
        age, keep = (max(usual, trust), KEPT_SECONDS) if usual else (0.0, 0.0)
        found: Answer = await session.cache.get(key, age, lambda: _ask(session, question, config, trust), keep)
    except AwsError as error:
        return RefusedAnswer(error.operation, error.code, error.message, error.service, elsewhere(error))
    if found == () and not isinstance(question, facts.BackendSecurityGroup):
        session.cache.forget(key)
    return found


async def _ask(session: Session, question: Question, config: Config, trust: float) -> Answer:
    if isinstance(question, facts.LoadBalancersOfStack):
        return answer.read(question, await _load_balancers(session, question, trust), config)
    return answer.read(question, await _items(session, question, config), config)


async def _items(session: Session, question: Question, config: Config) -> answer.Items:
    """The items that the question's calls return, with the keys of a recording."""
    match question:
        case facts.Certificates():
            return await _certificates(session, config)
        case facts.HostedZones():
            return await zone.listed(session, config)
        case facts.RecordsOf():
            return await zone.named(session, question, config)
        case facts.BackendSecurityGroup() if config.backend_security_group:
            return {}
        case facts.TargetGroupByName() | facts.TargetGroupByArn() | facts.TargetGroupOf() | facts.TrustStoreByName() | facts.WebAclByName():
            return await _named(session, question)
        case _:
            return await _network(session, question, config)


async def _network(session: Session, question: Question, config: Config) -> answer.Items:
    place = [_filter("vpc-id", config.vpc_id)] if config.vpc_id else []
    match question:
        case facts.SubnetsOfVpc():
            return {"ec2.DescribeSubnets": await session.pages("ec2", "DescribeSubnets", "Subnets", Filters=place)}
        case facts.SubnetsById(ids):
            return {"ec2.DescribeSubnets": await session.pages("ec2", "DescribeSubnets", "Subnets", Filters=[_filter("subnet-id", *ids)])}
        case facts.RouteTables():
            return {"ec2.DescribeRouteTables": await session.pages("ec2", "DescribeRouteTables", "RouteTables", Filters=place)}
        case facts.Zones():
            found = await session.call("ec2", "DescribeAvailabilityZones", AllAvailabilityZones=True)
            return {"ec2.DescribeAvailabilityZones": found["AvailabilityZones"]}
        case facts.Vpc():
            filters = [_filter("vpc-id", config.vpc_id)] if config.vpc_id else []
            return {"ec2.DescribeVpcs": await session.pages("ec2", "DescribeVpcs", "Vpcs", Filters=filters)}
        case _:
            filters = _group_filters(question, config, place)
            return {"ec2.DescribeSecurityGroups": await session.pages("ec2", "DescribeSecurityGroups", "SecurityGroups", Filters=filters)}


def _group_filters(question: Question, config: Config, place: list[dict[str, Any]]) -> list[dict[str, Any]]:
    match question:
        case facts.SecurityGroupsById(ids):
            return [_filter("group-id", *ids)]
        case facts.SecurityGroupsByName(names):
            return [*place, _filter("tag:Name", *names)]
        case facts.ClusterSecurityGroups():
            return [*place, _filter("tag-key", tracking.cluster(config))]
        case _:
            return [*place, *(_filter(f"tag:{key}", value) for key, value in tracking.backend_group(config).items())]


def _filter(name: str, *values: str) -> dict[str, Any]:
    return {"Name": name, "Values": list(values)}


_Named = facts.TargetGroupByName | facts.TargetGroupByArn | facts.TargetGroupOf | facts.TrustStoreByName | facts.WebAclByName


async def _named(session: Session, question: _Named) -> answer.Items:
    """By name or ARN; if it does not exist, elbv2 returns an error, and we return an empty answer."""
    try:
        match question:
            case facts.TargetGroupByName():
                found = await session.pages("elbv2", "DescribeTargetGroups", "TargetGroups", Names=[question.name])
                return {"elasticloadbalancingv2.DescribeTargetGroups": found}
            case facts.TargetGroupByArn():
                found = await session.pages("elbv2", "DescribeTargetGroups", "TargetGroups", TargetGroupArns=[question.arn])
                return {"elasticloadbalancingv2.DescribeTargetGroups": found}
            case facts.TargetGroupOf():
                by: dict[str, Any] = {"TargetGroupArns": [question.arn]} if question.arn else {"Names": [question.name]}
                found = await session.pages("elbv2", "DescribeTargetGroups", "TargetGroups", **by)
                return {"elasticloadbalancingv2.DescribeTargetGroups": found}
            case facts.TrustStoreByName():
                found = await session.pages("elbv2", "DescribeTrustStores", "TrustStores", Names=[question.name])
                return {"elasticloadbalancingv2.DescribeTrustStores": found}
            case facts.WebAclByName():
                return {"wafv2.ListWebACLs": await session.pages("wafv2", "ListWebACLs", "WebACLs", Scope="REGIONAL")}
    except NotFound:
        return {}


async def _load_balancers(session: Session, question: facts.LoadBalancersOfStack, trust: float) -> answer.Items:
    """From the inventory that all groups share."""
    found = await session.inventory.tagged("load_balancer", question.stack, trust)
    described = [
        {"ResourceArn": item["LoadBalancerArn"], "Tags": [{"Key": key, "Value": value} for key, value in tags.items()]}
        for item, tags in found
    ]
    return {
        "elasticloadbalancingv2.DescribeLoadBalancers": [item for item, _ in found],
        "elasticloadbalancingv2.DescribeTags": described,
    }


async def _certificates(session: Session, config: Config) -> answer.Items:
    """The list, then the details of each; also the tags, if certificates that we requested must be recognized."""
    listed = await session.pages(
        "acm", "ListCertificates", "CertificateSummaryList", CertificateStatuses=["ISSUED"], Includes={"keyTypes": KEY_TYPES}
    )
    arns = [item["CertificateArn"] for item in listed]
    details = await asyncio.gather(*(certificate(session, item) for item in listed))
    items: dict[str, list[dict[str, Any]]] = {
        "acm.ListCertificates": [{"Status": "ISSUED", **item} for item in listed],
        "acm.DescribeCertificate": [each for each in details if each],
    }
    if config.gate("EnableCertificateManagement"):
        items["acm.ListTagsForCertificate"] = await asyncio.gather(*(_certificate_tags(session, arn) for arn in arns))
    return items


async def certificate(session: Session, item: Mapping[str, Any]) -> dict[str, Any] | None:
    """The details of a listed certificate; None if it was deleted after the list was read."""
    arn = item["CertificateArn"]
    seconds = IMPORTED_SECONDS if item.get("Type") == "IMPORTED" else ISSUED_SECONDS

    async def ask() -> dict[str, Any]:
        found: dict[str, Any] = (await session.call("acm", "DescribeCertificate", CertificateArn=arn))["Certificate"]
        return found

    try:
        return await session.cache.get(("certificate", arn), seconds, ask)
    except NotFound:
        return None


async def _certificate_tags(session: Session, arn: str) -> dict[str, Any]:
    try:
        found = await session.call("acm", "ListTagsForCertificate", CertificateArn=arn)
    except NotFound:
        return {"CertificateArn": arn, "Tags": []}
    return {"CertificateArn": arn, "Tags": found.get("Tags") or []}
