"""Which rule a request meets."""

import pytest

from albatross.catalog.tracking import INGRESS
from albatross.model.resources.action import (
    AuthenticateCognito,
    AuthenticateOidc,
    FixedResponse,
    Forward,
    JwtValidation,
    Redirect,
    WeightedTargetGroup,
)
from albatross.model.resources.listener import Listener
from albatross.model.resources.ref import Ref
from albatross.model.resources.rule import Condition, Rule, Transform
from albatross.model.resources.stack import Stack, StackId
from albatross.traffic import HttpRequest, answer, describe, holds, location, rewritten, trace, why_not

LOAD_BALANCER = Ref("LoadBalancer", "LoadBalancer", "arn")
NOT_FOUND = FixedResponse(status_code="404", content_type="text/plain")


def listener(port: int = 80, protocol: str = "HTTP") -> Listener:
    return Listener(id=str(port), load_balancer=LOAD_BALANCER, port=port, protocol=protocol, default_actions=(NOT_FOUND,))


def rule(priority: int, *conditions: Condition, transforms: tuple[Transform, ...] = ()) -> Rule:
    forward = Forward((WeightedTargetGroup(f"tg-{priority}"),))
    return Rule(
        id=f"80:{priority}",
        listener=Ref("Listener", "80", "arn"),
        priority=priority,
        actions=(forward,),
        conditions=conditions,
        transforms=transforms,
    )


def stack(*rules: Rule) -> Stack:
    return Stack(id=StackId(INGRESS, "shop", "app"), listeners=(listener(),), rules=rules)


HOST = Condition(field="host-header", values=("www.example.com", "*.example.org"))
PATH = Condition(field="path-pattern", values=("/api", "/api/*"))


@pytest.mark.parametrize(
    ("condition", "url", "expected"),
    [
        (HOST, "http://WWW.example.com/", True),
        (HOST, "http://www.example.com:8080/", True),
        (HOST, "http://a.b.example.org/", True),
        (HOST, "http://example.org/", False),
        (PATH, "http://h/api", True),
        (PATH, "http://h/api/v1?x=/y", True),
        (PATH, "http://h/apis", False),
        (PATH, "http://h/API", False),
        (Condition(field="path-pattern", values=("/a?c",)), "http://h/abc", True),
        (Condition(field="path-pattern", values=("/a?c",)), "http://h/ac", False),
        (Condition(field="path-pattern", values=("/a.c",)), "http://h/abc", False),
        (Condition(field="path-pattern", regex_values=("^/v[12]/",)), "http://h/v2/x", True),
        (Condition(field="path-pattern", regex_values=("^/v[12]/",)), "http://h/v3/x", False),
        (Condition(field="query-string", query=(("a", "1"),)), "http://h/?b=2&A=1", True),
        (Condition(field="query-string", query=((None, "1*"),)), "http://h/?z=12", True),
        (Condition(field="query-string", query=(("a", "x\\*"),)), "http://h/?a=x*", True),
        (Condition(field="query-string", query=(("a", "x\\*"),)), "http://h/?a=xy", False),
        (Condition(field="query-string", query=(("a", "*"),)), "http://h/", False),
        (Condition(field="something-new"), "http://h/", False),
    ],
)
def test_conditions_by_url(condition: Condition, url: str, expected: bool) -> None:
    assert holds(condition, HttpRequest.of("GET", url)) is expected


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        (Condition(field="http-header", header="X-Env", values=("Can*",)), True),
        (Condition(field="http-header", header="x-other", values=("*",)), False),
        (Condition(field="http-request-method", values=("POST",)), True),
        (Condition(field="http-request-method", values=("post",)), False),
        (Condition(field="source-ip", values=("10.0.0.0/8",)), True),
        (Condition(field="source-ip", values=("192.168.0.0/16", "::/0")), False),
    ],
)
def test_conditions_by_the_rest(condition: Condition, expected: bool) -> None:
    assert holds(condition, HttpRequest.of("POST", "http://h/", [("x-env", "canary")], "10.1.2.3")) is expected


def test_the_first_rule_by_priority_wins_and_the_others_say_why_not() -> None:
    found = trace(stack(rule(2, PATH), rule(1, HOST), rule(3)), HttpRequest.of("GET", "http://h/api"))
    assert found.rule is not None
    assert [(s.rule.priority, s.misses) for s in found.steps] == [(1, (HOST,)), (2, ())]
    assert answer(found.actions[0], found.request) == "forward to tg-2"


