"""Roles of other accounts."""

import asyncio
import json
from datetime import datetime, timedelta
from typing import Any

import pytest
from tests.clock import Eager

from albatross.aws.session import errors
from albatross.aws.session.assume import Roles
from albatross.aws.session.client import Session

Account = Any
TRUST = json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "sts:AssumeRole"}]})


class Drifting(Eager):
    """A clock that a test puts ahead: the account's keys end by the machine's own."""

    ahead = timedelta()

    def utc(self) -> datetime:
        return super().utc() + self.ahead

    async def late(self, roles: Roles, arn: str) -> Session:
        """The session of a role whose keys are about to end."""
        self.ahead = timedelta(seconds=3100)
        found = await roles.session(arn)
        self.ahead = timedelta()
        return found


async def test_a_role_is_assumed_once_until_it_ends(account: Account) -> None:
    clock = Drifting()
    async with account.session(clock=clock) as home, Roles(home) as roles:
        made = await home.call("iam", "CreateRole", RoleName="other", AssumeRolePolicyDocument=TRUST)
        arn = made["Role"]["Arn"]
        since = account.mark()
        one = await roles.session(arn, "secret")
        assert await roles.session(arn, "secret") is one
        assert "assumed-role/other/AWS-LBC-sandbox" in (await one.identity())[1]
        assert await clock.late(roles, arn) is not one, "another external id"
        assert [call["operation"] for call in account.calls(since)].count("AssumeRole") == 2


async def test_no_role_is_home(account: Account) -> None:
    async with account.session() as home, Roles(home) as roles:
        assert await roles.session("") is home


async def test_a_role_that_is_renewed_keeps_its_session(account: Account) -> None:
    clock = Drifting()
    async with account.session(clock=clock) as home:
        made = await home.call("iam", "CreateRole", RoleName="lasting", AssumeRolePolicyDocument=TRUST)
        arn = made["Role"]["Arn"]
        async with Roles(home) as roles:
            since, seen = account.mark(), set()
            for _ in range(5):
                session = await clock.late(roles, arn)
                seen.add(session)
                assert "assumed-role/lasting" in (await session.identity())[1]
            assert len(seen) == 1, "each rotation leaves an open session behind"
            assert [call["operation"] for call in account.calls(since)].count("AssumeRole") == 5
    # one that is left open is a ResourceWarning, which fails the test


async def test_a_role_that_may_not_be_assumed_is_said_so(account: Account) -> None:
    denied = {"service": "sts", "operation": "AssumeRole", "code": "AccessDenied", "status": 403, "message": "no", "times": 1}
    async with account.session() as home, Roles(home) as roles:
        account.control("faults", [denied])
        with pytest.raises(errors.Denied, match="sts AssumeRole"):
            await roles.session("arn:aws:iam::123456789012:role/closed")
        account.control("faults", [])


async def test_those_who_come_at_once_share_a_session(account: Account) -> None:
    async with account.session(clock=account.clock()) as home, Roles(home) as roles:
        made = await home.call("iam", "CreateRole", RoleName="shared", AssumeRolePolicyDocument=TRUST)
        since = account.mark()
        found = await asyncio.gather(*(roles.session(made["Role"]["Arn"]) for _ in range(5)))
        assert len(set(found)) == 1
        assert [call["operation"] for call in account.calls(since)].count("AssumeRole") == 1
