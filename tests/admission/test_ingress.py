"""Which Ingresses are denied, and what is said about the others."""

import json
from copy import deepcopy
from typing import Any

import pytest
from tests.admission.admitted import answered, body, configured
from tests.world import PREFIX, merged, objects, snapshot

from albatross.admission import Response

PATH = "/validate-networking-v1-ingress"
CLASS = "kubernetes.io/ingress.class"
BASE = next(each for each in objects() if each["kind"] == "Ingress")
Object = dict[str, Any]


def made(annotations: dict[str, str] | None = None, spec: Object | None = None, **meta: Any) -> Object:
    """The Ingress of the base objects, with annotations (without our prefix) and a merge patch over its spec."""
    found = {key if "/" in key else PREFIX + key: value for key, value in (annotations or {}).items()}
    new: Object = merged(deepcopy(BASE), {"metadata": {"annotations": found, **meta}, "spec": spec or {}})
    return new


def created(new: Object, *cluster: str, **settings: Any) -> Response:
    return answered(PATH, body("Ingress", new), snapshot(*cluster), config=configured(**settings))


def updated(new: Object, old: Object, *cluster: str, **settings: Any) -> Response:
    return answered(PATH, body("Ingress", new, old), snapshot(*cluster), config=configured(**settings))


def denied(response: Response) -> str:
    assert (response.allowed, response.code) == (False, 403)
    return response.message


def ingress_class(name: str, controller: str = "ingress.k8s.aws/alb", params: str = "", default: bool = False) -> str:
    meta = {"name": name, "annotations": {"ingressclass.kubernetes.io/is-default-class": "true"} if default else {}}
    parameters = {"parameters": {"apiGroup": "elbv2.k8s.aws", "kind": "IngressClassParams", "name": params}} if params else {}
    return json.dumps({"kind": "IngressClass", "metadata": meta, "spec": {"controller": controller, **parameters}})


def test_a_good_ingress_is_allowed() -> None:
    assert created(made()) == Response()


# Ours --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("annotations", [{CLASS: "nginx"}, {CLASS: ""}])
def test_the_annotation_of_another_class_decides(annotations: dict[str, str]) -> None:
    assert created(made(annotations | {"scheme": "x"}, {"ingressClassName": "missing"})) == Response()


def test_another_controller_is_not_ours() -> None:
    assert created(made({"scheme": "x"}, {"ingressClassName": "nginx"}), ingress_class("nginx", "k8s.io/nginx")) == Response()


def test_without_a_class_it_is_ours_only_if_all_are() -> None:
    new = made({"scheme": "x"}, {"ingressClassName": None})
    assert created(new) == Response()
    assert created(new, ingress_class="").warnings


def test_a_class_that_does_not_exist_is_denied() -> None:
    text = 'invalid ingress class: IngressClass.networking.k8s.io "missing" not found'
    assert denied(created(made(spec={"ingressClassName": "missing"}))) == text
    assert denied(created(made({CLASS: "alb"}, {"ingressClassName": "missing"}))) == text
    assert denied(updated(made({CLASS: "alb"}, {"ingressClassName": "missing"}), made({CLASS: "alb"}))) == text
    assert updated(
        made({CLASS: "alb", "x/y": "z"}, {"ingressClassName": "missing"}), made({CLASS: "alb"}, {"ingressClassName": "missing"})
    ).allowed


def test_a_mistyped_class_annotation_is_not_denied() -> None:
    assert created(made({CLASS: "abl", "scheme": "internal"}, {"ingressClassName": None})).allowed


def test_several_default_classes_are_denied() -> None:
    cluster = ingress_class("alb", default=True), ingress_class("other", default=True)
    assert denied(created(made(spec={"ingressClassName": None}), *cluster)) == "multiple default IngressClasses found"
    assert created(made(), *cluster).allowed


def test_the_parameters_of_the_class_do_not_deny() -> None:
    response = created(made(), ingress_class("alb", params="missing"))
    assert response.allowed
    assert response.warnings[0].startswith('LB203 spec.ingressClassName: IngressClassParams "missing" does not exist')


# Settings ----------------------------------------------------------------------------------------------------------

FORBIDDEN = "new usage of `kubernetes.io/ingress.class` annotation is forbidden"
GROUPED = "new usage of `alb.ingress.kubernetes.io/group.name` annotation is forbidden"


