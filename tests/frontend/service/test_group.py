"""A Service → its listeners, target groups and settings, with all problems; the recorded scenarios say the rest."""

import json
from dataclasses import replace
from typing import Any

import pytest
import yaml
from tests.world import CONFIG, Result, compiled, recorded

from albatross.model.resources.action import Forward
from albatross.model.resources.listener import Listener
from albatross.model.resources.stack import Stack
from albatross.model.resources.target_group import TargetGroup

CERTIFICATE = "arn:aws:acm:ap-northeast-2:123456789012:certificate/ddb02d7d-ff7e-44c5-b28d-c2b0e94a8a2e"
TCP: dict[str, Any] = {"name": "http", "port": 80, "targetPort": 8080, "nodePort": 30080}
DNS: dict[str, Any] = {"name": "dns", "port": 53, "protocol": "UDP", "targetPort": 8053, "nodePort": 30053}
DNS_TCP: dict[str, Any] = {**DNS, "name": "dns-tcp", "protocol": "TCP", "nodePort": 30054}


def service(*ports: dict[str, Any], spec: Any = None, meta: Any = None, **annotations: str) -> str:
    """A patch; annotations without `aws-load-balancer-` (`__` in their names means `.`), or with their whole name after `full_`."""
    own = {}
    for key, text in annotations.items():
        name = key.removeprefix("full_").replace("__", ".").replace("_", "-")
        own["service.beta.kubernetes.io/" + ("" if key.startswith("full_") else "aws-load-balancer-") + name] = text
    body = {"type": "LoadBalancer", "loadBalancerClass": "service.k8s.aws/nlb", "ports": list(ports or (TCP,)), **(spec or {})}
    return json.dumps({"kind": "Service", "metadata": {"name": "net", "annotations": own, **(meta or {})}, "spec": body})


def stack(*ports: dict[str, Any], recording: Any = None, gates: Any = None, **given: Any) -> Stack:
    found = built(*ports, recording=recording, gates=gates, **given)
    made = found.stacks["shop/net"]
    assert made is not None, found.codes
    return made


def built(*ports: dict[str, Any], recording: Any = None, gates: Any = None, **given: Any) -> Result:
    more = {} if recording is None else {"recording": recording}
    return compiled(service(*ports, **given), config=replace(CONFIG, gates=gates or {}), **more)


def codes(*ports: dict[str, Any], **given: Any) -> list[str]:
    return built(*ports, **given).codes


def protocols(found: Stack) -> dict[int, str]:
    return {each.port: each.protocol for each in found.listeners}


def only(found: Stack) -> tuple[Listener, TargetGroup]:
    (listener,), (group,) = found.listeners, found.target_groups
    return listener, group


# Listeners ---------------------------------------------------------------------------------------------------------


def test_ports_merge_by_annotation_or_gate() -> None:
    assert protocols(stack(DNS, DNS_TCP)) == {53: "UDP"}
    assert protocols(stack(DNS, DNS_TCP, enable_tcp_udp_listener="true")) == {53: "TCP_UDP"}
    on = {"EnableTCPUDPListener": True}
    assert protocols(stack(DNS, DNS_TCP, gates=on)) == {53: "TCP_UDP"}
    assert protocols(stack(DNS, DNS_TCP, gates=on, enable_tcp_udp_listener="false")) == {53: "UDP"}
    assert protocols(stack(DNS, DNS_TCP, gates=on, enable_tcp_udp_listener="maybe")) == {53: "TCP_UDP"}
    assert "LB232" in codes(DNS, DNS_TCP, enable_tcp_udp_listener="maybe")


