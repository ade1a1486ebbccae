"""What Ingresses and the objects behind them mention, and what of them decides."""

from dataclasses import replace
from typing import Any

import pytest
from tests.world import annotated, snapshot

from albatross.catalog.good import WRITTEN
from albatross.frontend.ingress.reference import DEFAULT, essence, mentions, names
from albatross.model.ident import Ident
from albatross.model.snapshot import (
    IngressClass,
    IngressClassParams,
    LoadBalancerIngress,
    Metadata,
    Namespace,
    Node,
    ParametersReference,
    Secret,
    Service,
)

SPACE, CLASS, WEB = Ident("Namespace", "", "shop"), Ident("IngressClass", "", "alb"), Ident("Service", "shop", "web")
MARK = {"ingressclass.kubernetes.io/is-default-class": "true"}


def found(annotations: dict[str, str], **spec: Any) -> frozenset[Ident]:
    return mentions(snapshot(annotated(annotations, spec={"ingressClassName": "alb", **spec})).ingresses["shop", "app"])


def test_an_ingress_mentions_its_services_its_class_and_its_namespace() -> None:
    assert found({}) == {SPACE, CLASS, WEB}
    assert Ident("Service", "shop", "other") in found({}, defaultBackend={"service": {"name": "other", "port": {"number": 80}}})


def test_annotations_mention_services_and_secrets() -> None:
    action = '{"type": "forward", "forwardConfig": {"targetGroups": [{"ServiceName": "api", "servicePort": 80}, {"targetGroupARN": "a"}]}}'
    extra = found({"actions.x": action, "auth-idp-oidc": '{"secretName": "s"}'}) - {SPACE, CLASS, WEB}
    assert extra == {Ident("Service", "shop", "api"), Ident("Secret", "shop", "s")}


def test_an_annotation_that_cannot_be_read_mentions_nothing() -> None:
    assert found({"actions.x": "{", "auth-idp-oidc": "["}) == {SPACE, CLASS, WEB}


def test_an_ingress_without_a_class_mentions_the_default_one() -> None:
    bare = replace(snapshot().ingresses["shop", "app"], ingress_class_name=None)
    assert mentions(bare) == {SPACE, DEFAULT, WEB}
    annotation = {"kubernetes.io/ingress.class": "alb"}
    assert mentions(replace(bare, metadata=replace(bare.metadata, annotations=annotation))) == {SPACE, WEB}


def test_a_default_class_is_mentioned_by_that_too() -> None:
    assert names(IngressClass(metadata=Metadata(name="alb", annotations=MARK))) == {DEFAULT}
    assert (
        names(IngressClass(metadata=Metadata(name="alb"))) == names(Namespace(metadata=Metadata(name="a", annotations=MARK))) == frozenset()
    )


@pytest.mark.parametrize(
    ("reference", "wanted"),
    [
        (ParametersReference("elbv2.k8s.aws", "IngressClassParams", "p"), {Ident("IngressClassParams", "", "p")}),
        (ParametersReference(None, "ConfigMap", "p"), set()),
        (None, set()),
    ],
)
def test_a_class_mentions_its_parameters(reference: ParametersReference | None, wanted: set[Ident]) -> None:
    assert mentions(IngressClass(metadata=Metadata(name="alb"), parameters=reference)) == wanted


def test_a_service_mentions_its_secrets() -> None:
    given = annotated({"auth-idp-oidc": '{"secretName": "s"}'}, "web", "Service")
    assert mentions(snapshot(given).services["shop", "web"]) == {Ident("Secret", "shop", "s")}


def test_what_is_merely_noted_down_decides_nothing() -> None:
    meta = Metadata(name="a", uid="1")
    noted = replace(meta, resource_version="2", finalizers=("f",))
    one = snapshot()
    ingress, service = one.ingresses["shop", "app"], one.services["shop", "web"]
    for noun in (ingress, service):
        assert essence(noun) == essence(replace(noun, metadata=replace(noun.metadata, labels={"a": "b"}, generation=7)))
        assert essence(noun) != essence(replace(noun, metadata=replace(noun.metadata, annotations={"a": "b"})))
        ours = {**noun.metadata.annotations, **dict.fromkeys(WRITTEN, "x")}
        assert essence(noun) == essence(replace(noun, metadata=replace(noun.metadata, annotations=ours)))
    assert essence(IngressClass(metadata=meta)) == essence(IngressClass(metadata=replace(noted, annotations={"a": "b"})))
    assert essence(IngressClass(metadata=meta)) != essence(IngressClass(metadata=replace(meta, annotations=MARK)))
    assert essence(Namespace(metadata=meta)) == essence(Namespace(metadata=noted))
    assert essence(Secret(metadata=meta)) != essence(Secret(metadata=meta, data={"a": b"b"}))
    assert essence(IngressClassParams(metadata=meta)) == essence(IngressClassParams(metadata=replace(meta, labels={"a": "b"})))
    shown = Service(metadata=meta, status=(LoadBalancerIngress(hostname="a"),))
    assert essence(shown) == essence(Service(metadata=meta))
    assert essence(Node(name="a")) is None