@pytest.mark.parametrize(
    ("new", "old", "text"),
    [
        ({CLASS: "alb"}, None, FORBIDDEN),
        ({CLASS: "alb"}, {}, FORBIDDEN),
        ({CLASS: "alb"}, {CLASS: "nginx"}, FORBIDDEN),
        ({CLASS: "alb", "scheme": "internal"}, {CLASS: "alb"}, ""),
        ({CLASS: "nginx"}, {}, ""),
        ({}, None, ""),
        ({"group.name": "team"}, None, GROUPED),
        ({"group.name": "team"}, {}, GROUPED),
        ({"group.name": "team"}, {"group.name": "other"}, GROUPED),
        ({"group.name": ""}, {}, GROUPED),
        ({"group.name": "team", "scheme": "internal"}, {"group.name": "team"}, ""),
        ({}, {"group.name": "team"}, ""),
        ({CLASS: "alb", "group.name": "team"}, {}, f"{FORBIDDEN}; {GROUPED}"),
    ],
)
def test_new_uses_of_annotations_are_forbidden(new: dict[str, str], old: dict[str, str] | None, text: str) -> None:
    review = body("Ingress", made(new), None if old is None else made(old))
    strict = configured(disable_ingress_class_annotation=True, disable_ingress_group_name_annotation=True)
    assert answered(PATH, review, config=strict).message == text
    assert answered(PATH, review).allowed


# Conditions --------------------------------------------------------------------------------------------------------

START = "ignoring Ingress shop/app since invalid alb.ingress.kubernetes.io/conditions.web annotation: "
NEITHER, BOTH = "values or regexValues must be specified", "precisely one of values and regexValues can be specified"


@pytest.mark.parametrize(
    ("condition", "text"),
    [
        ({"field": "host-header"}, "missing hostHeaderConfig"),
        ({"field": "host-header", "hostHeaderConfig": {}}, f"invalid hostHeaderConfig: {NEITHER}"),
        ({"field": "host-header", "hostHeaderConfig": {"values": ["a"], "regexValues": ["b"]}}, f"invalid hostHeaderConfig: {BOTH}"),
        ({"field": "path-pattern"}, "missing pathPatternConfig"),
        ({"field": "path-pattern", "pathPatternConfig": {"values": []}}, f"invalid pathPatternConfig: {NEITHER}"),
        ({"field": "path-pattern", "pathPatternConfig": {"values": ["/a"], "regexValues": ["b"]}}, f"invalid pathPatternConfig: {BOTH}"),
        ({"field": "http-header"}, "missing httpHeaderConfig"),
        ({"field": "http-header", "httpHeaderConfig": {"httpHeaderName": "X"}}, f"invalid httpHeaderConfig: {NEITHER}"),
        ({"field": "http-header", "HTTPHEADERCONFIG": {"values": ["a"], "regexValues": ["b"]}}, f"invalid httpHeaderConfig: {BOTH}"),
        ({"field": "http-request-method"}, "missing httpRequestMethodConfig"),
        ({"field": "http-request-method", "httpRequestMethodConfig": {}}, "invalid httpRequestMethodConfig: values cannot be empty"),
        ({"field": "query-string"}, "missing queryStringConfig"),
        ({"field": "query-string", "queryStringConfig": {}}, "invalid queryStringConfig: Values cannot be empty"),
        ({"field": "query-string", "queryStringConfig": {"values": [{"key": "a"}]}}, "invalid queryStringConfig: value cannot be empty"),
        ({"field": "source-ip"}, "missing sourceIPConfig"),
        ({"field": "source-ip", "sourceIPConfig": {"values": []}}, "invalid sourceIPConfig: values cannot be empty"),
    ],
)
def test_invalid_conditions_are_denied(condition: Object, text: str) -> None:
    assert denied(created(made({"conditions.web": json.dumps([condition])}))) == START + text


def test_every_condition_is_checked() -> None:
    written = json.dumps([{"field": "source-ip"}, {"field": "host-header", "hostHeaderConfig": {}}])
    response = created(made({"conditions.web": written, "scheme": "x"}))
    assert denied(response) == f"{START}missing sourceIPConfig; {START}invalid hostHeaderConfig: {NEITHER}"
    assert [each[:12] for each in response.warnings] == ["LB104 scheme"]


