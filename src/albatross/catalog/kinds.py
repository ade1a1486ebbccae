"""The Kubernetes kinds that the controller reads: their place in the API, and the conversion of their JSON to nouns of `model.snapshot`."""

import binascii
import json
from base64 import b64decode
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

from albatross.catalog import pods, workloads
from albatross.catalog.bounds import RULES
from albatross.catalog.shape import Cursor, Malformed, without
from albatross.model.ident import Ident
from albatross.model.snapshot import (
    Endpoint,
    EndpointSlice,
    Ingress,
    IngressBackend,
    IngressClass,
    IngressClassParams,
    IngressPath,
    IngressRule,
    IngressTLS,
    Key,
    LabelRequirement,
    LabelSelector,
    ListenerParams,
    LoadBalancerIngress,
    Metadata,
    Namespace,
    Node,
    ParametersReference,
    Pod,
    Secret,
    Service,
    ServiceAccount,
    ServicePort,
    Snapshot,
    SubnetParams,
    Taint,
    TargetGroupBinding,
    Workload,
)

__all__ = ["KINDS", "Kind", "Malformed", "Noun", "find", "key", "kind", "malformed", "objects", "parse", "selector", "snapshot"]

Noun = (
    Ingress
    | Service
    | IngressClass
    | IngressClassParams
    | Namespace
    | Secret
    | Node
    | Pod
    | EndpointSlice
    | TargetGroupBinding
    | ServiceAccount
)

SERVICE_NAME = "kubernetes.io/service-name"
MOST_WRONG = 20
"""The most wrong types that are reported for one object (chosen by us)."""

_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind: its place in the API, and the attribute of `Snapshot` for its objects."""

    kind: str
    group: str
    version: str
    plural: str
    namespaced: bool
    field: str
    read: Callable[[Cursor], Noun]

    @property
    def api_version(self) -> str:
        """`group/version`, or the version alone for the core group."""
        return f"{self.group}/{self.version}" if self.group else self.version

    def path(self, namespace: str = "", name: str = "") -> str:
        """The API path of all objects, of the objects in a namespace, or of one object."""
        root = f"/apis/{self.api_version}" if self.group else f"/api/{self.version}"
        scope = f"/namespaces/{namespace}" if self.namespaced and namespace else ""
        return f"{root}{scope}/{self.plural}" + (f"/{name}" if name else "")

    def noun(self, obj: Mapping[str, Any]) -> Noun:
        """The noun of an object of this kind. Errors: `Malformed` if it has another shape."""
        return self.read(Cursor(obj))


def parse(obj: Mapping[str, Any]) -> Noun:
    """The noun of an object, as the API server stores it or as a user writes it. Errors: `Malformed` if it has another shape.

    A namespaced object without a namespace is in `default`, as with kubectl.
    """
    row = kind(obj)
    if row is None:
        at = Cursor(obj)
        raise Malformed(
            "kind", "a kind that is read: " + ", ".join(KINDS), f"{at['apiVersion'].text()} {at['kind'].text()}".strip() or "nothing"
        )
    return row.noun(obj)


def malformed(obj: Mapping[str, Any]) -> tuple[Malformed, ...]:
    """Every wrong type in an object, in the order of reading.

    A reader ends at the first wrong type, so the object is read again without the wrong field, until nothing new is found.
    """
    found: list[Malformed] = []
    while len(found) < MOST_WRONG:
        try:
            parse(obj)
        except Malformed as error:
            if error.field in {each.field for each in found}:
                break  # the field is required, so it is wrong without its value too
            found.append(error)
            obj = without(obj, error.field)
        else:
            break
    return tuple(found)


def kind(obj: Mapping[str, Any]) -> Kind | None:
    """The row of the object's kind; None if the controller does not read this kind or API group."""
    at = Cursor(obj)
    group, _, _ = at["apiVersion"].text().rpartition("/")
    row = KINDS.get(at["kind"].text())
    return row if row is not None and row.group == group else None


def key(noun: Noun) -> Key:
    """(namespace, name) of any noun."""
    match noun:
        case Node():
            return ("", noun.name)
        case Pod() | EndpointSlice():
            return (noun.namespace, noun.name)
        case _:
            return noun.metadata.key


