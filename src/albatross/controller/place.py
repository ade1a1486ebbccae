"""Our place in AWS: the region and the VPC. The instance metadata service is the last source."""

import os
import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import aiohttp
import structlog

from albatross.aws.session.client import Session
from albatross.aws.session.errors import CODES_OF_CREDENTIALS, AwsError, Denied, IdentityError, NotFound, Unavailable
from albatross.catalog import problems
from albatross.catalog.kinds import KINDS
from albatross.controller import fault
from albatross.errors import AlbatrossError
from albatross.kube.client import CALL_SECONDS, Client, Request
from albatross.kube.errors import Forbidden, KubeError, Unauthorized, Unconfigured
from albatross.model.config import Config
from albatross.model.problem import Origin

log = structlog.get_logger("place")

REGION_LABEL = "topology.kubernetes.io/region"
ZONE = re.compile(r"([a-z]{2,}(?:-[a-z]+)+-\d+)[a-z]?(?:-[a-z0-9-]+)?")
INSTANCE = re.compile(r"i-[0-9a-f]{8,17}")
METADATA = {"ipv4": "http://169.254.169.254", "ipv6": "http://[fd00:ec2::254]"}
# Outside of EC2 these addresses do not answer, and with a hop limit of 1 the answer does not reach a pod.
METADATA_SECONDS = 1.0
NODES = "50"
SOME = 3
"""Instances that are described (chosen by us): one is enough, the others are for the case that a node was deleted a moment ago."""


class Unplaced(AlbatrossError):
    """The region or the VPC is unknown; the text lists the ways to set it."""


async def region(config: Config, nodes: list[Mapping[str, object]], environ: Mapping[str, str] = os.environ) -> Config:
    """The configuration with its region: setting, environment, the nodes' labels or provider ids, instance metadata.

    It stays empty if no source has it, because the AWS profile may set it.
    """
    found = config.region or environ.get("AWS_REGION") or environ.get("AWS_DEFAULT_REGION") or of_nodes(nodes)
    if not found and not environ.get("AWS_PROFILE"):
        found = await metadata("meta-data/placement/region", environ)
    return replace(config, region=found or "")


async def vpc(session: Session, config: Config, seen: list[Mapping[str, Any]], tags: Mapping[str, str]) -> Config:
    """The configuration with its VPC: setting, tags, the VPC of a node's instance, instance metadata. `Unplaced` if no source has it.

    `seen` are instances of nodes, as EC2 describes them.
    """
    if config.vpc_id:
        return config
    if tags:
        return replace(config, vpc_id=await _tagged(session, tags))
    found = of_instances(seen) or await _of_metadata()
    if not found:
        ways = "pass --aws-vpc-id, or --aws-vpc-tags Name=…, or allow the controller to read nodes and to call ec2:DescribeInstances"
        raise Unplaced(f"the VPC is unknown: no setting and no instance of a node names it; {ways}")
    return replace(config, vpc_id=found)


async def check(session: Session, config: Config) -> None:
    """Check that AWS answers and that the VPC exists. Errors: Unplaced, IdentityError; a missing permission is only logged."""
    where = f"region {config.region}" if config.region else "the profile's region"
    try:
        await session.pages("ec2", "DescribeVpcs", "Vpcs", VpcIds=[config.vpc_id])
    except NotFound as error:
        raise Unplaced(
            f"VPC {config.vpc_id} is not in {where}; check --aws-region, --aws-vpc-id and the account of the credentials"
        ) from error
    except Unavailable as error:
        raise Unplaced(f"AWS cannot be reached in {where}: {error.message}; check --aws-region and the network") from error
    except Denied as error:
        if error.code in CODES_OF_CREDENTIALS:
            raise Unplaced(f"AWS refuses the credentials ({error.code}): {error.message}") from error
        found = fault.problem(error, Origin("ServiceAccount", "", ""), "read the VPC", config.cluster_name)
        log.warning("VPC not readable", code=found.code, problem=problems.sentence(found))


async def cluster(client: Client, config: Config, seconds: float = CALL_SECONDS) -> str:
    """The version of the cluster. Check that it answers within this time, and that we may read Ingresses.

    Errors: Unreachable; Unconfigured with the fix.
    """
    entry = client.access
    try:
        version = await client.call(Request(method="GET", path="/version", timeout=seconds))
        await client.get(KINDS["Ingress"].path(config.watch_namespace), {"limit": "1"})
    except Unauthorized as error:
        ways = ("renew them (for EKS: `aws eks update-kubeconfig`)", "pass --kubeconfig or --context with others")
        raise Unconfigured(f"the cluster at {entry.server} does not accept the credentials of {entry.source}", ways) from error
    except Forbidden as error:
        way = "bind the controller's ClusterRole to its service account"
        raise Unconfigured(f"the credentials of {entry.source} may not read Ingresses: {error.message}", (way,)) from error
    return str(version.get("gitVersion") or "")


