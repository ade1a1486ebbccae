"""Roles and users as a test needs them, made the ordinary way."""

import json
from dataclasses import dataclass
from typing import Any

import pytest

Account = Any
EVERYBODY = {"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": ["sts:AssumeRole", "sts:TagSession"]}


def document(*statements: dict[str, Any]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


def allow(*actions: str, resource: Any = "*", **more: Any) -> dict[str, Any]:
    return {"Effect": "Allow", "Action": list(actions), "Resource": resource, **more}


@dataclass
class People:
    """Makes identities in an account."""

    account: Account

    def role(self, *statements: dict[str, Any], trust: dict[str, Any] = EVERYBODY, **more: Any) -> str:
        """The ARN of a new role with one inline policy."""
        name = self.account.name("role")
        made = self.account.client("iam").create_role(RoleName=name, AssumeRolePolicyDocument=document(trust), **more)
        if statements:
            self.grant(name, *statements)
        return str(made["Role"]["Arn"])

    def grant(self, role: str, *statements: dict[str, Any]) -> None:
        """Replace a role's inline policy."""
        name = role.rpartition("/")[2]
        self.account.client("iam").put_role_policy(RoleName=name, PolicyName="inline", PolicyDocument=document(*statements))

    def user(self, *statements: dict[str, Any]) -> Account:
        """The account for a new user with an access key and one inline policy."""
        iam, name = self.account.client("iam"), self.account.name("user")
        iam.create_user(UserName=name)
        if statements:
            iam.put_user_policy(UserName=name, PolicyName="inline", PolicyDocument=document(*statements))
        return self.account.by(iam.create_access_key(UserName=name)["AccessKey"])

    def assumed(self, role: str, by: Account = None, **more: Any) -> Account:
        """The account for a session of a role."""
        given = (by or self.account).client("sts").assume_role(RoleArn=role, RoleSessionName="session", **more)
        return self.account.by(given["Credentials"])

    def may(self, *statements: dict[str, Any]) -> Account:
        """The account for a session of a new role that may do what the statements say."""
        return self.assumed(self.role(*statements))


@pytest.fixture
def people(account: Account) -> People:
    return People(account)
