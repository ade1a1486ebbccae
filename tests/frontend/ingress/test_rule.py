"""Paths, backends, actions and guards."""

import json
from dataclasses import replace
from typing import Any

import pytest
from tests.world import CONFIG, Result, annotated, compiled, objects, paths

from albatross.catalog import kinds
from albatross.catalog.problems import message, remedy
from albatross.model.resources.action import AuthenticateCognito, AuthenticateOidc, FixedResponse, Forward, JwtValidation
from albatross.model.resources.rule import Condition

SECURE = {"listen-ports": '[{"HTTPS": 443}]', "certificate-arn": "arn:aws:acm:ap-northeast-2:123456789012:certificate/1"}
PROVIDER = {"issuer": "https://i", "authorizationEndpoint": "https://a", "tokenEndpoint": "https://t", "userInfoEndpoint": "https://u"}
OIDC = {**SECURE, "auth-type": "oidc", "auth-idp-oidc": json.dumps({**PROVIDER, "secretName": "oidc"})}


def routed(*given: tuple[str, str, str], annotations: dict[str, str] | None = None, **rest: Any) -> Result:
    return compiled(annotated(annotations or {}, spec=paths(*given)), **rest)


def conditions(result: Result) -> list[tuple[Condition, ...]]:
    return [rule.conditions for rule in result.stack.rules]


@pytest.mark.parametrize(
    ("path", "kind", "values"),
    [
        ("/", "Prefix", ("/*",)),
        ("/a", "Prefix", ("/a", "/a/*")),
        ("/a/", "Prefix", ("/a", "/a/*")),
        ("/a//", "Prefix", ("/a/", "/a//*")),
        ("/*", "Prefix", ("/*",)),
        ("/a/*", "Prefix", ("/a/*",)),
        ("/a", "Exact", ("/a",)),
        ("/a/", "Exact", ("/a/",)),
        ("/a*?", "ImplementationSpecific", ("/a*?",)),
        ("", "ImplementationSpecific", ()),
    ],
)
def test_path_patterns(path: str, kind: str, values: tuple[str, ...]) -> None:
    found = conditions(routed((path, kind, "web:80")))[0]
    assert [each.values for each in found] == [("www.example.com",), *([values] if values else [])]


@pytest.mark.parametrize(
    ("path", "kind", "code"), [("/a*", "Exact", "LB141"), ("/a?", "Prefix", "LB142"), ("/a*/*", "Prefix", "LB142"), ("/", "X", "LB144")]
)
def test_refused_paths(path: str, kind: str, code: str) -> None:
    result = routed((path, kind, "web:80"))
    assert result.errors == [code]
    assert result.stacks["shop/app"] is None


@pytest.mark.parametrize(
    ("path", "what", "fix"),
    [
        ("/*", "which matches every path", 'write "/" with pathType Prefix, or keep "/*" with pathType ImplementationSpecific'),
        (
            "/a/*",
            "which matches /a/ and every path under it, but not /a itself",
            'write "/a" with pathType Prefix, which also matches /a, or keep "/a/*" with pathType ImplementationSpecific',
        ),
    ],
)
def test_a_pattern_with_prefix_says_what_it_matches(path: str, what: str, fix: str) -> None:
    (problem,) = routed((path, "Prefix", "web:80")).problems
    assert message(problem) == f'prefix path "{path}" is used as the ALB pattern "{path}", {what}'
    assert remedy(problem) == fix


def test_strict_paths() -> None:
    assert routed(("/*", "Prefix", "web:80"), config=replace(CONFIG, strict_paths=True)).errors == ["LB142"]


def test_the_place_is_the_path_as_it_was_written() -> None:
    result = routed(("/", "Prefix", "web:80"), ("/a*", "Exact", "web:80"))
    assert result.at("LB141") == ["spec.rules[0].http.paths[1].path"]


