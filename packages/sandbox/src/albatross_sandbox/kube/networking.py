"""Validation of Services, Ingresses, IngressClasses and EndpointSlices, as pkg/apis/{core,networking,discovery}/validation words it."""

from albatross_sandbox.kube import names
from albatross_sandbox.kube.address import PORTS, Allocator
from albatross_sandbox.kube.fault import Cause
from albatross_sandbox.kube.schema import quote
from albatross_sandbox.kube.value import Obj, dig

_CLASS = "kubernetes.io/ingress.class"
_RANGE = "must be between 1 and 65535, inclusive"
_CIDR = "must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)"


def _bad(path: str, value: object, text: str) -> Cause:
    return Cause(path, f"Invalid value: {quote(value)}: {text}")


def _port(value: object) -> bool:
    return isinstance(value, int) and 0 < value < 65536


def service(obj: Obj, old: Obj | None, numbers: Allocator) -> list[Cause]:
    """What is wrong with a Service."""
    spec = obj["spec"]
    kinds = ("ClusterIP", "ExternalName", "LoadBalancer", "NodePort")
    found: list[Cause] = []
    if spec["type"] not in kinds:
        listing = ", ".join(f'"{kind}"' for kind in kinds)
        found.append(Cause("spec.type", f"Unsupported value: {quote(spec['type'])}: supported values: {listing}"))
    headless = spec.get("clusterIP") == "None"
    if not spec.get("ports") and not headless and spec["type"] != "ExternalName":
        found.append(Cause("spec.ports", "Required value"))
    if headless and spec["type"] in ("NodePort", "LoadBalancer"):
        found.append(_bad("spec.clusterIPs[0]", "None", f"may not be set to 'None' for {spec['type']} services"))
    if spec["type"] == "ExternalName":
        name = (spec.get("externalName") or "").removesuffix(".")
        found += names.check("subdomain", name, "spec.externalName") if name else [Cause("spec.externalName", "Required value")]
    found += _service_ports(obj, numbers) + _service_balancer(spec, old) + _service_address(obj, old, numbers)
    for number, item in enumerate(spec.get("externalIPs") or ()):
        if not names.address(item):
            found.append(_bad(f"spec.externalIPs[{number}]", item, "must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)"))
    for key, value in (spec.get("selector") or {}).items():
        found += names.qualified(key, "spec.selector") + names.check("value", value, "spec.selector")
    return found


def _service_ports(obj: Obj, numbers: Allocator) -> list[Cause]:
    spec, found = obj["spec"], []
    ports: list[Obj] = spec.get("ports") or []
    seen_names: set[str] = set()
    seen: set[tuple[object, object]] = set()
    owner = (obj["metadata"].get("namespace") or "", obj["metadata"].get("name") or "")
    for number, port in enumerate(ports):
        path = f"spec.ports[{number}]"
        name = port.get("name") or ""
        if name:
            found += names.check("label", name, f"{path}.name")
            if name in seen_names:
                found.append(Cause(f"{path}.name", f"Duplicate value: {quote(name)}"))
        elif len(ports) > 1:
            found.append(Cause(f"{path}.name", "Required value"))
        seen_names.add(name)
        if not _port(port.get("port")):
            found.append(_bad(f"{path}.port", port.get("port") or 0, _RANGE))
        if port["protocol"] not in ("SCTP", "TCP", "UDP"):
            text = f'Unsupported value: {quote(port["protocol"])}: supported values: "SCTP", "TCP", "UDP"'
            found.append(Cause(f"{path}.protocol", text))
        if (port.get("port"), port["protocol"]) in seen:
            value = quote({"port": port.get("port"), "protocol": port["protocol"]})
            found.append(Cause(path, f"Duplicate value: {value}"))
        seen.add((port.get("port"), port["protocol"]))
        found += _target(port.get("targetPort"), f"{path}.targetPort") + _node_port(port, path, spec["type"], owner, numbers)
    return found


def _target(value: object, path: str) -> list[Cause]:
    if isinstance(value, str):
        return [_bad(path, value, problem) for problem in names.port_name(value)]
    return [] if _port(value) else [_bad(path, value, _RANGE)]


