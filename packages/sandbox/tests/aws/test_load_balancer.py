"""Load balancers."""

from typing import Any

import pytest

Account = Any
pytestmark = pytest.mark.xdist_group("sandbox-aws")  # one account serves them all


def test_same_settings_give_the_same_balancer(account: Account) -> None:
    first = account.load_balancer(Tags=[{"Key": "a", "Value": "b"}])
    again = account.load_balancer(Name=first["LoadBalancerName"], Tags=[{"Key": "a", "Value": "b"}])
    assert again["LoadBalancerArn"] == first["LoadBalancerArn"]


@pytest.mark.parametrize("other", [{"Scheme": "internal"}, {"Tags": [{"Key": "a", "Value": "c"}]}, {"Type": "network"}])
def test_other_settings_under_the_same_name_are_refused(account: Account, other: dict[str, Any]) -> None:
    name = account.load_balancer()["LoadBalancerName"]
    assert account.code(account.load_balancer, Name=name, **other) == "DuplicateLoadBalancerName"


@pytest.mark.parametrize(
    ("given", "prefix", "suffix"),
    [
        ({}, "lb-", ".ap-northeast-2.elb.amazonaws.com"),
        ({"Scheme": "internal"}, "internal-lb-", ".ap-northeast-2.elb.amazonaws.com"),
        ({"Type": "network"}, "lb-", ".elb.ap-northeast-2.amazonaws.com"),
        ({"Type": "network", "Scheme": "internal"}, "lb-", ".elb.ap-northeast-2.amazonaws.com"),
    ],
)
def test_dns_names(account: Account, given: dict[str, Any], prefix: str, suffix: str) -> None:
    made = account.load_balancer(**given)
    assert made["DNSName"].startswith(prefix)
    assert made["DNSName"].endswith(suffix)
    assert made["CanonicalHostedZoneId"] == ("ZIBE1TIR4HY56" if given.get("Type") else "ZWKZPGTI48KDX")
    assert f"loadbalancer/{'net' if given.get('Type') else 'app'}/" in made["LoadBalancerArn"]


@pytest.mark.parametrize(
    ("given", "wanted"),
    [
        ({"Name": "internal-x"}, "ValidationError"),
        ({"Name": "-x"}, "ValidationError"),
        ({"Name": "a" * 33}, "ValidationError"),
        ({"Subnets": ["subnet-1", "subnet-2"]}, "SubnetNotFound"),
        ({"Subnets": []}, "ValidationError"),
        ({"SecurityGroups": ["sg-0123456789abcdef0"]}, "InvalidSecurityGroup"),
        ({"SecurityGroups": ["web"]}, "ValidationError"),
        ({"IpAddressType": "nonsense"}, "ValidationError"),
        ({"Tags": [{"Key": "aws:x", "Value": "y"}]}, "ValidationError"),
        ({"Tags": [{"Key": "x", "Value": "y"}, {"Key": "x", "Value": "z"}]}, "DuplicateTagKeys"),
        ({"Tags": [{"Key": str(n), "Value": ""} for n in range(51)]}, "TooManyTags"),
    ],
)
def test_refuses(account: Account, given: dict[str, Any], wanted: str) -> None:
    assert account.code(account.load_balancer, **given) == wanted


def test_needs_two_zones_and_one_subnet_in_each(account: Account) -> None:
    public, private = account.subnets(), account.subnets(public=False)
    assert account.code(account.load_balancer, Subnets=public[:1]) == "ValidationError"
    assert account.code(account.load_balancer, Subnets=[public[0], private[0]]) == "InvalidConfigurationRequest"
    assert account.code(account.load_balancer, Subnets=public[:1], Type="network") == ""


def test_internet_facing_needs_a_gateway(account: Account) -> None:
    vpc = account.ec2.create_vpc(CidrBlock="10.9.0.0/16")["Vpc"]["VpcId"]
    zones = ("ap-northeast-2a", "ap-northeast-2b")
    made = [account.ec2.create_subnet(VpcId=vpc, CidrBlock=f"10.9.{n}.0/24", AvailabilityZone=zone) for n, zone in enumerate(zones)]
    subnets = [answer["Subnet"]["SubnetId"] for answer in made]
    assert account.code(account.load_balancer, Subnets=subnets) == "InvalidSubnet"
    assert account.code(account.load_balancer, Subnets=subnets, Scheme="internal") == ""
    assert account.code(account.load_balancer, Subnets=subnets, Scheme="internal", IpAddressType="dualstack") == "ValidationError"


