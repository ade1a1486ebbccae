"""Load balancers that must be replaced: the new one is created next to the old one, which answers until clients have moved.

Nothing is kept in memory: what exists in AWS, and the tag with the time of the move, say how far a replacement is.

1. The old one exists alone: the new one is created next to it, with target groups of its own, because AWS allows a target group in one load
   balancer only.
2. Both exist, and the old one has no tag: when the targets of the new one are as healthy as those of the old one, the address moves, and
   the old one gets the tag.
3. The old one has the tag: it stays for the grace, and is then deleted with all that only it uses.

What stays is removed from the current resources before they are compared, so no operation changes it, and it does not count as a
difference.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from albatross.catalog import tracking
from albatross.model.config import Config
from albatross.model.observed import Observed, Owned
from albatross.model.plan import Standby
from albatross.model.resources.load_balancer import LoadBalancer
from albatross.model.resources.ref import Ref, Token
from albatross.model.resources.stack import Stack
from albatross.model.resources.target_group import TargetGroup
from albatross.planner.builders.name import digest
from albatross.planner.link import BALANCER, Linked, outgrown
from albatross.planner.nouns import BY_CLASS
from albatross.token import literals, refs

GROUP = BY_CLASS[TargetGroup]
CREATED = "the new load balancer is created"
PARTS = ("load_balancers", "listeners", "rules", "target_groups", "bindings", "web_acls", "regional_web_acls", "protections")
"""The fields of Observed that belong to one load balancer."""
HASHED = 10
"""The number of hex digits at the end of a generated name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Replacements:
    """The current resources of a stack, split.

    `live` is compared with the stack. `seen` has also the load balancers that have no successor yet: rules of broken members are read from
    them. `gone` is deleted. `standby` stays; if `moving`, the address leaves it in this plan. `apart` are the reasons why an old and a new
    load balancer cannot exist at once. `names` are those of all current target groups, `bound` the target groups of all bindings by name.
    """

    live: Observed
    seen: Observed
    gone: Observed = field(default_factory=Observed)
    standby: tuple[Standby, ...] = ()
    moving: bool = False
    apart: Mapping[str, str] = field(default_factory=dict)
    names: frozenset[str] = frozenset()
    bound: Mapping[str, Token] = field(default_factory=dict)

    @property
    def waiting(self) -> Mapping[str, Standby]:
        """The load balancers that keep the address in this plan, by ARN."""
        return {} if self.moving else {each.before.arn: each for each in self.standby if not each.moved}

    @property
    def aliases(self) -> Mapping[str, Ref]:
        """The DNS names of old load balancers, and what records that lead to them are compared with. All of them: `named`."""
        return _aliases(self.waiting.values())

    @property
    def named(self) -> Mapping[str, Ref]:
        """The same for every load balancer that stays."""
        return _aliases(self.standby)

    def old(self, id: str) -> Standby | None:
        """The load balancer that a new one with this id replaces."""
        return next((each for each in self.standby if each.before.resource.id == id), None)


def whole(observed: Observed) -> Replacements:
    """Everything is compared; nothing stays."""
    return Replacements(live=observed, seen=observed, names=_names(observed), bound=_bound(observed))


def split(stack: Stack, observed: Observed, config: Config) -> Replacements:
    """Find the load balancers that others replace, and what only they use."""
    found = [each for want in stack.load_balancers for each in _olds(want, stack, observed, config)]
    if not found and len({each.resource.id for each in observed.target_groups}) == len(observed.target_groups):
        return whole(observed)  # the usual case, without a look at each rule
    apart = {old.before.resource.id: old.reason for old in found if old.reason}
    held = [old for old in found if not old.reason and not old.over]
    mine = {old.before.arn for old in found if not old.reason}
    over = _of(observed, {old.before.arn for old in found if old.over})
    live = _minus(observed, _of(observed, mine))
    strays = _strays(stack, live, config)
    alone = _of(observed, {old.before.arn for old in held if old.new is None})
    standby = _together(tuple(_standby(old, stack, observed) for old in held))
    return Replacements(
        live=_minus(live, strays),
        seen=together(_minus(live, strays), alone),
        gone=together(over, strays),
        standby=standby,
        moving=any(not each.moved and not each.waits for each in standby),
        apart=apart,
        names=_names(observed),
        bound=_bound(observed),
    )


