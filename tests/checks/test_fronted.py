"""Health checks of a network load balancer that the application load balancer behind answers by itself."""

from typing import Any

import pytest
from tests.world import annotated, compiled

from albatross.catalog.problems import message, remedy

FRONT = {"enable-frontend-nlb": "true"}
CODES = "frontend-nlb-healthcheck-success-codes"
CERTIFICATE = "arn:aws:acm:ap-northeast-2:123456789012:certificate/ddb02d7d-ff7e-44c5-b28d-c2b0e94a8a2e"
HTTPS = {"listen-ports": '[{"HTTP": 80}, {"HTTPS": 443}]', "certificate-arn": CERTIFICATE, "ssl-redirect": "443"}
SOURCE = '[{"field": "source-ip", "sourceIpConfig": {"values": ["10.0.0.0/8"]}}]'


def statuses(settings: dict[str, str], **spec: Any) -> list[str]:
    found = compiled(annotated(FRONT | settings, **spec)).problems
    return sorted(dict(each.args)["status"] for each in found if each.code == "LB258")


@pytest.mark.parametrize(
    ("settings", "found"),
    [
        ({}, ["404"]),
        ({CODES: "404"}, []),
        ({CODES: "200-499"}, []),
        ({CODES: "200, x,301"}, ["404"]),
        ({CODES: "x"}, []),
        ({"frontend-nlb-healthcheck-protocol": "TCP"}, []),
        (HTTPS, ["301"]),
        ({**HTTPS, "frontend-nlb-healthcheck-port": "443", "frontend-nlb-healthcheck-protocol": "HTTPS", CODES: "404"}, []),
        ({**HTTPS, "frontend-nlb-healthcheck-port": "8080"}, []),
        ({"conditions.web": SOURCE}, []),
    ],
)
def test_answers_of_rules_for_hosts(settings: dict[str, str], found: list[str]) -> None:
    assert statuses(settings) == found


def test_what_targets_answer_is_unknown() -> None:
    assert statuses({}, spec={"defaultBackend": {"service": {"name": "web", "port": {"number": 80}}}}) == []


def test_words_and_place() -> None:
    (problem,) = [each for each in compiled(annotated(FRONT | {"frontend-nlb-healthcheck-path": "/ping"})).problems if each.code == "LB258"]
    assert problem.origin.field.endswith('frontend-nlb-healthcheck-path"]')
    assert "requests /ping on port 80, and the application load balancer answers 404, which is not one of: 200" in message(problem)
    assert remedy(problem) == "write alb.ingress.kubernetes.io/frontend-nlb-healthcheck-success-codes: '200,404'"
