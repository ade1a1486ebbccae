"""From Describe answers to Envoy's files, whole: one folder of goldens."""

import json
from pathlib import Path
from typing import Any

import pytest
from packages.sandbox.tests.envoy.conftest import Account

from albatross_sandbox.envoy import config, read, route
from albatross_sandbox.envoy.address import Ledger

GOLDEN = Path(__file__).parent / "golden"
Json = dict[str, Any]
NOT_FOUND: Json = {"Type": "fixed-response", "FixedResponseConfig": {"StatusCode": "404", "ContentType": "text/plain"}}


def application(account: Account) -> None:
    """An HTTP listener with each kind of condition and action."""
    lb = account.balancer()
    sticky = {"stickiness.enabled": "true", "stickiness.type": "lb_cookie", "stickiness.lb_cookie.duration_seconds": "60"}
    blue = account.group("blue", [("10.0.0.1", 80, "healthy"), ("10.0.0.2", 80, "draining")], attributes=sticky, LoadBalancerArns=[lb])
    green = account.group("green", [("10.0.0.3", 80, "unhealthy")], protocol="HTTPS", ProtocolVersion="GRPC")
    listener = account.listener(lb, 80, NOT_FOUND, attributes={"routing.http.response.x_frame_options.header_value": "DENY"})
    weights = [{"TargetGroupArn": blue, "Weight": 9}, {"TargetGroupArn": green, "Weight": 1}]
    conditions = [
        {"Field": "host-header", "HostHeaderConfig": {"Values": ["*.example.com"]}},
        {"Field": "path-pattern", "PathPatternConfig": {"Values": ["/a/*", "/b?"]}},
        {"Field": "http-header", "HttpHeaderConfig": {"HttpHeaderName": "X-Env", "Values": ["prod"]}},
        {"Field": "query-string", "QueryStringConfig": {"Values": [{"Key": "v", "Value": "1*"}]}},
        {"Field": "source-ip", "SourceIpConfig": {"Values": ["10.0.0.0/9"]}},
    ]
    forward = {"TargetGroups": weights, "TargetGroupStickinessConfig": {"Enabled": True, "DurationSeconds": 30}}
    account.rule(listener, 2, conditions, {"Type": "forward", "ForwardConfig": forward})
    account.rule(
        listener,
        1,
        [{"Field": "path-pattern", "PathPatternConfig": {"RegexValues": ["^/old/"]}}],
        {"Type": "forward", "TargetGroupArn": blue},
        transforms=[{"Type": "url-rewrite", "UrlRewriteConfig": {"Rewrites": [{"Regex": "^/old/(.*)", "Replace": "/new/$1"}]}}],
    )
    account.listener(lb, 8080, {"Type": "redirect", "RedirectConfig": {"Protocol": "HTTPS", "Port": "443", "StatusCode": "HTTP_301"}})


def network(account: Account) -> None:
    """TCP, UDP and both, weighted, and with the PROXY protocol."""
    lb = account.balancer("net", kind="network")
    one = account.group("one", [("10.0.0.1", 53, "healthy")], protocol="TCP_UDP", attributes={"proxy_protocol_v2.enabled": "true"})
    two = account.group(
        "two", [("10.0.0.2", 53, "healthy")], protocol="TCP", attributes={"stickiness.enabled": "true", "stickiness.type": "source_ip"}
    )
    account.listener(lb, 53, {"Type": "forward", "TargetGroupArn": one}, protocol="TCP_UDP")
    weights = [{"TargetGroupArn": one, "Weight": 1}, {"TargetGroupArn": two, "Weight": 3}]
    account.listener(lb, 54, {"Type": "forward", "ForwardConfig": {"TargetGroups": weights}}, protocol="TCP")
    account.listener(lb, 55, {"Type": "forward", "TargetGroupArn": one}, protocol="QUIC")


def instances(account: Account) -> None:
    """Instance targets, one of which nobody knows; and a load balancer type that carries nothing."""
    lb = account.balancer()
    group = account.group("nodes", [("i-1", 30080, "healthy"), ("i-2", 30080, "healthy")], TargetType="instance")
    account.raw["instances"] = {"i-1": "10.0.0.7"}
    account.listener(lb, 80, {"Type": "forward", "TargetGroupArn": group})
    account.balancer("gw", kind="gateway")


@pytest.mark.parametrize("case", [application, network, instances], ids=lambda case: case.__name__)
def test_golden(case: Any, account: Account, update: bool, tmp_path: Path) -> None:
    case(account)
    state = read.read(account.recorded())
    rendered = config.render(state, Ledger("127.9.0.0/16", tmp_path / "a.json", lambda *_: True).places(state), "/run/envoy")
    files = {name: response["resources"] for name, response in rendered.files.items()}
    text = json.dumps({"warnings": rendered.warnings, "files": files}, indent=1, sort_keys=True)
    text = text.replace(json.dumps(script()), '"(filter.lua)"') + "\n"
    golden = GOLDEN / f"{case.__name__}.json"
    if update:
        golden.parent.mkdir(exist_ok=True)
        golden.write_text(text, "utf-8")
    assert text == golden.read_text("utf-8")


def script() -> str:
    return (Path(config.__file__).parent / "filter.lua").read_text("utf-8")


def test_nothing_renders_to_nothing() -> None:
    rendered = config.render(read.read(read.Answers()), {}, "/run/envoy")
    assert {name: response["resources"] for name, response in rendered.files.items()} == {
        "lds.json": [],
        "cds.json": [],
        "rds.json": [route.configuration([])],
    }


def test_the_order_of_answers_does_not_matter(account: Account, tmp_path: Path) -> None:
    application(account)
    network(account)
    answers = [account.recorded()]
    for key in ("load_balancers", "target_groups"):
        account.raw[key].reverse()
    answers.append(account.recorded())
    states = [read.read(each) for each in answers]
    places = Ledger("127.9.0.0/16", tmp_path / "a.json", lambda *_: True).places(states[0])
    first, second = (config.render(state, places, "/run/envoy") for state in states)
    assert first.files == second.files


def test_keys_are_never_shown(account: Account) -> None:
    account.raw["keys"] = {"arn": {"certificate": "CERT", "private_key": "SECRET", "chain": None}}
    assert "SECRET" not in repr(read.read(account.recorded()))
