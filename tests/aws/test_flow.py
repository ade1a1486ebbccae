"""A stack, deployed to an account over real sockets: made, seen again, cut short, deleted; and what is beside it."""

import asyncio
from dataclasses import replace

import pytest
from tests.aws.deploy import Account, deploy, fresh, rule, run, stack, written

from albatross.aws.perform import backend
from albatross.aws.read.observe import observe
from albatross.aws.session.errors import Limit, NotFound
from albatross.aws.targets import health
from albatross.model.plan import Create, Delete, DeleteBinding, PutBinding, Update
from albatross.model.resources.stack import Stack
from albatross.model.target import Target


async def test_a_second_pass_writes_nothing_nor_does_a_restart(account: Account) -> None:
    async with account.session(keys=account.granted()) as session:
        wanted = await deploy(account, session, stack(account, account.stack_id()))
    since = account.mark()
    async with account.session(keys=account.granted()) as session:
        assert (await run(session, wanted, account.config)).results == ()
    assert written(account, since) == []


async def test_an_empty_stack_leaves_nothing_even_under_protection(account: Account) -> None:
    async with account.session(keys=account.granted()) as session:
        wanted = stack(account, account.stack_id())
        guarded = replace(wanted.load_balancers[0], attributes=(("deletion_protection.enabled", "true"),))
        await deploy(account, session, replace(wanted, load_balancers=(guarded,)))
        seen = await observe(session, wanted.id, account.config, Stack(id=wanted.id))
        assert dict(seen.load_balancers[0].resource.attributes)["deletion_protection.enabled"] == "true"
        await run(session, Stack(id=wanted.id), account.config)
        observed = await observe(session, wanted.id, account.config)
        assert (observed.load_balancers, observed.target_groups, observed.security_groups) == ((), (), ())
        assert await fresh(account, session, Stack(id=wanted.id)) == []


async def test_what_was_deleted_behind_our_back_is_made_again(account: Account) -> None:
    async with account.session(keys=account.granted()) as session:
        old = await deploy(account, session, stack(account, account.stack_id()))
        observed = await observe(session, old.id, account.config, old)
        async with account.session(keys=account.granted()) as other:
            await other.call("elbv2", "DeleteLoadBalancer", LoadBalancerArn=observed.load_balancers[0].arn)
        await deploy(account, session, old)


async def test_a_full_listener_trades_rule_for_rule(account: Account) -> None:
    async with account.session(keys=account.granted()) as session:
        identity = account.stack_id()
        old = await deploy(account, session, stack(account, identity, *(rule(n, f"/{n}") for n in range(1, 4))))
        account.control("limits", {"quotas": {"rules-per-application-load-balancer": 3}})
        try:
            new = replace(old, rules=tuple(rule(n, f"/new{n}") for n in range(11, 14)))
            await deploy(account, session, new)
            with pytest.raises(AssertionError, match="TooManyRules"):
                await run(session, replace(old, rules=tuple(rule(n, f"/{n}") for n in range(20, 24))), account.config)
        finally:
            account.control("limits", {"quotas": {"rules-per-application-load-balancer": 100}})


async def test_many_stacks_are_seen_in_few_calls(account: Account) -> None:
    async with account.session(keys=account.granted()) as session:
        stacks = [await deploy(account, session, stack(account, account.stack_id(), rule(1, "/a"))) for _ in range(3)]
    async with account.session(keys=account.granted()) as session:
        since = account.mark()
        await asyncio.gather(*(observe(session, each.id, account.config, each) for each in stacks))
        calls = [call["operation"] for call in account.calls(since)]
    assert calls.count("DescribeLoadBalancers") == 1
    assert calls.count("DescribeTargetGroups") == 1
    assert calls.count("DescribeSecurityGroups") == 1
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
        await deploy(account, session, wanted)


async def test_targets_enter_and_leave_in_shared_calls(account: Account) -> None:
    async with account.session(keys=account.granted()) as session:
        old = await deploy(account, session, stack(account, account.stack_id()))
        arn = (await observe(session, old.id, account.config, old)).target_groups[0].arn
        node = account.ready["nodes"][0]["private_ip"]
        targets = [Target(id=node, port=port) for port in (8080, 8081, 8082)]
        since = account.mark()
        await session.turn("elbv2", "RegisterTargets")
        await health.register(session, arn, targets)
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
