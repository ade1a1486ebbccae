"""Health checks: real requests to real targets, at the target group's own pace on the account's clock."""

import asyncio
import ssl
from dataclasses import dataclass
from typing import Any

import h2.config
import h2.connection
import h2.events
import h2.exceptions

from albatross_sandbox.aws.clock import Clock
from albatross_sandbox.aws.cloud import Cloud
from albatross_sandbox.aws.fault import Fault
from albatross_sandbox.aws.store import Store, Target, TargetGroup
from albatross_sandbox.aws.target_group import codes
from albatross_sandbox.firewall import Origin, networks

_AGENT = "ELB-HealthChecker/2.0"
# Seconds between two looks at rules that are closed; chosen by us: much less than people wait, and than a health check takes.
_AGAIN = 0.1


@dataclass(frozen=True, slots=True)
class Seen:
    """What one probe found; reason None is a pass."""

    reason: str | None = None
    description: str | None = None


_PASSED = Seen()
_TIMEOUT = Seen("Target.Timeout", "Request timed out")
_FAILED = Seen("Target.FailedHealthChecks", "Health checks failed")


class Prober:
    """Keeps one watch for every registered target."""

    def __init__(self, store: Store, cloud: Cloud) -> None:
        self._store = store
        self._cloud = cloud
        self._tasks: set[asyncio.Task[None]] = set()

    def follow(self, group: TargetGroup) -> None:
        """Start watches for the group's targets that have none; call after anything that registers."""
        for target in group.targets.values():
            if target.task is None and target.draining_until is None:
                self._start(group, target)

    def _start(self, group: TargetGroup, target: Target) -> None:
        target.task = asyncio.create_task(self._watch(group, target))
        self._tasks.add(target.task)
        target.task.add_done_callback(self._tasks.discard)

    async def close(self) -> None:
        """End every watch."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _watch(self, group: TargetGroup, target: Target) -> None:
        while True:
            changed = group.changed
            if group.rules and group.check["HealthCheckEnabled"]:
                due = self._store.clock.now() + group.check["HealthCheckIntervalSeconds"]
                note(group, target, await self._probe(group, target))
                if target.state == "healthy" and not self._store.timing.health_checks:
                    await changed.wait()  # no timer: it would only pass again, and a large account has 10,000 of them
                else:
                    await either(self._store.clock, due - self._store.clock.now(), changed)
            else:
                reset(target)
                await changed.wait()

    async def _probe(self, group: TargetGroup, target: Target) -> Seen:
        if target.reason == "Elb.RegistrationInProgress":
            target.reason, target.description = "Elb.InitialHealthChecking", "Initial health checks in progress"
        if not self._store.timing.health_checks:
            return _PASSED
        if group.kind == "alb" and target.id not in self._store.addresses:
            return self._emulated(target)
        host = await self._address(group, target)
        port = group.check["HealthCheckPort"]
        number = target.port if port == "traffic-port" else int(port)
        if host is None or number is None:
            return _FAILED
        if group.kind != "alb" and not await self._opened(group, host, number):
            return _TIMEOUT
        return await check(group, host, number, self._front(group))

    def _front(self, group: TargetGroup) -> str | None:
        """The address that a load balancer in front of another one asks it from; another one looks at who asks."""
        if group.kind != "alb":
            return None
        return next((found for arn in group.load_balancers if (found := self._store.addresses.get(arn))), None)

    async def _opened(self, group: TargetGroup, host: str, number: int) -> bool:
        """Whether the target's security groups let the load balancer in before the check times out: packets are sent again until then."""
        until = asyncio.get_running_loop().time() + group.check["HealthCheckTimeoutSeconds"]
        while not (await self._cloud.firewall()).passes(host, number, await self._origin(group)):
            if asyncio.get_running_loop().time() > until:
                return False
            await asyncio.sleep(_AGAIN)
        return True

    async def _origin(self, group: TargetGroup) -> Origin:
        """Where the group's load balancer asks from."""
        lb = self._store.load_balancers.get(next(iter(group.load_balancers), ""))
        if lb is None:
            return Origin()
        subnets = await self._cloud.subnets()
        own = [foot.private_ip or (subnets[foot.subnet_id].cidr if foot.subnet_id in subnets else "") for foot in lb.placements]
        return Origin(tuple(lb.security_groups), networks(filter(None, own)))

    def _emulated(self, target: Target) -> Seen:
        """An ALB whose data plane has told no address: healthy as long as it listens there."""
        lb = self._store.load_balancers.get(target.id)
        listens = lb is not None and any(listener.port == target.port for listener in lb.listeners.values())
        return _PASSED if listens else _FAILED

    async def _address(self, group: TargetGroup, target: Target) -> str | None:
        if group.kind == "instance":
            try:
                found = (await self._cloud.instances()).get(target.id)
            except (Fault, OSError):
                return None
            return found.private_ip if found is not None and found.state == "running" else None
        return self._store.addresses.get(target.id, target.id)


