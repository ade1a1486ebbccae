"""What is wanted against what is there → a plan. Pure, and deaf to the order of its input.

Resources match by their resource id tag; listeners by load balancer and port; rules as `planner.rules` says; bindings by target group.
A field's metadata says what a difference means: change it in place (the default), `replace` the resource, or `ignore`.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from typing import TypeVar

from albatross.catalog import tracking
from albatross.model.config import Config
from albatross.model.observed import Observed, Owned
from albatross.model.plan import (
    Create,
    CreateBackendGroup,
    Delete,
    DeleteBinding,
    Deregister,
    Move,
    Noun,
    Operation,
    Plan,
    PutBinding,
    Register,
    SetCapacity,
    SetRulePriorities,
    Update,
)
from albatross.model.resources.addon import Protection, RegionalWebAclAssociation, WebAclAssociation
from albatross.model.resources.certificate import Certificate
from albatross.model.resources.listener import Listener
from albatross.model.resources.load_balancer import LoadBalancer
from albatross.model.resources.ref import BACKEND, Pairs, Ref, Token
from albatross.model.resources.rule import Rule
from albatross.model.resources.security_group import SecurityGroup
from albatross.model.resources.stack import Stack
from albatross.model.resources.target_group import TargetGroup
from albatross.model.resources.token import refs, swap
from albatross.model.target import Target
from albatross.planner import form, order, rules

N = TypeVar("N")
M = TypeVar("M", SecurityGroup, Certificate, LoadBalancer, TargetGroup)
A = TypeVar("A", WebAclAssociation, RegionalWebAclAssociation, Protection)


def plan(stack: Stack, observed: Observed, config: Config) -> Plan:
    """The operations that turn `observed` into `stack`; none where they agree already. An empty stack deletes all that carries its tags."""
    draft = _Draft(stack, _plain(observed), config)
    _survivors(draft)
    _link(draft)
    for compare in (_security_groups, _certificates, _load_balancers, _target_groups, _listeners, _bindings, _addons, _frontend):
        compare(draft)
    if any(ref == BACKEND for operation in draft.operations for ref in _all_refs(operation)) and BACKEND not in draft.ids:
        draft.operations.append(CreateBackendGroup())
    return Plan(stack=stack.id, steps=order.arrange(draft.operations, _uses(draft)), ids=draft.ids)


def changed(desired: object, current: object) -> tuple[str, ...]:
    """The names of the fields, neither ignored nor id or tags, in which two nouns of one kind differ."""
    return tuple(
        each.name
        for each in fields(desired)  # type: ignore[arg-type]
        if each.metadata.get("diff") != "ignore"
        and each.name not in ("id", "tags")
        and getattr(desired, each.name) != getattr(current, each.name)
    )


@dataclass(slots=True)
class _Draft:
    """A plan in the making. `plain` holds ids only, `linked` references to survivors; `ends` say which operation ends an ARN."""

    stack: Stack
    plain: Observed
    config: Config
    linked: Observed = field(default_factory=Observed)
    ids: dict[Ref, str] = field(default_factory=dict)
    survivors: dict[tuple[str, str], str] = field(default_factory=dict)
    operations: list[Operation] = field(default_factory=list)
    ends: dict[str, str] = field(default_factory=dict)

    def create(self, resource: Noun, replaces: Owned[Noun] | None = None, why: tuple[str, ...] = (), room: tuple[str, ...] = ()) -> None:
        tags = tuple(sorted(self.tags(resource).items()))
        self.operations.append(Create(resource=resource, tags=tags, replaces=replaces, changed=why, room=room))

    def update(self, resource: Noun, before: Owned[Noun], fields: tuple[str, ...]) -> None:
        put, remove = self.retag(resource, before)
        if put or remove:
            fields = (*fields, "tags")
        if fields:
            operation = Update(resource=resource, before=before, changed=fields, put_tags=put, remove_tags=remove)
            self.operations.append(operation)
            self.ends[before.arn] = operation.id

    def delete(self, before: Owned[Noun], replaced: bool = False) -> None:
        operation = Delete(before=before, replaced=replaced)
        self.operations.append(operation)
        self.ends[before.arn] = operation.id

    def tags(self, resource: Noun) -> Mapping[str, str]:
        if not self._tagged(resource):
            return {}
        own = dict(getattr(resource, "tags", ()))
        return own | dict(tracking.tags(self.config, self.stack.id, resource.id))

    def retag(self, resource: Noun, before: Owned[Noun]) -> tuple[Pairs, Pairs]:
        """Tags to put and tags to remove."""
        if not self._tagged(resource):
            return (), ()
        wanted, found = self.tags(resource), dict(before.tags)
        spared = self.config.external_managed_tags
        if isinstance(resource, LoadBalancer | TargetGroup | SecurityGroup):
            spared = spared | tracking.legacy(self.config, self.stack.id)
        put = ((key, value) for key, value in wanted.items() if found.get(key) != value and key not in spared)
        gone = ((k, v) for k, v in found.items() if k not in wanted and k not in spared and not k.startswith("aws:"))
        return tuple(sorted(put)), tuple(sorted(gone))

    def _tagged(self, resource: Noun) -> bool:
        if isinstance(resource, Listener | Rule):
            return self.config.gate("ListenerRulesTagging")
        return isinstance(resource, SecurityGroup | Certificate | LoadBalancer | TargetGroup)


def _all_refs(operation: Operation) -> frozenset[Ref]:
    return refs(operation.resource) if isinstance(operation, Create | Update | PutBinding) else frozenset()


# Who is who --------------------------------------------------------------------------------------------------------


def _map(observed: Observed, mapping: Mapping[Token, Token]) -> Observed:
    """Every noun with its tokens swapped; ARNs of the resources themselves stay."""

    def over(owned: Sequence[Owned[N]]) -> tuple[Owned[N], ...]:
        return tuple(replace(each, resource=swap(each.resource, mapping)) for each in owned)

    return replace(
        observed,
        security_groups=over(observed.security_groups),
        load_balancers=over(observed.load_balancers),
        listeners=over(observed.listeners),
        rules=over(observed.rules),
        bindings=over(observed.bindings),
        web_acls=over(observed.web_acls),
        regional_web_acls=over(observed.regional_web_acls),
        protections=over(observed.protections),
    )


def _plain(observed: Observed) -> Observed:
    """References replaced by ids: which reference means what is decided anew."""
    names: dict[Token, Token] = {}
    names.update(observed.ids.items())
    return _map(observed, names)


def _survivors(draft: _Draft) -> None:
    """Which current resource each desired one goes on with, and the ids that are thereby known."""
    own = {"LoadBalancer", "TargetGroup", "SecurityGroup", "Certificate", "Listener"}
    draft.ids = {ref: value for ref, value in draft.plain.ids.items() if ref.kind not in own}
    for owned in _kept(draft, draft.stack.load_balancers, draft.plain.load_balancers):
        resource = owned.resource.id
        known = {"arn": owned.arn, "dns_name": owned.dns_name, "zone_id": owned.zone_id}
        draft.ids |= {Ref("LoadBalancer", resource, name): value for name, value in known.items() if value}
    for group in _kept(draft, draft.stack.target_groups, draft.plain.target_groups):
        draft.ids[Ref("TargetGroup", group.resource.id, "arn")] = group.arn
    for sg in _kept(draft, draft.stack.security_groups, tuple(reversed(draft.plain.security_groups))):
        draft.ids[Ref("SecurityGroup", sg.resource.id, "group_id")] = sg.arn
    for certificate in _kept(draft, draft.stack.certificates, draft.plain.certificates):
        draft.ids[Ref("Certificate", certificate.resource.id, "arn")] = certificate.arn
    for listener in draft.stack.listeners:
        if found := _listener(draft, listener):
            draft.ids[Ref("Listener", listener.id, "arn")] = found.arn


def _kept(draft: _Draft, desired: Sequence[M], current: Sequence[Owned[M]]) -> Iterable[Owned[M]]:
    """The last of the current resources with each desired id that need not be replaced."""
    for want in desired:
        fit = [each for each in current if each.resource.id == want.id and not _outgrown(want, each.resource, draft.config)]
        if fit:
            draft.survivors[type(want).__name__, want.id] = fit[-1].arn
            yield fit[-1]


def _outgrown(desired: object, current: object, config: Config) -> tuple[str, ...]:
    """The fields for which the current resource can't become the desired one."""
    seen = form.project(desired, current, config)
    ruled = {each.name for each in fields(desired) if each.metadata.get("diff") == "replace"}  # type: ignore[arg-type]
    found = tuple(name for name in changed(desired, seen) if name in ruled)
    if isinstance(desired, TargetGroup) and isinstance(current, TargetGroup) and form.layer_4_health_check(desired, current, config):
        return (*found, "health_check")
    if isinstance(desired, Certificate) and isinstance(current, Certificate):
        same = set(desired.subject_alternative_names) == set(current.subject_alternative_names)
        return () if same else ("subject_alternative_names",)
    return found


