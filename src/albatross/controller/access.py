"""The permissions in the cluster, checked at start: without a required one it waits, without an optional one a feature is off."""

import asyncio
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

import structlog

from albatross import frontend
from albatross.catalog import problems, rbac
from albatross.catalog.kinds import KINDS
from albatross.catalog.rbac import Access, AccessRule, Feature
from albatross.catalog.settings import Options
from albatross.install.rbac import snippet
from albatross.kube import review
from albatross.kube.client import Client
from albatross.kube.errors import KubeError
from albatross.model.config import Config
from albatross.model.problem import Origin, Problem
from albatross.model.snapshot import Key

log = structlog.get_logger("access")

AGAIN_SECONDS = 10.0
"""How often a missing required permission is asked for again (chosen by us)."""
ALWAYS: frozenset[Feature] = frozenset({"core", "events", "nodes", "class-params", "readiness-gates", "multi-cluster", "identity"})
ACCOUNT = re.compile(r"system:serviceaccount:([^:]+):([^:]+)")
ALONE = frozenset(row.plural for row in KINDS.values() if not row.namespaced)
"""Resources that are in no namespace."""


@dataclass(frozen=True, slots=True)
class Rights:
    """The rules that the cluster does not allow, each with only its missing part."""

    user: str
    missing: tuple[AccessRule, ...] = ()

    @property
    def lacking(self) -> frozenset[Feature]:
        """The features that are off."""
        return frozenset(rule.feature for rule in self.missing if not rule.required)

    @property
    def needed(self) -> tuple[AccessRule, ...]:
        """The missing rules that the controller cannot work without."""
        return tuple(rule for rule in self.missing if rule.required)


def used(options: Options) -> frozenset[Feature]:
    """The features that this process uses and that it checks here. `kube.crds` reports by itself that it may not write definitions."""
    leading: set[Feature] = {"leader-election"} if options.leader_election else set()
    services: set[Feature] = {"services"} if "Service" in frontend.ROOTS else set()
    return frozenset(ALWAYS | leading | services)


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


def account(user: str) -> Key | None:
    """The namespace and the name of a ServiceAccount; None for another user."""
    found = ACCOUNT.fullmatch(user)
    return (found[1], found[2]) if found else None


def complaints(rights: Rights) -> Iterator[Problem]:
    """A problem for each missing rule."""
    for rule in rights.missing:
        where = f" {'named ' + ', '.join(rule.names) if rule.names else ''}".rstrip()
        words = {
            "user": rights.user or "the controller",
            "access": f"{', '.join(rule.verbs)} {', '.join(rule.resources)}{where}",
            "role": "ClusterRole" if rule.scope == "cluster" else "Role",
            "rule": snippet(rule),
            **({"reason": rule.why} if rule.required else {"without": rule.without}),
        }
        key = account(rights.user)
        origin = Origin("ServiceAccount", *key) if key else Origin("User", "", rights.user)
        yield Problem("LB710" if rule.required else "LB711", origin, tuple(sorted(words.items())))


def tell(found: Iterable[Problem]) -> None:
    """Log each problem with its fix."""
    for problem in found:
        write = log.error if problems.severity(problem) == "error" else log.warning
        write("problem", code=problem.code, message=problems.message(problem), fix=problems.remedy(problem))


def _accesses(rule: AccessRule, home: str, config: Config) -> Iterator[Access]:
    for access in rbac.accesses(rule, home, rule.names):
        watched = rule.scope == "cluster" and access.resource.partition("/")[0] not in ALONE
        yield replace(access, namespace=config.watch_namespace) if watched else access


async def _missing(client: Client, rule: AccessRule, wanted: tuple[Access, ...]) -> AccessRule | None:
    """The part of a rule that is not allowed; None if all of it is allowed."""
    answers = await asyncio.gather(*(_allowed(client, each) for each in wanted))
    denied = [each for each, fine in zip(wanted, answers, strict=True) if not fine]
    resources = tuple(dict.fromkeys(each.resource for each in denied))
    return replace(rule, resources=resources, verbs=tuple(dict.fromkeys(each.verb for each in denied))) if denied else None


async def _allowed(client: Client, access: Access) -> bool:
    try:
        return await review.allowed(client, access)
    except KubeError as error:
        log.info("access not known", access=f"{access.verb} {access.target}", error=str(error))
        return True
