"""Rules on security groups that are not ours."""

import itertools
from typing import Any

from albatross.aws.session.client import Session
from albatross.aws.targets import networking
from albatross.model.resources.security_group import Permission

Account = Any
_NUMBER = itertools.count(1)


async def group(session: Session) -> str:
    name = f"access-{next(_NUMBER)}"
    answer = await session.call("ec2", "CreateSecurityGroup", GroupName=name, Description="a test", VpcId=session.config.vpc_id)
    return str(answer["GroupId"])


def rule(port: int, cidr: str = "10.0.0.0/8") -> Permission:
    return Permission(protocol="tcp", from_port=port, to_port=port, cidr=cidr, description="test")


async def permissions(session: Session, name: str) -> set[int]:
    return {each.from_port for each in (await networking.groups(session, [name]))[name].permissions}


async def test_rules_are_granted_and_revoked(account: Account) -> None:
    async with account.session() as session:
        name = await group(session)
        await networking.open_ports(session, name, [rule(80), rule(81)], [])
        assert await permissions(session, name) == {80, 81}
        await networking.open_ports(session, name, [rule(82)], [rule(80)])
        assert await permissions(session, name) == {81, 82}


async def test_what_another_hand_did_meanwhile_is_no_error(account: Account) -> None:
    async with account.session() as session:
        name = await group(session)
        await networking.open_ports(session, name, [rule(80)], [])
        await networking.open_ports(session, name, [rule(80), rule(81)], [rule(90)])
        assert await permissions(session, name) == {80, 81}


async def test_a_group_is_asked_for_once_and_missed_when_it_is_gone(account: Account) -> None:
    async with account.session() as session:
        name = await group(session)
        await networking.groups(session, [name])
        mark = account.mark()
        assert (await networking.groups(session, [name])).keys() == {name}
        assert account.calls(mark) == []
        assert await networking.groups(session, ["sg-00000000000000000"]) == {}


async def test_groups_of_the_cluster_are_found_by_its_tag(account: Account) -> None:
    async with account.session() as session:
        name = await group(session)
        assert name not in await networking.tagged(session)
        tags = [{"Key": "kubernetes.io/cluster/sandbox", "Value": "shared"}]
        await session.call("ec2", "CreateTags", Resources=[name], Tags=tags)
        found = await networking.tagged(session)
        assert {name, account.ready["security_groups"]["node"]} <= set(found)
        mark = account.mark()
        await networking.groups(session, [name])
        assert account.calls(mark) == []
