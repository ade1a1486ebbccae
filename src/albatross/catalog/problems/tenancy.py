"""LB440 to LB445: what a member keeps while it has errors, and what namespaces may have of a group."""

import json
from collections.abc import Iterable

from albatross.catalog.problems.diagnosis import Short, rows
from albatross.catalog.problems.example import ingress
from albatross.catalog.problems.row import Example, ProblemRow

_TEAM = {"group.name": "team"}
_OWN = "kubernetes.io/metadata.name"


def _policy(tenants: str) -> str:
    """IngressClassParams with a policy for group `team`."""
    meta = {"name": "team", "annotations": {"albatross.dev/tenants": tenants}}
    return json.dumps({"kind": "IngressClassParams", "metadata": meta, "spec": {"group": {"name": "team"}}})


def _tenants(namespace: str, *hosts: str) -> str:
    return json.dumps([{"namespaces": {"matchLabels": {_OWN: namespace}}, **({"hosts": hosts} if hosts else {})}])


def _member(tenants: str) -> str:
    return ingress(_TEAM) + "\n---\n" + _policy(tenants)


def _rivals(path: str) -> str:
    """Ingress `app`, and one of another namespace in the same group with the same host."""
    backend = {"service": {"name": "go", "port": {"name": "use-annotation"}}}
    rules = [{"host": "www.example.com", "http": {"paths": [{"path": path, "pathType": "Prefix", "backend": backend}]}}]
    action = '{"type": "fixed-response", "fixedResponseConfig": {"statusCode": "200"}}'
    notes = {"alb.ingress.kubernetes.io/group.name": "team", "alb.ingress.kubernetes.io/actions.go": action}
    meta = {"name": "rival", "namespace": "other", "annotations": notes}
    rival = {"kind": "Ingress", "metadata": meta, "spec": {"ingressClassName": "alb", "rules": rules}}
    return ingress(_TEAM) + "\n---\n" + json.dumps(rival)


_KEPT: Iterable[Short] = (
    (
        "LB440",
        "last-good-version",
        "warning",
        "this version has errors, so its last good version is in use since {since}",
        "an edit with an error must not remove routes that work; the version is also in annotation albatross.dev/last-good, so that a "
        "restart of the controller does not lose it",
        "correct the errors of this object; all its other changes have no effect until then",
        "",
    ),
    (
        "LB441",
        "last-good-version-unusable",
        "warning",
        "annotation albatross.dev/last-good cannot be used: {reason}",
        "only the controller writes it, while the object has errors; without it, a restart of the controller loses redirects and fixed "
        "responses of this object, and keeps what forwards to its Services",
        "correct the errors of this object; the annotation is then removed",
        "",
    ),
)

ROWS: tuple[ProblemRow, ...] = (
    *rows(_KEPT),
    ProblemRow(
        code="LB442",
        slug="policy-unreadable",
        severity="error",
        summary="the policy of the group cannot be read: {reason}",
        why="while it cannot be read, no further namespace can join the group, and the hosts of its members are not checked",
        fix='write a JSON list of rows such as {{"namespaces": {{"matchLabels": {{"team": "shop"}}}}, "hosts": ["*.example.com"]}}',
        example=Example(_policy('[{"namespace": "shop"}]'), _policy(_tenants("shop"))),
    ),
    ProblemRow(
        code="LB443",
        slug="namespace-may-not-join",
        severity="error",
        summary="namespace {namespace} may not join group {group}: {reason}",
        why="annotation albatross.dev/tenants of the IngressClassParams that name the group says which namespaces may join it; the other "
        "members are served",
        fix="use another group, or add a row for the namespace to annotation albatross.dev/tenants of IngressClassParams {params}",
        example=Example(_member(_tenants("other")), _member(_tenants("shop"))),
    ),
    ProblemRow(
        code="LB444",
        slug="host-not-allowed",
        severity="error",
        summary="namespace {namespace} may not use {what} in this group; allowed: {allowed}",
        why="annotation albatross.dev/tenants of the IngressClassParams of the group says which hosts each namespace may use; routes with "
        "other hosts are left out",
        fix="use an allowed host, or add the host to the row of the namespace in IngressClassParams {params}",
        example=Example(_member(_tenants("shop", "shop.example.com")), _member(_tenants("shop", "*.example.com"))),
    ),
    ProblemRow(
        code="LB445",
        slug="host-of-another-namespace",
        severity="error",
        summary="{what} {said}",
        why="in a group with a policy, and with --first-come-hosts, a host with a path belongs to the namespace that had them first",
        fix="use another host or path in one of the two objects, or move one of them to another group",
        example=Example(_rivals("/"), _rivals("/other"), flags=("--first-come-hosts=true",)),
    ),
)
