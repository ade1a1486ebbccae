"""Finds the changes that move requests to target groups without checked targets: the rule keeps today's target groups until then.

AWS checks the health of targets only if a rule or listener uses their target group. So the new target groups are added with weight 0 first.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from albatross.model.config import Config
from albatross.model.plan import Awaited, Create, DeleteBinding, Operation, Update
from albatross.model.resources.action import Action, AuthenticateOidc, FixedResponse, Forward, Stickiness, WeightedTargetGroup
from albatross.model.resources.listener import Listener
from albatross.model.resources.ref import Ref, Token
from albatross.model.resources.rule import Condition, Rule
from albatross.planner import form
from albatross.planner.link import LISTENER, Linked

MOST = 5
"""Target groups of one forward action (elbv2 limit)."""
STICKY = "stickiness.enabled"
SHORTEST = Stickiness(enabled=True, duration_seconds=1)
"""AWS refuses several target groups if one is sticky and the action is not. One second is the minimum of AWS."""
BALANCED = frozenset({"HTTP", "HTTPS"})
"""The protocols of listeners that accept several target groups in one action."""


def marked(operations: Sequence[Operation], linked: Linked, config: Config) -> list[Operation]:
    """The operations; those that would move requests to target groups that get none today say what they wait for.

    The bindings of target groups that get requests until a rule changes say so.
    """
    if not config.targets_before_rules_seconds:
        return list(operations)
    scene, left = _Scene.of(linked, config), frozenset(_left(operations))
    return [
        replace(each, served=True) if isinstance(each, DeleteBinding) and each.before.resource.target_group in left else scene.marked(each)
        for each in operations
    ]


def _left(operations: Iterable[Operation]) -> Iterator[Token]:
    """The target groups that get requests from a rule or default action until it changes."""
    for each in operations:
        before = each.before.resource if isinstance(each, Update) else None
        if isinstance(before, Rule):
            yield from _used(before.actions)
        elif isinstance(before, Listener):
            yield from _used(before.default_actions)


@dataclass(frozen=True, slots=True)
class _Today:
    """What answers requests now."""

    actions: tuple[Action, ...]
    rule: Rule | None = None

    @property
    def serving(self) -> tuple[Token, ...]:
        return tuple(_used(self.actions))

    @property
    def answers(self) -> bool:
        """Whether it answers at all: 404 is the response without a default backend, and 503 that of a Service that does not exist."""
        last = self.actions[-1] if self.actions else None
        if isinstance(last, Forward):
            return bool(self.serving)
        return last is not None and not (isinstance(last, FixedResponse) and last.status_code[:1] in "45")


@dataclass(frozen=True, slots=True)
class _Scene:
    """The current rules of all listeners, in the order of AWS; `used`: target groups that get requests; `sticky`: those with cookies."""

    linked: Linked
    config: Config
    rules: Mapping[str, Sequence[Rule]]
    listeners: Mapping[str, Listener]
    used: frozenset[Token]
    sticky: frozenset[Token]

    @staticmethod
    def of(linked: Linked, config: Config) -> "_Scene":
        rules: dict[str, list[Rule]] = {}
        for each in sorted(linked.current.rules, key=lambda each: each.resource.priority):
            rules.setdefault(each.parent, []).append(each.resource)
        listeners = {each.arn: each.resource for each in linked.current.listeners}
        said = (*(each.default_actions for each in listeners.values()), *(each.resource.actions for each in linked.current.rules))
        used = frozenset(token for actions in said for token in _used(actions))
        return _Scene(linked, config, rules, listeners, used, frozenset(_sticky(linked)))

    def marked(self, operation: Operation) -> Operation:
        match operation:
            case Update(resource=Rule() as rule):
                return self._updated(operation, "actions", rule.listener.id)
            case Update(resource=Listener() as listener):
                return self._updated(operation, "default_actions", listener.id)
            case Create(resource=Rule() as rule) if found := self._covering(rule):
                actions = self._prepared(found.actions, rule.actions, rule.listener.id)
                transforms = found.rule.transforms if found.rule else ()
                made = replace(operation, resource=replace(rule, actions=actions, transforms=transforms)) if actions else None
                return self._awaiting(operation, found, rule.actions, made)
            case _:
                return operation

    def _updated(self, operation: Update, field: str, listener: str) -> Operation:
        """The change of a rule or listener, which has its actions in this field."""
        if field not in operation.changed:
            return operation
        before, after = operation.before.resource, getattr(operation.resource, field)
        today = _Today(getattr(before, field))
        actions = self._prepared(today.actions, after, listener)
        changed = replace(before, **{field: actions})  # type: ignore[arg-type]
        prepared = replace(operation, resource=changed, changed=(field,), put_tags=(), remove_tags=()) if actions else None
        return self._awaiting(operation, today, after, prepared)

    def _awaiting(
        self, operation: Create | Update, today: _Today, after: tuple[Action, ...], prepared: Create | Update | None
    ) -> Operation:
        fresh = tuple(token for token in dict.fromkeys(_used(after)) if token not in self.used)
        if not fresh or not today.answers:
            return operation
        known = {each.target_group for each in _targets(today.actions)}
        checked = isinstance(operation, Update) and known.issuperset(fresh)
        found = Awaited(groups=fresh, serving=today.serving, prepared=None if checked else prepared, checked=checked)
        return replace(operation, awaited=found)

    def _prepared(self, before: tuple[Action, ...], after: tuple[Action, ...], listener: str) -> tuple[Action, ...]:
        """Today's actions with the new target groups, which get no requests; empty if AWS does not allow that."""
        now, then = (each[-1] if each else None for each in (before, after))
        if not isinstance(now, Forward) or not isinstance(then, Forward) or not self._weighted(listener):
            return ()
        known = {each.target_group for each in now.target_groups}
        new = (WeightedTargetGroup(token, 0) for token in dict.fromkeys(_used(after)) if token not in known)
        groups = (*(replace(each, weight=1 if each.weight is None else each.weight) for each in now.target_groups), *new)
        heads = _heads(before[:-1], after[:-1])
        if len(groups) > MOST or heads is None:
            return ()
        return (*heads, Forward(groups, self._stickiness(groups, now)))

    def _weighted(self, listener: str) -> bool:
        found = self.listeners.get(self.linked.ids.get(LISTENER.ref(listener), ""))
        return found is not None and found.protocol in BALANCED and self.config.gate("WeightedTargetGroups")

    def _stickiness(self, groups: Iterable[WeightedTargetGroup], now: Forward) -> Stickiness | None:
        needed = any(each.target_group in self.sticky for each in groups)
        return SHORTEST if needed and not (now.stickiness and now.stickiness.enabled) else now.stickiness

    def _covering(self, rule: Rule) -> _Today | None:
        """What answers every request of a new rule today; None if nothing does, or not one alone."""
        arn = self.linked.ids.get(LISTENER.ref(rule.listener.id), "")
        if arn not in self.listeners:
            return None
        for each in self.rules.get(arn, ()):
            if covers(each.conditions, rule.conditions):
                return _Today(each.actions, each)
        found = _Today(self.listeners[arn].default_actions)
        return found if found.serving else None


