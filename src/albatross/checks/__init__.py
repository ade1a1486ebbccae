"""Checks of the intent and of the stack. They report what AWS would refuse, and what cannot be intended, before AWS is called.

One file for each subject. Every check has a row LB4## in the problem table.
"""

from collections.abc import Mapping

from albatross.catalog.notes import Notes
from albatross.checks import (
    account,
    action,
    attribute,
    binding,
    certain,
    condition,
    existence,
    fronted,
    ingress_class,
    listener,
    load_balancer,
    network,
    opening,
    parameters,
    pattern,
    plain,
    quota,
    reach,
    source,
    sticky,
    tag,
    target_group,
    workload,
)
from albatross.model.facts import Facts
from albatross.model.intent import Intent
from albatross.model.problem import Origin, Problem
from albatross.model.resources.stack import Stack
from albatross.model.snapshot import Snapshot

__all__ = ["checked_behind", "examine", "served", "single"]


def examine(intent: Intent, stack: Stack | None, origins: Mapping[str, Origin], facts: Facts, region: str) -> tuple[Problem, ...]:
    """Every problem of a group. `origins` are the places of rules and target groups, by id; `region` is empty if it is unknown."""
    notes = Notes()
    existence.check(intent, facts, notes)
    certain.check(intent, facts, region, notes)
    for subject in (load_balancer, listener, attribute, tag, target_group, condition, action, pattern, sticky, plain):
        subject.check(intent, notes)
    if stack is not None:
        network.check(intent, stack, notes)
        quota.check(intent, stack, origins, notes)
        reach.check(stack, origins, notes)
        source.check(intent, stack, notes)
        opening.check(intent, stack, facts, notes)
    return notes.problems


def served(intent: Intent, snapshot: Snapshot, default_target_type: str) -> tuple[Problem, ...]:
    """Problems of backends with their pods, as far as the snapshot has workloads. A cluster's snapshot has none."""
    notes = Notes()
    workload.check(intent, snapshot, default_target_type, notes)
    return notes.problems


def checked_behind(intent: Intent, stack: Stack, answer: fronted.Answer) -> tuple[Problem, ...]:
    """Problems of health checks that the rules of the load balancer behind answer."""
    notes = Notes()
    fronted.check(intent, stack, answer, notes)
    return notes.problems


def single(snapshot: Snapshot) -> tuple[Problem, ...]:
    """Problems without a group: of ServiceAccounts, IngressClassParams and TargetGroupBindings, used or not; mistyped class names."""
    found = [problem for _, each in sorted(snapshot.ingress_class_params.items()) for problem in parameters.check(each)]
    found += [problem for _, each in sorted(snapshot.ingresses.items()) for problem in ingress_class.check(each, snapshot)]
    found += [problem for _, each in sorted(snapshot.bindings.items()) for problem in binding.check(each, snapshot)]
    return (*found, *account.examine(snapshot.service_accounts))