def snapshot(objects: Iterable[Mapping[str, Any]], complete: bool = True) -> Snapshot:
    """Objects as one snapshot. Items of Lists are used, other kinds are left out; of several objects with one name the last is used."""
    maps: dict[str, dict[Key, Noun]] = {}
    works: dict[Ident, Workload] = {}
    for obj in _opened(objects):
        if work := workloads.read(obj):
            works[Ident(work.kind, work.namespace, work.name)] = work
        row = kind(obj)
        if row is not None:
            noun = row.noun(obj)
            maps.setdefault(row.field, {})[key(noun)] = noun
    return Snapshot(complete=complete, workloads=tuple(works.values()), **maps)  # type: ignore[arg-type]  # a row's field and reader agree, which a test checks


def objects(snapshot: Snapshot, kind: str) -> Mapping[Key, Any]:
    """All objects of a kind (of the noun's class that `KINDS` gives it)."""
    found: Mapping[Key, Any] = getattr(snapshot, KINDS[kind].field)
    return found


def find(snapshot: Snapshot, ident: Ident) -> Any:
    """The object, or None."""
    return objects(snapshot, ident.kind).get(ident.key)


def _opened(objects: Iterable[Mapping[str, Any]]) -> Iterator[Mapping[str, Any]]:
    for obj in objects:
        if obj.get("kind") == "List" or (str(obj.get("kind", "")).endswith("List") and "items" in obj):
            yield from _opened(item.value for item in Cursor(obj)["items"].items())
        else:
            yield obj


# One reader a kind -------------------------------------------------------------------------------------------------


def _metadata(at: Cursor, namespaced: bool = True) -> Metadata:
    meta = at["metadata"]
    return Metadata(
        namespace=(meta["namespace"].text() or "default") if namespaced else "",
        name=meta["name"].text(),
        uid=meta["uid"].text(),
        resource_version=meta["resourceVersion"].text(),
        generation=meta["generation"].number(),
        creation_timestamp=meta["creationTimestamp"].text(),
        deletion_timestamp=meta["deletionTimestamp"].text(),
        labels=meta["labels"].strings(),
        annotations=meta["annotations"].strings(),
        finalizers=meta["finalizers"].texts(),
    )


def _ingress(at: Cursor) -> Ingress:
    spec = at["spec"]
    return Ingress(
        metadata=_metadata(at),
        ingress_class_name=spec["ingressClassName"].optional(),
        default_backend=_backend(spec["defaultBackend"]) if spec["defaultBackend"].present else None,
        rules=tuple(_rule(rule) for rule in spec["rules"].items()),
        tls=tuple(IngressTLS(tls["hosts"].texts(), tls["secretName"].text()) for tls in spec["tls"].items()),
        status=tuple(_address(address) for address in at["status"]["loadBalancer"]["ingress"].items()),
    )


def _backend(at: Cursor) -> IngressBackend:
    service = at["service"]
    if not service.present:
        return IngressBackend()
    port = service["port"]
    return IngressBackend(service["name"].text(), port["name"].text() or port["number"].number() or None)


def _rule(at: Cursor) -> IngressRule:
    http = at["http"]
    paths = tuple(
        IngressPath(path["path"].text(), path["pathType"].optional(), _backend(path["backend"])) for path in http["paths"].items()
    )
    return IngressRule(at["host"].text(), paths if http.present else None)


def _address(at: Cursor) -> LoadBalancerIngress:
    ports = tuple(port["port"].number() for port in at["ports"].items())
    return LoadBalancerIngress(hostname=at["hostname"].text(), ip=at["ip"].text(), ports=ports)


def _service(at: Cursor) -> Service:
    spec = at["spec"]
    return Service(
        metadata=_metadata(at),
        type=spec["type"].text() or "ClusterIP",
        ports=tuple(_service_port(port) for port in spec["ports"].items()),
        selector=spec["selector"].strings(),
        cluster_ip=spec["clusterIP"].text(),
        ip_families=spec["ipFamilies"].texts(),
        external_traffic_policy=spec["externalTrafficPolicy"].text(),
        load_balancer_class=spec["loadBalancerClass"].optional(),
        load_balancer_source_ranges=spec["loadBalancerSourceRanges"].texts(),
        health_check_node_port=spec["healthCheckNodePort"].number(),
        allocate_node_ports=spec["allocateLoadBalancerNodePorts"].flag(),
        status=tuple(_address(address) for address in at["status"]["loadBalancer"]["ingress"].items()),
    )


def _service_port(at: Cursor) -> ServicePort:
    number = at["port"].number()
    # The API server sets a missing targetPort to port, and reads 0 and "" as missing.
    target = at["targetPort"].either() or number
    return ServicePort(at["name"].text(), number, target, at["protocol"].text() or "TCP", at["nodePort"].number())


