"""Reading requests and writing responses."""

import base64
import json
from typing import Any

import pytest
from tests.admission.admitted import answered, asked, body
from tests.world import CONFIG

from albatross import admission
from albatross.admission import Malformed, Response
from albatross.frontend import ROOTS

SERVICE = {"metadata": {"name": "web", "namespace": "shop"}, "spec": {"type": "LoadBalancer"}}
PATH = "/mutate-v1-service"


def changed(**more: Any) -> dict[str, Any]:
    found = body("Pod", {})
    return {**found, "request": found["request"] | more}


def test_a_request_is_read() -> None:
    found = admission.read(body("Service", SERVICE, SERVICE, dryRun=True))
    assert (found.operation, found.kind, found.namespace, found.name) == ("UPDATE", "Service", "shop", "web")
    assert (found.user, found.dry_run, found.object, found.old) == ("anna", True, SERVICE, SERVICE)
    assert not found.create


def test_what_may_be_missing_is_empty() -> None:
    request = {"uid": "1", "operation": "CREATE", "kind": {"kind": "Pod"}}
    found = admission.read({"apiVersion": "admission.k8s.io/v1", "kind": "AdmissionReview", "request": request})
    assert (found.namespace, found.name, found.user, found.object, found.old) == ("", "", "", {}, {})
    assert found.create


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({}, "the object: expected AdmissionReview of admission.k8s.io/v1, got of"),
        ({**body("Pod", {}), "apiVersion": "admission.k8s.io/v1beta1"}, "got AdmissionReview of admission.k8s.io/v1beta1"),
        ({**body("Pod", {}), "request": None}, "request.uid: expected a string, got nothing"),
        (body("Pod", {}, uid=None), "request.uid: expected a string, got nothing"),
        (body("Pod", {}, operation=7), "request.operation: expected a string, got the number 7"),
        (changed(kind={}), "request.kind.kind: expected a string, got nothing"),
        (body("Pod", {}, object="x"), 'request.object: expected a map, got the string "x"'),
    ],
)
def test_what_is_no_request_is_malformed(wrong: dict[str, Any], said: str) -> None:
    with pytest.raises(Malformed) as caught:
        admission.read(wrong)
    assert said in str(caught.value)
    response = admission.malformed(caught.value)
    assert (response.allowed, response.code) == (False, 400)
    assert admission.write("", response)["response"]["uid"] == ""


def test_an_allowed_response() -> None:
    said = admission.write("1", Response())
    assert said == {
        "apiVersion": "admission.k8s.io/v1",
        "kind": "AdmissionReview",
        "response": {"uid": "1", "allowed": True, "status": {"code": 200}},
    }


def test_a_response_with_everything() -> None:
    patch = ({"op": "add", "path": "/spec/a", "value": 1},)
    said = admission.write("1", Response(allowed=False, code=403, message="no", warnings=("a", "b"), patch=patch))["response"]
    assert json.loads(base64.b64decode(said.pop("patch"))) == list(patch)
    assert said == {
        "uid": "1",
        "allowed": False,
        "status": {"code": 403, "message": "no", "reason": "Forbidden"},
        "warnings": ["a", "b"],
        "patchType": "JSONPatch",
    }


@pytest.mark.parametrize("path", admission.HANDLERS)
@pytest.mark.parametrize("operation", ["DELETE", "CONNECT", "LATER"])
def test_other_operations_are_allowed(path: str, operation: str) -> None:
    review = body(admission.HANDLERS[path].kind, {"spec": "not a map"}, operation=operation)
    assert asked(path, review) == frozenset()
    assert answered(path, review) == Response()


@pytest.mark.parametrize("path", admission.HANDLERS)
def test_an_object_of_another_shape_is_an_error_of_the_request(path: str) -> None:
    review = body(admission.HANDLERS[path].kind, {"metadata": {"name": "x", "annotations": "no"}, "spec": "no"})
    assert asked(path, review) == frozenset()
    found = answered(path, review)
    assert (found.allowed, found.code) == (False, 400)
    assert "expected a map" in found.message


@pytest.mark.parametrize("path", admission.HANDLERS)
def test_another_kind_is_an_error_of_the_request(path: str) -> None:
    found = answered(path, body("Node", {}))
    assert (found.code, found.message) == (400, f"request.kind: expected {admission.HANDLERS[path].kind}, got Node")


def test_services_are_served_if_they_are_roots() -> None:
    assert (PATH in admission.served(CONFIG)) == ("Service" in ROOTS)
