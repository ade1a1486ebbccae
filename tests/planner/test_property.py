"""Any stack after any other: the plan runs in any order that its steps allow, AWS refuses none of them, and nothing is left to do."""

import random
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from tests.planner.stand import plan

from albatross.catalog import tracking
from albatross.catalog.tracking import INGRESS
from albatross.model.config import Config
from albatross.model.observed import Observed, Owned
from albatross.model.plan import (
    Create,
    Delete,
    DeleteBinding,
    Operation,
    Outcome,
    Plan,
    PutBinding,
    SetRulePriorities,
    Step,
    Update,
)
from albatross.model.resources.action import FixedResponse, Forward, WeightedTargetGroup
from albatross.model.resources.binding import Binding
from albatross.model.resources.listener import Listener
from albatross.model.resources.load_balancer import LoadBalancer, SubnetMapping
from albatross.model.resources.ref import Ref, Token
from albatross.model.resources.rule import Condition, Rule
from albatross.model.resources.security_group import Permission, SecurityGroup
from albatross.model.resources.stack import Stack, StackId
from albatross.model.resources.target_group import HealthCheck, TargetGroup
from albatross.planner.after import after
from albatross.token import literals, refs, swap

CONFIG = Config(cluster_name="prod", region="ap-northeast-2", vpc_id="vpc-1")
ID = StackId(INGRESS, "shop", "app")
LB = Ref("LoadBalancer", "LoadBalancer", "arn")
SG = Ref("SecurityGroup", "ManagedLBSecurityGroup", "group_id")
FIELDS = {"SecurityGroup": "group_id"}


@dataclass
class Cloud:
    """As much of AWS as refuses: names, ports and priorities are unique, what is in use is not deleted, references resolve."""

    things: dict[str, Owned[Any]] = field(default_factory=dict)
    made: int = 0

    def of(self, kind: type) -> Iterator[Owned[Any]]:
        return (each for each in self.things.values() if isinstance(each.resource, kind))

    def perform(self, operation: Operation, ids: Mapping[Ref, str]) -> Mapping[Ref, str]:
        known: dict[Token, Token] = {}
        known.update(ids.items())
        match operation:
            case Create():
                return self._create(operation, swap(operation.resource, known), ids)
            case Update(resource=resource, before=before):
                self._update(operation, swap(resource, known), self.things[before.arn])
            case Delete(before=before):
                self._delete(before)
            case SetRulePriorities(moves=moves):
                for move in moves:
                    old = self.things[move.rule.arn]
                    self.things[old.arn] = replace(old, resource=replace(old.resource, priority=move.priority))
                self._check()
            case PutBinding(resource=binding, before=old_binding):
                name = old_binding.arn if old_binding else f"{binding.namespace}/{binding.name}"
                assert (name in self.things) == (old_binding is not None)
                self.things[name] = Owned(resource=swap(binding, known), arn=name)
                self._check()
            case DeleteBinding(before=gone):
                assert not self._users(str(self.things[gone.arn].resource.target_group), Rule, Listener)
                del self.things[gone.arn]
            case _:
                raise AssertionError(operation)
        return {}

    def _create(self, operation: Create, resource: Any, ids: Mapping[Ref, str]) -> Mapping[Ref, str]:
        self.made += 1
        kind = type(resource).__name__
        arn = f"arn:{kind}/{self.made}"
        above = {Rule: "listener", Listener: "load_balancer"}.get(type(resource))
        parent = ids[getattr(operation.resource, above)] if above else ""
        self.things[arn] = Owned(resource=replace(resource, tags=()), arn=arn, tags=operation.tags, parent=parent)
        self._check()
        return {Ref(kind, resource.id, FIELDS.get(kind, "arn")): arn}

    def _update(self, operation: Update, resource: Any, old: Owned[Any]) -> None:
        if isinstance(resource, Rule):
            resource = replace(resource, priority=old.resource.priority)
        gone = {key for key, _ in operation.remove_tags}
        tags = {key: value for key, value in old.tags if key not in gone} | dict(operation.put_tags)
        kept = {
            name: getattr(old.resource, name)
            for name in ("name", "port")
            if isinstance(resource, TargetGroup | LoadBalancer) and hasattr(old.resource, name)
        }
        self.things[old.arn] = replace(old, resource=replace(resource, tags=(), **kept), tags=tuple(sorted(tags.items())))
        self._check()

    def _delete(self, gone: Owned[Any]) -> None:
        if isinstance(gone.resource, TargetGroup):
            assert not self._users(gone.arn, Rule, Listener, Binding)
        if isinstance(gone.resource, SecurityGroup):
            assert not self._users(gone.arn, LoadBalancer)
        del self.things[gone.arn]
        for below in [each for each in self.things.values() if each.parent == gone.arn]:
            self._delete(below)

    def _users(self, arn: str, *kinds: type) -> list[str]:
        return [each.arn for kind in kinds for each in self.of(kind) if arn in literals(each.resource)]

    def _check(self) -> None:
        for kind, unique in ((LoadBalancer, "name"), (TargetGroup, "name"), (Listener, "port"), (Rule, "priority")):
            seen = [(each.parent, getattr(each.resource, unique)) for each in self.of(kind)]
            assert len(seen) == len(set(seen)), (kind, seen)
        for each in self.things.values():
            assert not refs(each.resource), each
            assert not each.parent or each.parent in self.things
            assert all(token in self.things for token in literals(each.resource) if token.startswith("arn:"))

    def observed(self) -> Observed:
        def every(kind: type) -> tuple[Owned[Any], ...]:
            return tuple(self.of(kind))

        return Observed(
            load_balancers=every(LoadBalancer),
            target_groups=every(TargetGroup),
            security_groups=every(SecurityGroup),
            listeners=every(Listener),
            rules=every(Rule),
            bindings=every(Binding),
        )