def test_subnet_without_room_is_refused(account: Account) -> None:
    vpc = account.ec2.create_vpc(CidrBlock="10.8.0.0/16")["Vpc"]["VpcId"]
    small = account.ec2.create_subnet(VpcId=vpc, CidrBlock="10.8.0.0/28", AvailabilityZone="ap-northeast-2a")["Subnet"]["SubnetId"]
    for _ in range(4):
        account.ec2.create_network_interface(SubnetId=small)
    assert account.code(account.load_balancer, Subnets=[small], Type="network", Scheme="internal") == "InvalidSubnet"


def test_security_group_that_is_deleted_is_refused(account: Account) -> None:
    made = account.ec2.create_security_group(GroupName="short", Description="short", VpcId=account.ready["vpc_id"])["GroupId"]
    arn = account.load_balancer()["LoadBalancerArn"]
    assert account.elb.set_security_groups(LoadBalancerArn=arn, SecurityGroups=[made])["SecurityGroupIds"] == [made]
    kept = account.ready["security_groups"]["cluster"]
    account.elb.set_security_groups(LoadBalancerArn=arn, SecurityGroups=[kept])
    account.ec2.delete_security_group(GroupId=made)
    assert account.code(account.elb.set_security_groups, LoadBalancerArn=arn, SecurityGroups=[made, kept]) == "InvalidSecurityGroup"


def test_default_security_group_is_the_vpcs(account: Account) -> None:
    group = account.load_balancer()["SecurityGroups"]
    found = account.ec2.describe_security_groups(GroupIds=group)["SecurityGroups"]
    assert [(row["GroupName"], row["VpcId"]) for row in found] == [("default", account.ready["vpc_id"])]
    assert account.load_balancer(Type="network").get("SecurityGroups", []) == []


def test_becomes_active_by_the_clock(account: Account) -> None:
    arn = account.load_balancer()["LoadBalancerArn"]
    account.advance(2)
    assert account.elb.describe_load_balancers(LoadBalancerArns=[arn])["LoadBalancers"][0]["State"] == {"Code": "active"}
    account.elb.get_waiter("load_balancer_available").wait(LoadBalancerArns=[arn])


def test_deletion_protection_holds(account: Account) -> None:
    arn = account.load_balancer()["LoadBalancerArn"]
    protect = [{"Key": "deletion_protection.enabled", "Value": "true"}]
    account.elb.modify_load_balancer_attributes(LoadBalancerArn=arn, Attributes=protect)
    assert account.code(account.elb.delete_load_balancer, LoadBalancerArn=arn) == "OperationNotPermitted"
    assert "deletion protection" in account.text(account.elb.delete_load_balancer, LoadBalancerArn=arn)


def test_deleting_twice_is_no_error(account: Account) -> None:
    arn = account.load_balancer()["LoadBalancerArn"]
    account.elb.delete_load_balancer(LoadBalancerArn=arn)
    account.elb.delete_load_balancer(LoadBalancerArn=arn)
    assert account.code(account.elb.describe_load_balancers, LoadBalancerArns=[arn]) == "LoadBalancerNotFound"


def test_deleting_takes_its_listeners_and_frees_its_groups(account: Account) -> None:
    lb, group = account.load_balancer(), account.target_group()["TargetGroupArn"]
    listener = account.listener(lb, DefaultActions=[{"Type": "forward", "TargetGroupArn": group}])["ListenerArn"]
    assert account.code(account.elb.delete_target_group, TargetGroupArn=group) == "ResourceInUse"
    account.elb.delete_load_balancer(LoadBalancerArn=lb["LoadBalancerArn"])
    assert account.code(account.elb.describe_listeners, ListenerArns=[listener]) == "ListenerNotFound"
    assert account.code(account.elb.delete_target_group, TargetGroupArn=group) == ""


