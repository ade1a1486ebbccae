"""Records an account; `recorded.Recording` answers from this, so that plans, tests and bug reports work offline."""

import asyncio
from collections.abc import Awaitable
from typing import Any

from albatross.aws.read import zone
from albatross.aws.session.client import Session
from albatross.aws.session.errors import AwsError
from albatross.aws.wire.certificate import KEY_TYPES
from albatross.model.config import Config

DROPPED = frozenset({"ResponseMetadata"})
"""Parts of answers without information about the account."""


async def record(session: Session, config: Config) -> dict[str, Any]:
    """`{"service.Operation": [items]}` of the account and region, JSON-ready; without items that we may not read. Changes nothing."""
    calls: dict[str, Awaitable[Any]] = {**_network(session), **_balancing(session), **_others(session)}
    answers = await asyncio.gather(*(_allowed(each) for each in calls.values()))
    found = {key: value for key, value in zip(calls, answers, strict=True) if value is not None}
    found |= await _details(session, found)
    found |= await _names(session, config)
    return {key: _plain(found[key]) for key in sorted(found)}


async def _allowed(call: Awaitable[Any]) -> Any:
    try:
        return await call
    except AwsError:
        return None


def _network(session: Session) -> dict[str, Awaitable[Any]]:
    zones = session.pages("ec2", "DescribeAvailabilityZones", "AvailabilityZones", AllAvailabilityZones=True)
    return {
        "ec2.DescribeAvailabilityZones": zones,
        "ec2.DescribeInstances": _instances(session),
        "ec2.DescribeRouteTables": session.pages("ec2", "DescribeRouteTables", "RouteTables"),
        "ec2.DescribeSecurityGroups": session.pages("ec2", "DescribeSecurityGroups", "SecurityGroups"),
        "ec2.DescribeSubnets": session.pages("ec2", "DescribeSubnets", "Subnets"),
        "ec2.DescribeVpcs": session.pages("ec2", "DescribeVpcs", "Vpcs"),
    }


async def _instances(session: Session) -> list[dict[str, Any]]:
    reservations = await session.pages("ec2", "DescribeInstances", "Reservations")
    return [instance for each in reservations for instance in each.get("Instances") or ()]


def _balancing(session: Session) -> dict[str, Awaitable[Any]]:
    return {
        "elasticloadbalancingv2.DescribeLoadBalancers": session.pages("elbv2", "DescribeLoadBalancers", "LoadBalancers"),
        "elasticloadbalancingv2.DescribeTargetGroups": session.pages("elbv2", "DescribeTargetGroups", "TargetGroups"),
        "elasticloadbalancingv2.DescribeTrustStores": session.pages("elbv2", "DescribeTrustStores", "TrustStores"),
    }


def _others(session: Session) -> dict[str, Awaitable[Any]]:
    listed = session.pages("acm", "ListCertificates", "CertificateSummaryList", Includes={"keyTypes": KEY_TYPES})
    return {
        "acm.ListCertificates": listed,
        "wafv2.ListWebACLs": session.pages("wafv2", "ListWebACLs", "WebACLs", Scope="REGIONAL"),
        "sts.GetCallerIdentity": session.call("sts", "GetCallerIdentity"),
    }


async def _names(session: Session, config: Config) -> dict[str, Any]:
    zones = await _allowed(zone.listed(session, config)) or {}
    ids = [each["Id"].rpartition("/")[2] for each in zones.get("route53.ListHostedZones", ())]
    records = await asyncio.gather(*(_allowed(zone.records(session, each)) for each in ids))
    return {**zones, "route53.ListResourceRecordSets": [each for found in records for each in found or ()]}


async def _details(session: Session, found: dict[str, Any]) -> dict[str, Any]:
    certificates = [item["CertificateArn"] for item in found.get("acm.ListCertificates", ())]
    described = await asyncio.gather(*(_allowed(_certificate(session, arn)) for arn in certificates))
    tags = await asyncio.gather(*(_allowed(_certificate_tags(session, arn)) for arn in certificates))
    arns = [item["LoadBalancerArn"] for item in found.get("elasticloadbalancingv2.DescribeLoadBalancers", ())]
    arns += [item["TargetGroupArn"] for item in found.get("elasticloadbalancingv2.DescribeTargetGroups", ())]
    owned = await _allowed(session.inventory.tags(arns)) or {}
    return {
        "acm.DescribeCertificate": [each for each in described if each],
        "acm.ListTagsForCertificate": [each for each in tags if each],
        "elasticloadbalancingv2.DescribeTags": [
            {"ResourceArn": arn, "Tags": [{"Key": key, "Value": value} for key, value in sorted(own.items())]} for arn, own in owned.items()
        ],
    }


async def _certificate(session: Session, arn: str) -> Any:
    return (await session.call("acm", "DescribeCertificate", CertificateArn=arn))["Certificate"]


async def _certificate_tags(session: Session, arn: str) -> Any:
    found = await session.call("acm", "ListTagsForCertificate", CertificateArn=arn)
    return {"CertificateArn": arn, "Tags": found.get("Tags") or []}


def _plain(value: Any) -> Any:
    """In the form of JSON: dates as text, answers without their metadata."""
    match value:
        case dict():
            return {key: _plain(each) for key, each in value.items() if key not in DROPPED}
        case list() | tuple():
            return [_plain(each) for each in value]
        case str() | int() | float() | bool() | None:
            return value
        case _:
            return str(value)