async def nodes(client: Client) -> list[Mapping[str, object]]:
    """Some nodes of the cluster; an empty list if we may not read nodes."""
    try:
        return list((await client.get("/api/v1/nodes", {"limit": NODES}))["items"])
    except KubeError as error:
        log.info("nodes not readable", error=str(error))
        return []


def of_nodes(found: list[Mapping[str, object]]) -> str:
    """The region from a node's label, or from the zone in its provider id; empty if no node has it."""
    for node in found:
        labels = _inner(_inner(node, "metadata"), "labels")
        if labels.get(REGION_LABEL):
            return str(labels[REGION_LABEL])
    for node in found:
        parts = _provider(node).split("/")
        match = ZONE.fullmatch(parts[3]) if len(parts) > 4 else None
        if match:
            return match.group(1)
    return ""


def instances(found: list[Mapping[str, object]]) -> list[str]:
    """The instance ids in the nodes' provider ids."""
    names = [_provider(node).rsplit("/", 1)[-1] for node in found]
    return [name for name in names if INSTANCE.fullmatch(name)]


async def metadata(path: str, environ: Mapping[str, str] = os.environ) -> str:
    """A value of the instance metadata service, at the endpoint of the AWS SDKs' variables; empty if it does not answer within a second.

    Source: https://docs.aws.amazon.com/sdkref/latest/guide/feature-imds-credentials.html
    """
    if environ.get("AWS_EC2_METADATA_DISABLED", "").lower() == "true":
        return ""
    mode = environ.get("AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE", "").lower()
    endpoint = environ.get("AWS_EC2_METADATA_SERVICE_ENDPOINT") or METADATA.get(mode, METADATA["ipv4"])
    root = f"{endpoint.rstrip('/')}/latest"
    timeout = aiohttp.ClientTimeout(total=METADATA_SECONDS)
    try:
        async with aiohttp.ClientSession(timeout=timeout) as http:
            async with http.put(f"{root}/api/token", headers={"X-aws-ec2-metadata-token-ttl-seconds": "60"}) as answer:
                token = await answer.text() if answer.status == 200 else ""
            # a service without tokens (version 1) refuses an empty one
            async with http.get(f"{root}/{path}", headers={"X-aws-ec2-metadata-token": token} if token else {}) as answer:
                return (await answer.text()).strip() if answer.status == 200 else ""
    except (aiohttp.ClientError, OSError):  # TimeoutError is an OSError
        return ""


async def _tagged(session: Session, tags: Mapping[str, str]) -> str:
    filters = [{"Name": f"tag:{key}", "Values": [value]} for key, value in sorted(tags.items())]
    found = await session.pages("ec2", "DescribeVpcs", "Vpcs", Filters=filters)
    if len(found) != 1:
        named = ", ".join(f"{key}={value}" for key, value in sorted(tags.items()))
        raise Unplaced(f"{'no VPC exists' if not found else 'several VPCs exist'} with tags {named}; pass --aws-vpc-id instead")
    return str(found[0]["VpcId"])


async def described(session: Session, names: list[str]) -> list[Mapping[str, Any]]:
    """Some of these instances as EC2 describes them; an empty list if it may not be asked. Errors: IdentityError.

    One that was deleted a moment ago is left out: a filter, unlike a list of ids, accepts ids that do not exist.
    """
    if not names:
        return []
    asked = [{"Name": "instance-id", "Values": names[:SOME]}]
    try:
        reservations = await session.pages("ec2", "DescribeInstances", "Reservations", Filters=asked)
    except IdentityError:
        raise
    except AwsError as error:
        log.info("instances not readable", instances=names[:SOME], error=str(error))
        return []
    return [instance for entry in reservations for instance in entry.get("Instances", ())]


def of_instances(seen: list[Mapping[str, Any]]) -> str:
    """The VPC of the first instance that has one; empty if none has."""
    return next((str(each["VpcId"]) for each in seen if each.get("VpcId")), "")


async def _of_metadata() -> str:
    mac = await metadata("meta-data/mac")
    return await metadata(f"meta-data/network/interfaces/macs/{mac}/vpc-id") if mac else ""


def _provider(node: Mapping[str, object]) -> str:
    return str(_inner(node, "spec").get("providerID") or "")


def _inner(value: Mapping[str, object], name: str) -> Mapping[str, object]:
    found = value.get(name)
    return found if isinstance(found, Mapping) else {}
