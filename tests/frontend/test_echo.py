"""A value that cannot be read has its own problem, and no other new one anywhere."""

import json
import re
from dataclasses import replace

import pytest
from tests.world import Result, annotated, configured, paths, snapshot

from albatross.catalog.annotations import ANNOTATIONS, Annotation, service
from albatross.catalog.annotations.ingress import PREFIX
from albatross.model.facts import Facts
from albatross.model.ident import Ident
from albatross.model.problem import Problem

BROKEN = {"int32": "many", "bool": "maybe", "choice": "nonsense", "JSON": "{", "map": "word", "list of CIDR": "10.0.0.0/99"}
"""A value that cannot be read, by the type of the annotation."""
CHOSEN = {"actions.<name>": "actions.old", "conditions.<name>": "conditions.web", "transforms.<name>": "transforms.web"}
CHOSEN |= {
    "listener-attributes.<protocol>-<port>": "listener-attributes.HTTPS-443",
    "target-control-port.<service>.<port>": "target-control-port.web.80",
}
FLAGS = ("--feature-gates=EnableCertificateManagement=true,LBCapacityReservation=true",)

OTHERS = {
    "auth-idp-cognito": {"auth-type": "cognito"},
    "jwt-validation": {"auth-type": "none"},
    "create-acm-cert": {"certificate-arn": ""},
    "manage-backend-security-group-rules": {"security-groups": "sg-0a1b2c3d"},
}
"""Annotations that another one needs."""
PODS = {
    "backend-protocol-version": "GRPC",
    "certificate-arn": "",
    "enable-frontend-nlb": "false",
    "frontend-nlb-healthcheck-port": "",
    "healthcheck-port": "http",
    "target-control-port.web.80": "3000",
    "target-node-labels": "",
    "target-type": "ip",
}
"""The same for pods, without a network load balancer in front, and without a certificate; an empty value is left out."""
WEB = "kind: Service\nmetadata: {name: web}\nspec: {type: ClusterIP, ports: [{name: http, port: 80, targetPort: 8080, nodePort: null}]}\n"
SECRET = "kind: Secret\nmetadata: {name: oidc}\ndata: {clientID: YQ==, clientSecret: YQ==}\n"
SPEC = paths(("/old", "Exact", "old:use-annotation"), ("/.*", "ImplementationSpecific", "web:80"))
RICH = {
    "actions.old": '{"type": "redirect", "redirectConfig": {"host": "new.example.com", "statusCode": "HTTP_301"}}',
    "auth-idp-oidc": '{"issuer": "https://i.example.com", "authorizationEndpoint": "https://i.example.com/a", "secretName": "oidc",'
    ' "tokenEndpoint": "https://i.example.com/t", "userInfoEndpoint": "https://i.example.com/u"}',
    "auth-session-timeout": "3600",
    "auth-type": "oidc",
    "backend-protocol": "HTTPS",
    "backend-protocol-version": "HTTP2",
    "certificate-arn": "arn:aws:acm:ap-northeast-2:123456789012:certificate/1",
    "conditions.web": '[{"field": "http-header", "httpHeaderConfig": {"httpHeaderName": "x", "values": ["y"]}}]',
    "enable-frontend-nlb": "true",
    "frontend-nlb-healthcheck-port": "80",
    "frontend-nlb-listener-port-mapping": "80=80",
    "group.order": "3",
    "healthcheck-interval-seconds": "30",
    "healthcheck-path": "/health",
    "healthcheck-timeout-seconds": "20",
    "inbound-cidrs": "203.0.113.0/24",
    "ip-address-type": "ipv4",
    "listen-ports": '[{"HTTP": 80}, {"HTTPS": 443}]',
    "listener-attributes.HTTPS-443": "routing.http.response.server.enabled=false",
    "load-balancer-attributes": "idle_timeout.timeout_seconds=120",
    "minimum-load-balancer-capacity": "CapacityUnits=100",
    "mutual-authentication": '[{"port": 443, "mode": "passthrough"}]',
    "scheme": "internet-facing",
    "ssl-policy": "ELBSecurityPolicy-TLS13-1-2-2021-06",
    "ssl-redirect": "443",
    "tags": "team=shop",
    "target-group-attributes": "deregistration_delay.timeout_seconds=30",
    "target-node-labels": "role=edge",
    "target-type": "instance",
    "transforms.web": '[{"type": "url-rewrite", "urlRewriteConfig": {"rewrites": [{"regex": "^/a", "replace": "/b"}]}}]',
}
"""An Ingress with many annotations that depend on each other."""

