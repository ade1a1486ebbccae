"""Every call is held against its caller's policies."""

from typing import Any

import pytest

Account = Any
People = Any
pytestmark = pytest.mark.xdist_group("sandbox-aws")  # one account serves them all

TAG = [{"Key": "elbv2.k8s.aws/cluster", "Value": "sandbox"}]


def allow(*actions: str, resource: Any = "*", **more: Any) -> dict[str, Any]:
    return {"Effect": "Allow", "Action": list(actions), "Resource": resource, **more}


def deny(*actions: str, **more: Any) -> dict[str, Any]:
    return {**allow(*actions, **more), "Effect": "Deny"}


def unless(action: str) -> str:
    return f"because no identity-based policy allows the {action} action"


def test_a_role_may_what_its_policies_say(account: Account, people: People) -> None:
    role = people.may(allow("elasticloadbalancing:DescribeLoadBalancers"))
    assert role.code(role.elb.describe_load_balancers) == ""
    refused = role.refusal(role.elb.describe_target_groups)
    arn = role.client("sts").get_caller_identity()["Arn"]
    action = "elasticloadbalancing:DescribeTargetGroups"
    assert refused == {
        "Type": "Sender",
        "Code": "AccessDenied",
        "Message": f"User: {arn} is not authorized to perform: {action} {unless(action)}",
    }
    assert ":assumed-role/" in arn


def test_refusals_name_the_resource(account: Account, people: People) -> None:
    role = people.may(allow("elasticloadbalancing:CreateTargetGroup"))
    given = {"Name": account.name("tg"), "Protocol": "HTTP", "Port": 80, "VpcId": account.ready["vpc_id"]}
    made = f"arn:aws:elasticloadbalancing:ap-northeast-2:123456789012:targetgroup/{given['Name']}/*"
    assert role.text(role.elb.create_target_group, **given, Tags=TAG).endswith(
        f"is not authorized to perform: elasticloadbalancing:AddTags on resource: {made} {unless('elasticloadbalancing:AddTags')}"
    )
    assert role.code(role.elb.create_target_group, **given) == ""


@pytest.mark.parametrize(
    ("service", "call", "code", "status"),
    [
        ("elbv2", "describe_load_balancers", "AccessDenied", 403),
        ("acm", "list_certificates", "AccessDeniedException", 400),
        ("wafv2", "list_web_acls", "AccessDeniedException", 400),
        ("shield", "get_subscription_state", "AccessDeniedException", 400),
        ("waf-regional", "list_web_acls", "AccessDeniedException", 400),
        ("route53", "list_hosted_zones", "AccessDenied", 403),
        ("iam", "list_roles", "AccessDenied", 403),
        ("resourcegroupstaggingapi", "get_resources", "AccessDeniedException", 400),
        ("eks", "list_clusters", "AccessDeniedException", 403),
    ],
)
def test_every_service_refuses_in_its_own_way(account: Account, people: People, service: str, call: str, code: str, status: int) -> None:
    from botocore.exceptions import ClientError

    client = people.may().client(service)
    with pytest.raises(ClientError) as caught:
        getattr(client, call)(**({"Scope": "REGIONAL"} if service == "wafv2" else {}))
    told = caught.value.response
    assert (told["Error"]["Code"], told["ResponseMetadata"]["HTTPStatusCode"]) == (code, status)
    assert "because no identity-based policy allows the" in told["Error"]["Message"]


def test_ec2_encodes_what_it_saw(account: Account, people: People) -> None:
    role = people.may(allow("sts:DecodeAuthorizationMessage"))
    read = role.refusal(role.ec2.describe_vpcs)
    assert read["Code"] == "UnauthorizedOperation"
    assert read["Message"].startswith("You are not authorized to perform this operation. User: arn:aws:sts::123456789012:assumed-role/")
    assert read["Message"].endswith(f"is not authorized to perform: ec2:DescribeVpcs {unless('ec2:DescribeVpcs')}")
    group = account.ready["security_groups"]["node"]
    said, _, blob = role.text(role.ec2.delete_security_group, GroupId=group).partition(". Encoded authorization failure message: ")
    assert f"ec2:DeleteSecurityGroup on resource: arn:aws:ec2:ap-northeast-2:123456789012:security-group/{group} because" in said
    assert "ec2:DeleteSecurityGroup" in role.client("sts").decode_authorization_message(EncodedMessage=blob)["DecodedMessage"]
    assert role.code(role.client("sts").decode_authorization_message, EncodedMessage="?") == "InvalidAuthorizationMessageException"


