"""Intent, facts and settings → the stack: one file a noun, and none knows what kind of object it serves."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from albatross.model.config import Config
from albatross.model.facts import Facts
from albatross.model.intent import Intent
from albatross.model.problem import Origin, Problem
from albatross.model.resources.stack import Stack
from albatross.planner.builders import addon, certificate, frontend, listener, load_balancer, port
from albatross.planner.builders.ledger import Ledger
from albatross.planner.builders.target_group import TargetGroups
from albatross.planner.builders.task import Task


@dataclass(frozen=True, slots=True)
class Lowered:
    """A stack, or None where an error forbids one; `origins` say where rules and target groups come from, by id."""

    stack: Stack | None
    problems: tuple[Problem, ...]
    origins: Mapping[str, Origin] = field(default_factory=dict)


def build(intent: Intent, facts: Facts, config: Config) -> Lowered:
    """Lower a group. A group without members is an empty stack, in which nothing stays."""
    if not intent.members:
        return Lowered(None if intent.broken else Stack(id=intent.id), ())
    ledger = Ledger(frozenset(member.ident for member in intent.members if member.live))
    stack, origins = _stack(Task(intent, facts, config, ledger))
    faulty = any(member.faulty for member in intent.members) or bool(ledger.faulty)
    refused = intent.broken or ledger.broken or ledger.blamed(intent.members) or (config.strict_groups and faulty)
    return Lowered(None if refused else stack, ledger.problems, origins)


def _stack(task: Task) -> tuple[Stack, Mapping[str, Origin]]:
    ports = port.ports(task)
    balancer, groups = load_balancer.build(ports, task)
    made = TargetGroups(balancer.ip_address_type, groups.source, task)
    web_acls, regional, protections = addon.web_acls(task), addon.regional_web_acls(task), addon.protections(task)
    front = frontend.build(balancer, ports, task)
    built = listener.build(ports, made, task)
    stack = Stack(
        id=task.intent.id,
        security_groups=(groups.managed,) if groups.managed else (),
        certificates=certificate.requested(task),
        load_balancers=(balancer, *front.load_balancers),
        target_groups=(*made.target_groups, *front.target_groups),
        listeners=(*built.listeners, *front.listeners),
        rules=tuple(built.rules),
        bindings=made.bindings,
        registrations=tuple(front.targets),
        web_acls=web_acls,
        regional_web_acls=regional,
        protections=protections,
        backend_group_needed=groups.backend_needed,
    )
    return stack, {**made.origins, **built.origins}