def _node_port(port: Obj, path: str, kind: str, owner: tuple[str, str], numbers: Allocator) -> list[Cause]:
    value = port.get("nodePort")
    if not value:
        return []
    if kind in ("ClusterIP", "ExternalName"):
        return [Cause(f"{path}.nodePort", f"Forbidden: may not be used when `type` is '{kind}'")]
    if value not in PORTS:
        text = f"provided port is not in the valid range. The range of valid ports is {PORTS.start}-{PORTS.stop - 1}"
        return [_bad(f"{path}.nodePort", value, text)]
    return [] if numbers.ports.take(str(value), owner) else [_bad(f"{path}.nodePort", value, "provided port is already allocated")]


def _service_balancer(spec: Obj, old: Obj | None) -> list[Cause]:
    balanced, found = spec["type"] == "LoadBalancer", []
    for number, item in enumerate(spec.get("loadBalancerSourceRanges") or ()):
        if not balanced:
            found.append(Cause("spec.LoadBalancerSourceRanges", "Forbidden: may only be used when `type` is 'LoadBalancer'"))
            break
        if not names.network(item):
            found.append(_bad(f"spec.loadBalancerSourceRanges[{number}]", item, _CIDR))
    kind, before = spec.get("loadBalancerClass"), dig(old, "spec", "loadBalancerClass")
    if kind and not balanced:
        found.append(Cause("spec.loadBalancerClass", "Forbidden: may only be used when `type` is 'LoadBalancer'"))
    if old and balanced and dig(old, "spec", "type") == "LoadBalancer" and kind != before:
        found.append(_bad("spec.loadBalancerClass", kind, "may not change once set"))
    policy = spec.get("externalTrafficPolicy")
    if policy not in (None, "Cluster", "Local"):
        found.append(Cause("spec.externalTrafficPolicy", f'Unsupported value: {quote(policy)}: supported values: "Cluster", "Local"'))
    return found


def _service_address(obj: Obj, old: Obj | None, numbers: Allocator) -> list[Cause]:
    address, before = obj["spec"].get("clusterIP"), dig(old, "spec", "clusterIP")
    if before and address and before != address and dig(old, "spec", "type") != "ExternalName":
        return [_bad("spec.clusterIPs[0]", [address], "may not change once set")]
    if not address or address == "None":
        return []
    if not names.address(address):
        return [_bad("spec.clusterIPs[0]", address, "must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)")]
    owner = (obj["metadata"].get("namespace") or "", obj["metadata"].get("name") or "")
    if numbers.addresses.take(address, owner):
        return []
    return [_bad("spec.clusterIPs", [address], f"failed to allocate IP {address}: provided IP is already allocated")]


def balancer(obj: Obj, _old: Obj | None, _: Allocator) -> list[Cause]:
    """What is wrong with the load balancers in the status of a Service or an Ingress."""
    found: list[Cause] = []
    for number, item in enumerate(dig(obj, "status", "loadBalancer", "ingress", default=[])):
        path = f"status.loadBalancer.ingress[{number}]"
        address, host = item.get("ip"), item.get("hostname")
        if address and not names.address(address):
            found.append(_bad(f"{path}.ip", address, "must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)"))
        if host and names.address(host):
            found.append(_bad(f"{path}.hostname", host, "must be a DNS name, not an IP address"))
        elif host:
            found += names.check("subdomain", host, f"{path}.hostname")
    return found


def ingress(obj: Obj, old: Obj | None, _: Allocator) -> list[Cause]:
    """What is wrong with an Ingress."""
    spec, found = obj["spec"], []
    if not spec.get("rules") and spec.get("defaultBackend") is None:
        found.append(_bad("spec", spec.get("rules"), "either `defaultBackend` or `rules` must be specified"))
    if spec.get("defaultBackend") is not None:
        found += _backend(spec["defaultBackend"], "spec.defaultBackend")
    for number, rule in enumerate(spec.get("rules") or ()):
        path = f"spec.rules[{number}]"
        found += _host(rule.get("host") or "", f"{path}.host")
        if rule.get("http") is not None:
            found += _paths(rule["http"], f"{path}.http")
    for number, tls in enumerate(spec.get("tls") or ()):
        for place, host in enumerate(tls.get("hosts") or ()):
            found += _host(host, f"spec.tls[{number}].hosts[{place}]", addresses=True)
    kind = spec.get("ingressClassName")
    if kind is not None:
        found += names.check("subdomain", kind, "spec.ingressClassName")
    annotated = dig(obj, "metadata", "annotations", _CLASS)
    if old is None and kind is not None and annotated is not None and annotated != kind:
        found.append(_bad(f"annotations.{_CLASS}", annotated, "must match `ingressClassName` when both are specified"))
    return found


