"""A stack, deployed to an account over real sockets: made, seen again, changed, replaced, deleted."""

import asyncio
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest
from tests.planner.stand import plan

from albatross.aws.perform import backend
from albatross.aws.perform.operation import perform
from albatross.aws.read.observe import observe
from albatross.aws.session.client import Session
from albatross.aws.session.errors import Limit, NotFound
from albatross.aws.targets import health
from albatross.controller.execute import execute
from albatross.model.config import GATES, Config
from albatross.model.plan import (
    Create,
    Delete,
    DeleteBinding,
    Outcome,
    PutBinding,
    Update,
)
from albatross.model.resources.action import (
    Action,
    AuthenticateCognito,
    AuthenticateOidc,
    FixedResponse,
    Forward,
    JwtClaim,
    JwtValidation,
    Redirect,
    Stickiness,
    WeightedTargetGroup,
)
from albatross.model.resources.listener import Listener, MutualAuthentication
from albatross.model.resources.load_balancer import LoadBalancer, SubnetMapping
from albatross.model.resources.ref import Ref
from albatross.model.resources.rule import Condition, Rule, Transform
from albatross.model.resources.security_group import Permission, SecurityGroup
from albatross.model.resources.stack import Stack, StackId
from albatross.model.resources.target_group import HealthCheck, TargetGroup
from albatross.model.target import Target

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
    certificates = account.certificates()
    return Stack(
        id=identity,
        security_groups=(
            SecurityGroup(
                id="ManagedLBSecurityGroup",
                name=f"k8s-{word}",
                description="[k8s] Managed SecurityGroup for LoadBalancer",
                tags=(("team", "a"),),
                ingress=(
                    Permission(from_port=80, to_port=80, cidr="0.0.0.0/0"),
                    Permission(from_port=443, to_port=443, cidr6="::/0"),
                ),
            ),
        ),
        load_balancers=(
            LoadBalancer(
                id="LoadBalancer",
                name=f"k8s-{word}",
                type="application",
                scheme="internal",
                ip_address_type="ipv4",
                subnet_mappings=tuple(SubnetMapping(subnet_id=each) for each in account.subnets()),
                security_groups=(SG, BACKEND),
                attributes=(("idle_timeout.timeout_seconds", "30"),),
                tags=(("team", "a"),),
            ),
        ),
        target_groups=(
            TargetGroup(
                id="web",
                name=f"k8s-{word}-web",
                target_type="ip",
                port=8080,
                protocol="HTTP",
                protocol_version="HTTP1",
                ip_address_type="ipv4",
                health_check=CHECK,
                attributes=(("deregistration_delay.timeout_seconds", "5"),),
            ),
        ),
        listeners=(
            Listener(id="80", load_balancer=LB, port=80, protocol="HTTP", default_actions=MISSING),
            Listener(
                id="443",
                load_balancer=LB,
                port=443,
                protocol="HTTPS",
                default_actions=MISSING,
                certificates=certificates,
                ssl_policy="ELBSecurityPolicy-2016-08",
                attributes=(("routing.http.response.server.enabled", "false"),),
            ),
        ),
        rules=rules or (rule(1, "/a"), rule(2, "/b"), rule(1, "/s", "443")),
    )


async def run(session: Session, wanted: Stack, config: Config) -> Outcome:
    """One pass: observe, plan, execute."""
    observed = await observe(session, wanted.id, config, wanted)

    async def act(operation: Any, ids: Mapping[Ref, str]) -> Mapping[Ref, str]:
        return await perform(session, operation, ids)

    outcome = await execute(plan(wanted, observed, config), act)
    assert [str(each.error) for each in outcome.failures] == []
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


def _with_backend(balancer: LoadBalancer, group: str) -> LoadBalancer:
    return replace(balancer, security_groups=tuple(group if each == BACKEND else each for each in balancer.security_groups))


async def _deploy(account: Account, session: Session, wanted: Stack) -> Stack:
    """Deploy; the stack with the backend group's id, as the next pass would have it."""
    outcome = await run(session, wanted, account.config)
    group = outcome.ids.get(BACKEND) or await backend.ensure(session)
    known = replace(wanted, load_balancers=tuple(_with_backend(each, group) for each in wanted.load_balancers))
    assert (await run(session, known, account.config)).results == ()
    assert await fresh(account, session, known) == []
    return known


