"""Rules of a listener: every member's routes in order, without those that can never do anything."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from albatross.model.problem import Origin
from albatross.model.resources.action import Action, Redirect
from albatross.model.resources.ref import Pairs, Ref
from albatross.model.resources.rule import Condition, Rule, Transform
from albatross.planner.build import action
from albatross.planner.build.port import Port
from albatross.planner.build.target_group import TargetGroups
from albatross.planner.build.task import Task


@dataclass(frozen=True, slots=True)
class Candidate:
    """A rule before it has a priority."""

    conditions: tuple[Condition, ...]
    actions: tuple[Action, ...]
    transforms: tuple[Transform, ...]
    tags: Pairs
    member: str
    origin: Origin


def build(port: Port, made: TargetGroups, task: Task) -> tuple[tuple[Rule, ...], dict[str, Origin]]:
    """The rules by priority, and where each comes from by id."""
    kept = optimised(port, list(_candidates(port, made, task)), task)
    rules = tuple(
        Rule(
            id=f"{port.number}:{priority}",
            listener=Ref("Listener", str(port.number), "arn"),
            priority=priority,
            actions=candidate.actions,
            conditions=candidate.conditions,
            transforms=candidate.transforms,
            tags=candidate.tags,
            member=candidate.member,
        )
        for priority, candidate in enumerate(kept, 1)
    )
    return rules, {rule.id: candidate.origin for rule, candidate in zip(rules, kept, strict=True)}


def _candidates(port: Port, made: TargetGroups, task: Task) -> Iterable[Candidate]:
    for member in port.members:
        if member.name in task.ledger.withheld:
            continue
        tags = task.tags(member.tags)
        for route in member.routes:
            actions = action.build(member, route, port.secure, made, task)
            if actions is not None:
                yield Candidate(route.conditions, actions, route.transforms, tags, member.name, route.origin)


def optimised(port: Port, candidates: Sequence[Candidate], task: Task) -> list[Candidate]:
    """Without redirects to themselves, and without what an earlier redirect shadows."""
    kept: list[Candidate] = []
    redirects: list[Candidate] = []
    for candidate in candidates:
        redirect = _redirect(candidate)
        if redirect and _endless(port, candidate, redirect):
            task.ledger.add("LB167", candidate.origin, port=str(port.number))
            continue
        over = next((each for each in redirects if _covers(each, candidate)), None)
        if over is not None:
            task.ledger.add("LB166", candidate.origin, port=str(port.number), by=f"{over.origin.object} {over.origin.field}")
            continue
        kept.append(candidate)
        if redirect:
            redirects.append(candidate)
    return kept


def _redirect(candidate: Candidate) -> Redirect | None:
    return next((each for each in candidate.actions if isinstance(each, Redirect)), None)


def _endless(port: Port, candidate: Candidate, redirect: Redirect) -> bool:
    """Whether the redirect leads to the same rule again."""
    if any(each.field == "path-pattern" and each.regex_values for each in candidate.conditions):
        return False
    hosts = _values(candidate.conditions, "host-header")
    paths = _values(candidate.conditions, "path-pattern")
    stays = (
        redirect.host in (None, "#{host}", *hosts),
        redirect.path in (None, "/#{path}", *paths),
        redirect.port in (None, "#{port}", str(port.number)),
        redirect.protocol in (None, "#{protocol}", port.protocol),
        redirect.query in (None, "#{query}"),
    )
    return all(stays)


def _covers(earlier: Candidate, later: Candidate) -> bool:
    """Whether a kept redirect takes everything that a later rule matches, as far as equal strings tell."""
    if any(each.field not in ("host-header", "path-pattern") for each in earlier.conditions):
        return False
    hosts, paths = _values(earlier.conditions, "host-header"), _values(earlier.conditions, "path-pattern", True)
    their_hosts, their_paths = _values(later.conditions, "host-header"), _values(later.conditions, "path-pattern", True)
    if hosts and not (their_hosts and hosts >= their_hosts):
        return False
    return not paths or "/*" in paths or bool(their_paths and paths >= their_paths)


def _values(conditions: Iterable[Condition], field: str, regex: bool = False) -> frozenset[str]:
    found: set[str] = set()
    for condition in conditions:
        if condition.field == field:
            found.update(condition.regex_values if regex and condition.regex_values else condition.values)
    return frozenset(found)
