import json
from typing import Any

import pytest

from albatross.catalog import kinds, pods, quic
from albatross.catalog.kinds import Malformed
from albatross.kube.decode import Pool, decoder
from albatross.model.snapshot import Pod, ServerId

META = {"namespace": "shop", "name": "x", "uid": "u", "creationTimestamp": "2026-01-01T00:00:00Z", "labels": {"app": "web"}}
POD = {
    "metadata": {**META, "annotations": {pods.ENI: "[]"}, "managedFields": [{"manager": "kubelet"}]},
    "spec": {
        "nodeName": "n",
        "containers": [{"name": "c", "image": "i", "ports": [{"name": "http", "containerPort": 80, "protocol": "TCP"}]}, {"name": "d"}],
        "initContainers": [{"restartPolicy": "Always", "ports": [{"containerPort": 9}]}, {"ports": [{"containerPort": 8}]}],
        "readinessGates": [{"conditionType": "target-health.elbv2.k8s.aws/t"}],
    },
    "status": {
        "podIP": "10.0.0.1",
        "conditions": [
            {"type": "Ready", "status": "True", "lastProbeTime": None},
            {"type": "PodScheduled", "status": "True"},
            {"type": "target-health.elbv2.k8s.aws/t", "status": "False", "reason": "r", "message": "m"},
        ],
    },
}
QUIC_POD = {
    "metadata": {**META, "annotations": {quic.ANNOTATION: "c"}},
    "spec": {
        "containers": [
            {
                "name": "c",
                "ports": [{"containerPort": 443}],
                "env": [{"name": "ID", "value": "AAAAAAAAAP8="}, {"name": "FROM", "valueFrom": {}}, {"name": "HOME", "value": "/root"}],
            },
            {"name": "d"},
        ]
    },
}
SLICE = {
    "metadata": {**META, "labels": {kinds.SERVICE_NAME: "web"}},
    "addressType": "IPv4",
    "ports": [{"name": "", "port": 80, "protocol": "TCP"}, {"name": None, "port": None}],
    "endpoints": [
        {
            "addresses": ["10.0.0.1"],
            "targetRef": {"kind": "Pod", "name": "p", "namespace": "shop"},
            "conditions": {"ready": True},
            "nodeName": "n",
        },
        {"addresses": ["10.0.0.2"], "targetRef": {"kind": "Node", "name": "n"}, "conditions": {"ready": None, "terminating": True}},
        {"addresses": []},
    ],
}
NODE = {
    "metadata": META,
    "spec": {"providerID": "aws:///z/i-1", "taints": [{"key": "k", "effect": "NoSchedule"}]},
    "status": {"conditions": [{"type": "Ready", "status": "True"}], "addresses": [{"type": "InternalIP", "address": "10.0.0.1"}]},
}


@pytest.mark.parametrize(
    ("kind", "obj"),
    [
        ("Pod", POD),
        ("Pod", QUIC_POD),
        ("Pod", {**QUIC_POD, "metadata": META}),
        ("Pod", {"metadata": META}),
        ("Pod", {"metadata": {**META, "deletionTimestamp": "2026-01-01T00:00:00Z"}}),
        ("EndpointSlice", SLICE),
        ("Node", NODE),
        ("Node", {"metadata": META}),
        ("Service", {"metadata": META, "spec": {"ports": [{"port": 80}]}}),
    ],
)
def test_a_projection_agrees_with_the_reader_of_whole_objects(kind: str, obj: dict[str, Any]) -> None:
    row = kinds.KINDS[kind]
    key, noun = decoder(kind)(json.dumps(obj).encode())
    whole = kinds.parse({**obj, "kind": kind, "apiVersion": row.api_version})
    assert noun == whole
    assert key == kinds.key(whole)


def test_only_pods_that_ask_for_quic_have_server_ids() -> None:
    _, pod = decoder("Pod")(json.dumps(QUIC_POD).encode())
    assert isinstance(pod, Pod)
    assert pod.server_ids == (ServerId(variable="ID", id="0x00000000000000ff", ports=(443,)),)
    _, other = decoder("Pod")(json.dumps({**QUIC_POD, "metadata": META}).encode())
    assert isinstance(other, Pod)
    assert other.server_ids == ()


def test_the_wrong_shape_is_malformed() -> None:
    with pytest.raises(Malformed):
        decoder("Pod")(json.dumps({"metadata": META, "status": {"podIP": 3}}).encode())


def test_pods_share_what_is_equal() -> None:
    decode = decoder("Pod")
    (_, one), (_, other) = decode(json.dumps(POD).encode()), decode(json.dumps(POD).encode())
    for field in ("labels", "conditions", "container_ports", "readiness_gates", "node_name"):
        assert getattr(one, field) is getattr(other, field)


def test_a_pool_is_bounded() -> None:
    pool = Pool()
    for number in range(Pool.SIZE * 2 + 10):
        pool.same(number)
        pool.map({"n": str(number)})
    assert len(pool._values) <= Pool.SIZE + 2
    assert len(pool._maps) <= Pool.SIZE + 2


def test_an_empty_map_and_an_empty_tuple_stay_two_values() -> None:
    pool = Pool()
    assert pool.map({}) == {}
    assert pool.same(()) == ()
    decode = decoder("Pod")
    bare = {"metadata": {key: value for key, value in META.items() if key != "labels"}}
    _, pod = decode(json.dumps({"metadata": {**bare["metadata"], "labels": {}}}).encode())
    assert pod == kinds.parse({**bare, "kind": "Pod", "apiVersion": "v1"})
