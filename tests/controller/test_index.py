"""What changes in the cluster → which stacks are looked at."""

from dataclasses import replace
from typing import Any

import pytest

from albatross.catalog import kinds
from albatross.catalog.kinds import Noun
from albatross.catalog.tracking import INGRESS
from albatross.controller.index import Index
from albatross.controller.study import matters
from albatross.kube.cache import Cache, Change
from albatross.model.config import Config
from albatross.model.ident import Ident
from albatross.model.resources.stack import StackId
from albatross.model.snapshot import Ingress, Service

CONFIG = Config(cluster_name="c")
APP = StackId(INGRESS, "shop", "app")


def obj(kind: str, name: str = "app", spec: Any = None, **meta: Any) -> dict[str, Any]:
    return {
        "apiVersion": kinds.KINDS[kind].api_version,
        "kind": kind,
        "metadata": {"namespace": "shop", "name": name, **meta},
        "spec": spec,
    }


def ingress(name: str = "app", service: str = "web", **meta: Any) -> Ingress:
    spec = {"ingressClassName": "alb", "defaultBackend": {"service": {"name": service, "port": {"number": 80}}}}
    found = kinds.parse(obj("Ingress", name, spec, **meta))
    assert isinstance(found, Ingress)
    return found


CLASS = obj("IngressClass", "alb", {"controller": "ingress.k8s.aws/alb"})
RULED = obj(
    "IngressClass",
    "alb",
    {"controller": "ingress.k8s.aws/alb", "parameters": {"apiGroup": "elbv2.k8s.aws", "kind": "IngressClassParams", "name": "p"}},
)


class Bed:
    """A cache, an index that follows it, and the changes since one last asked."""

    def __init__(self, *objects: dict[str, Any] | Noun) -> None:
        self.cache = Cache()
        self.index = Index(self.cache, CONFIG)
        self.changes: list[Change] = []
        self.cache.listen(self._heard)
        self.put(*objects)
        self.affected()

    def _heard(self, change: Change) -> None:
        if self.index.note(change):
            self.changes.append(change)

    def put(self, *objects: dict[str, Any] | Noun) -> None:
        for found in objects:
            noun = kinds.parse(found) if isinstance(found, dict) else found
            self.cache.put(type(noun).__name__, kinds.key(noun), noun)

    def affected(self) -> set[StackId]:
        changes, self.changes = self.changes, []
        return self.index.affected(changes)


def test_an_ingress_reaches_its_group() -> None:
    bed = Bed(CLASS)
    bed.put(ingress())
    assert bed.affected() == {APP}


def test_a_move_reaches_both_groups() -> None:
    bed = Bed(CLASS, ingress())
    bed.put(ingress(annotations={"alb.ingress.kubernetes.io/group.name": "g"}, finalizers=["group.ingress.k8s.aws/old"]))
    assert bed.affected() == {APP, StackId(INGRESS, "", "g"), StackId(INGRESS, "", "old")}


@pytest.mark.parametrize("change", [{"labels": {"a": "b"}}, {"finalizers": ["x/y"]}, {"resourceVersion": "7", "generation": 3}])
def test_what_decides_nothing_reaches_nobody(change: dict[str, Any]) -> None:
    bed = Bed(CLASS, ingress())
    bed.put(ingress(**change))
    assert bed.affected() == set()


def test_a_deletion_reaches_the_group_when_it_is_asked_for() -> None:
    bed = Bed(CLASS, ingress(finalizers=["ingress.k8s.aws/resources"]))
    bed.put(ingress(finalizers=["ingress.k8s.aws/resources"], deletionTimestamp="2026-01-01T00:00:00Z"))
    assert bed.affected() == {APP}
    bed.cache.put("Ingress", ("shop", "app"), None)
    assert bed.affected() == set()


def test_a_service_reaches_those_that_mention_it() -> None:
    action = '{"type": "forward", "forwardConfig": {"targetGroups": [{"ServiceName": "api", "servicePort": 80}]}}'
    bed = Bed(CLASS, ingress(annotations={"alb.ingress.kubernetes.io/actions.x": action}), ingress("other", "none"))
    bed.put(obj("Service", "api"))
    assert bed.affected() == {APP}
    bed.put(obj("Service", "web"))
    assert bed.affected() == {APP}
    bed.put(obj("Service", "unknown"))
    assert bed.affected() == set()


def test_a_secret_reaches_those_that_need_it_also_through_a_service() -> None:
    oidc = {"alb.ingress.kubernetes.io/auth-idp-oidc": '{"secretName": "one"}'}
    through = {"alb.ingress.kubernetes.io/auth-idp-oidc": '{"secretName": "two"}'}
    bed = Bed(CLASS, ingress(annotations=oidc), obj("Service", "web", annotations=through))
    assert bed.index.secrets([Ident("Ingress", "shop", "app")]) == {("shop", "one"), ("shop", "two")}
    for name, reached in (("one", {APP}), ("two", {APP}), ("three", set())):
        bed.put({**obj("Secret", name), "data": {"a": "YQ=="}})
        assert bed.affected() == reached


def test_a_class_reaches_its_ingresses_and_the_default_class_those_without() -> None:
    bare = replace(ingress("bare"), ingress_class_name=None)
    bed = Bed(ingress(), bare)
    bed.put(CLASS)
    assert bed.affected() == {APP}
    bed.put(
        obj(
            "IngressClass",
            "alb",
            {"controller": "ingress.k8s.aws/alb"},
            annotations={"ingressclass.kubernetes.io/is-default-class": "true"},
        )
    )
    assert bed.affected() == {APP, StackId(INGRESS, "shop", "bare")}


