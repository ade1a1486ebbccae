import asyncio
from dataclasses import replace

import pytest
from tests.clock import settle, until
from tests.kube.wire import Api

from albatross.kube import errors
from albatross.kube.client import AT_ONCE, SEAT_SECONDS, Client, Request, _loopback
from albatross.kube.token import FileToken, StaticToken

MAPS = "/api/v1/namespaces/default/configmaps"


async def test_reads_and_writes(api: Api) -> None:
    made = await api.client.create(MAPS, {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "a"}, "data": {"k": "v"}})
    patched = await api.client.patch(f"{MAPS}/a", {"data": {"k": "w"}})
    assert (made["data"], patched["data"]) == ({"k": "v"}, {"k": "w"})
    await api.client.delete(f"{MAPS}/a")
    with pytest.raises(errors.KubeNotFound):
        await api.client.get(f"{MAPS}/a")


async def test_refusals_are_told_apart_by_status(api: Api) -> None:
    made = await api.make("ConfigMap", "a")
    with pytest.raises(errors.KubeConflict):
        await api.client.create(MAPS, {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "a"}})
    await api.client.patch(f"{MAPS}/a", {"data": {"k": "v"}})
    with pytest.raises(errors.KubeConflict):
        await api.client.replace(f"{MAPS}/a", {**made, "data": {}})
    with pytest.raises(errors.KubeInvalid) as caught:
        await api.client.create(MAPS, {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "A_"}})
    assert caught.value.causes


async def test_a_rotated_token_is_read_again_after_one_refusal(api: Api, tmp_path: object) -> None:
    good = await api.access.token.get()
    file = api.running.kubeconfig.parent / "token"
    file.write_text("expired")
    async with Client(replace(api.access, token=FileToken(str(file)))) as client:
        with pytest.raises(errors.Unauthorized):
            await client.get(MAPS)
        file.write_text(good)
        assert (await client.get(MAPS))["kind"] == "ConfigMapList"


async def test_a_wrong_token_is_unauthorized(api: Api) -> None:
    async with Client(replace(api.access, token=StaticToken("wrong"))) as client:
        with pytest.raises(errors.Unauthorized):
            await client.get(MAPS)


async def test_a_dead_server_is_unreachable(api: Api) -> None:
    api.wire.closed = True
    with pytest.raises(errors.Unreachable):
        await api.client.get(MAPS)


async def test_nothing_listens(api: Api) -> None:
    async with Client(replace(api.access, server="https://127.0.0.1:9")) as client:
        with pytest.raises(errors.Unreachable, match=r"127\.0\.0\.1:9"):
            await client.get(MAPS)


async def test_a_hung_server_is_given_up(api: Api) -> None:
    api.wire.hold()
    call = asyncio.create_task(api.client.call(Request(method="GET", path=MAPS)))
    await api.clock.advance(30)
    with pytest.raises(errors.Unreachable, match="within 30 s"):
        await call


async def test_an_untrusted_certificate_is_said(api: Api) -> None:
    async with Client(replace(api.access, ca=type(api.access.ca)())) as client:
        with pytest.raises(errors.Unreachable, match="not trusted"):
            await client.get(MAPS)


async def test_insecure_trusts_anyone(api: Api) -> None:
    async with Client(replace(api.access, ca=type(api.access.ca)(), insecure=True)) as client:
        assert (await client.get(MAPS))["kind"] == "ConfigMapList"


async def test_something_else_than_an_api_is_unreachable(api: Api) -> None:
    with pytest.raises(errors.Unreachable, match="other than JSON"):
        await api.client.get("/healthz")


async def answer(status: str, headers: str, times: int) -> tuple[asyncio.Server, list[int]]:
    """A server that answers so a few times, then with an empty list."""
    asked: list[int] = []

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        asked.append(1)
        line, more = (status, headers) if len(asked) <= times else ("200 OK", "")
        writer.write(f"HTTP/1.1 {line}\r\n{more}Content-Length: 2\r\nConnection: close\r\n\r\n{{}}".encode())
        await writer.drain()
        writer.close()

    return await asyncio.start_server(handle, "127.0.0.1", 0), asked


