"""From a snapshot of the cluster to a decision, in pure steps: survey, prepare, build, decide."""

from collections import ChainMap
from collections.abc import Callable, Iterator, Mapping, Set
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

from albatross import frontend, traffic
from albatross.catalog import good, kinds, tracking
from albatross.catalog.good import Good, NotKept
from albatross.catalog.permissions import Feature
from albatross.catalog.problems import severity
from albatross.checks import checked_behind, examine, served, single
from albatross.checks.fronted import HealthRequest
from albatross.frontend.blame import blame
from albatross.frontend.group import NOTHING, Group, Read, Readings, Root, Survey
from albatross.install.features import asked
from albatross.model.config import Config
from albatross.model.facts import Facts, Question
from albatross.model.ident import Ident
from albatross.model.intent import Intent
from albatross.model.observed import Observed
from albatross.model.plan import Plan
from albatross.model.problem import Origin, Problem
from albatross.model.resources.action import Action
from albatross.model.resources.stack import Stack, StackId
from albatross.model.snapshot import Snapshot
from albatross.planner import claims, diff, replacing, safety
from albatross.planner.builders import build as lower
from albatross.planner.carry import carry, marks
from albatross.planner.claims import Slot
from albatross.planner.link import link
from albatross.planner.owner import Owners
from albatross.planner.questions import optional, questions

__all__ = ["Built", "Decision", "Group", "Prepared", "Survey", "build", "decide", "prepare", "preview", "single", "survey", "understand"]

Recall = Callable[[Set[Ident]], Mapping[Ident, Good]]
"""The last good versions that somebody remembers of these objects."""


def nobody(_: Set[Ident]) -> Mapping[Ident, Good]:
    """Remembers nothing."""
    return {}


RIGHTS = frozenset({"LB443", "LB444", "LB445"})
"""Problems about what a namespace may have in a group."""
SOMEWHERE = "192.0.2.1"
"""The host in a health check: an address of the load balancer. This one is for documentation (RFC 5737)."""


@dataclass(frozen=True, slots=True)
class Prepared:
    """A group after reading: its members, their desired state, and the questions to AWS before it can be built.

    `extra` questions are optional; their answers only make more problems predictable. `mentions` are the objects that each member depends
    on. `goods` are the last good versions that are read instead of versions with errors; `restored` are the members for which that version
    has no errors either. `moved` are leaving objects that still exist. `readings` make the next reading of the group fast.
    """

    id: StackId
    members: tuple[Ident, ...]
    leaving: tuple[Ident, ...]
    intent: Intent
    questions: frozenset[Question]
    problems: tuple[Problem, ...] = field(default=())
    extra: frozenset[Question] = field(default=frozenset())
    mentions: Mapping[Ident, frozenset[Ident]] = field(default_factory=dict)
    goods: Mapping[Ident, Good] = field(default_factory=dict)
    restored: frozenset[Ident] = field(default=frozenset())
    moved: tuple[Ident, ...] = ()
    readings: Readings = field(default_factory=dict, compare=False, repr=False)

    @property
    def faulty(self) -> frozenset[Ident]:
        """Members with errors that were found while they were read."""
        return frozenset(member.ident for member in self.intent.members if member.faulty)


@dataclass(frozen=True, slots=True)
class Built:
    """The desired state of a group, or None if there is an error that prevents one; and all its problems, from all steps so far."""

    stack: Stack | None
    problems: tuple[Problem, ...]


@dataclass(frozen=True, slots=True)
class Decision:
    """The work for one group; `plan` is None if an error prevents one, and then nothing changes.

    For members with errors, the stack keeps the resources that exist in AWS. `blamed` are the errors of each member. `asking` are the
    objects that ask for a feature, by feature. `desired` is the stack as it was before AWS was compared with it.
    `facts` are the answers of AWS that the controller used.
    """

    stack: Stack | None
    plan: Plan | None
    problems: tuple[Problem, ...]
    blamed: Mapping[Ident, tuple[Problem, ...]] = field(default_factory=dict)
    asking: Mapping[Feature, frozenset[Ident]] = field(default_factory=dict)
    desired: Stack | None = None
    facts: Facts = field(default_factory=Facts, compare=False, repr=False)


def survey(snapshot: Snapshot, config: Config) -> Survey:
    """Every group of the cluster, and the problems of objects that have no known group."""
    return frontend.survey(snapshot, config)


def preview(snapshot: Snapshot, config: Config, ident: Ident, most: int, recall: Recall = nobody) -> tuple[Problem, ...]:
    """Every problem of the group of one root that is visible without AWS. A group with more than `most` members is not read."""
    placement, group = frontend.gather(snapshot, config, ident)
    if group is None:
        return placement.problems
    if len(group.members) > most:
        alone = prepare(snapshot, config, Group.of(group.id, (placement,)))
        return (*placement.problems, *(each for each in alone.problems if each.code in RIGHTS))
    return build(prepare(snapshot, config, group, recall), Facts(), config).problems


