"""Deployments and ReplicaSets."""

from typing import Any

import pytest
from packages.sandbox.tests.pods.cluster import DEPLOYMENTS, REPLICASETS, Bed, Object, condition

from albatross_sandbox.kube.cluster import _Open as Judge
from albatross_sandbox.kube.fault import Fault
from albatross_sandbox.pods.deployment import revision, template_hash
from albatross_sandbox.pods.objects import portion


class Hook(Judge):
    """A webhook that refuses every pod."""

    def wanted(self, resource: Any, operation: str, *rest: Any) -> bool:
        return bool(resource.kind == "Pod" and operation == "CREATE")

    async def review(self, *asked: Any) -> Any:
        raise Fault(403, "Forbidden", "not this one")


def status(running: Bed, name: str = "api") -> Object:
    found = running.cluster.get(DEPLOYMENTS, "default", name)
    assert found is not None
    return {"generation": found["metadata"]["generation"], **(found.get("status") or {})}


def rolled(running: Bed, replicas: int) -> bool:
    """What `kubectl rollout status` waits for."""
    now = status(running)
    return bool(
        now.get("observedGeneration") == now["generation"]
        and now.get("updatedReplicas") == now.get("replicas") == now.get("availableReplicas") == replicas
    )


async def test_makes_pods_with_hash_and_owner(running: Bed) -> None:
    await running.deploy()
    await running.until(lambda: rolled(running, 2))
    (replicaset,) = running.cluster.list(REPLICASETS, "default")
    letters = replicaset["metadata"]["name"].removeprefix("api-")
    for pod in running.pods():
        assert pod["metadata"]["labels"]["pod-template-hash"] == letters
        assert pod["metadata"]["ownerReferences"][0]["uid"] == replicaset["metadata"]["uid"]
    assert condition(running.cluster.list(DEPLOYMENTS)[0], "Available") == "True"


async def test_replaces_a_deleted_pod(running: Bed) -> None:
    await running.deploy()
    await running.until(lambda: rolled(running, 2))
    victim = running.pods()[0]["metadata"]["name"]
    await running.cluster.delete("pods", "default", victim)
    await running.until(lambda: running.ready() == 2 and victim not in [pod["metadata"]["name"] for pod in running.pods()])


async def test_scales_up_and_down(running: Bed) -> None:
    await running.deploy(replicas=1)
    for wanted in (4, 2, 0):
        await running.cluster.merge(DEPLOYMENTS, "default", "api", {"spec": {"replicas": wanted}})
        await running.until(lambda wanted=wanted: len(running.pods()) == running.ready() == wanted)  # type: ignore[misc]


async def test_rolls_without_losing_availability(running: Bed) -> None:
    await running.deploy(replicas=4, strategy={"type": "RollingUpdate", "rollingUpdate": {"maxSurge": 1, "maxUnavailable": 0}})
    await running.until(lambda: rolled(running, 4))
    change = {"spec": {"template": {"metadata": {"annotations": {"kubectl.kubernetes.io/restartedAt": "now"}}}}}
    await running.cluster.merge(DEPLOYMENTS, "default", "api", change)
    seen = set()

    def done() -> bool:
        seen.add(running.ready() >= 4)
        return rolled(running, 4)

    await running.until(done)
    assert seen == {True}
    sets = {revision(item): item for item in running.cluster.list(REPLICASETS)}
    assert (sets[1]["spec"]["replicas"], sets[2]["spec"]["replicas"]) == (0, 4)


async def test_undo_takes_the_old_set_again(running: Bed) -> None:
    await running.deploy(replicas=1)
    await running.until(lambda: rolled(running, 1))
    first = running.cluster.list(REPLICASETS)[0]["metadata"]["name"]
    for value in ("x", None):
        await running.cluster.merge(DEPLOYMENTS, "default", "api", {"spec": {"template": {"metadata": {"annotations": {"v": value}}}}})
        await running.until(lambda: rolled(running, 1))
    newest = max(running.cluster.list(REPLICASETS), key=revision)
    assert newest["metadata"]["name"] == first
    assert revision(newest) == 3


async def test_recreate_ends_the_old_pods_first(running: Bed) -> None:
    await running.deploy(replicas=2, strategy={"type": "Recreate"})
    await running.until(lambda: rolled(running, 2))
    most = 0

    def done() -> bool:
        nonlocal most
        most = max(most, len(running.pods()))
        return rolled(running, 2)

    await running.cluster.merge(DEPLOYMENTS, "default", "api", {"spec": {"template": {"metadata": {"annotations": {"v": "2"}}}}})
    await running.until(done)
    assert most == 2


async def test_a_paused_deployment_only_scales(running: Bed) -> None:
    await running.deploy(replicas=1)
    await running.until(lambda: rolled(running, 1))
    change = {"spec": {"paused": True, "replicas": 2, "template": {"metadata": {"annotations": {"v": "2"}}}}}
    await running.cluster.merge(DEPLOYMENTS, "default", "api", change)
    await running.until(lambda: running.ready() == 2)
    assert len(running.cluster.list(REPLICASETS)) == 1
    await running.cluster.merge(DEPLOYMENTS, "default", "api", {"spec": {"paused": False}})
    await running.until(lambda: rolled(running, 2) and len(running.cluster.list(REPLICASETS)) == 2)


async def test_says_when_the_deadline_has_passed(running: Bed) -> None:
    await running.deploy(replicas=1, progressDeadlineSeconds=1, pod={"nodeSelector": {"no": "such"}})
    await running.until(lambda: condition(running.cluster.list(DEPLOYMENTS)[0], "Progressing") == "False")
    assert condition(running.cluster.list(DEPLOYMENTS)[0], "Available") == "False"


async def test_deleting_a_deployment_takes_all_with_it(running: Bed) -> None:
    await running.deploy()
    await running.until(lambda: rolled(running, 2))
    await running.cluster.delete(DEPLOYMENTS, "default", "api")
    await running.until(lambda: not running.pods() and not running.cluster.list(REPLICASETS))


PORTIONS = [("25%", True, 1), ("25%", False, 0), (2, True, 2), ("100%", False, 3), (None, True, 0)]


@pytest.mark.parametrize(("value", "up", "expected"), PORTIONS)
def test_portions_round_as_asked(value: str | int | None, up: bool, expected: int) -> None:
    assert portion(value, 3, up=up) == expected


def test_hash_does_not_depend_on_key_order() -> None:
    assert template_hash({"a": 1, "b": 2}) == template_hash({"b": 2, "a": 1}) != template_hash({"a": 1})


async def test_a_refused_pod_is_told(running: Bed) -> None:
    running.cluster.equip(Judge(), Hook(), Judge())
    await running.deploy()

    def failures() -> list[Object]:
        return [event for event in running.cluster.list("events", "default") if event["reason"] == "FailedCreate"]

    await running.until(failures)
    assert failures()[0]["type"] == "Warning"
    assert failures()[0]["message"] == "Error creating: not this one"
    assert failures()[0]["involvedObject"]["kind"] == "ReplicaSet"
    (replicaset,) = running.cluster.list(REPLICASETS, "default")
    assert condition(replicaset, "ReplicaFailure") == "True"
    running.cluster.equip(Judge(), Judge(), Judge())
    await running.until(lambda: rolled(running, 2))
    (replicaset,) = running.cluster.list(REPLICASETS, "default")
    assert condition(replicaset, "ReplicaFailure") is None
