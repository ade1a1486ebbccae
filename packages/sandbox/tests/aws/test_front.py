"""What stands before every service: journal, limits, faults, latency, and how errors look."""

import json
import time
import urllib.error
import urllib.request
from typing import Any

import pytest
from botocore.exceptions import HTTPClientError as BotoConnectionError

Account = Any
pytestmark = pytest.mark.xdist_group("sandbox-aws")  # one account serves them all


def test_journal_tells_every_call(account: Account) -> None:
    account.control("reset-journal", {})
    account.code(account.elb.describe_load_balancers, Names=["nobody"])
    account.ec2.describe_vpcs(Filters=[{"Name": "tag:x", "Values": ["y"]}])
    account.client("acm").list_certificates()
    calls = account.control("journal")["calls"]
    assert [(call["n"], call["service"], call["operation"], call["status"], call["code"]) for call in calls] == [
        (1, "elbv2", "DescribeLoadBalancers", 400, "LoadBalancerNotFound"),
        (2, "ec2", "DescribeVpcs", 200, None),
        (3, "acm", "ListCertificates", 200, None),
    ]
    assert calls[0]["request"] == {"Names": ["nobody"]}
    assert calls[1]["request"] == {"Filter": [{"Name": "tag:x", "Value": ["y"]}]}
    assert calls[0]["principal"] == "arn:aws:iam::123456789012:user/sandbox"
    assert [call["n"] for call in account.control("journal?since=2")["calls"]] == [3]


def test_private_keys_stay_out_of_the_journal(account: Account) -> None:
    key = account.control(f"keys/{account.certificate}")
    arn = account.client("acm").import_certificate(Certificate=key["certificate"], PrivateKey=key["private_key"])["CertificateArn"]
    entry = account.control("journal")["calls"][-1]
    assert (entry["operation"], entry["request"]["PrivateKey"]) == ("ImportCertificate", "***")
    assert account.control(f"keys/{arn}")["private_key"] == key["private_key"]
    account.client("acm").delete_certificate(CertificateArn=arn)


def test_faults_come_as_often_as_asked(account: Account) -> None:
    planned = {"service": "elasticloadbalancingv2", "operation": "Describe.*", "code": "ServiceUnavailable", "status": 503, "times": 2}
    account.control("faults", [{**planned, "message": "sorry"}])
    look = account.elb.describe_load_balancers
    told = account.refusal(look)
    assert (told["Code"], told["Message"]) == ("ServiceUnavailable", "sorry")
    assert [account.code(look), account.code(look)] == ["ServiceUnavailable", ""]


@pytest.mark.parametrize(("service", "call"), [("ec2", "describe_vpcs"), ("acm", "list_certificates"), ("route53", "list_hosted_zones")])
def test_faults_look_like_their_service(account: Account, service: str, call: str) -> None:
    account.control("faults", [{"service": service, "operation": ".*", "code": "AccessDenied", "status": 403, "message": "no"}])
    assert account.refusal(getattr(account.client(service), call)).get("Code") == "AccessDenied"


def test_connections_break_before_and_after(account: Account) -> None:
    look, name = account.elb.create_target_group, account.name("tg")
    given = {"Name": name, "Protocol": "HTTP", "Port": 80, "VpcId": account.ready["vpc_id"]}
    for lost, made in (("request", ""), ("answer", name)):
        account.control("faults", [{"service": "elbv2", "operation": "Create.*", "lost": lost, "times": 1}])
        with pytest.raises(BotoConnectionError):
            look(**given)
        found = [group["TargetGroupName"] for group in account.elb.describe_target_groups()["TargetGroups"]]
        assert (name in found) == bool(made)


def test_latency(account: Account) -> None:
    account.control("latency", {"service": "elbv2", "operation": "DescribeRules", "seconds": 0.2})
    listener = account.listener()["ListenerArn"]
    start = time.monotonic()
    account.elb.describe_rules(ListenerArn=listener)
    assert time.monotonic() - start >= 0.2


def test_aws_rates_hold_by_default_and_refill_by_the_clock(account: Account) -> None:
    arn = account.target_group()["TargetGroupArn"]
    rates = [{"service": "elbv2", "operation": "RegisterTargets|DeregisterTargets", "burst": 3, "rate": 1}]
    account.control("limits", {"rates": rates})
    leave = {"TargetGroupArn": arn, "Targets": [{"Id": "127.0.0.1"}]}
    codes = [account.code(account.elb.deregister_targets, **leave) for _ in range(4)]
    assert codes == ["", "", "", "Throttling"]
    assert account.text(account.elb.deregister_targets, **leave) == "Rate exceeded"
    account.advance(2)
    assert account.code(account.elb.deregister_targets, **leave) == ""


