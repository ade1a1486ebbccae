"""What AWS would refuse, seen before it happens. The rows' own examples are in tests/catalog/problems."""

import json
from typing import Any

import pytest
from tests.world import ACCOUNT, Result, annotated, compiled, paths

SECURE = {"listen-ports": '[{"HTTPS": 443}]', "certificate-arn": ACCOUNT["acm.ListCertificates"][0]["CertificateArn"]}

LEGACY = ACCOUNT["elasticloadbalancingv2.DescribeTargetGroups"][0]["TargetGroupArn"]


def codes(annotations: dict[str, str], **rest: Any) -> list[str]:
    result = compiled(annotated(annotations, **rest))
    assert not result.errors, result.problems
    return result.codes


def action(value: dict[str, Any]) -> list[str]:
    return codes({"actions.go": json.dumps(value)}, spec=paths(("/", "Prefix", "go:use-annotation")))


def redirect(**config: str) -> list[str]:
    return action({"type": "redirect", "redirectConfig": {"statusCode": "HTTP_301", "host": "x.example.com", **config}})


def fixed(**config: str) -> list[str]:
    return action({"type": "fixed-response", "fixedResponseConfig": {"statusCode": "503", **config}})


def forward(*weights: int, **config: Any) -> list[str]:
    groups = [{"targetGroupARN": f"arn:{number}", "weight": weight} for number, weight in enumerate(weights)]
    found = action({"type": "forward", "forwardConfig": {"targetGroups": groups, **config}})
    return [code for code in found if code != "LB321"]  # the account has none of these target groups


def test_what_is_fine_is_not_mentioned() -> None:
    assert codes({}) == []
    assert redirect(port="443", protocol="HTTPS", path="/#{path}", query="a=b") == []
    assert fixed(contentType="text/html", messageBody="x" * 1024) == []
    assert forward(1, 999, targetGroupStickinessConfig={"enabled": True, "durationSeconds": 60}) == []


@pytest.mark.parametrize("config", [{"statusCode": "301"}, {"protocol": "http"}, {"port": "https"}, {"port": "70000"}, {"path": "new"}])
def test_redirects(config: dict[str, str]) -> None:
    assert redirect(**config) == ["LB407"]


def test_redirects_that_are_too_long() -> None:
    assert redirect(path="/" + "a" * 128) == ["LB402"]


def test_fixed_responses() -> None:
    assert fixed(statusCode="99") == ["LB407"]
    assert fixed(contentType="text/xml") == ["LB407"]
    assert fixed(messageBody="x" * 1025) == ["LB402"]


def test_forwards() -> None:
    assert forward(1000) == ["LB405"]
    assert forward(-1) == ["LB405"]
    assert forward(*[1] * 6) == ["LB401"]
    assert forward() == ["LB407"]
    assert forward(1, targetGroupStickinessConfig={"durationSeconds": 604801}) == ["LB405"]


def test_identity_providers() -> None:
    cognito = {**SECURE, "auth-type": "cognito"}
    whole = '{"userPoolARN": "a", "userPoolClientID": "b", "userPoolDomain": "c"}'
    assert codes({**cognito, "auth-idp-cognito": whole}) == []
    assert codes({**cognito, "auth-idp-cognito": "{}"}) == ["LB413"]
    assert codes({**cognito, "auth-idp-cognito": whole, "auth-on-unauthenticated-request": "ask"}) == ["LB407"]
    assert codes({**cognito, "auth-idp-cognito": whole, "auth-session-timeout": "0"}) == ["LB405"]
    secret = json.dumps({"kind": "Secret", "metadata": {"name": "s"}, "data": {"clientID": "YQ==", "clientSecret": "YQ=="}})
    oidc = annotated({**SECURE, "auth-type": "oidc", "auth-idp-oidc": '{"secretName": "s"}'})
    assert compiled(oidc, secret).codes == ["LB413"]


