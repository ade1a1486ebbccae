"""Rules over what was asked for and what was built: what AWS would refuse or nobody could want, seen before it happens.

One file a subject; every rule is a row LB4## of the problem table.
"""

from collections.abc import Mapping

from albatross.catalog.notes import Notes
from albatross.checks import action, attribute, condition, existence, listener, load_balancer, quota, reach, tag, target_group
from albatross.model.facts import Facts
from albatross.model.intent import Intent
from albatross.model.problem import Origin, Problem
from albatross.model.resources.stack import Stack

__all__ = ["examine"]


def examine(intent: Intent, stack: Stack | None, origins: Mapping[str, Origin], facts: Facts) -> tuple[Problem, ...]:
    """Every problem that shows; `origins` say where rules and target groups come from, by id."""
    notes = Notes()
    existence.check(intent, facts, notes)
    for subject in (load_balancer, listener, attribute, tag, target_group, condition, action):
        subject.check(intent, notes)
    if stack is not None:
        quota.check(intent, stack, origins, notes)
        reach.check(stack, origins, notes)
    return notes.problems