@pytest.mark.parametrize(
    ("status", "headers", "times", "asked"), [("429 Slow", "Retry-After: 0\r\n", 2, 3), ("503 Off", "Retry-After: 0\r\n", 1, 2)]
)
async def test_retry_after_is_waited_out(api: Api, status: str, headers: str, times: int, asked: int) -> None:
    server, seen = await answer(status, headers, times)
    port = server.sockets[0].getsockname()[1]
    async with server, Client(replace(api.access, server=f"http://127.0.0.1:{port}")) as client:
        await client.get("/")
    assert len(seen) == asked


async def test_other_failures_are_not_repeated(api: Api) -> None:
    server, seen = await answer("500 Oops", "", 1)
    port = server.sockets[0].getsockname()[1]
    async with server, Client(replace(api.access, server=f"http://127.0.0.1:{port}")) as client:
        with pytest.raises(errors.Refused) as caught:
            await client.get("/")
    assert (caught.value.status, len(seen)) == (500, 1)


async def test_connections_are_reused(api: Api) -> None:
    for _ in range(5):
        await api.client.get(MAPS)
    await api.until(lambda: api.wire.connections == 1)


@pytest.mark.parametrize(
    ("server", "own"),
    [
        ("https://127.0.0.1:1", True),
        ("https://localhost:1", True),
        ("https://[::1]:1", True),
        ("https://10.0.0.1", False),
        ("https://x.eks", False),
    ],
)
def test_only_other_machines_are_reached_through_a_proxy(server: str, own: bool) -> None:
    assert _loopback(server) is own


async def test_a_closed_client_says_so(api: Api) -> None:
    with pytest.raises(RuntimeError, match="async with"):
        await Client(api.access).get(MAPS)


async def test_calls_share_a_few_connections(api: Api) -> None:
    """Except what must not wait: the lease and events."""
    api.wire.hold()
    calls = [asyncio.create_task(api.client.get(MAPS)) for _ in range(AT_ONCE + 5)]
    await settle()
    assert api.client._seats.locked()
    lease = asyncio.create_task(api.client.call(Request(method="GET", path=MAPS, fenced=False)))
    await settle()
    api.wire.release()
    assert (await lease)["kind"] == "ConfigMapList"
    assert {found["kind"] for found in await asyncio.gather(*calls)} == {"ConfigMapList"}
    assert not api.client._seats.locked()


async def test_calls_that_hang_do_not_hold_up_others(api: Api) -> None:
    api.wire.hold()
    calls = [asyncio.create_task(api.client.get(MAPS)) for _ in range(AT_ONCE + 1)]
    await settle()
    await api.clock.advance(SEAT_SECONDS)
    await settle()
    assert calls[-1] in asyncio.all_tasks()
    api.wire.release()
    await asyncio.gather(*calls)
    assert api.client._seats._value == AT_ONCE


async def test_calls_wait_as_long_as_others_end(api: Api) -> None:
    """A slow API server gets no more calls at once, so that the lease is renewed in time."""
    api.wire.hold()
    calls = [asyncio.create_task(api.client.get(MAPS)) for _ in range(AT_ONCE + 2)]
    await until(lambda: api.wire.connections >= AT_ONCE)
    before = api.wire.connections
    await api.clock.advance(0.6 * SEAT_SECONDS)
    calls[0].cancel()
    await until(lambda: api.wire.connections == before + 1)
    await api.clock.advance(0.4 * SEAT_SECONDS)
    assert len(api.client._seats._waiters or ()) == 1, "it waits again"
    await api.clock.advance(SEAT_SECONDS)
    assert not api.client._seats._waiters
    await until(lambda: api.wire.connections == before + 2)
    api.wire.release()
    await asyncio.gather(*calls, return_exceptions=True)
    assert api.client._seats._value == AT_ONCE