def test_regular_expressions_lose_their_first_byte() -> None:
    result = routed(("/^a$", "ImplementationSpecific", "web:80"), ("/b", "Exact", "web:80"), annotations={"use-regex-path-match": "true"})
    assert [(each[1].values, each[1].regex_values) for each in conditions(result)] == [(("/b",), ()), ((), ("^a$",))]
    assert routed(("/a", "ImplementationSpecific", "web:80"), annotations={"use-regex-path-match": "yes"}).errors == ["LB101"]
    assert "LB133" in routed(("/a", "Exact", "web:80"), annotations={"use-regex-path-match": "yes"}).codes


def test_no_condition_at_all_matches_everything() -> None:
    spec = {"rules": [{"http": {"paths": paths(("", "ImplementationSpecific", "web:80"))["rules"][0]["http"]["paths"]}}, {"host": "x"}]}
    assert conditions(compiled(annotated({}, spec=spec))) == [(Condition(field="path-pattern", values=("/*",)),)]


EXTRA = [
    {"field": "http-request-method", "httpRequestMethodConfig": {"values": ["GET"]}},
    {"field": "host-header", "hostHeaderConfig": {"values": ["b.example.com"]}},
    {"field": "query-string", "queryStringConfig": {"values": [{"key": "a", "value": "1"}, {"value": "2"}]}},
    {"field": "path-pattern", "pathPatternConfig": {"values": ["/b"]}},
    {"field": "source-ip", "sourceIPConfig": {"values": ["10.0.0.0/8"]}},
]


def test_conditions_come_in_aws_order() -> None:
    result = routed(("/a", "Exact", "web:80"), annotations={"conditions.web": json.dumps(EXTRA)})
    found = conditions(result)[0]
    assert [each.field for each in found] == ["http-request-method", "query-string", "source-ip", "host-header", "path-pattern"]
    assert found[1].query == (("a", "1"), (None, "2"))
    assert found[3].values == ("www.example.com", "b.example.com")
    assert found[4].values == ("/a", "/b")


def test_values_and_regular_expressions_do_not_mix() -> None:
    regex = [{"field": "path-pattern", "pathPatternConfig": {"regexValues": ["^/b"]}}]
    assert routed(("/a", "Exact", "web:80"), annotations={"conditions.web": json.dumps(regex)}).errors == ["LB145"]
    assert routed(("", "ImplementationSpecific", "web:80"), annotations={"conditions.web": json.dumps(regex)}).errors == []
    assert routed(("/a*", "Exact", "web:80"), annotations={"conditions.web": json.dumps(regex)}).errors == ["LB141"]


def action(value: Any, **rest: Any) -> Result:
    raw = value if isinstance(value, str) else json.dumps(value)
    return routed(("/a", "Exact", "go:use-annotation"), annotations={"actions.go": raw}, **rest)


def forward(*targets: dict[str, Any], **config: Any) -> Result:
    return action({"type": "forward", "forwardConfig": {"targetGroups": list(targets), **config}})


ARN = "arn:aws:elasticloadbalancing:ap-northeast-2:123456789012:targetgroup/legacy-tg/26cfe97838ce2f02"


def test_forward_in_every_form() -> None:
    result = forward(
        {"serviceName": "web", "servicePort": "80", "weight": 1},
        {"targetGroupName": "legacy-tg", "weight": 0},
        {"targetGroupARN": "arn:x", "targetGroupName": "legacy-tg", "weight": 2},
        targetGroupStickinessConfig={"enabled": True, "durationSeconds": 10},
    )
    found = result.stack.rules[0].actions[0]
    assert isinstance(found, Forward)
    assert [(each.target_group, each.weight) for each in found.target_groups][1:] == [(ARN, 0), ("arn:x", 2)]
    assert found.stickiness is not None
    assert result.stack.target_groups[0].id == "shop/app-web:80"


def test_a_target_group_that_is_not_there() -> None:
    result = action({"type": "forward", "targetGroupName": "ghost"})
    assert result.errors == ["LB310"]


