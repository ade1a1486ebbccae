"""The defaults that the API server writes into objects of built-in kinds."""

import base64
from collections.abc import Callable
from typing import Any

from albatross_sandbox.kube.address import Allocator
from albatross_sandbox.kube.value import Obj, dig

Fill = Callable[[Obj, Obj | None, Allocator], None]


def _set(target: Obj, **values: Any) -> None:
    for name, value in values.items():
        target.setdefault(name, value)


def namespace(obj: Obj, old: Obj | None, _: Allocator) -> None:
    """Finalizer, phase and the label that network policies select by."""
    obj["metadata"].setdefault("labels", {})["kubernetes.io/metadata.name"] = obj["metadata"]["name"]
    if old is None:
        obj.setdefault("spec", {})["finalizers"] = ["kubernetes"]
        obj["status"] = {"phase": "Active"}


def service(obj: Obj, old: Obj | None, numbers: Allocator) -> None:
    """Type, ports, cluster addresses and node ports."""
    spec = obj.setdefault("spec", {})
    _set(spec, type="ClusterIP", sessionAffinity="None")
    if spec["sessionAffinity"] == "ClientIP":
        spec.setdefault("sessionAffinityConfig", {"clientIP": {"timeoutSeconds": 10800}})
    for port in spec.get("ports") or ():
        _set(port, protocol="TCP", targetPort=port.get("port"))
    owner = (obj["metadata"].get("namespace") or "", obj["metadata"].get("name") or "")
    if spec["type"] == "ExternalName":
        _drop(spec, "clusterIP", "clusterIPs", "ipFamilies", "ipFamilyPolicy", "internalTrafficPolicy")
    else:
        _addresses(spec, dig(old, "spec", default={}), owner, numbers)
    if spec["type"] in ("NodePort", "LoadBalancer"):
        spec.setdefault("externalTrafficPolicy", "Cluster")
    else:
        _drop(spec, "externalTrafficPolicy", "healthCheckNodePort", "allocateLoadBalancerNodePorts")
    if spec["type"] == "LoadBalancer":
        spec.setdefault("allocateLoadBalancerNodePorts", True)
    elif old and dig(old, "spec", "type") == "LoadBalancer":
        _drop(spec, "loadBalancerClass")
        obj["status"] = {"loadBalancer": {}}
    _ports(spec, dig(old, "spec", default={}), owner, numbers)
    obj.setdefault("status", {"loadBalancer": {}})
    for item in dig(obj, "status", "loadBalancer", "ingress", default=[]):
        if item.get("ip"):
            item.setdefault("ipMode", "VIP")


def _drop(spec: Obj, *names: str) -> None:
    for name in names:
        spec.pop(name, None)


def _addresses(spec: Obj, old: Obj, owner: tuple[str, str], numbers: Allocator) -> None:
    if not spec.get("clusterIP"):
        # A client that forgets the address on an update keeps it.
        spec["clusterIP"] = dig(spec, "clusterIPs", 0) or old.get("clusterIP") or numbers.address(owner)
    if not spec.get("clusterIPs"):
        spec["clusterIPs"] = [spec["clusterIP"]]
    _set(spec, internalTrafficPolicy="Cluster", ipFamilies=["IPv4"], ipFamilyPolicy="SingleStack")


def _ports(spec: Obj, old: Obj, owner: tuple[str, str], numbers: Allocator) -> None:
    wanted = spec["type"] == "NodePort" or (spec["type"] == "LoadBalancer" and spec.get("allocateLoadBalancerNodePorts"))
    had = {(port.get("port"), port.get("protocol")): port["nodePort"] for port in old.get("ports") or () if port.get("nodePort")}
    if spec["type"] in ("ClusterIP", "ExternalName") and old.get("type") in ("NodePort", "LoadBalancer"):
        for port in spec.get("ports") or ():
            if had.get((port.get("port"), port.get("protocol"))) == port.get("nodePort"):
                port.pop("nodePort", None)
    taken = {port.get("nodePort") for port in spec.get("ports") or ()}
    for port in spec.get("ports") or ():
        if wanted and not port.get("nodePort"):
            kept = had.get((port.get("port"), port.get("protocol")))
            port["nodePort"] = kept if kept and kept not in taken else numbers.port(owner)
            taken.add(port["nodePort"])
    local = spec.get("externalTrafficPolicy") == "Local" and spec["type"] == "LoadBalancer"
    if local and not spec.get("healthCheckNodePort"):
        spec["healthCheckNodePort"] = old.get("healthCheckNodePort") or numbers.port(owner)
    elif not local:
        spec.pop("healthCheckNodePort", None)


