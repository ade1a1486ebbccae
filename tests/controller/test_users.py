"""Mentions both ways, directly and through others."""

from typing import Any

from albatross.catalog import kinds
from albatross.controller.users import Users
from albatross.kube.cache import Change
from albatross.model.ident import Ident

ALB = {"apiVersion": "networking.k8s.io/v1", "kind": "IngressClass", "metadata": {"name": "alb"}}
PARAMETERS = {"apiGroup": "elbv2.k8s.aws", "kind": "IngressClassParams", "name": "p"}
APP, WEB, SECRET = Ident("Ingress", "shop", "app"), Ident("Service", "shop", "web"), Ident("Secret", "shop", "s")


def change(old: dict[str, Any] | None, new: dict[str, Any] | None) -> Change:
    before, after = (kinds.parse(each) if each else None for each in (old, new))
    noun = after or before
    assert noun is not None
    return Change(type(noun).__name__, kinds.key(noun), before, after)


def ingress(service: str = "web") -> dict[str, Any]:
    spec = {"ingressClassName": "alb", "defaultBackend": {"service": {"name": service, "port": {"number": 80}}}}
    return {
        "apiVersion": "networking.k8s.io/v1",
        "kind": "Ingress",
        "metadata": {"namespace": "shop", "name": "app"},
        "spec": spec,
    }


def service(secret: str) -> dict[str, Any]:
    oidc = {"alb.ingress.kubernetes.io/auth-idp-oidc": f'{{"secretName": "{secret}"}}'}
    return {"apiVersion": "v1", "kind": "Service", "metadata": {"namespace": "shop", "name": "web", "annotations": oidc}}


def params() -> dict[str, Any]:
    return {"apiVersion": "elbv2.k8s.aws/v1beta1", "kind": "IngressClassParams", "metadata": {"name": "p"}}


def noted(*changes: Change) -> Users:
    users = Users()
    for each in changes:
        users.note(each)
    return users


def test_a_change_concerns_those_that_mention_it_through_others() -> None:
    users = noted(change(None, ingress()), change(None, {**ALB, "spec": {"parameters": PARAMETERS}}))
    assert users.roots(change(None, params())) == {APP}
    users.note(change({**ALB, "spec": {"parameters": PARAMETERS}}, {**ALB, "spec": {}}))
    assert users.roots(change(None, params())) == set()


def test_what_is_mentioned_no_more_reaches_nobody() -> None:
    users = noted(change(None, ingress()), change(ingress(), ingress("other")))
    assert users.roots(change(None, service("s"))) == {WEB}
    users.note(change(ingress("other"), None))
    assert users.mentions(APP) == frozenset()


def test_a_root_concerns_itself() -> None:
    assert noted().roots(change(None, ingress())) == {APP}


def test_needs_go_through_others() -> None:
    users = noted(change(None, ingress()), change(None, service("s")))
    assert users.needs([APP], ["Secret"]) == {SECRET}
    assert users.needs([APP], ["Service", "Secret"]) == {WEB, SECRET}
    users.note(change(service("s"), service("t")))
    assert users.needs([APP], ["Secret"]) == {Ident("Secret", "shop", "t")}