def prepare(snapshot: Snapshot, config: Config, group: Group, recall: Recall = nobody, before: Readings = NOTHING) -> Prepared:
    """Read one group of the snapshot. `recall` helps to decide who had a host first, if this matters in the group.

    `before` are the readings of the same group from earlier; those that still hold are used again.
    """
    reader = frontend.of(group)
    read = reader.read(snapshot, config, group, before)
    if read.intent.first_come and (fought := claims.contested(read.intent)):
        read = _shared(read, fought, (snapshot, config, group), recall)
    asked, extra = questions(read.intent, config), optional(read.intent)
    mentions = {each: reader.mentions(kinds.find(snapshot, each)) for each in group.members}
    moved = tuple(each for each in group.leaving if not kinds.find(snapshot, each).metadata.deleting)
    problems = (*read.problems, *served(read.intent, snapshot, config.default_target_type))
    return Prepared(
        group.id, group.members, group.leaving, read.intent, asked, problems, extra, mentions, moved=moved, readings=read.readings
    )


def _shared(read: Read, fought: Mapping[Slot, frozenset[Ident]], seen: tuple[Snapshot, Config, Group], recall: Recall) -> Read:
    """The intent, in which each host with a path belongs to one namespace.

    Of two members, the one loses that asks for them only since its last good version, otherwise the one that the group does not serve yet,
    otherwise the younger object; an object in a file is the youngest.
    """
    snapshot, config, group = seen
    goods, _ = _goods(snapshot, frozenset[Ident]().union(*fought.values()), recall)
    before = claims.held(frontend.of(group).read(_laid(snapshot, goods), config, group).intent) if goods else {}

    live = frozenset(member.ident for member in read.intent.members if member.live)

    def rank(ident: Ident, slot: Slot) -> tuple[object, ...]:
        made = kinds.find(snapshot, ident).metadata.creation_timestamp
        return ident in goods and slot not in before.get(ident, ()), ident not in live, not made, made, ident

    intent, told = claims.settled(read.intent, fought, rank)
    return replace(read, intent=intent, problems=(*read.problems, *told))


def understand(snapshot: Snapshot, config: Config, group: Group, recall: Recall = nobody, before: Readings = NOTHING) -> Prepared:
    """Read one group. A member with errors is replaced by its last good version, if one is known; its current problems are kept.

    Versions that are not remembered are read from annotations of the members.
    """
    prepared = prepare(snapshot, config, group, recall, before)
    if not prepared.faulty or config.strict_groups:
        return prepared
    goods, told = _goods(snapshot, prepared.faulty, recall)
    prepared = replace(prepared, problems=(*prepared.problems, *told))
    laid = _laid(snapshot, goods)
    again = group.replaced(frontend.place(laid, config, goods))
    if not goods or set(again.members) != set(prepared.members):  # the edit moved the member to this group from another one
        return prepared
    found = prepare(laid, config, again, recall, prepared.readings)
    used = (Problem("LB440", Origin.of(ident), (("since", each.since),)) for ident, each in goods.items())
    every = tuple(dict.fromkeys((*prepared.problems, *found.problems, *used)))
    return replace(
        found,
        problems=every,
        mentions=prepared.mentions,
        goods=goods,
        readings=prepared.readings,
        restored=frozenset(goods.keys() - found.faulty),
    )


def _goods(snapshot: Snapshot, broken: Set[Ident], recall: Recall) -> tuple[dict[Ident, Good], list[Problem]]:
    """The last good version of each of these objects, if it is known; and problems of annotations with versions."""
    found, told = dict(recall(broken)), list[Problem]()
    for ident in sorted(broken - found.keys()):
        match good.read(kinds.find(snapshot, ident)):
            case Good() as version:
                found[ident] = version
            case NotKept(reason):
                told.append(unkept(ident, reason))
    return {ident: found[ident] for ident in sorted(found)}, told


def unkept(ident: Ident, reason: str) -> Problem:
    """The last good version of an object cannot be kept in its annotation, or cannot be used from there."""
    return Problem("LB441", Origin.of(ident, f'metadata.annotations["{tracking.LAST_GOOD}"]'), (("reason", reason),))


