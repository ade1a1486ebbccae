from dataclasses import fields
from datetime import UTC, datetime
from typing import Any

import pytest

from albatross.catalog import kinds, pods, quic
from albatross.model.snapshot import (
    Endpoint,
    EndpointSlice,
    Ingress,
    IngressBackend,
    IngressClass,
    IngressClassParams,
    LabelRequirement,
    LabelSelector,
    ListenerParams,
    LoadBalancerIngress,
    Node,
    ParametersReference,
    Pod,
    Secret,
    ServerId,
    Service,
    ServicePort,
    Snapshot,
    SubnetParams,
    Taint,
    TargetGroupBinding,
)


def obj(kind: str, spec: dict[str, Any] | None = None, **more: Any) -> dict[str, Any]:
    meta = {"namespace": "shop", "name": "app", **more.pop("metadata", {})}
    return {"apiVersion": kinds.KINDS[kind].api_version, "kind": kind, "metadata": meta, "spec": spec, **more}


def ingress(spec: dict[str, Any], **more: Any) -> Ingress:
    found = kinds.parse(obj("Ingress", spec, **more))
    assert isinstance(found, Ingress)
    return found


def test_ingress_backends_keep_what_was_written() -> None:
    backends = [
        {"service": {"name": "web", "port": {"number": 80}}},
        {"service": {"name": "web", "port": {"name": "http"}}},
        {"service": {"name": "web"}},
        {"resource": {"kind": "Bucket", "name": "b"}},
    ]
    found = ingress({"rules": [{"host": "a", "http": {"paths": [{"path": "/", "backend": backend} for backend in backends]}}]})
    paths = found.rules[0].paths
    assert paths is not None
    assert [path.backend for path in paths] == [
        IngressBackend("web", 80),
        IngressBackend("web", "http"),
        IngressBackend("web"),
        IngressBackend(),
    ]
    assert paths[0].path_type is None


def test_ingress_rule_without_http_has_no_paths() -> None:
    assert ingress({"rules": [{"host": "a"}, {"http": {"paths": []}}]}).rules[0].paths is None


def test_ingress_status_is_read() -> None:
    status = {"loadBalancer": {"ingress": [{"hostname": "h", "ports": [{"port": 80, "protocol": ""}]}]}}
    assert ingress({}, status=status).status == (LoadBalancerIngress(hostname="h", ports=(80,)),)


def test_service_fills_in_as_the_api_server_does() -> None:
    found = kinds.parse(obj("Service", {"ports": [{"port": 80}, {"port": 81, "targetPort": "http", "name": "x", "nodePort": 30000}]}))
    assert isinstance(found, Service)
    assert (found.type, found.ports) == ("ClusterIP", (ServicePort("", 80, 80), ServicePort("x", 81, "http", "TCP", 30000)))


def test_missing_namespace_is_default() -> None:
    assert kinds.key(kinds.parse({"apiVersion": "v1", "kind": "Service", "metadata": {"name": "a"}})) == ("default", "a")


def test_cluster_scoped_kinds_have_no_namespace() -> None:
    assert kinds.key(kinds.parse(obj("IngressClass", {"controller": "c"}))) == ("", "app")


def test_ingress_class_parameters() -> None:
    found = kinds.parse(obj("IngressClass", {"controller": "c", "parameters": {"kind": "K", "name": "n"}}))
    assert isinstance(found, IngressClass)
    assert found.parameters == ParametersReference(None, "K", "n")


def test_class_params_tell_absent_from_empty() -> None:
    bare = kinds.parse(obj("IngressClassParams"))
    full = kinds.parse(
        obj(
            "IngressClassParams",
            {
                "namespaceSelector": {"matchExpressions": [{"key": "a", "operator": "In", "values": ["b"]}]},
                "group": {"name": "g"},
                "subnets": {"tags": {"Name": ["x", "y"], "any": None}},
                "tags": [{"key": "k", "value": "v"}],
                "listeners": [{"protocol": "HTTP", "port": 80, "listenerAttributes": [{"key": "k", "value": "v"}]}],
                "minimumLoadBalancerCapacity": {"capacityUnits": 5},
                "ipamConfiguration": {},
            },
        )
    )
    assert isinstance(bare, IngressClassParams)
    assert isinstance(full, IngressClassParams)
    assert (bare.namespace_selector, bare.group_name, bare.subnets, bare.minimum_load_balancer_capacity) == (None, None, None, None)
    assert full.namespace_selector == LabelSelector({}, (LabelRequirement("a", "In", ("b",)),))
    assert full.subnets == SubnetParams(None, {"Name": ("x", "y"), "any": ()})
    assert full.listeners == (ListenerParams("HTTP", 80, (("k", "v"),)),)
    assert (full.group_name, full.tags, full.minimum_load_balancer_capacity, full.ipam_configured) == ("g", (("k", "v"),), 5, True)


