"""The ports of a Service → listeners and their actions, with all problems."""

from typing import Any

import pytest
from tests.frontend.service.stand import CERTIFICATE, DNS, DNS_TCP, TCP, built, codes, only, six, stack

from albatross.catalog.problems import remedy
from albatross.model.resources.action import Forward
from albatross.model.resources.stack import Stack


def protocols(found: Stack) -> dict[int, str]:
    return {each.port: each.protocol for each in found.listeners}


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


def test_a_misspelled_target_says_what_it_may_mean() -> None:
    text = '{"type": "forward", "forwardConfig": {"targetGroups": [{"serviceName": "wbe", "servicePort": 80}]}}'
    (problem,) = [each for each in built(TCP, **{"full_actions__TCP_80": text}).problems if each.code == "LB207"]
    assert remedy(problem).endswith("; did you mean web?")


def test_an_action_without_its_config() -> None:
    assert built(TCP, **{"full_actions__TCP_80": '{"type": "forward"}'}).errors == ["LB113"]
    assert built(TCP, **{"full_actions__TCP_80": "{}"}).errors == ["LB112"]


# What AWS refuses --------------------------------------------------------------------------------------------------

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
