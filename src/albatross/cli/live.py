"""A cluster and its AWS account, opened together. The live subcommands only read them."""

import asyncio
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from typing import Any, TypeVar

from albatross import manifests, pipeline
from albatross.aws.read import lookup, observe
from albatross.aws.session.client import Session
from albatross.aws.session.transport import region
from albatross.catalog import kinds
from albatross.catalog.kept import kept
from albatross.cli import decision
from albatross.cli.decision import Decided
from albatross.cli.option import CLUSTER
from albatross.cli.terminal import progress
from albatross.controller import place
from albatross.errors import AlbatrossError
from albatross.frontend import NAMED, READERS, READS, ROOTS, mentions
from albatross.kube import bindings
from albatross.kube import config as access
from albatross.kube.client import Client
from albatross.kube.errors import KubeError, KubeNotFound
from albatross.manifests import Sources
from albatross.model.config import Config
from albatross.model.facts import Facts, Vpc
from albatross.model.ident import Ident
from albatross.model.observed import Observed
from albatross.model.problem import Problem
from albatross.model.snapshot import Snapshot

T = TypeVar("T")

NEEDED = tuple(dict.fromkeys((*ROOTS, *READS, bindings.ROW.kind)))
"""Kinds that a plan depends on. Objects of some more kinds are read by name, so that no permission to list all of them is needed."""

PAGE = 500
FIRST_SECONDS = 4.0
"""The longest wait for the first answer of a cluster (chosen by us: a command that reads a cluster fails within five seconds)."""


class Missing(AlbatrossError):
    """A missing setting that is needed to read the cluster or the account. The text says how to set it."""


@dataclass(frozen=True, slots=True)
class Live:
    """An open cluster and account."""

    client: Client
    session: Session
    config: Config


@asynccontextmanager
async def opened(config: Config, kubeconfig: str, context: str) -> AsyncIterator[Live]:
    """Open both. Errors: Missing for the first missing setting; then the cluster is asked first, and its errors are shown at once."""
    cluster = access.load(kubeconfig, context)
    if config.cluster_name == CLUSTER:
        raise Missing(
            "the cluster name is missing; load balancers are found by it\n  - pass --cluster-name NAME\n  - set ALBATROSS_CLUSTER_NAME=NAME"
        )
    async with Client(cluster) as client:
        # a credential plugin may take longer than the cluster: it has a limit of its own
        await cluster.token.get()
        await place.cluster(client, config, FIRST_SECONDS)
        nodes = [] if config.vpc_id else await _nodes(client)
        if not (config.vpc_id or place.instances(nodes)):
            raise _no_vpc()
        config = replace(config, region=region(config) or place.of_nodes(nodes))
        async with Session(config) as session:
            account, _ = await session.identity()
            vpc = config.vpc_id or place.of_instances(await place.described(session, place.instances(nodes)))
            if not vpc:
                raise _no_vpc()
            live = Live(client, session, replace(config, account=account, vpc_id=vpc))
            await _vpc(live)
            yield live


def _no_vpc() -> Missing:
    return Missing("the VPC is unknown\n  - pass --vpc-id VPC\n  - set ALBATROSS_AWS_VPC_ID=VPC")


async def _nodes(client: Client) -> list[Mapping[str, Any]]:
    """The nodes of the cluster; their instances give region and VPC. Empty if they cannot be read: later errors are clearer."""
    try:
        return await objects(client, ("Node",))
    except KubeError:
        return []


async def _vpc(live: Live) -> None:
    known = await lookup.look(live.session, [Vpc()], live.config)
    if known.answers.get(Vpc()) == ():
        where = f"in {live.config.region} of account {live.config.account}"
        raise Missing(f"VPC {live.config.vpc_id} does not exist {where}\n  - check the region: pass --region REGION, or set AWS_REGION")


def run(work: Callable[[], Awaitable[T]]) -> T:
    """Run it on a new event loop, and show its progress. Ctrl-C cancels it and closes its connections."""

    async def body() -> T:
        async with progress.shown(sys.stderr):
            return await work()

    return asyncio.run(body())


async def objects(client: Client, names: Iterable[str] = NEEDED) -> list[Mapping[str, Any]]:
    """Every object of these kinds as JSON; empty for kinds that the cluster does not know."""
    wanted = [kinds.KINDS[name] for name in names]
    progress.begin("reading the cluster", len(wanted))
    found = await asyncio.gather(*(_objects(client, row) for row in wanted))
    return [obj for each in found for obj in each]


