"""Manifests that users wrote, each in a file that says what it is: every problem, with its severity and its place."""

import json
from pathlib import Path

import pytest
from tests.cli.front import albatross

FOLDER = Path(__file__).parent
ELSEWHERE = {"LB206", "LB211"}
"""Notes about objects that are not in the file."""
PREFIX = "alb.ingress.kubernetes.io/"

FOUND = {
    "01a-node-port-given-later": [],
    "01b-load-balancer-node-port-given-later": [],
    "01c-no-node-port": ["LB209 error PATH.backend.service"],
    "02b-redirect-action-behind-class-redirect": ["LB435 warning"],
    "05-api-b1-noport": ["LB189 error PATH.backend.service"],
    "05-api-b2-both": ["LB189 error PATH.backend.service.port"],
    "05-api-b3-svcname-upper": ["LB189 error PATH.backend.service.name"],
    "05-api-b4-portname-long": ["LB189 error PATH.backend.service.port.name"],
    "05-api-e1-empty": ["LB189 error spec"],
    "05-api-e3-annkey": ["LB133 warning @actions.my action", "LB189 error @actions.my action"],
    "05-api-h2-upper": ["LB189 error spec.rules[0].host"],
    "05-api-h4-ip": ["LB189 error spec.rules[0].host"],
    "05-api-h6-under": ["LB189 error spec.rules[0].host"],
    "05-api-h8-traildot": ["LB189 error spec.rules[0].host"],
    "05-api-n1-name-upper": ["LB189 error metadata.name"],
    "05-api-p1-noslash": ["LB189 error PATH.path"],
    "05-api-p4-doubleslash": ["LB189 error PATH.path"],
    "05-api-p5-nopath-prefix": ["LB189 error PATH.path"],
    "05-api-t1-tls-wild": ["LB189 error spec.tls[0].hosts[0]"],
    "05a-host-wildcard-inside": ["LB189 error spec.rules[0].host"],
    "06-weighted-without-group-stickiness": ["LB433 warning @target-group-attributes"],
    "07b-transform-doubled-escape": ["LB432 warning PATH"],
    "07c-transform-missing-group": ["LB431 warning PATH"],
    "07d-path-regex-lookahead": ["LB430 warning PATH"],
    "08a-oidc-open-on-http": ["LB434 warning @listen-ports"],
    "09-implementationspecific-root": ["LB198 note PATH.path"],
    "10a-externalname-ip": ["LB198 note PATH.path", "LB260 warning PATH.backend.service"],
    "10b-externalname-instance": ["LB198 note PATH.path", "LB261 error PATH.backend.service"],
    "10c-placeholders": [
        "LB186 warning @healthcheck-path",
        "LB186 warning @load-balancer-attributes",
        "LB186 warning @success-codes",
        "LB186 warning @tags",
        "LB186 warning @target-group-attributes",
        "LB406 warning @success-codes",
        "LB411 warning @tags",
    ],
    "10d-placeholder-host": ["LB186 error spec.rules[0].host"],
    "12b-service-beta-on-ingress": [
        "LB258 note @frontend-nlb-listener-port-mapping",
        'LB438 warning metadata.annotations["service.beta.kubernetes.io/aws-load-balancer-eip-allocations"]',
    ],
    "13-protected-moves-group": [],
    "14-class-loses-its-params": [],
    "15-frontend-nlb-not-yet-active": ["LB258 note"],
    "15a-listen-ports-unreadable": ["LB108 error @listen-ports"],
    "15b-wrong-types": ["LB104 error @scheme", "LB194 error @group.order", "LB194 error @listen-ports", "LB194 error spec.ports[0].port"],
    "16a-no-class": ["LB250 warning metadata.name"],
    "16b-health-path-without-slash": ["LB407 error @healthcheck-path"],
    "16c-malformed-subnet": ["LB407 error @subnets"],
    "16d-web-acl-not-an-arn": ["LB407 error @wafv2-acl-arn"],
    "16e-private-sources": ["LB184 warning @inbound-cidrs"],
    "16f-certificate-of-another-region": ["LB185 error @certificate-arn"],
    "18a-listener-attributes-without-suffix": [
        "LB131 warning @listener-attributes",
        "LB186 warning @conditions.service-b",
        "LB186 warning @load-balancer-attributes",
    ],
    "18b-header-attribute-on-load-balancer": ["LB403 warning @load-balancer-attributes"],
    "23-redirect-to-itself": ["LB133 warning @target-type", "LB436 warning PATH"],
    "24-wafv2-global-arn": ["LB407 error @wafv2-acl-arn"],
    "24b-wafv2-arn-in-waf-acl-id": ["LB437 warning @waf-acl-id"],
    "25-v1-port-annotation": ["LB131 warning @port"],
}
"""Code, severity and place by file; `@` is an annotation of Ingresses, `PATH` the first path."""


