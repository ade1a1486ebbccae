"""The path a controller walks: balancer, listener, rule, target group, target."""

import signal
from pathlib import Path
from typing import Any

import pytest

Account = Any
pytestmark = pytest.mark.xdist_group("sandbox-aws")  # one account serves them all


def test_serves_a_whole_load_balancer(account: Account) -> None:
    elb = account.elb
    lb = account.load_balancer(Tags=[{"Key": "elbv2.k8s.aws/cluster", "Value": "sandbox"}])
    assert ":loadbalancer/app/lb-" in lb["LoadBalancerArn"]
    assert lb["DNSName"].endswith(".ap-northeast-2.elb.amazonaws.com")
    assert lb["State"]["Code"] == "provisioning"
    group = account.target_group()
    action = {"Type": "forward", "TargetGroupArn": group["TargetGroupArn"]}
    listener = account.listener(lb, Port=443, Protocol="HTTPS", Certificates=[{"CertificateArn": account.certificate}])
    made = elb.create_rule(
        ListenerArn=listener["ListenerArn"],
        Priority=1,
        Conditions=[{"Field": "path-pattern", "Values": ["/*"]}],
        Actions=[action],
    )["Rules"][0]
    assert made["Actions"][0]["ForwardConfig"]["TargetGroups"] == [{"TargetGroupArn": group["TargetGroupArn"], "Weight": 1}]
    elb.register_targets(TargetGroupArn=group["TargetGroupArn"], Targets=[{"Id": account.ready["nodes"][0]["private_ip"]}])
    health = elb.describe_target_health(TargetGroupArn=group["TargetGroupArn"])["TargetHealthDescriptions"]
    assert health[0]["TargetHealth"]["State"] == "initial"
    account.advance(2)
    again = elb.describe_load_balancers(LoadBalancerArns=[lb["LoadBalancerArn"]])["LoadBalancers"][0]
    assert again["State"]["Code"] == "active"
    elb.delete_load_balancer(LoadBalancerArn=lb["LoadBalancerArn"])
    elb.delete_target_group(TargetGroupArn=group["TargetGroupArn"])


def test_ready_line_tells_what_ec2_tells(account: Account) -> None:
    subnets = account.ec2.describe_subnets(Filters=[{"Name": "tag:kubernetes.io/role/internal-elb", "Values": ["1"]}])["Subnets"]
    assert {subnet["SubnetId"] for subnet in subnets} == set(account.subnets(public=False))
    states = {block["Ipv6CidrBlockState"]["State"] for subnet in subnets for block in subnet["Ipv6CidrBlockAssociationSet"]}
    assert states == {"associated"}
    ids = [node["instance_id"] for node in account.ready["nodes"]]
    found = account.ec2.describe_instances(InstanceIds=ids)["Reservations"]
    addresses = {instance["PrivateIpAddress"] for reservation in found for instance in reservation["Instances"]}
    assert addresses == {node["private_ip"] for node in account.ready["nodes"]}


def test_starts_as_aws_is_and_ends_on_a_signal_leaving_nothing(fresh: tuple[Any, Account]) -> None:
    child, account = fresh
    rates = {(row["operation"], row["burst"], row["rate"]) for row in account.control("limits")["rates"]}
    assert ("Describe.*", 200, 50) in rates
    assert account.control("limits")["quotas"]["application-load-balancers"] == 50
    children = Path(f"/proc/{child.pid}/task/{child.pid}/children").read_text().split()
    child.send_signal(signal.SIGTERM)
    assert child.wait(10) == 0
    assert children
    assert not [number for number in children if Path(f"/proc/{number}").exists()]


def test_certificates_are_in_acm_and_their_keys_in_the_sandbox(account: Account) -> None:
    arns = {row["CertificateArn"] for row in account.client("acm").list_certificates()["CertificateSummaryList"]}
    ready = {row["arn"] for row in account.ready["certificates"]}
    assert ready
    assert ready <= arns  # other tests add theirs to the account
    key = account.control(f"keys/{account.certificate}")
    assert "BEGIN PRIVATE KEY" in key["private_key"]


def test_caller_is_the_user_of_the_key(account: Account) -> None:
    assert account.client("sts").get_caller_identity()["Arn"] == "arn:aws:iam::123456789012:user/sandbox"


def test_zone_of_the_domain_is_hosted(account: Account) -> None:
    zones = account.client("route53").list_hosted_zones()["HostedZones"]
    assert "example.com." in [zone["Name"] for zone in zones]  # other tests of the account make more


def test_pod_addresses_stand_on_their_interface(account: Account) -> None:
    node = account.ready["nodes"][0]
    pod = node["private_ip"].rpartition(".")[0] + ".77"
    account.ec2.assign_private_ip_addresses(NetworkInterfaceId=node["eni_id"], PrivateIpAddresses=[pod])
    filters = [{"Name": "addresses.private-ip-address", "Values": [pod]}]
    found = account.ec2.describe_network_interfaces(Filters=filters)["NetworkInterfaces"]
    assert [row["NetworkInterfaceId"] for row in found] == [node["eni_id"]]
    instance = account.ec2.describe_instances(InstanceIds=[node["instance_id"]])["Reservations"][0]["Instances"][0]
    assert pod in [row["PrivateIpAddress"] for row in instance["NetworkInterfaces"][0]["PrivateIpAddresses"]]
    account.ec2.unassign_private_ip_addresses(NetworkInterfaceId=node["eni_id"], PrivateIpAddresses=[pod])
    assert account.ec2.describe_network_interfaces(Filters=filters)["NetworkInterfaces"] == []
