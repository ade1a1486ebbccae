from dataclasses import replace

from albatross.controller.history import History
from albatross.model.ident import Ident
from albatross.model.snapshot import Ingress, LoadBalancerIngress, Metadata, Snapshot

APP = Ident("Ingress", "shop", "app")
GOOD = Ingress(metadata=Metadata(namespace="shop", name="app", uid="1", resource_version="1", annotations={"a": "good"}))
NOW = Metadata(namespace="shop", name="app", uid="1", resource_version="2", annotations={"a": "bad"}, finalizers=("f",))
BAD = Ingress(metadata=NOW, status=(LoadBalancerIngress(hostname="h"),))


def restored(history: History, ingress: Ingress) -> Ingress | None:
    snapshot, keys = history.restored(Snapshot(ingresses={APP.key: ingress}), [APP])
    return snapshot.ingresses[APP.key] if APP in keys else None


def test_a_broken_edit_falls_back_to_what_was_said_before() -> None:
    history = History()
    history.remember(Snapshot(ingresses={APP.key: GOOD}), [APP])
    found = restored(history, BAD)
    assert found is not None
    assert found.metadata.annotations == {"a": "good"}
    assert (found.metadata.finalizers, found.metadata.resource_version, found.status) == (("f",), "2", BAD.status)


def test_another_object_of_the_same_name_has_no_past() -> None:
    history = History()
    history.remember(Snapshot(ingresses={APP.key: replace(GOOD, metadata=replace(GOOD.metadata, uid="0"))}), [APP])
    assert restored(history, BAD) is None


def test_what_has_left_is_forgotten() -> None:
    history = History()
    history.remember(Snapshot(ingresses={APP.key: GOOD}), [APP])
    history.forget([APP])
    assert restored(history, BAD) is None


def test_there_is_nothing_to_fall_back_to_from_the_good_version_itself() -> None:
    history = History()
    history.remember(Snapshot(ingresses={APP.key: GOOD}), [APP])
    assert restored(history, GOOD) is None
    assert history.restored(Snapshot(), [APP]) == (Snapshot(), frozenset())