@pytest.mark.parametrize(
    ("ports", "reason"),
    [
        ((DNS, DNS_TCP, {**DNS_TCP, "name": "c"}), "3 ports have this number, but only two can be merged"),
        ((DNS, {**DNS, "protocol": "SCTP"}), "SCTP cannot be merged"),
        ((DNS, {**DNS, "name": "b"}), "both are UDP"),
    ],
)
def test_what_cannot_be_merged_is_said(ports: tuple[dict[str, Any], ...], reason: str) -> None:
    found = built(*ports, enable_tcp_udp_listener="true")
    (problem,) = [each for each in found.problems if each.code == "LB124"]
    assert dict(problem.args)["reason"] == reason
    assert found.stacks["shop/net"] is None


def test_tls_covers_the_named_ports_only() -> None:
    other = {**TCP, "name": "admin", "port": 81}
    assert protocols(stack(TCP, other, DNS, ssl_cert=CERTIFICATE)) == {80: "TLS", 81: "TLS", 53: "UDP"}
    assert protocols(stack(TCP, other, ssl_cert=CERTIFICATE, ssl_ports="admin")) == {80: "TCP", 81: "TLS"}
    listener, group = only(stack(TCP, ssl_cert=CERTIFICATE, backend_protocol="ssl", alpn_policy="HTTP2Only", ssl_negotiation_policy="x"))
    assert (listener.alpn_policy, listener.ssl_policy, group.protocol) == (("HTTP2Only",), "x", "TLS")


def test_certificates_stay_as_they_are_written() -> None:
    other = CERTIFICATE.replace("ddb02d7d", "8e661ba6")
    listener, _ = only(stack(TCP, ssl_cert=f"{CERTIFICATE},{other},{other},{CERTIFICATE}"))
    assert listener.certificates == (CERTIFICATE, other, other, CERTIFICATE)


def test_what_only_tls_uses_has_no_effect_without_it() -> None:
    found = built(DNS, ssl_cert=CERTIFICATE, alpn_policy="x", ssl_ports="53")
    reasons = [dict(each.args) for each in found.problems if each.code == "LB133"]
    assert {each["annotation"].removeprefix("aws-load-balancer-") for each in reasons} == {"ssl-cert", "alpn-policy", "ssl-ports"}
    assert {each["reason"] for each in reasons} == {"no port becomes a TLS listener"}
    assert not found.errors


def test_quic_needs_udp() -> None:
    assert protocols(stack(TCP, DNS, quic_enabled_ports="dns")) == {80: "TCP", 53: "QUIC"}
    assert protocols(stack(DNS, DNS_TCP, quic_enabled_ports="53", enable_tcp_udp_listener="true")) == {53: "TCP_QUIC"}
    assert "LB128" in codes(TCP, quic_enabled_ports="http")
    (unknown,) = [each for each in built(TCP, quic_enabled_ports="x").problems if each.code == "LB129"]
    assert unknown.severity == "warning"


def test_weighted_targets_with_arns_services_and_decryption() -> None:
    arn = "arn:aws:elasticloadbalancing:ap-northeast-2:123456789012:targetgroup/legacy-tg/26cfe97838ce2f02"
    text = (
        '{"type": "forward", "forwardConfig": {"baseServiceWeight": 1, "targetGroups": ['
        f'{{"targetGroupARN": "{arn}", "weight": 2}}, '
        '{"serviceName": "web", "servicePort": "http", "weight": 3, "decrypt": true}], "targetGroupStickinessConfig": {"enabled": true}}}'
    )
    found = stack(TCP, ssl_cert=CERTIFICATE, backend_protocol="ssl", **{"full_actions__TLS_80": text})
    (action,) = found.listeners[0].default_actions
    assert isinstance(action, Forward)
    assert [each.weight for each in action.target_groups] == [1, 2, 3]
    assert action.target_groups[1].target_group == arn
    assert {each.id: each.protocol for each in found.target_groups} == {"shop/net:80": "TLS", "shop/web:80": "TCP"}


