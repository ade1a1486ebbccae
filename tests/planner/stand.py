"""One stack, and the account in which it stands: what the tests of the diff share."""

from dataclasses import replace
from typing import Any

from albatross.catalog import tracking
from albatross.catalog.tracking import INGRESS
from albatross.model.config import Config
from albatross.model.observed import Observed, Owned
from albatross.model.plan import (
    Plan,
)
from albatross.model.resources.action import (
    FixedResponse,
    Forward,
    WeightedTargetGroup,
)
from albatross.model.resources.binding import Binding, NetworkingRule
from albatross.model.resources.listener import Listener
from albatross.model.resources.load_balancer import LoadBalancer, SubnetMapping
from albatross.model.resources.ref import Ref
from albatross.model.resources.rule import Condition, Rule
from albatross.model.resources.security_group import Permission, SecurityGroup
from albatross.model.resources.stack import Stack, StackId
from albatross.model.resources.target_group import HealthCheck, TargetGroup
from albatross.model.target import Target
from albatross.planner import diff
from albatross.planner.link import link
from albatross.token import swap

CONFIG = Config(cluster_name="prod", region="ap-northeast-2", vpc_id="vpc-1")
ID = StackId(INGRESS, "shop", "app")
LB = Ref("LoadBalancer", "LoadBalancer", "arn")
SG = Ref("SecurityGroup", "ManagedLBSecurityGroup", "group_id")
LISTENER = Ref("Listener", "80", "arn")
WEB = "shop/app-web:80"
TG = Ref("TargetGroup", WEB, "arn")
CHECK = HealthCheck(
    port="traffic-port",
    protocol="HTTP",
    path="/",
    http_code="200",
    interval_seconds=15,
    timeout_seconds=5,
    healthy_threshold_count=2,
    unhealthy_threshold_count=2,
)


def rule(priority: int, path: str, group: str | Ref = TG, **more: Any) -> Rule:
    return Rule(
        id=f"80:{priority}",
        listener=LISTENER,
        priority=priority,
        actions=(Forward((WeightedTargetGroup(group),)),),
        conditions=(Condition(field="path-pattern", values=(path,)),),
        **more,
    )


GROUP = TargetGroup(
    id=WEB, name="k8s-web", target_type="ip", port=80, protocol="HTTP", protocol_version="HTTP1", ip_address_type="ipv4", health_check=CHECK
)
BALANCER = LoadBalancer(
    id="LoadBalancer",
    name="k8s-app",
    type="application",
    scheme="internal",
    ip_address_type="ipv4",
    subnet_mappings=(SubnetMapping(subnet_id="subnet-a"), SubnetMapping(subnet_id="subnet-b")),
    security_groups=(SG, "sg-backend"),
)
STACK = Stack(
    id=ID,
    security_groups=(
        SecurityGroup(
            id="ManagedLBSecurityGroup", name="k8s-sg", description="d", ingress=(Permission(from_port=80, to_port=80, cidr="0.0.0.0/0"),)
        ),
    ),
    load_balancers=(BALANCER,),
    target_groups=(GROUP,),
    listeners=(Listener(id="80", load_balancer=LB, port=80, protocol="HTTP", default_actions=(FixedResponse(status_code="404"),)),),
    rules=(rule(1, "/a"), rule(2, "/b")),
    bindings=(
        Binding(
            id=WEB,
            namespace="shop",
            name="k8s-web",
            target_group=TG,
            target_type="ip",
            service="web",
            port=80,
            networking=(NetworkingRule(source_group="sg-backend", port=80),),
        ),
    ),
)


def tags(resource: str, config: Config = CONFIG) -> tuple[tuple[str, str], ...]:
    return tuple(sorted(tracking.tags(config, ID, resource).items()))


def there(stack: Stack, config: Config = CONFIG) -> Observed:
    """The state that AWS holds once a stack is deployed."""
    ids: dict[Any, Any] = {
        **{Ref("SecurityGroup", each.id, "group_id"): f"sg-{each.id}" for each in stack.security_groups},
        **{Ref("LoadBalancer", each.id, "arn"): f"arn:lb/{each.id}" for each in stack.load_balancers},
        **{Ref("TargetGroup", each.id, "arn"): f"arn:tg/{each.id}" for each in stack.target_groups},
        **{Ref("Listener", each.id, "arn"): f"arn:ls/{each.id}" for each in stack.listeners},
    }

    def own(each: Any, arn: str, parent: str = "") -> Owned[Any]:
        user = dict(each.tags) | dict(tracking.tags(config, stack.id, each.id))
        return Owned(resource=replace(swap(each, ids), tags=()), arn=arn, parent=parent, tags=tuple(sorted(user.items())))

    return Observed(
        security_groups=tuple(own(each, f"sg-{each.id}") for each in stack.security_groups),
        load_balancers=tuple(own(each, f"arn:lb/{each.id}") for each in stack.load_balancers),
        target_groups=tuple(own(each, f"arn:tg/{each.id}") for each in stack.target_groups),
        listeners=tuple(own(each, f"arn:ls/{each.id}", ids[each.load_balancer]) for each in stack.listeners),
        rules=tuple(own(each, f"arn:rule/{each.id}", ids[each.listener]) for each in stack.rules),
        bindings=tuple(Owned(resource=swap(each, ids), arn=f"{each.namespace}/{each.name}") for each in stack.bindings),
        web_acls=tuple(Owned(resource=swap(each, ids), arn="arn:acl") for each in stack.web_acls),
        protections=tuple(Owned(resource=swap(each, ids), arn="protection-1") for each in stack.protections if each.enabled),
        registered={ids[each.target_group]: (Target(id=ids[each.target], port=each.target_port),) for each in stack.registrations},
    )


def plan(stack: Stack, observed: Observed, config: Config = CONFIG) -> Plan:
    return diff.plan(link(stack, observed, config), config)


def ids(found: Plan) -> list[str]:
    return [step.id for step in found.steps]


def steps(found: Plan) -> dict[str, tuple[str, ...]]:
    return {step.id: step.needs for step in found.steps}
