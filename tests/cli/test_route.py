"""`route` walks a request through the rules."""

import pytest
from front import GOLDEN, albatross

GOOD = GOLDEN / "good.yaml"


def test_the_rule_and_its_action_are_named() -> None:
    answer = albatross("route", "get", "http://www.example.com/a", "-f", GOOD)
    assert answer.code == 0
    assert answer.out.splitlines() == [
        "Load balancer of shop/app",
        "  listener HTTP:80",
        "  ✓ rule 1: host-header is www.example.com and path-pattern is /*",
        "      → forward to shop/app-web:80",
    ]


def test_a_rule_that_does_not_match_says_why() -> None:
    answer = albatross("route", "GET", "http://other.example.com/", "-f", GOOD)
    assert "  · rule 1: host-header is www.example.com, not other.example.com\n" in answer.out
    assert "  ✓ default actions: no rule matches\n      → answer 404\n" in answer.out


def test_a_port_nobody_listens_on() -> None:
    answer = albatross("route", "GET", "https://www.example.com/", "-f", GOOD)
    assert answer.code == 1
    assert "no listener takes https on port 443; there is HTTP:80" in answer.out


@pytest.mark.parametrize("arguments", [["GET", "nonsense://x"], ["GET", "http://x", "-H", "nocolon"]])
def test_a_request_that_is_none_is_a_usage_error(arguments: list[str]) -> None:
    assert albatross("route", *arguments, "-f", GOOD).code == 1
