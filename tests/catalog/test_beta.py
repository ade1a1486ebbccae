"""Beta versions in the form of v1."""

from typing import Any

import pytest

from albatross.catalog.beta import converted

KEPT = "ImplementationSpecific"


def ingress(spec: Any, version: str = "networking.k8s.io/v1beta1") -> Any:
    return converted({"apiVersion": version, "kind": "Ingress", "metadata": {"name": "a"}, "spec": spec})


def test_backends_and_path_types() -> None:
    paths = [
        {"path": "/a", "backend": {"serviceName": "web", "servicePort": 80}},
        {"path": "/b", "pathType": "Prefix", "backend": {"serviceName": "web", "servicePort": "http"}},
        {"backend": {"resource": {"kind": "Bucket", "name": "b"}}},
        {"path": "/c"},
        "wrong",
    ]
    found = ingress({"backend": {"serviceName": "web"}, "rules": [{"host": "a.example.com", "http": {"paths": paths}}], "tls": []})
    assert found["apiVersion"] == "networking.k8s.io/v1"
    assert found["spec"] == {
        "defaultBackend": {"service": {"name": "web"}},
        "rules": [
            {
                "host": "a.example.com",
                "http": {
                    "paths": [
                        {
                            "path": "/a",
                            "pathType": KEPT,
                            "backend": {"service": {"name": "web", "port": {"number": 80}}},
                        },
                        {"path": "/b", "pathType": "Prefix", "backend": {"service": {"name": "web", "port": {"name": "http"}}}},
                        {"pathType": KEPT, "backend": {"resource": {"kind": "Bucket", "name": "b"}}},
                        {"path": "/c", "pathType": KEPT},
                        "wrong",
                    ]
                },
            }
        ],
        "tls": [],
    }


@pytest.mark.parametrize("spec", [None, "x", {}, {"rules": "x"}, {"rules": ["x"]}, {"rules": [{"http": {"paths": 1}}]}, {"rules": [{}]}])
def test_wrong_types_stay_for_the_reader(spec: Any) -> None:
    assert ingress(spec, "extensions/v1beta1")["spec"] == spec


def test_a_class_keeps_its_form() -> None:
    spec = {"controller": "ingress.k8s.aws/alb"}
    found = converted({"apiVersion": "networking.k8s.io/v1beta1", "kind": "IngressClass", "spec": spec})
    assert (found["apiVersion"], found["spec"]) == ("networking.k8s.io/v1", spec)
