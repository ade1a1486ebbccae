"""Rules of a listener: the routes of all members in order, without rules that can never have an effect."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from albatross.model.ident import Ident
from albatross.model.problem import Origin
from albatross.model.resources.action import Action, Redirect
from albatross.model.resources.ref import Pairs, Ref
from albatross.model.resources.rule import Condition, Rule, Transform
from albatross.planner.builders import action
from albatross.planner.builders.port import Port
from albatross.planner.builders.target_group import TargetGroups
from albatross.planner.builders.task import Task


@dataclass(frozen=True, slots=True)
class Candidate:
    """A rule before it has a priority."""

    conditions: tuple[Condition, ...]
    actions: tuple[Action, ...]
    transforms: tuple[Transform, ...]
    tags: Pairs
    member: Ident
    origin: Origin
    alone: bool = False
    """Whether this port is the only one of the member, so that a rule that is left out here is nowhere."""


def build(port: Port, made: TargetGroups, task: Task) -> tuple[tuple[Rule, ...], dict[str, Origin]]:
    """The rules by priority, and the source of each by its id."""
    kept = optimised(port, list(_candidates(port, made, task)), task)
    rules = tuple(
        Rule(
            id=f"{port.id}:{priority}",
            listener=Ref("Listener", port.id, "arn"),
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
    for share, listen in port.heard:
        if share.member in task.ledger.withheld:
            continue
        tags = task.tags(share.tags)
        for route in listen.routes:
            actions = action.build(share.member, route, port.secure, made, task)
            if actions is not None:
                yield Candidate(route.conditions, actions, route.transforms, tags, share.member, route.origin, len(share.listens) == 1)


def optimised(port: Port, candidates: Sequence[Candidate], task: Task) -> list[Candidate]:
    """The rules without redirects to themselves, and without those that an earlier redirect covers."""
    kept: list[Candidate] = []
    shadows = _Shadows()
    for candidate in candidates:
        redirect = _redirect(candidate)
        if redirect and _endless(port, candidate, redirect):
            task.ledger.add("LB436" if candidate.alone else "LB167", candidate.origin, port=str(port.number))
            continue
        over = shadows.over(candidate)
        if over is not None:
            task.ledger.add("LB166", candidate.origin, port=str(port.number), by=f"{over.origin.object} {over.origin.field}")
            continue
        kept.append(candidate)
        if redirect:
            shadows.add(candidate)
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


@dataclass(frozen=True, slots=True)
class _Cover:
    """The requests that a redirect matches, compared as equal strings; no hosts or no paths means all of them."""

    candidate: Candidate
    hosts: frozenset[str]
    paths: frozenset[str]

    def takes(self, hosts: frozenset[str], paths: frozenset[str]) -> bool:
        """Whether it matches every request with these hosts and paths."""
        if self.hosts and not (hosts and self.hosts >= hosts):
            return False
        return not self.paths or "/*" in self.paths or bool(paths and self.paths >= paths)


class _Shadows:
    """The kept redirects by host, so that a rule is compared with few of them."""

    def __init__(self) -> None:
        self._by_host: dict[str, list[_Cover]] = {}

    def add(self, redirect: Candidate) -> None:
        """Add a redirect. With other conditions it matches only some requests, so it covers no rule and is not added."""
        if any(each.field not in ("host-header", "path-pattern") for each in redirect.conditions):
            return
        cover = _Cover(redirect, _values(redirect.conditions, "host-header"), _values(redirect.conditions, "path-pattern", True))
        for host in cover.hosts or ("",):
            self._by_host.setdefault(host, []).append(cover)

    def over(self, later: Candidate) -> Candidate | None:
        """The redirect that matches every request of a later rule."""
        if not self._by_host:
            return None
        hosts, paths = _values(later.conditions, "host-header"), _values(later.conditions, "path-pattern", True)
        known = (*self._by_host.get("", ()), *self._by_host.get(min(hosts, default=""), ()))
        return next((cover.candidate for cover in known if cover.takes(hosts, paths)), None)


def _values(conditions: Iterable[Condition], field: str, regex: bool = False) -> frozenset[str]:
    found: set[str] = set()
    for condition in conditions:
        if condition.field == field:
            found.update(condition.regex_values if regex and condition.regex_values else condition.values)
    return frozenset(found)
