"""Which groups there are, and which Ingress belongs to which."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from albatross.catalog import tracking
from albatross.catalog.annotations.ingress import GROUP_NAME, GROUP_ORDER
from albatross.frontend.ingress import ownership
from albatross.frontend.notes import ReadingNotes
from albatross.frontend.reader import place
from albatross.model.config import Config
from albatross.model.ident import Ident
from albatross.model.problem import Origin, Problem
from albatross.model.resources.stack import StackId
from albatross.model.snapshot import Ingress, IngressClassParams, Snapshot

_NAME = re.compile(r"([a-z0-9][-a-z0-9.]*)?[a-z0-9]", re.ASCII)


@dataclass(frozen=True, slots=True)
class Group:
    """A group as the cluster has it: members in order, and objects that leave it but still carry its finalizer.

    `unclear` are objects of which it can't be told whether they belong here; `problems` are about its members, by member.
    """

    id: StackId
    members: tuple[Ident, ...] = ()
    leaving: tuple[Ident, ...] = ()
    unclear: tuple[Ident, ...] = ()
    problems: Mapping[Ident, tuple[Problem, ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Survey:
    """Every group by its id; what nobody claims; and what is wrong with objects whose group can't be told, by object."""

    groups: Mapping[StackId, Group]
    unclaimed: tuple[Ident, ...]
    problems: Mapping[Ident, tuple[Problem, ...]]
    params: Mapping[Ident, IngressClassParams]
    """The class parameters that rule a member, by member."""


def held(ingress: Ingress) -> tuple[StackId, ...]:
    """The groups whose finalizers an Ingress carries."""
    return tracking.held(tracking.INGRESS, ingress.metadata.key, ingress.metadata.finalizers)


@dataclass(slots=True)
class _Sorting:
    """A group while its members are gathered: (order, name, object)."""

    members: list[tuple[int, str, Ident]] = field(default_factory=list)
    leaving: list[Ident] = field(default_factory=list)
    unclear: list[Ident] = field(default_factory=list)
    problems: dict[Ident, tuple[Problem, ...]] = field(default_factory=dict)


def survey(snapshot: Snapshot, config: Config) -> Survey:
    """Sort every Ingress into its group."""
    groups: dict[StackId, _Sorting] = {}
    unclaimed: list[Ident] = []
    problems: dict[Ident, tuple[Problem, ...]] = {}
    params: dict[Ident, IngressClassParams] = {}
    default = ownership.defaults(snapshot)
    for _, ingress in sorted(snapshot.ingresses.items()):
        ident = ownership.origin(ingress).ident
        claim = ownership.claim(ingress, snapshot, config, default) if not ingress.metadata.deleting else ownership.Claim(False)
        own, faults = _group(ingress, claim)
        for stack in held(ingress):
            if stack != own:
                sorting = groups.setdefault(stack, _Sorting())
                (sorting.unclear if claim.problem else sorting.leaving).append(ident)
        if own is not None:
            sorting = groups.setdefault(own, _Sorting())
            order, wrong = _order(ingress)
            sorting.members.append((order, ident.short, ident))
            sorting.problems[ident] = wrong
            if claim.params:
                params[ident] = claim.params
        elif faults:
            problems[ident] = faults
        else:
            unclaimed.append(ident)
    return Survey({stack: _sorted(stack, found) for stack, found in groups.items()}, tuple(unclaimed), problems, params)


def _sorted(stack: StackId, found: _Sorting) -> Group:
    members = tuple(ident for _, _, ident in sorted(found.members))
    problems = {ident: wrong for ident, wrong in found.problems.items() if wrong}
    return Group(stack, members, tuple(found.leaving), tuple(found.unclear), problems)


def _group(ingress: Ingress, claim: ownership.Claim) -> tuple[StackId | None, tuple[Problem, ...]]:
    if claim.problem:
        return None, (claim.problem,)
    if not claim.ours:
        return None, ()
    name, at = _group_name(ingress, claim.params)
    if name is None:
        return StackId(tracking.INGRESS, *ingress.metadata.key), ()
    if not _NAME.fullmatch(name):
        return None, (Problem("LB137", at, (("name", name),)),)
    if len(name) > 63:
        return None, (Problem("LB138", at, (("length", str(len(name))), ("name", name))),)
    return StackId(tracking.INGRESS, "", name), ()


def _group_name(ingress: Ingress, params: IngressClassParams | None) -> tuple[str | None, Origin]:
    if params is not None and params.group_name is not None:
        return params.group_name, Origin("IngressClassParams", "", params.metadata.name, "spec.group.name")
    return ingress.metadata.annotations.get(GROUP_NAME.key), place(ownership.origin(ingress), GROUP_NAME.key)


def _order(ingress: Ingress) -> tuple[int, tuple[Problem, ...]]:
    raw = ingress.metadata.annotations.get(GROUP_ORDER.key)
    if raw is None:
        return 0, ()
    parsed = GROUP_ORDER.parse(raw)
    notes = ReadingNotes()
    for fault in parsed.faults:
        notes.fault(fault, place(ownership.origin(ingress), GROUP_ORDER.key))
    return parsed.value or 0, notes.problems
