"""Single probes, against servers that misbehave."""

import asyncio
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from albatross_sandbox.aws import probe
from albatross_sandbox.aws.certificate import Authority
from albatross_sandbox.aws.probe import Seen
from albatross_sandbox.aws.store import Target, TargetGroup

Answer = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


def group(**check: Any) -> TargetGroup:
    given = {
        "HealthCheckProtocol": "HTTP",
        "HealthCheckPath": "/",
        "HealthCheckTimeoutSeconds": 5,
        "HealthyThresholdCount": 3,
        "UnhealthyThresholdCount": 2,
        "Matcher": {"HttpCode": "200,301-302"},
        **check,
    }
    return TargetGroup("arn", "name", "ip", "HTTP", "HTTP1", 80, "vpc", "ipv4", None, given, {}, {}, {})


@asynccontextmanager
async def serving(answer: Answer, tls: ssl.SSLContext | None = None) -> AsyncIterator[int]:
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await answer(reader, writer)
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0, ssl=tls)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()


def saying(text: bytes) -> Answer:
    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(text)

    return answer


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (b"HTTP/1.1 200 OK\r\n\r\n", None),
        (b"HTTP/1.1 302 Found\r\n\r\n", None),
        (b"HTTP/1.0 204 No Content\r\n\r\n", "Target.ResponseCodeMismatch"),
        (b"hello\r\n", "Target.FailedHealthChecks"),
        (b"", "Target.FailedHealthChecks"),
    ],
)
async def test_answers(text: bytes, reason: str | None) -> None:
    async with serving(saying(text)) as port:
        assert (await probe.check(group(), "127.0.0.1", port)).reason == reason


async def test_silence_is_a_timeout() -> None:
    leave = asyncio.Event()

    async def answer(_: asyncio.StreamReader, __: asyncio.StreamWriter) -> None:
        await leave.wait()

    async with serving(answer) as port:
        assert (await probe.check(group(HealthCheckTimeoutSeconds=0.05), "127.0.0.1", port)).reason == "Target.Timeout"
        leave.set()


async def test_tls_believes_any_certificate(tmp_path: Path) -> None:
    issued = Authority("nobody").issue(["other.example.com"])
    (tmp_path / "pem").write_text(issued.certificate + issued.private_key)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(tmp_path / "pem")
    async with serving(saying(b"HTTP/1.1 200 OK\r\n\r\n"), context) as port:
        assert await probe.check(group(HealthCheckProtocol="HTTPS"), "127.0.0.1", port) == Seen()


async def test_refused_connections_fail() -> None:
    assert (await probe.check(group(HealthCheckProtocol="TCP"), "127.0.0.1", 1)).reason == "Target.FailedHealthChecks"


def test_thresholds_move_the_state() -> None:
    target, bad = Target("id", 80, None, 0.0), Seen("Target.Timeout", "Request timed out")
    states = []
    for seen in (bad, bad, Seen(), Seen(), Seen(), bad, Seen(), bad, bad):
        probe.note(group(), target, seen)
        states.append(target.state)
    assert states == ["initial", *["unhealthy"] * 3, *["healthy"] * 4, "unhealthy"]


def test_one_pass_makes_a_new_target_healthy() -> None:
    target = Target("id", 80, None, 0.0)
    probe.note(group(), target, Seen())
    assert (target.state, target.reason) == ("healthy", None)