def test_a_deny_is_explicit(account: Account, people: People) -> None:
    role = people.may(allow("*"), deny("elasticloadbalancing:Delete*"))
    arn = account.target_group()["TargetGroupArn"]
    assert role.code(role.elb.describe_target_groups) == ""
    assert role.text(role.elb.delete_target_group, TargetGroupArn=arn).endswith(
        f"elasticloadbalancing:DeleteTargetGroup on resource: {arn} with an explicit deny in an identity-based policy"
    )


def test_stored_tags_decide(account: Account, people: People) -> None:
    tagged = {"Null": {"aws:ResourceTag/elbv2.k8s.aws/cluster": "false"}}
    role = people.may(allow("elasticloadbalancing:DeleteTargetGroup", "ec2:DeleteSecurityGroup", Condition=tagged))
    ours, other = (account.target_group(Tags=tags)["TargetGroupArn"] for tags in (TAG, [{"Key": "x", "Value": "y"}]))
    assert role.code(role.elb.delete_target_group, TargetGroupArn=other) == "AccessDenied"
    assert role.code(role.elb.delete_target_group, TargetGroupArn=ours) == ""
    groups = []
    for tags in (TAG, [{"Key": "x", "Value": "y"}]):
        specified = [{"ResourceType": "security-group", "Tags": tags}]
        made = account.ec2.create_security_group(
            GroupName=account.name("sg"), Description="x", VpcId=account.ready["vpc_id"], TagSpecifications=specified
        )
        groups.append(made["GroupId"])
    assert role.code(role.ec2.delete_security_group, GroupId=groups[1]) == "UnauthorizedOperation"
    assert role.code(role.ec2.delete_security_group, GroupId=groups[0]) == ""


def test_tags_of_certificates_decide(account: Account, people: People) -> None:
    acm = account.client("acm")
    role = people.may(allow("acm:DeleteCertificate", Condition={"StringEquals": {"aws:ResourceTag/mine": "yes"}}))
    ours, other = (
        acm.request_certificate(DomainName="a.example.com", ValidationMethod="DNS", Tags=[{"Key": "mine", "Value": value}])[
            "CertificateArn"
        ]
        for value in ("yes", "no")
    )
    assert role.code(role.client("acm").delete_certificate, CertificateArn=other) == "AccessDeniedException"
    assert role.code(role.client("acm").delete_certificate, CertificateArn=ours) == ""
    gone = role.refusal(role.client("acm").delete_certificate, CertificateArn=ours)
    assert gone["Code"] == "AccessDeniedException", "what is not there has no tags"


def test_policies_take_effect_at_once(account: Account, people: People) -> None:
    arn = people.role()
    role = people.assumed(arn)
    assert role.code(role.ec2.describe_vpcs) == "UnauthorizedOperation"
    people.grant(arn, allow("ec2:Describe*"))
    assert role.code(role.ec2.describe_vpcs) == ""
    account.client("iam").delete_role_policy(RoleName=arn.rpartition("/")[2], PolicyName="inline")
    assert role.code(role.ec2.describe_vpcs) == "UnauthorizedOperation"


def test_managed_policies(account: Account, people: People) -> None:
    iam, arn = account.client("iam"), people.role()
    name, role = arn.rpartition("/")[2], people.assumed(arn)
    own = iam.create_policy(PolicyName=account.name("policy"), PolicyDocument=_document(allow("ec2:DescribeVpcs")))["Policy"]["Arn"]
    iam.attach_role_policy(RoleName=name, PolicyArn=own)
    assert (role.code(role.ec2.describe_vpcs), role.code(role.ec2.describe_subnets)) == ("", "UnauthorizedOperation")
    iam.create_policy_version(PolicyArn=own, PolicyDocument=_document(allow("ec2:DescribeSubnets")), SetAsDefault=True)
    assert (role.code(role.ec2.describe_vpcs), role.code(role.ec2.describe_subnets)) == ("UnauthorizedOperation", "")
    iam.detach_role_policy(RoleName=name, PolicyArn=own)
    iam.attach_role_policy(RoleName=name, PolicyArn="arn:aws:iam::aws:policy/AdministratorAccess")
    assert role.code(role.ec2.describe_vpcs) == role.code(role.elb.describe_target_groups) == ""


