"""What is known about a group → its card: boxes, wires, and every problem on the box that has it."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace

from albatross.catalog import tracking
from albatross.catalog.health import REASONS
from albatross.catalog.problems import PROBLEMS, message, remedy, severity
from albatross.model.plan import Noun, Operation
from albatross.model.problem import Problem
from albatross.model.resources.action import Action, Forward
from albatross.model.resources.listener import Listener
from albatross.model.resources.load_balancer import LoadBalancer
from albatross.model.resources.ref import Ref, Token
from albatross.model.resources.rule import Condition, Rule
from albatross.model.resources.stack import Stack, StackId
from albatross.model.resources.target_group import TargetGroup
from albatross.model.target import Registered
from albatross.page.markup import named
from albatross.page.owner import owners
from albatross.page.view import BALANCER, GROUP, LISTENER, TARGET, Box, Card, Flaw, Health, Wire, marred, worst
from albatross.wording import words
from albatross.wording.words import plural

RULES, TARGETS = 12, 6
"""The rules of a listener and the targets of a group that a folded card shows (chosen by us: a picture fits on a screen)."""
STATES: Mapping[str, Health] = {
    "healthy": "good",
    "initial": "warn",
    "unhealthy": "bad",
    "unavailable": "warn",
    "unhealthy.draining": "warn",
    "active": "good",
    "provisioning": "warn",
    "active_impaired": "warn",
    "failed": "bad",
}
"""The states of targets and load balancers in AWS. The others, such as draining and unused, mean that nothing is wrong."""


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupState:
    """What the controller knows about a group. `ids` are those of AWS by reference.

    `states` are the states of load balancers and `targets` the targets of target groups, by ARN. `names` are pods and nodes, by the id of
    their target. `failed` are operations that failed. `paths` are (Service, host, path) of the paths of Ingresses, by their origin.
    """

    id: StackId
    objects: tuple[str, ...] = ()
    stack: Stack | None = None
    ids: Mapping[Ref, str] = field(default_factory=dict)
    problems: tuple[Problem, ...] = ()
    failed: tuple[tuple[Operation | None, Problem], ...] = ()
    states: Mapping[str, str] = field(default_factory=dict)
    targets: Mapping[str, tuple[Registered, ...]] = field(default_factory=dict)
    names: Mapping[str, str] = field(default_factory=dict)
    paths: Mapping[str, tuple[str, str, str]] = field(default_factory=dict)


def flaw(problem: Problem) -> Flaw:
    """A problem with all its texts."""
    at = problem.origin
    where = at.object + (f" {at.field}" if at.field else "") + (f" at {at.pointer}" if at.pointer else "")
    return Flaw(problem.code, severity(problem), where, message(problem), PROBLEMS[problem.code].why, remedy(problem))


def card(state: GroupState) -> Card:
    """The card of a group."""
    return _Composer(state).card()


class _Composer:
    def __init__(self, state: GroupState) -> None:
        self.state = state
        self.id = named(tracking.output(state.id))
        self.stack = state.stack or Stack(id=state.id)
        self.wires: list[Wire] = []
        self.flaws = owners(self.stack, state.problems, state.failed, state.paths)

    def card(self) -> Card:
        groups = {each.id: self._targets(each) for each in self.stack.target_groups}
        healths = {id: boxes[0].health for id, boxes in groups.items()}
        listeners = [self._listener(each, healths) for each in self.stack.listeners]
        balancers = [self._balancer(each, listeners) for each in self.stack.load_balancers]
        boxes = _folded(
            [*balancers, *(box for each in listeners for box in each), *(box for each in groups.values() for box in each)], self
        )
        flaws = tuple(flaw(each) for each in self.flaws.get(None, ()))
        return Card(
            id=self.id,
            name=tracking.output(self.state.id),
            objects=self.state.objects,
            hosts=tuple(sorted(_hosts(self.stack))),
            numbers=self._numbers(boxes),
            health=marred(worst(box.health for box in balancers), flaws),
            boxes=tuple(boxes),
            wires=tuple(dict.fromkeys(self.wires)),
            flaws=flaws,
        )

    def _numbers(self, boxes: list[Box]) -> str:
        """`1 load balancer, 2 listeners, 3 rules, 4 of 5 targets healthy`."""
        if not self.stack.load_balancers:
            return "no load balancer"
        targets = [box for box in boxes if box.column == TARGET and box.fold != "few" and box.state in LIVE]
        healthy = sum(box.state == "healthy" for box in targets)
        counted = (
            ("load balancer", len(self.stack.load_balancers)),
            ("listener", len(self.stack.listeners)),
            ("rule", len(self.stack.rules)),
        )
        said = [plural(noun, number) for noun, number in counted if number]
        return ", ".join([*said, f"{healthy:,} of {plural('target', len(targets))} healthy" if targets else "0 targets"])

    # Boxes -----------------------------------------------------------------------------------------------------------

    def _box(self, column: int, resource: Noun, health: Health, **more: str | bool) -> Box:
        noun = type(resource).__name__
        found = tuple(flaw(each) for each in self.flaws.get((noun, resource.id), ()))
        texts = {"title": resource.id, **more}
        return Box(
            id=self._named(noun, resource.id),
            column=column,
            noun=words.NAMES[noun],
            health=marred(health, found),
            flaws=found,
            resource=resource,
            arn=self.state.ids.get(Ref(noun, resource.id, "arn"), ""),
            **texts,  # type: ignore[arg-type]  # texts of the box, and whether it is an inner one
        )

    def _named(self, noun: str, id: str) -> str:
        return named(self.id, noun, id)

    def _balancer(self, found: LoadBalancer, listeners: list[list[Box]]) -> Box:
        arn = self.state.ids.get(Ref("LoadBalancer", found.id, "arn"), "")
        state = self.state.states.get(arn, "") if arn else "not created"
        own = {wire.end for wire in self.wires if wire.start == self._named("LoadBalancer", found.id)}
        below = worst(box.health for boxes in listeners for box in boxes if boxes[0].id in own)
        text = f"{found.scheme} {'NLB' if found.type == 'network' else 'ALB'}"
        return self._box(BALANCER, found, worst((below, STATES.get(state, "idle"))), title=found.name, text=text, state=state)

    def _listener(self, found: Listener, healths: Mapping[str, Health]) -> list[Box]:
        """A listener, its rules in their order, and its default actions as the last rule."""
        rules = sorted((each for each in self.stack.rules if each.listener.id == found.id), key=lambda each: each.priority)
        me = self._named("Listener", found.id)
        self.wires.append(Wire(self._named("LoadBalancer", found.load_balancer.id), me))
        inner = [self._rule(each, healths) for each in rules]
        if found.default_actions:
            inner.append(self._default(found, healths))
        self.wires += (Wire(me, each.id) for each in inner)
        number = len(set(found.certificates))
        text = ", ".join(each for each in (plural("certificate", number) if number else "", found.ssl_policy or "") if each)
        health = worst(each.health for each in inner)
        return [self._box(LISTENER, found, health, title=f"{found.protocol}:{found.port}", text=text), *inner]

    def _rule(self, found: Rule, healths: Mapping[str, Health]) -> Box:
        health = self._forwards(self._named("Rule", found.id), found.actions, healths)
        text = words.actions(found.actions)
        title = _asked(found.conditions)
        return self._box(LISTENER, found, health, title=title, text=text, inner=True, state=f"{found.priority}")

    def _default(self, found: Listener, healths: Mapping[str, Health]) -> Box:
        id = self._named("Default", found.id)
        health = self._forwards(id, found.default_actions, healths)
        text = words.actions(found.default_actions)
        return Box(
            id=id,
            column=LISTENER,
            noun="rule",
            title="any other request",
            text=text,
            state="default",
            health=health,
            inner=True,
            resource=found,
        )

    def _forwards(self, id: str, actions: Iterable[Action], healths: Mapping[str, Health]) -> Health:
        """Wires to the target groups of the actions; returns the worst health of those that get requests."""
        found: list[Health] = []
        for token, weight in forwarded(actions):
            group = next((each for each in self.stack.target_groups if self._is(each, token)), None)
            if group is not None:
                self.wires.append(Wire(id, self._named("TargetGroup", group.id)))
                found.append(healths[group.id] if weight else "idle")
        return worst(("good", *found))

    def _is(self, group: TargetGroup, token: Token) -> bool:
        return token.id == group.id if isinstance(token, Ref) else token == self.state.ids.get(Ref("TargetGroup", group.id, "arn"))

    def _targets(self, found: TargetGroup) -> list[Box]:
        """A target group and its targets, the worst first."""
        arn = self.state.ids.get(Ref("TargetGroup", found.id, "arn"), "")
        registered = self.state.targets.get(arn)
        me = self._named("TargetGroup", found.id)
        boxes = sorted((self._target(me, each) for each in registered or ()), key=lambda box: (-_rank(box), box.title, box.text))
        healthy, live = (sum(box.state in states for box in boxes) for states in (("healthy",), LIVE))
        state = f"{healthy} of {live} healthy" if live else "not read yet" if registered is None else "no targets"
        self.wires += (Wire(me, box.id) for box in boxes)
        text = f"{found.protocol} to {found.target_type} targets"
        title = found.id.removeprefix(f"{self.state.id.namespace}/")
        group = self._box(GROUP, found, _together(boxes, registered is not None), title=title, text=text, state=state)
        return [group, *boxes]

    def _target(self, group: str, found: Registered) -> Box:
        address = f"{words.token(found.target.id)}" + (f":{found.target.port}" if found.target.port else "")
        name = self.state.names.get(str(found.target.id), "")
        health = STATES.get(found.state, "idle")
        return Box(
            id=named(group, address),
            column=TARGET,
            noun="target",
            title=name or address,
            state=found.state,
            health=health,
            flaws=_reason(found, name or address),
            resource=found,
        )


LIVE = ("healthy", "initial", "unhealthy", "unavailable", "unused")
"""The states of targets that are not leaving."""


def _reason(found: Registered, name: str) -> tuple[Flaw, ...]:
    """What AWS says about a target that is not healthy, and what to look at."""
    row = REASONS.get(found.reason)
    if row is None or not row.problem:
        return ()
    said = f"{name} is {found.state}: {row.means}" + (f" ({found.description})" if found.description else "")
    problem = PROBLEMS[row.problem]
    where = f"target {name}, reason {found.reason}"
    return (Flaw(row.problem, problem.severity, where, said, problem.why, "; ".join(row.look) or problem.fix),)


def _rank(box: Box) -> int:
    return {"bad": 3, "warn": 2, "idle": 1, "good": 0}[box.health]


def _together(boxes: list[Box], known: bool) -> Health:
    """The health of a target group: bad if no target is healthy, a warning if some are not."""
    live = [box for box in boxes if box.state in LIVE]
    if not live:
        return "warn" if known else "idle"
    if not any(box.state == "healthy" for box in live):
        return "bad" if any(box.health == "bad" for box in live) else "warn"
    return "warn" if any(box.health != "good" for box in live) else "good"


def _asked(conditions: tuple[Condition, ...]) -> str:
    """What a request must be: `shop.example.com/cart or /cart/*` if the conditions are a host and a path, else all conditions in words."""
    found = {each.field: " or ".join(each.values) for each in conditions if each.values}
    if len(found) == len(conditions) and found and found.keys() <= {"host-header", "path-pattern"}:
        return found.get("host-header", "") + found.get("path-pattern", "")
    return words.conditions(conditions)


def forwarded(actions: Iterable[Action]) -> Iterator[tuple[Token, int]]:
    """The target groups that actions forward to, with their weights."""
    for action in actions:
        if isinstance(action, Forward):
            yield from ((each.target_group, 1 if each.weight is None else each.weight) for each in action.target_groups)


def _hosts(stack: Stack) -> set[str]:
    return {value for rule in stack.rules for each in rule.conditions if each.field == "host-header" for value in each.values}


# Folding -----------------------------------------------------------------------------------------------------------


def _folded(boxes: list[Box], composer: _Composer) -> list[Box]:
    """The boxes, of which a folded card hides those that are well if there are many. A box that counts them is added."""
    hidden = _hidden_rules(boxes, composer)
    starts: dict[str, list[str]] = {}
    for wire in composer.wires:
        starts.setdefault(wire.end, []).append(wire.start)
    groups = {box.id for box in boxes if box.column == GROUP and (rules := starts.get(box.id)) and hidden.issuperset(rules)}
    found: list[Box] = []
    for box in boxes:
        if box.column == TARGET:
            found.append(replace(box, fold="many") if starts[box.id][0] in groups else box)
        else:
            found.append(replace(box, fold="many") if box.id in hidden | groups else box)
    return _counted_targets(found, starts, composer)


def _hidden_rules(boxes: list[Box], composer: _Composer) -> set[str]:
    starts = {wire.end: wire.start for wire in composer.wires}
    rules: dict[str, list[Box]] = {}
    for box in boxes:
        if box.inner and box.state != "default":
            rules.setdefault(starts[box.id], []).append(box)
    return {box.id for found in rules.values() for box in found[RULES:] if not box.flaws and box.health in ("good", "idle")}


def _counted_targets(boxes: list[Box], starts: Mapping[str, list[str]], composer: _Composer) -> list[Box]:
    """Of many targets of a group only the first ones are always shown, which are the worst; a box counts the others."""
    seen: dict[str, list[Box]] = {}
    for box in boxes:
        if box.column == TARGET and not box.fold:
            seen.setdefault(starts[box.id][0], []).append(box)
    large = {group: found for group, found in seen.items() if len(found) > TARGETS + 1}
    hidden = {box.id for found in large.values() for box in found[TARGETS:]}
    counted = []
    for group, found in large.items():
        rest = found[TARGETS:]
        healthy = sum(box.state == "healthy" for box in rest)
        state = "all healthy" if healthy == len(rest) else f"{healthy} healthy"
        id, title = named(group, "more"), f"{plural('more target', len(rest))}"
        counted.append(
            Box(id=id, column=TARGET, noun="targets", title=title, state=state, health=worst(box.health for box in rest), fold="few")
        )
        composer.wires.append(Wire(group, id))
    return [*(replace(box, fold="many") if box.id in hidden else box for box in boxes), *counted]
