"""What is written is read again as it was."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from albatross import manifests
from albatross.catalog.kinds import parse
from albatross.catalog.manifest import manifest
from albatross.model.snapshot import (
    Ingress,
    IngressBackend,
    IngressPath,
    IngressRule,
    IngressTLS,
    Metadata,
    Service,
    ServicePort,
)

ROOT = Path(__file__).parents[2]
FOLDERS = ("examples", "tests/cases")
META = Metadata(namespace="shop", name="app", labels={"a": "b"}, annotations={"c": "d"})
ODD = (
    Ingress(metadata=META),
    Ingress(metadata=META, ingress_class_name="", rules=(IngressRule("", None), IngressRule("h", ()))),
    Ingress(metadata=META, default_backend=IngressBackend()),
    Ingress(
        metadata=META,
        default_backend=IngressBackend("web", "http"),
        rules=(IngressRule("h", (IngressPath("", None, IngressBackend("web")), IngressPath("/", "", IngressBackend("web", 80)))),),
        tls=(IngressTLS(()), IngressTLS(("h",), "secret")),
    ),
    Service(metadata=META),
    Service(
        metadata=META, type="LoadBalancer", ports=(ServicePort("", 80, "http"), ServicePort("b", 81, 81, "UDP", 30000)),
        selector={"app": "a"}, cluster_ip="None", ip_families=("IPv4", "IPv6"), external_traffic_policy="Local", load_balancer_class="",
        load_balancer_source_ranges=("10.0.0.0/8",), health_check_node_port=30001, allocate_node_ports=False,
    ),
)  # fmt: skip


def core(noun: Ingress | Service) -> Ingress | Service:
    meta = noun.metadata
    return replace(
        noun, status=(), metadata=Metadata(namespace=meta.namespace, name=meta.name, labels=meta.labels, annotations=meta.annotations)
    )


@pytest.mark.parametrize("noun", ODD)
def test_odd_objects(noun: Ingress | Service) -> None:
    assert parse(manifest(noun)) == noun


def objects(folder: str) -> Iterator[Ingress | Service]:
    files = [str(path) for path in sorted((ROOT / folder).glob("*.yaml"))]
    for path in files:
        snapshot = manifests.load([path], namespace="default").snapshot
        yield from snapshot.ingresses.values()
        yield from snapshot.services.values()


@pytest.mark.parametrize("folder", FOLDERS)
def test_every_object_that_the_tests_know(folder: str) -> None:
    found = list(objects(folder))
    assert found
    assert [parse(manifest(each)) for each in found] == [core(each) for each in found]
