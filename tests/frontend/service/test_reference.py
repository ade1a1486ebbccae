"""What a Service mentions, and what of it can change a decision."""

from dataclasses import replace

from albatross.catalog.good import WRITTEN
from albatross.frontend.service import reference
from albatross.model.ident import Ident
from albatross.model.snapshot import LoadBalancerIngress, Metadata, Namespace, Service

ACTION = "service.beta.kubernetes.io/actions.TCP-80"
ARN = "arn:aws:elasticloadbalancing:eu-west-1:1:targetgroup/a/b"


def service(**annotations: str) -> Service:
    return Service(metadata=Metadata(namespace="shop", name="net", annotations={ACTION: annotations["action"]} if annotations else {}))


def test_it_mentions_the_services_of_its_actions() -> None:
    targets = f'[{{"serviceName": "v2", "servicePort": 80}}, {{"ServiceName": "v3"}}, {{"targetGroupARN": "{ARN}", "weight": 1}}]'
    found = service(action=f'{{"forwardConfig": {{"targetGroups": {targets}}}}}')
    assert reference.mentions(found) == {Ident("Service", "shop", "v2"), Ident("Service", "shop", "v3")}
    assert reference.names(found) == frozenset()


def test_what_cannot_be_parsed_mentions_nothing() -> None:
    assert reference.mentions(service(action="{")) == reference.mentions(service()) == frozenset()
    assert reference.mentions(Namespace(metadata=Metadata(name="shop"))) == frozenset()


def test_status_finalizers_and_labels_change_no_decision() -> None:
    plain = service()
    told = replace(plain, status=(LoadBalancerIngress(hostname="a"),))
    marked = replace(plain, metadata=replace(plain.metadata, finalizers=("a",), labels={"a": "b"}, annotations={"other.example/a": "b"}))
    assert reference.essence(plain) == reference.essence(told) == reference.essence(marked)
    ours = {**plain.metadata.annotations, **dict.fromkeys(WRITTEN, "x")}
    assert reference.essence(plain) == reference.essence(replace(plain, metadata=replace(plain.metadata, annotations=ours)))
    assert reference.essence(plain) != reference.essence(service(action="{}"))
    assert reference.essence(plain) != reference.essence(replace(plain, type="LoadBalancer"))
    assert reference.essence(Namespace(metadata=Metadata(name="shop"))) is None