def _listener(draft: _Draft, want: Listener) -> Owned[Listener] | None:
    """The current listener of the same surviving load balancer and port."""
    balancer = draft.ids.get(want.load_balancer)
    found = (each for each in draft.plain.listeners if each.parent == balancer and each.resource.port == want.port)
    return next(found, None)


def _link(draft: _Draft) -> None:
    """Ids of survivors replaced by references, in which desired and current nouns then speak alike."""
    names: dict[Token, Token] = {value: ref for ref, value in draft.ids.items() if ref.field in ("arn", "group_id")}
    linked = _map(draft.plain, names)
    parents = {value: ref for value, ref in names.items() if isinstance(ref, Ref)}
    draft.linked = replace(
        linked,
        listeners=tuple(
            replace(each, resource=replace(each.resource, load_balancer=parents.get(each.parent, each.resource.load_balancer)))
            for each in linked.listeners
        ),
        rules=tuple(
            replace(each, resource=replace(each.resource, listener=parents.get(each.parent, each.resource.listener)))
            for each in linked.rules
        ),
    )


def _uses(draft: _Draft) -> order.Uses:
    """Who holds which ARN, and which operation ends that: its own, or the deletion of what it stands on."""
    known = frozenset(each.arn for group in (draft.plain.security_groups, draft.plain.target_groups) for each in group)
    known |= {each.arn for each in draft.plain.certificates} | {each.arn for each in draft.plain.load_balancers}
    parents = {each.arn: each.parent for each in (*draft.plain.listeners, *draft.plain.rules)}
    uses = order.Uses()
    holders: tuple[Owned[object], ...] = (*draft.plain.load_balancers, *draft.plain.listeners, *draft.plain.rules, *draft.plain.bindings)
    for owned in holders:
        tokens = order.held(owned.resource, known)
        for end in _ends(draft, owned.arn, parents) if tokens else ():
            uses.held.append((tokens, end))
    return uses


