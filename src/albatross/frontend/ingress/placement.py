"""The group of an Ingress."""

import re

from albatross.catalog import tracking
from albatross.catalog.annotations.ingress import GROUP_NAME, GROUP_ORDER
from albatross.frontend.group import Placement, Root
from albatross.frontend.ingress import ownership, tenancy
from albatross.frontend.notes import ReadingNotes
from albatross.frontend.reader import place as annotation
from albatross.model.config import Config
from albatross.model.problem import Origin, Problem
from albatross.model.resources.stack import StackId
from albatross.model.snapshot import Ingress, IngressClassParams, Snapshot

_NAME = re.compile(r"([a-z0-9][-a-z0-9.]*)?[a-z0-9]", re.ASCII)


def place(noun: Root, snapshot: Snapshot, config: Config) -> Placement:
    """The placement of an Ingress. It reads only its class, its namespace, default classes, and class parameters."""
    assert isinstance(noun, Ingress), "the only kind with a stack of this owner"
    claim = ownership.Claim(False) if noun.metadata.deleting else ownership.claim(noun, snapshot, config)
    stack, problems = _group(noun, claim)
    order, refused = 0, None
    if stack is not None and (refusals := tenancy.refusal(noun, stack, _asked(noun, claim.params), snapshot)):
        stack, refused, problems = None, stack, refusals
    if stack is not None:
        order, problems = _order(noun)
    return Placement(
        ident=ownership.origin(noun).ident,
        stack=stack,
        refused=refused,
        order=order,
        problems=problems,
        undecided=claim.problem is not None,
        held=tracking.held(tracking.INGRESS, noun.metadata.key, noun.metadata.finalizers),
        rulers=(claim.params,) if claim.params and stack else (),
    )


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
    return ingress.metadata.annotations.get(GROUP_NAME.key), annotation(ownership.origin(ingress), GROUP_NAME.key)


def _asked(ingress: Ingress, params: IngressClassParams | None) -> Origin:
    """The field of an Ingress that chooses its group."""
    if params is not None and params.group_name is not None:
        return ownership.origin(ingress, "spec.ingressClassName")
    return annotation(ownership.origin(ingress), GROUP_NAME.key)


def _order(ingress: Ingress) -> tuple[int, tuple[Problem, ...]]:
    raw = ingress.metadata.annotations.get(GROUP_ORDER.key)
    if raw is None:
        return 0, ()
    parsed = GROUP_ORDER.parse(raw)
    notes = ReadingNotes()
    for fault in parsed.faults:
        notes.fault(fault, annotation(ownership.origin(ingress), GROUP_ORDER.key))
    return parsed.value or 0, notes.problems