def test_what_is_not_there_says_so_in_the_services_own_form(account: Account) -> None:
    assert account.code(account.ec2.describe_coip_pools) == "InvalidAction"
    assert account.code(account.client("shield").list_attacks) == "UnknownOperationException"
    assert account.code(account.client("globalaccelerator").list_accelerators) == "UnknownOperationException"
    gone = "arn:aws:elasticloadbalancing:ap-northeast-2:123456789012:loadbalancer/app/x/1"
    assert account.code(account.elb.get_resource_policy, ResourceArn=gone) == "InvalidAction"


def test_the_data_plane_is_no_client(account: Account) -> None:
    scope = "Credential=x/20260101/ap-northeast-2/elasticloadbalancing/aws4_request"
    headers = {"Authorization": f"AWS4-HMAC-SHA256 {scope}, SignedHeaders=host", "X-Sandbox-Internal": "1"}
    account.control("faults", [{"service": "elbv2", "operation": ".*", "code": "Nope"}])
    before = len(account.control("journal")["calls"])
    url = account.ready["endpoint"] + "/?Action=DescribeLoadBalancers&Version=2015-12-01"
    with urllib.request.urlopen(urllib.request.Request(url, headers=headers)) as answer:
        assert b"DescribeLoadBalancersResult" in answer.read()
    assert len(account.control("journal")["calls"]) == before


def test_unsigned_and_unknown_requests_are_refused(account: Account) -> None:
    for path, status in (("/", 403), ("/_sandbox/nonsense", 404)):
        with pytest.raises(urllib.error.HTTPError) as caught:
            urllib.request.urlopen(account.ready["endpoint"] + path)
        caught.value.close()
        assert caught.value.code == status


def test_assumed_roles_are_principals(account: Account) -> None:
    trust = {"Statement": [{"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "sts:AssumeRole"}]}
    role = account.client("iam").create_role(RoleName="reader", AssumeRolePolicyDocument=json.dumps(trust))["Role"]["Arn"]
    given = account.client("sts").assume_role(RoleArn=role, RoleSessionName="session")["Credentials"]
    told = account.by(given).client("sts").get_caller_identity()
    assert told["Arn"] == "arn:aws:sts::123456789012:assumed-role/reader/session"


def test_every_operation_of_the_model_is_served_or_named(account: Account) -> None:
    from albatross_sandbox.aws import elbv2, protocol

    missing = protocol.operations("elbv2") - set(elbv2.SERVED)
    assert missing == {
        "DeleteSharedTrustStoreAssociation",
        "GetResourcePolicy",
        "GetTrustStoreRevocationContent",
    }


def test_another_region_is_another_region(account: Account) -> None:
    here, there = account.elb, account.at("us-west-2")
    lb = account.load_balancer()
    assert there.client("elbv2").describe_load_balancers()["LoadBalancers"] == []
    assert there.code(there.elb.describe_load_balancers, LoadBalancerArns=[lb["LoadBalancerArn"]]) == "LoadBalancerNotFound"
    assert there.client("eks").list_clusters()["clusters"] == []
    assert there.client("acm").list_certificates()["CertificateSummaryList"] == []
    assert account.ready["vpc_id"] not in [each["VpcId"] for each in there.ec2.describe_vpcs()["Vpcs"]]
    vpc = there.ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    group = there.elb.create_target_group(Name="far", Protocol="HTTP", Port=80, VpcId=vpc, TargetType="ip")["TargetGroups"][0]
    assert ":us-west-2:" in group["TargetGroupArn"]
    assert "far" not in [each["TargetGroupName"] for each in here.describe_target_groups()["TargetGroups"]]


def test_identities_and_hosted_zones_have_no_region(account: Account) -> None:
    there = account.at("us-west-2")
    assert "example.com." in [each["Name"] for each in there.client("route53").list_hosted_zones()["HostedZones"]]
    name = account.name("user")
    account.client("iam").create_user(UserName=name)
    key = account.client("iam").create_access_key(UserName=name)["AccessKey"]
    mine = there.by(key)
    assert mine.code(mine.elb.describe_load_balancers) == "AccessDenied"
    policy = {"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "elasticloadbalancing:*", "Resource": "*"}}
    account.client("iam").put_user_policy(UserName=name, PolicyName="all", PolicyDocument=json.dumps(policy))
    assert mine.code(mine.elb.describe_load_balancers) == ""
