from dataclasses import replace

from albatross.catalog.good import Good
from albatross.controller.history import History
from albatross.model.ident import Ident
from albatross.model.snapshot import Ingress, LoadBalancerIngress, Metadata, Snapshot

APP = Ident("Ingress", "shop", "app")
KEY = "alb.ingress.kubernetes.io/scheme"
GOOD = Ingress(metadata=Metadata(namespace="shop", name="app", uid="1", resource_version="1", annotations={KEY: "internal"}))
NOW = Metadata(namespace="shop", name="app", uid="1", resource_version="2", annotations={KEY: "bad"}, finalizers=("f",))
BAD = Ingress(metadata=NOW, status=(LoadBalancerIngress(hostname="h"),))


def remembering(good: Ingress = GOOD) -> History:
    history = History()
    history.remember(Snapshot(ingresses={APP.key: good}), [APP])
    return history


def known(history: History, ingress: Ingress | None, now: str = "later") -> Good | None:
    return history.known(Snapshot(ingresses={APP.key: ingress} if ingress else {}), [APP], now).get(APP)


def test_a_broken_edit_falls_back_to_what_was_said_before() -> None:
    assert known(remembering(), BAD) == Good(GOOD, "later")


def test_the_time_of_the_first_error_stays() -> None:
    history = remembering()
    history.hold({APP: Good(GOOD, "first")})
    assert known(history, BAD) == Good(GOOD, "first")


def test_another_object_of_the_same_name_has_no_past() -> None:
    assert known(remembering(replace(GOOD, metadata=replace(GOOD.metadata, uid="0"))), BAD) is None


def test_what_has_left_is_forgotten() -> None:
    history = remembering()
    history.forget([APP])
    assert known(history, BAD) is None


def test_there_is_nothing_to_fall_back_to_from_the_good_version_itself() -> None:
    assert known(remembering(), GOOD) is None
    assert known(remembering(), replace(GOOD, metadata=replace(NOW, annotations={**GOOD.metadata.annotations, "a.team/note": "x"}))) is None
    assert known(remembering(), None) is None
