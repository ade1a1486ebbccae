"""The permissions in the cluster, checked at start: without a required one it waits, without an optional one a feature is off."""

import asyncio
from collections.abc import Iterable, Iterator
from dataclasses import replace

import structlog

from albatross.catalog import problems, rbac
from albatross.catalog.rbac import AccessRule, Feature, Grant
from albatross.catalog.settings import Options
from albatross.checks.access import Rights, account, complaints
from albatross.controller.webhook import service
from albatross.kube import review
from albatross.kube.client import Client
from albatross.model.config import Config
from albatross.model.problem import Problem

log = structlog.get_logger("access")

AGAIN_SECONDS = 10.0
"""How often a missing required permission is asked for again (chosen by us)."""
ALWAYS: frozenset[Feature] = frozenset(
    {"core", "events", "nodes", "class-params", "readiness-gates", "multi-cluster", "services", "identity", "last-state"}
)


def used(options: Options) -> frozenset[Feature]:
    """The features that this process uses. Webhooks with a certificate in files are registered by somebody else."""
    chosen: dict[Feature, bool] = {
        "leader-election": options.leader_election,
        "webhooks": options.enable_webhooks and service.source(options) != "files",
        "manage-crds": options.manage_crds,
    }
    return ALWAYS | {feature for feature, used in chosen.items() if used}


async def ask(client: Client, config: Config, options: Options) -> Rights:
    """Ask the cluster for every rule, all at the same time. A question without an answer counts as allowed."""
    user = await review.username(client)
    home = options.leader_election_namespace or client.access.namespace
    names = {"lease": options.leader_election_id, "account": user.rpartition(":")[2]}
    wanted = used(options) - (frozenset() if account(user) else {"identity"})
    rules = (*rbac.of(wanted, "cluster"), *rbac.of(wanted, "home"))
    named = [replace(rule, names=rbac.named(rule, **names)) for rule in rules]
    found = await asyncio.gather(*(_missing(client, rule, tuple(_accesses(rule, home, config))) for rule in named))
    return Rights(user, tuple(each for each in found if each))


async def settled(client: Client, config: Config, options: Options) -> Rights:
    """Ask, and ask again until everything that is required is allowed. Each change of what is missing is logged."""
    told: tuple[Problem, ...] = ()
    while True:
        rights = await ask(client, config, options)
        found = tuple(complaints(rights))
        if found != told:
            tell(found)
        if not rights.needed:
            return rights
        told = found
        await client.clock.sleep(AGAIN_SECONDS)


def tell(found: Iterable[Problem]) -> None:
    """Log each problem with its fix."""
    for problem in found:
        write = log.error if problems.severity(problem) == "error" else log.warning
        write("problem", code=problem.code, message=problems.message(problem), fix=problems.remedy(problem))


def _accesses(rule: AccessRule, home: str, config: Config) -> Iterator[Grant]:
    for access in rbac.accesses(rule, home, rule.names):
        watched = rule.scope == "cluster" and access.resource.partition("/")[0] not in rbac.ALONE
        yield replace(access, namespace=config.watch_namespace) if watched else access


async def _missing(client: Client, rule: AccessRule, wanted: tuple[Grant, ...]) -> AccessRule | None:
    """The part of a rule that is not allowed; None if all of it is allowed."""
    answers = await asyncio.gather(*(review.allowed(client, each) for each in wanted))
    denied = [each for each, fine in zip(wanted, answers, strict=True) if not fine]
    resources = tuple(dict.fromkeys(each.resource for each in denied))
    return replace(rule, resources=resources, verbs=tuple(dict.fromkeys(each.verb for each in denied))) if denied else None
