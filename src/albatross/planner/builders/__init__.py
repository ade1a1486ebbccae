"""Intent, facts and settings → the stack. Each noun has one file; these files do not depend on the kind of the Kubernetes object."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from albatross.model.config import Config
from albatross.model.facts import Facts
from albatross.model.intent import Intent
from albatross.model.problem import Origin, Problem
from albatross.model.resources.addon import Protection, RegionalWebAclAssociation, WebAclAssociation
from albatross.model.resources.stack import Stack
from albatross.planner.builders import addon, certificate, listener, load_balancer, record
from albatross.planner.builders.ledger import Ledger
from albatross.planner.builders.load_balancer import Frame
from albatross.planner.builders.task import Task


@dataclass(frozen=True, slots=True)
class Lowered:
    """A stack, or None if there is an error that prevents one; `origins` are the sources of rules and target groups, by id."""

    stack: Stack | None
    problems: tuple[Problem, ...]
    origins: Mapping[str, Origin] = field(default_factory=dict)


def build(intent: Intent, facts: Facts, config: Config) -> Lowered:
    """Build the stack of a group. For a group without members it is empty, so all its resources are deleted."""
    if not intent.members:
        return Lowered(None if intent.broken else Stack(id=intent.id), ())
    ledger = Ledger(frozenset(member.ident for member in intent.members if member.live))
    stack, origins = _stack(Task(intent, facts, config, ledger))
    faulty = any(member.faulty for member in intent.members) or bool(ledger.faulty)
    refused = intent.broken or ledger.broken or ledger.blamed(intent.members) or (config.strict_groups and faulty)
    return Lowered(None if refused else stack, ledger.problems, origins)


def _stack(task: Task) -> tuple[Stack, Mapping[str, Origin]]:
    frames: dict[str, Frame] = {}
    web_acls: list[WebAclAssociation] = []
    regional: list[RegionalWebAclAssociation] = []
    protections: list[Protection] = []
    for balancer in task.intent.balancers:
        frame = load_balancer.build(balancer, frames.get(balancer.in_front_of), task)
        if frame is None:
            continue
        frames[balancer.id] = frame
        web_acls += addon.web_acls(balancer, task)
        regional += addon.regional_web_acls(balancer, task)
        protections += addon.protections(balancer, task)
    # The load balancer in front is built first: if that withholds a member, the load balancer behind must not serve its routes either.
    built = {id: listener.build(frame, frames.get(frame.balancer.in_front_of), task) for id, frame in reversed(frames.items())}
    parts = [(frame, built[id]) for id, frame in frames.items()]
    named = record.records({id: frame.noun for id, frame in frames.items()}, task)
    stack = Stack(
        id=task.intent.id,
        security_groups=tuple(frame.groups.managed for frame, _ in parts if frame.groups.managed),
        certificates=certificate.requested(task),
        load_balancers=tuple(load_balancer.marked(frame, named.known) for frame, _ in parts),
        target_groups=tuple(group for frame, _ in parts for group in frame.targets.target_groups),
        listeners=tuple(each for _, made in parts for each in made.listeners),
        rules=tuple(each for _, made in parts for each in made.rules),
        bindings=tuple(each for frame, _ in parts for each in frame.targets.bindings),
        registrations=tuple(each for _, made in parts for each in made.registrations),
        web_acls=tuple(web_acls),
        regional_web_acls=tuple(regional),
        protections=tuple(protections),
        records=named.made,
        records_known=named.known,
        graces=tuple((frame.noun.id, frame.grace) for frame, _ in parts),
        backend_group_needed=any(frame.groups.backend_needed for frame, _ in parts),
    )
    return stack, {id: at for frame, made in parts for id, at in (*frame.targets.origins.items(), *made.origins.items())}