@pytest.mark.parametrize(
    ("value", "code", "at"),
    [
        ("{", "LB108", ""),
        ({"type": "drop"}, "LB112", ""),
        ({"type": "forward"}, "LB113", "/forwardConfig"),
        ({"type": "forward", "targetGroupARN": "a", "forwardConfig": {"targetGroups": []}}, "LB115", "/forwardConfig"),
        (
            {"type": "forward", "forwardConfig": {"targetGroups": [{"serviceName": "web", "servicePort": 80, "targetGroupARN": "a"}]}},
            "LB115",
            "/forwardConfig/targetGroups/0",
        ),
        (
            {"type": "forward", "forwardConfig": {"targetGroups": [{"serviceName": "web"}]}},
            "LB114",
            "/forwardConfig/targetGroups/0/servicePort",
        ),
        ({"type": "redirect", "redirectConfig": {}}, "LB114", "/redirectConfig/statusCode"),
        ({"type": "fixed-response", "fixedResponseConfig": {"statusCode": 503}}, "LB109", "/fixedResponseConfig/statusCode"),
        (
            {"type": "forward", "forwardConfig": {"targetGroups": [{"serviceName": "web", "servicePort": 81}]}},
            "LB208",
            "/forwardConfig/targetGroups/0",
        ),
    ],
)
def test_refused_actions_point_into_the_json(value: Any, code: str, at: str) -> None:
    result = action(value)
    assert result.errors == [code]
    assert result.at(code) == [f'metadata.annotations["alb.ingress.kubernetes.io/actions.go"] {at}'.strip()]


def test_a_missing_service_is_answered_with_503() -> None:
    result = routed(("/a", "Exact", "ghost:80"))
    assert isinstance(result.stack.rules[0].actions[0], FixedResponse)
    assert result.at("LB206") == ["spec.rules[0].http.paths[0].backend.service"]
    strict = replace(CONFIG, tolerate_non_existent_backend_service=False)
    assert routed(("/a", "Exact", "ghost:80"), config=strict).errors == ["LB207"]


def test_a_service_that_is_not_among_the_files() -> None:
    given = annotated({"target-type": "IP", "multi-cluster-target-group": "true"})
    few = [each for each in objects(given) if each["kind"] != "Service"]
    result = Result(kinds.snapshot(few, complete=False))
    assert (result.errors, "LB206" in result.codes, "LB133" in result.codes) == (["LB104"], True, False)
    assert "LB133" in Result(kinds.snapshot(few, complete=True)).codes


def test_a_missing_action_is_answered_with_503() -> None:
    result = routed(("/a", "Exact", "go:use-annotation"))
    assert isinstance(result.stack.rules[0].actions[0], FixedResponse)
    strict = replace(CONFIG, tolerate_non_existent_backend_action=False)
    assert routed(("/a", "Exact", "go:use-annotation"), config=strict).errors == ["LB213"]


def test_a_backend_without_a_service_or_port() -> None:
    spec = {"defaultBackend": {"resource": {"kind": "Bucket", "name": "b"}}}
    assert compiled(annotated({}, spec=spec)).at("LB148") == ["spec.defaultBackend"]
    bare = {"defaultBackend": {"service": {"name": "web", "port": {}}}}
    assert compiled(annotated({}, spec=bare)).at("LB208") == ["spec.defaultBackend.service"]


def test_one_bad_route_leaves_the_others_of_its_group() -> None:
    team = {"group.name": "team"}
    good = annotated(team)
    bad = annotated(
        team, "bad", spec={"ingressClassName": "alb", **paths(("/x", "Exact", "web:80"), ("/y", "Exact", "web:81"), host="b.example.com")}
    )
    result = compiled(good, bad)
    stack = result.stacks["team"]
    assert stack is not None
    assert [rule.conditions[1].values for rule in stack.rules] == [("/*",), ("/x",)]
    assert compiled(good, bad, config=replace(CONFIG, strict_groups=True)).stacks["team"] is None


