"""Reading the policies of a role."""

import json
from typing import Any

import pytest

from albatross.aws.read.role import policies
from albatross.aws.session.errors import NotFound

EC2 = {"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"}
TRUST = {"Version": "2012-10-17", "Statement": [EC2]}


def document(action: str) -> dict[str, Any]:
    return {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": [action], "Resource": "*"}]}


async def test_attached_and_inline_policies_are_found(account: Any) -> None:
    async with account.session() as session:
        await session.call("iam", "CreateRole", RoleName="reader", AssumeRolePolicyDocument=json.dumps(TRUST))
        for number in range(3):
            text = json.dumps(document(f"ec2:Describe{number}"))
            made = await session.call("iam", "CreatePolicy", PolicyName=f"p{number}", PolicyDocument=text)
            await session.call("iam", "AttachRolePolicy", RoleName="reader", PolicyArn=made["Policy"]["Arn"])
        written = json.dumps(document("acm:ListCertificates"))
        await session.call("iam", "PutRolePolicy", RoleName="reader", PolicyName="own", PolicyDocument=written)
        found = await policies(session, "reader")
    actions = [each["Statement"][0]["Action"][0] for each in found]
    assert sorted(actions) == ["acm:ListCertificates", "ec2:Describe0", "ec2:Describe1", "ec2:Describe2"]


async def test_a_role_that_is_not_there(account: Any) -> None:
    async with account.session() as session:
        with pytest.raises(NotFound):
            await policies(session, "nobody")
