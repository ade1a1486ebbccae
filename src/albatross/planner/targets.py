"""Endpoints × registered targets → what to register and deregister.

Rules of kubernetes-sigs/aws-load-balancer-controller: `pkg/backend/endpoint_resolver.go`, `pkg/targetgroupbinding/targets_manager.go`.
"""

import ipaddress
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from albatross.catalog.selector import matches
from albatross.model.snapshot import Endpoint, EndpointSlice, Key, LabelSelector, Node, Pod, Service, ServicePort, TargetGroupBinding
from albatross.model.target import Endpoints, Registered, Target, TargetChange, Wanted

EXCLUDED_LABELS = (
    "node-role.kubernetes.io/master",
    "node.kubernetes.io/exclude-from-external-load-balancers",
    "alpha.service-controller.kubernetes.io/exclude-balancer",
)
"""A node with one of these labels gets no traffic from load balancers (kubernetes.io/docs/reference/labels-annotations-taints)."""

TRAFFIC_TYPES = ("NodePort", "LoadBalancer")


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """The input for one binding: its Service (None: it does not exist), the slices of that Service, and the pods and nodes by name.

    `variable` is the name of the environment variable with QUIC server ids.
    """

    service: Service | None
    slices: tuple[EndpointSlice, ...] = ()
    pods: Mapping[Key, Pod] = field(default_factory=dict)
    nodes: Mapping[str, Node] = field(default_factory=dict)
    fail_open: bool = True
    variable: str = ""


def endpoints(binding: TargetGroupBinding, view: View) -> Endpoints:
    """The targets that the binding's Service needs."""
    port = service_port(view.service, binding.port) if view.service else None
    if view.service is None or port is None:
        return Endpoints(known=False)
    if binding.target_type == "instance":
        return instances(view.service, port, binding.node_selector, view)
    found = addresses(port, "IPv6" if binding.ip_address_type == "ipv6" else "IPv4", view)
    return named(found, view) if binding.quic else found


def named(found: Endpoints, view: View) -> Endpoints:
    """The same targets with the QUIC server ids of their pods, without those that have none: AWS would refuse them."""
    ids = {want: server_id(view.pods[want.pod], want.target.port, view.variable) for want in found.wanted if want.pod}
    wanted = tuple(replace(want, target=replace(want.target, server_id=text)) for want, text in ids.items() if text)
    return replace(found, wanted=wanted, anonymous=tuple(sorted({want.pod for want, text in ids.items() if want.pod and not text})))


def server_id(pod: Pod, port: int | None, variable: str) -> str:
    """The server id of the container that has the port, else the first of the pod; empty if there is none."""
    ids = [each for each in pod.server_ids if each.variable == variable]
    # A port of two containers is that of the later one, as in the other controller.
    own = [each.id for each in ids if port in each.ports]
    return own[-1] if own else ids[0].id if ids else ""


def service_port(service: Service, wanted: int | str) -> ServicePort | None:
    """The Service port of that number or name."""
    return next((p for p in service.ports if wanted in ((p.name,) if isinstance(wanted, str) else (p.port,))), None)


def addresses(port: ServicePort, address_type: str, view: View) -> Endpoints:
    """Pod addresses of the slices. Pods on nodes with unknown readiness are used only if there are no others (fail open)."""
    good: set[Wanted] = set()
    doubtful: set[Wanted] = set()
    unseen: set[Key] = set()
    for piece in view.slices:
        if piece.address_type != address_type:
            continue
        numbers = [n for name, n in piece.ports if n is not None and (not port.name or port.name == name)]
        for endpoint in piece.endpoints:
            if endpoint.pod is not None and endpoint.pod not in view.pods:
                unseen.add(endpoint.pod)
            verdict = _verdict(endpoint, view)
            if verdict is not None and endpoint.pod is not None:
                found = {Wanted(Target(endpoint.address, number), pod=endpoint.pod) for number in numbers}
                (good if verdict else doubtful).update(found)
    return Endpoints(_sorted(good or (doubtful if view.fail_open else set())), unseen=tuple(sorted(unseen)))


def _verdict(endpoint: Endpoint, view: View) -> bool | None:
    """True: a target; False: a target only if there are no others; None: no target. Of a pod that is not ready, its containers must be."""
    pod = view.pods.get(endpoint.pod) if endpoint.pod else None
    if pod is None:
        return None
    if endpoint.ready is not False:
        return True
    if endpoint.terminating or not any(c.type == "ContainersReady" and c.status == "True" for c in pod.conditions):
        return None
    node = view.nodes.get(pod.node_name)
    return {"True": True, "Unknown": False}.get(node.ready if node else "")


def instances(service: Service, port: ServicePort, selector: LabelSelector | None, view: View) -> Endpoints:
    """The instances of all nodes that can receive traffic, with the node port of the Service. Empty for a ClusterIP Service."""
    if service.type not in TRAFFIC_TYPES or not port.node_port:
        return Endpoints()
    fit = [n for n in view.nodes.values() if suitable(n, selector)]
    ready = [n for n in fit if n.ready == "True"]
    if not ready and view.fail_open:
        ready = [n for n in fit if n.ready == "Unknown"]
    ids = {n.name: n.instance_id for n in ready}
    wanted = {Wanted(Target(i, port.node_port), node=name) for name, i in ids.items() if i}
    return Endpoints(_sorted(wanted), unusable=tuple(sorted(name for name, i in ids.items() if not i)))


def suitable(node: Node, selector: LabelSelector | None = None) -> bool:
    """Whether load balancers may send traffic to the node; this does not check its readiness."""
    if any(label in node.labels for label in EXCLUDED_LABELS) or node.labels.get("eks.amazonaws.com/compute-type") == "fargate":
        return False
    for taint in node.taints:
        if taint.key == "ToBeDeletedByClusterAutoscaler" or (taint.key == "karpenter.sh/disrupted" and taint.effect == "NoSchedule"):
            return False
    return selector is None or matches(selector, node.labels)


@dataclass(frozen=True, slots=True, kw_only=True)
class Bounds:
    """The limits of a change: `most` targets (0: no limit); `mine` are the only ids that may be deregistered (None: all)."""

    most: int = 0
    mine: frozenset[str] | None = None


def diff(wanted: Iterable[Target], registered: Iterable[Registered], bounds: Bounds | None = None) -> TargetChange:
    """The missing and the surplus targets. A draining target counts as missing: it is registered again."""
    bounds = bounds or Bounds()
    want = set(wanted)
    listed = list(registered)
    have = {r.target for r in listed if not r.draining}
    missing = sorted(want - have)
    surplus = sorted(t for t in have - want if bounds.mine is None or name(t) in bounds.mine)
    if bounds.most:
        missing = missing[: max(0, bounds.most - len(listed))]
    return TargetChange(tuple(missing), tuple(surplus))


def name(target: Target) -> str:
    """`id:port`, the form in the ConfigMaps of multi-cluster bindings."""
    return f"{target.id}:{target.port}"


def placed(targets: Iterable[Target], cidrs: Iterable[str]) -> tuple[Target, ...]:
    """IP targets with their zone. AWS requires `all` for an address outside every CIDR of the target group's VPC."""
    networks = [ipaddress.ip_network(c, strict=False) for c in cidrs]
    return tuple(replace(t, zone="" if any(ipaddress.ip_address(str(t.id)) in n for n in networks) else "all") for t in targets)


def _sorted(wanted: Iterable[Wanted]) -> tuple[Wanted, ...]:
    return tuple(sorted(wanted, key=lambda w: (w.target, w.pod or ("", ""), w.node)))