def ingress(obj: Obj, _old: Obj | None, _: Allocator) -> None:
    """An empty status."""
    obj.setdefault("spec", {})
    obj.setdefault("status", {"loadBalancer": {}})


def ingress_class(obj: Obj, _old: Obj | None, _: Allocator) -> None:
    """The scope of the parameters."""
    parameters = dig(obj, "spec", "parameters")
    if parameters:
        parameters.setdefault("scope", "Cluster")


def pod(obj: Obj, old: Obj | None, _: Allocator) -> None:
    """The pod spec's defaults, and a pending status."""
    spec = obj.setdefault("spec", {})
    pod_spec(spec)
    _set(spec, serviceAccountName="default", serviceAccount=spec.get("serviceAccountName") or "default")
    _set(spec, enableServiceLinks=True, preemptionPolicy="PreemptLowerPriority", priority=0)
    if old is None:
        obj["status"] = {"phase": "Pending", "qosClass": _quality(spec)}


def _quality(spec: Obj) -> str:
    resources = [container.get("resources") or {} for container in spec.get("containers") or ()]
    if not any(item.get("limits") or item.get("requests") for item in resources):
        return "BestEffort"
    full = all(
        {"cpu", "memory"} <= (item.get("limits") or {}).keys()
        and all(value == (item.get("requests") or item["limits"]).get(name) for name, value in item["limits"].items())
        for item in resources
    )
    return "Guaranteed" if full else "Burstable"


def pod_spec(spec: Obj) -> None:
    """What a pod spec says where it says nothing."""
    _set(spec, restartPolicy="Always", dnsPolicy="ClusterFirst", schedulerName="default-scheduler")
    _set(spec, terminationGracePeriodSeconds=30, securityContext={})
    for container in [*(spec.get("containers") or ()), *(spec.get("initContainers") or ())]:
        _container(container)
    for volume in spec.get("volumes") or ():
        for kind in ("secret", "configMap", "projected", "downwardAPI"):
            if isinstance(volume.get(kind), dict):
                volume[kind].setdefault("defaultMode", 420)


def _container(container: Obj) -> None:
    image = str(container.get("image") or "")
    tag = image.rsplit("/", 1)[-1].partition(":")[2]
    latest = tag in ("", "latest") and "@" not in image
    _set(container, terminationMessagePath="/dev/termination-log", terminationMessagePolicy="File", resources={})
    container.setdefault("imagePullPolicy", "Always" if latest else "IfNotPresent")
    for port in container.get("ports") or ():
        port.setdefault("protocol", "TCP")
    for name in ("livenessProbe", "readinessProbe", "startupProbe"):
        probe = container.get(name)
        if isinstance(probe, dict):
            _set(probe, timeoutSeconds=1, periodSeconds=10, successThreshold=1, failureThreshold=3)
            if isinstance(probe.get("httpGet"), dict):
                _set(probe["httpGet"], path="/", scheme="HTTP")
    for variable in container.get("env") or ():
        reference = dig(variable, "valueFrom", "fieldRef")
        if reference:
            reference.setdefault("apiVersion", "v1")