@pytest.mark.parametrize(
    ("written", "reason"),
    [
        ("[{", "this is not valid JSON: expecting property name enclosed in double quotes at character 3"),
        ('{"field": "source-ip"}', "the value here must be an array, but it is an object"),
        ('[{"field": 5}]', "the value here must be a string, but it is the number 5"),
    ],
)
def test_what_is_not_json_is_denied(written: str, reason: str) -> None:
    response = denied(created(made({"conditions.web": written})))
    assert response == f"failed to parse json annotation, alb.ingress.kubernetes.io/conditions.web: {written}: {reason}"


def test_an_unknown_field_is_a_warning() -> None:
    response = created(made({"conditions.web": '[{"field": "cookie"}]'}))
    assert response.allowed
    assert response.warnings[0].startswith('LB119 conditions.web: condition field "cookie" is unknown')


def test_conditions_of_other_backends_are_not_checked() -> None:
    assert created(made({"conditions.other": "[{"})).allowed


def test_a_backend_that_is_another_resource_is_no_error_of_the_request() -> None:
    path = {"path": "/", "pathType": "Prefix", "backend": {"resource": {"kind": "Bucket", "name": "b"}}}
    rules = [{"host": "a.example.com"}, {"host": "b.example.com", "http": {"paths": [path]}}]
    response = created(made(spec={"rules": rules}))
    assert response.allowed
    assert response.warnings == (
        "LB148 spec.rules[1].http.paths[0]: the backend does not name a Service; fix: name a Service and one of its ports",
    )


# Warnings ----------------------------------------------------------------------------------------------------------


def test_what_the_reconcile_reports_is_a_warning() -> None:
    response = created(made({"scheme": "public", "sheme": "internal"}))
    assert response.allowed
    assert response.warnings == (
        'LB104 scheme: "public" is not one of: internal, internet-facing; fix: write one of: internal, internet-facing',
        "LB131 sheme: annotation sheme is unknown and ignored; fix: correct the name, or remove the annotation; did you mean scheme?",
    )


def test_an_invalid_group_is_a_warning() -> None:
    response = created(made({"group.name": "Team!"}))
    assert response.allowed
    assert response.warnings[0].startswith("LB137 group.name: ")


def test_warnings_are_short_and_few() -> None:
    many = {f"unknown-{number}": "x" for number in range(12)} | {"scheme": "x" * 300}
    response = created(made(many))
    assert [len(each) <= 256 for each in response.warnings] == [True] * 11
    assert response.warnings[0].startswith('LB104 scheme: "xxx')
    assert response.warnings[0].endswith("; fix: albatross explain LB104")
    assert response.warnings[-1] == "and 3 more: albatross lint"


def test_a_secret_that_was_not_read_yet_is_no_warning() -> None:
    idp = {"issuer": "https://a", "authorizationEndpoint": "https://a/1", "tokenEndpoint": "https://a/2", "userInfoEndpoint": "https://a/3"}
    annotations = {
        "listen-ports": '[{"HTTPS": 443}]',
        "certificate-arn": "arn:aws:acm:ap-northeast-2:123456789012:certificate/1",
        "auth-type": "oidc",
        "auth-idp-oidc": json.dumps({**idp, "secretName": "oidc"}),
    }
    assert created(made(annotations)) == Response()


# Groups ------------------------------------------------------------------------------------------------------------


def other(annotations: dict[str, str], **meta: Any) -> str:
    return json.dumps({"kind": "Ingress", **made(annotations), "metadata": made(annotations, name="other", **meta)["metadata"]})


def test_a_contradiction_in_the_group_is_a_warning_of_the_later_member() -> None:
    member = other({"group.name": "team", "group.order": "1", "scheme": "internal"})
    new = made({"group.name": "team", "group.order": "2", "scheme": "internet-facing"})
    response = created(new, member)
    assert [each[:12] for each in response.warnings] == ["LB123 scheme"]
    assert created(made({"group.name": "team", "scheme": "internal"}), member) == Response()
    assert created(made({"group.name": "others", "scheme": "internet-facing"}), member) == Response()


def test_the_problems_of_other_members_are_not_reported() -> None:
    assert created(made({"group.name": "team"}), other({"group.name": "team", "scheme": "x", "sheme": "y"})) == Response()


