"""Values that AWS certainly refuses, sources that cannot reach a load balancer, and placeholders: each alone."""

import json
from dataclasses import replace

import pytest
from tests.world import CONFIG, RECORDING, Result, annotated, prepared, snapshot

from albatross.catalog.placeholder import placeholder
from albatross.catalog.tracking import INGRESS
from albatross.checks.source import private
from albatross.model.config import Config
from albatross.model.facts import Facts
from albatross.model.problem import Problem
from albatross.model.resources.stack import StackId

CERTIFICATE = "arn:aws:acm:us-east-1:123456789012:certificate/1"
WEB_ACL = "arn:aws:wafv2:ap-northeast-2:123456789012:regional/webacl/a/1"
FIXED = '{"type": "fixed-response", "fixedResponseConfig": {"statusCode": "200", "contentType": "text/html", "messageBody": "%s"}}'
REDIRECT = '{"type": "redirect", "redirectConfig": {"statusCode": "HTTP_301", "host": "%s"}}'
REWRITE = '[{"type": "url-rewrite", "urlRewriteConfig": {"rewrites": [{"regex": "%s", "replace": "%s"}]}}]'


def offline(annotations: dict[str, str], config: Config = CONFIG, complete: bool = False) -> Result:
    return Result(replace(snapshot(annotated(annotations)), complete=complete), config, Facts())


def severities(result: Result, code: str) -> list[str | None]:
    return [each.severity for each in result.problems if each.code == code]


@pytest.mark.parametrize(
    ("name", "wrong", "right"),
    [
        ("healthcheck-path", "health", "/health"),
        ("healthcheck-path", "health", ""),
        ("frontend-nlb-healthcheck-path", "health", "/health"),
        ("subnets", "subnet-1", "subnet-0a1b2c3d, private-a"),
        ("security-groups", "sg-1", "sg-0a1b2c3d4e5f60718, web"),
        ("wafv2-acl-arn", "foo", WEB_ACL),
        ("wafv2-acl-arn", WEB_ACL + " ", "none"),
    ],
)
def test_what_aws_certainly_refuses_is_an_error(name: str, wrong: str, right: str) -> None:
    beside = {"enable-frontend-nlb": "true"} if name.startswith("frontend") else {}
    assert severities(offline({**beside, name: wrong}), "LB407") == ["error"]
    assert "LB407" not in offline({**beside, name: right}).codes


def test_a_path_is_judged_without_the_service() -> None:
    cluster = replace(snapshot(annotated({"healthcheck-path": "health"})), complete=False, services={})
    assert severities(Result(cluster, facts=Facts()), "LB407") == ["error"]


def test_ids_are_not_judged_if_aws_has_answered() -> None:
    cluster = snapshot(annotated({"subnets": "subnet-1"}))
    asked = prepared(cluster, StackId(INGRESS, "shop", "app")).questions
    assert "LB407" not in Result(cluster, facts=RECORDING.answer(asked, CONFIG)).codes


def test_a_certificate_of_another_region_is_an_error() -> None:
    assert "LB185" in offline({"certificate-arn": CERTIFICATE}).errors
    assert "LB185" not in offline({"certificate-arn": CERTIFICATE}, replace(CONFIG, region="us-east-1")).codes
    assert "LB185" not in offline({"certificate-arn": CERTIFICATE}, replace(CONFIG, region="")).codes


@pytest.mark.parametrize(
    ("cidrs", "found"),
    [
        ("10.1.0.0/16, 192.168.0.0/24, fd00::/8", True),
        ("10.0.0.0/8, 203.0.113.0/24", False),
        ("0.0.0.0/0", False),
        ("", False),
    ],
)
def test_private_sources_do_not_reach_a_public_load_balancer(cidrs: str, found: bool) -> None:
    public = {"inbound-cidrs": cidrs, "scheme": "internet-facing"}
    assert ("LB184" in offline(public).codes) == found
    assert "LB184" not in offline({**public, "scheme": "internal"}).codes
    assert "LB184" not in offline({**public, "security-group-prefix-lists": "pl-0a1b2c3d"}).codes


def test_what_is_no_cidr_is_not_private() -> None:
    assert not private("here")


def test_an_ingress_without_a_class_is_a_warning() -> None:
    bare = replace(snapshot(annotated({"scheme": "internal"}, spec={"ingressClassName": None})), complete=False)
    assert Result(bare, facts=Facts()).at("LB250") == ["metadata.name"]
    assert "LB250" not in Result(replace(bare, complete=True), facts=Facts()).codes
    assert "LB250" not in Result(bare, replace(CONFIG, ingress_class=""), Facts()).codes
    plain = replace(snapshot(annotated({}, spec={"ingressClassName": None})), complete=False)
    assert "LB250" not in Result(plain, facts=Facts()).codes


