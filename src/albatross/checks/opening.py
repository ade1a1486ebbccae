"""Given security groups without a rule towards the targets, if AWS was asked: for these, the controller adds no rules."""

from albatross.catalog.notes import Notes
from albatross.model.facts import Admission, ClusterSecurityGroups, Facts, SecurityGroupFact
from albatross.model.intent import Balancer, Intent
from albatross.model.resources.stack import Stack
from albatross.model.resources.target_group import NAMED_PORT, TargetGroup

PROTOCOLS = {"TCP": ("tcp",), "TLS": ("tcp",), "UDP": ("udp",), "TCP_UDP": ("tcp", "udp")}
"""The protocols of the packets by the protocol of the target group; those of application load balancers use TCP."""
ANY = "-1"


def check(intent: Intent, stack: Stack, facts: Facts, notes: Notes) -> None:
    """Note these groups, at the setting that names them."""
    answer = facts.answers.get(ClusterSecurityGroups())
    found = [each for each in answer if isinstance(each, SecurityGroupFact)] if isinstance(answer, tuple) else []
    rules = [rule for each in found for rule in each.admits]
    # A group of nodes always has rules; without any, these are not the groups of the targets.
    if rules:
        targets = ", ".join(sorted(each.id for each in found))
        for balancer in intent.balancers:
            _check(balancer, stack, rules, targets, notes)


def _check(balancer: Balancer, stack: Stack, rules: list[Admission], targets: str, notes: Notes) -> None:
    given = next((share.settings.security_groups for share in balancer.shares if share.settings.security_groups), None)
    built = next((each for each in stack.load_balancers if each.id == balancer.id), None)
    if given is None or built is None or balancer.in_front_of:
        return
    groups = tuple(each for each in built.security_groups if isinstance(each, str))
    unmanaged = {each.id for each in stack.bindings if each.networking is None} & {each.id for each in balancer.backends}
    closed = [each for each in stack.target_groups if each.id in unmanaged and not _admitted(each, groups, rules)]
    if closed:
        ports = ", ".join(dict.fromkeys("of each pod" if each.port == NAMED_PORT else str(each.port) for each in closed))
        notes.add("LB439", given.origin, groups=", ".join(groups), targets=targets, ports=ports)


def _admitted(group: TargetGroup, sources: tuple[str, ...], rules: list[Admission]) -> bool:
    """Whether a rule admits the groups, or perhaps their addresses."""
    protocols = PROTOCOLS.get(group.protocol, ("tcp",))
    return any(
        (rule.protocol == ANY or (rule.protocol in protocols and _holds(rule, group))) and (rule.open or {*rule.groups} & {*sources})
        for rule in rules
    )


def _holds(rule: Admission, group: TargetGroup) -> bool:
    return not isinstance(group.port, int) or group.port == NAMED_PORT or rule.from_port <= group.port <= rule.to_port