def _ends(draft: _Draft, arn: str, parents: Mapping[str, str]) -> Iterable[str]:
    """The operation that changes or deletes the resource, else the one that deletes its listener or load balancer."""
    if own := draft.ends.get(arn):
        yield own
        return
    above = parents.get(arn, "")
    while above:
        if (end := draft.ends.get(above, "")).startswith("delete "):
            yield end
            return
        above = parents.get(above, "")


# Comparing, a kind at a time ---------------------------------------------------------------------------------------


def _resources(draft: _Draft, desired: Sequence[M], current: Sequence[Owned[M]]) -> Iterable[tuple[M, Owned[M]]]:
    """Creates and deletes of tagged resources; yields the (desired, current) pairs that go on."""
    wanted = {each.id: each for each in desired}
    for each in current:
        want = wanted.get(each.resource.id)
        if want is None:
            draft.delete(each)
        elif _outgrown(want, each.resource, draft.config):
            draft.delete(each, replaced=True)
        elif isinstance(want, SecurityGroup) and draft.survivors[type(want).__name__, want.id] != each.arn:
            draft.delete(each)
    for want in desired:
        arn = draft.survivors.get((type(want).__name__, want.id))
        old = [each for each in current if each.resource.id == want.id]
        if arn is None:
            draft.create(want, old[-1] if old else None, _outgrown(want, old[-1].resource, draft.config) if old else ())
        else:
            yield want, next(each for each in old if each.arn == arn)


def _security_groups(draft: _Draft) -> None:
    for want, have in _resources(draft, draft.stack.security_groups, draft.linked.security_groups):
        draft.update(want, have, changed(want, form.project(want, have.resource, draft.config)))


def _certificates(draft: _Draft) -> None:
    """One that waits for its validation is seen to again: `state` counts among its changed fields."""
    for want, have in _resources(draft, draft.stack.certificates, draft.linked.certificates):
        draft.update(want, have, ("state",) if have.state == "PENDING_VALIDATION" else ())


def _load_balancers(draft: _Draft) -> None:
    for want, have in _resources(draft, draft.stack.load_balancers, draft.linked.load_balancers):
        differing = changed(want, form.project(want, have.resource, draft.config))
        draft.update(want, have, tuple(name for name in differing if name != "minimum_capacity"))
        if "minimum_capacity" in differing and want.minimum_capacity is not None:
            _capacity(draft, want, have.resource.minimum_capacity)
    for want in draft.stack.load_balancers:
        if ("LoadBalancer", want.id) not in draft.survivors and want.minimum_capacity:
            _capacity(draft, want, None)


def _capacity(draft: _Draft, want: LoadBalancer, before: int | None) -> None:
    if draft.config.gate("LBCapacityReservation"):
        units = want.minimum_capacity or 0
        draft.operations.append(SetCapacity(load_balancer=Ref("LoadBalancer", want.id, "arn"), units=units, before=before))


