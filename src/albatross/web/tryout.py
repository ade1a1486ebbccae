"""Manifests of the text box → what `lint` and `plan` say, for the cluster and the account as the controller knows them."""

from collections import ChainMap
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

import yaml

from albatross import frontend, manifests, pipeline
from albatross.catalog import kinds, problems, question, tracking
from albatross.catalog.kinds import KINDS
from albatross.controller.passes import PassRecord
from albatross.frontend.group import Group, Root
from albatross.manifests import Loaded
from albatross.model.config import Config
from albatross.model.facts import BackendSecurityGroup, Facts, Question, SecurityGroupFact
from albatross.model.ident import Ident
from albatross.model.observed import Observed
from albatross.model.problem import Problem
from albatross.model.resources.ref import BACKEND
from albatross.model.resources.stack import Stack, StackId
from albatross.model.snapshot import Snapshot
from albatross.page.compose import flaw
from albatross.page.trial import TriedGroup, TriedText
from albatross.page.view import Flaw
from albatross.planner.applied import applied
from albatross.web.gather import counts
from albatross.wording import words
from albatross.wording.details import FINAL
from albatross.wording.fold import blocks

FILE = "your text"
MEMBERS = 100
"""A group with more members is not planned here (chosen by us: the decision would take longer than a second)."""
UNKNOWN = "unknown-fact"


def tried(text: str, snapshot: Snapshot, config: Config, records: Mapping[StackId, PassRecord]) -> TriedText:
    """Check a text as if it were applied to the cluster."""
    if _aliased(text):
        return TriedText(refused="The text has YAML aliases (*name). They are not accepted here; write the values out.")
    loaded = manifests.read([manifests.Text(FILE, text)])
    after = _applied(snapshot, loaded.snapshot)
    roots = [Ident(kind, *key) for kind in frontend.ROOTS for key in kinds.objects(loaded.snapshot, kind)]
    found = [*loaded.problems, *pipeline.single(loaded.snapshot)]
    groups: dict[StackId, Group] = {}
    for ident in roots:
        placement, group = frontend.gather(after, config, ident)
        found += placement.problems
        if group is not None:
            groups[group.id] = group
    facts = _facts(records.values())
    tries = [_tried(group, after, config, records.get(id, PassRecord()), facts, found) for id, group in sorted(groups.items())]
    return TriedText(flaws=tuple(_flaws(found, loaded)), groups=tuple(tries))


def _aliased(text: str) -> bool:
    """Whether the text has an alias: few of them can make a document that is larger than the memory."""
    try:
        return any(isinstance(event, yaml.AliasEvent) for event in yaml.parse(text, Loader=yaml.SafeLoader))
    except yaml.YAMLError:
        return "*" in text and any(line.rpartition(" ")[2].startswith("*") for line in text.splitlines())


def _applied(snapshot: Snapshot, text: Snapshot) -> Snapshot:
    """The cluster with the objects of the text. An object that exists keeps what only the cluster writes."""
    maps: dict[str, Any] = {}
    for row in KINDS.values():
        own = getattr(text, row.field)
        if own and row.kind != "Secret":
            old = getattr(snapshot, row.field)
            maps[row.field] = ChainMap({key: _kept(old.get(key), noun) for key, noun in own.items()}, old)
    return replace(snapshot, workloads=text.workloads, **maps)


def _kept(old: Any, new: Any) -> Any:
    if old is None or not isinstance(new, Root):
        return new
    meta = old.metadata
    kept = replace(new.metadata, uid=meta.uid, resource_version=meta.resource_version, finalizers=meta.finalizers)
    return replace(new, metadata=replace(kept, creation_timestamp=meta.creation_timestamp), status=old.status)


def _facts(records: Iterable[PassRecord]) -> Facts:
    """Every answer that AWS gave in the last passes. The shared security group may have been created after the answer."""
    found: dict[Question, Any] = {}
    backend = ""
    for record in records:
        found.update(record.facts.answers)
        backend = record.ids.get(BACKEND, backend)
    if backend:
        found[BackendSecurityGroup()] = (SecurityGroupFact(id=backend),)
    return Facts(found)


def _tried(group: Group, snapshot: Snapshot, config: Config, record: PassRecord, facts: Facts, found: list[Problem]) -> TriedGroup:
    """The plan of one group; its problems are added to `found`."""
    name = tracking.output(group.id)
    if len(group.members) > MEMBERS:
        return TriedGroup(name=name, reason=f"The group has {len(group.members)} members; use `albatross plan --live -f FILE`.")
    prepared = pipeline.prepare(snapshot, config, group)
    decided = pipeline.decide(prepared, pipeline.build(prepared, facts, config), _observed(record, config), config)
    unknown = tuple(question.words(each) for each in sorted(prepared.questions - facts.answers.keys(), key=repr))
    found += [each for each in decided.problems if problems.PROBLEMS[each.code].slug != UNKNOWN]
    if decided.plan is None or decided.stack is None:
        waits = f"Only AWS knows {', '.join(unknown)}, and the controller has not asked for it." if unknown else ""
        return TriedGroup(name=name, reason=waits or "It has errors.")
    return TriedGroup(
        name=name,
        blocks=tuple(blocks(decided.plan, FINAL)),
        counts=counts(decided.plan) or "no changes",
        rules=_rules(decided.stack, group),
        unknown=unknown,
    )


def _observed(record: PassRecord, config: Config) -> Observed:
    """What AWS holds after the last pass."""
    return applied(record.stack, record.ids, config) if record.applied and record.stack else record.observed


def _rules(stack: Stack, group: Group) -> tuple[tuple[str, str], ...]:
    """What each request gets: conditions and actions, each once."""
    found = ((words.conditions(each.conditions), words.actions(each.actions)) for each in stack.rules if each.member in group.members)
    return tuple(dict.fromkeys(found))


def _flaws(found: Iterable[Problem], loaded: Loaded) -> Iterable[Flaw]:
    """The problems, each once, in the order of the lines; those of other objects come last."""
    rows = []
    for problem in problems.distinct(found):
        key = problems.PROBLEMS[problem.code].at_key
        place = loaded.sources.locate(problem.origin, key)
        made = flaw(problem)
        where = f"line {place.line}: {place.text.strip()}" if place else made.where
        rows.append(((place.line if place else 1 << 30), replace(made, where=where)))
    return [each for _, each in sorted(rows, key=lambda row: row[0])]
