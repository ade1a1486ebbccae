"""What `kubectl get` shows of an object in one column, where it is more than a field; as pkg/printers/internalversion defines it."""

from collections.abc import Callable
from typing import Any

from albatross_sandbox.kube.value import Obj, age, dig

NONE = "<none>"


def pairs(labels: Obj | None) -> str:
    """Labels as `a=b,c=d`."""
    return ",".join(f"{name}={value}" for name, value in sorted((labels or {}).items())) or NONE


def written(selector: Obj | None) -> str:
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


def _node_status(obj: Obj) -> str:
    ready = next((item for item in dig(obj, "status", "conditions", default=[]) if item.get("type") == "Ready"), None)
    words = ["Unknown" if ready is None else "Ready" if ready.get("status") == "True" else "NotReady"]
    return ",".join([*words, "SchedulingDisabled"] if dig(obj, "spec", "unschedulable") else words)


def _roles(obj: Obj) -> str:
    start = "node-role.kubernetes.io/"
    return ",".join(sorted(key[len(start) :] for key in dig(obj, "metadata", "labels", default={}) if key.startswith(start))) or NONE


def _address(obj: Obj, kind: str) -> str:
    return next((item["address"] for item in dig(obj, "status", "addresses", default=[]) if item["type"] == kind), NONE)


def _count(obj: Obj, part: str) -> int:
    return len(obj.get(part) or {})


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


def _subjects(obj: Obj, kind: str) -> str:
    found = [item for item in obj.get("subjects") or () if item.get("kind") == kind]
    return ", ".join(f"{item['namespace']}/{item['name']}" if item.get("namespace") else item["name"] for item in found)


def _class_parameters(obj: Obj) -> str:
    found = dig(obj, "spec", "parameters")
    return f"{dig(found, 'kind')}.{dig(found, 'apiGroup')}/{dig(found, 'name')}" if found else NONE


def _ready_replicas(obj: Obj) -> str:
    return f"{dig(obj, 'status', 'readyReplicas', default=0)}/{dig(obj, 'spec', 'replicas', default=0)}"


Cell = Callable[[Obj], Any]
CELLS: dict[str, Cell] = {
    "age": lambda obj: age(dig(obj, "metadata", "creationTimestamp")),
    "all_data": lambda obj: len(obj.get("data") or {}) + len(obj.get("binaryData") or {}),
    "balancer": _balancer,
    "class_parameters": _class_parameters,
    "containers": _containers,
    "endpoints": _endpoints,
    "event_count": lambda obj: str(dig(obj, "series", "count") or obj.get("count") or 1),
    "event_first": _event_first,
    "event_message": lambda obj: str(obj.get("message") or "").strip(),
    "event_object": _event_object,
    "event_seen": _event_seen,
    "event_source": _event_source,
    "external": _external,
    "gates": _gates,
    "hosts": _hosts,
    "images": _images,
    "ingress_ports": lambda obj: "80, 443" if dig(obj, "spec", "tls") else "80",
    "label_selector": lambda obj: written(dig(obj, "spec", "selector")),
    "name": lambda obj: obj["metadata"]["name"],
    "node_status": _node_status,
    "pod_ready": _pod_ready,
    "pod_status": _pod_status,
    "ready_replicas": _ready_replicas,
    "restarts": _restarts,
    "role": _role,
    "roles": _roles,
    "selector": lambda obj: pairs(dig(obj, "spec", "selector")),
    "service_ports": _service_ports,
    "slice_endpoints": _slice_endpoints,
    "slice_ports": _slice_ports,
}
PARTED: dict[str, Callable[[Obj, str], Any]] = {"address": _address, "count": _count, "subjects": _subjects}
"""Those that are told of which part."""