def _target_groups(draft: _Draft) -> None:
    for want, have in _resources(draft, draft.stack.target_groups, draft.linked.target_groups):
        draft.update(want, have, changed(want, form.project(want, have.resource, draft.config)))


def _listeners(draft: _Draft) -> None:
    survivors = {arn for (kind, _), arn in draft.survivors.items() if kind == "LoadBalancer"}
    current = {each.arn: each for each in draft.linked.listeners if each.parent in survivors}
    kept = set[str]()
    for want in draft.stack.listeners:
        arn = draft.ids.get(Ref("Listener", want.id, "arn"), "")
        if have := current.get(arn):
            kept.add(arn)
            draft.update(want, have, changed(want, form.project(want, have.resource, draft.config)))
        else:
            draft.create(want)
        _rules(draft, want, arn)
    for arn, each in current.items():
        if arn not in kept:
            draft.delete(each)


def _rules(draft: _Draft, listener: Listener, arn: str) -> None:
    here = Ref("Listener", listener.id, "arn")
    desired = [each for each in draft.stack.rules if each.listener == here]
    current = [each for each in draft.linked.rules if each.parent == arn] if arn else []
    found = rules.match(desired, current, draft.config)
    if found.priorities:
        draft.operations.append(
            SetRulePriorities(listener=here, moves=tuple(Move(rule=rule, priority=priority) for rule, priority in found.priorities))
        )
    for want, have in (*found.kept, *found.moved):
        draft.update(want, have, ())
    for want, have in found.changed:
        differing = changed(want, form.project(want, have.resource, draft.config))
        draft.update(want, have, differing)
    room = tuple(each.arn for each in found.deleted)
    for want in found.created:
        draft.create(want, room=room)
    for each in found.deleted:
        draft.delete(each)


def _bindings(draft: _Draft) -> None:
    """By target group; one whose target group goes, goes."""
    current = {each.resource.target_group: each for each in draft.linked.bindings}
    wanted = {each.target_group for each in draft.stack.bindings}
    for want in draft.stack.bindings:
        have = current.get(want.target_group)
        differing = changed(want, form.project(want, have.resource, draft.config)) if have else ()
        if have is None or differing:
            operation = PutBinding(resource=want, before=have, changed=differing)
            draft.operations.append(operation)
    for plain, linked in zip(draft.plain.bindings, draft.linked.bindings, strict=True):
        if linked.resource.target_group not in wanted:
            gone = DeleteBinding(before=plain)
            draft.operations.append(gone)
            draft.ends[plain.arn] = gone.id


def _addons(draft: _Draft) -> None:
    if draft.config.enable_wafv2:
        _associations(draft, draft.stack.web_acls, draft.linked.web_acls, lambda each: each.web_acl_arn)
    if draft.config.enable_waf:
        _associations(draft, draft.stack.regional_web_acls, draft.linked.regional_web_acls, lambda each: each.web_acl_id)
    if draft.config.enable_shield:
        _associations(draft, draft.stack.protections, draft.linked.protections, lambda each: "on" if each.enabled else "")


def _associations(draft: _Draft, desired: Sequence[A], current: Sequence[Owned[A]], value: Callable[[A], str]) -> None:
    """What hangs on a load balancer, at most one each; what nobody asks for is left alone."""
    for want in desired:
        have = next((each for each in current if each.resource.resource == want.resource), None)
        if value(want) and (have is None or value(have.resource) != value(want)):
            draft.create(want, have)
        elif not value(want) and have is not None and value(have.resource):
            draft.delete(have)


def _frontend(draft: _Draft) -> None:
    """Application load balancers behind network load balancers: wrong ones leave, the right one enters."""
    wanted = {each.target_group: each for each in draft.stack.registrations}
    names = {value: ref for ref, value in draft.ids.items() if ref.field == "arn"}
    right = set[Ref]()
    for arn, targets in sorted(draft.plain.registered.items()):
        group = names.get(arn)
        want = wanted.get(group) if group else None
        balancer = draft.ids.get(want.target, "") if want and isinstance(want.target, Ref) else ""
        wrong = tuple(each for each in targets if not balancer or each.id != balancer)
        if wrong:
            draft.operations.append(Deregister(target_group=group or arn, targets=wrong))
        if group and len(wrong) < len(targets):
            right.add(group)
    for token, want in wanted.items():
        if token not in right:
            targets = (Target(id=want.target, port=want.target_port),)
            draft.operations.append(Register(target_group=token, targets=targets))