def guarded(annotations: dict[str, str], *patches: str) -> Any:
    result = compiled(annotated({**SECURE, **annotations}), *patches)
    assert not result.errors, result.problems
    actions = result.stack.rules[0].actions
    return actions[0] if len(actions) == 2 else None


def secret(**data: str) -> str:
    return json.dumps({"kind": "Secret", "metadata": {"name": "oidc"}, "data": data})


def test_cognito() -> None:
    pool = json.dumps({"UserPoolArn": "a", "userPoolClientId": "c", "userPoolDomain": "d", "authenticationRequestExtraParams": {"k": "v"}})
    given = {"auth-type": "cognito", "auth-idp-cognito": pool, "auth-scope": "email", "auth-session-timeout": "60"}
    found = guarded(given)
    assert isinstance(found, AuthenticateCognito)
    assert (found.user_pool_arn, found.user_pool_client_id, found.extra_params, found.session_timeout, found.scope) == (
        "a", "c", (("k", "v"),), 60, "email"
    )  # fmt: skip


def test_oidc_trims_what_editors_leave() -> None:
    found = guarded(OIDC, secret(clientID="aWQgCg==", clientSecret="c2VjcmV0IAo="))
    assert isinstance(found, AuthenticateOidc)
    assert (found.client_id, found.client_secret) == ("id", "secret ")
    assert "secret " not in repr(found)


def test_oidc_without_its_secret() -> None:
    assert compiled(annotated(OIDC)).errors == ["LB211"]
    assert compiled(annotated(OIDC), secret(clientID="aQ==")).at("LB212") == ["data"]
    assert compiled(annotated(OIDC), secret(clientSecret="aQ==")).errors == ["LB212"]


def test_a_secret_that_may_not_be_read_names_the_rule_to_add() -> None:
    result = Result(replace(kinds.snapshot(objects(annotated(OIDC))), denied={("shop", "oidc")}))
    assert result.errors == ["LB714"]
    (found,) = [each for each in result.problems if each.code == "LB714"]
    assert "Secret oidc of namespace shop" in message(found)
    assert '- apiGroups: [""]\n  resources: ["secrets"]\n  resourceNames: ["oidc"]\n  verbs: ["list", "watch"]' in remedy(found)


def test_in_a_few_files_the_secret_may_be_elsewhere() -> None:
    result = Result(kinds.snapshot(objects(annotated(OIDC)), complete=False))
    assert not result.errors
    assert "LB211" in result.codes


def test_jwt_and_none() -> None:
    claims = [{"format": "single-string", "name": "n", "values": ["v"]}]
    token = json.dumps({"jwksEndpoint": "https://j", "issuer": "i", "additionalClaims": claims})
    assert isinstance(guarded({"jwt-validation": token}), JwtValidation)
    assert guarded({"auth-type": "none"}) is None
    assert compiled(annotated({"jwt-validation": '{"additionalClaims": [{}]}'})).errors == ["LB114", "LB118"]


def test_the_service_may_say_who_passes() -> None:
    service = annotated({"auth-type": "cognito", "auth-idp-cognito": "{}"}, "web", "Service")
    assert isinstance(guarded({}, service), AuthenticateCognito)
    assert guarded({"auth-type": "cognito", "auth-idp-cognito": "{}"}, annotated({"auth-type": "none"}, "web", "Service")) is None


def test_on_plain_ports_nobody_is_asked() -> None:
    result = compiled(annotated({"auth-type": "cognito", "auth-idp-cognito": "{}"}))
    assert len(result.stack.rules[0].actions) == 1
    assert result.codes == ["LB133"]
    assert compiled(annotated({"auth-type": "saml"})).errors == ["LB104"]
    assert compiled(annotated({"auth-session-timeout": "1d"})).errors == ["LB102"]