async def either(clock: Clock, seconds: float, changed: asyncio.Event) -> None:
    """Wait for the clock or for the event, whichever comes first."""
    waits = {asyncio.ensure_future(clock.sleep(seconds)), asyncio.ensure_future(changed.wait())}
    try:
        await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for wait in waits:
            wait.cancel()


def reset(target: Target) -> None:
    """Forget what was seen: the target starts over when its group is used again."""
    target.state, target.passed, target.failed = "initial", 0, 0
    target.reason, target.description = "Elb.RegistrationInProgress", "Target registration is in progress"


def note(group: TargetGroup, target: Target, seen: Seen) -> None:
    """Count one probe and move the target's state by the group's thresholds; the first pass makes an initial target healthy."""
    if seen.reason is None:
        target.passed, target.failed = target.passed + 1, 0
        if target.state == "initial" or target.passed >= group.check["HealthyThresholdCount"]:
            target.state, target.reason, target.description = "healthy", None, None
        return
    target.passed, target.failed = 0, target.failed + 1
    if target.failed >= group.check["UnhealthyThresholdCount"] or target.state == "unhealthy":
        target.state, target.reason, target.description = "unhealthy", seen.reason, seen.description


async def check(group: TargetGroup, host: str, port: int, source: str | None = None) -> Seen:
    """Probe one address as the group's health check says, from an address of this machine or from any."""
    settings = group.check
    try:
        async with asyncio.timeout(settings["HealthCheckTimeoutSeconds"]):
            return await _ask(group, host, port, source)
    except TimeoutError:
        return _TIMEOUT
    except (OSError, EOFError, ssl.SSLError, ValueError, h2.exceptions.ProtocolError):
        return _FAILED


async def _ask(group: TargetGroup, host: str, port: int, source: str | None) -> Seen:
    protocol = group.check["HealthCheckProtocol"]
    multiplexed = group.version in ("HTTP2", "GRPC") and protocol != "TCP"
    tls = _tls(multiplexed) if protocol == "HTTPS" else None
    reader, writer = await asyncio.open_connection(
        host, port, ssl=tls, server_hostname="" if tls else None, local_addr=(source, 0) if source else None
    )
    named = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
    try:
        if protocol == "TCP":
            return _PASSED
        if multiplexed:
            return await _http2(group, named, reader, writer)
        return await _http1(group, named, reader, writer)
    finally:
        writer.close()


def _tls(multiplexed: bool) -> ssl.SSLContext:
    """A client context that believes anything, as load balancers believe their targets."""
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    if multiplexed:
        context.set_alpn_protocols(["h2"])
    return context


async def _http1(group: TargetGroup, host: str, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> Seen:
    path = group.check["HealthCheckPath"]
    lines = (f"GET {path} HTTP/1.1", f"Host: {host}", "Connection: close", f"User-Agent: {_AGENT}", "Accept-Encoding: gzip, compressed")
    writer.write(("\r\n".join(lines) + "\r\n\r\n").encode("latin-1"))
    status = (await reader.readline()).split(b" ", 2)
    if len(status) < 2 or not status[0].startswith(b"HTTP/"):
        return _FAILED
    return judge(group, "HttpCode", int(status[1]))


def judge(group: TargetGroup, kind: str, code: int) -> Seen:
    """Whether the group's matcher takes the code."""
    matcher: dict[str, Any] = group.check.get("Matcher") or {kind: "200"}
    if any(low <= code <= high for low, high in codes(matcher[kind])):
        return _PASSED
    return Seen("Target.ResponseCodeMismatch", f"Health checks failed with these codes: [{code}]")


async def _http2(group: TargetGroup, host: str, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> Seen:
    grpc = group.version == "GRPC"
    connection = h2.connection.H2Connection(h2.config.H2Configuration(header_encoding="utf-8"))
    connection.initiate_connection()
    stream = connection.get_next_available_stream_id()
    headers = [
        (":method", "POST" if grpc else "GET"),
        (":scheme", "https" if group.check["HealthCheckProtocol"] == "HTTPS" else "http"),
        (":authority", host),
        (":path", group.check["HealthCheckPath"]),
        ("user-agent", _AGENT),
    ]
    headers += [("content-type", "application/grpc"), ("te", "trailers")] if grpc else []
    connection.send_headers(stream, headers, end_stream=not grpc)
    if grpc:
        connection.send_data(stream, bytes(5), end_stream=True)
    writer.write(connection.data_to_send())
    found = await _answer(connection, reader, writer, "grpc-status" if grpc else ":status")
    return judge(group, "GrpcCode" if grpc else "HttpCode", int(found)) if found is not None else _FAILED


async def _answer(connection: Any, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, name: str) -> str | None:
    """The first value of the header or trailer called name; None if the stream ends without."""
    while data := await reader.read(65536):
        for event in connection.receive_data(data):
            headers = dict(getattr(event, "headers", None) or ())
            if name in headers:
                return str(headers[name])
            if isinstance(event, h2.events.StreamEnded | h2.events.StreamReset | h2.events.ConnectionTerminated):
                return None
        writer.write(connection.data_to_send())
    return None
