"""The last good version on the object: it survives a restart, is written seldom, and wakes nobody."""

from collections.abc import AsyncIterator, Mapping
from typing import Any

import pytest
from tests.controller.groups.bed import GROUPED, IP, TEAM, Bed
from tests.world import CONFIG

from albatross.catalog.tracking import LAST_GOOD
from albatross.controller.groups import Groups
from albatross.controller.index import Index
from albatross.kube.cache import Change
from albatross.kube.client import Request
from albatross.kube.errors import KubeError, Refused

REDIRECT = '{"type": "redirect", "redirectConfig": {"statusCode": "HTTP_301", "path": "/%s"}}'
PATH = {"path": "/old", "pathType": "Prefix", "backend": {"service": {"name": "go", "port": {"name": "use-annotation"}}}}
SPEC = {"ingressClassName": "alb", "rules": [{"host": "www.example.com", "http": {"paths": [PATH]}}]}


@pytest.fixture
async def lives(bed: Bed) -> AsyncIterator[list[Bed]]:
    """The controllers, one after the other."""
    found = [bed]
    yield found
    for each in found[1:]:
        await each.groups.close()


def again(lives: list[Bed]) -> Bed:
    """The controller starts again: it remembers nothing."""
    cluster, account, heard = lives[0].cluster, lives[0].account, lives[0].heard
    index = Index(cluster.cache, CONFIG)
    for ident in [each for group in lives[0].index.stacks() for each in lives[0].index.group(group).members]:
        index.note(Change(ident.kind, ident.key, None, cluster.cache.get(ident.kind, ident.key)))
    cluster.cache.listen(index.note)  # type: ignore[arg-type]  # whether a change matters is the queue's business
    lives.append(Bed(cluster, account, heard, Groups(cluster, cluster.cache, account, CONFIG, index, heard)))
    return lives[-1]


def move(bed: Bed, action: str = REDIRECT % "new", **annotations: str) -> None:
    """Ingress `two` redirects."""
    bed.apply("two", {**GROUPED, **annotations, "actions.go": action}, spec=SPEC)


def redirects(bed: Bed) -> list[str]:
    """The paths that rules redirect to."""
    found: list[Mapping[str, Any]] = [action for rule in bed.account.made["Rule"] for action in rule["Actions"]]
    return [each["RedirectConfig"]["Path"] for each in found if each["Type"] == "redirect"]


def kept(bed: Bed, name: str = "two") -> str | None:
    stored = bed.cluster.find("Ingress", name)
    found: str | None = (stored or {"metadata": {}})["metadata"].get("annotations", {}).get(LAST_GOOD)
    return found


def written(bed: Bed) -> int:
    """Writes to Ingress `two` itself, since last asked."""
    found = len([path for path in bed.cluster.writes() if path.endswith("/ingresses/two")])
    bed.cluster.journal.clear()
    return found


async def served(bed: Bed) -> None:
    bed.apply(annotations=GROUPED)
    move(bed)
    await bed.look(TEAM)
    assert redirects(bed) == ["/new"]
    bed.account.journal.clear()
    bed.cluster.journal.clear()
    bed.heard.take()


async def test_a_redirect_survives_a_restart(bed: Bed, lives: list[Bed]) -> None:
    await served(bed)
    move(bed, "{")
    await bed.look(TEAM)
    second = again(lives)
    await second.look(TEAM)
    assert redirects(bed) == ["/new"]
    assert not [each for each in bed.account.writes() if "Rule" in each]
    assert written(bed) == 1


async def test_what_is_used_is_said_with_its_time(bed: Bed, lives: list[Bed]) -> None:
    await served(bed)
    move(bed, "{")
    await bed.look(TEAM)
    await again(lives).look(TEAM)
    told = [each.message for each in bed.heard.events if each.reason == "FailedBuildModel"]
    assert told[0] == told[1]
    assert "LB440: this version has errors, so its last good version is in use since 2" in told[0]


async def test_an_object_without_an_error_is_not_written(bed: Bed) -> None:
    await served(bed)
    move(bed, REDIRECT % "newer")
    await bed.look(TEAM)
    assert (kept(bed), written(bed)) == (None, 0)