@pytest.mark.parametrize(
    ("name", "meant"),
    [("abl", "alb"), ("Alb", "alb"), ("publik", "public"), ("alb", ""), ("nginx", ""), ("alb-internal", ""), ("alb2", ""), ("public", "")],
)
def test_a_class_that_is_in_no_file_may_be_mistyped(name: str, meant: str) -> None:
    public = "kind: IngressClass\nmetadata: {name: public}\nspec: {controller: ingress.k8s.aws/alb}\n"
    named = annotated({"scheme": "internal"}, spec={"ingressClassName": name})
    files = replace(snapshot(public, named), complete=False)
    result = Result(files, facts=Facts())
    assert [dict(each.args)["meant"] for each in result.problems if each.code == "LB763"] == ([meant] if meant else [])
    assert "shop/app" in result.stacks, "the other problems of the Ingress are reported too"
    foreign = replace(snapshot(public, annotated({}, spec={"ingressClassName": name})), complete=False)
    assert "LB763" not in Result(foreign, facts=Facts()).codes
    assert Result(replace(files, complete=True), facts=Facts()).at("LB763") == []


def test_a_class_name_decides_nothing_if_the_annotation_is_there() -> None:
    given = {"kubernetes.io/ingress.class": "alb", "alb.ingress.kubernetes.io/scheme": "internal"}
    ingress = {"kind": "Ingress", "metadata": {"name": "app", "annotations": given}, "spec": {"ingressClassName": "abl"}}
    files = replace(snapshot(json.dumps(ingress)), complete=False)
    assert "LB763" not in Result(files, facts=Facts()).codes


def test_the_form_of_a_listener_is_checked_though_its_ports_are_unreadable() -> None:
    broken = {
        "listen-ports": "[{HTTPS: 443}]",
        "certificate-arn": "arn:aws:acm:us-east-1:1234:certificate/a",
        "ssl-policy": "ELBSecurityPolicy-X",
        "listener-attributes.HTTPS-443": "foo=bar",
    }
    found = offline(broken)
    own = 'metadata.annotations["alb.ingress.kubernetes.io/'
    assert found.at("LB108") == [f'{own}listen-ports"]']
    assert found.at("LB407") == [f'{own}certificate-arn"]', f'{own}ssl-policy"]']
    assert found.at("LB403") == [f'{own}listener-attributes.HTTPS-443"]']
    assert offline({**broken, "certificate-arn": CERTIFICATE}).at("LB185") == [f'{own}certificate-arn"]']


# Placeholders ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("a-${BUCKET}", "${BUCKET}"),
        ("{{bucket}}", "{{bucket}}"),
        ("{{ .Values.bucket }}", ""),
        ("<your-bucket>", "<your-bucket>"),
        ("$(BUCKET)", "$(BUCKET)"),
        ("REPLACE_ME", "REPLACE_ME"),
        ("replace", ""),
        ("${1}/$1", ""),
        ("#{host}", ""),
        ("a < b > c", ""),
    ],
)
def test_a_placeholder_is_recognised(text: str, found: str) -> None:
    assert placeholder(text) == found


@pytest.mark.parametrize(
    ("name", "value", "found"),
    [
        ("tags", "team=${TEAM}", True),
        ("actions.web", FIXED % "<html>${x} {{y}}", False),
        ("actions.web", REDIRECT % "#{host}", False),
        ("actions.web", REDIRECT % "${HOST}", True),
        ("actions.web", "<", False),
        ("conditions.web", '[{"field": "http-header", "httpHeaderConfig": {"httpHeaderName": "x", "values": ["${SECRET}"]}}]', True),
        ("transforms.web", REWRITE % ("^/(?<id>.*)$(a)", "/${1}"), False),
        ("dry-run-plan", "${x}", False),
        ("no-annotation-of-ours", "${x}", False),
    ],
)
def test_placeholders_of_annotations(name: str, value: str, found: bool) -> None:
    problems: list[Problem] = [each for each in offline({name: value}).problems if each.code == "LB186"]
    assert bool(problems) == found
    assert all(name in each.origin.field for each in problems)


def test_placeholders_of_services() -> None:
    patch = annotated({"healthcheck-path": "/${HEALTH}"}, "web", "Service")
    assert Result(snapshot(patch), facts=Facts()).at("LB186") == ['metadata.annotations["alb.ingress.kubernetes.io/healthcheck-path"]']
