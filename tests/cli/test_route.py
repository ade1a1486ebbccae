"""`route` walks a request through the rules."""

import json
from pathlib import Path

import pytest
from tests.cli.front import GOLDEN, albatross

GOOD = GOLDEN / "good.yaml"
ANNOTATIONS = r"""
    alb.ingress.kubernetes.io/conditions.web: '[{"field": "http-header", "httpHeaderConfig": {"httpHeaderName": "X-Canary", "values": ["1"]}},
      {"field": "source-ip", "sourceIpConfig": {"values": ["10.0.0.0/8"]}}]'
    alb.ingress.kubernetes.io/transforms.web: '[{"type": "url-rewrite", "urlRewriteConfig": {"rewrites": [{"regex": "^/a/(.*)$", "replace": "/$1$7\\b"}]}}]'
    alb.ingress.kubernetes.io/actions.go: '{"type": "redirect", "redirectConfig": {"host": "example.org", "statusCode": "HTTP_301", "query": "q=#{path}"}}'
"""  # noqa: E501
SECOND = """
      - path: /b
        pathType: Exact
        backend: {service: {name: go, port: {name: use-annotation}}}
"""


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    """The good file with a rule of many conditions, and one that redirects."""
    text = GOOD.read_text().replace("    alb.ingress.kubernetes.io/scheme", ANNOTATIONS + "    alb.ingress.kubernetes.io/scheme")
    (tmp_path / "shop.yaml").write_text(text.rstrip("\n") + SECOND)
    return tmp_path / "shop.yaml"


def test_the_rule_and_its_action_are_named() -> None:
    answer = albatross("route", "get", "http://www.example.com/a", "-f", GOOD)
    assert answer.code == 0
    assert answer.out.splitlines() == [
        "Load balancer of shop/app",
        "  listener HTTP:80",
        "  ✓ rule 1 (shop/app): host-header is www.example.com and path-pattern is /*",
        "      → forward to shop/app-web:80",
    ]


def test_a_rule_that_does_not_match_says_why() -> None:
    answer = albatross("route", "GET", "http://other.example.com/", "-f", GOOD)
    assert "  · rule 1 (shop/app): host-header is www.example.com, not other.example.com\n" in answer.out
    assert "  ✓ default actions: no rule matches\n      → answer 404\n" in answer.out


def test_headers_and_the_source_count_and_the_rewritten_request_is_shown(shop: Path) -> None:
    url = "http://www.example.com/a/c?d=1"
    answer = albatross("route", "GET", url, "-H", "x-canary: 1", "--source-ip", "10.1.2.3", "-f", shop)
    assert answer.out.endswith("      → forward to shop/app-web:80\n      rewritten to GET http://www.example.com/c?d=1\\b\n")
    answer = albatross("route", "GET", url, "-H", "x-canary: 2", "-f", shop)
    assert "http-header X-Canary is 1, not 2; source-ip is 10.0.0.0/8, not 127.0.0.1\n" in answer.out


def test_a_redirect_says_where_to(shop: Path) -> None:
    answer = albatross("route", "GET", "http://www.example.com/b", "-f", shop)
    assert "→ redirect 301 to http://example.org:80/b?q=b\n" in answer.out


def test_all_of_it_as_json(shop: Path) -> None:
    arguments = ("-H", "X-Canary: 1", "--source-ip", "10.1.2.3", "-f", shop, "-o", "json")
    found = json.loads(albatross("route", "GET", "http://www.example.com/a/c", *arguments).out)
    walk = found["stacks"]["shop/app"]
    assert found["request"] == {
        "method": "GET", "url": "http://www.example.com/a/c", "headers": [["X-Canary", "1"]], "sourceIP": "10.1.2.3",
    }  # fmt: skip
    assert (walk["listener"], walk["rule"], walk["location"], walk["rewritten"]) == ("HTTP:80", 2, None, "http://www.example.com/c\\b")
    assert [(rule["priority"], rule["matches"], rule["misses"]) for rule in walk["rules"]] == [
        (1, False, ["path-pattern is /b, not /a/c"]),
        (2, True, []),
    ]
    gone = json.loads(albatross("route", "GET", "http://www.example.com/b", "-f", shop, "-o", "json").out)["stacks"]["shop/app"]
    assert (gone["location"], gone["actions"]) == ("http://example.org:80/b?q=b", ["redirect 301 to http://example.org:80/b?q=b"])


def test_a_port_nobody_listens_on() -> None:
    answer = albatross("route", "GET", "https://www.example.com/", "-f", GOOD)
    assert answer.code == 1
    assert "no listener for https on port 443; listeners: HTTP:80" in answer.out


def test_a_load_balancer_that_an_error_forbids(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text(GOOD.read_text().replace("scheme: internet-facing", "scheme: public"))
    answer = albatross("route", "GET", "http://www.example.com/", "-f", tmp_path)
    assert answer.code == 1
    assert answer.out == "Load balancer of shop/app: unknown, because it has errors\n"
    assert answer.err.startswith("error[LB104]")
    found = json.loads(albatross("route", "GET", "http://www.example.com/", "-f", tmp_path, "-o", "json").out)
    assert (found["stacks"], [each["code"] for each in found["problems"]]) == ({}, ["LB104"])
    assert "shop/app" in found["unknown"]


def test_no_load_balancer_at_all(tmp_path: Path) -> None:
    answer = albatross("route", "GET", "http://www.example.com/", "-f", tmp_path)
    assert (answer.code, answer.out) == (1, "nothing answers: there is no load balancer\n")


@pytest.mark.parametrize("name", ["conditions", "transforms"])
def test_a_regular_expression_that_is_none_is_said(tmp_path: Path, name: str) -> None:
    value = {
        "conditions": '[{"field": "path-pattern", "pathPatternConfig": {"regexValues": ["("]}}]',
        "transforms": '[{"type": "url-rewrite", "urlRewriteConfig": {"rewrites": [{"regex": "(", "replace": ""}]}}]',
    }[name]
    text = GOOD.read_text().replace("    alb.ingress", f"    alb.ingress.kubernetes.io/{name}.web: '{value}'\n    alb.ingress", 1)
    (tmp_path / "a.yaml").write_text(text.replace("path: /\n", "path: \n"))
    answer = albatross("route", "GET", "http://www.example.com/", "-f", tmp_path)
    assert answer.code == 1
    assert "'(' is not a valid regular expression" in answer.err


@pytest.mark.parametrize(
    "arguments",
    [
        ["GET", "nonsense://x"],
        ["GET", "http://x:port/"],
        ["GET", "http://x", "-H", "nocolon"],
        ["GET", "http://x", "--source-ip", "home"],
    ],
)
def test_a_request_that_is_none_is_a_usage_error(arguments: list[str]) -> None:
    answer = albatross("route", *arguments, "-f", GOOD)
    assert answer.code == 1
    assert answer.err.startswith("Usage") or "error" in answer.err
