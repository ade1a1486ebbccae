"""Roles are assumed by whom they trust, from this account and another."""

from typing import Any

import pytest

Account = Any
People = Any
pytestmark = pytest.mark.xdist_group("sandbox-aws")  # one account serves them all

OTHER = "210987654321"
ASSUME = {"Effect": "Allow", "Action": "sts:AssumeRole", "Resource": "*"}


def trust(*principals: str, **more: Any) -> dict[str, Any]:
    return {"Effect": "Allow", "Principal": {"AWS": list(principals)}, "Action": "sts:AssumeRole", **more}


def refused(account: Account, role: str, **more: Any) -> str:
    return str(account.text(account.client("sts").assume_role, RoleArn=role, RoleSessionName="session", **more))


@pytest.fixture
def elsewhere(account: Account, people: People) -> People:
    """Identities of another account."""
    return type(people)(account.by({"AccessKeyId": OTHER}))


def test_a_role_lets_in_whom_it_names(account: Account, people: People) -> None:
    user, stranger = people.user(), people.user(ASSUME)
    arn, other = (each.client("sts").get_caller_identity()["Arn"] for each in (user, stranger))
    role = people.role(trust=trust(arn))
    assert refused(user, role) == "", "a role of the same account may name whom it lets in, and that is enough"
    assert refused(stranger, role) == f"User: {other} is not authorized to perform: sts:AssumeRole on resource: {role}"
    assert refused(user, role + "-gone") == f"User: {arn} is not authorized to perform: sts:AssumeRole on resource: {role}-gone"


def test_a_role_that_names_the_account_leaves_it_to_policies(account: Account, people: People) -> None:
    with_policy, without = people.user(ASSUME), people.user()
    for name in ("123456789012", "arn:aws:iam::123456789012:root"):
        role = people.role(trust=trust(name))
        assert refused(with_policy, role) == ""
        assert refused(without, role).endswith(" because no identity-based policy allows the sts:AssumeRole action")
    denied = people.user(ASSUME, {**ASSUME, "Effect": "Deny"})
    assert refused(denied, people.role()).endswith(" with an explicit deny in an identity-based policy")


def test_roles_of_another_account_want_their_external_id(account: Account, people: People, elsewhere: People) -> None:
    named = {"StringEquals": {"sts:ExternalId": "secret"}}
    lender = elsewhere.role(
        {"Effect": "Allow", "Action": "elasticloadbalancing:*", "Resource": "*"}, trust=trust("123456789012", Condition=named)
    )
    assert lender.startswith(f"arn:aws:iam::{OTHER}:role/")
    user = people.user(ASSUME)
    assert "is not authorized to perform: sts:AssumeRole" in refused(user, lender)
    assert "is not authorized to perform: sts:AssumeRole" in refused(user, lender, ExternalId="wrong")
    assert "is not authorized to perform: sts:AssumeRole" in refused(people.user(), lender, ExternalId="secret")
    there = people.assumed(lender, by=user, ExternalId="secret")
    assert there.client("sts").get_caller_identity()["Account"] == OTHER
    assert there.code(there.ec2.describe_vpcs) == "UnauthorizedOperation"


def test_an_account_sees_only_its_own(account: Account, elsewhere: People) -> None:
    other = elsewhere.account
    vpc = other.ec2.describe_vpcs()["Vpcs"][0]["VpcId"]
    assert vpc not in [each["VpcId"] for each in account.ec2.describe_vpcs()["Vpcs"]]
    given = {"Name": account.name("tg"), "Protocol": "HTTP", "Port": 80, "TargetType": "ip"}
    arn = other.elb.create_target_group(**given, VpcId=vpc)["TargetGroups"][0]["TargetGroupArn"]
    assert f":{OTHER}:targetgroup/" in arn
    assert account.code(account.elb.describe_target_groups, TargetGroupArns=[arn]) == "TargetGroupNotFound"
    other.elb.register_targets(TargetGroupArn=arn, Targets=[{"Id": "172.31.0.9"}])
    assert len(other.elb.describe_target_health(TargetGroupArn=arn)["TargetHealthDescriptions"]) == 1
    principal = account.control("journal")["calls"][-1]["principal"]
    assert principal == f"arn:aws:iam::{OTHER}:user/admin"


def test_roles_assume_roles_for_an_hour(account: Account, people: People) -> None:
    last = people.role(MaxSessionDuration=7200)
    first = people.may(ASSUME)
    assert refused(first, last) == ""
    assert "1 hour session limit for roles assumed by role chaining" in refused(first, last, DurationSeconds=7200)
    assert refused(account, last, DurationSeconds=7200) == ""
    assert refused(account, last, DurationSeconds=7201) == "The requested DurationSeconds exceeds the MaxSessionDuration set for this role."
    assert "greater than or equal to 900" in refused(account, last, DurationSeconds=60)


def test_a_trusted_role_is_its_sessions(account: Account, people: People) -> None:
    first = people.role()
    session = people.assumed(first)
    assert refused(session, people.role(trust=trust(first))) == ""
    below = people.role(Path="/teams/blue/")
    assert below.split(":role")[1].startswith("/teams/blue/")
    assert refused(people.assumed(below), people.role(trust=trust(below))) == ""
    assert refused(session, people.role(trust=trust(session.client("sts").get_caller_identity()["Arn"]))) == ""


def test_tags_of_a_session_want_a_permission(account: Account, people: People) -> None:
    tags = [{"Key": "team", "Value": "blue"}]
    assert refused(account, people.role(trust=trust("*")), Tags=tags) != ""
    wanted = {"StringEquals": {"aws:RequestTag/team": "blue"}}
    role = people.role(trust={**trust("*", Condition=wanted), "Action": ["sts:AssumeRole", "sts:TagSession"]})
    assert refused(account, role, Tags=tags) == ""
    assert refused(account, role, Tags=[{"Key": "team", "Value": "red"}]) != ""


def test_what_is_no_role(account: Account, people: People) -> None:
    sts = account.client("sts")
    assert account.code(sts.assume_role, RoleArn="arn:aws:iam::123456789012:user/x", RoleSessionName="session") == "ValidationError"
    given = sts.get_session_token()["Credentials"]
    assert account.by(given).client("sts").get_caller_identity()["Arn"] == "arn:aws:iam::123456789012:user/sandbox"
    assert account.code(account.by({"AccessKeyId": "ASIANOBODYGAVEIT"}).client("sts").get_caller_identity) == "InvalidClientTokenId"
