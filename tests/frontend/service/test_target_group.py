"""A Service → its target groups, and the rules that let traffic reach their targets, with all problems."""

from dataclasses import replace
from typing import Any

from tests.frontend.service.stand import DNS, TCP, built, codes, only, service, six, stack
from tests.world import CONFIG, Result, compiled


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


# Rules -------------------------------------------------------------------------------------------------------------


def test_rules_of_targets_are_managed_with_given_groups_only_by_request() -> None:
    def networking(**given: str) -> Any:
        (found,) = stack(TCP, **given).bindings
        return found.networking

    assert networking(security_groups="web-sg") is None
    assert networking(security_groups="web-sg", manage_backend_security_group_rules="true")
    assert networking(manage_backend_security_group_rules="false")
    assert built(TCP, manage_backend_security_group_rules="maybe").errors == []


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
