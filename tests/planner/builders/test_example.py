"""One Ingress from end to end: redirect, prefix and exact path on two ports."""

import pytest
from tests.world import CONFIG, Result, annotated, compiled

from albatross.model.resources.action import FixedResponse, Forward, Redirect
from albatross.model.resources.ref import Ref
from albatross.model.resources.rule import Rule
from albatross.planner.document import document

REDIRECT = '{"type": "redirect", "redirectConfig": {"protocol": "HTTPS", "port": "443", "statusCode": "HTTP_301"}}'
ANNOTATIONS = {
    "scheme": "internet-facing",
    "target-type": "ip",
    "listen-ports": '[{"HTTP": 80}, {"HTTPS": 443}]',
    "certificate-arn": "A,B",
    "actions.ssl-redirect": REDIRECT,
}


def echo(kinds: tuple[str, str, str], first: str = "/") -> Result:
    backends = (("ssl-redirect", {"name": "use-annotation"}), ("web", {"number": 80}), ("web", {"name": "http"}))
    paths = [
        {"path": path, "pathType": kind, "backend": {"service": {"name": name, "port": port}}}
        for path, kind, (name, port) in zip((first, "/api/", "/healthz"), kinds, backends, strict=True)
    ]
    spec = {"rules": [{"host": "a.example.com", "http": {"paths": paths}}]}
    return compiled(annotated(ANNOTATIONS, spec=spec))


@pytest.fixture(scope="module")
def result() -> Result:
    return echo(("Prefix", "Prefix", "Exact"))


def rules(result: Result, port: int) -> list[Rule]:
    return [rule for rule in result.stack.rules if rule.listener == Ref("Listener", str(port), "arn")]


def patterns(result: Result, port: int) -> list[tuple[str, ...]]:
    return [rule.conditions[1].values for rule in rules(result, port)]


def test_exact_comes_before_prefixes_and_longer_before_shorter(result: Result) -> None:
    assert patterns(result, 80) == [("/healthz",), ("/api", "/api/*"), ("/*",)]
    assert [rule.priority for rule in rules(result, 80)] == [1, 2, 3]


def test_a_redirect_to_itself_is_left_out(result: Result) -> None:
    assert patterns(result, 443) == [("/healthz",), ("/api", "/api/*")]
    assert isinstance(rules(result, 80)[2].actions[0], Redirect)


def test_default_actions(result: Result) -> None:
    missing = FixedResponse(status_code="404", content_type="text/plain")
    assert all(listener.default_actions == (missing,) for listener in result.stack.listeners)


def test_certificates_and_policy_are_for_the_secure_port(result: Result) -> None:
    plain, secure = result.stack.listeners
    assert (plain.certificates, plain.ssl_policy) == ((), None)
    assert (secure.certificates, secure.ssl_policy) == (("A", "B"), CONFIG.default_ssl_policy)


def test_security_groups(result: Result) -> None:
    managed = result.stack.security_groups[0]
    assert [(rule.from_port, rule.cidr, rule.cidr6) for rule in managed.ingress] == [(80, "0.0.0.0/0", ""), (443, "0.0.0.0/0", "")]
    assert result.stack.load_balancers[0].security_groups[0] == Ref("SecurityGroup", "ManagedLBSecurityGroup", "group_id")
    assert len(result.stack.load_balancers[0].security_groups) == 2


def test_two_spellings_of_a_port_are_two_target_groups(result: Result) -> None:
    assert [(group.id, group.port) for group in result.stack.target_groups] == [("shop/app-web:80", 8080), ("shop/app-web:http", 8080)]
    assert [binding.port for binding in result.stack.bindings] == [80, "http"]
    assert all(rule.port == 8080 for binding in result.stack.bindings for rule in binding.networking or ())
    forward = rules(result, 443)[0].actions[0]
    assert isinstance(forward, Forward)
    assert forward.target_groups[0].target_group == Ref("TargetGroup", "shop/app-web:http", "arn")


def test_a_redirect_in_front_shadows_the_rest_of_its_host() -> None:
    result = echo(("ImplementationSpecific",) * 3, "/*")
    assert patterns(result, 80) == [("/*",)]
    assert patterns(result, 443) == [("/api/",), ("/healthz",)]


def test_document_is_sorted_and_names_its_stack(result: Result) -> None:
    found = document(result.stack)
    assert found["id"] == "shop/app"
    assert list(found["resources"]) == sorted(found["resources"])
