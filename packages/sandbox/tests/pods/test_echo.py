"""The server a pod runs by default."""

import asyncio
import json
from typing import Any

from h2.connection import H2Connection
from h2.events import DataReceived, ResponseReceived, StreamEnded, TrailersReceived
from packages.sandbox.tests.pods.cluster import Bed, container

from albatross_sandbox.pods.datagram import Datagrams
from albatross_sandbox.pods.log import Log


async def served(running: Bed, **options: Any) -> str:
    await running.pod(**options)
    await running.until(lambda: running.ready() == 1)
    return str(running.one()["status"]["podIP"])


async def test_describes_the_request(running: Bed) -> None:
    address = await served(running)
    answer = await running.get(f"http://{address}:8080/a%20b?c=d", headers={"Host": "x.example.com", "X-A": "1"})
    assert answer | {"headers": None} == {
        "status": 200,
        "pod": "one",
        "namespace": "default",
        "ip": address,
        "port": 8080,
        "node": "node-0",
        "host": "x.example.com",
        "method": "GET",
        "path": "/a%20b",
        "query": "c=d",
        "headers": None,
        "scheme": "http",
        "version": "HTTP/1.1",
        "peer": "127.0.0.1",
        "tls": None,
    }
    assert answer["headers"]["x-a"] == "1"


async def test_shows_a_body(running: Bed) -> None:
    address = await served(running)
    async with running.session.post(f"http://{address}:8080/", data="hello") as answer:
        assert (await answer.json())["body"] == "hello"


async def test_speaks_tls_on_ports_named_https(running: Bed) -> None:
    address = await served(running, **container(ports=[{"name": "https", "containerPort": 8443}]))
    answer = await running.get(f"https://{address}:8443/", ssl=False)
    assert answer["scheme"] == "https"
    assert answer["tls"]["version"] == "TLSv1.3"


async def test_speaks_tls_when_annotated(running: Bed) -> None:
    address = await served(running, annotations={"sandbox.albatross/tls": "true"})
    assert (await running.get(f"https://{address}:8080/", ssl=False))["scheme"] == "https"


async def test_echoes_websocket_messages(running: Bed) -> None:
    address = await served(running)
    async with running.session.ws_connect(f"http://{address}:8080/chat") as socket:
        assert b'"path":"/chat"' in await socket.receive_bytes()
        await socket.send_str("hi")
        assert await socket.receive_str() == "hi"
        await socket.send_bytes(b"\0\1")
        assert await socket.receive_bytes() == b"\0\1"


async def ask(address: str, headers: dict[str, str], body: bytes = b"") -> tuple[dict[str, str], bytes, dict[str, str]]:
    """One HTTP/2 request with prior knowledge: headers, body and trailers of the answer."""
    reader, writer = await asyncio.open_connection(address, 8080)
    client = H2Connection()
    client.initiate_connection()
    asked = {":method": "POST", ":scheme": "http", ":authority": "x", ":path": "/", **headers}
    client.send_headers(1, list(asked.items()), end_stream=not body)
    if body:
        client.send_data(1, body, end_stream=True)
    writer.write(client.data_to_send())
    got: list[dict[str, str]] = [{}, {}]
    content, over = b"", False
    while not over:
        for event in client.receive_data(await asyncio.wait_for(reader.read(65536), 5)):
            match event:
                case ResponseReceived(headers=found) | TrailersReceived(headers=found):
                    got[isinstance(event, TrailersReceived)] = {bytes(key).decode(): bytes(value).decode() for key, value in found or ()}
                case DataReceived(data=data, flow_controlled_length=length):
                    content += data or b""
                    client.acknowledge_received_data(length or 0, 1)
                case StreamEnded():
                    over = True
        writer.write(client.data_to_send())
    writer.close()
    return got[0], content, got[1]


async def test_speaks_http2_with_prior_knowledge(running: Bed) -> None:
    headers, content, _ = await ask(await served(running), {":path": "/two?x"}, b"z" * 16_000)
    assert headers[":status"] == "200"
    assert b'"version":"HTTP/2"' in content
    assert b'"path":"/two"' in content


async def test_answers_grpc_health_checks(running: Bed) -> None:
    address = await served(running)
    call = {":path": "/grpc.health.v1.Health/Check", "content-type": "application/grpc", "user-agent": "kube-probe"}
    _, content, trailers = await ask(address, call, b"\0\0\0\0\0")
    assert (content[-1], trailers["grpc-status"]) == (1, "0")
    await running.annotate("one", health="fail")
    _, content, _ = await ask(address, call, b"\0\0\0\0\0")
    assert content[-1] == 2


async def test_sends_other_grpc_messages_back(running: Bed) -> None:
    address = await served(running)
    _, content, trailers = await ask(address, {":path": "/x.Y/Z", "content-type": "application/grpc"}, b"\0\0\0\0\1a")
    assert (content, trailers["grpc-status"]) == (b"\0\0\0\0\1a", "0")
    headers, _, _ = await ask(address, {":path": "/AWS.ALB/healthcheck", "content-type": "application/grpc"}, b"\0\0\0\0\0")
    assert headers["grpc-status"] == "12"


class Once(asyncio.DatagramProtocol):
    """Keeps the first datagram that comes back."""

    def __init__(self) -> None:
        self.got: asyncio.Future[bytes] = asyncio.get_running_loop().create_future()

    def datagram_received(self, data: bytes, addr: Any) -> None:
        if not self.got.done():
            self.got.set_result(data)


async def test_answers_datagrams(running: Bed) -> None:
    ports = [{"containerPort": 8080}, {"containerPort": 8080, "protocol": "UDP"}]
    address = await served(running, **container(ports=ports))
    transport, client = await asyncio.get_running_loop().create_datagram_endpoint(Once, remote_addr=(address, 8080))
    transport.sendto(b"hello")
    answer = json.loads(await asyncio.wait_for(client.got, 5))
    transport.close()
    assert answer == {
        "pod": "one",
        "namespace": "default",
        "ip": address,
        "port": 8080,
        "node": "node-0",
        "version": "UDP",
        "peer": "127.0.0.1",
        "body": "hello",
    }
    assert (await running.get(f"http://{address}:8080/"))["status"] == 200


async def test_a_stopped_udp_port_is_free_again() -> None:
    pod = {"metadata": {"name": "one", "namespace": "default"}, "spec": {}}
    port = Datagrams(lambda: pod, "127.0.0.1", 0, Log())
    await port.start()
    await port.stop(0)
    await port.stop(0)
    port.datagram_received(b"late", ("127.0.0.1", 1))
