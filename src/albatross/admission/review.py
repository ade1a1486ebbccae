"""Requests of the API server to admission webhooks, and the responses (`AdmissionReview` of API group admission.k8s.io, version v1).

Source: kubernetes.io/docs/reference/access-authn-authz/extensible-admission-controllers.
"""

import base64
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any

from albatross.catalog import bounds
from albatross.catalog.good import WRITTEN
from albatross.catalog.shape import Cursor, Malformed

API_VERSION, KIND = "admission.k8s.io/v1", "AdmissionReview"
WARNING = 256
"""Characters of a warning. The API server may cut longer ones (`truncateItemRunes` in k8s.io/apiserver `endpoints/filters/warning.go`)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Review:
    """One request. `operation` is CREATE, UPDATE, DELETE or CONNECT; `old` is the object before an UPDATE.

    `namespace` and `name` are those of the request: a new object may still be without them. `name` is empty if the API server makes it.
    """

    uid: str
    operation: str
    kind: str
    namespace: str = ""
    name: str = ""
    object: Mapping[str, Any] = field(default_factory=dict)
    old: Mapping[str, Any] = field(default_factory=dict)
    user: str = ""
    dry_run: bool = False

    @property
    def create(self) -> bool:
        """Whether the object is new."""
        return self.operation == "CREATE"


@dataclass(frozen=True, slots=True, kw_only=True)
class Response:
    """The decision. `message` and `code` say why a request is denied; `patch` are operations of JSON Patch (RFC 6902)."""

    allowed: bool = True
    code: int = HTTPStatus.OK.value
    message: str = ""
    warnings: tuple[str, ...] = ()
    patch: tuple[Mapping[str, Any], ...] = ()


ALLOWED = Response()


def denied(message: str, warnings: tuple[str, ...] = ()) -> Response:
    """The object must not be stored."""
    return Response(allowed=False, code=HTTPStatus.FORBIDDEN, message=message, warnings=warnings)


def settled(review: Review, annotations: bool = False) -> bool:
    """Whether the request changes nothing that is checked: an update of an object that is being deleted, or of other fields than `spec`.

    `annotations` are checked too if it is set. So finalizers can always be removed, whatever is wrong with the object.
    """
    if review.create:
        return False
    new, old = Cursor(review.object), Cursor(review.old)
    if new["metadata"]["deletionTimestamp"].present:
        return True
    same = not annotations or _asked(new) == _asked(old)
    return same and new["spec"].value == old["spec"].value


def _asked(at: Cursor) -> dict[str, str]:
    """The annotations without those that the controller writes, so that it can write them whatever is wrong with the object."""
    return {key: text for key, text in at["metadata"]["annotations"].strings().items() if key not in WRITTEN}


def shortened(warning: str) -> str:
    """A warning that the API server does not cut."""
    return bounds.shortened(warning, WARNING)


def malformed(error: Malformed) -> Response:
    """The request cannot be read."""
    return Response(allowed=False, code=HTTPStatus.BAD_REQUEST, message=str(error))


def read(body: Mapping[str, Any]) -> Review:
    """The request in the body of a call. Errors: `Malformed` if the body is not an `AdmissionReview` of version v1 with a request."""
    at = Cursor(body)
    if (at["apiVersion"].text(), at["kind"].text()) != (API_VERSION, KIND):
        found = f"{at['kind'].text()} of {at['apiVersion'].text()}".strip()
        raise Malformed("", f"{KIND} of {API_VERSION}", found)
    request = at["request"]
    return Review(
        uid=request["uid"].required(),
        operation=request["operation"].required(),
        kind=request["kind"]["kind"].required(),
        namespace=request["namespace"].text(),
        name=request["name"].text(),
        object=_map(request["object"]),
        old=_map(request["oldObject"]),
        user=request["userInfo"]["username"].text(),
        dry_run=bool(request["dryRun"].flag()),
    )


def _map(at: Cursor) -> Mapping[str, Any]:
    if not at.present:
        return {}
    if not isinstance(at.value, Mapping):
        raise at.wrong("a map")
    return at.value


def write(uid: str, response: Response) -> dict[str, Any]:
    """The body of the answer to the request with that uid. The uid is empty if the request cannot be read."""
    status: dict[str, Any] = {"code": response.code}
    if response.message:
        status["message"] = response.message
    if response.code == HTTPStatus.FORBIDDEN:
        status["reason"] = "Forbidden"
    said: dict[str, Any] = {"uid": uid, "allowed": response.allowed, "status": status}
    if response.warnings:
        said["warnings"] = list(response.warnings)
    if response.patch:
        patch = base64.b64encode(json.dumps(response.patch).encode()).decode()
        said |= {"patchType": "JSONPatch", "patch": patch}
    return {"apiVersion": API_VERSION, "kind": KIND, "response": said}