async def test_it_is_written_once_and_goes_with_the_error(bed: Bed) -> None:
    await served(bed)
    move(bed, "{")
    await bed.look(TEAM)
    await bed.look(TEAM)
    assert written(bed) == 1
    bed.cluster.apply({**dict(bed.cluster.find("Ingress", "two") or {}), "spec": SPEC})
    stored = dict(bed.cluster.find("Ingress", "two") or {})
    fixed = dict(stored["metadata"]["annotations"].items()) | {"alb.ingress.kubernetes.io/actions.go": REDIRECT % "newer"}
    bed.cluster.apply({**stored, "metadata": {**stored["metadata"], "annotations": fixed}})
    await bed.look(TEAM)
    assert (kept(bed), written(bed)) == (None, 1)
    await bed.look(TEAM)
    assert written(bed) == 0


async def test_our_own_writes_wake_nobody(bed: Bed) -> None:
    await served(bed)
    move(bed, "{")
    heard: list[bool] = []
    bed.cluster.cache.listen(lambda change: heard.append(bed.index.note(change)))
    await bed.look(TEAM)
    assert kept(bed)
    assert heard == [False]


async def test_another_broken_edit_keeps_the_first_time(bed: Bed, lives: list[Bed]) -> None:
    await served(bed)
    move(bed, "{")
    await bed.look(TEAM)
    first = kept(bed)
    second = again(lives)
    await second.look(TEAM)
    move(bed, "{{")
    await second.look(TEAM)
    assert kept(bed) not in (None, first)
    await again(lives).look(TEAM)
    assert redirects(bed) == ["/new"]
    told = {each.message.partition("LB440")[2] for each in bed.heard.events if each.reason == "FailedBuildModel"}
    assert len(told) == 1


async def test_a_version_beside_another_one_is_not_used(bed: Bed, lives: list[Bed]) -> None:
    """LB441 says it. Between the two, somebody else may have served the object."""
    await served(bed)
    move(bed, "{")
    await bed.look(TEAM)
    stored = dict(bed.cluster.find("Ingress", "two") or {})
    other = {**stored["metadata"]["annotations"], "alb.ingress.kubernetes.io/actions.go": "}"}
    bed.cluster.apply({**stored, "metadata": {**stored["metadata"], "annotations": other}})
    second = again(lives)
    await second.look(TEAM)
    assert redirects(bed) == []
    assert "LB441: annotation albatross.dev/last-good cannot be used: the object has changed since" in bed.heard.events[-2].message


async def test_it_goes_with_the_finalizer(bed: Bed) -> None:
    await served(bed)
    move(bed, "{")
    await bed.look(TEAM)
    stored = dict(bed.cluster.find("Ingress", "two") or {})
    alone = {key: value for key, value in stored["metadata"]["annotations"].items() if not key.endswith("group.name")}
    bed.cluster.apply({**stored, "spec": {**SPEC, "ingressClassName": "nginx"}, "metadata": {**stored["metadata"], "annotations": alone}})
    bed.cluster.apply(
        {"kind": "IngressClass", "apiVersion": "networking.k8s.io/v1", "metadata": {"name": "nginx"}, "spec": {"controller": "x"}}
    )
    await bed.look(TEAM)
    assert (kept(bed), bed.cluster.finalizers("two")) == (None, [])


async def test_a_refused_write_costs_nothing_now(bed: Bed) -> None:
    await served(bed)
    move(bed, "{")
    refused = Refused("PATCH", "/", 403, "Forbidden")

    def refuse(request: Request) -> KubeError | None:
        return refused if request.method == "PATCH" and request.path.endswith("/two") else None

    bed.cluster.refuse = refuse
    await bed.look(TEAM)
    assert (kept(bed), redirects(bed)) == (None, ["/new"])


async def test_too_large_to_be_kept(bed: Bed) -> None:
    await served(bed)
    move(bed, "{", **{"tags": "a=" + "x" * (256 * 1024 - 500)})
    await bed.look(TEAM)
    assert (kept(bed), redirects(bed)) == (None, ["/new"])
    (told,) = [each.message for each in bed.heard.events if each.reason == "FailedBuildModel"]
    assert "LB441" in told
    assert "Kubernetes allows 262144" in told


async def test_a_single_ingress_keeps_its_own(bed: Bed, lives: list[Bed]) -> None:
    bed.apply(annotations={**IP, "actions.go": REDIRECT % "new"}, spec=SPEC)
    await bed.look()
    bed.apply(annotations={**IP, "actions.go": "{"}, spec=SPEC)
    await bed.look()
    await again(lives).look()
    assert redirects(bed) == ["/new"]
    assert kept(bed, "app")