def test_secret_is_decoded_and_never_shown() -> None:
    found = kinds.parse({**obj("Secret"), "data": {"a": "aHVu\nZA=="}, "stringData": {"b": "katze"}})
    assert isinstance(found, Secret)
    assert found.data == {"a": b"hund", "b": b"katze"}
    assert "hund" not in repr(found)


def test_bad_base64_does_not_leak() -> None:
    with pytest.raises(kinds.Malformed) as caught:
        kinds.parse({**obj("Secret"), "data": {"a": "geheim!"}})
    assert "geheim" not in str(caught.value)
    assert caught.value.field == 'data["a"]'


def test_node() -> None:
    status = {"conditions": [{"type": "Ready", "status": "Unknown"}], "addresses": [{"type": "InternalIP", "address": "10.0.0.1"}]}
    found = kinds.parse(obj("Node", {"providerID": "aws:///a/i-1", "taints": [{"key": "k", "effect": "NoSchedule"}]}, status=status))
    assert isinstance(found, Node)
    assert (found.ready, found.addresses, found.taints) == ("Unknown", (("InternalIP", "10.0.0.1"),), (Taint("k", "NoSchedule"),))


def test_a_pod_that_asks_for_quic_keeps_its_server_ids() -> None:
    env = [{"name": "ID", "value": "AAAAAAAAAP8="}, {"name": "HOME", "value": "/"}]
    spec = {"containers": [{"name": "web", "env": env, "ports": [{"containerPort": 443}]}]}
    found = kinds.parse(obj("Pod", spec, metadata={"annotations": {quic.ANNOTATION: "web"}}))
    assert isinstance(found, Pod)
    assert found.server_ids == (ServerId(variable="ID", id="0x00000000000000ff", ports=(443,)),)
    other = kinds.parse(obj("Pod", spec))
    assert isinstance(other, Pod)
    assert other.server_ids == ()


def test_pod_keeps_only_what_decides() -> None:
    spec = {
        "nodeName": "n",
        "containers": [{"ports": [{"name": "http", "containerPort": 80}]}, {}],
        "initContainers": [{"restartPolicy": "Always", "ports": [{"containerPort": 9}]}, {"ports": [{"containerPort": 7}]}],
        "readinessGates": [{"conditionType": "target-health.elbv2.k8s.aws/x"}],
    }
    conditions = [{"type": "Ready", "status": "True"}, {"type": "PodScheduled", "status": "True"}]
    found = kinds.parse(
        obj("Pod", spec, status={"podIP": "10.0.0.9", "conditions": conditions}, metadata={"annotations": {pods.ENI: "[]"}})
    )
    assert isinstance(found, Pod)
    assert found.container_ports == (("http", 80), ("", 9))
    assert [condition.type for condition in found.conditions] == ["Ready"]
    assert (found.pod_ip, found.pod_eni, found.deleting) == ("10.0.0.9", "[]", False)


def test_endpoint_slice() -> None:
    found = kinds.parse(
        {
            **obj("EndpointSlice", metadata={"labels": {kinds.SERVICE_NAME: "web"}}),
            "addressType": "IPv6",
            "ports": [{"name": None, "port": None}, {"name": "http", "port": 80}],
            "endpoints": [
                {
                    "addresses": ["::1", "::2"],
                    "targetRef": {"kind": "Pod", "name": "p"},
                    "conditions": {"ready": False, "terminating": True},
                },
                {"addresses": ["::3"], "nodeName": "n"},
            ],
        }
    )
    assert isinstance(found, EndpointSlice)
    assert (found.service, found.address_type, found.ports) == ("web", "IPv6", (("", None), ("http", 80)))
    assert found.endpoints == (Endpoint("::1", ("shop", "p"), "", False, True), Endpoint("::3", None, "n"))