ROWS = [row for row in ANNOTATIONS.values() if row.prefix == PREFIX and "Ingress" in row.kinds and row.type in BROKEN]


def read(annotations: dict[str, str], *patches: str) -> set[Problem]:
    written = {name: value for name, value in annotations.items() if value}
    return set(Result(snapshot(annotated(written, spec=SPEC), SECRET, *patches), configured(*FLAGS)).problems)


def read_by(pods: bool, name: str) -> bool:
    """Whether an annotation is read: pods are on no nodes, and have no network load balancer in front."""
    return not (pods and (name == "target-node-labels" or (name.startswith("frontend-nlb-"))))


@pytest.mark.parametrize("pods", [False, True])
@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_a_broken_value_has_its_own_problem_only(row: Annotation[object], pods: bool) -> None:
    name = CHOSEN.get(row.name, row.name)
    base, patches = (RICH | PODS, [WEB]) if pods else (RICH, [])
    rich = {**base, name: base.get(name) or row.example, **OTHERS.get(name, {})}
    broken = read({**rich, name: BROKEN[row.type]}, *patches)
    new = {(each.code, each.origin.field) for each in broken - read(rich, *patches)}
    own = f'metadata.annotations["{PREFIX}{name}"]'
    assert {field for _, field in new} == ({own} if read_by(pods, name) else set()), new


PORT = {"name": "http", "port": 80, "targetPort": 8080, "nodePort": 30080}
BALANCED = annotated({}, "web", "Service", spec={"type": "LoadBalancer", "ports": [PORT, {**PORT, "name": "tls", "port": 443}]})
EXTERNAL = {"aws-load-balancer-type": "external", "aws-load-balancer-nlb-target-type": "instance"}


def balanced(annotations: dict[str, str]) -> set[Problem]:
    written = {service.PREFIX + name: value for name, value in (EXTERNAL | annotations).items()}
    patch = json.dumps({"kind": "Service", "metadata": {"name": "web", "annotations": written}})
    return set(Result(snapshot(BALANCED, patch), configured(*FLAGS)).problems)


@pytest.mark.parametrize(
    "row", [row for row in ANNOTATIONS.values() if row.prefix == service.PREFIX and row.type in BROKEN], ids=lambda row: row.name
)
def test_a_broken_value_of_a_service_has_its_own_problem_only(row: Annotation[object]) -> None:
    name = re.sub("<.*>", "80", row.name)
    rich = {"aws-load-balancer-ssl-cert": "arn:aws:acm:ap-northeast-2:123456789012:certificate/1", name: row.example}
    new = {each.origin.field for each in balanced({**rich, name: BROKEN[row.type]}) - balanced(rich)}
    assert new <= {f'metadata.annotations["{service.PREFIX}{name}"]'}, new


UNREAD = annotated({"listen-ports": '[{"HTTPS": 443}]', "auth-type": "oidc", "auth-idp-oidc": RICH["auth-idp-oidc"]})


def test_objects_that_cannot_be_read_have_no_echo() -> None:
    cluster = snapshot(UNREAD)
    without = replace(cluster, services={}, complete=False)
    assert {"LB206", "LB211"} <= set(Result(without, facts=Facts()).codes)
    unread = frozenset({Ident("Service", "shop", "web"), Ident("Secret", "shop", "oidc")})
    assert not {"LB206", "LB207", "LB211"} & set(Result(replace(without, unread=unread), facts=Facts()).codes)
