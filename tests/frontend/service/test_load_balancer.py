"""A Service → the settings of its load balancer, with all problems."""

from typing import Any

import pytest
from tests.frontend.service.stand import DNS, DUAL, SIX, TCP, built, codes, six, stack
from tests.world import Result, recorded


def test_the_old_annotations_of_attributes() -> None:
    logs = {"access_log_s3_bucket_name": "b", "access_log_s3_bucket_prefix": "p"}
    on = stack(TCP, access_log_enabled="true", attributes="access_logs.s3.bucket=old", **logs).load_balancers[0]
    assert dict(on.attributes) == {"access_logs.s3.enabled": "true", "access_logs.s3.bucket": "b", "access_logs.s3.prefix": "p"}
    off = built(TCP, access_log_enabled="false", **logs)
    assert off.codes.count("LB133") == 1
    assert off.stacks["shop/net"] is not None
    assert not off.stacks["shop/net"].load_balancers[0].attributes


def test_the_scheme_and_its_old_form() -> None:
    assert stack(TCP, internal="false").load_balancers[0].scheme == "internet-facing"
    found = built(TCP, internal="maybe", scheme="internal")
    assert ("LB133" in found.codes, found.errors) == (True, [])
    assert built(TCP, internal="maybe").errors == ["LB101"]


def test_source_ranges_of_the_spec_override_the_annotation() -> None:
    found = built(TCP, spec={"loadBalancerSourceRanges": ["10.0.0.0/8"]}, **{"full_load_balancer_source_ranges": "x"})
    made = found.stacks["shop/net"]
    assert made is not None
    assert [each.cidr for each in made.security_groups[0].ingress] == ["10.0.0.0/8"]
    assert "LB133" in found.codes
    assert built(TCP, spec={"loadBalancerSourceRanges": ["2001:db8::/32"]}).errors == ["LB165"]
    assert "LB407" in codes(TCP, **{"full_load_balancer_source_ranges": "10.0.0.0"})


UNMANAGED = {
    "security_group_prefix_lists": "pl-1",
    "enable_icmp_for_path_mtu_discovery": "on",
    "full_load_balancer_source_ranges": "10.0.0.0/8",
}


@pytest.mark.parametrize(
    ("given", "count", "applied"),
    [
        ({}, 0, True),
        ({"security_groups": ""}, 0, True),
        ({"security_groups": "sg-0864108d11dadf668"}, 3, False),
        ({"disable_nlb_sg": "true"}, 2, True),
        ({"disable_nlb_sg": "true", "security_groups": "sg-0864108d11dadf668"}, 3, True),
    ],
)
def test_without_a_managed_group_its_rules_have_no_effect(given: dict[str, str], count: int, applied: bool) -> None:
    assert len([each for each in built(TCP, **given, **UNMANAGED).problems if each.code == "LB133"]) == count
    ranges = {"loadBalancerSourceRanges": ["10.0.0.0/8"]}
    assert ("LB424" in codes(TCP, spec=ranges, **given)) != applied


def test_prefix_lists_replace_everyone() -> None:
    (group,) = stack(TCP, security_group_prefix_lists="pl-1").security_groups
    assert [(each.cidr, each.prefix_list) for each in group.ingress] == [("", "pl-1")]
    assert not stack(TCP, security_group_prefix_lists="").security_groups[0].ingress
    assert "LB407" in codes(TCP, security_group_prefix_lists="list")


def test_icmp_for_each_source() -> None:
    (group,) = stack(TCP, enable_icmp_for_path_mtu_discovery="on").security_groups
    assert [(each.protocol, each.from_port, each.to_port, each.cidr) for each in group.ingress] == [
        ("tcp", 80, 80, "0.0.0.0/0"),
        ("icmp", 3, 4, "0.0.0.0/0"),
    ]
    assert "LB232" in codes(TCP, enable_icmp_for_path_mtu_discovery="yes")


def test_capacity() -> None:
    assert stack(TCP, minimum_load_balancer_capacity="CapacityUnits=3000").load_balancers[0].minimum_capacity == 3000
    assert built(TCP, minimum_load_balancer_capacity="Units=1").errors == ["LB139"]
    off = built(TCP, minimum_load_balancer_capacity="CapacityUnits=1", gates={"LBCapacityReservation": False})
    assert "LB133" in off.codes


def test_a_gate_creates_load_balancers_without_groups() -> None:
    made = stack(TCP, gates={"NLBSecurityGroup": False})
    assert not made.load_balancers[0].security_groups
    assert not made.security_groups


# Addresses ---------------------------------------------------------------------------------------------------------


def mapped(found: Result) -> list[Any]:
    made = found.stacks["shop/net"]
    assert made is not None, found.codes
    return list(made.load_balancers[0].subnet_mappings)