async def test_a_second_pass_writes_nothing_nor_does_a_restart(account: Account) -> None:
    async with account.session(keys=account.granted()) as session:
        wanted = await _deploy(account, session, stack(account, account.stack_id()))
    since = account.mark()
    async with account.session(keys=account.granted()) as session:
        assert (await run(session, wanted, account.config)).results == ()
    assert written(account, since) == []


async def test_changes_are_made_in_place(account: Account) -> None:
    async with account.session(keys=account.granted()) as session:
        old = await _deploy(account, session, stack(account, account.stack_id()))
        since = account.mark()
        check = replace(CHECK, path="/ping", interval_seconds=60)
        group = replace(old.target_groups[0], health_check=check, attributes=(("deregistration_delay.timeout_seconds", "9"),))
        balancer = replace(old.load_balancers[0], attributes=(("idle_timeout.timeout_seconds", "90"),), tags=(("team", "b"),))
        firewall = replace(old.security_groups[0], ingress=(Permission(from_port=80, to_port=80, cidr="10.0.0.0/8"),), tags=())
        secure = replace(old.listeners[1], certificates=old.listeners[1].certificates[::-1], attributes=())
        plain = replace(old.listeners[0], default_actions=(Redirect(status_code="HTTP_301", protocol="HTTPS", port="443"),))
        new = replace(old, target_groups=(group,), load_balancers=(balancer,), security_groups=(firewall,), listeners=(plain, secure))
        await _deploy(account, session, new)
        assert written(account, since) == [
            "AddListenerCertificates",
            "AddTags",
            "AuthorizeSecurityGroupIngress",
            "DeleteTags",
            "ModifyListener",
            "ModifyListener",
            "ModifyLoadBalancerAttributes",
            "ModifyTargetGroup",
            "ModifyTargetGroupAttributes",
            "RevokeSecurityGroupIngress",
        ]


async def test_rules_move_change_come_and_go(account: Account) -> None:
    async with account.session(keys=account.granted()) as session:
        identity = account.stack_id()
        await _deploy(account, session, stack(account, identity, rule(1, "/a"), rule(2, "/b"), rule(3, "/c"), rule(4, "/d")))
        since = account.mark()
        sticky = (Forward((WeightedTargetGroup(TG),), Stickiness(enabled=True, duration_seconds=60)),)
        new = stack(account, identity, rule(1, "/x"), rule(2, "/c"), rule(3, "/n", actions=sticky), rule(4, "/d"), rule(5, "/e"))
        await _deploy(account, session, new)
        calls = written(account, since)
        assert calls.count("SetRulePriorities") == 1
        assert (calls.count("CreateRule"), calls.count("DeleteRule"), calls.count("ModifyRule")) == (2, 1, 1)


async def test_every_condition_and_transform_reads_back_as_written(account: Account) -> None:
    conditions = (
        Condition(field="host-header", regex_values=("^a",)),
        Condition(field="http-header", header="X-A", values=("1", "2*")),
        Condition(field="http-request-method", values=("GET",)),
        Condition(field="query-string", query=((None, "v"), ("k", "w"))),
        Condition(field="source-ip", values=("10.0.0.0/8",)),
        Condition(field="path-pattern", values=("/p",)),
    )
    rewrites = (Transform("url-rewrite", (("^/a", "/b"),)), Transform("host-header-rewrite", (("^a", "b"),)))
    rules = tuple(
        replace(rule(index, "/"), conditions=(each, Condition(field="path-pattern", values=(f"/{index}",)))[: 1 + (index != 6)])
        for index, each in enumerate(conditions, 1)
    )
    async with account.session(keys=account.granted()) as session:
        wanted = stack(account, account.stack_id(), *rules[:-1], replace(rules[-1], transforms=rewrites))
        old = await _deploy(account, session, wanted)
        plainer = replace(old, rules=(*old.rules[:-1], replace(old.rules[-1], transforms=())))
        await _deploy(account, session, plainer)


SIGN_IN: dict[str, Any] = {
    "on_unauthenticated_request": "authenticate",
    "scope": "openid",
    "session_cookie_name": "AWSELBAuthSessionCookie",
    "session_timeout": 604800,
    "extra_params": (("display", "page"),),
}


