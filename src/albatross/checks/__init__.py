"""Checks of the intent and of the stack. They report what AWS would refuse, and what cannot be intended, before AWS is called.

One file for each subject. Every check has a row LB4## in the problem table.
"""

from collections.abc import Mapping

from albatross.catalog.notes import Notes
from albatross.checks import action, attribute, condition, existence, listener, load_balancer, network, quota, reach, tag, target_group
from albatross.model.facts import Facts
from albatross.model.intent import Intent
from albatross.model.problem import Origin, Problem
from albatross.model.resources.stack import Stack

__all__ = ["examine"]


def examine(intent: Intent, stack: Stack | None, origins: Mapping[str, Origin], facts: Facts) -> tuple[Problem, ...]:
    """Every problem of a group. `origins` are the places of rules and target groups, by id."""
    notes = Notes()
    existence.check(intent, facts, notes)
    for subject in (load_balancer, listener, attribute, tag, target_group, condition, action):
        subject.check(intent, notes)
    if stack is not None:
        network.check(intent, stack, notes)
        quota.check(intent, stack, origins, notes)
        reach.check(stack, origins, notes)
    return notes.problems
