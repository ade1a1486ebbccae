"""A stack that stands is edited: what changes in place, and what is replaced."""

from dataclasses import replace

from tests.aws.deploy import CHECK, TG, Account, deploy, rule, run, stack, written

from albatross.model.config import GATES
from albatross.model.resources.action import Forward, Redirect, Stickiness, WeightedTargetGroup
from albatross.model.resources.listener import MutualAuthentication
from albatross.model.resources.security_group import Permission
from albatross.model.resources.stack import Stack


async def test_changes_are_made_in_place(account: Account) -> None:
    async with account.session(keys=account.granted()) as session:
        old = await deploy(account, session, stack(account, account.stack_id()))
        since = account.mark()
        check = replace(CHECK, path="/ping", interval_seconds=60)
        group = replace(old.target_groups[0], health_check=check, attributes=(("deregistration_delay.timeout_seconds", "9"),))
        balancer = replace(old.load_balancers[0], attributes=(("idle_timeout.timeout_seconds", "90"),), tags=(("team", "b"),))
        firewall = replace(old.security_groups[0], ingress=(Permission(from_port=80, to_port=80, cidr="10.0.0.0/8"),), tags=())
        secure = replace(old.listeners[1], certificates=old.listeners[1].certificates[::-1], attributes=())
        plain = replace(old.listeners[0], default_actions=(Redirect(status_code="HTTP_301", protocol="HTTPS", port="443"),))
        new = replace(old, target_groups=(group,), load_balancers=(balancer,), security_groups=(firewall,), listeners=(plain, secure))
        await deploy(account, session, new)
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
        await deploy(account, session, stack(account, identity, rule(1, "/a"), rule(2, "/b"), rule(3, "/c"), rule(4, "/d")))
        since = account.mark()
        sticky = (Forward((WeightedTargetGroup(TG),), Stickiness(enabled=True, duration_seconds=60)),)
        new = stack(account, identity, rule(1, "/x"), rule(2, "/c"), rule(3, "/n", actions=sticky), rule(4, "/d"), rule(5, "/e"))
        await deploy(account, session, new)
        calls = written(account, since)
        assert calls.count("SetRulePriorities") == 1
        assert (calls.count("CreateRule"), calls.count("DeleteRule"), calls.count("ModifyRule")) == (2, 1, 1)


async def test_a_load_balancer_changes_in_place(account: Account) -> None:
    async with account.session(keys=account.granted()) as session:
        old = await deploy(account, session, stack(account, account.stack_id()))
        since = account.mark()
        balancer = old.load_balancers[0]
        moved = replace(
            balancer,
            subnet_mappings=balancer.subnet_mappings[:2],
            security_groups=(*balancer.security_groups, account.ready["security_groups"]["node"]),
            ip_address_type="dualstack",
        )
        await deploy(account, session, replace(old, load_balancers=(moved,)))
        assert written(account, since) == ["SetIpAddressType", "SetSecurityGroups", "SetSubnets"]


async def test_what_only_a_network_load_balancer_has_changes_in_place(account: Account) -> None:
    async with account.session(keys=account.granted()) as session:
        base = stack(account, account.stack_id())
        icmp = Permission(protocol="icmp", from_port=3, to_port=4, cidr="0.0.0.0/0")
        groups = (replace(base.security_groups[0], ingress=(*base.security_groups[0].ingress, icmp, icmp)),)
        own = replace(base.load_balancers[0], type="network", attributes=(), ipv6_source_nat="off", private_link_rules="off")
        old = await deploy(account, session, Stack(id=base.id, security_groups=groups, load_balancers=(own,)))
        since = account.mark()
        enforced = replace(old.load_balancers[0], private_link_rules="on")
        await deploy(account, session, replace(old, load_balancers=(enforced,)))
        dual = replace(enforced, ip_address_type="dualstack")
        await deploy(account, session, replace(old, load_balancers=(dual,)))
        prefixes = tuple(replace(each, source_nat_ipv6_prefix="auto_assigned") for each in dual.subnet_mappings)
        nat = replace(dual, ipv6_source_nat="on", subnet_mappings=prefixes)
        await deploy(account, session, replace(old, load_balancers=(nat,)))
        assert written(account, since) == ["SetIpAddressType", "SetSecurityGroups", "SetSubnets"]


async def test_private_link_without_security_groups_is_left_out(account: Account) -> None:
    async with account.session(keys=account.granted()) as session:
        base = stack(account, account.stack_id())
        bare = replace(base.load_balancers[0], type="network", attributes=(), security_groups=(), private_link_rules="on")
        await deploy(account, session, Stack(id=base.id, load_balancers=(bare,)))


async def test_mutual_authentication_comes_and_goes(account: Account) -> None:
    async with account.session(keys=account.granted()) as session:
        old = await deploy(account, session, stack(account, account.stack_id()))
        for mode in ("passthrough", "off"):
            secure = replace(old.listeners[1], mutual_authentication=MutualAuthentication(mode=mode))
            old = await deploy(account, session, replace(old, listeners=(old.listeners[0], secure)))
    enhanced = replace(account.config, gates={**GATES, "EnhancedDefaultBehavior": True})
    async with account.session(enhanced, keys=account.granted()) as session:
        secure = replace(old.listeners[1], mutual_authentication=MutualAuthentication(mode="passthrough"))
        await run(session, replace(old, listeners=(old.listeners[0], secure)), enhanced)
        plain = replace(old, listeners=(old.listeners[0], replace(secure, mutual_authentication=None)))
        assert len((await run(session, plain, enhanced)).results) == 1
        assert (await run(session, plain, enhanced)).results == ()


async def test_a_listener_loses_what_it_should_not_serve(account: Account) -> None:
    async with account.session(keys=account.granted()) as session:
        old = await deploy(account, session, stack(account, account.stack_id()))
        since = account.mark()
        one = replace(old.listeners[1], certificates=old.listeners[1].certificates[:1])
        await deploy(account, session, replace(old, listeners=(one,), rules=old.rules[2:]))
        assert written(account, since) == ["DeleteListener", "RemoveListenerCertificates"]


async def test_a_target_group_is_replaced_without_a_gap(account: Account) -> None:
    async with account.session(keys=account.granted()) as session:
        old = await deploy(account, session, stack(account, account.stack_id()))
        group = replace(old.target_groups[0], target_type="instance", name=old.target_groups[0].name + "2")
        await deploy(account, session, replace(old, target_groups=(group,)))
        names = [item["TargetGroupName"] for item, _ in await session.inventory.target_groups()]
        assert old.target_groups[0].name not in names


async def test_a_load_balancer_is_replaced(account: Account) -> None:
    async with account.session(keys=account.granted()) as session:
        old = await deploy(account, session, stack(account, account.stack_id()))
        await deploy(account, session, replace(old, load_balancers=(replace(old.load_balancers[0], scheme="internet-facing"),)))