def oidc(secret: str) -> AuthenticateOidc:
    return AuthenticateOidc(
        issuer="https://idp.example.com",
        authorization_endpoint="https://idp.example.com/authorize",
        token_endpoint="https://idp.example.com/token",
        user_info_endpoint="https://idp.example.com/userinfo",
        client_id="client",
        client_secret=secret,
        **SIGN_IN,
    )


COGNITO = AuthenticateCognito(
    user_pool_arn="arn:aws:cognito-idp:ap-northeast-2:123456789012:userpool/ap-northeast-2_abc",
    user_pool_client_id="client",
    user_pool_domain="domain",
    **SIGN_IN,
)
JWT = JwtValidation(
    jwks_endpoint="https://idp.example.com/keys",
    issuer="https://idp.example.com",
    additional_claims=(JwtClaim(format="string-array", name="groups", values=("a", "b")),),
)


async def test_every_action_reads_back_as_written(account: Account) -> None:
    to_web = Forward((WeightedTargetGroup(TG, 5),), Stickiness(enabled=True, duration_seconds=30))
    several: tuple[tuple[Action, ...], ...] = (
        (COGNITO, to_web),
        (oidc("one"), to_web),
        (JWT, to_web),
        (Redirect(status_code="HTTP_302", host="a.example.com", path="/x", query="q"),),
        (FixedResponse(status_code="503", content_type="application/json", message_body="{}"),),
    )
    rules = tuple(rule(number, f"/{number}", "443", actions=each) for number, each in enumerate(several, 1))
    async with account.session(keys=account.granted()) as session:
        old = await _deploy(account, session, stack(account, account.stack_id(), *rules))
        await run(session, old, account.config)
        rotated = replace(old, rules=(rules[0], replace(rules[1], actions=(oidc("two"), to_web)), *rules[2:]))
        assert (await run(session, rotated, account.config)).results == ()  # a new process takes the secret to be the same


async def test_a_secret_that_changes_is_written_once(account: Account) -> None:
    async with account.session(keys=account.granted()) as session:
        identity = account.stack_id()
        known = [rule(1, "/", "443", actions=(oidc(secret), Forward((WeightedTargetGroup(TG),)))) for secret in ("one", "two")]
        base = stack(account, identity, known[0])
        outcome = await run(session, base, account.config)
        group = outcome.ids.get(BACKEND) or await backend.ensure(session)
        settled = replace(base, load_balancers=tuple(_with_backend(each, group) for each in base.load_balancers))
        since = account.mark()
        for _ in range(2):
            await run(session, replace(settled, rules=(known[1],)), account.config)
        assert written(account, since) == ["ModifyRule"]


async def test_a_load_balancer_changes_in_place(account: Account) -> None:
    async with account.session(keys=account.granted()) as session:
        old = await _deploy(account, session, stack(account, account.stack_id()))
        since = account.mark()
        balancer = old.load_balancers[0]
        moved = replace(
            balancer,
            subnet_mappings=balancer.subnet_mappings[:2],
            security_groups=(*balancer.security_groups, account.ready["security_groups"]["node"]),
            ip_address_type="dualstack",
        )
        await _deploy(account, session, replace(old, load_balancers=(moved,)))
        assert written(account, since) == ["SetIpAddressType", "SetSecurityGroups", "SetSubnets"]


async def test_what_only_a_network_load_balancer_has_changes_in_place(account: Account) -> None:
    async with account.session(keys=account.granted()) as session:
        base = stack(account, account.stack_id())
        icmp = Permission(protocol="icmp", from_port=3, to_port=4, cidr="0.0.0.0/0")
        groups = (replace(base.security_groups[0], ingress=(*base.security_groups[0].ingress, icmp, icmp)),)
        own = replace(base.load_balancers[0], type="network", attributes=(), ipv6_source_nat="off", private_link_rules="off")
        old = await _deploy(account, session, Stack(id=base.id, security_groups=groups, load_balancers=(own,)))
        since = account.mark()
        enforced = replace(old.load_balancers[0], private_link_rules="on")
        await _deploy(account, session, replace(old, load_balancers=(enforced,)))
        dual = replace(enforced, ip_address_type="dualstack")
        await _deploy(account, session, replace(old, load_balancers=(dual,)))
        prefixes = tuple(replace(each, source_nat_ipv6_prefix="auto_assigned") for each in dual.subnet_mappings)
        nat = replace(dual, ipv6_source_nat="on", subnet_mappings=prefixes)
        await _deploy(account, session, replace(old, load_balancers=(nat,)))
        assert written(account, since) == ["SetIpAddressType", "SetSecurityGroups", "SetSubnets"]