def test_a_bad_backend_is_bad_for_every_route_that_uses_it() -> None:
    go = {"type": "forward", "forwardConfig": {"targetGroups": [{"serviceName": "web", "servicePort": 80}]}}
    given = {"group.name": "team", "actions.go": json.dumps(go), "healthcheck-interval-seconds": "x"}
    bad = annotated(given, "bad", spec={"ingressClassName": "alb", **paths(("/", "Exact", "web:80"), ("/y", "Exact", "go:use-annotation"))})
    stack = compiled(annotated({"group.name": "team"}), bad).stacks["team"]
    assert stack is not None
    assert {rule.member.short for rule in stack.rules if rule.member} == {"shop/app"}


def test_a_backend_is_one_target_group_however_often_it_is_used() -> None:
    go = {"type": "forward", "forwardConfig": {"targetGroups": [{"serviceName": "web", "servicePort": 80}]}}
    result = routed(("/x", "Exact", "web:80"), ("/y", "Exact", "go:use-annotation"), annotations={"actions.go": json.dumps(go)})
    assert len(result.stack.target_groups) == 1


def test_transforms() -> None:
    rewrite = [{"type": "url-rewrite", "urlRewriteConfig": {"rewrites": [{"regex": "^/a", "replace": "/"}]}}]
    result = compiled(annotated({"transforms.web": json.dumps(rewrite)}))
    assert result.stack.rules[0].transforms[0].rewrites == (("^/a", "/"),)
    for bad, code in (
        ([{"type": "x"}], "LB112"),
        ([{"type": "url-rewrite"}], "LB113"),
        ([{"type": "url-rewrite", "urlRewriteConfig": {}}], "LB118"),
    ):
        assert compiled(annotated({"transforms.web": json.dumps(bad)})).errors == [code]


@pytest.mark.parametrize(
    ("value", "at"),
    [
        ([{"field": "source-ip", "sourceIPConfig": {}}], "/0/sourceIPConfig/values"),
        ([{"field": "query-string", "queryStringConfig": {}}], "/0/queryStringConfig/values"),
        ([{"field": "query-string", "queryStringConfig": {"values": [{"key": "a"}]}}], "/0/queryStringConfig/values/0/value"),
    ],
)
def test_conditions_without_values(value: Any, at: str) -> None:
    result = compiled(annotated({"conditions.web": json.dumps(value)}))
    assert result.errors == ["LB118"]
    assert result.at("LB118") == [f'metadata.annotations["alb.ingress.kubernetes.io/conditions.web"] {at}']


@pytest.mark.parametrize(("raw", "at"), [('[{"HTTP": null}]', "/0/HTTP"), ('[{"HTTP": 80, "HTTPS": 0}]', "/0/HTTPS")])
def test_ports_that_are_none(raw: str, at: str) -> None:
    assert compiled(annotated({"listen-ports": raw})).at("LB120") == [
        f'metadata.annotations["alb.ingress.kubernetes.io/listen-ports"] {at}'
    ]


@pytest.mark.parametrize(
    ("entry", "code"),
    [
        ({"port": 0, "mode": "off"}, "LB120"),
        ({"port": 443}, "LB112"),
        ({"port": 443, "mode": "strict"}, "LB112"),
        ({"port": 443, "mode": "verify"}, "LB121"),
        ({"port": 443, "mode": "off", "trustStore": "x"}, "LB122"),
        ({"port": 443, "mode": "off", "trustStore": ""}, ""),
        ({"port": 443, "mode": "verify", "trustStore": "arn:t", "advertiseTrustStoreCaNames": "yes"}, "LB112"),
        ({"port": 443, "mode": "passthrough", "advertiseTrustStoreCaNames": "on"}, "LB122"),
    ],
)
def test_mutual_authentication(entry: Any, code: str) -> None:
    result = compiled(annotated({**SECURE, "mutual-authentication": json.dumps([entry])}))
    assert result.errors == ([code] if code else [])


def test_no_entry_of_mutual_authentication() -> None:
    assert compiled(annotated({**SECURE, "mutual-authentication": "[]"})).errors == ["LB118"]
