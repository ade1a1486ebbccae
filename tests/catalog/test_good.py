"""The last good version in an annotation: what is written is read again, and whatever else it holds is not used."""

import json
import zlib
from base64 import b64decode, b64encode
from dataclasses import replace
from typing import Any

import pytest

from albatross.catalog import good
from albatross.catalog.good import Good, NotKept
from albatross.catalog.kinds import parse
from albatross.catalog.refusals.metadata import LONGEST
from albatross.catalog.tracking import LAST_GOOD
from albatross.model.snapshot import Ingress, Service

REDIRECT = '{"type": "redirect", "redirectConfig": {"statusCode": "HTTP_301", "path": "/x"}}'
SINCE = "2026-01-01T00:00:00Z"


def ingress(**annotations: str) -> Ingress:
    path = {"path": "/old", "pathType": "Prefix", "backend": {"service": {"name": "go", "port": {"name": "use-annotation"}}}}
    found = parse(
        {
            "apiVersion": "networking.k8s.io/v1",
            "kind": "Ingress",
            "metadata": {
                "namespace": "shop",
                "name": "app",
                "uid": "1",
                "annotations": {f"alb.ingress.kubernetes.io/{key.replace('_', '.')}": value for key, value in annotations.items()},
            },
            "spec": {"rules": [{"host": "www.example.com", "http": {"paths": [path]}}]},
        }
    )
    assert isinstance(found, Ingress)
    return found


GOOD, BAD = ingress(actions_go=REDIRECT), ingress(actions_go="{")
VERSION = Good(GOOD, SINCE)


def carrying(text: str | NotKept, now: Ingress = BAD) -> Ingress:
    assert isinstance(text, str)
    return replace(now, metadata=replace(now.metadata, annotations={**now.metadata.annotations, LAST_GOOD: text}))


def changed(**fields: Any) -> Ingress:
    """The annotation with other fields and a right sum."""
    text = good.write(VERSION, BAD)
    assert isinstance(text, str)
    found = json.loads(text) | fields
    parts = [found[name] for name in ("since", "beside", "object")]
    return carrying(json.dumps(found | {"sum": good._sum(BAD, *parts)} if all(isinstance(each, str) for each in parts) else found))


def packed(inner: object) -> str:
    return b64encode(zlib.compress(json.dumps(inner).encode())).decode()


def test_what_is_written_is_read_again() -> None:
    now = carrying(good.write(VERSION, BAD))
    found = good.read(now)
    assert isinstance(found, Good)
    assert (good.meaning(found.noun), found.since) == (good.meaning(GOOD), SINCE)
    assert (found.noun.rules, found.noun.metadata.annotations) == (GOOD.rules, GOOD.metadata.annotations)  # type: ignore[union-attr]
    assert good.current(VERSION, now)
    assert not good.current(VERSION, BAD)
    assert not good.current(replace(VERSION, since="later"), now)
    assert good.read(BAD) is None


def test_a_service_too() -> None:
    written: dict[str, Any] = {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": {
            "namespace": "shop",
            "name": "app",
            "uid": "1",
            "annotations": {"service.beta.kubernetes.io/aws-load-balancer-scheme": "x"},
        },
        "spec": {"type": "LoadBalancer", "ports": [{"port": 80}]},
    }
    now = parse(written)
    fine = parse({**written, "metadata": {**written["metadata"], "annotations": {}}})
    assert isinstance(now, Service)
    assert isinstance(fine, Service)
    text = good.write(Good(fine, SINCE), now)
    assert isinstance(text, str)
    metadata = replace(now.metadata, annotations={**now.metadata.annotations, LAST_GOOD: text})
    found = good.read(replace(now, metadata=metadata))
    assert isinstance(found, Good)
    assert found.noun.ports == fine.ports  # type: ignore[union-attr]


def test_annotations_of_others_change_nothing_and_are_not_kept() -> None:
    noted = replace(GOOD, metadata=replace(GOOD.metadata, annotations={**GOOD.metadata.annotations, "a.team/note": "x", LAST_GOOD: "y"}))
    assert good.meaning(noted) == good.meaning(GOOD)
    assert good.write(Good(noted, SINCE), BAD) == good.write(VERSION, BAD)


@pytest.mark.parametrize(
    ("now", "reason"),
    [
        (carrying("{"), "it cannot be read"),
        (carrying("[" * 9999), "it cannot be read"),
        (carrying("[]"), "it cannot be read"),
        (carrying('{"format": 2}'), "its format is unknown"),
        (changed(since=None), "it was changed, or it belongs to another object"),
        (changed(object="AAAA"), "it cannot be read"),
        (changed(object="ä"), "it cannot be read"),
        (changed(object=packed([])), "it cannot be read"),
        (changed(object=packed({"spec": {"rules": "x"}})), "it cannot be read"),
        (changed(object=packed({"spec": {"rules": [{"host": "UPPER"}]}})), "Kubernetes refuses it: spec.rules[0].host"),
        (changed(object=packed(" " * (good.UNPACKED + 1))), f"it has more than {good.UNPACKED} bytes"),
        (changed(beside="0"), "the object has changed since it was written"),
        (carrying(good.write(VERSION, BAD), ingress(actions_go="}")), "the object has changed since it was written"),
        (
            carrying(good.write(VERSION, BAD), replace(BAD, metadata=replace(BAD.metadata, uid="2"))),
            "it was changed, or it belongs to another object",
        ),
    ],
)  # fmt: skip
def test_what_is_not_used_and_why(now: Ingress, reason: str) -> None:
    """LB441 says it."""
    found = good.read(now)
    assert isinstance(found, NotKept)
    assert found.reason.startswith(reason)


def test_names_inside_it_count_for_nothing() -> None:
    found = good.read(changed(object=packed({"metadata": {"name": "other", "uid": "9"}, "spec": {"rules": [{"host": "a.example.com"}]}})))
    assert isinstance(found, Good)
    assert (found.noun.metadata.name, found.noun.metadata.uid) == ("app", "1")


def test_it_never_makes_the_object_too_large() -> None:
    full = replace(BAD, metadata=replace(BAD.metadata, annotations={"a": "x" * (LONGEST - 200)}))
    found = good.write(VERSION, full)
    assert isinstance(found, NotKept)
    assert str(LONGEST) in found.reason
    assert isinstance(good.write(VERSION, carrying("x" * LONGEST)), str)


def test_it_is_small() -> None:
    text = good.write(VERSION, BAD)
    assert isinstance(text, str)
    assert len(b64decode(json.loads(text)["object"])) < len(good._text(GOOD))