@pytest.mark.parametrize(
    ("annotation", "value", "wanted"),
    [
        ("load-balancer-attributes", "idle_timeout.timeout_seconds=60", []),
        ("load-balancer-attributes", "idle_timeout.timeout_seconds=0", ["LB404"]),
        ("load-balancer-attributes", "idle_timeout=60", ["LB403"]),
        ("load-balancer-attributes", "zzz=1", ["LB403"]),
        ("load-balancer-attributes", "dns_record.client_routing_policy=any_availability_zone", ["LB403"]),
        ("target-group-attributes", "stickiness.enabled=yes", ["LB404"]),
        ("listener-attributes.HTTP-80", "routing.http.response.server.enabled=false", []),
        ("listener-attributes.HTTP-80", "routing.http.request.x_amzn_tls_version.header_name=X", ["LB403"]),
        ("healthcheck-port", "70000", ["LB405"]),
        ("healthcheck-interval-seconds", "301", ["LB405"]),
        ("healthcheck-interval-seconds", "5", ["LB409"]),
        ("healthcheck-timeout-seconds", "121", ["LB405", "LB409"]),
        ("healthy-threshold-count", "1", ["LB405"]),
        ("success-codes", "200,300-399", []),
        ("success-codes", "200-", ["LB406"]),
        ("success-codes", "500", ["LB406"]),
        ("load-balancer-name", "internal-x", ["LB157"]),
        ("load-balancer-name", "-x", ["LB157"]),
        ("load-balancer-name", "", ["LB157"]),
        ("tags", "k=" + "v" * 257, ["LB411"]),
        ("minimum-load-balancer-capacity", "CapacityUnits=0", ["LB408"]),
    ],
)
def test_settings(annotation: str, value: str, wanted: list[str]) -> None:
    assert codes({annotation: value}) == wanted


def test_secure_settings() -> None:
    assert codes({**SECURE, "ssl-policy": "ELBSecurityPolicy-TLS13-1-2-2021-06"}) == []
    assert codes({**SECURE, "ssl-policy": "TLS13"}) == ["LB407"]
    assert codes({**SECURE, "certificate-arn": "arn:a"}) == ["LB407"]
    assert codes({**SECURE, "certificate-arn": "arn:aws:iam::123456789012:server-certificate/a"}) == []
    assert codes({**SECURE, "certificate-arn": SECURE["certificate-arn"] + "0"}) == ["LB319"]


def test_grpc_needs_a_secure_listener() -> None:
    assert codes({"backend-protocol-version": "GRPC"}) == ["LB410"]
    both = {**SECURE, "listen-ports": '[{"HTTP": 80}, {"HTTPS": 443}]', "backend-protocol-version": "GRPC"}
    assert codes(both) == ["LB410"]
    assert codes({**both, "ssl-redirect": "443"}) == []


def test_the_front_is_looked_at_too() -> None:
    given = {
        "enable-frontend-nlb": "true",
        "frontend-nlb-healthcheck-success-codes": "404",
        "frontend-nlb-attributes": "idle_timeout.timeout_seconds=5",
    }
    assert codes(given) == ["LB403"]
    assert codes({"enable-frontend-nlb": "true", "frontend-nlb-healthcheck-success-codes": "x"}) == ["LB406"]


def condition(field: str, **config: Any) -> list[str]:
    names = {"http-header": "httpHeaderConfig", "http-request-method": "httpRequestMethodConfig", "source-ip": "sourceIPConfig"}
    key = {**names, "host-header": "hostHeaderConfig", "query-string": "queryStringConfig", "path-pattern": "pathPatternConfig"}[field]
    return codes({"conditions.web": json.dumps([{"field": field, key: config}])})


@pytest.mark.parametrize(
    ("field", "config", "wanted"),
    [
        ("http-header", {"httpHeaderName": "X-A", "values": ["a*"]}, []),
        ("http-header", {"httpHeaderName": "", "values": ["a"]}, ["LB402"]),
        ("http-header", {"httpHeaderName": "X A", "values": ["a"]}, ["LB407"]),
        ("http-header", {"httpHeaderName": "X", "values": ["a" * 129]}, ["LB402"]),
        ("http-request-method", {"values": ["get"]}, ["LB407"]),
        ("source-ip", {"values": ["10.0.0.1"]}, ["LB407"]),
        ("host-header", {"values": ["a_b c"]}, ["LB407"]),
        ("query-string", {"values": [{"key": "a", "value": "*******"}]}, ["LB401"]),
        ("path-pattern", {"values": ["/ä"]}, ["LB407"]),
    ],
)
def test_conditions(field: str, config: dict[str, Any], wanted: list[str]) -> None:
    assert condition(field, **config) == wanted


