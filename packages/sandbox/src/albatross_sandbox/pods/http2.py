"""A small HTTP/2 server connection, for targets of HTTP2 and gRPC target groups."""

import asyncio
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from h2.config import H2Configuration
from h2.connection import H2Connection
from h2.events import DataReceived, RequestReceived, StreamEnded, StreamReset, WindowUpdated
from h2.exceptions import ProtocolError

PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
# https://github.com/grpc/grpc/blob/master/doc/statuscodes.md
UNIMPLEMENTED, UNAVAILABLE = 12, 14
# HealthCheckResponse{status: SERVING | NOT_SERVING} in its five-byte gRPC envelope.
SERVING, NOT_SERVING = b"\0\0\0\0\x02\x08\x01", b"\0\0\0\0\x02\x08\x02"

Headers = Iterable[tuple[str, str]]


@dataclass(slots=True)
class Stream:
    """One request as it arrives."""

    headers: list[tuple[str, str]] = field(default_factory=list)
    body: bytes = b""


@dataclass(frozen=True, slots=True)
class Answer:
    """A whole response; trailers only for gRPC."""

    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes = b""
    trailers: tuple[tuple[str, str], ...] = ()


Handler = Callable[[Stream, asyncio.Transport], Answer]


def grpc(path: str, message: bytes, *, healthy: bool) -> Answer:
    """The answer to a gRPC call: health as grpc.health.v1 says, ALB's default check unimplemented, anything else sent back."""
    kind = (("content-type", "application/grpc"),)
    if path == "/grpc.health.v1.Health/Check":
        return Answer(200, kind, SERVING if healthy else NOT_SERVING, (("grpc-status", "0"),))
    if not healthy:
        return Answer(200, (*kind, ("grpc-status", str(UNAVAILABLE))))
    if path.startswith("/AWS.ALB/"):
        return Answer(200, (*kind, ("grpc-status", str(UNIMPLEMENTED))))
    return Answer(200, kind, message, (("grpc-status", "0"),))


class Connection(asyncio.Protocol):
    """One connection; each request is answered when it has arrived whole."""

    def __init__(self, answer: Handler, closed: Callable[[], None]) -> None:
        self._answer, self._closed = answer, closed
        self._h2 = H2Connection(H2Configuration(client_side=False, header_encoding="utf-8"))
        self._transport: asyncio.Transport | None = None
        self._requests: dict[int, Stream] = {}
        self._unsent: dict[int, Answer] = {}

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Send our settings."""
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self._h2.initiate_connection()
        transport.write(self._h2.data_to_send())

    def data_received(self, data: bytes) -> None:
        """Feed the state machine and answer what is complete."""
        assert self._transport is not None
        try:
            for event in self._h2.receive_data(data):
                self._handle(event)
        except ProtocolError:
            self._transport.write(self._h2.data_to_send())
            self._transport.close()
            return
        self._transport.write(self._h2.data_to_send())

    def connection_lost(self, exc: Exception | None) -> None:
        """Tell whoever made this connection."""
        self._closed()

    def _handle(self, event: object) -> None:
        match event:
            case RequestReceived(stream_id=int(stream), headers=headers):
                self._requests[stream] = Stream([(str(key), str(value)) for key, value in headers or ()])
            case DataReceived(stream_id=int(stream), data=data, flow_controlled_length=length):
                if stream in self._requests:
                    self._requests[stream].body += data or b""
                self._h2.acknowledge_received_data(length or 0, stream)
            case StreamEnded(stream_id=int(stream)):
                self._respond(stream)
            case StreamReset(stream_id=int(stream)):
                self._requests.pop(stream, None)
                self._unsent.pop(stream, None)
            case WindowUpdated():
                for stream in list(self._unsent):
                    self._flush(stream)

    def _respond(self, stream: int) -> None:
        request = self._requests.pop(stream, None)
        if request is None or self._transport is None:
            return
        answer = self._answer(request, self._transport)
        whole = not answer.body and not answer.trailers
        self._h2.send_headers(stream, [(":status", str(answer.status)), *answer.headers], end_stream=whole)
        if not whole:
            self._unsent[stream] = answer
            self._flush(stream)

    def _flush(self, stream: int) -> None:
        """Send as much of the body as the peer's window allows."""
        answer = self._unsent.pop(stream)
        body = answer.body
        while body and (room := min(self._h2.local_flow_control_window(stream), self._h2.max_outbound_frame_size)) > 0:
            self._h2.send_data(stream, body[:room], end_stream=len(body) <= room and not answer.trailers)
            body = body[room:]
        if body:
            self._unsent[stream] = Answer(answer.status, answer.headers, body, answer.trailers)
        elif answer.trailers:
            self._h2.send_headers(stream, list(answer.trailers), end_stream=True)
