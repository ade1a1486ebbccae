"""The whole evidence: the cluster first, because it says which account, region, VPC and settings are meant; then AWS."""

from collections.abc import Mapping
from contextlib import AsyncExitStack
from dataclasses import fields, replace

from albatross.aws.session.client import Session
from albatross.aws.session.transport import region
from albatross.catalog.settings import SETTINGS, read
from albatross.cli import discover
from albatross.cli.gather import account, cluster, resolve
from albatross.cli.gather.account import Look
from albatross.cli.gather.cluster import Cluster
from albatross.cli.gather.parts import Parts
from albatross.cli.gather.resolve import Resolver
from albatross.cli.live import FIRST_SECONDS, Missing
from albatross.cli.option import CLUSTER
from albatross.cli.terminal import progress
from albatross.clock import Clock
from albatross.controller import place
from albatross.diagnose import controllers, identity
from albatross.diagnose.controllers import Running
from albatross.diagnose.evidence import PARTS, AwsEvidence, Evidence, Part
from albatross.errors import AlbatrossError
from albatross.install.installation import ACCOUNT, NAMESPACE, Installation
from albatross.kube import config as access
from albatross.kube.client import Client, Request
from albatross.model.config import Config
from albatross.model.ident import Ident

OF_AWS: tuple[Part, ...] = tuple(PARTS)[tuple(PARTS).index("aws") :]
"""The parts that need AWS."""
OF_CLUSTER: tuple[Part, ...] = tuple(PARTS)[tuple(PARTS).index("cluster") : tuple(PARTS).index("aws")]
"""The parts that need the Kubernetes API."""
LOCAL = frozenset({"kubeconfig", "context"})


async def collect(
    config: Config, kubeconfig: str, context: str, subject: Ident | None = None, resolver: Resolver | None = None
) -> Evidence:
    """The evidence about an object, or about the whole cluster. It raises nothing: what cannot be read is in `unseen`.

    `resolver` gives the addresses of a name; without it, the resolver of this machine.
    """
    parts = Parts()
    progress.begin("reading the cluster")
    async with AsyncExitStack() as stack:
        client, version = await _client(stack, parts, kubeconfig, context)
        found = await cluster.look(client, parts, subject) if client else Cluster()
        main = controllers.first(controllers.running(found.raw.get("Deployment", ())))
        holder = main.account if main else (NAMESPACE, ACCOUNT)
        config = _settled(config, main)
        world = await _world(stack, parts, client, config, found)
        progress.begin("reading AWS")
        aws = await account.look(world, parts, found.snapshot, subject) if world else AwsEvidence()
        if world and not subject:
            aws = await account.whole(world, parts, aws, holder, identity.named(found.snapshot.service_accounts.get(holder)))
        return Evidence(
            config=world.config if world else config,
            now=Clock().utc().timestamp(),
            subject=subject,
            server=client.access.server if client else "",
            version=version,
            snapshot=found.snapshot,
            objects=found.raw,
            authorities=found.authorities,
            leader=found.leader,
            aws=aws,
            resolved=await resolve.resolved(parts, found.snapshot, aws, account.members(found.snapshot, config, subject), resolver),
            unseen=parts.unseen,
        )


async def _client(stack: AsyncExitStack, parts: Parts, kubeconfig: str, context: str) -> tuple[Client | None, str]:
    """The cluster and its version, if it answers."""
    try:
        entry = access.load(kubeconfig, context)
    except AlbatrossError as error:
        parts.fail(("kubeconfig", *OF_CLUSTER), error)
        return None, ""
    client = await stack.enter_async_context(Client(entry))
    try:
        # a credential plugin may take longer than the cluster: it has a limit of its own
        await entry.token.get()
        version = await client.call(Request(method="GET", path="/version", timeout=FIRST_SECONDS))
    except AlbatrossError as error:
        parts.fail(OF_CLUSTER, error)
        return None, ""
    return client, str(version.get("gitVersion") or "")


def _settled(given: Config, main: Running | None) -> Config:
    """The settings of the controller that runs; what the user has given on the command line wins."""
    if main is None:
        return given
    known = {row.flag for row in SETTINGS} - LOCAL
    found = read({"cluster-name": CLUSTER, **{flag: text for flag, text in main.settings.items() if flag in known}}).config
    plain = read({"cluster-name": CLUSTER}).config
    own = {each.name: getattr(given, each.name) for each in fields(Config)}
    return replace(found, **{name: value for name, value in own.items() if value != getattr(plain, name)})


async def _world(stack: AsyncExitStack, parts: Parts, client: Client | None, config: Config, found: Cluster) -> Look | None:
    """The account, with the name of the cluster, the region and the VPC."""
    nodes: list[Mapping[str, object]] = list(found.raw.get("Node", ()))
    try:
        if config.cluster_name == CLUSTER and client:
            config = await _discovered(client, config)
        if config.cluster_name == CLUSTER:
            raise Missing("the cluster name is missing, and load balancers are found by it; pass --cluster-name NAME")
        config = replace(config, region=region(config) or place.of_nodes(nodes))
        session = await stack.enter_async_context(Session(config))
        number, _ = await session.identity()
        vpc = config.vpc_id or place.of_instances(await place.described(session, place.instances(nodes)))
    except AlbatrossError as error:
        parts.fail(OF_AWS, error)
        return None
    if not vpc:
        parts.fail(("network", "firewalls", "groups", "health"), "the VPC is unknown; pass --vpc-id VPC")
    return Look(session, replace(config, account=number, vpc_id=vpc))


async def _discovered(client: Client, config: Config) -> Config:
    """The configuration with the place of the cluster, from the kubeconfig, the nodes and AWS."""
    found = await discover.discover(client, Installation(cluster_name="", region=config.region, vpc_id=config.vpc_id))
    name = found.installation.cluster_name or CLUSTER
    return replace(config, cluster_name=name, region=found.installation.region, vpc_id=found.installation.vpc_id)
