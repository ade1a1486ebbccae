"""Target groups, their health checks and attributes."""

from typing import Any

import pytest

Account = Any
pytestmark = pytest.mark.xdist_group("sandbox-aws")  # one account serves them all


def test_same_settings_give_the_same_group(account: Account) -> None:
    first = account.target_group()
    again = account.target_group(Name=first["TargetGroupName"])
    assert again["TargetGroupArn"] == first["TargetGroupArn"]
    assert account.code(account.target_group, Name=first["TargetGroupName"], Port=81) == "DuplicateTargetGroupName"


WEB = {
    "HealthCheckEnabled": True,
    "HealthCheckProtocol": "HTTP",
    "HealthCheckPort": "traffic-port",
    "HealthCheckIntervalSeconds": 30,
    "HealthCheckTimeoutSeconds": 5,
    "HealthyThresholdCount": 5,
    "UnhealthyThresholdCount": 2,
    "HealthCheckPath": "/",
    "Matcher": {"HttpCode": "200"},
}
TCP = {"HealthCheckProtocol": "TCP", "HealthCheckTimeoutSeconds": 10, "HealthCheckPath": None, "Matcher": None, "ProtocolVersion": None}


@pytest.mark.parametrize(
    ("given", "wanted"),
    [
        ({}, {**WEB, "ProtocolVersion": "HTTP1", "IpAddressType": "ipv4"}),
        ({"ProtocolVersion": "GRPC"}, {**WEB, "HealthCheckPath": "/AWS.ALB/healthcheck", "Matcher": {"GrpcCode": "12"}}),
        ({"Protocol": "TCP"}, TCP),
        ({"Protocol": "UDP"}, TCP),
        ({"Protocol": "TCP", "HealthCheckProtocol": "HTTP"}, {"HealthCheckTimeoutSeconds": 6, "Matcher": {"HttpCode": "200-399"}}),
        (
            {"Protocol": "TCP", "TargetType": "alb"},
            {"HealthCheckProtocol": "HTTP", "HealthCheckPath": "/", "Matcher": {"HttpCode": "200-399"}},
        ),
        ({"Protocol": "GENEVE", "Port": 6081}, {"HealthCheckProtocol": "TCP", "HealthCheckPort": "80", "HealthCheckIntervalSeconds": 10}),
        ({"IpAddressType": "ipv6"}, {"IpAddressType": "ipv6"}),
    ],
)
def test_defaults(account: Account, given: dict[str, Any], wanted: dict[str, Any]) -> None:
    made = account.target_group(**given)
    assert {key: made.get(key) for key in wanted} == wanted


def test_lambda_groups_have_no_port(account: Account) -> None:
    made = account.elb.create_target_group(Name=account.name("fn"), TargetType="lambda")["TargetGroups"][0]
    assert made["HealthCheckEnabled"] is False
    assert (made["HealthCheckIntervalSeconds"], made["HealthCheckTimeoutSeconds"]) == (35, 30)
    assert "Port" not in made
    assert account.code(account.target_group, TargetType="lambda") == "ValidationError"


@pytest.mark.parametrize(
    ("given", "wanted"),
    [
        ({"Name": "a_b"}, "ValidationError"),
        ({"Name": "a" * 33}, "ValidationError"),
        ({"VpcId": "vpc-1"}, "ValidationError"),
        ({"HealthCheckIntervalSeconds": 3}, "ValidationError"),
        ({"HealthCheckIntervalSeconds": 301}, "ValidationError"),
        ({"HealthCheckTimeoutSeconds": 121}, "ValidationError"),
        ({"HealthCheckIntervalSeconds": 10, "HealthCheckTimeoutSeconds": 10}, "ValidationError"),
        ({"HealthyThresholdCount": 11}, "ValidationError"),
        ({"UnhealthyThresholdCount": 1}, "ValidationError"),
        ({"HealthCheckPath": "ping"}, "ValidationError"),
        ({"HealthCheckPort": "http"}, "ValidationError"),
        ({"HealthCheckProtocol": "TCP"}, "ValidationError"),
        ({"Matcher": {"HttpCode": "600"}}, "ValidationError"),
        ({"Matcher": {"HttpCode": "2xx"}}, "ValidationError"),
        ({"Matcher": {"GrpcCode": "0"}}, "ValidationError"),
        ({"Protocol": "TCP", "ProtocolVersion": "HTTP2"}, "ValidationError"),
        ({"ProtocolVersion": "HTTP3"}, "ValidationError"),
        ({"HealthCheckEnabled": False}, "InvalidConfigurationRequest"),
        ({"Protocol": "HTTP", "TargetType": "alb"}, "InvalidConfigurationRequest"),
    ],
)
def test_refuses(account: Account, given: dict[str, Any], wanted: str) -> None:
    assert account.code(account.target_group, **given) == wanted


def test_health_check_changes_in_place(account: Account) -> None:
    arn = account.target_group()["TargetGroupArn"]
    change = account.elb.modify_target_group
    made = change(TargetGroupArn=arn, HealthCheckPath="/ping", Matcher={"HttpCode": "200-299"})["TargetGroups"][0]
    assert (made["HealthCheckPath"], made["Matcher"], made["HealthCheckIntervalSeconds"]) == ("/ping", {"HttpCode": "200-299"}, 30)
    assert account.code(change, TargetGroupArn=arn, HealthCheckTimeoutSeconds=30) == "ValidationError"
    assert account.code(change, TargetGroupArn=arn + "x") == "TargetGroupNotFound"