def _laid(snapshot: Snapshot, goods: Mapping[Ident, Good]) -> Snapshot:
    """The snapshot with what was written in these versions, and everything else from now. Its maps are not copied."""
    maps: dict[str, Any] = {}
    for kind in {ident.kind for ident in goods}:
        own = {ident.key: _beneath(each, kinds.find(snapshot, ident)) for ident, each in goods.items() if ident.kind == kind}
        maps[kinds.KINDS[kind].field] = ChainMap(own, kinds.objects(snapshot, kind))  # type: ignore[arg-type]  # nobody writes into it
    return replace(snapshot, **maps)


def _beneath(version: Good, now: Root) -> Root:
    return replace(version.noun, metadata=replace(now.metadata, annotations=version.noun.metadata.annotations), status=now.status)


def build(prepared: Prepared, facts: Facts, config: Config) -> Built:
    """The stack of a prepared group, built with the answers to its questions."""
    lowered = lower(prepared.intent, facts, config)
    found = examine(prepared.intent, lowered.stack, lowered.origins, facts, config.region)
    if lowered.stack is not None:
        found += checked_behind(prepared.intent, lowered.stack, partial(_answer, lowered.stack))
    return Built(lowered.stack, tuple(dict.fromkeys((*prepared.problems, *lowered.problems, *found))))


def _answer(stack: Stack, request: HealthRequest) -> tuple[Action, ...]:
    """The actions for a health check of a load balancer; empty if its source address decides, which is unknown."""
    wanted = traffic.HttpRequest(scheme=request.scheme, host=SOMEWHERE, port=request.port, path=request.path)
    found = traffic.trace(stack, wanted)
    fields = {condition.field for tried in found.steps for condition in tried.rule.conditions}
    return () if "source-ip" in fields else found.actions


def decide(prepared: Prepared, built: Built, observed: Observed, config: Config) -> Decision:
    """Keep the AWS resources of members with errors, and compare the stack with the current resources in AWS and in the cluster."""
    problems = (*built.problems, *_unidentified(prepared, observed), *_denied(prepared, observed))
    blamed = _blamed(problems, prepared)
    if built.stack is None:
        return Decision(None, None, problems, blamed)
    lost = (prepared.faulty | blamed.keys()) - prepared.restored - frozenset(prepared.leaving)
    owners = Owners((*prepared.members, *prepared.leaving), prepared.mentions)
    denied = {member.ident: member.denied for member in prepared.intent.members if member.denied}
    scene = replacing.split(built.stack, observed, config)
    carried = carry(marks(link(built.stack, scene.seen, config, scene.named)), lost, owners, config, denied)
    split = carried if scene.live is observed else link(carried.stack, scene.live, config, scene.aliases)
    linked = replacing.renamed(split, scene)
    plan = diff.plan(linked, config, scene)
    if refused := tuple(safety.protected(plan, prepared.intent)):
        return Decision(None, None, (*problems, *refused), _blamed((*problems, *refused), prepared))
    told = (*safety.replaced(plan, prepared.members), *safety.unprotected(plan, (*prepared.members, *prepared.leaving)))
    told += tuple(safety.replacing(plan, prepared.members))
    told += (*safety.left(plan, prepared.members or prepared.moved), *safety.readdressed(plan, prepared.members))
    told += tuple(safety.departed(plan, prepared.moved)) if prepared.members else ()
    return Decision(linked.stack, plan, (*problems, *told), blamed, _asking(prepared), built.stack)


def _blamed(problems: tuple[Problem, ...], prepared: Prepared) -> Mapping[Ident, tuple[Problem, ...]]:
    """The errors of each member, including leaving members."""
    found = blame(problems, prepared.members, prepared.mentions)
    errors = [problem for problem in problems if severity(problem) == "error"]
    own = {ident: tuple(error for error in errors if error.origin.ident == ident) for ident in prepared.leaving}
    return found | {ident: wrong for ident, wrong in own.items() if wrong}


def _unidentified(prepared: Prepared, observed: Observed) -> Iterator[Problem]:
    """Reported on the first object only. Without any object, the group is deleted, and the problem is not reported."""
    for ident in (*prepared.members, *prepared.leaving)[:1]:
        for arn in observed.unidentified:
            yield Problem("LB320", Origin.of(ident), (("arn", arn), ("group", str(prepared.id))))


def _asking(prepared: Prepared) -> Mapping[Feature, frozenset[Ident]]:
    pairs = [(feature, origin.ident) for share in prepared.intent.shares for feature, origin in asked(share)]
    return {feature: frozenset(ident for each, ident in pairs if each == feature) for feature, _ in pairs}


def _denied(prepared: Prepared, observed: Observed) -> Iterator[Problem]:
    """Reported at each setting that asks for a feature that AWS denies."""
    for share in prepared.intent.shares:
        for feature, origin in asked(share):
            if feature in observed.denied:
                yield Problem("LB713", origin, (("feature", feature),))
