"""A member with an error is read in its last good version, from memory or from its annotation."""

from collections.abc import Mapping, Set
from dataclasses import replace
from typing import Any

from tests.world import CONFIG, annotated, merged, objects, paths

from albatross import pipeline
from albatross.catalog import good, kinds
from albatross.catalog.good import Good
from albatross.catalog.tracking import INGRESS, LAST_GOOD
from albatross.model.ident import Ident
from albatross.model.resources.action import Redirect
from albatross.model.resources.stack import StackId
from albatross.model.snapshot import Ingress, Snapshot
from albatross.pipeline import Prepared

TEAM, APP, TWO = StackId(INGRESS, "", "team"), Ident("Ingress", "shop", "app"), Ident("Ingress", "shop", "two")
SINCE = "2026-01-01T00:00:00Z"
REDIRECT = '{"type": "redirect", "redirectConfig": {"statusCode": "HTTP_301", "path": "/new"}}'


def two(action: str, **more: str) -> str:
    spec = {"ingressClassName": "alb", **paths(("/old", "Prefix", "go:use-annotation"))}
    return annotated({"group.name": "team", "actions.go": action, **more}, "two", spec=spec)


def cluster(*patches: str, kept: str = "") -> Snapshot:
    """The base with Ingress `two`; `kept` is its annotation."""
    found = objects(annotated({"group.name": "team"}), *patches)
    note: dict[str, Any] = {"metadata": {"annotations": {LAST_GOOD: kept}}} if kept else {}
    return kinds.snapshot([merged(each, note) if each["metadata"]["name"] == "two" else each for each in found])


def ingress(snapshot: Snapshot) -> Ingress:
    return snapshot.ingresses[TWO.key]


def version(patch: str = two(REDIRECT)) -> Good:
    return Good(ingress(cluster(patch)), SINCE)


def kept(patch: str = two(REDIRECT), now: str = two("{")) -> str:
    text = good.write(version(patch), ingress(cluster(now)))
    assert isinstance(text, str)
    return text


def understood(snapshot: Snapshot, known: Mapping[Ident, Good] | None = None, **settings: Any) -> Prepared:
    config = replace(CONFIG, **settings)
    group = pipeline.survey(snapshot, config).group(TEAM)

    def recall(idents: Set[Ident]) -> Mapping[Ident, Good]:
        return {ident: each for ident, each in (known or {}).items() if ident in idents}

    return pipeline.understand(snapshot, config, group, recall)


def codes(found: Prepared) -> set[str]:
    return {each.code for each in found.problems}


def redirects(found: Prepared) -> list[str | None]:
    return [route.answer.path for share in found.intent.shares for route in share.routes if isinstance(route.answer, Redirect)]


def test_from_memory() -> None:
    found = understood(cluster(two("{")), {TWO: version()})
    assert (set(found.restored), redirects(found)) == ({TWO}, ["/new"])
    (told,) = [each for each in found.problems if each.code == "LB440"]
    assert (told.args, told.origin.ident) == ((("since", SINCE),), TWO)


def test_from_the_annotation() -> None:
    found = understood(cluster(two("{"), kept=kept()))
    assert (set(found.restored), redirects(found)) == ({TWO}, ["/new"])


def test_memory_is_newer() -> None:
    newer = Good(ingress(cluster(two(REDIRECT.replace("/new", "/newer")))), SINCE)
    assert redirects(understood(cluster(two("{"), kept=kept()), {TWO: newer})) == ["/newer"]


def test_without_errors_it_is_not_read() -> None:
    found = understood(cluster(two(REDIRECT), kept=kept()))
    assert (found.goods, codes(found) & {"LB131", "LB440", "LB441"}) == ({}, set())


def test_strict_groups_stop() -> None:
    assert understood(cluster(two("{"), kept=kept()), strict_groups=True).goods == {}


def test_an_unusable_one_is_told() -> None:
    found = understood(cluster(two("{"), kept="x"))
    assert (found.goods, "LB441" in codes(found), "LB440" in codes(found)) == ({}, True, False)


def test_a_version_of_another_group_is_not_used() -> None:
    found = understood(cluster(two("{"), kept=kept(two(REDIRECT, **{"group.name": "other"}))))
    assert (found.goods, redirects(found)) == ({}, [])


def test_a_version_with_errors_is_read_like_a_manifest() -> None:
    """A Service is missing now, or somebody has written the version by hand."""
    rejected = two(REDIRECT, scheme="sideways")
    found = understood(cluster(two("{"), kept=kept(rejected)))
    assert (set(found.goods), set(found.restored), "LB104" in codes(found)) == ({TWO}, set(), True)