def test_users_groups_and_keys(account: Account, people: People) -> None:
    iam, user = account.client("iam"), people.user(allow("ec2:DescribeVpcs"))
    name, group = user.client("sts").get_caller_identity()["Arn"].rpartition("/")[2], account.name("group")
    assert (user.code(user.ec2.describe_vpcs), user.code(user.ec2.describe_subnets)) == ("", "UnauthorizedOperation")
    iam.create_group(GroupName=group)
    iam.put_group_policy(GroupName=group, PolicyName="p", PolicyDocument=_document(allow("ec2:DescribeSubnets")))
    iam.add_user_to_group(GroupName=group, UserName=name)
    assert user.code(user.ec2.describe_subnets) == ""
    key = {"UserName": name, "AccessKeyId": user.keys["aws_access_key_id"]}
    for status, code in (("Inactive", "AuthFailure"), ("Active", "")):
        iam.update_access_key(**key, Status=status)
        assert user.code(user.ec2.describe_vpcs) == code
    iam.delete_access_key(**key)
    assert user.code(user.elb.describe_rules, RuleArns=[]) == "InvalidClientTokenId"
    assert user.code(user.client("acm").list_certificates) == "UnrecognizedClientException"


def test_what_narrows_a_role(account: Account, people: People) -> None:
    iam, arn = account.client("iam"), people.role(allow("ec2:*", "acm:*"))
    own = iam.create_policy(PolicyName=account.name("policy"), PolicyDocument=_document(allow("ec2:Describe*")))["Policy"]["Arn"]
    iam.put_role_permissions_boundary(RoleName=arn.rpartition("/")[2], PermissionsBoundary=own)
    role = people.assumed(arn, Policy=_document(allow("ec2:DescribeVpcs"), allow("acm:*")))
    assert role.code(role.ec2.describe_vpcs) == ""
    assert role.text(role.ec2.describe_subnets).endswith("because no session policy allows the ec2:DescribeSubnets action")
    assert role.text(role.client("acm").list_certificates).endswith(
        "because no permissions boundary allows the acm:ListCertificates action"
    )
    bad = {"RoleArn": arn, "RoleSessionName": "session", "Policy": "{"}
    assert account.code(account.client("sts").assume_role, **bad) == "MalformedPolicyDocument"


def test_tags_of_the_caller_and_variables(account: Account, people: People) -> None:
    mine = "arn:aws:elasticloadbalancing:*:*:targetgroup/${aws:PrincipalTag/team}-*/*"
    arn = people.role(allow("elasticloadbalancing:CreateTargetGroup", resource=mine))
    given = {"Protocol": "HTTP", "Port": 80, "VpcId": account.ready["vpc_id"]}
    role = people.assumed(arn, Tags=[{"Key": "Team", "Value": "blue"}])
    assert role.code(role.elb.create_target_group, Name="blue-1", **given) == ""
    assert role.code(role.elb.create_target_group, Name="red-1", **given) == "AccessDenied"
    untagged = people.assumed(arn)
    assert untagged.code(untagged.elb.create_target_group, Name="blue-2", **given) == "AccessDenied"


def test_the_first_load_balancer_needs_the_service_linked_role(fresh: tuple[Any, Account]) -> None:
    _, account = fresh
    from .conftest import People as Made

    people = Made(account)
    given = {"Name": "first", "Subnets": account.subnets()}
    without = people.may(allow("elasticloadbalancing:*", "ec2:Describe*"))
    refused = without.text(without.elb.create_load_balancer, **given)
    linked = "role/aws-service-role/elasticloadbalancing.amazonaws.com/AWSServiceRoleForElasticLoadBalancing"
    assert f"iam:CreateServiceLinkedRole on resource: arn:aws:iam::123456789012:{linked} because" in refused
    only = {"StringEquals": {"iam:AWSServiceName": "elasticloadbalancing.amazonaws.com"}}
    having = people.may(allow("elasticloadbalancing:*", "ec2:Describe*"), allow("iam:CreateServiceLinkedRole", Condition=only))
    assert having.code(having.elb.create_load_balancer, **given) == ""
    assert account.client("iam").get_role(RoleName=linked.rpartition("/")[2])["Role"]["Arn"].endswith(linked)
    assert without.code(without.elb.create_load_balancer, Name="second", Subnets=account.subnets()) == ""


def _document(*statements: dict[str, Any]) -> str:
    import json

    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})
