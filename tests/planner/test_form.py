from dataclasses import replace
from typing import Any

from tests.planner.stand import BALANCER, CONFIG, LB

from albatross.model.resources.addon import WebAclAssociation
from albatross.model.resources.load_balancer import LoadBalancer, SubnetMapping
from albatross.planner import form
from albatross.planner.link import changed


def test_a_noun_without_spellings_is_read_as_it_is() -> None:
    current = WebAclAssociation(id="a", resource=LB, web_acl_arn="acl")
    assert form.project(WebAclAssociation(id="b", resource=LB, web_acl_arn=""), current, CONFIG) is current


# Network load balancers ----------------------------------------------------------------------------------------------


def same(desired: LoadBalancer, current: LoadBalancer) -> bool:
    return changed(desired, form.project(desired, current, CONFIG)) == ()


def at(subnet: str = "subnet-a", **given: str | None) -> SubnetMapping:
    return SubnetMapping(subnet_id=subnet, **given)


def network(*mappings: SubnetMapping, **given: Any) -> LoadBalancer:
    return replace(BALANCER, type="network", subnet_mappings=mappings or (at(),), **given)


def test_addresses_change_only_with_the_subnets() -> None:
    assert same(network(at(allocation_id="eipalloc-1")), network())
    assert same(network(at(private_ipv4_address="10.0.0.5")), network(at(private_ipv4_address="10.0.0.6")))
    assert not same(network(at("subnet-a"), at("subnet-b")), network())


def test_a_load_balancer_that_becomes_dualstack_gets_its_addresses() -> None:
    six = network(at(ipv6_address="2001:db8::5"), ip_address_type="dualstack")
    assert form.project(six, network(), CONFIG).subnet_mappings == (at(),)
    assert form.project(six, replace(six, subnet_mappings=(at(),)), CONFIG).subnet_mappings == six.subnet_mappings


def nat(first: str | None, second: str) -> LoadBalancer:
    """With prefixes in two subnets."""
    return network(at(source_nat_ipv6_prefix=first), at("subnet-b", source_nat_ipv6_prefix=second), ipv6_source_nat="on")


def test_prefixes_that_aws_chose_are_right() -> None:
    given = nat("auto_assigned", "2001:db8:b::/80")
    assert same(given, nat("2001:db8:a::/80", "2001:db8:b::/80"))
    assert not same(given, nat(None, "2001:db8:b::/80"))
    assert not same(given, nat("2001:db8:a::/80", "2001:db8:c::/80"))


def test_what_is_not_said_is_not_changed() -> None:
    assert same(network(), network(ipv6_source_nat="on", private_link_rules="on"))
    assert same(network(ipv6_source_nat="off"), network())
    assert not same(network(ipv6_source_nat="on"), network())
    assert not same(network(private_link_rules="off"), network(private_link_rules="on"))
    assert same(network(private_link_rules="off", security_groups=()), network(security_groups=()))
