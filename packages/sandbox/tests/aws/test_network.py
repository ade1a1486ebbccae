"""EC2 where moto had to be put right, and where load balancers hold on to security groups."""

from typing import Any

import pytest

Account = Any
pytestmark = pytest.mark.xdist_group("sandbox-aws")  # one account serves them all


@pytest.fixture
def group(account: Account) -> str:
    given = {"GroupName": account.name("sg"), "Description": "d", "VpcId": account.ready["vpc_id"]}
    return str(account.ec2.create_security_group(**given)["GroupId"])


def permission(port: int, cidr: str = "0.0.0.0/0") -> dict[str, Any]:
    return {"IpProtocol": "tcp", "FromPort": port, "ToPort": port, "IpRanges": [{"CidrIp": cidr}]}


def ports(account: Account, group: str) -> list[int]:
    rows = account.ec2.describe_security_groups(GroupIds=[group])["SecurityGroups"][0]["IpPermissions"]
    return sorted(row["FromPort"] for row in rows)


def test_a_refused_grant_leaves_nothing(account: Account, group: str) -> None:
    grant = account.ec2.authorize_security_group_ingress
    grant(GroupId=group, IpPermissions=[permission(80)])
    assert account.code(grant, GroupId=group, IpPermissions=[permission(81), permission(80)]) == "InvalidPermission.Duplicate"
    assert ports(account, group) == [80]


def test_a_refused_revoke_takes_nothing(account: Account, group: str) -> None:
    account.ec2.authorize_security_group_ingress(GroupId=group, IpPermissions=[permission(80), permission(81)])
    take = account.ec2.revoke_security_group_ingress
    assert account.code(take, GroupId=group, IpPermissions=[permission(80), permission(82)]) == "InvalidPermission.NotFound"
    assert ports(account, group) == [80, 81]


def test_every_granted_rule_is_told(account: Account, group: str) -> None:
    made = account.ec2.authorize_security_group_ingress(GroupId=group, IpPermissions=[permission(80), permission(81)])
    assert [rule["FromPort"] for rule in made["SecurityGroupRules"]] == [80, 81]


def test_sixty_rules_at_most(account: Account, group: str) -> None:
    many = [permission(443, f"10.0.{n}.0/24") for n in range(61)]
    grant = account.ec2.authorize_security_group_ingress
    assert account.code(grant, GroupId=group, IpPermissions=many) == "RulesPerSecurityGroupLimitExceeded"
    assert account.code(grant, GroupId=group, IpPermissions=many[:60]) == ""


def test_group_of_a_balancer_stays(account: Account, group: str) -> None:
    arn = account.load_balancer(SecurityGroups=[group])["LoadBalancerArn"]
    drop = account.ec2.delete_security_group
    assert account.code(drop, GroupId=group) == "DependencyViolation"
    account.elb.delete_load_balancer(LoadBalancerArn=arn)
    assert account.code(drop, GroupId=group) == "DependencyViolation"
    account.advance(1)
    assert account.code(drop, GroupId=group) == ""
    assert account.code(drop, GroupId=group) == "InvalidGroup.NotFound"


def test_group_that_a_rule_names_stays(account: Account, group: str) -> None:
    pair = {"IpProtocol": "tcp", "FromPort": 80, "ToPort": 80, "UserIdGroupPairs": [{"GroupId": group}]}
    node = account.ready["security_groups"]["node"]
    account.ec2.authorize_security_group_ingress(GroupId=node, IpPermissions=[pair])
    assert account.code(account.ec2.delete_security_group, GroupId=group) == "DependencyViolation"
    account.ec2.revoke_security_group_ingress(GroupId=node, IpPermissions=[pair])
    assert account.code(account.ec2.delete_security_group, GroupId=group) == ""


def test_group_of_an_interface_stays(account: Account) -> None:
    assert account.code(account.ec2.delete_security_group, GroupId=account.ready["security_groups"]["node"]) == "DependencyViolation"


@pytest.mark.parametrize(
    ("filters", "found"),
    [
        ({"tag:kubernetes.io/cluster/sandbox": "owned"}, True),
        ({"tag:kubernetes.io/cluster/sandbox": "shared"}, False),
        ({"tag-key": "kubernetes.io/cluster/sandbox"}, True),
        ({"tag:kubernetes.io/cluster/sandbox": "owned", "tag:Name": "nobody"}, False),
    ],
)
def test_groups_are_found_by_tag(account: Account, filters: dict[str, str], found: bool) -> None:
    rows = [{"Name": name, "Values": [value]} for name, value in filters.items()]
    groups = account.ec2.describe_security_groups(Filters=rows)["SecurityGroups"]
    assert ([group["GroupId"] for group in groups] == [account.ready["security_groups"]["node"]]) == found


def test_errors_name_what_is_not_there(account: Account) -> None:
    group, vpc = "sg-0123456789abcdef0", "vpc-0123456789abcdef0"
    assert account.text(account.ec2.describe_security_groups, GroupIds=[group]) == f"The security group '{group}' does not exist"
    assert account.text(account.ec2.describe_vpcs, VpcIds=[vpc]) == f"The vpc ID '{vpc}' does not exist"


def test_names_of_certificates_are_listed(account: Account) -> None:
    own = {each["arn"] for each in account.ready["certificates"]}  # other tests add theirs to the account
    rows = [row for row in account.client("acm").list_certificates()["CertificateSummaryList"] if row["CertificateArn"] in own]
    assert sorted(row["SubjectAlternativeNameSummaries"] for row in rows) == [["*.example.com", "example.com"], ["api.example.com"]]


@pytest.mark.parametrize("name", ["pl-\x01a", "pl-\uffff"])
def test_characters_that_no_answer_can_hold_are_refused(account: Account, group: str, name: str) -> None:
    rule = {"IpProtocol": "tcp", "FromPort": 80, "ToPort": 80, "PrefixListIds": [{"PrefixListId": name}]}
    grant = account.ec2.authorize_security_group_ingress
    assert account.code(grant, GroupId=group, IpPermissions=[rule]) == "InvalidParameterValue"
    assert ports(account, group) == []
