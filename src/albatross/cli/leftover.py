"""What the cluster has in AWS and no object needs: whole groups, and only those that certainly nothing uses."""

import asyncio
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from albatross import pipeline
from albatross.aws.read import standing, zone
from albatross.catalog import kinds, tracking
from albatross.cli import decision, live
from albatross.cli.decision import Decided
from albatross.cli.live import Live
from albatross.frontend import FRONTENDS, ROOTS
from albatross.frontend.group import Group
from albatross.model.config import Config
from albatross.model.facts import Facts, Tags
from albatross.model.ident import Ident
from albatross.model.observed import Observed
from albatross.model.plan import Plan
from albatross.model.problem import Origin, Problem
from albatross.model.resources.stack import StackId
from albatross.model.snapshot import Snapshot
from albatross.planner import safety

Objects = Sequence[Mapping[str, Any]]
BINDING = "TargetGroupBinding"


@dataclass(frozen=True, slots=True)
class Leftovers:
    """The deletion of each group that nothing needs, and problems: what is kept, and why."""

    decisions: tuple[Decided, ...]
    problems: tuple[Problem, ...]

    @property
    def plans(self) -> tuple[Plan, ...]:
        """The plans with something to do."""
        return tuple(each.plan for each in self.decisions if each.plan)


@dataclass(frozen=True, slots=True)
class User:
    """An object that can name resources of a group, and its text. `group` is the group of a binding that a controller made."""

    ident: Ident
    group: StackId | None
    text: str


async def look(world: Live, everything: bool = False) -> Leftovers:
    """Find them. `everything`: the cluster may be without any load balancer. AWS is read before the cluster: what is new has an owner."""
    tagged = await standing.tagged(world.session, world.config)
    named = await zone.stacks(world.session, world.config) if world.config.enable_dns else frozenset[StackId]()
    objects = await live.held(world.client)
    snapshot = kinds.snapshot(objects)
    survey = pipeline.survey(snapshot, world.config)
    wanted = claimed(objects, survey)
    stacks = {stack for _, tags in tagged if (stack := tracking.tagged(tags))} | named
    shared = _shared(tagged, world.config)
    doubts = {stack: doubt for stack in sorted(stacks - wanted) if (doubt := _doubt(stack, survey, shared))}
    loose = sorted(stacks - wanted - doubts.keys())
    users = tuple(_users(objects)) if loose else ()
    found = await asyncio.gather(*(_delete(world, stack, snapshot, users) for stack in loose))
    problems = [_kept(stack, *doubt) for stack, doubt in doubts.items()]
    problems += [problem for _, kept in found for problem in kept]
    decisions = tuple(each for each, _ in found if each is not None)
    if decisions and not (stacks & wanted) and not everything:
        words = (("cluster", world.config.cluster_name), ("server", world.client.access.server))
        problems.append(Problem("LB681", Origin("Cluster", "", world.config.cluster_name), words))
    dangers = safety.sweep((each.plan for each in decisions if each.plan), world.config.allow_deletions)
    return Leftovers(decisions, (*problems, *dangers))


def claimed(objects: Objects, survey: pipeline.Survey) -> frozenset[StackId]:
    """The groups of all objects: by their settings, by their finalizers, and by their names, whichever controller serves them."""
    found = set(survey.groups)
    for each in objects:
        if each["kind"] not in ROOTS:
            continue
        head = each["metadata"]
        key = (str(head.get("namespace", "")), str(head["name"]))
        found |= {StackId(owner, *key) for owner in ROOTS[each["kind"]].OWNERS}
        found |= {stack for owner in tracking.OWNERS for stack in tracking.held(owner, key, head.get("finalizers") or ())}
    return frozenset(found)


Doubt = tuple[str, str]
"""Why a group is kept, and the fix."""


def _shared(tagged: Iterable[tuple[str, Tags]], config: Config) -> dict[StackId, tuple[str, str]]:
    """The groups with a resource that has the tag of another cluster too: the first such resource, and that cluster."""
    found: dict[StackId, tuple[str, str]] = {}
    for id, tags in tagged:
        others = {tags[key] for key in tracking.CLUSTER_TAGS if key in tags} - {config.cluster_name}
        if others and (stack := tracking.tagged(tags)):
            found.setdefault(stack, (id, min(others)))
    return found


def _doubt(stack: StackId, survey: pipeline.Survey, shared: Mapping[StackId, tuple[str, str]]) -> Doubt | None:
    """Why a group without objects may have an owner."""
    if stack.owner not in FRONTENDS:
        return "a controller of another kind of objects made it", "delete it with that controller"
    if stack.explicit and (lost := min(survey.problems, default=None)):
        return f"the group of {lost.kind} {lost.short} is unknown, and may be this one", f"correct {lost.kind} {lost.short} first"
    if stack in shared:
        id, other = shared[stack]
        return f"{id} has the tag of cluster {other} too", "remove the wrong tag"
    return None


async def _delete(world: Live, stack: StackId, snapshot: Snapshot, users: Sequence[User]) -> tuple[Decided | None, list[Problem]]:
    """The deletion of a group."""
    prepared = pipeline.prepare(snapshot, world.config, Group(stack))
    there, _ = await live.observed(world, prepared, snapshot)
    if doubt := used(there, stack, users):
        return None, [_kept(stack, *doubt)]
    decided = decision.decide(prepared, Facts(), there, world.config, snapshot)
    kept = [_kept(stack, f"{arn} has no tag that says what it is", "delete it by hand, if nothing uses it") for arn in there.unidentified]
    return (replace(decided, stack=None) if decided.plan else None), kept


def used(there: Observed, stack: StackId, users: Iterable[User]) -> Doubt | None:
    """Whether a load balancer is protected, or an object outside the group names a resource of it."""
    for balancer in there.load_balancers:
        if safety.protection(balancer.resource):
            return f"deletion protection of {balancer.resource.name} is on", "switch it off in AWS first, if nobody needs the load balancer"
    named = {each.arn for each in (*there.load_balancers, *there.target_groups, *there.security_groups)}
    for each in users:
        if each.group != stack and (found := next((arn for arn in sorted(named) if arn in each.text), "")):
            return f"{each.ident.kind} {each.ident.short} names {found}", f"remove it from {each.ident.kind} {each.ident.short} first"
    return None


def _users(objects: Objects) -> Iterator[User]:
    for each in objects:
        if each["kind"] in (BINDING, *ROOTS, "IngressClassParams"):
            head = each["metadata"]
            ident = Ident(each["kind"], str(head.get("namespace", "")), str(head["name"]))
            group = tracking.labelled(head.get("labels") or {}) if each["kind"] == BINDING else None
            yield User(ident, group, json.dumps(each))


def _kept(stack: StackId, reason: str, way: str) -> Problem:
    words = (("group", tracking.output(stack)), ("reason", reason), ("way", way))
    return Problem("LB680", Origin("Group", stack.namespace, stack.name), words)
