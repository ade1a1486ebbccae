"""Roles of other accounts."""

import json
from typing import Any

from albatross.aws.session.assume import Roles

Account = Any
TRUST = json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "sts:AssumeRole"}]})


async def test_a_role_is_assumed_once_until_it_ends(account: Account) -> None:
    async with account.session(clock=account.clock()) as home, Roles(home) as roles:
        made = await home.call("iam", "CreateRole", RoleName="other", AssumeRolePolicyDocument=TRUST)
        arn = made["Role"]["Arn"]
        since = account.mark()
        one = await roles.session(arn, "secret")
        assert await roles.session(arn, "secret") is one
        assert "assumed-role/other/AWS-LBC-sandbox" in (await one.identity())[1]
        await home.clock.sleep(3600)
        assert await roles.session(arn, "secret") is not one
        assert [call["operation"] for call in account.calls(since)].count("AssumeRole") == 2


async def test_no_role_is_home(account: Account) -> None:
    async with account.session() as home, Roles(home) as roles:
        assert await roles.session("") is home