@pytest.mark.parametrize(
    ("targets", "code"),
    [
        ('[{"serviceName": "ghost", "servicePort": 80}]', "LB207"),
        ('[{"serviceName": "web", "servicePort": 81}]', "LB208"),
        ('[{"serviceName": "web"}]', "LB114"),
        ('[{"weight": 1}]', "LB117"),
        ('[{"serviceName": "web", "servicePort": 80, "targetGroupARN": "arn:a"}]', "LB115"),
        ('[{"serviceName": "web", "servicePort": 80}, {"targetGroupARN": "arn:a", "weight": 1}]', "LB116"),
        ('[{"serviceName": "web", "servicePort": 80, "weight": -1}]', "LB103"),
    ],
)
def test_wrong_targets(targets: str, code: str) -> None:
    text = f'{{"type": "forward", "forwardConfig": {{"targetGroups": {targets}}}}}'
    assert code in built(TCP, **{"full_actions__TCP_80": text}).errors


def test_an_action_without_its_config() -> None:
    assert built(TCP, **{"full_actions__TCP_80": '{"type": "forward"}'}).errors == ["LB113"]
    assert built(TCP, **{"full_actions__TCP_80": "{}"}).errors == ["LB112"]


# Target groups -----------------------------------------------------------------------------------------------------


def test_the_checks_of_nodes_with_endpoints_only() -> None:
    local = {"externalTrafficPolicy": "Local", "healthCheckNodePort": 30999}
    check = only(stack(TCP, spec=local))[1].health_check
    assert (check.protocol, check.port, check.path, check.timeout_seconds, check.healthy_threshold_count) == (
        "HTTP",
        30999,
        "/healthz",
        6,
        2,
    )
    check = only(stack(TCP, spec=local, nlb_target_type="ip"))[1].health_check
    assert (check.protocol, check.port, check.path, check.http_code) == ("TCP", "traffic-port", None, None)


def test_without_the_gate_codes_and_timeout_are_not_sent() -> None:
    off = {"NLBHealthCheckAdvancedConfig": False}
    found = built(TCP, gates=off, healthcheck_protocol="HTTP", healthcheck_timeout="3", healthcheck_success_codes="200")
    made = found.stacks["shop/net"]
    assert made is not None
    check = only(made)[1].health_check
    assert (check.protocol, check.http_code, check.timeout_seconds) == ("HTTP", None, 10)
    assert found.codes.count("LB133") == 1


def test_attributes_of_a_port_override_those_of_all() -> None:
    given = {"target_group_attributes": "a=1,b=2", "target_group_attributes__80": "a=3,b="}
    assert dict(only(stack(TCP, **given))[1].attributes) == {"a": "3", "b": "2", "proxy_protocol_v2.enabled": "false"}
    assert "LB101" in built(TCP, target_group_attributes="preserve_client_ip.enabled=maybe").errors
    assert "LB102" in built(TCP, proxy_protocol_per_target_group="http").errors


def test_pods_as_targets_by_the_old_type() -> None:
    given = {"spec": {"loadBalancerClass": None}, "type": "nlb-ip", "nlb_target_type": "instance"}
    assert only(stack(TCP, **given))[1].target_type == "ip"
    assert only(stack(TCP, nlb_target_type="pods"))[1].target_type == "instance"
    assert "LB232" in codes(TCP, nlb_target_type="pods")


# The load balancer -------------------------------------------------------------------------------------------------


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


def test_rules_of_targets_are_managed_with_given_groups_only_by_request() -> None:
    def networking(**given: str) -> Any:
        (found,) = stack(TCP, **given).bindings
        return found.networking

    assert networking(security_groups="web-sg") is None
    assert networking(security_groups="web-sg", manage_backend_security_group_rules="true")
    assert networking(manage_backend_security_group_rules="false")
    assert built(TCP, manage_backend_security_group_rules="maybe").errors == []


