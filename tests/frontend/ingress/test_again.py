"""A group is read again with the readings from before: only what changed is read, and the result is that of reading everything."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from tests.world import CONFIG, annotated, paths, snapshot

from albatross import frontend, manifests, pipeline
from albatross.catalog import kinds
from albatross.catalog.tracking import INGRESS
from albatross.frontend import ingress
from albatross.frontend.group import Group
from albatross.model.ident import Ident
from albatross.model.resources.stack import StackId
from albatross.model.snapshot import Snapshot

TEAM = StackId(INGRESS, "", "team")
APP, TWO = (Ident("Ingress", "shop", name) for name in ("app", "two"))
SCENARIOS = Path(__file__).parents[2] / "conformance" / "scenarios"
SERVICE = "kind: Service\nmetadata: {name: other, namespace: shop}\nspec: {type: NodePort, ports: [{port: 80, nodePort: 30081}]}"
BOTH = (
    annotated({"group.name": "team"}),
    annotated({"group.name": "team"}, "two", spec={"ingressClassName": "alb", **paths(("/two", "Prefix", "other:80"))}),
    SERVICE,
)


def group(cluster: Snapshot, **settings: Any) -> Group:
    return pipeline.survey(cluster, replace(CONFIG, **settings)).group(TEAM)


def laid(cluster: Snapshot, kind: str, objects: Any) -> Snapshot:
    return replace(cluster, **{kinds.KINDS[kind].field: objects})


def changed(cluster: Snapshot, kind: str, key: tuple[str, str], **annotations: str) -> Snapshot:
    """The cluster with more annotations on one object."""
    objects: Mapping[Any, Any] = kinds.objects(cluster, kind)
    noun = objects[key]
    new = replace(noun, metadata=replace(noun.metadata, annotations={**noun.metadata.annotations, **annotations}))
    return laid(cluster, kind, {**objects, key: new})


def without(cluster: Snapshot, kind: str, key: tuple[str, str]) -> Snapshot:
    objects: Mapping[Any, Any] = kinds.objects(cluster, kind)
    return laid(cluster, kind, {each: noun for each, noun in objects.items() if each != key})


def kept(before: Snapshot, after: Snapshot, **settings: Any) -> set[Ident]:
    """The members that are not read again, after the result is compared with reading everything."""
    config = replace(CONFIG, **settings) if settings else CONFIG
    old = ingress.read(before, CONFIG, group(before)).readings
    now = ingress.read(after, config, group(after, **settings), old)
    whole = ingress.read(after, config, group(after, **settings))
    assert (now.intent, now.problems) == (whole.intent, whole.problems)
    return {ident for ident, each in now.readings.items() if each is old.get(ident)}


def test_nothing_changed() -> None:
    cluster = snapshot(*BOTH)
    assert kept(cluster, cluster) == {APP, TWO}


CHANGES: Mapping[str, tuple[Callable[[Snapshot], Snapshot], set[Ident]]] = {
    "an Ingress": (lambda old: changed(old, "Ingress", APP.key, **{"alb.ingress.kubernetes.io/scheme": "internal"}), {TWO}),
    "a Service": (lambda old: changed(old, "Service", ("shop", "other"), **{"alb.ingress.kubernetes.io/target-type": "ip"}), {APP}),
    "no Service": (lambda old: without(old, "Service", ("shop", "web")), {TWO}),
    "an unread Service": (lambda old: replace(without(old, "Service", ("shop", "web")), complete=False), set()),
    "the network load balancer": (
        lambda old: changed(old, "Ingress", APP.key, **{"alb.ingress.kubernetes.io/enable-frontend-nlb": "true"}),
        set(),
    ),
    "security groups": (lambda old: changed(old, "Ingress", TWO.key, **{"alb.ingress.kubernetes.io/security-groups": "sg-1"}), set()),
}


@pytest.mark.parametrize("name", CHANGES)
def test_what_a_change_reads_again(name: str) -> None:
    change, same = CHANGES[name]
    cluster = snapshot(*BOTH)
    assert kept(cluster, change(cluster)) == same
    assert kept(change(cluster), cluster) == same


def test_other_settings_read_everything_again() -> None:
    cluster = snapshot(*BOTH)
    assert kept(cluster, cluster, default_target_type="ip") == set()


def test_a_file_that_could_not_be_read_is_noticed() -> None:
    before = replace(without(snapshot(*BOTH), "Service", ("shop", "web")), complete=False)
    after = replace(before, unread=frozenset({Ident("Service", "shop", "web")}))
    assert kept(before, after) == {TWO}


def test_a_service_frontend_reads_anew() -> None:
    assert not frontend.service.read(snapshot(), CONFIG, Group(StackId("service.k8s.aws", "shop", "web"))).readings


# The groups of the recorded scenarios --------------------------------------------------------------------------------


def there(cluster: Snapshot) -> frozenset[Ident]:
    """Everything that a group can read."""
    return frozenset(Ident(kind, *key) for kind in ("Ingress", "Secret", *ingress.READS) for key in kinds.objects(cluster, kind))


def variants(cluster: Snapshot, members: tuple[Ident, ...]) -> Iterator[Snapshot]:
    """The cluster as it was before an object was added, or before an annotation of it was removed."""
    mentioned = {each for ident in members for each in ingress.mentions(kinds.find(cluster, ident))}
    mentioned |= {each for ident in mentioned & there(cluster) for each in ingress.mentions(kinds.find(cluster, ident))}
    for ident in sorted({*members, *mentioned} & there(cluster)):
        if ident.kind != "Secret":
            yield changed(cluster, ident.kind, ident.key, **{"alb.ingress.kubernetes.io/healthcheck-path": "/before"})
        if ident.kind in ("Secret", "Service"):
            yield without(cluster, ident.kind, ident.key)


def test_the_recorded_groups_are_read_the_same_way() -> None:
    cluster = manifests.load([str(path) for path in sorted(SCENARIOS.glob("*.yaml"))], complete=True).snapshot
    tried = 0
    for stack, found in pipeline.survey(cluster, CONFIG).groups.items():
        if stack.owner != INGRESS or len(found.members) < 2:
            continue
        whole = ingress.read(cluster, CONFIG, found)
        for before in variants(cluster, found.members):
            earlier = found.replaced(frontend.place(before, CONFIG, found.members))
            again = ingress.read(cluster, CONFIG, found, ingress.read(before, CONFIG, earlier).readings)
            assert (again.intent, again.problems) == (whole.intent, whole.problems), stack
            tried += 1
    assert tried > 100