def run(cloud: Cloud, todo: Plan, chance: random.Random) -> Mapping[Ref, str]:
    """The steps, one by one, in any order that they allow; every id that is known then."""
    ids, left, over = dict(todo.ids), list(todo.steps), set[str]()
    names = {step.id for step in left}
    while left:
        ready = [step for step in left if {*step.needs, *step.after} & names <= over]
        step: Step = chance.choice(ready)
        ids.update(cloud.perform(step.operation, ids))
        left.remove(step)
        over.add(step.id)
    return ids


# Stacks ------------------------------------------------------------------------------------------------------------

CHECK = HealthCheck(
    port=80, protocol="HTTP", path="/", interval_seconds=5, timeout_seconds=2, healthy_threshold_count=2, unhealthy_threshold_count=2
)


def group(name: str, kind: str, path: str) -> TargetGroup:
    return TargetGroup(
        id=name,
        name=f"{name}-{kind}",
        target_type=kind,
        port=80,
        protocol="HTTP",
        ip_address_type="ipv4",
        health_check=replace(CHECK, path=path),
    )


def binding(target_group: TargetGroup) -> Binding:
    name = target_group.id
    return Binding(
        id=name,
        namespace="shop",
        name=target_group.name,
        target_group=Ref("TargetGroup", name, "arn"),
        target_type=target_group.target_type,
        service=name,
        port=80,
    )


@st.composite
def stacks(draw: st.DrawFn) -> Stack:
    kinds = draw(st.dictionaries(st.sampled_from("abc"), st.tuples(st.sampled_from(["ip", "instance"]), st.sampled_from(["/", "/ping"]))))
    groups = tuple(group(name, *kind) for name, kind in sorted(kinds.items()))
    ports = draw(st.sets(st.sampled_from([80, 443, 8080]), max_size=2)) if draw(st.integers(0, 9)) else set[int]()
    managed = draw(st.booleans())
    return Stack(
        id=ID,
        security_groups=(_firewall(draw(st.sampled_from([80, 443]))),) if managed else (),
        load_balancers=(_balancer(draw(st.sampled_from(["internal", "internet-facing"])), managed),) if ports else (),
        target_groups=groups,
        listeners=tuple(_listener(port) for port in sorted(ports)),
        rules=tuple(each for port in sorted(ports) for each in draw(rules(port, sorted(kinds)))),
        bindings=tuple(binding(each) for each in groups),
    )