def deployment(obj: Obj, _old: Obj | None, _: Allocator) -> None:
    """Replicas, strategy and the template's defaults."""
    spec = obj.setdefault("spec", {})
    _set(spec, replicas=1, revisionHistoryLimit=10, progressDeadlineSeconds=600)
    strategy = spec.setdefault("strategy", {})
    strategy.setdefault("type", "RollingUpdate")
    if strategy["type"] == "RollingUpdate":
        _set(strategy.setdefault("rollingUpdate", {}), maxUnavailable="25%", maxSurge="25%")
    _template(spec)
    obj.setdefault("status", {})


def replica_set(obj: Obj, _old: Obj | None, _: Allocator) -> None:
    """Replicas and the template's defaults."""
    spec = obj.setdefault("spec", {})
    _set(spec, replicas=1)
    _template(spec)
    obj.setdefault("status", {"replicas": 0})


def _template(spec: Obj) -> None:
    template = spec.get("template")
    if isinstance(template, dict):
        pod_spec(template.setdefault("spec", {}))


def secret(obj: Obj, _old: Obj | None, _: Allocator) -> None:
    """The type, and stringData written into data."""
    obj.setdefault("type", "Opaque")
    for name, value in (obj.pop("stringData", None) or {}).items():
        obj.setdefault("data", {})[name] = base64.b64encode(value.encode()).decode()


def endpoint_slice(obj: Obj, _old: Obj | None, _: Allocator) -> None:
    """Name and protocol of the ports."""
    for port in obj.get("ports") or ():
        _set(port, name="", protocol="TCP")


def endpoints(obj: Obj, _old: Obj | None, _: Allocator) -> None:
    """The protocol of the ports."""
    for subset in obj.get("subsets") or ():
        for port in subset.get("ports") or ():
            port.setdefault("protocol", "TCP")


def webhooks(obj: Obj, _old: Obj | None, _: Allocator) -> None:
    """Failure policy, selectors, timeout and scope."""
    for hook in obj.get("webhooks") or ():
        _set(hook, failurePolicy="Fail", matchPolicy="Equivalent", namespaceSelector={}, objectSelector={}, timeoutSeconds=10)
        if obj["kind"] == "MutatingWebhookConfiguration":
            hook.setdefault("reinvocationPolicy", "Never")
        for rule in hook.get("rules") or ():
            rule.setdefault("scope", "*")
        target = dig(hook, "clientConfig", "service")
        if target:
            target.setdefault("port", 443)


def definition(obj: Obj, _old: Obj | None, _: Allocator) -> None:
    """Names and conversion of a custom resource definition."""
    spec = obj.setdefault("spec", {})
    names = spec.setdefault("names", {})
    kind = str(names.get("kind") or "")
    _set(names, listKind=kind + "List", singular=kind.lower())
    spec.setdefault("conversion", {"strategy": "None"})


def binding(obj: Obj, _old: Obj | None, _: Allocator) -> None:
    """The API groups of role and subjects."""
    if isinstance(obj.get("roleRef"), dict) and not obj["roleRef"].get("apiGroup"):
        obj["roleRef"]["apiGroup"] = "rbac.authorization.k8s.io"
    for subject in obj.get("subjects") or ():
        if subject.get("kind") in ("User", "Group"):
            subject.setdefault("apiGroup", "rbac.authorization.k8s.io")


def node(obj: Obj, _old: Obj | None, _: Allocator) -> None:
    """An empty spec and status."""
    obj.setdefault("spec", {})
    obj.setdefault("status", {})


KINDS: dict[str, Fill] = {
    "Namespace": namespace,
    "Service": service,
    "Ingress": ingress,
    "IngressClass": ingress_class,
    "Pod": pod,
    "Deployment": deployment,
    "ReplicaSet": replica_set,
    "Secret": secret,
    "EndpointSlice": endpoint_slice,
    "Endpoints": endpoints,
    "MutatingWebhookConfiguration": webhooks,
    "ValidatingWebhookConfiguration": webhooks,
    "CustomResourceDefinition": definition,
    "RoleBinding": binding,
    "ClusterRoleBinding": binding,
    "Node": node,
}
