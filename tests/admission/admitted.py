"""Requests to the webhooks of one small cluster: the body of a call in, the answer out."""

import base64
import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import jsonpatch
from tests.world import CONFIG, VERSIONS, snapshot

from albatross import admission
from albatross.admission import Response
from albatross.model.config import Config
from albatross.model.facts import Answer, Facts, Question
from albatross.model.snapshot import Snapshot

Object = dict[str, Any]


def body(kind: str, new: Object, old: Object | None = None, **more: Any) -> Object:
    """An AdmissionReview: an UPDATE if there is an old object."""
    group, _, version = VERSIONS.get(kind, "v1").rpartition("/")
    request = {
        "uid": "5f0b8f9e-0c1c-4f6a-9d8e-6f6d5c0b7a11",
        "kind": {"group": group, "version": version, "kind": kind},
        "namespace": new.get("metadata", {}).get("namespace", "shop"),
        "name": new.get("metadata", {}).get("name", ""),
        "operation": "UPDATE" if old else "CREATE",
        "userInfo": {"username": "anna"},
        "object": new,
        "oldObject": old,
        "dryRun": False,
    }
    return {"apiVersion": "admission.k8s.io/v1", "kind": "AdmissionReview", "request": request | more}


def asked(path: str, review: Object, cluster: Snapshot | None = None, config: Config = CONFIG) -> frozenset[Question]:
    return admission.questions(path, admission.read(review), cluster or snapshot(), config)


def answered(
    path: str, review: Object, cluster: Snapshot | None = None, facts: Mapping[Question, Answer] | None = None, config: Config = CONFIG
) -> Response:
    return admission.answer(path, admission.read(review), cluster or snapshot(), Facts(facts or {}), config)


def patched(new: Object, response: Response) -> Object:
    """The object after the patch of the response."""
    found: Object = jsonpatch.apply_patch(new, list(response.patch))
    return found


def shown(review: Object, response: Response) -> Object:
    """The body of the response, with its patch in clear."""
    found = admission.write(review["request"]["uid"], response)
    said = found["response"]
    if "patch" in said:
        said["patch"] = json.loads(base64.b64decode(said["patch"]))
    return found


def configured(**settings: Any) -> Config:
    return replace(CONFIG, **settings)
