"""A kubelet that takes up the pods of one that was killed."""

from typing import Any

from packages.sandbox.tests.pods.cluster import condition, running

from albatross_sandbox.kube.cluster import Cluster
from albatross_sandbox.pods.address import Addresses
from albatross_sandbox.world import network

NODES = [{"name": "node-0", "private_ip": "127.9.48.1"}]
PROBE = {"httpGet": {"path": "/ready", "port": "http"}, "periodSeconds": 1}


async def cluster() -> Cluster:
    made = Cluster()
    await made.create({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "default"}})
    return made


async def test_pods_come_back_where_they_were_and_nobody_hears_of_it() -> None:
    kept = await cluster()
    with network.claimed("return") as cidr:
        prefix = cidr.removesuffix(".0.0/16")
        async with running(kept, prefix) as one:
            main = {"name": "main", "image": "echo", "ports": [{"name": "http", "containerPort": 8080}], "readinessProbe": PROBE}
            await one.deploy("api", 2, pod={"containers": [main]})
            await one.service("api")
            await one.until(lambda: one.ready("api") == 2 and sum(e["conditions"]["ready"] for e in one.endpoints()) == 2)
            before = {pod["metadata"]["name"]: pod["status"]["podIP"] for pod in one.pods()}
        heard: list[dict[str, Any]] = []
        with kept.store.feed("pods", "endpointslices.discovery.k8s.io") as feed:
            async with running(kept, prefix) as other:
                await other.until(lambda: all(pod["status"]["containerStatuses"][0]["restartCount"] == 1 for pod in other.pods()))
                for address in before.values():
                    assert (await other.get(f"http://{address}:8080/"))["status"] == 200
                await other.deploy("more", 1)
                await other.until(lambda: other.ready("more") == 1)
                heard = [change.entry.obj() for change in await feed.next()]
        assert {pod["metadata"]["name"]: pod["status"]["podIP"] for pod in kept.list("pods", "default", {"app": "api"})} == before
        mine = [obj for obj in heard if obj["kind"] == "Pod" and obj["metadata"]["name"] in before]
        assert mine
        assert {condition(obj, "Ready") for obj in mine} == {"True"}
        assert [obj for obj in heard if obj["kind"] == "EndpointSlice"] == []


async def test_a_pod_that_does_not_come_back_is_told(monkeypatch: Any) -> None:
    kept = await cluster()
    with network.claimed("return") as cidr:
        prefix = cidr.removesuffix(".0.0/16")
        async with running(kept, prefix) as one:
            await one.pod("one")
            await one.until(lambda: one.ready() == 1)
            await one.annotate("one", command='["/nowhere"]')
        monkeypatch.setattr("albatross_sandbox.pods.pod.RETURN", 0.05)
        async with running(kept, prefix) as other:
            await other.until(lambda: other.ready() == 0)


async def test_the_address_of_a_pod_that_was_leaving_is_free_again() -> None:
    kept = await cluster()
    with network.claimed("return") as cidr:
        prefix = cidr.removesuffix(".0.0/16")
        async with running(kept, prefix) as one:
            await one.pod("one")
            await one.until(lambda: one.ready() == 1)
        await kept.delete("pods", "default", "one", grace=5)
        assert one.one()
        async with running(kept, prefix) as other:
            await other.until(lambda: not other.one())


def test_held_addresses_wait_for_their_pods() -> None:
    addresses = Addresses(NODES, held=["127.9.48.10", "127.9.48.12"])
    assert addresses.take("node-0") == "127.9.48.13"
    assert addresses.keep("node-0", "127.9.48.10")
    assert not addresses.keep("node-0", "127.9.48.10")
    assert addresses.keep("node-0", "127.9.48.12")