def _heads(before: tuple[Action, ...], after: tuple[Action, ...]) -> tuple[Action, ...] | None:
    """The actions before the forward, as they are now. AWS does not return the secret of an OIDC client: if that client changes, None."""
    if form.actions(after, before) == after:
        return after
    return None if any(isinstance(each, AuthenticateOidc) for each in before) else before


def _targets(actions: Iterable[Action]) -> Iterator[WeightedTargetGroup]:
    return (target for action in actions if isinstance(action, Forward) for target in action.target_groups)


def _used(actions: Iterable[Action]) -> Iterator[Token]:
    """The target groups that get requests."""
    return (each.target_group for each in _targets(actions) if each.weight != 0)


def _sticky(linked: Linked) -> Iterator[Token]:
    for want in linked.stack.target_groups:
        if dict(want.attributes).get(STICKY) == "true":
            yield Ref("TargetGroup", want.id, "arn")
    kept = {arn: ref for ref, arn in linked.ids.items() if ref.field == "arn"}
    for have in linked.current.target_groups:
        if dict(have.resource.attributes).get(STICKY) == "true":
            yield kept.get(have.arn, have.arn)


# Which requests two rules match ------------------------------------------------------------------------------------


def covers(wider: Iterable[Condition], narrower: Iterable[Condition]) -> bool:
    """Whether it is certain that a rule with the wider conditions matches every request that the narrower ones match."""
    found = tuple(narrower)
    return all(any(_covers(each, other) for other in found) for each in wider)


def _covers(wider: Condition, narrower: Condition) -> bool:
    if (wider.field, wider.header) != (narrower.field, narrower.header):
        return False
    if not set(narrower.regex_values) <= set(wider.regex_values) or not set(narrower.query) <= set(wider.query):
        return False
    if wider.field not in ("host-header", "path-pattern"):
        return set(narrower.values) <= set(wider.values)
    folded = wider.field == "host-header"
    return all(any(_matches(pattern, text, folded) for pattern in wider.values) for text in narrower.values)


def _matches(pattern: str, text: str, folded: bool) -> bool:
    """Whether a pattern matches everything that another pattern matches. A `*` of the other one is only matched by a `*`."""
    parts = (".*" if each == "*" else "[^*]" if each == "?" else re.escape(each) for each in pattern)
    return re.fullmatch("".join(parts), text, re.IGNORECASE if folded else 0) is not None
