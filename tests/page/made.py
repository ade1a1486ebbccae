"""Groups as the controller would know them, in any number; also for the benchmark."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from albatross.catalog.tracking import INGRESS
from albatross.model.ident import Ident
from albatross.model.resources.action import FixedResponse, Forward, WeightedTargetGroup
from albatross.model.resources.binding import Binding
from albatross.model.resources.listener import Listener
from albatross.model.resources.load_balancer import LoadBalancer
from albatross.model.resources.ref import Ref
from albatross.model.resources.rule import Condition, Rule
from albatross.model.resources.stack import Stack, StackId
from albatross.model.resources.target_group import HealthCheck, TargetGroup
from albatross.model.target import Registered, Target
from albatross.page.compose import GroupState, card
from albatross.page.view import Card, PageView

CHECK = HealthCheck(
    port="traffic-port",
    protocol="HTTP",
    path="/",
    interval_seconds=15,
    timeout_seconds=5,
    healthy_threshold_count=2,
    unhealthy_threshold_count=2,
)
ELB = "arn:aws:elasticloadbalancing:eu-west-1:123456789012"


def target_group(namespace: str, service: str) -> TargetGroup:
    """A target group of IP targets."""
    return TargetGroup(
        id=f"{namespace}/app-{service}:80",
        name=f"k8s-{namespace}-{service}",
        target_type="ip",
        port=80,
        protocol="HTTP",
        ip_address_type="ipv4",
        health_check=CHECK,
        member=Ident("Ingress", namespace, "app"),
    )


def group(namespace: str, count: int = 2, targets: int = 3, bad: Mapping[int, str] | None = None, **more: Any) -> GroupState:
    """An Ingress `app` with this number of paths, each with its own Service. `bad` are the states of targets of the first, by number."""
    names = [f"web-{number}" for number in range(1, count + 1)]
    groups = tuple(target_group(namespace, each) for each in names)
    balancer = Ref("LoadBalancer", "LoadBalancer", "arn")
    listeners = (
        _listener(80, "HTTP", balancer),
        replace(_listener(443, "HTTPS", balancer), certificates=("arn:c",), ssl_policy="ELBSecurityPolicy-2016-08"),
    )
    stack = Stack(
        id=StackId(INGRESS, namespace, "app"),
        load_balancers=(
            LoadBalancer(id="LoadBalancer", name=f"k8s-{namespace}-app", type="application", scheme="internal", ip_address_type="ipv4"),
        ),
        listeners=listeners,
        rules=tuple(_rule(each, number, namespace, target) for each in listeners for number, target in enumerate(groups, 1)),
        target_groups=groups,
        bindings=tuple(_binding(namespace, name, each) for name, each in zip(names, groups, strict=True)),
    )
    arns = {Ref("TargetGroup", each.id, "arn"): f"{ELB}:targetgroup/{each.name}/0" for each in groups}
    found = {
        arn: tuple(
            _target(place, number, (bad or {}).get(number, "healthy") if place == 1 else "healthy") for number in range(1, targets + 1)
        )
        for place, arn in enumerate(arns.values(), 1)
    }
    lb = f"{ELB}:loadbalancer/app/{namespace}/0"
    known: dict[str, Any] = {
        "id": stack.id,
        "objects": (f"Ingress/{namespace}/app",),
        "stack": stack,
        "ids": {**arns, balancer: lb},
        "states": {lb: "active"},
        "targets": found,
        "names": {
            each.target.id: f"web-{place}-7d9f-{str(each.target.id).rpartition('.')[2]}"
            for place, arn in enumerate(found)
            for each in found[arn]
        },
        **more,
    }
    return GroupState(**known)


def _listener(port: int, protocol: str, balancer: Ref) -> Listener:
    return Listener(id=str(port), load_balancer=balancer, port=port, protocol=protocol, default_actions=(FixedResponse(status_code="404"),))


def _rule(listener: Listener, number: int, namespace: str, target: TargetGroup) -> Rule:
    host = Condition(field="host-header", values=(f"{namespace}.example.com",))
    path = Condition(field="path-pattern", values=(f"/part-{number}/*",))
    return Rule(
        id=f"{listener.id}:{number}",
        listener=Ref("Listener", listener.id, "arn"),
        priority=number,
        actions=(Forward((WeightedTargetGroup(Ref("TargetGroup", target.id, "arn"), 1),)),),
        conditions=(host, path),
        member=Ident("Ingress", namespace, "app"),
    )


def _binding(namespace: str, service: str, target: TargetGroup) -> Binding:
    arn = Ref("TargetGroup", target.id, "arn")
    return Binding(id=target.id, namespace=namespace, name=target.name, target_group=arn, target_type="ip", service=service, port=80)


def _target(place: int, number: int, state: str) -> Registered:
    reason = {"unhealthy": "Target.Timeout", "initial": "Elb.RegistrationInProgress", "draining": "Target.DeregistrationInProgress"}
    return Registered(Target(f"10.{place}.{number // 250}.{number % 250}", 8080), state, reason.get(state, ""))


def cards(number: int, targets: int = 25) -> tuple[Card, ...]:
    """Cards with two target groups each, and a target that is unhealthy in every tenth."""
    return tuple(card(group(f"team-{each:03}", 2, targets // 2, {1: "unhealthy"} if each % 10 == 3 else None)) for each in range(number))


def view(*found: Card, **more: Any) -> PageView:
    """A page with these cards."""
    return PageView(place=(("cluster", "prod"), ("region", "eu-west-1")), cards=found, **more)