def test_the_group_of_the_class_has_its_members() -> None:
    params = json.dumps({"kind": "IngressClassParams", "metadata": {"name": "p"}, "spec": {"group": {"name": "team"}}})
    cluster = ingress_class("alb", params="p", default=True), params, other({"tags": "a=1"})
    said = [each[:10] for each in created(made({"tags": "a=2", "group.order": "1"}), *cluster).warnings]
    assert said == ["LB123 tags", "LB412 spec"]


def test_a_very_large_group_is_left_to_the_reconcile() -> None:
    members = [json.dumps({"kind": "Ingress", **made({"group.name": "team"}, name=f"m{number}")}) for number in range(200)]
    assert created(made({"group.name": "team", "scheme": "x"}), *members) == Response()
    assert created(made({"group.name": "team", "scheme": "x"}), *members[:9]).warnings


# What is not checked -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "meta",
    [{"finalizers": ["a"]}, {"labels": {"a": "b"}}, {"deletionTimestamp": "2026-01-01T00:00:00Z", "annotations": {PREFIX + "scheme": "y"}}],
)
def test_finalizers_labels_and_deletion_are_not_checked(meta: Object) -> None:
    wrong = made({"scheme": "x", "conditions.web": "[{"}, {"ingressClassName": "missing"})
    assert updated(merged(wrong, {"metadata": meta}), wrong) == Response()


def test_annotations_and_spec_are_checked() -> None:
    assert updated(made({"scheme": "x"}), made()).warnings
    assert not updated(made(spec={"ingressClassName": "missing"}), made()).allowed


def test_what_the_controller_writes_is_never_checked() -> None:
    """The object was stored while nobody checked it. Its annotations of the controller can still be written."""
    broken = made({"conditions.web": "{"})
    assert updated(made({"conditions.web": "{", "albatross.dev/last-good": "x"}), broken) == Response()
    assert not updated(made({"conditions.web": "{", "scheme": "internal"}), broken).allowed


# What a namespace may have in a group --------------------------------------------------------------------------------


def policy(*rows: Object) -> str:
    meta = {"name": "team", "annotations": {"albatross.dev/tenants": json.dumps(rows)}}
    return json.dumps({"kind": "IngressClassParams", "metadata": meta, "spec": {"group": {"name": "team"}}})


def selecting(namespace: str, *hosts: str) -> Object:
    found: Object = {"namespaces": {"matchLabels": {"kubernetes.io/metadata.name": namespace}}}
    return {**found, "hosts": list(hosts)} if hosts else found


TEAM = {"group.name": "team"}


def test_a_namespace_that_may_not_join_is_denied_with_the_words_of_lint() -> None:
    said = denied(created(made(TEAM), policy(selecting("other"))))
    assert said.startswith(
        "LB443: namespace shop may not join group team: no row of its policy selects the namespace; fix: use another group"
    )
    assert created(made(TEAM), policy(selecting("shop"))).allowed


def test_a_host_that_is_not_allowed_is_denied() -> None:
    said = denied(created(made(TEAM), policy(selecting("shop", "x.example.com"))))
    assert said.startswith("LB444: namespace shop may not use host www.example.com in this group; allowed: x.example.com; fix: ")
    assert created(made(TEAM), policy(selecting("shop", "*.example.com"))).allowed


def test_what_was_refused_before_does_not_stop_another_edit() -> None:
    old = made(TEAM)
    response = updated(made({**TEAM, "tags": "a=b"}), old, policy(selecting("other")))
    assert response.allowed
    assert any(each.startswith("LB443") for each in response.warnings)


def test_a_host_of_another_namespace_is_denied_whatever_the_age() -> None:
    rival = merged(made(TEAM, creationTimestamp="2026-02-01T00:00:00Z"), {"metadata": {"name": "rival", "namespace": "other"}})
    old = made(TEAM, {"rules": [{"host": "x.example.com"}]}, creationTimestamp="2026-01-01T00:00:00Z", uid="1")
    new = made(TEAM, creationTimestamp="2026-01-01T00:00:00Z", uid="1")
    assert updated(new, old, json.dumps(rival)).allowed
    said = denied(updated(new, old, json.dumps(rival), first_come_hosts=True))
    assert said.startswith("LB445: www.example.com/ belongs to Ingress other/rival, which had it first; fix: ")


def test_hosts_are_checked_in_large_groups_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("albatross.admission.forecast.MEMBERS", 0)
    assert "LB444" in denied(created(made(TEAM), policy(selecting("shop", "x.example.com"))))