def test_binding_keeps_networking_as_text() -> None:
    spec = {"targetGroupARN": "arn", "serviceRef": {"name": "web", "port": "http"}, "networking": {"ingress": []}, "nodeSelector": {}}
    found = kinds.parse(obj("TargetGroupBinding", spec))
    assert isinstance(found, TargetGroupBinding)
    assert (found.port, found.networking, found.node_selector) == ("http", '{"ingress":[]}', LabelSelector())


@pytest.mark.parametrize(
    ("broken", "field"),
    [
        (obj("Ingress", {"rules": {}}), "spec.rules"),
        (obj("Ingress", {"rules": ["x"]}), "spec.rules[0]"),
        (obj("Ingress", {"rules": [{"http": {"paths": [{"path": 3}]}}]}), "spec.rules[0].http.paths[0].path"),
        (obj("Ingress", metadata={"annotations": {"a/b": True}}), 'metadata.annotations["a/b"]'),
        (obj("Ingress", metadata={"labels": {3: "x"}}), "metadata.labels"),
        (obj("Ingress", {"tls": [{"hosts": [None]}]}), "spec.tls[0].hosts[0]"),
        (obj("Service", {"ports": [{"port": "80"}]}), "spec.ports[0].port"),
        (obj("Service", {"ports": [{"port": 80, "targetPort": True}]}), "spec.ports[0].targetPort"),
        (obj("TargetGroupBinding", {"multiClusterTargetGroup": "yes"}), "spec.multiClusterTargetGroup"),
        ({"apiVersion": "v1", "kind": "Ingress"}, "kind"),
        ({"kind": []}, "kind"),
    ],
)
def test_malformed_names_the_field(broken: dict[str, Any], field: str) -> None:
    with pytest.raises(kinds.Malformed) as caught:
        kinds.parse(broken)
    assert caught.value.field == field
    assert str(caught.value).startswith(f"{field}: expected ")


def test_dates_of_a_yaml_reader_are_text_again() -> None:
    found = ingress({}, metadata={"creationTimestamp": datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)})
    assert found.metadata.creation_timestamp == "2026-01-02T03:04:05Z"


def test_whole_floats_are_numbers() -> None:
    assert ingress({}, metadata={"generation": 2.0}).metadata.generation == 2


def test_snapshot_opens_lists_and_skips_what_it_does_not_read() -> None:
    found = kinds.snapshot(
        [{"apiVersion": "v1", "kind": "List", "items": [obj("Service"), {"apiVersion": "apps/v1", "kind": "Deployment"}]}, obj("Node")],
        complete=False,
    )
    assert (list(found.services), list(found.nodes), found.complete) == ([("shop", "app")], [("", "app")], False)


def test_every_row_fills_a_map_of_the_snapshot() -> None:
    maps = {field.name for field in fields(Snapshot)} - {"complete", "unread", "denied", "workloads"}
    assert {row.field for row in kinds.KINDS.values()} == maps
    assert all(kinds.snapshot([obj(kind)]) != Snapshot() for kind in kinds.KINDS)


@pytest.mark.parametrize(
    ("kind", "namespace", "path"),
    [
        ("Service", "", "/api/v1/services"),
        ("Service", "shop", "/api/v1/namespaces/shop/services/app"),
        ("Ingress", "shop", "/apis/networking.k8s.io/v1/namespaces/shop/ingresses/app"),
        ("IngressClass", "shop", "/apis/networking.k8s.io/v1/ingressclasses/app"),
    ],
)
def test_path(kind: str, namespace: str, path: str) -> None:
    assert kinds.KINDS[kind].path(namespace, "app" if namespace else "") == path


def test_a_value_that_no_json_has_is_named_by_its_type() -> None:
    with pytest.raises(kinds.Malformed) as caught:
        kinds.parse({"apiVersion": "v1", "kind": "Service", "metadata": {"name": {"a", "b"}}})
    assert (caught.value.field, caught.value.got) == ("metadata.name", "a set")
