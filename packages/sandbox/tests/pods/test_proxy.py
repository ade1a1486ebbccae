"""Node ports."""

import asyncio
import json
from typing import Any

import aiohttp
import pytest
from packages.sandbox.tests.pods.cluster import Bed

PORT = {"name": "http", "port": 80, "targetPort": "http", "protocol": "TCP", "nodePort": 30080}


async def reached(running: Bed, node: int, times: int = 4) -> set[str]:
    url = f"http://{running.prefix}.{48 + 16 * node}.1:30080/"
    return {(await running.get(url))["pod"] for _ in range(times)}


async def opened(running: Bed, **spec: Any) -> None:
    await running.service(type="NodePort", ports=[PORT], **spec)
    await running.deploy(replicas=2)
    await running.until(lambda: sum(item["conditions"]["ready"] for item in running.endpoints()) == 2)


async def test_every_node_reaches_every_pod(running: Bed) -> None:
    await opened(running)
    names = {pod["metadata"]["name"] for pod in running.pods()}
    for node in range(3):
        assert await reached(running, node) == names


async def test_local_policy_stays_on_the_node(running: Bed) -> None:
    await opened(running, externalTrafficPolicy="Local")
    (here,) = [pod["metadata"]["name"] for pod in running.pods() if pod["spec"]["nodeName"] == "node-1"]
    assert await reached(running, 1) == {here}
    with pytest.raises(aiohttp.ClientError):
        await reached(running, 2)


async def test_health_check_port_tells_nodes_apart(running: Bed) -> None:
    await opened(running, externalTrafficPolicy="Local", healthCheckNodePort=30081)
    statuses = [(await running.get(f"http://{running.prefix}.{subnet}.1:30081/healthz"))["status"] for subnet in (48, 64, 80)]
    assert statuses == [200, 200, 503]


async def test_an_unready_pod_is_left_out(running: Bed) -> None:
    await opened(running)
    gone, stays = [pod["metadata"]["name"] for pod in running.pods()]
    await running.cluster.merge("deployments.apps", "default", "api", {"spec": {"replicas": 1}})
    await running.until(lambda: len(running.endpoints()) == 1)
    left = running.endpoints()[0]["targetRef"]["name"]
    assert left in (gone, stays)
    assert await reached(running, 0) == {left}


async def test_closes_when_the_service_no_longer_wants_it(running: Bed) -> None:
    await opened(running)
    await reached(running, 0)
    await running.cluster.delete("services", "default", "api")
    async with asyncio.timeout(8):
        while not await refused(f"{running.prefix}.48.1", 30080):
            pass


async def refused(address: str, port: int) -> bool:
    try:
        _, writer = await asyncio.open_connection(address, port)
    except ConnectionRefusedError:
        return True
    except ConnectionResetError:  # it waited to be accepted when the port was closed
        return False
    writer.close()
    return False


async def peer(running: Bed, node: int, client: str) -> str:
    """The client that a pod sees."""
    reader, writer = await asyncio.open_connection(f"{running.prefix}.{48 + 16 * node}.1", 30080, local_addr=(client, 0))
    writer.write(b"GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
    body = (await reader.read()).partition(b"\r\n\r\n")[2]
    writer.close()
    return str(json.loads(body)["peer"])


async def test_pods_see_the_client_with_the_local_policy_only(running: Bed) -> None:
    await opened(running)
    assert await peer(running, 0, "127.0.0.7") == f"{running.prefix}.48.1"
    await running.cluster.merge("services", "default", "api", {"spec": {"externalTrafficPolicy": "Local"}})
    async with asyncio.timeout(8):
        while await peer(running, 0, "127.0.0.7") != "127.0.0.7":
            pass


class Answers(asyncio.DatagramProtocol):
    """Keeps what comes back."""

    def __init__(self) -> None:
        self.got: asyncio.Queue[Any] = asyncio.Queue()

    def datagram_received(self, data: bytes, addr: Any) -> None:
        self.got.put_nowait(json.loads(data))


async def test_datagrams_reach_pods_by_node_ports(running: Bed) -> None:
    port = {"name": "dns", "port": 53, "targetPort": 8053, "protocol": "UDP", "nodePort": 30053}
    await running.service(type="NodePort", ports=[PORT, port], externalTrafficPolicy="Local")
    ports = [{"name": "http", "containerPort": 8080}, {"name": "dns", "containerPort": 8053, "protocol": "UDP"}]
    await running.deploy(replicas=2, pod={"containers": [{"name": "app", "image": "app", "ports": ports}]})
    await running.until(lambda: sum(item["conditions"]["ready"] for item in running.endpoints()) == 2)
    loop = asyncio.get_running_loop()

    async def ask(node: int) -> tuple[asyncio.DatagramTransport, Answers]:
        where = (f"{running.prefix}.{48 + 16 * node}.1", 30053)
        transport, answers = await loop.create_datagram_endpoint(Answers, local_addr=("127.0.0.7", 0), remote_addr=where)
        return transport, answers

    transport, answers = await ask(1)
    for text in (b"one", b"two", b"three"):
        transport.sendto(text)
    found = [await asyncio.wait_for(answers.got.get(), 5) for _ in range(3)]
    assert {each["body"] for each in found} == {"one", "two", "three"}
    assert {(each["peer"], each["node"]) for each in found} == {("127.0.0.7", "node-1")}
    nowhere, silence = await ask(2)  # no pod is there
    nowhere.sendto(b"four")
    transport.sendto(b"five")
    assert (await asyncio.wait_for(answers.got.get(), 5))["body"] == "five"
    assert silence.got.empty()
    transport.close()
    nowhere.close()