def test_pages(account: Account) -> None:
    made = {account.load_balancer(Type="network")["LoadBalancerArn"] for _ in range(3)}
    pages = list(account.elb.get_paginator("describe_load_balancers").paginate(PaginationConfig={"PageSize": 2}))
    found = [lb["LoadBalancerArn"] for page in pages for lb in page["LoadBalancers"]]
    assert len(pages) > 1
    assert len(found) == len(set(found))
    assert made <= set(found)
    assert account.code(account.elb.describe_load_balancers, Marker="nonsense") == "ValidationError"


def test_changes_place_groups_and_address_type(account: Account) -> None:
    arn = account.load_balancer()["LoadBalancerArn"]
    zones = account.elb.set_subnets(LoadBalancerArn=arn, Subnets=account.subnets()[:2])["AvailabilityZones"]
    assert {zone["SubnetId"] for zone in zones} == set(account.subnets()[:2])
    group = account.ready["security_groups"]["cluster"]
    assert account.elb.set_security_groups(LoadBalancerArn=arn, SecurityGroups=[group])["SecurityGroupIds"] == [group]
    assert account.elb.set_ip_address_type(LoadBalancerArn=arn, IpAddressType="dualstack")["IpAddressType"] == "dualstack"
    pool = "ipam-pool-0123456789abcdef0"
    assert account.elb.modify_ip_pools(LoadBalancerArn=arn, IpamPools={"Ipv4IpamPoolId": pool})["IpamPools"] == {"Ipv4IpamPoolId": pool}
    account.elb.modify_ip_pools(LoadBalancerArn=arn, RemoveIpamPools=["ipv4"])
    assert "IpamPools" not in account.elb.describe_load_balancers(LoadBalancerArns=[arn])["LoadBalancers"][0]


def test_network_balancer_without_groups_keeps_none(account: Account) -> None:
    arn = account.load_balancer(Type="network")["LoadBalancerArn"]
    group = account.ready["security_groups"]["cluster"]
    assert account.code(account.elb.set_security_groups, LoadBalancerArn=arn, SecurityGroups=[group]) == "InvalidConfigurationRequest"


def test_elastic_addresses_stand_in_their_zones(account: Account) -> None:
    elastic = account.ec2.allocate_address(Domain="vpc")
    allocation, address = elastic["AllocationId"], elastic["PublicIp"]
    mapping = [{"SubnetId": account.subnets()[0], "AllocationId": allocation}]
    given = {"Name": account.name("nlb"), "Type": "network"}
    made = account.elb.create_load_balancer(SubnetMappings=mapping, **given)["LoadBalancers"][0]
    (shown,) = made["AvailabilityZones"][0]["LoadBalancerAddresses"]
    assert shown["AllocationId"] == allocation
    assert shown["IpAddress"] == address
    mapping[0]["AllocationId"] = "eipalloc-1"
    given["Name"] = account.name("nlb")
    assert account.code(account.elb.create_load_balancer, SubnetMappings=mapping, **given) == "AllocationIdNotFound"


def test_quota_of_balancers(account: Account) -> None:
    account.control("limits", {"quotas": {"gateway-load-balancers": 0}})
    assert account.code(account.load_balancer, Type="gateway") == "TooManyLoadBalancers"


def test_capacity_is_reserved_and_reset(account: Account) -> None:
    arn = account.load_balancer()["LoadBalancerArn"]
    wanted = {"CapacityUnits": 300}
    change = account.elb.modify_capacity_reservation
    assert account.code(change, LoadBalancerArn=arn, MinimumLoadBalancerCapacity=wanted) == "PriorRequestNotComplete"
    account.advance(2)
    change(LoadBalancerArn=arn, MinimumLoadBalancerCapacity=wanted)
    told = account.elb.describe_capacity_reservation(LoadBalancerArn=arn)
    assert told["MinimumLoadBalancerCapacity"] == wanted
    assert {zone["EffectiveCapacityUnits"] for zone in told["CapacityReservationState"]} == {100.0}
    change(LoadBalancerArn=arn, ResetCapacityReservation=True)
    assert "MinimumLoadBalancerCapacity" not in account.elb.describe_capacity_reservation(LoadBalancerArn=arn)
    assert account.code(change, LoadBalancerArn=arn, MinimumLoadBalancerCapacity={"CapacityUnits": 1}) == "InvalidConfigurationRequest"
