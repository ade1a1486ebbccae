"""What bindings are told, once each."""

import pytest
from tests.controller.scripted import AWAY, Cluster, Heard

from albatross.aws.session.errors import Limit
from albatross.controller.bindings import KIND
from albatross.controller.report import Reporter
from albatross.kube.errors import KubeError, KubeNotFound
from albatross.model.snapshot import Metadata, Service, TargetGroupBinding
from albatross.model.target import Endpoints, Gate
from albatross.planner.targets import View

META = Metadata(namespace="shop", name="tgb", uid="u", generation=1)
BINDING = TargetGroupBinding(metadata=META, target_type="instance", service="web", port=80)
GOING = TargetGroupBinding(metadata=Metadata(namespace="shop", name="tgb", uid="u", deletion_timestamp="now"))
LIMIT = Limit("elbv2", "DeregisterTargets", "TooManyActions", "no")
STORED = {"apiVersion": "elbv2.k8s.aws/v1beta1", "kind": KIND, "metadata": {"namespace": "shop", "name": "tgb"}, "spec": {}}


def reporter() -> tuple[Reporter, Cluster, Heard]:
    cluster = Cluster()
    heard = Heard(cluster)
    cluster.apply(STORED)
    return Reporter(cluster, cluster.cache, heard), cluster, heard


@pytest.mark.parametrize(
    ("found", "kind", "reasons"),
    [
        (Endpoints(known=False), "ClusterIP", ["BackendNotFound"]),
        (Endpoints(known=True), "ClusterIP", ["FailedReconcile"]),
        (Endpoints(known=True, unusable=("n",)), "NodePort", ["NodeSkipped"]),
        (Endpoints(known=True, anonymous=(("shop", "a"), ("shop", "b"))), "NodePort", ["ServerIdMissing"]),
        (Endpoints(known=True), "NodePort", []),
    ],
)
def test_what_is_wrong_with_endpoints_is_told(found: Endpoints, kind: str, reasons: list[str]) -> None:
    told, _, heard = reporter()
    service = Service(metadata=Metadata(namespace="shop", name="web"), type=kind)
    told.complain(BINDING, View(service=service, slices=(), pods={}, nodes={}), found)
    assert [reason for _, reason in heard.take()] == reasons


async def test_success_is_told_once_for_each_version() -> None:
    told, cluster, heard = reporter()
    await told.well(BINDING)
    found = cluster.find(KIND, "tgb")
    assert found is not None
    assert found["status"] == {"observedGeneration": 1}
    assert heard.take() == [("tgb", "SuccessfullyReconciled")]


async def test_a_failure_is_told_and_a_deletion_that_fails_is_in_the_status_once() -> None:
    told, cluster, heard = reporter()
    await told.failed(BINDING, LIMIT)
    for _ in range(2):
        await told.failed(GOING, LIMIT)
    assert [reason for _, reason in heard.take()] == ["FailedReconcile", "FailedCleanup", "FailedCleanup"]
    assert len(cluster.writes("/status")) == 1


async def test_a_binding_that_is_gone_needs_no_status() -> None:
    told, cluster, _ = reporter()
    cluster.refuse = lambda request: KubeNotFound(request.method, request.path, 404)
    await told.failed(GOING, LIMIT)
    cluster.refuse = lambda _: AWAY
    told.stuck.clear()
    with pytest.raises(KubeError):
        await told.failed(GOING, LIMIT)


async def test_without_the_permission_no_gate_is_written() -> None:
    told, cluster, _ = reporter()
    told.gating = False
    await told.gates([Gate(("shop", "pod"), "u", "target-health.elbv2.k8s.aws/tgb", "True", "", "")])
    assert not cluster.journal
