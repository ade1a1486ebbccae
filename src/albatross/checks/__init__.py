"""Rules over what was built: what AWS would refuse or nobody could want, seen before it happens."""

from collections.abc import Mapping

from albatross.model.intent import Intent
from albatross.model.problem import Origin, Problem
from albatross.model.resources.stack import Stack


def examine(stack: Stack, origins: Mapping[str, Origin], intent: Intent) -> tuple[Problem, ...]:
    """Every problem that a stack shows; `origins` say where rules and target groups come from, by id."""
    return ()
