"""Expressions, stickiness and open ports, beyond the examples of the problem table."""

import json
from typing import Any

import pytest
from tests.world import ACCOUNT, annotated, compiled, paths

BOTH = {
    "listen-ports": '[{"HTTP": 80}, {"HTTPS": 443}]',
    "certificate-arn": ACCOUNT["acm.ListCertificates"][0]["CertificateArn"],
}
POOL = '{"userPoolARN": "arn:a", "userPoolClientID": "b", "userPoolDomain": "c"}'


def rewrite(regex: str, replace: str = "/") -> list[str]:
    config = {"rewrites": [{"regex": regex, "replace": replace}]}
    return compiled(annotated({"transforms.web": json.dumps([{"type": "url-rewrite", "urlRewriteConfig": config}])})).codes


@pytest.mark.parametrize("regex", ["^/a$", r"^/a\.b$", "[(?=]", r"\(?=", "(?:a|b)", "(?i)a", r"\d+"])
def test_expressions_that_aws_supports(regex: str) -> None:
    assert rewrite(regex) == []


@pytest.mark.parametrize("regex", ["(?=a)", "(?!a)", "(?<=a)", "(?<!a)", r"(a)\1"])
def test_expressions_that_aws_does_not_support(regex: str) -> None:
    assert rewrite(regex) == ["LB430"]


def test_groups() -> None:
    assert rewrite("^/(a)/(b)$", "/$2/$1") == []
    assert rewrite("^/(a)$", "/$1/$2/$3") == ["LB431"]


def test_an_expression_of_another_engine_is_not_judged() -> None:
    assert rewrite("(?P<a", "/$2") == []


def test_a_backslash_in_a_header_may_be_meant() -> None:
    condition = [{"field": "http-header", "httpHeaderConfig": {"httpHeaderName": "X", "regexValues": [r"a\\b"]}}]
    assert compiled(annotated({"conditions.web": json.dumps(condition)})).codes == []


def weighted(stickiness: Any, attributes: str) -> list[str]:
    groups = [{"serviceName": "web", "servicePort": "80", "weight": 1}, {"targetGroupARN": "arn:a", "weight": 1}]
    forward = {"targetGroups": groups, "targetGroupStickinessConfig": stickiness}
    action = json.dumps({"type": "forward", "forwardConfig": forward})
    own = {"actions.go": action, "target-group-attributes": attributes}
    codes = compiled(annotated(own, spec=paths(("/", "Prefix", "go:use-annotation")))).codes
    return [code for code in codes if code != "LB321"]  # the account does not have that target group


def test_sticky_targets() -> None:
    assert weighted({"enabled": False}, "stickiness.enabled=true") == ["LB433"]
    assert weighted({"enabled": True, "durationSeconds": 60}, "stickiness.enabled=true") == []
    assert weighted({"enabled": False}, "stickiness.enabled=false") == []


def test_a_default_backend_is_open_too() -> None:
    spec = {"defaultBackend": {"service": {"name": "web", "port": {"number": 80}}}}
    checked = {**BOTH, "auth-type": "cognito", "auth-idp-cognito": POOL}
    assert compiled(annotated(checked, spec=spec)).codes == ["LB434"]


def test_tokens_are_checked_on_secure_ports_only() -> None:
    jwt = json.dumps({"jwksEndpoint": "https://a.example/jwks", "issuer": "https://a.example"})
    found = compiled(annotated({**BOTH, "jwt-validation": jwt})).problems
    assert [dict(each.args)["what"] for each in found if each.code == "LB434"] == ["jwt-validation"]


def test_a_redirect_of_the_group_takes_no_rule_of_a_secure_member() -> None:
    assert compiled(annotated({**BOTH, "ssl-redirect": "443"})).codes == []


def test_an_attribute_in_the_wrong_place_is_sent_to_the_right_one() -> None:
    key = "routing.http.response.x_frame_options.header_value"
    (found,) = compiled(annotated({"load-balancer-attributes": f"{key}=DENY"})).problems
    assert (found.code, "listener-attributes" in dict(found.args)["hint"]) == ("LB403", True)


@pytest.mark.parametrize(("name", "hint"), [("port", "listen-ports"), ("listener-attributes", "listener-attributes.HTTP-80")])
def test_an_unknown_annotation_names_its_successor(name: str, hint: str) -> None:
    (found,) = compiled(annotated({name: "80"})).problems
    assert (found.code, hint in dict(found.args)["hint"]) == ("LB131", True)