def _names(observed: Observed) -> frozenset[str]:
    return frozenset(each.resource.name for each in observed.target_groups)


def _bound(observed: Observed) -> Mapping[str, Token]:
    return {each.arn: each.resource.target_group for each in observed.bindings}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Old:
    """A load balancer that cannot be changed into the desired one. `new` is its successor, if it exists."""

    before: Owned[LoadBalancer]
    changed: tuple[str, ...]
    grace: float
    new: Owned[LoadBalancer] | None = None
    until: float | None = None
    over: bool = False
    reason: str = ""


def _olds(want: LoadBalancer, stack: Stack, observed: Observed, config: Config) -> Iterator[_Old]:
    found = [(each, outgrown(want, each.resource, config)) for each in observed.load_balancers if each.resource.id == want.id]
    new = next((each for each, changed in reversed(found) if not changed), None)
    grace = dict(stack.graces).get(want.id, 0.0)
    for each, changed in found:
        if not changed:
            continue
        old = _Old(before=each, changed=changed, grace=grace, new=new)
        if new is None:
            yield replace(old, reason=_obstacle(want, grace, observed))
        elif not grace:
            yield replace(old, over=True)
        else:
            since = tracking.moved(each.tags)
            until = None if since is None else since + grace
            yield replace(old, until=until, over=until is not None and observed.at >= until and new.state != "provisioning")


def _obstacle(want: LoadBalancer, grace: float, observed: Observed) -> str:
    """Why the new load balancer cannot be created before the old one is deleted; empty if it can."""
    if not grace:
        return "--replace-grace or the annotation replace-grace-seconds is 0"
    for each in observed.load_balancers:
        if each.resource.name == want.name:
            return f"both have the name {want.name}, and a name exists once in a region"
    for each in observed.load_balancers:
        if shared := _addresses(want) & _addresses(each.resource):
            return f"both need {', '.join(sorted(shared))}, and an address belongs to one load balancer"
    return ""


def _addresses(balancer: LoadBalancer) -> set[str]:
    return {
        address
        for each in balancer.subnet_mappings
        for address in (each.allocation_id, each.private_ipv4_address, each.ipv6_address)
        if address
    }


# What a replacement waits for --------------------------------------------------------------------------------------


def _standby(old: _Old, stack: Stack, observed: Observed) -> Standby:
    waits = () if old.until is not None else tuple(_waits(old, stack, observed))
    return Standby(before=old.before, changed=old.changed, grace_seconds=old.grace, until=old.until, waits=waits)


def _waits(old: _Old, stack: Stack, observed: Observed) -> Iterator[str]:
    """What the new load balancer lacks: every target group in which the old one has a healthy target must have one too."""
    if old.new is None:
        yield CREATED
        return
    if old.new.state == "provisioning":
        yield f"AWS provisions load balancer {old.new.resource.name}"
    now = {each.resource.id: each.arn for each in _of(observed, {old.new.arn}).target_groups}
    wanted = {each.id for each in refs((stack.listeners, stack.rules)) if each.kind == GROUP.name}
    for group in _of(observed, {old.before.arn}).target_groups:
        id = group.resource.id
        if group.arn in observed.healthy and (id in now or id in wanted) and now.get(id, "") not in observed.healthy:
            yield f"target group {id} of load balancer {old.new.resource.name} has no healthy target"


def _together(found: tuple[Standby, ...]) -> tuple[Standby, ...]:
    """One object can have the addresses of several load balancers, so these move together."""
    slow = [each for each in found if each.waits]
    if not slow:
        return found
    why = (f"the successor of load balancer {slow[0].before.resource.name} is not ready",)
    return tuple(each if each.moved or each.waits else replace(each, waits=why) for each in found)


# Parts of what exists ----------------------------------------------------------------------------------------------


def _of(observed: Observed, arns: Collection[str]) -> Observed:
    """These load balancers, and everything that no other load balancer uses."""
    if not arns:
        return Observed()
    own = [each for each in observed.listeners if each.parent in arns]
    listeners = {each.arn for each in own}
    rules = [each for each in observed.rules if each.parent in listeners]
    others = _held((*observed.listeners, *observed.rules), {id(each) for each in (*own, *rules)})
    held = _held((*own, *rules))
    groups = tuple(each for each in observed.target_groups if each.arn in held and each.arn not in others)
    return _part(observed, arns, own, rules, groups)


