"""Whose ports are opened, and when they are closed again."""

import itertools
from collections.abc import AsyncIterator, Iterable
from dataclasses import dataclass, field
from typing import Any

import pytest

from albatross.aws.session.client import Session
from albatross.aws.session.errors import AwsError, Denied
from albatross.aws.targets import networking as wire
from albatross.controller.networking import DENIED_SECONDS, Asked, Networking
from albatross.model.snapshot import Metadata, Node, TargetGroupBinding
from albatross.model.target import Target, Wanted

Account = Any
pytestmark = pytest.mark.xdist_group("controller-aws")  # the nodes' group is one for all
_NUMBER = itertools.count(1)


@dataclass
class Bed:
    account: Account
    session: Session
    source: str
    networking: Networking
    expected: set[tuple[str, str]] = field(default_factory=set)

    async def ask(self, name: str = "a", *ports: int, node: str = "node-0") -> tuple[str, ...]:
        rules = ",".join(f'{{"protocol":"TCP","port":{port}}}' for port in ports)
        text = f'{{"ingress":[{{"from":[{{"securityGroup":{{"groupID":"{self.source}"}}}}],"ports":[{rules}]}}]}}'
        binding = TargetGroupBinding(metadata=Metadata(namespace="shop", name=name), networking=text if ports else "")
        rows = {row["name"]: Node(name=row["name"], provider_id=row["provider_id"]) for row in self.account.ready["nodes"]}
        rows["lost"] = Node(name="lost", provider_id="aws:///x/i-00000000000000000")
        return await self.networking.ask(Asked(binding, (Wanted(Target("i-x", 80), node=node),), {}, rows), self.expected)

    async def rules(self) -> set[tuple[int, int]]:
        """As AWS has them now, and not as the session remembers."""
        name = self.account.ready["security_groups"]["node"]
        self.session.cache.forget(("rules of", name))
        found = (await wire.groups(self.session, [name]))[name].permissions
        return {(each.from_port, each.to_port) for each in found if each.source_group == self.source}

    def again(self, expected: Iterable[str]) -> None:
        """Another life of the controller."""
        self.session.cache.clear()
        self.networking = Networking(self.session, self.session.config)
        self.expected = {("shop", name) for name in expected}


@pytest.fixture
async def bed(account: Account) -> AsyncIterator[Bed]:
    async with account.session() as session:
        name, vpc = f"source-{next(_NUMBER)}", session.config.vpc_id
        source = (await session.call("ec2", "CreateSecurityGroup", GroupName=name, Description="a test", VpcId=vpc))["GroupId"]
        found = Bed(account, session, str(source), Networking(session, session.config))
        yield found
        found.again(())
        await found.networking.release(found.source)


async def test_ports_follow_what_is_asked(bed: Bed) -> None:
    await bed.ask("a", 80, 90)
    assert await bed.rules() == {(80, 90)}
    await bed.ask("b", 70)
    assert await bed.rules() == {(70, 90)}
    await bed.networking.forget(("shop", "b"), bed.expected)
    assert await bed.rules() == {(80, 90)}
    await bed.ask("a")
    assert await bed.rules() == set()


async def test_nothing_is_closed_before_all_are_heard(bed: Bed) -> None:
    await bed.ask("a", 80, 90)
    bed.again("ab")
    await bed.ask("a", 80)
    assert await bed.rules() == {(80, 90)}
    await bed.ask("b", 85)
    assert await bed.rules() == {(80, 85)}


async def test_a_restart_writes_nothing(bed: Bed) -> None:
    await bed.ask("a", 80)
    await bed.ask("b", 90)
    bed.again("ab")
    mark = bed.account.mark()
    await bed.ask("b", 90)
    await bed.ask("a", 80)
    calls = [call["operation"] for call in bed.account.calls(mark)]
    assert calls
    assert all(each.startswith("Describe") for each in calls)
    mark = bed.account.mark()
    await bed.ask("a", 80)
    assert bed.account.calls(mark) == []