async def test_private_link_without_security_groups_is_left_out(account: Account) -> None:
    async with account.session(keys=account.granted()) as session:
        base = stack(account, account.stack_id())
        bare = replace(base.load_balancers[0], type="network", attributes=(), security_groups=(), private_link_rules="on")
        await _deploy(account, session, Stack(id=base.id, load_balancers=(bare,)))


async def test_mutual_authentication_comes_and_goes(account: Account) -> None:
    async with account.session(keys=account.granted()) as session:
        old = await _deploy(account, session, stack(account, account.stack_id()))
        for mode in ("passthrough", "off"):
            secure = replace(old.listeners[1], mutual_authentication=MutualAuthentication(mode=mode))
            old = await _deploy(account, session, replace(old, listeners=(old.listeners[0], secure)))
    enhanced = replace(account.config, gates={**GATES, "EnhancedDefaultBehavior": True})
    async with account.session(enhanced, keys=account.granted()) as session:
        secure = replace(old.listeners[1], mutual_authentication=MutualAuthentication(mode="passthrough"))
        await run(session, replace(old, listeners=(old.listeners[0], secure)), enhanced)
        plain = replace(old, listeners=(old.listeners[0], replace(secure, mutual_authentication=None)))
        assert len((await run(session, plain, enhanced)).results) == 1
        assert (await run(session, plain, enhanced)).results == ()


async def test_a_listener_loses_what_it_should_not_serve(account: Account) -> None:
    async with account.session(keys=account.granted()) as session:
        old = await _deploy(account, session, stack(account, account.stack_id()))
        since = account.mark()
        one = replace(old.listeners[1], certificates=old.listeners[1].certificates[:1])
        await _deploy(account, session, replace(old, listeners=(one,), rules=old.rules[2:]))
        assert written(account, since) == ["DeleteListener", "RemoveListenerCertificates"]


async def test_a_target_group_is_replaced_without_a_gap(account: Account) -> None:
    async with account.session(keys=account.granted()) as session:
        old = await _deploy(account, session, stack(account, account.stack_id()))
        group = replace(old.target_groups[0], target_type="instance", name=old.target_groups[0].name + "2")
        await _deploy(account, session, replace(old, target_groups=(group,)))
        names = [item["TargetGroupName"] for item, _ in await session.inventory.target_groups()]
        assert old.target_groups[0].name not in names


async def test_a_load_balancer_is_replaced(account: Account) -> None:
    async with account.session(keys=account.granted()) as session:
        old = await _deploy(account, session, stack(account, account.stack_id()))
        await _deploy(account, session, replace(old, load_balancers=(replace(old.load_balancers[0], scheme="internet-facing"),)))


async def test_an_empty_stack_leaves_nothing_even_under_protection(account: Account) -> None:
    async with account.session(keys=account.granted()) as session:
        wanted = stack(account, account.stack_id())
        guarded = replace(wanted.load_balancers[0], attributes=(("deletion_protection.enabled", "true"),))
        await _deploy(account, session, replace(wanted, load_balancers=(guarded,)))
        seen = await observe(session, wanted.id, account.config, Stack(id=wanted.id))
        assert dict(seen.load_balancers[0].resource.attributes)["deletion_protection.enabled"] == "true"
        await run(session, Stack(id=wanted.id), account.config)
        observed = await observe(session, wanted.id, account.config)
        assert (observed.load_balancers, observed.target_groups, observed.security_groups) == ((), (), ())
        assert await fresh(account, session, Stack(id=wanted.id)) == []


async def test_what_was_deleted_behind_our_back_is_made_again(account: Account) -> None:
    async with account.session(keys=account.granted()) as session:
        old = await _deploy(account, session, stack(account, account.stack_id()))
        observed = await observe(session, old.id, account.config, old)
        async with account.session(keys=account.granted()) as other:
            await other.call("elbv2", "DeleteLoadBalancer", LoadBalancerArn=observed.load_balancers[0].arn)
        await _deploy(account, session, old)


