"""Values as a reader says them."""

import pytest

from albatross.model.resources.action import (
    AuthenticateCognito,
    AuthenticateOidc,
    FixedResponse,
    Forward,
    JwtValidation,
    Redirect,
    WeightedTargetGroup,
)
from albatross.model.resources.load_balancer import SubnetMapping
from albatross.model.resources.ref import Ref
from albatross.model.resources.rule import Condition, Transform
from albatross.model.resources.security_group import Permission
from albatross.wording import words

A, B = Ref("TargetGroup", "a", "arn"), "arn:aws:elasticloadbalancing:eu-west-1:1:targetgroup/b/0"
OIDC = AuthenticateOidc(
    issuer="https://id.example.com",
    authorization_endpoint="",
    token_endpoint="",
    user_info_endpoint="",
    client_id="me",
    client_secret="hush",
    on_unauthenticated_request="deny",
    scope="openid",
    session_cookie_name="c",
    session_timeout=1,
)

COGNITO = AuthenticateCognito(
    user_pool_arn="",
    user_pool_client_id="me",
    user_pool_domain="shop",
    on_unauthenticated_request="deny",
    scope="openid",
    session_cookie_name="c",
    session_timeout=1,
)

CASES: list[tuple[object, str]] = [
    (None, "none"),
    ((), "none"),
    (True, "yes"),
    (60, "60"),
    (A, "a"),
    (B, "b/0"),
    ((("a", "1"), ("b", "2")), "a=1, b=2"),
    ((SubnetMapping(subnet_id="subnet-1"),), "subnet id subnet-1"),
    (Permission(from_port=80, to_port=80, cidr="10.0.0.0/8"), "tcp 80 from 10.0.0.0/8"),
    (Permission(from_port=1, to_port=9, source_group=Ref("SecurityGroup", "g", "group_id")), "tcp 1-9 from g"),
    (Condition(field="path-pattern", values=("/a", "/b")), "path-pattern is /a or /b"),
    (Transform("url-rewrite", (("^/a", "/b"),)), "url-rewrite ^/a → /b"),
    (Forward((WeightedTargetGroup(A),)), "forward to a"),
    (Forward((WeightedTargetGroup(A, 3), WeightedTargetGroup(B, 1))), "forward to a (75 %), b/0 (25 %)"),
    (FixedResponse(status_code="503", message_body="later"), "answer 503 'later'"),
    (Redirect(status_code="HTTP_301", protocol="HTTPS", port="443"), "redirect 301 to https://#{host}:443/#{path}"),
    (Redirect(status_code="HTTP_302", path="/x", query="a=1"), "redirect 302 to #{protocol}://#{host}:#{port}/x?a=1"),
    (JwtValidation(jwks_endpoint="", issuer="https://id.example.com"), "validate the JWT of https://id.example.com"),
    (OIDC, "authenticate with https://id.example.com"),
    (COGNITO, "authenticate with Cognito shop"),
]


@pytest.mark.parametrize(("given", "said"), CASES)
def test_values(given: object, said: str) -> None:
    assert words.value(given) == said


def test_a_rule_without_conditions_takes_any_request() -> None:
    assert words.conditions(()) == "any request"
