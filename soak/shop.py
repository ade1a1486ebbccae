"""What the runs create, edit, replace and delete: an Ingress and a Service that together use most of what the controller can make."""

import json
from typing import Any

Object = dict[str, Any]
SPACE = "shop"
ALB, NLB = "alb.ingress.kubernetes.io/", "service.beta.kubernetes.io/aws-load-balancer-"


def fixed(nodes: list[dict[str, Any]]) -> list[Object]:
    """What is there before: a namespace, a class, nodes."""
    rule = {"controller": "ingress.k8s.aws/alb"}
    return [
        {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": SPACE}},
        {"apiVersion": "networking.k8s.io/v1", "kind": "IngressClass", "metadata": {"name": "alb"}, "spec": rule},
        *(_node(each) for each in nodes),
    ]


def _node(seeded: dict[str, Any]) -> Object:
    labels = {"topology.kubernetes.io/region": seeded["zone"][:-1], "topology.kubernetes.io/zone": seeded["zone"]}
    spec = {"providerID": seeded["provider_id"]}
    return {"apiVersion": "v1", "kind": "Node", "metadata": {"name": seeded["name"], "labels": labels}, "spec": spec}


def service(name: str, annotations: dict[str, str] | None = None, **spec: Any) -> Object:
    ports = [{"name": "http", "port": 80, "targetPort": 8080, "protocol": "TCP"}]
    meta = {"namespace": SPACE, "name": name, "annotations": annotations or {}}
    return {"apiVersion": "v1", "kind": "Service", "metadata": meta, "spec": {"ports": ports, "selector": {"app": name}, **spec}}


def endpoints(name: str, addresses: list[str]) -> Object:
    """The ready pods of a Service."""
    refs = [{"kind": "Pod", "namespace": SPACE, "name": _pod(name, each)} for each in addresses]
    rows = [
        {"addresses": [address], "conditions": {"ready": True, "serving": True, "terminating": False}, "targetRef": ref}
        for address, ref in zip(addresses, refs, strict=True)
    ]
    meta = {"namespace": SPACE, "name": f"{name}-1", "labels": {"kubernetes.io/service-name": name}}
    ports = [{"name": "http", "port": 8080, "protocol": "TCP"}]
    return {
        "apiVersion": "discovery.k8s.io/v1",
        "kind": "EndpointSlice",
        "metadata": meta,
        "addressType": "IPv4",
        "endpoints": rows,
        "ports": ports,
    }


def pod(name: str, address: str, node: str) -> Object:
    meta = {"namespace": SPACE, "name": _pod(name, address), "labels": {"app": name}}
    containers = [{"name": "web", "image": "echo", "ports": [{"name": "http", "containerPort": 8080}]}]
    return {"apiVersion": "v1", "kind": "Pod", "metadata": meta, "spec": {"nodeName": node, "containers": containers}}


def pod_status(address: str) -> Object:
    conditions = [{"type": kind, "status": "True"} for kind in ("Ready", "ContainersReady", "PodScheduled", "Initialized")]
    return {"phase": "Running", "podIP": address, "podIPs": [{"ip": address}], "conditions": conditions}


def _pod(name: str, address: str) -> str:
    return f"{name}-{address.replace('.', '-')}"


def ingress(annotations: dict[str, str], *paths: tuple[str, str]) -> Object:
    meta = {"namespace": SPACE, "name": "app", "annotations": {ALB + key: text for key, text in annotations.items()}}
    rows = [{"path": path, "pathType": "Prefix", "backend": {"service": {"name": to, "port": {"number": 80}}}} for path, to in paths]
    spec = {"ingressClassName": "alb", "rules": [{"host": "app.example.com", "http": {"paths": rows}}]}
    return {"apiVersion": "networking.k8s.io/v1", "kind": "Ingress", "metadata": meta, "spec": spec}


BOTH = json.dumps([{"HTTP": 80}, {"HTTPS": 443}])
FIRST = {
    "scheme": "internet-facing",
    "target-type": "ip",
    "listen-ports": BOTH,
    "tags": "team=shop",
    "inbound-cidrs": "10.0.0.0/8",
    "shield-advanced-protection": "true",
    "healthcheck-interval-seconds": "10",
}
SECOND = {
    **FIRST,
    "tags": "owner=web",
    "inbound-cidrs": "10.1.0.0/16",
    "load-balancer-attributes": "idle_timeout.timeout_seconds=90",
    "listener-attributes.HTTP-80": "routing.http.response.server.enabled=false",
    "target-group-attributes": "deregistration_delay.timeout_seconds=10",
    "healthcheck-path": "/ready",
    "shield-advanced-protection": "false",
    "ip-address-type": "dualstack",
}
NETWORK = {NLB + "type": "external", NLB + "nlb-target-type": "ip", NLB + "scheme": "internet-facing"}


def balanced(**more: str) -> Object:
    """The Service that becomes a network load balancer."""
    own = {NLB + key.replace("_", "-"): text for key, text in more.items()}
    return service("net", {**NETWORK, **own}, type="LoadBalancer", loadBalancerClass="service.k8s.aws/nlb")


def create(pods: dict[str, list[str]]) -> list[Object]:
    """Everything, new."""
    return [
        *(service(name) for name in ("web", "api")),
        *(endpoints(name, pods[name][:1]) for name in ("web", "api", "net")),
        ingress(FIRST, ("/a", "web"), ("/b", "api")),
        balanced(),
    ]


def edit(pods: dict[str, list[str]], certificate: str) -> list[Object]:
    """Another order and number of rules, another certificate, other settings, and more pods."""
    return [
        service("new"),
        *(endpoints(name, pods[name][1:]) for name in ("web", "api", "net", "new")),
        ingress({**SECOND, "certificate-arn": certificate}, ("/c", "web"), ("/b", "api"), ("/", "new")),
        balanced(attributes="load_balancing.cross_zone.enabled=true", healthcheck_healthy_threshold="2"),
    ]


def replace(certificate: str) -> list[Object]:
    """Another scheme: the load balancers cannot change it, so others take their places."""
    settings = {**SECOND, "scheme": "internal", "certificate-arn": certificate, "ip-address-type": "ipv4"}
    return [ingress(settings, ("/c", "web"), ("/", "new")), balanced(scheme="internal")]
