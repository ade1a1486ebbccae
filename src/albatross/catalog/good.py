"""The last good version of an object, as the value of an annotation on that object.

The value is JSON. `object` holds `spec` and our annotations, compressed; the name and the UID are always those of the object that carries
it. So it is read like a manifest, and everything that is checked in a manifest is checked in it.
"""

import hashlib
import json
import zlib
from base64 import b64decode, b64encode
from collections.abc import Mapping
from dataclasses import dataclass, replace

from albatross.catalog.annotations import albatross, ingress, service
from albatross.catalog.kinds import KINDS, parse
from albatross.catalog.manifest import manifest
from albatross.catalog.refusals import refusals
from albatross.catalog.refusals.metadata import LONGEST
from albatross.catalog.shape import Cursor, Malformed
from albatross.catalog.tracking import LAST_GOOD, MARKS
from albatross.catalog.webhooks import CLASS_ANNOTATION
from albatross.model.snapshot import Ingress, Service

FORMAT = 1
UNPACKED = 1_500_000
"""The most bytes of a version before compression: an object in etcd has at most 1.5 MiB (`--max-request-bytes`)."""
DIGITS = 16
"""Hexadecimal digits of a digest (chosen by us). A digest finds damage and other versions, but anybody can compute one."""
_OURS = (ingress.PREFIX, service.PREFIX, albatross.PREFIX)
WRITTEN = MARKS | {ingress.DRY_RUN_PLAN.key}
"""Annotations that the controller writes on Ingresses and Services. They decide nothing, and wake nobody."""


@dataclass(frozen=True, slots=True)
class Good:
    """The last good version of an object that has errors now, and when the controller first saw the errors (RFC 3339)."""

    noun: Ingress | Service
    since: str


@dataclass(frozen=True, slots=True)
class NotKept:
    """Why the annotation cannot be used."""

    reason: str


def meaning(noun: Ingress | Service) -> str:
    """A digest of everything in an object that its user wrote for us. Two versions with an equal digest mean the same."""
    return _digest(_text(noun))


def write(good: Good, now: Ingress | Service) -> str | NotKept:
    """The value of the annotation on `now`, the version with errors. `NotKept` if the annotations would be too large with it."""
    packed = b64encode(zlib.compress(_text(good.noun).encode(), 9)).decode()
    beside = meaning(now)
    found = {"format": FORMAT, "since": good.since, "beside": beside, "sum": _sum(now, good.since, beside, packed), "object": packed}
    text = json.dumps(found)
    others = sum(_size(*pair) for pair in now.metadata.annotations.items() if pair[0] != LAST_GOOD)
    if (total := others + _size(LAST_GOOD, text)) > LONGEST:
        return NotKept(f"all annotations would have {total} bytes with it, and Kubernetes allows {LONGEST}")
    return text


def read(now: Ingress | Service) -> Good | NotKept | None:
    """The last good version in the annotation of an object with errors; None without the annotation.

    The version with errors must be the same as when the annotation was written. Otherwise another controller may have served the object
    since, and AWS has something newer.
    """
    text = now.metadata.annotations.get(LAST_GOOD)
    if text is None:
        return None
    try:
        at = Cursor(json.loads(text))
        if at["format"].number() != FORMAT:
            return NotKept("its format is unknown")
        since, beside, packed = at["since"].text(), at["beside"].text(), at["object"].text()
        if at["sum"].text() != _sum(now, since, beside, packed):
            return NotKept("it was changed, or it belongs to another object")
        if beside != meaning(now):
            return NotKept("the object has changed since it was written")
        return _opened(now, since, packed)
    except (ValueError, RecursionError, zlib.error, Malformed):
        return NotKept("it cannot be read")


def current(version: Good, now: Ingress | Service) -> bool:
    """Whether the annotation of an object with errors holds this version already."""
    found = read(now)
    return isinstance(found, Good) and found.since == version.since and meaning(found.noun) == meaning(version.noun)


def _opened(now: Ingress | Service, since: str, packed: str) -> Good | NotKept:
    unpacking = zlib.decompressobj()
    inner = unpacking.decompress(b64decode(packed, validate=True), UNPACKED)
    if unpacking.unconsumed_tail:
        return NotKept(f"it has more than {UNPACKED} bytes")
    found, kind = Cursor(json.loads(inner)), type(now).__name__
    metadata = {"namespace": now.metadata.namespace, "name": now.metadata.name, "annotations": found["annotations"].strings()}
    obj = {"apiVersion": KINDS[kind].api_version, "kind": kind, "metadata": metadata, "spec": found["spec"].value}
    noun = parse(obj)
    assert isinstance(noun, Ingress | Service), "the row of its kind reads it"
    if refused := refusals(kind, obj):
        return NotKept(f"Kubernetes refuses it: {refused[0].field}: {refused[0].reason}")
    return Good(replace(noun, metadata=replace(now.metadata, annotations=noun.metadata.annotations)), since)


def _text(noun: Ingress | Service) -> str:
    return json.dumps({"annotations": _annotations(noun), "spec": manifest(noun)["spec"]}, sort_keys=True, separators=(",", ":"))


def _annotations(noun: Ingress | Service) -> Mapping[str, str]:
    """The annotations that decide: ours, without those that the controller writes, and the class."""
    written = noun.metadata.annotations.items()
    return {key: value for key, value in written if key not in WRITTEN and (key.startswith(_OURS) or key == CLASS_ANNOTATION)}


def _sum(now: Ingress | Service, *texts: str) -> str:
    return _digest(json.dumps([type(now).__name__, now.metadata.uid, *texts]))


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:DIGITS]


def _size(key: str, value: str) -> int:
    return len(key.encode()) + len(value.encode())