def _part(
    observed: Observed, arns: Collection[str], listeners: Sequence[Any], rules: Sequence[Any], groups: Sequence[Owned[TargetGroup]]
) -> Observed:
    known = {each.arn for each in groups}

    def attached(found: Iterable[Any]) -> tuple[Any, ...]:
        return tuple(each for each in found if each.resource.resource in arns)

    return Observed(
        load_balancers=tuple(each for each in observed.load_balancers if each.arn in arns),
        listeners=tuple(listeners),
        rules=tuple(rules),
        target_groups=tuple(groups),
        bindings=tuple(each for each in observed.bindings if each.resource.target_group in known),
        web_acls=attached(observed.web_acls),
        regional_web_acls=attached(observed.regional_web_acls),
        protections=attached(observed.protections),
        registered={arn: targets for arn, targets in observed.registered.items() if arn in known},
    )


def _held(found: Iterable[Owned[object]], without: Collection[int] = ()) -> frozenset[str]:
    """Every id in these resources."""
    return frozenset(text for each in found if id(each) not in without for text in literals(each.resource))


def _minus(observed: Observed, part: Observed) -> Observed:
    left: dict[str, Any] = {}
    for name in PARTS:
        gone = {id(each) for each in getattr(part, name)}
        left[name] = tuple(each for each in getattr(observed, name) if id(each) not in gone)
    registered = {arn: targets for arn, targets in observed.registered.items() if arn not in part.registered}
    return replace(observed, registered=registered, **left)


def together(observed: Observed, part: Observed) -> Observed:
    """Both, in one value."""
    more: dict[str, Any] = {name: (*getattr(observed, name), *getattr(part, name)) for name in PARTS}
    return replace(observed, registered={**observed.registered, **part.registered}, **more)


def _strays(stack: Stack, live: Observed, config: Config) -> Observed:
    """Target groups that nothing uses, next to one with the same id that is used: an interrupted pass left them."""
    if len({each.resource.id for each in live.target_groups}) == len(live.target_groups):
        return Observed()  # nothing is there twice
    used = _held((*live.listeners, *live.rules))
    found: list[Owned[TargetGroup]] = []
    for want in stack.target_groups:
        fit = [each for each in live.target_groups if each.resource.id == want.id and not outgrown(want, each.resource, config)]
        if any(each.arn in used for each in fit):
            found += [each for each in fit if each.arn not in used]
    return _part(live, (), (), (), found)


# Names that are taken ----------------------------------------------------------------------------------------------


def renamed(linked: Linked, scene: Replacements) -> Linked:
    """The stack with free names for new target groups: the generated name does not change with the load balancer."""
    taken = {each.id: _free(each.name, scene.names) for each in linked.stack.target_groups if _new(each, linked)}
    own = {ref.id: each.resource.name for ref, each in _kept(linked)}
    bindings = []
    for each in linked.stack.bindings:
        stands = scene.bound.get(f"{each.namespace}/{each.name}")
        foreign = stands is not None and stands != linked.ids.get(GROUP.ref(each.id))
        name = taken.get(each.id) or (own.get(each.id) if foreign else None)
        bindings.append(replace(each, name=name) if name else each)
    groups = tuple(replace(each, name=taken[each.id]) if each.id in taken else each for each in linked.stack.target_groups)
    return replace(linked, stack=replace(linked.stack, target_groups=groups, bindings=tuple(bindings)))


def _free(name: str, taken: Collection[str]) -> str:
    while name in taken:
        name = twin(name)
    return name


def twin(name: str) -> str:
    """Another name for a target group next to one with this name; the same name always gives the same."""
    return name[:-HASHED] + digest(name, "next")[:HASHED]


def _new(group: TargetGroup, linked: Linked) -> bool:
    return GROUP.ref(group.id) not in linked.ids


def _kept(linked: Linked) -> Iterator[tuple[Ref, Owned[TargetGroup]]]:
    """The current target groups that stay, with their references."""
    own = {arn: ref for ref, arn in linked.ids.items() if ref.kind == GROUP.name}
    return ((own[each.arn], each) for each in linked.plain.target_groups if each.arn in own)


def _aliases(found: Iterable[Standby]) -> Mapping[str, Ref]:
    return {each.before.dns_name.lower(): Ref(BALANCER.name, each.before.resource.id, "dns_name") for each in found if each.before.dns_name}