def test_is_found_by_name_arn_and_balancer(account: Account) -> None:
    group, lb = account.target_group(), account.load_balancer()
    account.listener(lb, DefaultActions=[{"Type": "forward", "TargetGroupArn": group["TargetGroupArn"]}])
    find = account.elb.describe_target_groups
    for by in (
        {"Names": [group["TargetGroupName"]]},
        {"TargetGroupArns": [group["TargetGroupArn"]]},
        {"LoadBalancerArn": lb["LoadBalancerArn"]},
    ):
        assert [(row["TargetGroupArn"], row["LoadBalancerArns"]) for row in find(**by)["TargetGroups"]] == [
            (group["TargetGroupArn"], [lb["LoadBalancerArn"]])
        ]
    assert account.code(find, Names=["nobody"]) == "TargetGroupNotFound"
    assert account.code(find, LoadBalancerArn=lb["LoadBalancerArn"] + "x") == "LoadBalancerNotFound"


def attributes(account: Account, arn: str) -> dict[str, str]:
    rows = account.elb.describe_target_group_attributes(TargetGroupArn=arn)["Attributes"]
    return {row["Key"]: row["Value"] for row in rows}


@pytest.mark.parametrize(
    ("given", "wanted"),
    [
        (
            {},
            {"stickiness.type": "lb_cookie", "deregistration_delay.timeout_seconds": "300", "load_balancing.algorithm.type": "round_robin"},
        ),
        (
            {"Protocol": "TCP"},
            {"preserve_client_ip.enabled": "false", "stickiness.type": "source_ip", "proxy_protocol_v2.enabled": "false"},
        ),
        ({"Protocol": "TCP", "TargetType": "instance"}, {"preserve_client_ip.enabled": "true"}),
        ({"Protocol": "UDP"}, {"preserve_client_ip.enabled": "true", "deregistration_delay.connection_termination.enabled": "true"}),
    ],
)
def test_attribute_defaults(account: Account, given: dict[str, Any], wanted: dict[str, str]) -> None:
    held = attributes(account, account.target_group(**given)["TargetGroupArn"])
    assert {key: held[key] for key in wanted} == wanted


@pytest.mark.parametrize(
    ("changes", "wanted"),
    [
        ({"deregistration_delay.timeout_seconds": "30"}, ""),
        ({"deregistration_delay.timeout_seconds": "3601"}, "ValidationError"),
        ({"slow_start.duration_seconds": "29"}, "ValidationError"),
        ({"slow_start.duration_seconds": "30"}, ""),
        (
            {"slow_start.duration_seconds": "30", "load_balancing.algorithm.type": "least_outstanding_requests"},
            "InvalidConfigurationRequest",
        ),
        ({"load_balancing.algorithm.anomaly_mitigation": "on"}, "InvalidConfigurationRequest"),
        ({"load_balancing.algorithm.anomaly_mitigation": "on", "load_balancing.algorithm.type": "weighted_random"}, ""),
        ({"stickiness.enabled": "true", "stickiness.type": "app_cookie"}, "ValidationError"),
        ({"stickiness.app_cookie.cookie_name": "AWSALB"}, "ValidationError"),
        ({"stickiness.enabled": "yes"}, "ValidationError"),
        ({"nonsense": "1"}, "ValidationError"),
        ({"proxy_protocol_v2.enabled": "true"}, "ValidationError"),
    ],
)
def test_attribute_values(account: Account, changes: dict[str, str], wanted: str) -> None:
    arn = account.target_group()["TargetGroupArn"]
    rows = [{"Key": key, "Value": value} for key, value in changes.items()]
    assert account.code(account.elb.modify_target_group_attributes, TargetGroupArn=arn, Attributes=rows) == wanted
    held = attributes(account, arn)
    assert all((held.get(key) == value) == (not wanted) for key, value in changes.items())


def test_balancer_and_listener_attributes(account: Account) -> None:
    lb = account.load_balancer(Scheme="internal")
    rows = account.elb.describe_load_balancer_attributes(LoadBalancerArn=lb["LoadBalancerArn"])["Attributes"]
    held = {row["Key"]: row["Value"] for row in rows}
    assert len(held) == 23
    assert (held["idle_timeout.timeout_seconds"], held["ipv6.deny_all_igw_traffic"]) == ("60", "true")
    wrong = [{"Key": "idle_timeout.timeout_seconds", "Value": "4001"}]
    change = account.elb.modify_load_balancer_attributes
    assert account.code(change, LoadBalancerArn=lb["LoadBalancerArn"], Attributes=wrong) == "ValidationError"
    logs = [{"Key": "access_logs.s3.enabled", "Value": "true"}]
    assert account.code(change, LoadBalancerArn=lb["LoadBalancerArn"], Attributes=logs) == "InvalidConfigurationRequest"
    listener = account.listener(lb)["ListenerArn"]
    told = account.elb.describe_listener_attributes(ListenerArn=listener)["Attributes"]
    assert {"Key": "routing.http.response.server.enabled", "Value": "true"} in told
    off = [{"Key": "routing.http.response.server.enabled", "Value": "false"}]
    assert off[0] in account.elb.modify_listener_attributes(ListenerArn=listener, Attributes=off)["Attributes"]