def test_unknown_annotations_of_ours_only() -> None:
    found = built(TCP, scheem="internal", **{"full_azure_load_balancer_internal": "true", "full_load_balancer_source_rangs": "a"})
    assert [dict(each.args)["annotation"] for each in found.problems if each.code == "LB131"] == ["aws-load-balancer-scheem"]
    assert "LB133" in codes(TCP, type="nlb")
    assert "LB133" in codes(TCP, target_node_labels="a=b", nlb_target_type="ip")
    nothing = service(TCP, spec={"ports": []}, healthcheck_path="/")
    assert "LB133" in compiled(nothing).codes


# Leaving -----------------------------------------------------------------------------------------------------------


def test_deletion_protection_blocks_the_deletion() -> None:
    meta = {"deletionTimestamp": "2026-01-01T00:00:00Z", "finalizers": ["service.k8s.aws/resources"]}

    def leaving(**given: str) -> tuple[list[str], Stack | None]:
        text = yaml.safe_load(service(TCP, **given))
        text["metadata"] |= meta
        found = compiled(yaml.safe_dump(text))
        return found.codes, found.stacks["shop/net"]

    assert leaving(attributes="deletion_protection.enabled=true") == (["LB214"], None)
    assert leaving(attributes="deletion_protection.enabled=maybe") == (["LB101"], None)
    empty = leaving(attributes="deletion_protection.enabled=false")
    assert empty[0] == []
    assert empty[1] is not None
    assert not empty[1].load_balancers


# Addresses ---------------------------------------------------------------------------------------------------------

SIX = """ec2.DescribeSubnets:
- {SubnetId: subnet-6a, VpcId: vpc-bb5e6cc5b903172e8, AvailabilityZone: ap-northeast-2a, AvailabilityZoneId: apne2-az1,
   CidrBlock: 10.0.0.0/24, AvailableIpAddressCount: 100, Tags: [{Key: kubernetes.io/role/internal-elb, Value: ''}],
   Ipv6CidrBlockAssociationSet: [{Ipv6CidrBlock: '2001:db8:a::/64', Ipv6CidrBlockState: {State: associated}}]}
- {SubnetId: subnet-6b, VpcId: vpc-bb5e6cc5b903172e8, AvailabilityZone: ap-northeast-2b, AvailabilityZoneId: apne2-az2,
   CidrBlock: 10.0.1.0/24, AvailableIpAddressCount: 100, Tags: [{Key: kubernetes.io/role/internal-elb, Value: ''}],
   Ipv6CidrBlockAssociationSet: [{Ipv6CidrBlock: '2001:db8:b::/64', Ipv6CidrBlockState: {State: associated}}]}
ec2.DescribeVpcs:
- {VpcId: vpc-bb5e6cc5b903172e8, CidrBlockAssociationSet: [{CidrBlock: 10.0.0.0/16, CidrBlockState: {State: associated}}],
   Ipv6CidrBlockAssociationSet: [{Ipv6CidrBlock: '2001:db8::/32', Ipv6CidrBlockState: {State: associated}}]}
"""
DUAL = {"ip_address_type": "dualstack"}


def six(*ports: dict[str, Any], **given: Any) -> Result:
    return compiled(service(*ports, **{**DUAL, **given}), recording=recorded(SIX))


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


# Without security groups -------------------------------------------------------------------------------------------


def rules(found: Result) -> list[tuple[str, str, Any]]:
    made = found.stacks["shop/net"]
    assert made is not None, found.codes
    (binding,) = made.bindings
    return [(each.cidr, each.protocol, each.port) for each in binding.networking or ()]


def test_targets_let_clients_and_checks_in() -> None:
    bare = {"disable_nlb_sg": "true", "nlb_target_type": "ip"}
    v6 = {"spec": {"ipFamilies": ["IPv6"]}}
    assert rules(six(DNS, **bare, **v6)) == [
        ("2001:db8::/32", "UDP", 8053),
        ("2001:db8:a::/64", "TCP", 8053),
        ("2001:db8:b::/64", "TCP", 8053),
    ]
    public = {**bare, "scheme": "internet-facing", "subnets": "subnet-6a"}
    assert rules(six(TCP, **public, target_group_attributes="preserve_client_ip.enabled=true")) == [("0.0.0.0/0", "TCP", 8080)]
    assert rules(six(TCP, **public, target_group_attributes="preserve_client_ip.enabled=true", **v6)) == [("::/0", "TCP", 8080)]
    wide = {"full_load_balancer_source_ranges": "0.0.0.0/0"}
    assert rules(six(TCP, **bare, **wide, target_group_attributes="preserve_client_ip.enabled=true")) == [("0.0.0.0/0", "TCP", 8080)]


