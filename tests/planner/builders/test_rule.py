"""Redirects: those to themselves are left out, and so is what they shadow."""

import json

import pytest
from tests.world import Result, annotated, compiled, paths

from albatross.model.resources.action import Redirect


def ruled(config: dict[str, str], *given: tuple[str, str, str], conditions: object = None, regex: str = "false") -> Result:
    action = {"type": "redirect", "redirectConfig": {"statusCode": "HTTP_301", **config}}
    annotations = {"actions.go": json.dumps(action), "use-regex-path-match": regex}
    if conditions:
        annotations["conditions.go"] = json.dumps(conditions)
    return compiled(annotated(annotations, spec=paths(*(given or (("/a", "Exact", "go:use-annotation"),)))))


def redirects(result: Result) -> bool:
    return any(isinstance(rule.actions[0], Redirect) for rule in result.stack.rules)


@pytest.mark.parametrize(
    ("config", "kept"),
    [
        ({}, False),
        ({"host": "#{host}", "path": "/#{path}", "port": "#{port}", "protocol": "#{protocol}", "query": "#{query}"}, False),
        ({"host": "www.example.com", "path": "/a", "port": "80", "protocol": "HTTP"}, False),
        ({"host": "b.example.com"}, True),
        ({"path": "#{path}"}, True),
        ({"path": "/b"}, True),
        ({"port": "443"}, True),
        ({"protocol": "HTTPS"}, True),
        ({"query": ""}, True),
    ],
)
def test_a_redirect_to_itself(config: dict[str, str], kept: bool) -> None:
    result = ruled(config)
    assert redirects(result) is kept
    assert bool({"LB167", "LB436"} & set(result.codes)) is not kept


def test_a_regular_expression_never_leads_to_itself() -> None:
    assert redirects(ruled({}, ("/^a", "ImplementationSpecific", "go:use-annotation"), regex="true"))


HEADER = [{"field": "http-header", "httpHeaderConfig": {"httpHeaderName": "X", "values": ["1"]}}]


@pytest.mark.parametrize(
    ("first", "second", "conditions", "shadowed"),
    [
        ("/*", "/a", None, True),
        ("/a", "/a", None, True),
        ("/a", "/b", None, False),
        ("", "/b", None, True),
        ("/a", "", None, False),
        ("/*", "/a", HEADER, False),
    ],
)
def test_what_a_redirect_shadows(first: str, second: str, conditions: object, shadowed: bool) -> None:
    kind = "ImplementationSpecific"
    result = ruled({"host": "x"}, (first, kind, "go:use-annotation"), (second, kind, "web:80"), conditions=conditions)
    assert len(result.stack.rules) == (1 if shadowed else 2)
    assert ("LB166" in result.codes) is shadowed


def test_another_host_is_not_shadowed() -> None:
    action = {"type": "redirect", "redirectConfig": {"statusCode": "HTTP_301", "path": "/new"}}
    rules = [
        *paths(("/*", "ImplementationSpecific", "go:use-annotation"))["rules"],
        *paths(("/a", "Exact", "web:80"), host="b.example.com")["rules"],
    ]
    assert len(compiled(annotated({"actions.go": json.dumps(action)}, spec={"rules": rules})).stack.rules) == 2


def test_a_rule_of_more_hosts_is_not_shadowed() -> None:
    more = [{"field": "host-header", "hostHeaderConfig": {"values": ["zz.example.com"]}}]
    action = {"type": "redirect", "redirectConfig": {"statusCode": "HTTP_301", "host": "x"}}
    given = {"actions.go": json.dumps(action), "conditions.web": json.dumps(more)}
    kind = "ImplementationSpecific"
    result = compiled(annotated(given, spec=paths(("/*", kind, "go:use-annotation"), ("/a", kind, "web:80"))))
    assert len(result.stack.rules) == 2
