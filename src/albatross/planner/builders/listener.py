"""Listeners of a load balancer: with rules on an application load balancer, with one forward action on a network load balancer."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from albatross.model.ident import Ident
from albatross.model.intent import Chained, ForwardTo, Setting
from albatross.model.problem import Origin
from albatross.model.resources.action import Action, Forward, WeightedTargetGroup
from albatross.model.resources.listener import Listener
from albatross.model.resources.ref import Ref
from albatross.model.resources.registration import Registration
from albatross.model.resources.rule import Rule
from albatross.planner.builders import action, merge, rule
from albatross.planner.builders.load_balancer import Frame
from albatross.planner.builders.port import Heard, Port
from albatross.planner.builders.task import Task


@dataclass(slots=True)
class Listeners:
    """Listeners by port, rules by listener and priority, and load balancers as targets; `origins` are the sources of the rules, by id."""

    listeners: list[Listener] = field(default_factory=list)
    rules: list[Rule] = field(default_factory=list)
    registrations: list[Registration] = field(default_factory=list)
    origins: dict[str, Origin] = field(default_factory=dict)


def build(frame: Frame, behind: Frame | None, task: Task) -> Listeners:
    """The listeners of one load balancer; `behind` is its target if that is a load balancer too."""
    return _forwarding(frame, behind, task) if frame.balancer.family == "network" else _routing(frame, task)


# An application load balancer ------------------------------------------------------------------------------------------


def _routing(frame: Frame, task: Task) -> Listeners:
    """All listeners with their rules; if an SSL redirect port is set, listeners without TLS only redirect to it."""
    built = Listeners()
    secure = _redirect_port(frame, task)
    for port in frame.ports:
        redirected = secure is not None and not port.secure
        defaults = (action.redirect_to(secure.value),) if secure is not None and redirected else _defaults(port, frame, task)
        built.listeners.append(_listener(port, defaults, frame, task))
        if not redirected:
            rules, origins = rule.build(port, frame.targets, task)
            built.rules.extend(rules)
            built.origins.update(origins)
    return built


def _redirect_port(frame: Frame, task: Task) -> Setting[int] | None:
    found: Setting[int] | None = merge.exclusive(merge.said(frame.balancer, "ssl_redirect"), "ssl-redirect", task.ledger)
    if found is None:
        return None
    port = next((each for each in frame.ports if each.number == found.value), None)
    if any("ports" in share.unread for share in frame.balancer.shares):
        return found  # the redirect may be right
    if port is None:
        known = ", ".join(str(each.number) for each in frame.ports if each.secure) or "none"
        task.ledger.fail("LB153", found.origin, port=str(found.value), known=known)
    elif not port.secure:
        task.ledger.fail("LB154", found.origin, port=str(found.value))
    return found


def _defaults(port: Port, frame: Frame, task: Task) -> tuple[Action, ...]:
    chosen: Origin | None = None
    actions: tuple[Action, ...] | None = None
    for share, listen in port.heard:
        if listen.default is None or share.member in task.ledger.withheld:
            continue
        if chosen is not None:
            task.ledger.blame(share.member, "LB152", listen.default.origin, port=str(port.number), by=chosen.object)
            continue
        chosen = share.origin
        actions = action.build(share.member, listen.default, port.secure, frame.targets, task)
    return actions or (action.NOT_FOUND,)


def _listener(port: Port, defaults: tuple[Action, ...], frame: Frame, task: Task) -> Listener:
    what = f"listener-attributes.{port.protocol}-{port.number}"
    ruling = port.shares[0].overrides.listener_attributes.get((port.protocol, port.number), {})
    attributes = merge.keyed(((share.member, listen.attributes) for share, listen in port.heard), what, task.ledger, ruling)
    tags = merge.keyed(((share.member, share.tags) for share in port.shares), "tag", task.ledger)
    return Listener(
        id=port.id,
        load_balancer=frame.ref,
        port=port.number,
        protocol=port.protocol,
        default_actions=defaults,
        certificates=port.certificates,
        ssl_policy=port.ssl_policy,
        alpn_policy=port.alpn_policy,
        mutual_authentication=port.mutual_authentication,
        tags=task.tags(tags),
        attributes=merge.values(attributes),
    )


# A network load balancer -----------------------------------------------------------------------------------------------


def _forwarding(frame: Frame, behind: Frame | None, task: Task) -> Listeners:
    """All listeners with their forward action; a listener is omitted if the listeners that it targets do not exist."""
    built = Listeners()
    served = _served(behind)
    taken = {port.id: [each for each in port.heard if _reaches(each, served, task)] for port in frame.ports}
    for port in frame.ports:
        if heard := taken[port.id]:
            _forward(built, port, heard, frame, task)
    return built


def _served(behind: Frame | None) -> dict[int, Port]:
    return {port.number: port for port in behind.ports} if behind else {}


def _reaches(heard: Heard, served: dict[int, Port], task: Task) -> bool:
    """Whether all ports that a forward names are ports of the same member on the load balancer behind."""
    share, listen = heard
    own = [number for number, port in served.items() if any(each.member == share.member for each in port.shares)]
    missing = [each for each in _chained(listen.forward) if each.port not in own]
    for each in missing:
        if each.written and "ports" not in share.unread:
            known = ", ".join(map(str, own)) or "none"
            task.ledger.add("LB164", each.origin, front=str(listen.port), behind=str(each.port), known=known)
    return not missing


def _chained(forward: ForwardTo | None) -> tuple[Chained, ...]:
    return tuple(target.chained for target in forward.targets if target.chained) if forward else ()


def _forward(built: Listeners, port: Port, heard: Sequence[Heard], frame: Frame, task: Task) -> None:
    chained = [(share.member, each) for share, listen in heard for each in _chained(listen.forward)]
    if chained:
        _to_balancer(built, port, chained, frame, task)
        return
    share, listen = heard[0]
    assert listen.forward is not None, "a listener of a network load balancer forwards"
    if found := action.forward(share.member, listen.forward, frame.targets, task):
        built.listeners.append(_listener(port, (found,), frame, task))


def _to_balancer(built: Listeners, port: Port, chained: Sequence[tuple[Ident, Chained]], frame: Frame, task: Task) -> None:
    """One listener that forwards to the load balancer behind, on the port that the first member chose (a served one, if there is any)."""
    (first_by, first), *others = task.ledger.ranked(chained, lambda each: each[0])
    for member, other in others:
        if other.port != first.port:
            words = {"value": str(other.port), "first": str(first.port), "by": str(first_by)}
            task.ledger.withhold(member, "LB123", other.origin, setting=f"the port behind {port.number}", **words)
    group = frame.targets.chained(port, chained, frame.balancer)
    ref = Ref("TargetGroup", group.id, "arn")
    built.listeners.append(
        Listener(
            id=port.id,
            load_balancer=frame.ref,
            port=port.number,
            protocol=port.protocol,
            default_actions=(Forward((WeightedTargetGroup(ref),)),),
            tags=frame.noun.tags,
        )
    )
    target = Ref("LoadBalancer", first.balancer, "arn")
    built.registrations.append(Registration(id=group.name, target_group=ref, port=port.number, target=target, target_port=first.port))