async def test_what_failed_is_done_at_the_next_chance(bed: Bed) -> None:
    bed.expected = {("shop", "never")}
    fault = {"service": "ec2", "operation": "AuthorizeSecurityGroupIngress", "code": "UnauthorizedOperation", "status": 403, "times": 1}
    bed.account.control("faults", [fault])
    with pytest.raises(AwsError):
        await bed.ask("a", 80)
    assert await bed.rules() == set()
    await bed.session.clock.sleep(DENIED_SECONDS)
    await bed.ask("a", 80)
    assert await bed.rules() == {(80, 80)}


async def test_bindings_that_wait_for_the_same_rules_cost_one_denied_call(bed: Bed) -> None:
    bed.expected = {("shop", "never")}
    fault = {"service": "ec2", "operation": "AuthorizeSecurityGroupIngress", "code": "UnauthorizedOperation", "status": 403, "times": 9}
    bed.account.control("faults", [fault])
    since = bed.account.mark()
    for _ in range(2):
        for name in ("a", "b", "c"):
            with pytest.raises(Denied):
                await bed.ask(name, 80)
        await bed.session.clock.sleep(DENIED_SECONDS)
    calls = [each["operation"] for each in bed.account.calls(since)]
    assert calls.count("AuthorizeSecurityGroupIngress") == 2
    assert calls.count("DescribeSecurityGroups") <= 1
    with pytest.raises(Denied):
        await bed.ask("a", 90)
    bed.account.control("faults", [])
    await bed.ask("a", 80)
    assert await bed.rules() == {(80, 80)}, "another change is not the denied one"


async def test_while_a_target_cannot_be_found_nothing_is_closed(bed: Bed) -> None:
    await bed.ask("a", 80, 90)
    assert await bed.ask("a", 80, node="lost") == ("node lost",)
    assert await bed.rules() == {(80, 90)}
    assert await bed.ask("a", 80) == ()
    assert await bed.rules() == {(80, 80)}


async def test_after_a_restart_nothing_is_closed_while_one_is_heard_in_part(bed: Bed) -> None:
    await bed.ask("a", 80)
    await bed.ask("b", 90)
    bed.again("ab")
    assert await bed.ask("a", 80, node="lost") == ("node lost",)
    await bed.ask("b", 90)
    assert await bed.rules() == {(80, 90)}, "what is behind a is not known yet, its ports stay open"
    await bed.ask("a")
    assert await bed.rules() == {(90, 90)}


async def test_a_binding_without_rules_that_was_never_heard_costs_nothing(bed: Bed) -> None:
    mark = bed.account.mark()
    assert await bed.ask("a") == ()
    await bed.networking.forget(("shop", "a"), bed.expected)
    assert bed.account.calls(mark) == []


async def test_rules_left_on_other_groups_of_the_cluster_go(bed: Bed) -> None:
    session, vpc = bed.session, bed.session.config.vpc_id
    made = await session.call("ec2", "CreateSecurityGroup", GroupName=f"left-{bed.source}", Description="a test", VpcId=vpc)
    await session.call("ec2", "CreateTags", Resources=[made["GroupId"]], Tags=[{"Key": "kubernetes.io/cluster/sandbox", "Value": "owned"}])
    await bed.ask("a", 80)
    name = bed.account.ready["security_groups"]["node"]
    session.cache.forget(("rules of", name))
    ours = [each for each in (await wire.groups(session, [name]))[name].permissions if each.source_group == bed.source]
    await wire.open_ports(session, made["GroupId"], ours, ())
    bed.again("a")
    await bed.ask("a", 80)
    session.cache.clear()
    assert (await wire.groups(session, [made["GroupId"]]))[made["GroupId"]].permissions == ()


async def test_rules_that_keep_a_group_from_being_deleted_are_given_up(bed: Bed) -> None:
    await bed.ask("a", 80)
    await bed.networking.release(bed.source)
    assert await bed.rules() == {(80, 80)}, "still asked for"
    bed.again(())
    await bed.networking.release(bed.source)
    assert await bed.rules() == set()
