"""EndpointSlices and Endpoints."""

import asyncio
import time

from packages.sandbox.tests.pods.cluster import SLICES, Bed, container


async def test_follows_ready_pods(running: Bed) -> None:
    await running.service()
    await running.deploy()
    await running.until(lambda: len(running.endpoints()) == 2 and all(item["conditions"]["ready"] for item in running.endpoints()))
    (item,) = running.cluster.list(SLICES, "default")
    assert item["ports"] == [{"name": "http", "port": 8080, "protocol": "TCP"}]
    assert item["addressType"] == "IPv4"
    assert item["metadata"]["labels"]["kubernetes.io/service-name"] == "api"
    for endpoint in item["endpoints"]:
        pod = running.one(endpoint["targetRef"]["name"])
        assert endpoint["addresses"] == [pod["status"]["podIP"]]
        assert (endpoint["nodeName"], endpoint["zone"][:-1]) == (pod["spec"]["nodeName"], "ap-northeast-2")
    endpoints = running.cluster.get("endpoints", "default", "api")
    assert endpoints is not None
    assert len(endpoints["subsets"][0]["addresses"]) == 2


async def test_an_empty_service_has_an_empty_slice(running: Bed) -> None:
    await running.service()
    await running.until(lambda: len(running.cluster.list(SLICES, "default")) == 1)
    assert running.endpoints() == []


async def test_keeps_its_slice_and_its_order(running: Bed) -> None:
    await running.service()
    await running.deploy(replicas=3)
    await running.until(lambda: len(running.endpoints()) == 3)
    before = [item["targetRef"]["name"] for item in running.endpoints()]
    name = running.cluster.list(SLICES)[0]["metadata"]["name"]
    await running.cluster.merge("deployments.apps", "default", "api", {"spec": {"replicas": 5}})
    await running.until(lambda: len(running.endpoints()) == 5)
    assert [item["targetRef"]["name"] for item in running.endpoints()][:3] == before
    assert [item["metadata"]["name"] for item in running.cluster.list(SLICES)] == [name]


async def test_a_hundred_endpoints_fill_a_slice(running: Bed) -> None:
    await running.service()
    await running.deploy(replicas=130)
    await running.until(lambda: sum(item["conditions"]["ready"] for item in running.endpoints()) == 130, 15)
    assert sorted(len(item["endpoints"]) for item in running.cluster.list(SLICES)) == [30, 100]


async def test_a_name_may_mean_another_port_on_each_pod(running: Bed) -> None:
    await running.service(selector="x")
    await running.pod("a", **container())
    await running.pod("b", **container(ports=[{"name": "http", "containerPort": 9090}]))
    for name in "ab":
        await running.cluster.merge("pods", "default", name, {"metadata": {"labels": {"app": "x"}}})
    await running.until(lambda: len(running.endpoints()) == 2)
    assert {item["ports"][0]["port"] for item in running.cluster.list(SLICES)} == {8080, 9090}


async def test_a_pod_whose_labels_changed_leaves(running: Bed) -> None:
    await running.service(selector="one")
    await running.pod()
    await running.until(lambda: len(running.endpoints()) == 1)
    await running.cluster.merge("pods", "default", "one", {"metadata": {"labels": {"app": "two"}}})
    await running.until(lambda: running.endpoints() == [])


async def test_a_terminating_pod_serves_but_is_not_ready(running: Bed) -> None:
    await running.service(selector="one")
    await running.pod(**container(lifecycle={"preStop": {"sleep": {"seconds": 1}}}))
    await running.until(lambda: running.ready() == 1)
    await running.cluster.delete("pods", "default", "one")
    wanted = {"ready": False, "serving": True, "terminating": True}
    await running.until(lambda: [item["conditions"] for item in running.endpoints()] == [wanted])
    address = running.endpoints()[0]["addresses"][0]
    assert (await running.get(f"http://{address}:8080/"))["status"] == 200
    await running.until(lambda: running.endpoints() == [] and not running.one())


async def test_unready_addresses_can_be_published(running: Bed) -> None:
    await running.service(selector="one", publishNotReadyAddresses=True)
    await running.pod(readinessGates=[{"conditionType": "never"}])
    await running.until(lambda: [item["conditions"]["ready"] for item in running.endpoints()] == [True])
    assert running.ready() == 0


async def test_a_deleted_slice_comes_back(running: Bed) -> None:
    await running.service()
    await running.deploy(replicas=1)
    await running.until(lambda: len(running.endpoints()) == 1)
    await running.cluster.delete(SLICES, "default", running.cluster.list(SLICES)[0]["metadata"]["name"])
    await running.until(lambda: len(running.endpoints()) == 1)


async def test_a_ready_pod_is_there_at_once(running: Bed) -> None:
    await running.service(selector="one")
    await running.pod(readinessGates=[{"conditionType": "gate"}])
    await running.until(lambda: len(running.endpoints()) == 1)
    conditions = [*running.one()["status"]["conditions"], {"type": "gate", "status": "True"}]
    began = time.process_time()  # not of the clock on the wall: other tests run beside this one
    await running.cluster.patch_status("pods", "default", "one", {"conditions": conditions})
    while not running.endpoints()[0]["conditions"]["ready"]:  # noqa: ASYNC110 - every turn of the loop is looked at
        await asyncio.sleep(0)
    assert time.process_time() - began < 0.05