def _firewall(port: int) -> SecurityGroup:
    return SecurityGroup(id=SG.id, name="sg", description="d", ingress=(Permission(from_port=port, to_port=port, cidr="0.0.0.0/0"),))


def _balancer(scheme: str, managed: bool) -> LoadBalancer:
    groups: tuple[Token, ...] = (SG,) if managed else ("sg-given",)
    subnets = (SubnetMapping(subnet_id="subnet-a"),)
    return LoadBalancer(
        id="LoadBalancer",
        name="lb",
        type="application",
        scheme=scheme,
        ip_address_type="ipv4",
        subnet_mappings=subnets,
        security_groups=groups,
    )


def _listener(port: int) -> Listener:
    return Listener(id=str(port), load_balancer=LB, port=port, protocol="HTTP", default_actions=(FixedResponse(status_code="404"),))


@st.composite
def rules(draw: st.DrawFn, port: int, groups: list[str]) -> tuple[Rule, ...]:
    made = draw(st.lists(st.tuples(st.sampled_from(["/a", "/b", "/c", "/d"]), st.sampled_from([*groups, ""])), max_size=5))
    return tuple(_rule(port, priority, path, name) for priority, (path, name) in enumerate(made, 1))


def _rule(port: int, priority: int, path: str, name: str) -> Rule:
    forward = Forward((WeightedTargetGroup(Ref("TargetGroup", name, "arn")),))
    return Rule(
        id=f"{port}:{priority}",
        listener=Ref("Listener", str(port), "arn"),
        priority=priority,
        actions=(forward if name else FixedResponse(status_code="200"),),
        conditions=(Condition(field="path-pattern", values=(path,)),),
    )


@settings(max_examples=150, deadline=None)
@given(st.lists(stacks(), min_size=1, max_size=3), st.integers(0, 2**32))
def test_any_stack_after_any_other(wanted: list[Stack], seed: int) -> None:
    chance, cloud = random.Random(seed), Cloud()
    for stack in (*wanted, Stack(id=ID)):
        run(cloud, plan(stack, cloud.observed(), CONFIG), chance)
        assert plan(stack, cloud.observed(), CONFIG).steps == ()
    assert cloud.things == {}


@settings(max_examples=50, deadline=None)
@given(st.lists(stacks(), min_size=1, max_size=3), st.integers(0, 2**32))
def test_what_is_known_after_a_plan_is_what_stands_there(wanted: list[Stack], seed: int) -> None:
    chance, cloud, known = random.Random(seed), Cloud(), Observed()
    for stack in (*wanted, Stack(id=ID)):
        todo = plan(stack, replace(known, bindings=cloud.observed().bindings), CONFIG)
        assert todo.steps == plan(stack, cloud.observed(), CONFIG).steps, "the same writes as after a look"
        ids = run(cloud, todo, chance)
        found = after(known, todo, Outcome(ids=ids))
        assert found is not None
        known = found
        assert plan(stack, replace(known, bindings=cloud.observed().bindings), CONFIG).steps == ()
        assert _sorted(known) == _sorted(replace(cloud.observed(), bindings=()))


def _sorted(observed: Observed) -> list[str]:
    rows: tuple[tuple[Owned[Any], ...], ...] = (
        observed.load_balancers,
        observed.target_groups,
        observed.security_groups,
        observed.listeners,
        observed.rules,
    )
    return sorted(repr(replace(each, resource=replace(each.resource, id=""))) for row in rows for each in row)


def test_tracking_tags_are_what_the_cloud_holds() -> None:
    cloud = Cloud()
    run(cloud, plan(Stack(id=ID, target_groups=(group("a", "ip", "/"),)), Observed(), CONFIG), random.Random(1))
    (owned,) = cloud.things.values()
    assert dict(owned.tags) == dict(tracking.tags(CONFIG, ID, "a"))