def test_every_port_of_both_protocols_if_rules_are_not_restricted() -> None:
    def doors(port: dict[str, Any]) -> list[tuple[str, Any]]:
        found = compiled(service(port), config=replace(CONFIG, disable_restricted_sg_rules=True)).stacks["shop/net"]
        assert found is not None
        return [(each.protocol, each.port) for each in found.bindings[0].networking or ()]

    assert doors(TCP) == [("TCP", None)]
    assert doors(DNS) == [("TCP", None), ("UDP", None)]


def test_a_gate_creates_load_balancers_without_groups() -> None:
    made = stack(TCP, gates={"NLBSecurityGroup": False})
    assert not made.load_balancers[0].security_groups
    assert not made.security_groups


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


# What AWS refuses --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("port", "given", "code"),
    [
        ({**TCP, "protocol": "SCTP"}, {}, "LB414"),
        (DNS, {"target_group_attributes": "preserve_client_ip.enabled=false"}, "LB404"),
        (TCP, {"target_group_attributes": "stickiness.type=lb_cookie"}, "LB404"),
        (TCP, {"healthcheck_interval": "10", "healthcheck_timeout": "11"}, "LB409"),
        (TCP, {"scheme": "internet-facing", "subnets": "public-a", "eip_allocations": "eip-1"}, "LB407"),
        (TCP, {"disable_nlb_sg": "true", "inbound_sg_rules_on_private_link_traffic": "on"}, "LB415"),
    ],
)
def test_what_aws_refuses_is_foreseen(port: dict[str, Any], given: dict[str, str], code: str) -> None:
    found = built(port, **given)
    assert code in found.codes
    assert not found.errors
    assert code not in built(TCP, healthcheck_interval="10", healthcheck_timeout="10").codes


NTP: dict[str, Any] = {**DNS, "name": "ntp", "port": 123}
SPEAKS_QUIC = {"quic_enabled_ports": "dns", "nlb_target_type": "ip", "disable_nlb_sg": "true"}


@pytest.mark.parametrize(
    ("ports", "given", "expected"),
    [
        ((DNS,), {}, set()),
        ((TCP, DNS), {}, set()),
        ((DNS,), {"disable_nlb_sg": "false"}, {"LB419"}),
        ((DNS, NTP), {}, {"LB421"}),
        ((DNS, NTP), {"quic_enabled_ports": "dns,ntp"}, {"LB421"}),
        ((DNS,), {"nlb_target_type": "instance"}, {"LB422"}),
        ((DNS, DNS_TCP), {"enable_tcp_udp_listener": "true", "disable_nlb_sg": "false"}, {"LB419"}),
    ],
)
def test_what_aws_refuses_of_quic(ports: tuple[dict[str, Any], ...], given: dict[str, str], expected: set[str]) -> None:
    found = built(*ports, **{**SPEAKS_QUIC, **given})
    assert {each for each in found.codes if each.startswith("LB4")} == expected
    assert not found.errors


def test_datagrams_and_dualstack() -> None:
    on = {"enable_prefix_for_ipv6_source_nat": "on"}
    assert "LB423" in six(DNS, **on).codes
    assert "LB423" not in six(TCP, **on).codes
    assert "LB423" not in six(DNS, spec={"ipFamilies": ["IPv6"]}, **on).codes
    assert {"LB420", "LB416", "LB423"} & set(six(DNS, **SPEAKS_QUIC).codes) == {"LB420"}