def test_ipv6_addresses_are_placed_by_their_subnets() -> None:
    found = mapped(six(TCP, ipv6_addresses="2001:db8:b::5,2001:db8:a::5"))
    assert [(each.subnet_id, each.ipv6_address) for each in found] == [("subnet-6a", "2001:db8:a::5"), ("subnet-6b", "2001:db8:b::5")]
    assert "LB340" in six(TCP, ipv6_addresses="2001:db8:a::5,2001:db8:a::6").errors
    assert "LB160" in six(TCP, ipv6_addresses="2001:db8:a::5").errors
    assert "LB230" in six(TCP, ipv6_addresses="2001:db8:a::5,10.0.1.5").errors
    assert "LB165" in built(TCP, ipv6_addresses="2001:db8:a::5").errors


def test_prefixes_for_source_nat() -> None:
    on = {"enable_prefix_for_ipv6_source_nat": "on"}
    found = mapped(six(DNS, source_nat_ipv6_prefixes="auto_assigned,2001:db8:b:0:1::/80", **on))
    assert [each.source_nat_ipv6_prefix for each in found] == ["auto_assigned", "2001:db8:b:0:1::/80"]
    assert "LB342" in six(DNS, source_nat_ipv6_prefixes="auto_assigned,2001:db8:a:0:1::/80", **on).errors
    assert "LB231" in six(DNS, source_nat_ipv6_prefixes="auto_assigned,2001:db8:b::/64", **on).errors
    assert "LB231" in six(DNS, source_nat_ipv6_prefixes="auto_assigned,10.0.0.0/80", **on).errors
    assert "LB160" in six(DNS, source_nat_ipv6_prefixes="auto_assigned", **on).errors
    assert six(DNS, source_nat_ipv6_prefixes="auto_assigned,auto_assigned").errors == ["LB165"]
    assert "LB165" in built(DNS, **on).errors
    assert "LB416" in six(DNS).codes


def test_dualstack_opens_both_families_and_their_icmp() -> None:
    made = six(TCP, enable_icmp_for_path_mtu_discovery="on").stacks["shop/net"]
    assert made is not None
    found = {(each.protocol, each.from_port, each.to_port, each.cidr or each.cidr6) for each in made.security_groups[0].ingress}
    assert found == {("tcp", 80, 80, "0.0.0.0/0"), ("icmp", 3, 4, "0.0.0.0/0"), ("tcp", 80, 80, "::/0"), ("icmpv6", 2, 0, "::/0")}


def test_subnets_without_facts_get_no_addresses() -> None:
    given = {"subnets": "subnet-1,subnet-2", "private_ipv4_addresses": "10.0.0.5,10.0.1.5"}
    assert "LB301" in built(TCP, **given).errors


# What exists -------------------------------------------------------------------------------------------------------


def existing(scheme: str, groups: str, subnets: str = "subnet-6a") -> str:
    return f"""{SIX}elasticloadbalancingv2.DescribeLoadBalancers:
- {{LoadBalancerArn: arn:a, VpcId: vpc-bb5e6cc5b903172e8, Type: network, Scheme: {scheme}, SecurityGroups: {groups},
   AvailabilityZones: [{{SubnetId: {subnets}}}]}}
elasticloadbalancingv2.DescribeTags:
- {{ResourceArn: arn:a, Tags: [{{Key: elbv2.k8s.aws/cluster, Value: prod-eks}}, {{Key: service.k8s.aws/stack, Value: shop/net}}]}}
"""


def test_an_existing_load_balancer_keeps_its_scheme_and_subnets() -> None:
    there = recorded(existing("internet-facing", "[sg-1]"))
    (balancer,) = stack(TCP, recording=there).load_balancers
    assert (balancer.scheme, [each.subnet_id for each in balancer.subnet_mappings]) == ("internet-facing", ["subnet-6a"])
    assert len(balancer.security_groups) == 2
    assert stack(TCP, recording=there, scheme="internal").load_balancers[0].scheme == "internal"


def test_addresses_wait_for_facts_about_its_subnets() -> None:
    there = recorded(existing("internal", "[sg-1]", subnets="subnet-gone"))
    (mapping,) = stack(TCP, recording=there, private_ipv4_addresses="10.0.0.5").load_balancers[0].subnet_mappings
    assert (mapping.subnet_id, mapping.private_ipv4_address) == ("subnet-gone", None)


def test_its_security_groups_are_for_ever() -> None:
    with_some, without = (recorded(existing("internal", groups)) for groups in ("[sg-1]", "[]"))
    assert built(TCP, recording=with_some, disable_nlb_sg="true").errors == ["LB341"]
    assert built(TCP, recording=with_some, gates={"NLBSecurityGroup": False}).errors == ["LB341"]
    found = built(TCP, recording=without)
    assert "LB343" in found.codes
    assert "LB343" not in built(TCP, recording=without, disable_nlb_sg="true").codes
    assert found.stacks["shop/net"] is not None
    assert not found.stacks["shop/net"].load_balancers[0].security_groups


def test_dualstack_needs_ipv6_in_the_subnets_that_stay() -> None:
    lacking = existing("internal", "[sg-1]").replace("Ipv6CidrBlockState: {State: associated}", "Ipv6CidrBlockState: {State: failed}")
    assert "LB306" in built(TCP, recording=recorded(lacking), **DUAL).errors
