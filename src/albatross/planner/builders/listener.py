"""Listeners of the application load balancer, with their rules."""

from dataclasses import dataclass, field

from albatross.model.intent import Setting
from albatross.model.problem import Origin
from albatross.model.resources.action import Action
from albatross.model.resources.listener import Listener
from albatross.model.resources.ref import Ref
from albatross.model.resources.rule import Rule
from albatross.planner.builders import action, merge, rule
from albatross.planner.builders.port import Port
from albatross.planner.builders.target_group import TargetGroups
from albatross.planner.builders.task import Task

LOAD_BALANCER = Ref("LoadBalancer", "LoadBalancer", "arn")


@dataclass(slots=True)
class Built:
    """Listeners by port and rules by listener and priority; `origins` say where each rule comes from."""

    listeners: list[Listener] = field(default_factory=list)
    rules: list[Rule] = field(default_factory=list)
    origins: dict[str, Origin] = field(default_factory=dict)


def build(ports: tuple[Port, ...], made: TargetGroups, task: Task) -> Built:
    """Every listener; plain ones only redirect where a secure port was chosen for that."""
    built = Built()
    secure = _redirect_port(ports, task)
    for port in ports:
        redirected = secure is not None and not port.secure
        defaults = (action.redirect_to(secure.value),) if secure is not None and redirected else _defaults(port, made, task)
        built.listeners.append(_listener(port, defaults, task))
        if not redirected:
            rules, origins = rule.build(port, made, task)
            built.rules.extend(rules)
            built.origins.update(origins)
    return built


def _redirect_port(ports: tuple[Port, ...], task: Task) -> Setting[int] | None:
    found = merge.exclusive(((each.ident, each.settings.ssl_redirect) for each in task.intent.members), "ssl-redirect", task.ledger)
    if found is None:
        return None
    port = next((each for each in ports if each.number == found.value), None)
    if port is None:
        known = ", ".join(str(each.number) for each in ports if each.secure) or "none"
        task.ledger.fail("LB153", found.origin, port=str(found.value), known=known)
    elif not port.secure:
        task.ledger.fail("LB154", found.origin, port=str(found.value))
    return found


def _defaults(port: Port, made: TargetGroups, task: Task) -> tuple[Action, ...]:
    chosen: Origin | None = None
    actions: tuple[Action, ...] | None = None
    for member in port.members:
        if member.default is None or member.ident in task.ledger.withheld:
            continue
        if chosen is not None:
            task.ledger.blame(member.ident, "LB152", member.default.origin, port=str(port.number), by=chosen.object)
            continue
        chosen = member.origin
        actions = action.build(member, member.default, port.secure, made, task)
    return actions or (action.NOT_FOUND,)


def _listener(port: Port, defaults: tuple[Action, ...], task: Task) -> Listener:
    what = f"listener-attributes.{port.protocol}-{port.number}"
    ruling = port.members[0].overrides.listener_attributes.get((port.protocol, port.number), {})
    given = ((member.ident, listen.attributes) for member, listen in zip(port.members, port.listens, strict=True))
    attributes = merge.keyed(given, what, task.ledger, ruling)
    tags = merge.keyed(((member.ident, member.tags) for member in port.members), "tag", task.ledger)
    return Listener(
        id=str(port.number),
        load_balancer=LOAD_BALANCER,
        port=port.number,
        protocol=port.protocol,
        default_actions=defaults,
        certificates=port.certificates,
        ssl_policy=port.ssl_policy,
        mutual_authentication=port.mutual_authentication,
        tags=task.tags(tags),
        attributes=merge.values(attributes),
    )
