"""Nodes and scheduling."""

from collections import Counter

from packages.sandbox.tests.pods.cluster import Bed, condition


def where(running: Bed) -> Counter[str]:
    return Counter(pod["spec"].get("nodeName", "") for pod in running.pods())


async def test_nodes_look_like_eks_nodes(running: Bed) -> None:
    nodes = running.cluster.list("nodes")
    assert [node["spec"]["providerID"] for node in nodes] == [f"aws:///ap-northeast-2{zone}/i-{index}" for index, zone in enumerate("abc")]
    assert nodes[2]["metadata"]["labels"]["topology.kubernetes.io/zone"] == "ap-northeast-2c"
    assert nodes[2]["status"]["addresses"][0] == {"type": "InternalIP", "address": f"{running.prefix}.80.1"}
    assert condition(nodes[0], "Ready") == "True"


async def test_spreads_pods(running: Bed) -> None:
    await running.deploy(replicas=6)
    await running.until(lambda: running.ready() == 6)
    assert where(running) == {"node-0": 2, "node-1": 2, "node-2": 2}


async def test_cordon_selector_and_taint_keep_pods_away(running: Bed) -> None:
    await running.cluster.merge("nodes", "", "node-0", {"spec": {"unschedulable": True}})
    await running.cluster.merge("nodes", "", "node-1", {"spec": {"taints": [{"key": "k", "value": "v", "effect": "NoSchedule"}]}})
    await running.cluster.merge("nodes", "", "node-2", {"metadata": {"labels": {"disk": "ssd"}}})
    await running.deploy(replicas=2)
    await running.until(lambda: running.ready() == 2)
    assert where(running) == {"node-2": 2}
    await running.pod("tolerant", tolerations=[{"key": "k", "operator": "Exists"}], nodeSelector={"kubernetes.io/hostname": "node-1"})
    await running.until(lambda: where(running)["node-1"] == 1)


async def test_an_unschedulable_pod_waits_for_its_node(running: Bed) -> None:
    await running.pod(nodeSelector={"disk": "ssd"})
    await running.until(lambda: condition(running.one(), "PodScheduled") == "False")
    await running.cluster.merge("nodes", "", "node-2", {"metadata": {"labels": {"disk": "ssd"}}})
    await running.until(lambda: running.ready() == 1)


async def test_no_execute_drives_pods_out(running: Bed) -> None:
    await running.deploy(replicas=3)
    await running.until(lambda: running.ready() == 3)
    await running.cluster.merge("nodes", "", "node-0", {"spec": {"taints": [{"key": "k", "effect": "NoExecute"}]}})
    await running.until(lambda: running.ready() == 3 and "node-0" not in where(running))


async def test_a_deleted_node_takes_its_pods_with_it(running: Bed) -> None:
    await running.deploy(replicas=3)
    await running.until(lambda: running.ready() == 3)
    await running.cluster.delete("nodes", "", "node-1")
    await running.until(lambda: running.ready() == 3 and "node-1" not in where(running))