def _host(host: str, path: str, addresses: bool = False) -> list[Cause]:
    if not host:
        return []
    if names.address(host) and not addresses:
        return [_bad(path, host, "must be a DNS name, not an IP address")]
    return names.check("wildcard" if "*" in host else "subdomain", host, path)


def _paths(http: Obj, path: str) -> list[Cause]:
    found = [] if http.get("paths") else [Cause(f"{path}.paths", "Required value")]
    for number, item in enumerate(http.get("paths") or ()):
        found += _path(item, f"{path}.paths[{number}]")
        found += _backend(item.get("backend") or {}, f"{path}.paths[{number}].backend")
    return found


def _path(item: Obj, path: str) -> list[Cause]:
    text, kind = item.get("path") or "", item.get("pathType")
    if not kind:
        return [Cause(f"{path}.pathType", "Required value: pathType must be specified")]
    if kind == "ImplementationSpecific":
        wrong = text and not text.startswith("/")
        return [_bad(f"{path}.path", text, "must be an absolute path")] if wrong else []
    if kind not in ("Exact", "Prefix"):
        listing = '"Exact", "ImplementationSpecific", "Prefix"'
        return [Cause(f"{path}.pathType", f"Unsupported value: {quote(kind)}: supported values: {listing}")]
    if not text.startswith("/"):
        return [_bad(f"{path}.path", text, "must be an absolute path")]
    found = [_bad(f"{path}.path", text, f"must not contain '{part}'") for part in ("//", "/./", "/../", "%2f", "%2F") if part in text]
    return found + [_bad(f"{path}.path", text, f"cannot end with '{part}'") for part in ("/..", "/.") if text.endswith(part)]


def _backend(backend: Obj, path: str) -> list[Cause]:
    target, other = backend.get("service"), backend.get("resource")
    if target and other:
        return [_bad(path, "", "cannot set both resource and service backends")]
    if other:
        return [Cause(f"{path}.resource.{part}", "Required value") for part in ("kind", "name") if not other.get(part)]
    if not target:
        return [_bad(path, "", "resource or service backend is required")]
    name, port = target.get("name") or "", target.get("port") or {}
    found = names.check("dns1035", name, f"{path}.service.name") if name else [Cause(f"{path}.service.name", "Required value")]
    if port.get("name") and port.get("number"):
        return [*found, _bad(path, "", "cannot set both port name & port number")]
    if port.get("name"):
        return found + [_bad(f"{path}.service.port.name", port["name"], problem) for problem in names.port_name(port["name"])]
    if port.get("number"):
        return found if _port(port["number"]) else [*found, _bad(f"{path}.service.port.number", port["number"], _RANGE)]
    return [*found, Cause(path, "Required value: port name or number is required")]


def ingress_class(obj: Obj, old: Obj | None, _: Allocator) -> list[Cause]:
    """What is wrong with an IngressClass."""
    controller = dig(obj, "spec", "controller", default="")
    before = dig(old, "spec", "controller")
    if old is not None and before != controller:
        return [_bad("spec.controller", controller, "field is immutable")]
    if not controller:
        return [Cause("spec.controller", "Required value")]
    if len(controller) > 250:
        return [Cause("spec.controller", "Too long: may not be more than 250 bytes")]
    prefix, _slash, rest = controller.partition("/")
    if not rest or names.problems("subdomain", prefix):
        return [_bad("spec.controller", controller, 'must be a domain-prefixed path (such as "acme.io/foo")')]
    return []


def endpoint_slice(obj: Obj, old: Obj | None, _: Allocator) -> list[Cause]:
    """What is wrong with an EndpointSlice."""
    kind, found = obj.get("addressType"), []
    if not kind:
        found.append(Cause("addressType", "Required value"))
    if old is not None and old.get("addressType") != kind:
        found.append(_bad("addressType", kind, "field is immutable"))
    for number, endpoint in enumerate(obj.get("endpoints") or ()):
        addresses = endpoint.get("addresses") or []
        if not addresses:
            found.append(Cause(f"endpoints[{number}].addresses", "Required value: must contain at least 1 address"))
        for place, item in enumerate(addresses):
            if kind in ("IPv4", "IPv6") and not names.address(item):
                text = "must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)"
                found.append(_bad(f"endpoints[{number}].addresses[{place}]", item, text))
    return found
