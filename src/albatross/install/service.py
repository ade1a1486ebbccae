"""The Services of the controller, and the class of the Ingresses that it serves."""

from collections.abc import Iterator

from albatross.catalog.crds import GROUP
from albatross.install.deployment import ports
from albatross.install.installation import (
    CONTROLLER,
    METRICS_SERVICE,
    WEBHOOK_SERVICE,
    Body,
    Installation,
    Item,
    metadata,
    selector,
)

DEFAULT = "ingressclass.kubernetes.io/is-default-class"


def services(given: Installation) -> Iterator[Item]:
    """The Services of the ports that are in use."""
    used = ports(given)
    if "webhook-server" in used:
        yield Item(
            "The API server calls the admission webhooks here. All replicas answer. The controller writes the webhook configurations and "
            "the certificates itself, when it is ready to answer.",
            _service(WEBHOOK_SERVICE, given, {"name": "webhook-server", "port": 443, "targetPort": "webhook-server", "protocol": "TCP"}),
        )
    if "metrics-server" in used:
        port = used["metrics-server"]
        yield Item(
            "Prometheus finds the metrics of all replicas here.",
            _service(METRICS_SERVICE, given, {"name": "metrics-server", "port": port, "targetPort": "metrics-server", "protocol": "TCP"}),
        )


def _service(name: str, given: Installation, port: Body) -> Body:
    spec = {"type": "ClusterIP", "selector": selector(), "ports": [port]}
    return {"apiVersion": "v1", "kind": "Service", "metadata": metadata(name, given.namespace), "spec": spec}


def classes(given: Installation) -> Iterator[Item]:
    """The IngressClass, and its parameters if there are some."""
    name = given.setting("ingress-class")
    if not name:
        return
    refers: Body = {}
    if given.parameters:
        yield Item(
            "Settings for all Ingresses of the class. They override the annotations of an Ingress.",
            {"apiVersion": f"{GROUP}/v1beta1", "kind": "IngressClassParams", "metadata": metadata(name), "spec": dict(given.parameters)},
        )
        refers = {"parameters": {"apiGroup": GROUP, "kind": "IngressClassParams", "name": name}}
    annotations = {DEFAULT: "true"} if given.default_class else None
    yield Item(
        f"Ingresses with `ingressClassName: {name}` belong to this controller.",
        {
            "apiVersion": "networking.k8s.io/v1",
            "kind": "IngressClass",
            "metadata": metadata(name, annotations=annotations),
            "spec": {"controller": CONTROLLER, **refers},
        },
    )
