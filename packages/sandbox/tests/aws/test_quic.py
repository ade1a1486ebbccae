"""QUIC: server ids of targets, and the listeners that a load balancer can have beside each other."""

from typing import Any

import pytest

Account = Any
pytestmark = pytest.mark.xdist_group("sandbox-aws")
ONE, TWO = "0x0123456789abcdef", "0x00000000000000ff"
REFUSED = "InvalidConfigurationRequest"


def group(account: Account, protocol: str = "QUIC", **more: Any) -> str:
    return str(account.target_group(Protocol=protocol, TargetType="ip", **more)["TargetGroupArn"])


def forward(arn: str) -> list[dict[str, Any]]:
    return [{"Type": "forward", "TargetGroupArn": arn}]


def target(account: Account, server_id: str | None, index: int = 0) -> dict[str, Any]:
    found = {"Id": account.ready["nodes"][index]["private_ip"], "Port": 443}
    return found if server_id is None else {**found, "QuicServerId": server_id}


def ids(account: Account, arn: str) -> list[tuple[str | None, str]]:
    rows = account.elb.describe_target_health(TargetGroupArn=arn)["TargetHealthDescriptions"]
    return [(row["Target"].get("QuicServerId"), row["TargetHealth"]["State"]) for row in rows]


def test_targets_need_a_server_id(account: Account) -> None:
    def refused(arn: str, server_id: str | None, index: int = 0) -> str:
        return str(account.code(account.elb.register_targets, TargetGroupArn=arn, Targets=[target(account, server_id, index)]))

    arn, plain = group(account), group(account, "UDP")
    assert refused(plain, ONE) == "ValidationError"
    assert [refused(arn, each) for each in (None, "0xABCDEF0123456789", "0123456789abcdef", "0x1")] == ["ValidationError"] * 4
    account.elb.register_targets(TargetGroupArn=arn, Targets=[target(account, ONE)])
    assert refused(arn, ONE, 1) == "ValidationError"  # another target has it
    assert refused(arn, TWO) == "ValidationError"  # it cannot be modified
    account.elb.register_targets(TargetGroupArn=arn, Targets=[target(account, ONE)])
    assert ids(account, arn) == [(ONE, "unused")]
    account.elb.deregister_targets(TargetGroupArn=arn, Targets=[target(account, ONE)])
    account.elb.register_targets(TargetGroupArn=arn, Targets=[target(account, TWO)])
    assert ids(account, arn) == [(TWO, "unused")]


def test_what_is_beside_a_quic_listener(account: Account) -> None:
    lb = account.load_balancer(Type="network")
    quic, udp, tcp, both = (forward(group(account, each)) for each in ("QUIC", "UDP", "TCP", "TCP_QUIC"))
    account.listener(lb, Port=80, Protocol="TCP", DefaultActions=tcp)
    made = account.listener(lb, Port=443, Protocol="QUIC", DefaultActions=quic)["ListenerArn"]
    assert account.code(account.listener, lb=lb, Port=53, Protocol="UDP", DefaultActions=udp) == REFUSED
    assert account.code(account.listener, lb=lb, Port=444, Protocol="TCP_QUIC", DefaultActions=both) == REFUSED
    assert account.code(account.elb.set_ip_address_type, LoadBalancerArn=lb["LoadBalancerArn"], IpAddressType="dualstack") == REFUSED
    account.elb.modify_listener(ListenerArn=made, Port=445)
    account.elb.delete_listener(ListenerArn=made)
    account.listener(lb, Port=53, Protocol="UDP", DefaultActions=udp)
    assert account.code(account.listener, lb=lb, Port=443, Protocol="QUIC", DefaultActions=quic) == REFUSED


def test_quic_goes_with_neither_security_groups_nor_dualstack(account: Account) -> None:
    guarded = account.load_balancer(Type="network", SecurityGroups=[account.ready["security_groups"]["node"]])
    dual = account.load_balancer(Type="network", IpAddressType="dualstack")
    for lb in (guarded, dual):
        assert account.code(account.listener, lb=lb, Port=443, Protocol="QUIC", DefaultActions=forward(group(account))) == REFUSED


def test_datagrams_of_a_dualstack_load_balancer(account: Account) -> None:
    bare = account.load_balancer(Type="network", IpAddressType="dualstack")
    prefixed = account.load_balancer(Type="network", IpAddressType="dualstack", EnablePrefixForIpv6SourceNat="on")
    four, six = forward(group(account, "UDP")), forward(group(account, "UDP", IpAddressType="ipv6"))
    assert account.code(account.listener, lb=bare, Port=53, Protocol="UDP", DefaultActions=six) == REFUSED
    assert account.code(account.listener, lb=prefixed, Port=53, Protocol="UDP", DefaultActions=four) == REFUSED
    account.listener(prefixed, Port=53, Protocol="UDP", DefaultActions=six)


def test_a_tcp_listener_forwards_to_tcp_udp(account: Account) -> None:
    lb = account.load_balancer(Type="network")
    account.listener(lb, Port=53, Protocol="TCP", DefaultActions=forward(group(account, "TCP_UDP")))
    both = forward(group(account, "TCP"))
    assert account.code(account.listener, lb=lb, Port=54, Protocol="TCP_UDP", DefaultActions=both) == "IncompatibleProtocols"
