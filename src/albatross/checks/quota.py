"""Numbers of resources of each load balancer, compared with the default quotas of AWS."""

from collections.abc import Iterable, Mapping

from albatross.catalog.limits import QUOTAS
from albatross.catalog.notes import Notes
from albatross.model.intent import Intent
from albatross.model.problem import Origin
from albatross.model.resources.action import Action, Forward
from albatross.model.resources.load_balancer import LoadBalancer
from albatross.model.resources.stack import Stack


def check(intent: Intent, stack: Stack, origins: Mapping[str, Origin], notes: Notes) -> None:
    """Note every quota that a load balancer exceeds, at the first resource over the quota if there is one."""
    if not intent.members:
        return
    at = intent.members[0].origin
    for balancer in stack.load_balancers:
        if balancer.type == "application":
            _application(balancer, stack, origins, at, notes)
        else:
            listeners = [listener for listener in stack.listeners if listener.load_balancer.id == balancer.id]
            _over("listeners per network load balancer", len(listeners), at, notes)
            _over("certificates per load balancer", sum(len(listener.certificates[1:]) for listener in listeners), at, notes)
    for balancer in stack.load_balancers:
        _over("security groups per load balancer", len(balancer.security_groups), at, notes)
        _over("tags per resource", len(balancer.tags), at, notes)
    for group in stack.security_groups:
        _over("inbound rules per security group", len(set(group.ingress)), at, notes)


def _application(balancer: LoadBalancer, stack: Stack, origins: Mapping[str, Origin], at: Origin, notes: Notes) -> None:
    listeners = [listener for listener in stack.listeners if listener.load_balancer.id == balancer.id]
    own = {listener.id for listener in listeners}
    found = [rule for rule in stack.rules if rule.listener.id in own]
    rules = QUOTAS["rules per load balancer"].value
    over = origins[found[rules].id] if len(found) > rules else at
    _over("rules per load balancer", len(found), over, notes)
    _over("listeners per load balancer", len(listeners), at, notes)
    _over("certificates per load balancer", sum(len(listener.certificates[1:]) for listener in listeners), at, notes)
    actions = [action for rule in found for action in rule.actions]
    actions += [action for listener in listeners for action in listener.default_actions]
    _over("target groups per load balancer", len(_groups(actions)), at, notes)
    mutual = [each for each in listeners if each.mutual_authentication and each.mutual_authentication.mode != "off"]
    _over("mutual authentication listeners per load balancer", len(mutual), at, notes)


def _over(name: str, count: int, at: Origin, notes: Notes) -> None:
    quota = QUOTAS[name]
    if count > quota.value:
        adjustable = " by default; you can request an increase in Service Quotas" if quota.adjustable else ""
        notes.add("LB401", at, what=name, count=str(count), limit=str(quota.value), adjustable=adjustable)


def _groups(actions: Iterable[Action]) -> set[object]:
    return {found.target_group for action in actions if isinstance(action, Forward) for found in action.target_groups}
