"""Services.

Source: https://github.com/kubernetes/kubernetes/blob/master/pkg/apis/core/validation/validation.go (ValidateService)
"""

from collections.abc import Iterator

from albatross.catalog.refusals import form
from albatross.catalog.refusals.form import LABEL, SUBDOMAIN, VALUE
from albatross.catalog.refusals.refusal import Refusal, duplicate, invalid, required, unsupported
from albatross.catalog.shape import Cursor

TYPES = ("ClusterIP", "ExternalName", "LoadBalancer", "NodePort")
PROTOCOLS = ("SCTP", "TCP", "UDP")
NODE_PORTS = range(30_000, 32_768)
"""The default of --service-node-port-range of the API server; EKS has no setting for it."""


def rules(at: Cursor) -> Iterator[Refusal]:
    """What is refused in a Service that is created."""
    spec = at["spec"]
    kind, headless = spec["type"].text() or "ClusterIP", spec["clusterIP"].text() == "None"
    if kind not in TYPES:
        yield unsupported(spec["type"], TYPES, "write ClusterIP, NodePort or LoadBalancer")
    if not spec["ports"].items() and not headless and kind != "ExternalName":
        yield required("spec.ports", "write at least one port, for example {port: 80, targetPort: 8080}")
    if headless and kind in ("NodePort", "LoadBalancer"):
        yield invalid(spec["clusterIP"], f"may not be set to 'None' for {kind} services", "remove clusterIP, or write type: ClusterIP")
    if kind == "ExternalName":
        yield from _external(spec["externalName"])
    yield from _ports(spec["ports"], kind)
    yield from _balancer(spec, kind)
    for name, value in spec["selector"].strings().items():
        place = f'spec.selector["{name}"]'
        yield from form.key(Cursor(name, place))
        yield from form.check(Cursor(value, place), VALUE)


def _external(at: Cursor) -> Iterator[Refusal]:
    if not at.text():
        yield required(at.path, "write the DNS name that the Service is an alias for")
    yield from form.check(Cursor(at.text().removesuffix("."), at.path), SUBDOMAIN)


def _ports(at: Cursor, kind: str) -> Iterator[Refusal]:
    ports = at.items()
    names: set[str] = set()
    numbers: set[tuple[int, str]] = set()
    for port in ports:
        name, protocol = port["name"], port["protocol"].text() or "TCP"
        if not name.text() and len(ports) > 1:
            yield required(name.path, "give every port a name, because there are several")
        if name.text() and name.text() in names:
            yield duplicate(name, "give the port another name")
        if (port["port"].number(), protocol) in numbers:
            yield duplicate(Cursor(port["port"].number(), port["port"].path), "remove the port, or give it another number")
        names.add(name.text())
        numbers.add((port["port"].number(), protocol))
        yield from _port(port, protocol, kind)


def _port(at: Cursor, protocol: str, kind: str) -> Iterator[Refusal]:
    yield from form.check(at["name"], LABEL)
    yield from form.port(Cursor(at["port"].number(), at["port"].path))
    yield from form.port(at["targetPort"])
    if protocol not in PROTOCOLS:
        yield unsupported(at["protocol"], PROTOCOLS, "write TCP or UDP")
    node_port = at["nodePort"]
    if node_port.number() and kind in ("ClusterIP", "ExternalName"):
        reason = f"Forbidden: may not be used when `type` is '{kind}'"
        yield Refusal(node_port.path, reason, "remove nodePort, or write type: NodePort")
    elif node_port.number() and node_port.number() not in NODE_PORTS:
        reason = f"provided port is not in the valid range. The range of valid ports is {NODE_PORTS.start}-{NODE_PORTS.stop - 1}"
        yield invalid(node_port, reason, f"write a port from {NODE_PORTS.start} to {NODE_PORTS.stop - 1}, or remove nodePort")


def _balancer(spec: Cursor, kind: str) -> Iterator[Refusal]:
    for name in ("loadBalancerClass", "loadBalancerSourceRanges"):
        if spec[name].present and spec[name].value and kind != "LoadBalancer":
            reason = "Forbidden: may only be used when `type` is 'LoadBalancer'"
            yield Refusal(spec[name].path, reason, f"remove {name}, or write type: LoadBalancer")
    policy = spec["externalTrafficPolicy"]
    if policy.text() not in ("", "Cluster", "Local"):
        yield unsupported(policy, ("Cluster", "Local"), "write Cluster or Local")