def _ingress_class(at: Cursor) -> IngressClass:
    reference = at["spec"]["parameters"]
    parameters = ParametersReference(reference["apiGroup"].optional(), reference["kind"].text(), reference["name"].text())
    return IngressClass(
        metadata=_metadata(at, namespaced=False),
        controller=at["spec"]["controller"].text(),
        parameters=parameters if reference.present else None,
    )


def _ingress_class_params(at: Cursor) -> IngressClassParams:
    spec = at["spec"]
    capacity = spec["minimumLoadBalancerCapacity"]
    return IngressClassParams(
        metadata=_metadata(at, namespaced=False),
        load_balancer_name=spec["loadBalancerName"].text(),
        certificate_arn=spec["certificateArn"].texts(),
        namespace_selector=_when(spec["namespaceSelector"], selector),
        group_name=_when(spec["group"], lambda group: group["name"].text()),
        scheme=spec["scheme"].optional(),
        inbound_cidrs=spec["inboundCIDRs"].texts(),
        ssl_policy=spec["sslPolicy"].text(),
        ssl_redirect_port=spec["sslRedirectPort"].text(),
        subnets=_when(spec["subnets"], _subnets),
        ip_address_type=spec["ipAddressType"].optional(),
        tags=_pairs(spec["tags"]),
        target_type=spec["targetType"].optional(),
        load_balancer_attributes=_pairs(spec["loadBalancerAttributes"]),
        listeners=tuple(_listener(listener) for listener in spec["listeners"].items()),
        minimum_load_balancer_capacity=_when(capacity, lambda at: at["capacityUnits"].number()),
        ipam_configured=spec["ipamConfiguration"].present,
        ipv4_ipam_pool_id=spec["ipamConfiguration"]["ipv4IPAMPoolId"].optional(),
        prefix_lists_ids=spec["prefixListsIDs"].texts(),
        prefix_lists_ids_legacy=spec["PrefixListsIDs"].texts(),
        wafv2_acl_arn=spec["wafv2AclArn"].text(),
        wafv2_acl_name=spec["wafv2AclName"].text(),
    )


def _when(at: Cursor, read: Callable[[Cursor], _T]) -> _T | None:
    return read(at) if at.present else None


def _pairs(at: Cursor) -> tuple[tuple[str, str], ...]:
    return tuple((pair["key"].text(), pair["value"].text()) for pair in at.items())


def _listener(at: Cursor) -> ListenerParams:
    return ListenerParams(at["protocol"].text(), at["port"].number(), _pairs(at["listenerAttributes"]))


def _subnets(at: Cursor) -> SubnetParams:
    tags = at["tags"]
    return SubnetParams(
        ids=at["ids"].texts() if at["ids"].present else None,
        tags={name: tags[name].texts() for name in tags.value} if isinstance(tags.value, Mapping) else None,
    )


def selector(at: Cursor) -> LabelSelector:
    """A metav1.LabelSelector."""
    expressions = tuple(
        LabelRequirement(entry["key"].text(), entry["operator"].text(), entry["values"].texts()) for entry in at["matchExpressions"].items()
    )
    return LabelSelector(at["matchLabels"].strings(), expressions)


def _namespace(at: Cursor) -> Namespace:
    return Namespace(metadata=_metadata(at, namespaced=False))


def _service_account(at: Cursor) -> ServiceAccount:
    return ServiceAccount(metadata=_metadata(at))


def _secret(at: Cursor) -> Secret:
    data = {name: _decoded(name, text) for name, text in at["data"].strings().items()}
    data |= {name: text.encode() for name, text in at["stringData"].strings().items()}
    return Secret(metadata=_metadata(at), data=data)


def _decoded(name: str, text: str) -> bytes:
    try:
        return b64decode("".join(text.split()), validate=True)
    except (binascii.Error, ValueError):
        # `from None` and no value, so that neither the error nor its context contains a secret.
        raise Malformed(f'data["{name}"]', "base64", "something else") from None


def _node(at: Cursor) -> Node:
    meta, status = at["metadata"], at["status"]
    ready = [condition["status"].text() for condition in status["conditions"].items() if condition["type"].text() == "Ready"]
    return Node(
        name=meta["name"].text(),
        uid=meta["uid"].text(),
        created=meta["creationTimestamp"].text(),
        provider_id=at["spec"]["providerID"].text(),
        labels=meta["labels"].strings(),
        taints=tuple(Taint(taint["key"].text(), taint["effect"].text(), taint["value"].text()) for taint in at["spec"]["taints"].items()),
        addresses=tuple((address["type"].text(), address["address"].text()) for address in status["addresses"].items()),
        ready=ready[0] if ready else "",
    )


