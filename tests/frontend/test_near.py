"""Names of objects that do not exist, and what they may mean."""

import json

import pytest
from tests.world import Result, annotated, compiled, paths

from albatross.catalog.problems import remedy
from albatross.frontend.lookups import HINTS, Lookups
from albatross.frontend.near import NAMES, hint
from albatross.model.snapshot import Metadata, Service, Snapshot

PROVIDER = {"issuer": "https://i", "authorizationEndpoint": "https://a", "tokenEndpoint": "https://t", "userInfoEndpoint": "https://u"}
SECURE = {"listen-ports": '[{"HTTPS": 443}]', "certificate-arn": "arn:aws:acm:ap-northeast-2:123456789012:certificate/1"}
OIDC = {**SECURE, "auth-type": "oidc", "auth-idp-oidc": json.dumps({**PROVIDER, "secretName": "odic"})}
WEIGHTED = {
    "actions.web": '{"type": "forward", "forwardConfig": {"targetGroups": [{"serviceName": "web", "servicePort": 80, "weight": 1},'
    ' {"serviceName": "wbe", "servicePort": 80, "weight": 1}]}}'
}
SECRET = '{"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "oidc", "namespace": "shop"}, "data": {}}'


def fixes(result: Result, code: str) -> set[str]:
    return {remedy(each) for each in result.problems if each.code == code}


def services(*names: str, namespace: str = "shop") -> Snapshot:
    return Snapshot(services={(namespace, name): Service(metadata=Metadata(namespace=namespace, name=name)) for name in names})


@pytest.mark.parametrize(
    ("code", "patches", "meant"),
    [
        ("LB206", (annotated({}, spec=paths(("/", "Prefix", "wbe:80"))),), "web"),
        ("LB207", (annotated(WEIGHTED, spec=paths(("/", "Prefix", "web:use-annotation"))),), "web"),
        ("LB201", (annotated({}, spec={"ingressClassName": "abl"}),), "alb"),
        ("LB211", (annotated(OIDC), SECRET), "oidc"),
    ],
)
def test_the_fix_says_what_a_name_may_mean(code: str, patches: tuple[str, ...], meant: str) -> None:
    (fix,) = fixes(compiled(*patches), code)
    assert fix.endswith(f"; did you mean {meant}?")


def test_a_name_that_is_like_no_other_has_no_hint() -> None:
    (fix,) = fixes(compiled(annotated({}, spec=paths(("/", "Prefix", "payments:80")))), "LB206")
    assert fix == "create the Service, or correct its name"


def test_only_objects_of_the_same_namespace_are_meant() -> None:
    assert hint(("shop", "wbe"), services("web").services) == "; did you mean web?"
    assert hint(("shop", "wbe"), services("web", namespace="other").services) == ""


def test_a_name_is_not_compared_with_thousands() -> None:
    assert hint(("shop", "web-x"), services(*(f"web-{number}" for number in range(NAMES))).services)
    assert hint(("shop", "web-x"), services(*(f"web-{number}" for number in range(NAMES + 1))).services) == ""


def test_one_object_gets_few_hints() -> None:
    lookups = Lookups(services("web"))
    found = [lookups.meant("Service", ("shop", f"web{number}")) for number in range(HINTS + 5)]
    assert (found.count("; did you mean web?"), found.count("")) == (HINTS, 5)
    assert lookups.meant("Service", ("shop", "web0")) == found[0]
