"""Matches the rules of a listener: first by their effect, then by their priority, so that a route is never missing in between."""

from collections.abc import Sequence
from dataclasses import dataclass

from albatross.model.config import Config
from albatross.model.observed import Owned
from albatross.model.resources.rule import Rule
from albatross.planner import form

BOTTOM = 50000
"""The highest priority number (elbv2 limit): rules that will be deleted move here."""

Pair = tuple[Rule, Owned[Rule]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Match:
    """The pairs of desired and current rules of one listener; each list is sorted by priority."""

    kept: tuple[Pair, ...]
    moved: tuple[Pair, ...]
    changed: tuple[Pair, ...]
    created: tuple[Rule, ...]
    deleted: tuple[Owned[Rule], ...]

    @property
    def priorities(self) -> tuple[tuple[Owned[Rule], int], ...]:
        """New priorities for one call: rules that will be deleted move to the end, in their order. Empty if no rule moves."""
        if not self.moved:
            return ()
        down = [(rule, BOTTOM - index) for index, rule in enumerate(reversed(self.deleted))]
        moves = (*down, *((have, want.priority) for want, have in self.moved))
        return tuple(sorted(moves, key=lambda move: move[1]))


def match(desired: Sequence[Rule], current: Sequence[Owned[Rule]], config: Config) -> Match:
    """Pair the rules: first those with equal settings, in AWS' order (by priority); then those with equal priority."""
    left = sorted(current, key=lambda each: (each.resource.priority, each.arn))
    kept: list[Pair] = []
    moved: list[Pair] = []
    unmatched: list[Rule] = []
    for want in sorted(desired, key=lambda each: each.priority):
        have = next((each for each in left if _same(want, each.resource, config)), None)
        if have is None:
            unmatched.append(want)
            continue
        left.remove(have)
        (kept if have.resource.priority == want.priority else moved).append((want, have))
    places = {each.resource.priority: each for each in left}
    changed = [(want, places[want.priority]) for want in unmatched if want.priority in places]
    taken = {have.arn for _, have in changed}
    return Match(
        kept=tuple(kept),
        moved=tuple(moved),
        changed=tuple(changed),
        created=tuple(want for want in unmatched if want.priority not in places),
        deleted=tuple(each for each in left if each.arn not in taken),
    )


def _same(want: Rule, have: Rule, config: Config) -> bool:
    if form.conditions(want.conditions) != form.conditions(have.conditions):
        return False  # Most pairs end here, with a cheap check.
    seen = form.project(want, have, config)
    return (want.actions, want.conditions, want.transforms) == (seen.actions, seen.conditions, seen.transforms)