def test_class_parameters_reach_the_ingresses_of_their_classes() -> None:
    bed = Bed(RULED, obj("IngressClassParams", "p", {}), ingress())
    bed.put(obj("IngressClassParams", "p", {"group": {"name": "g"}}))
    assert bed.affected() == {APP, StackId(INGRESS, "", "g")}


def test_labels_of_a_namespace_reach_its_ingresses() -> None:
    bed = Bed(CLASS, obj("Namespace", "shop"), ingress())
    bed.put(obj("Namespace", "shop", labels={"team": "a"}))
    assert bed.affected() == {APP}


def test_a_binding_that_someone_took_away_reaches_its_group() -> None:
    labels = {"ingress.k8s.aws/stack-namespace": "shop", "ingress.k8s.aws/stack-name": "app"}
    bed = Bed(CLASS, ingress(), obj("TargetGroupBinding", "t", {}, labels=labels))
    bed.cache.put("TargetGroupBinding", ("shop", "t"), None)
    assert bed.affected() == {APP}


def test_a_stack_knows_its_bindings() -> None:
    mine, other = {"ingress.k8s.aws/stack": "g"}, {"mine": "yes"}
    bed = Bed(CLASS, obj("TargetGroupBinding", "t", {}, labels=mine), obj("TargetGroupBinding", "u", {}, labels=other))
    found = [each.metadata.name for each in bed.index.bindings(StackId(INGRESS, "", "g"))]
    bed.put(obj("TargetGroupBinding", "t", {}, labels=other))
    assert (found, bed.index.bindings(StackId(INGRESS, "", "g"))) == (["t"], ())


def test_a_finalizer_of_a_foreign_group_holds_that() -> None:
    bed = Bed(CLASS, ingress())
    bed.put(ingress(finalizers=["ingress.k8s.aws/resources", "group.ingress.k8s.aws/left"]))
    assert bed.index.group(StackId(INGRESS, "", "left")).leaving == (Ident("Ingress", "shop", "app"),)
    assert bed.index.alive() == {APP}
    bed.put(ingress(finalizers=["ingress.k8s.aws/resources"]))
    assert bed.index.stacks() == {APP}


def test_an_edit_places_one_object() -> None:
    bed = Bed(CLASS, *(ingress(f"i{number}") for number in range(50)))
    bed.put(ingress("i7", annotations={"alb.ingress.kubernetes.io/group.name": "g"}))
    assert bed.index.settle(1)
    assert bed.affected() == {StackId(INGRESS, "shop", "i7"), StackId(INGRESS, "", "g")}


def test_many_are_placed_in_turns() -> None:
    bed = Bed(*(ingress(f"i{number}") for number in range(5)))
    bed.put(CLASS)
    assert [bed.index.settle(2) for _ in range(3)] == [False, False, True]
    assert len(bed.affected()) == 5


def test_a_move_between_two_looks_is_not_missed() -> None:
    bed = Bed(CLASS, ingress())
    for group in ("g", "h"):
        bed.put(ingress(annotations={"alb.ingress.kubernetes.io/group.name": group}))
        bed.index.settle()
    assert bed.affected() == {APP, StackId(INGRESS, "", "g"), StackId(INGRESS, "", "h")}
    assert bed.affected() == set()


def test_who_is_lost_is_known() -> None:
    bed = Bed(ingress())
    assert [each.ident.short for each in bed.index.lost()] == ["shop/app"]
    bed.put(CLASS)
    assert bed.index.lost() == ()


def test_every_group_is_looked_at_again() -> None:
    bed = Bed(CLASS, ingress(), ingress("b", annotations={"alb.ingress.kubernetes.io/group.name": "g"}))
    assert bed.index.stacks() == {APP, StackId(INGRESS, "", "g")}


def test_a_new_service_matters_and_its_status_does_not() -> None:
    service = kinds.parse(obj("Service", "web"))
    assert isinstance(service, Service)
    assert matters(Change("Service", ("shop", "web"), None, service))
    assert not matters(Change("Service", ("shop", "web"), service, replace(service, metadata=replace(service.metadata, labels={"a": "b"}))))


def test_a_policy_reaches_the_members_of_its_group_whatever_their_class() -> None:
    grouped = ingress(annotations={"alb.ingress.kubernetes.io/group.name": "g"})
    bed = Bed(
        RULED, obj("IngressClassParams", "p", {"group": {"name": "h"}}), ingress("ruled"), obj("IngressClass", "other", CLASS["spec"])
    )
    bed.put(replace(grouped, ingress_class_name="other"))
    bed.affected()
    for group, name in (("g", "app"), ("h", "ruled")):
        bed.put(obj("IngressClassParams", "policy", {"group": {"name": group}}, annotations={"albatross.dev/tenants": "[]"}))
        assert bed.affected() == {StackId(INGRESS, "", group)}
        assert bed.index.group(StackId(INGRESS, "", group)).members == ()
        bed.cache.put("IngressClassParams", ("", "policy"), None)
        assert bed.affected() == {StackId(INGRESS, "", group)}
        assert [each.name for each in bed.index.group(StackId(INGRESS, "", group)).members] == [name]