def many(count: int) -> Result:
    return compiled(annotated({}, spec=paths(*((f"/{number}", "Exact", "web:80") for number in range(count)))))


def test_rules_over_the_quota_point_at_the_first_too_many() -> None:
    assert many(100).codes == []
    assert many(101).at("LB401") == ["spec.rules[0].http.paths[100]"]


def test_rules_nobody_reaches() -> None:
    catch_all = paths(("/*", "ImplementationSpecific", "web:80"), ("/a", "ImplementationSpecific", "web:80"))
    assert compiled(annotated({}, spec=catch_all)).at("LB412") == ["spec.rules[0].http.paths[1]"]
    twice = {"rules": [*paths(("/a", "Exact", "web:80"))["rules"], *paths(("/a", "Exact", "web:http"), host="WWW.example.com")["rules"]]}
    assert compiled(annotated({}, spec=twice)).at("LB412") == ["spec.rules[1].http.paths[0]"]
    apart = {"rules": [*paths(("/a", "Exact", "web:80"))["rules"], *paths(("/a", "Exact", "web:80"), host="b.example.com")["rules"]]}
    assert codes({}, spec=apart) == []


def test_everything_else_that_is_counted() -> None:
    ports = json.dumps([{"HTTPS": port} for port in range(1, 4)])
    mutual = json.dumps([{"port": port, "mode": "passthrough"} for port in range(1, 4)])
    assert codes({**SECURE, "listen-ports": ports, "mutual-authentication": mutual}) == ["LB401"]
    assert codes({"inbound-cidrs": ",".join(f"10.0.{number}.0/24" for number in range(61))}) == ["LB401"]


def test_problems_are_foreseen_even_where_nothing_can_be_built() -> None:
    result = compiled(annotated({"scheme": "x", "success-codes": "x"}))
    assert result.codes == ["LB104", "LB406"]


def test_a_target_group_stands_once_in_an_action() -> None:
    twice = [{"serviceName": "web", "servicePort": port, "weight": 1} for port in ("80", 80)]
    assert action({"type": "forward", "forwardConfig": {"targetGroups": twice}}) == ["LB407"]
    named = [{"targetGroupARN": LEGACY, "weight": 1}, {"targetGroupARN": LEGACY, "weight": 1}]
    assert action({"type": "forward", "forwardConfig": {"targetGroups": named}}) == ["LB407"]


def test_a_target_group_of_the_account_is_known() -> None:
    assert action({"type": "forward", "targetGroupARN": LEGACY}) == []
    assert action({"type": "forward", "targetGroupARN": LEGACY + "0"}) == ["LB321"]


@pytest.mark.parametrize(
    ("name", "bad", "good"),
    [
        ("customer-owned-ipv4-pool", "p1", "ipv4pool-coip-0a1b"),
        ("ipam-ipv4-pool-id", "i1", "ipam-pool-0a1b"),
    ],
)
def test_address_pools_have_ids(name: str, bad: str, good: str) -> None:
    assert codes({name: bad}) == ["LB407"]
    assert codes({name: good}) == []


def rewrites(*types: str, count: int = 1) -> list[str]:
    fields = {"url-rewrite": "urlRewriteConfig", "host-header-rewrite": "hostHeaderRewriteConfig"}
    some = [{"regex": "^/a", "replace": "/b"}] * count
    return codes({"transforms.web": json.dumps([{"type": kind, fields[kind]: {"rewrites": some}} for kind in types])})


def test_a_rule_takes_one_rewrite_of_a_type() -> None:
    assert rewrites("url-rewrite", "host-header-rewrite") == []
    assert rewrites("url-rewrite", "url-rewrite") == ["LB407"]
    assert rewrites("url-rewrite", count=2) == ["LB407"]


def test_paths_hold_what_patterns_hold() -> None:
    assert codes({}, spec=paths(("/%7Ea", "Prefix", "web:80"))) == ["LB407"]
    assert codes({}, spec=paths(("/~a$/b:c@d", "Prefix", "web:80"))) == []


def test_a_regular_expression_is_not_empty() -> None:
    assert codes({"use-regex-path-match": "true"}, spec=paths(("/", "ImplementationSpecific", "web:80"))) == ["LB402"]
    assert codes({"use-regex-path-match": "true"}, spec=paths(("/^/a$", "ImplementationSpecific", "web:80"))) == []