def test_without_a_rule_the_default_answers() -> None:
    found = trace(stack(rule(1, HOST)), HttpRequest.of("GET", "http://h/"))
    assert (found.rule, found.actions) == (None, (NOT_FOUND,))


@pytest.mark.parametrize("url", ["https://h:80/", "http://h:81/"])
def test_nothing_listens_there(url: str) -> None:
    assert trace(stack(), HttpRequest.of("GET", url)).listener is None


def test_a_host_header_wins_over_the_url() -> None:
    assert HttpRequest.of("GET", "http://10.0.0.1/", [("Host", "www.example.com:80")]).host == "www.example.com"


@pytest.mark.parametrize("url", ["ftp://h/", "http:///x"])
def test_a_url_that_is_none_is_refused(url: str) -> None:
    with pytest.raises(ValueError, match="not an http"):
        HttpRequest.of("GET", url)


@pytest.mark.parametrize(
    ("redirect", "expected"),
    [
        (Redirect(status_code="HTTP_301", protocol="HTTPS", port="443"), "https://h:443/a/b?q=1"),
        (Redirect(status_code="HTTP_302", host="aws.#{host}", path="/x/#{path}", query="k=v&#{query}"), "http://aws.h:80/x/a/b?k=v&q=1"),
        (Redirect(status_code="HTTP_302", query="", path="/"), "http://h:80/"),
    ],
)
def test_locations(redirect: Redirect, expected: str) -> None:
    assert location(redirect, HttpRequest.of("GET", "http://h/a/b?q=1")) == expected


def test_every_action_reads_as_one_line() -> None:
    request = HttpRequest.of("GET", "http://h/")
    cognito = AuthenticateCognito(
        user_pool_arn="a",
        user_pool_client_id="c",
        user_pool_domain="d",
        on_unauthenticated_request="deny",
        scope="s",
        session_cookie_name="n",
        session_timeout=1,
    )
    oidc = AuthenticateOidc(
        issuer="https://i",
        authorization_endpoint="a",
        token_endpoint="t",
        user_info_endpoint="u",
        client_id="id",
        client_secret="hidden",
        on_unauthenticated_request="deny",
        scope="s",
        session_cookie_name="n",
        session_timeout=1,
    )
    weighted = Forward((WeightedTargetGroup("a", 1), WeightedTargetGroup(Ref("TargetGroup", "b", "arn"), 2)))
    lines = [
        answer(a, request)
        for a in (
            weighted,
            FixedResponse(status_code="503", message_body="gone"),
            NOT_FOUND,
            Redirect(status_code="HTTP_301"),
            cognito,
            oidc,
            JwtValidation(jwks_endpoint="j", issuer="i"),
        )
    ]
    assert lines[:3] == ["forward to a (weight 1), b (weight 2)", "answer 503 'gone'", "answer 404"]
    assert lines[3] == "redirect 301 to http://h:80/"
    assert not any("hidden" in line for line in lines)


@pytest.mark.parametrize(
    ("condition", "text"),
    [
        (HOST, "host-header is www.example.com or *.example.org, not h"),
        (Condition(field="path-pattern", regex_values=("^/v",)), "path-pattern is /^/v/, not /"),
        (Condition(field="http-header", header="X", values=("1",)), "http-header X is 1, not no such header"),
        (Condition(field="http-request-method", values=("PUT",)), "http-request-method is PUT, not GET"),
        (Condition(field="query-string", query=(("a", "1"), (None, "2"))), "query-string has a=1 or 2, not no query"),
        (Condition(field="source-ip", values=("10.0.0.0/8",)), "source-ip is 10.0.0.0/8, not 127.0.0.1"),
    ],
)
def test_a_miss_says_what_the_request_has(condition: Condition, text: str) -> None:
    assert why_not(condition, HttpRequest.of("GET", "http://h/")) == text


def test_transforms_rewrite_host_and_url() -> None:
    changed = rewritten(
        rule(
            1,
            transforms=(
                Transform("host-header-rewrite", ((r"^(.+)\.example\.com$", "$1.internal"),)),
                Transform("url-rewrite", (("^/api/?(.*)$", "/$1"),)),
            ),
        ),
        HttpRequest.of("GET", "http://www.example.com/api/v1?x=1"),
    )
    assert changed.url == "http://www.internal/v1?x=1"


def test_describe_names_the_header() -> None:
    assert describe(Condition(field="http-header", header="X", values=("1", "2"))) == "http-header X is 1 or 2"
