"""The columns that `kubectl get` shows of each kind, as pkg/printers/internalversion defines them."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from albatross_sandbox.kube.value import Obj, age, dig

NONE = "<none>"


@dataclass(frozen=True, slots=True)
class Column:
    """One column: `priority` 1 shows only in `-o wide`."""

    name: str
    cell: Callable[[Obj], Any]
    type: str = "string"
    priority: int = 0
    format: str = ""


NAME = Column("Name", lambda obj: obj["metadata"]["name"], format="name")
AGE = Column("Age", lambda obj: age(dig(obj, "metadata", "creationTimestamp")))
CREATED = Column("Created At", lambda obj: dig(obj, "metadata", "creationTimestamp", default="<unknown>"), "date")


def _of(*path: str | int, default: Any = NONE) -> Callable[[Obj], Any]:
    return lambda obj: dig(obj, *path, default=default)


def _wide(name: str, cell: Callable[[Obj], Any], kind: str = "string") -> Column:
    return Column(name, cell, kind, 1)


def pairs(labels: Obj | None) -> str:
    """Labels as `a=b,c=d`."""
    return ",".join(f"{name}={value}" for name, value in sorted((labels or {}).items())) or NONE


def label_selector(selector: Obj | None) -> str:
    """A metav1.LabelSelector as its string form."""
    selector = selector or {}
    parts = [f"{name}={value}" for name, value in sorted((selector.get("matchLabels") or {}).items())]
    for item in selector.get("matchExpressions") or ():
        values = ",".join(item.get("values") or ())
        words = {"In": f"{item['key']} in ({values})", "NotIn": f"{item['key']} notin ({values})", "Exists": item["key"]}
        parts.append(words.get(item["operator"], f"!{item['key']}"))
    return ",".join(parts) or NONE


def _balancer(obj: Obj) -> str:
    items = dig(obj, "status", "loadBalancer", "ingress", default=[])
    return ",".join(item.get("ip") or item.get("hostname") or "" for item in items)


def _external(obj: Obj) -> str:
    kind, fixed = dig(obj, "spec", "type"), dig(obj, "spec", "externalIPs", default=[])
    if kind == "ExternalName":
        return str(dig(obj, "spec", "externalName", default=NONE))
    if kind == "LoadBalancer":
        found = [text for text in (_balancer(obj), *fixed) if text]
        return ",".join(found) or "<pending>"
    return ",".join(fixed) or NONE


def _service_ports(obj: Obj) -> str:
    def text(port: Obj) -> str:
        node = f":{port['nodePort']}" if port.get("nodePort") else ""
        return f"{port['port']}{node}/{port.get('protocol', 'TCP')}"

    return ",".join(text(port) for port in dig(obj, "spec", "ports", default=[])) or NONE


def _hosts(obj: Obj) -> str:
    hosts = [rule["host"] for rule in dig(obj, "spec", "rules", default=[]) if rule.get("host")]
    shown = ",".join(hosts[:3])
    return f"{shown} + {len(hosts) - 3} more..." if len(hosts) > 3 else shown or "*"


def _pod_status(obj: Obj) -> str:
    reason = dig(obj, "status", "reason") or dig(obj, "status", "phase", default="Unknown")
    for status in dig(obj, "status", "containerStatuses", default=[]):
        waiting, ended = dig(status, "state", "waiting", "reason"), dig(status, "state", "terminated")
        if waiting:
            reason = waiting
        elif ended:
            reason = ended.get("reason") or f"ExitCode:{ended.get('exitCode', 0)}"
    return "Terminating" if dig(obj, "metadata", "deletionTimestamp") else str(reason)


def _pod_ready(obj: Obj) -> str:
    statuses = dig(obj, "status", "containerStatuses", default=[])
    return f"{sum(bool(item.get('ready')) for item in statuses)}/{len(dig(obj, 'spec', 'containers', default=[]))}"


def _gates(obj: Obj) -> str:
    gates = dig(obj, "spec", "readinessGates", default=[])
    if not gates:
        return NONE
    true = {item["type"] for item in dig(obj, "status", "conditions", default=[]) if item.get("status") == "True"}
    return f"{sum(gate.get('conditionType') in true for gate in gates)}/{len(gates)}"


def _restarts(obj: Obj) -> str:
    return str(sum(item.get("restartCount") or 0 for item in dig(obj, "status", "containerStatuses", default=[])))


def _containers(obj: Obj) -> str:
    return ",".join(item.get("name", "") for item in dig(obj, "spec", "template", "spec", "containers", default=[]))


def _images(obj: Obj) -> str:
    return ",".join(item.get("image", "") for item in dig(obj, "spec", "template", "spec", "containers", default=[]))


_SET = (
    _wide("Containers", _containers),
    _wide("Images", _images),
    _wide("Selector", lambda obj: label_selector(dig(obj, "spec", "selector"))),
)


def _node_status(obj: Obj) -> str:
    ready = next((item for item in dig(obj, "status", "conditions", default=[]) if item.get("type") == "Ready"), None)
    words = ["Unknown" if ready is None else "Ready" if ready.get("status") == "True" else "NotReady"]
    return ",".join([*words, "SchedulingDisabled"] if dig(obj, "spec", "unschedulable") else words)


def _roles(obj: Obj) -> str:
    start = "node-role.kubernetes.io/"
    return ",".join(sorted(key[len(start) :] for key in dig(obj, "metadata", "labels", default={}) if key.startswith(start))) or NONE


def _address(kind: str) -> Callable[[Obj], str]:
    return lambda obj: next((item["address"] for item in dig(obj, "status", "addresses", default=[]) if item["type"] == kind), NONE)


def _count(part: str) -> Callable[[Obj], int]:
    return lambda obj: len(obj.get(part) or {})


def _short(values: list[str]) -> str:
    return ",".join(values[:3]) + (f" + {len(values) - 3} more..." if len(values) > 3 else "") if values else NONE


def _endpoints(obj: Obj) -> str:
    found = [
        f"{address['ip']}:{port['port']}"
        for subset in obj.get("subsets") or ()
        for port in subset.get("ports") or ()
        for address in subset.get("addresses") or ()
    ]
    return _short(found)


def _slice_ports(obj: Obj) -> str:
    ports = [str(port["port"]) for port in obj.get("ports") or () if port.get("port")]
    return _short(ports) if ports else "<unset>"


def _slice_endpoints(obj: Obj) -> str:
    found = [address for endpoint in obj.get("endpoints") or () for address in endpoint.get("addresses") or ()]
    return _short(found) if found else "<unset>"


def _event_object(obj: Obj) -> str:
    target = obj.get("involvedObject") or {}
    name = target.get("name", "")
    return f"{target['kind'].lower()}/{name}" if target.get("kind") else name


def _event_seen(obj: Obj) -> str:
    last = dig(obj, "series", "lastObservedTime") or obj.get("lastTimestamp") or obj.get("eventTime")
    return age(last or dig(obj, "metadata", "creationTimestamp"))


def _event_first(obj: Obj) -> str:
    return age(obj.get("firstTimestamp") or obj.get("eventTime") or dig(obj, "metadata", "creationTimestamp"))


def _event_source(obj: Obj) -> str:
    return str(dig(obj, "source", "component") or obj.get("reportingComponent") or "")


def _role(obj: Obj) -> str:
    return f"{dig(obj, 'roleRef', 'kind')}/{dig(obj, 'roleRef', 'name')}"


def _subjects(kind: str) -> Callable[[Obj], str]:
    def names(obj: Obj) -> str:
        found = [item for item in obj.get("subjects") or () if item.get("kind") == kind]
        return ", ".join(f"{item['namespace']}/{item['name']}" if item.get("namespace") else item["name"] for item in found)

    return names


_BINDING = (
    Column("Role", _role),
    AGE,
    _wide("Users", _subjects("User")),
    _wide("Groups", _subjects("Group")),
    _wide("ServiceAccounts", _subjects("ServiceAccount")),
)
_HOOKS = (Column("Webhooks", _count("webhooks"), "integer"), AGE)

KINDS: dict[str, tuple[Column, ...]] = {
    "namespaces": (Column("Status", _of("status", "phase", default="Active")), AGE),
    "pods": (
        Column("Ready", _pod_ready),
        Column("Status", _pod_status),
        Column("Restarts", _restarts),
        AGE,
        _wide("IP", _of("status", "podIP")),
        _wide("Node", _of("spec", "nodeName")),
        _wide("Nominated Node", _of("status", "nominatedNodeName")),
        _wide("Readiness Gates", _gates),
    ),
    "services": (
        Column("Type", _of("spec", "type")),
        Column("Cluster-IP", _of("spec", "clusterIP")),
        Column("External-IP", _external),
        Column("Port(s)", _service_ports),
        AGE,
        _wide("Selector", lambda obj: pairs(dig(obj, "spec", "selector"))),
    ),
    "nodes": (
        Column("Status", _node_status),
        Column("Roles", _roles),
        AGE,
        Column("Version", _of("status", "nodeInfo", "kubeletVersion", default="")),
        _wide("Internal-IP", _address("InternalIP")),
        _wide("External-IP", _address("ExternalIP")),
        _wide("OS-Image", _of("status", "nodeInfo", "osImage", default="<unknown>")),
        _wide("Kernel-Version", _of("status", "nodeInfo", "kernelVersion", default="<unknown>")),
        _wide("Container-Runtime", _of("status", "nodeInfo", "containerRuntimeVersion", default="<unknown>")),
    ),
    "secrets": (Column("Type", _of("type", default="Opaque")), Column("Data", _count("data"), "integer"), AGE),
    "configmaps": (Column("Data", lambda obj: len(obj.get("data") or {}) + len(obj.get("binaryData") or {}), "integer"), AGE),
    "serviceaccounts": (Column("Secrets", _count("secrets"), "integer"), AGE),
    "endpoints": (Column("Endpoints", _endpoints), AGE),
    "events": (
        Column("Last Seen", _event_seen),
        Column("Type", _of("type", default="")),
        Column("Reason", _of("reason", default="")),
        Column("Object", _event_object),
        _wide("Subobject", _of("involvedObject", "fieldPath", default="")),
        _wide("Source", _event_source),
        Column("Message", lambda obj: str(obj.get("message") or "").strip()),
        _wide("First Seen", _event_first),
        _wide("Count", lambda obj: str(dig(obj, "series", "count") or obj.get("count") or 1)),
        Column("Name", lambda obj: obj["metadata"]["name"], "string", 1, "name"),
    ),
    "deployments.apps": (
        Column("Ready", lambda obj: f"{dig(obj, 'status', 'readyReplicas', default=0)}/{dig(obj, 'spec', 'replicas', default=0)}"),
        Column("Up-to-date", _of("status", "updatedReplicas", default=0), "integer"),
        Column("Available", _of("status", "availableReplicas", default=0), "integer"),
        AGE,
        *_SET,
    ),
    "replicasets.apps": (
        Column("Desired", _of("spec", "replicas", default=0), "integer"),
        Column("Current", _of("status", "replicas", default=0), "integer"),
        Column("Ready", _of("status", "readyReplicas", default=0), "integer"),
        AGE,
        *_SET,
    ),
    "ingresses.networking.k8s.io": (
        Column("Class", _of("spec", "ingressClassName")),
        Column("Hosts", _hosts),
        Column("Address", _balancer),
        Column("Ports", lambda obj: "80, 443" if dig(obj, "spec", "tls") else "80"),
        AGE,
    ),
    "ingressclasses.networking.k8s.io": (
        Column("Controller", _of("spec", "controller")),
        Column(
            "Parameters",
            lambda obj: (
                f"{dig(obj, 'spec', 'parameters', 'kind')}.{dig(obj, 'spec', 'parameters', 'apiGroup')}/"
                f"{dig(obj, 'spec', 'parameters', 'name')}"
                if dig(obj, "spec", "parameters")
                else NONE
            ),
        ),
        AGE,
    ),
    "endpointslices.discovery.k8s.io": (
        Column("AddressType", _of("addressType")),
        Column("Ports", _slice_ports),
        Column("Endpoints", _slice_endpoints),
        AGE,
    ),
    "leases.coordination.k8s.io": (Column("Holder", _of("spec", "holderIdentity", default="")), AGE),
    "customresourcedefinitions.apiextensions.k8s.io": (CREATED,),
    "mutatingwebhookconfigurations.admissionregistration.k8s.io": _HOOKS,
    "validatingwebhookconfigurations.admissionregistration.k8s.io": _HOOKS,
    "roles.rbac.authorization.k8s.io": (CREATED,),
    "clusterroles.rbac.authorization.k8s.io": (CREATED,),
    "rolebindings.rbac.authorization.k8s.io": _BINDING,
    "clusterrolebindings.rbac.authorization.k8s.io": _BINDING,
}