async def test_a_full_listener_trades_rule_for_rule(account: Account) -> None:
    async with account.session(keys=account.granted()) as session:
        identity = account.stack_id()
        old = await _deploy(account, session, stack(account, identity, *(rule(n, f"/{n}") for n in range(1, 4))))
        account.control("limits", {"quotas": {"rules-per-application-load-balancer": 3}})
        try:
            new = replace(old, rules=tuple(rule(n, f"/new{n}") for n in range(11, 14)))
            await _deploy(account, session, new)
            with pytest.raises(AssertionError, match="TooManyRules"):
                await run(session, replace(old, rules=tuple(rule(n, f"/{n}") for n in range(20, 24))), account.config)
        finally:
            account.control("limits", {"quotas": {"rules-per-application-load-balancer": 100}})


async def test_many_stacks_are_seen_in_few_calls(account: Account) -> None:
    async with account.session(keys=account.granted()) as session:
        stacks = [await _deploy(account, session, stack(account, account.stack_id(), rule(1, "/a"))) for _ in range(3)]
    async with account.session(keys=account.granted()) as session:
        since = account.mark()
        await asyncio.gather(*(observe(session, each.id, account.config, each) for each in stacks))
        calls = [call["operation"] for call in account.calls(since)]
    assert calls.count("DescribeLoadBalancers") == 1
    assert calls.count("DescribeTargetGroups") == 1
    assert calls.count("DescribeSecurityGroups") == 2
    assert calls.count("DescribeListeners") == 3


@pytest.mark.parametrize("after", [1, 3, 6, 9])
async def test_a_pass_cut_short_is_taken_up_again(account: Account, after: int) -> None:
    wanted = stack(account, account.stack_id())
    writes = 0

    def watch(service: str, operation: str, code: str, seconds: float) -> None:
        nonlocal writes
        writes += not operation.startswith(("Describe", "List", "Get"))
        if writes == after:
            running.cancel()

    async with account.session(keys=account.granted()) as session:
        session.watcher = watch
        running = asyncio.ensure_future(run(session, wanted, account.config))
        with pytest.raises(asyncio.CancelledError):
            await running
    async with account.session(keys=account.granted()) as session:
        await _deploy(account, session, wanted)


async def test_targets_enter_and_leave_in_shared_calls(account: Account) -> None:
    async with account.session(keys=account.granted()) as session:
        old = await _deploy(account, session, stack(account, account.stack_id()))
        arn = (await observe(session, old.id, account.config, old)).target_groups[0].arn
        node = account.ready["nodes"][0]["private_ip"]
        targets = [Target(id=node, port=port) for port in (8080, 8081, 8082)]
        since = account.mark()
        batches = health.Batches()
        await asyncio.gather(*(batches.register(session, arn, [each]) for each in targets))
        assert len(batches) == 0
        assert written(account, since) == ["RegisterTargets"]
        found = await health.registered(session, arn)
        assert {each.target.port for each in found} == {8080, 8081, 8082}
        await health.deregister(session, arn, targets[:2])
        left = [each for each in await health.registered(session, arn) if not each.draining]
        assert [each.target.port for each in left] == [8082]
        assert len(await health.registered(session, arn, targets[2:])) == 1
        assert await health.registered(session, arn, []) == ()
        with pytest.raises(NotFound):
            await health.register(session, arn[:-3] + "abc", targets)


async def test_the_backend_group_is_made_once_and_released(account: Account) -> None:
    config = replace(account.config, cluster_name="other-cluster", default_tags={"a": "b"})
    async with account.session(config, keys=account.granted(config.cluster_name)) as session:
        ids = await asyncio.gather(backend.ensure(session), backend.ensure(session))
        assert len(set(ids)) == 1
        found = await session.call("ec2", "DescribeSecurityGroups", GroupIds=[ids[0]])
        assert found["SecurityGroups"][0]["GroupName"] == backend.name("other-cluster")
        await backend.release(session)
        with pytest.raises(NotFound):
            await session.call("ec2", "DescribeSecurityGroups", GroupIds=[ids[0]])
        await backend.release(session)
    given = replace(config, backend_security_group="sg-given")
    async with account.session(given, keys=account.granted()) as session:
        assert await backend.ensure(session) == "sg-given"
        await backend.release(session)


def test_bindings_are_not_for_aws() -> None:
    assert {PutBinding, DeleteBinding}.isdisjoint({Create, Update, Delete})
    assert issubclass(Limit, Exception)
