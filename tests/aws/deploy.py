"""A stack for tests, and how it is deployed to an account over real sockets."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from tests.planner.stand import plan

from albatross.aws.perform import backend
from albatross.aws.perform.operation import perform
from albatross.aws.read.observe import observe
from albatross.aws.session.client import Session
from albatross.controller.execute import execute
from albatross.model.config import Config
from albatross.model.plan import Outcome
from albatross.model.resources.action import FixedResponse, Forward, WeightedTargetGroup
from albatross.model.resources.listener import Listener
from albatross.model.resources.load_balancer import LoadBalancer, SubnetMapping
from albatross.model.resources.ref import Ref
from albatross.model.resources.rule import Condition, Rule
from albatross.model.resources.security_group import Permission, SecurityGroup
from albatross.model.resources.stack import Stack, StackId
from albatross.model.resources.target_group import HealthCheck, TargetGroup

Account = Any
LB = Ref("LoadBalancer", "LoadBalancer", "arn")
SG = Ref("SecurityGroup", "ManagedLBSecurityGroup", "group_id")
BACKEND = Ref("BackendSecurityGroup", "backend-sg", "group_id")
TG = Ref("TargetGroup", "web", "arn")
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
MISSING = (FixedResponse(status_code="404", content_type="text/plain"),)


def rule(priority: int, path: str, listener: str = "80", **more: Any) -> Rule:
    fields: dict[str, Any] = {"actions": (Forward((WeightedTargetGroup(TG),)),), **more}
    conditions = (
        Condition(field="path-pattern", values=(path,)),
        Condition(field="host-header", values=("www.example.com",)),
    )
    return Rule(id=f"{listener}:{priority}", listener=Ref("Listener", listener, "arn"), priority=priority, conditions=conditions, **fields)


def stack(account: Account, identity: StackId, *rules: Rule) -> Stack:
    word = identity.name
    return Stack(
        id=identity,
        security_groups=(firewall(word),),
        load_balancers=(balancer(account, word),),
        target_groups=(group(word),),
        listeners=listeners(account),
        rules=rules or (rule(1, "/a"), rule(2, "/b"), rule(1, "/s", "443")),
    )


def firewall(word: str) -> SecurityGroup:
    return SecurityGroup(
        id="ManagedLBSecurityGroup",
        name=f"k8s-{word}",
        description="[k8s] Managed SecurityGroup for LoadBalancer",
        tags=(("team", "a"),),
        ingress=(
            Permission(from_port=80, to_port=80, cidr="0.0.0.0/0"),
            Permission(from_port=443, to_port=443, cidr6="::/0"),
        ),
    )


def balancer(account: Account, word: str) -> LoadBalancer:
    return LoadBalancer(
        id="LoadBalancer",
        name=f"k8s-{word}",
        type="application",
        scheme="internal",
        ip_address_type="ipv4",
        subnet_mappings=tuple(SubnetMapping(subnet_id=each) for each in account.subnets()),
        security_groups=(SG, BACKEND),
        attributes=(("idle_timeout.timeout_seconds", "30"),),
        tags=(("team", "a"),),
    )


def group(word: str) -> TargetGroup:
    return TargetGroup(
        id="web",
        name=f"k8s-{word}-web",
        target_type="ip",
        port=8080,
        protocol="HTTP",
        protocol_version="HTTP1",
        ip_address_type="ipv4",
        health_check=CHECK,
        attributes=(("deregistration_delay.timeout_seconds", "5"),),
    )


def listeners(account: Account) -> tuple[Listener, ...]:
    return (
        Listener(id="80", load_balancer=LB, port=80, protocol="HTTP", default_actions=MISSING),
        Listener(
            id="443",
            load_balancer=LB,
            port=443,
            protocol="HTTPS",
            default_actions=MISSING,
            certificates=account.certificates(),
            ssl_policy="ELBSecurityPolicy-2016-08",
            attributes=(("routing.http.response.server.enabled", "false"),),
        ),
    )


async def run(session: Session, wanted: Stack, config: Config) -> Outcome:
    """One pass: observe, plan, execute."""
    observed = await observe(session, wanted.id, config, wanted)

    async def act(operation: Any, ids: Mapping[Ref, str]) -> Mapping[Ref, str]:
        return await perform(session, operation, ids)

    outcome = await execute(plan(wanted, observed, config), act)
    errors = [str(each.error) for each in outcome.failures]
    assert errors == [], errors
    return outcome


def written(account: Account, since: int) -> list[str]:
    reading = ("Describe", "List", "Get")
    return sorted(call["operation"] for call in account.calls(since) if not call["operation"].startswith(reading))


async def fresh(account: Account, session: Session, wanted: Stack) -> list[str]:
    """What a process that remembers nothing would still do: nothing, if all went well."""
    session.inventory.forget()
    session.cache.clear()
    session.secrets.clear()
    observed = await observe(session, wanted.id, account.config, wanted)
    return [step.id for step in plan(wanted, observed, account.config).steps]


def with_backend(balancer: LoadBalancer, group: str) -> LoadBalancer:
    return replace(balancer, security_groups=tuple(group if each == BACKEND else each for each in balancer.security_groups))


async def deploy(account: Account, session: Session, wanted: Stack) -> Stack:
    """Deploy; the stack with the backend group's id, as the next pass would have it."""
    outcome = await run(session, wanted, account.config)
    group = outcome.ids.get(BACKEND) or await backend.ensure(session)
    known = replace(wanted, load_balancers=tuple(with_backend(each, group) for each in wanted.load_balancers))
    assert (await run(session, known, account.config)).results == ()
    assert await fresh(account, session, known) == []
    return known