async def _objects(client: Client, row: kinds.Kind) -> list[Mapping[str, Any]]:
    items: list[Mapping[str, Any]] = []
    more = ""
    while True:
        try:
            page = await client.get(row.path(), {"limit": str(PAGE), **({"continue": more} if more else {})})
        except KubeNotFound:
            progress.step()
            return items
        items += [{**item, "apiVersion": row.api_version, "kind": row.kind} for item in page.get("items") or ()]
        more = (page.get("metadata") or {}).get("continue") or ""
        if not more:
            progress.step()
            return items


async def snapshot(client: Client, files: Iterable[Mapping[str, Any]] = ()) -> Snapshot:
    """The cluster as if the files had been applied to it, with the objects that others mention by name."""
    return kinds.snapshot(await held(client, files))


async def held(client: Client, files: Iterable[Mapping[str, Any]] = ()) -> list[Mapping[str, Any]]:
    """The objects of `snapshot`, as JSON."""
    found = applied(await objects(client), files)
    seen = kinds.snapshot(found)
    mentioned = {each for kind in READERS for noun in kinds.objects(seen, kind).values() for each in mentions(kind, noun)}
    wanted = sorted(each for each in mentioned if each.kind in NAMED and kinds.find(seen, each) is None)
    named = await asyncio.gather(*(_named(client, ident) for ident in wanted))
    return [*found, *(each for each in named if each)]


async def _named(client: Client, ident: Ident) -> Mapping[str, Any] | None:
    row = kinds.KINDS[ident.kind]
    try:
        return {**await client.get(row.path(*ident.key)), "apiVersion": row.api_version, "kind": row.kind}
    except KubeNotFound:
        return None


def applied(cluster: Iterable[Mapping[str, Any]], files: Iterable[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """The objects of the cluster as if the files had been applied. An existing object keeps the values that the server gives."""
    found = {_key(obj): obj for obj in cluster}
    for obj in files:
        found[_key(obj)] = kept(found.get(_key(obj), {}), obj)
    return list(found.values())


def _key(obj: Mapping[str, Any]) -> tuple[str, str, str]:
    return str(obj["kind"]), str(obj["metadata"].get("namespace", "")), str(obj["metadata"]["name"])


async def observed(live: Live, prepared: pipeline.Prepared, known: Snapshot) -> tuple[Observed, Facts]:
    """The resources of the group in AWS and in the cluster, and the answers to its questions."""
    return await seen(live.session, live.config, prepared, known)


async def seen(session: Session, config: Config, prepared: pipeline.Prepared, known: Snapshot) -> tuple[Observed, Facts]:
    """The same, without an open cluster."""
    answers, now = await asyncio.gather(
        lookup.look(session, prepared.questions | prepared.extra, config), observe.observe(session, prepared.id, config)
    )
    own = bindings.observe(known.bindings.values(), prepared.id)
    progress.step()
    return replace(now, bindings=own), answers


def decided(config: Config, given: Mapping[str, Any]) -> tuple[list[Decided], list[Problem], Sources]:
    """The decision for every group of the cluster, with the files applied; all other problems; and the places of the files.

    `given` are the options: `kubeconfig`, `context`, and perhaps `paths`, `namespace` and `groups`.
    """
    loaded = manifests.load(given.get("paths", ()), namespace=given.get("namespace", "default"))

    async def work() -> tuple[list[Decided], tuple[Problem, ...]]:
        async with opened(config, given["kubeconfig"], given["context"]) as world:
            return await decide(world, loaded.objects, given.get("groups", ()))

    decisions, loose = run(work)
    return decisions, [*loaded.problems, *loose], loaded.sources


async def decide(
    world: Live, files: Iterable[Mapping[str, Any]] = (), groups: Sequence[str] = ()
) -> tuple[list[Decided], tuple[Problem, ...]]:
    """`decision.offline` for an open cluster and account, with the files applied."""
    cluster = await snapshot(world.client, files)
    survey = decision.narrowed(pipeline.survey(cluster, world.config), groups)
    every = list(decision.prepare(cluster, world.config, survey))
    progress.begin("reading AWS", len(every))
    seen = await asyncio.gather(*(observed(world, prepared, cluster) for prepared in every))
    pairs = zip(every, seen, strict=True)
    return [decision.decide(prepared, known, there, world.config, cluster) for prepared, (there, known) in pairs], decision.loose(survey)