def place(field: str) -> str:
    if field.startswith(f'metadata.annotations["{PREFIX}'):
        return "@" + field.removeprefix(f'metadata.annotations["{PREFIX}').removesuffix('"]')
    return field.replace("spec.rules[0].http.paths[0]", "PATH")


def test_every_file_has_a_row() -> None:
    assert {path.stem for path in FOLDER.glob("*.yaml")} == set(FOUND)


@pytest.mark.parametrize("name", FOUND)
def test_lint_finds_what_the_file_says(name: str) -> None:
    answer = albatross("lint", "-f", FOLDER / f"{name}.yaml", "-o", "json", "--region", "eu-west-1")
    problems = [each for each in json.loads(answer.out)["problems"] if each["code"] not in ELSEWHERE]
    found = {f"{each['code']} {each['severity']} {place(each['field'])}".strip() for each in problems}
    assert found == set(FOUND[name])
    assert all(each["line"] for each in problems)
    assert answer.code == any(" error" in each for each in FOUND[name])


@pytest.mark.parametrize("name", ["01a-node-port-given-later", "01b-load-balancer-node-port-given-later"])
def test_a_plan_says_what_the_cluster_gives(name: str) -> None:
    answer = albatross("plan", "-f", FOLDER / f"{name}.yaml")
    assert answer.code == 2
    assert "port             node port of 80 (given by the cluster)\n" in answer.out


@pytest.mark.parametrize(
    ("name", "url", "words"),
    [
        ("09-implementationspecific-root", "/api", "default actions"),
        ("16e-private-sources", "/api", "forward to"),
    ],
)
def test_a_route_says_where_requests_go(name: str, url: str, words: str) -> None:
    host = next(line.split()[-1] for line in (FOLDER / f"{name}.yaml").read_text().splitlines() if "host:" in line)
    assert words in albatross("route", "GET", f"http://{host}{url}", "-f", FOLDER / f"{name}.yaml").out


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("09-implementationspecific-root", "the path /*"),
        ("10a-externalname-ip", "targetGroupARN"),
        ("10b-externalname-instance", "targetGroupARN"),
        ("18a-listener-attributes-without-suffix", "listener-attributes.HTTP-80"),
        ("18b-header-attribute-on-load-balancer", "listener-attributes.HTTPS-443"),
        ("25-v1-port-annotation", "listen-ports"),
    ],
)
def test_a_fix_says_what_the_file_asks_for(name: str, words: str) -> None:
    answer = albatross("lint", "-f", FOLDER / f"{name}.yaml", "-o", "json")
    assert any(words in each["fix"] for each in json.loads(answer.out)["problems"])


def test_fix_moves_the_arn_of_a_web_acl(tmp_path: Path) -> None:
    file = tmp_path / "acl.yaml"
    file.write_text((FOLDER / "24b-wafv2-arn-in-waf-acl-id.yaml").read_text())
    assert albatross("lint", "--fix", "-f", file).code == 0
    assert f"{PREFIX}wafv2-acl-arn: arn:aws:wafv2:" in file.read_text()