def _endpoint_slice(at: Cursor) -> EndpointSlice:
    meta = at["metadata"]
    namespace = meta["namespace"].text() or "default"
    return EndpointSlice(
        namespace=namespace,
        name=meta["name"].text(),
        service=meta["labels"].strings().get(SERVICE_NAME, ""),
        address_type=at["addressType"].text() or "IPv4",
        ports=tuple((port["name"].text(), port["port"].number() or None) for port in at["ports"].items()),
        endpoints=tuple(_endpoint(endpoint, namespace) for endpoint in at["endpoints"].items()),
    )


def _endpoint(at: Cursor, namespace: str) -> Endpoint:
    addresses, target, conditions = at["addresses"].texts(), at["targetRef"], at["conditions"]
    return Endpoint(
        address=addresses[0] if addresses else "",
        pod=(target["namespace"].text() or namespace, target["name"].text()) if target["kind"].text() == "Pod" else None,
        node_name=at["nodeName"].text(),
        ready=conditions["ready"].flag(),
        terminating=bool(conditions["terminating"].flag()),
    )


def _target_group_binding(at: Cursor) -> TargetGroupBinding:
    spec = at["spec"]
    networking, excess = spec["networking"], _excess(spec)
    return TargetGroupBinding(
        metadata=_metadata(at),
        target_group_arn=spec["targetGroupARN"].text(),
        target_group_name=spec["targetGroupName"].text(),
        target_type=spec["targetType"].text(),
        service=spec["serviceRef"]["name"].text(),
        port=spec["serviceRef"]["port"].either() or 0,
        networking=json.dumps(networking.value, sort_keys=True, separators=(",", ":")) if networking.present and not excess else "",
        node_selector=None if excess else _when(spec["nodeSelector"], selector),
        ip_address_type=spec["ipAddressType"].text(),
        vpc_id=spec["vpcID"].text(),
        multi_cluster=bool(spec["multiClusterTargetGroup"].flag()),
        target_group_protocol=spec["targetGroupProtocol"].text(),
        iam_role_arn=spec["iamRoleArnToAssume"].text(),
        external_id=spec["assumeRoleExternalId"].text(),
        observed_generation=at["status"]["observedGeneration"].number(),
        excess=excess,
    )


def _excess(spec: Cursor) -> int:
    """The number of network rules or of terms of the node selector, if it is more than what is read; else 0."""
    rules = spec["networking"]["ingress"].items()
    count = sum(len(rule["from"].items()) * max(1, len(rule["ports"].items())) for rule in rules)
    nodes = spec["nodeSelector"]
    terms = nodes["matchExpressions"].items()
    count = max(count, len(nodes["matchLabels"].strings()) + sum(1 + len(term["values"].items()) for term in terms))
    return count if count > RULES else 0


KINDS: Mapping[str, Kind] = {
    row.kind: row
    for row in (
        Kind("Ingress", "networking.k8s.io", "v1", "ingresses", True, "ingresses", _ingress),
        Kind("Service", "", "v1", "services", True, "services", _service),
        Kind("IngressClass", "networking.k8s.io", "v1", "ingressclasses", False, "ingress_classes", _ingress_class),
        Kind("IngressClassParams", "elbv2.k8s.aws", "v1beta1", "ingressclassparams", False, "ingress_class_params", _ingress_class_params),
        Kind("Namespace", "", "v1", "namespaces", False, "namespaces", _namespace),
        Kind("Secret", "", "v1", "secrets", True, "secrets", _secret),
        Kind("Node", "", "v1", "nodes", False, "nodes", _node),
        Kind("Pod", "", "v1", "pods", True, "pods", pods.read),
        Kind("EndpointSlice", "discovery.k8s.io", "v1", "endpointslices", True, "endpoint_slices", _endpoint_slice),
        Kind("TargetGroupBinding", "elbv2.k8s.aws", "v1beta1", "targetgroupbindings", True, "bindings", _target_group_binding),
        Kind("ServiceAccount", "", "v1", "serviceaccounts", True, "service_accounts", _service_account),
    )
}
"""Every kind that the controller reads, by name."""
