"""Calls AWS: clients, signing, retries, throttles and translated errors.

Every call of ours goes through `Transport.call` or `Transport.pages` with the service and operation as literals, so that
`catalog.permissions` can be compared with the code.
"""

import asyncio
import os
from collections.abc import Callable, Mapping
from contextlib import AsyncExitStack
from contextvars import ContextVar
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any, Self
from weakref import WeakValueDictionary

import aiobotocore.session
from aiobotocore.config import AioConfig
from botocore import xform_name
from botocore.exceptions import BotoCoreError, ClientError
from botocore.parsers import ResponseParserError

from albatross import __version__
from albatross.aws.session import errors, lean
from albatross.aws.session.throttle import Throttle, identifier
from albatross.aws.session.tries import Tries
from albatross.clock import Clock
from albatross.fence import Fence
from albatross.model.config import Config

ALWAYS = ("elbv2", "ec2", "acm")
"""Clients made at start (60 ms each, measured); others on first use."""

_TOKENS: Mapping[str, tuple[str, str]] = {
    "elbv2": ("NextMarker", "Marker"),
    "ec2": ("NextToken", "NextToken"),
    "acm": ("NextToken", "NextToken"),
    "wafv2": ("NextMarker", "NextMarker"),
    "route53": ("NextMarker", "Marker"),
    "iam": ("Marker", "Marker"),
}
"""The paging keys of each service: in the answer, and in the request."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """The endpoints and the credentials for AWS; times are seconds.

    `endpoints` are URLs by service (`elbv2`), empty means AWS_ENDPOINT_URL and AWS' own. `credentials` are keys, `assumed` those of a role,
    which are renewed automatically; without both, botocore finds the credentials.
    """

    endpoints: Mapping[str, str] = field(default_factory=dict)
    attempts: int = 10
    in_flight: int = 100
    connect_timeout: float = 5
    read_timeout: float = 30
    credentials: Mapping[str, str] = field(default_factory=dict, repr=False)
    assumed: Any = field(default=None, repr=False)


READS = ("Describe", "Get", "List", "Search", "AssumeRole")
"""The first words of operations that change nothing."""

Watcher = Callable[[str, str, str, float], None]
"""Called after each call with service, operation, error code (empty: none) and seconds: for metrics."""


def region(config: Config) -> str:
    """The region from the setting or the environment. Empty: the AWS profile decides."""
    return config.region or os.environ.get("AWS_REGION", "") or os.environ.get("AWS_DEFAULT_REGION", "")


_granted: ContextVar[str] = ContextVar("granted", default="")
"""The operation that this task may send without waiting for a token again."""
_loaders: list[Any] = []


@dataclass(frozen=True, slots=True)
class _Given:
    """A provider for botocore that returns existing credentials."""

    credentials: Any

    async def load_credentials(self) -> Any:
        return self.credentials


def _botocore(settings: Settings) -> Any:
    """A new botocore session (credentials, profile), with the service models that the process has already read.

    Errors: IdentityError for a profile that does not exist or a configuration that can't be read.
    """
    session = aiobotocore.session.get_session()
    try:
        if _loaders:
            session.register_component("data_loader", _loaders[0])
        else:
            _loaders.append(session.get_component("data_loader"))
            lean.describe(_loaders[0])
    except BotoCoreError as error:
        raise errors.translate("", "", error) from error
    session.register_component("user_agent_creator", lean.AgentText.from_environment())
    if settings.assumed is not None:
        session.register_component("credential_provider", _Given(settings.assumed))
    return session


class Transport:
    """An async context manager: calls of one identity in one region. `fence` is asked at the moment when a write is sent, on every try."""

    def __init__(
        self,
        config: Config,
        *,
        settings: Settings | None = None,
        throttle: Throttle | None = None,
        clock: Clock | None = None,
        watcher: Watcher | None = None,
    ) -> None:
        self.config = config
        self.settings = settings or Settings()
        self.clock = clock or Clock()
        self.throttle = throttle or Throttle(clock=self.clock)
        self.watcher = watcher
        self.tries = Tries(self.clock)
        self.fence = Fence(self.clock)
        self._locks: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()
        self._botocore = _botocore(self.settings)
        self._clients: dict[str, Any] = {}
        self._stack = AsyncExitStack()
        self._opening = asyncio.Lock()
        self._slots = asyncio.Semaphore(self.settings.in_flight)

    async def __aenter__(self) -> Self:
        try:
            for service in ALWAYS:
                await self._client(service)
        except BaseException:
            await self._stack.aclose()
            raise
        return self

    async def __aexit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._clients.clear()
        await self._stack.aclose()

    def lock(self, name: str) -> asyncio.Lock:
        """The lock with this name. It exists as long as a task holds it or waits for it."""
        return self._locks.setdefault(name, asyncio.Lock())

    async def turn(self, service: str, operation: str) -> None:
        """Wait until a call may be sent; the next call of this task is that call.

        So a caller can decide at the last moment what it sends, and changes that arrive while it waits are part of the same call.
        """
        await self.throttle.wait(identifier(service), operation)
        _granted.set(operation)

    def plenty(self, service: str, operation: str) -> bool:
        """Whether a call of this operation delays no other one now."""
        return self.throttle.plenty(identifier(service), operation)

    def idle(self, service: str, operation: str) -> bool:
        """Whether AWS would allow the whole burst of this operation now, because it was not called a moment ago."""
        return self.throttle.plenty(identifier(service), operation, part=1.0)

    async def call(self, service: str, operation: str, /, **request: Any) -> dict[str, Any]:
        """The answer of one call; parameters with None are left out. Errors: AwsError, IdentityError."""
        client = await self._client(service)
        if _granted.get() == operation:
            _granted.set("")
        else:
            await self.throttle.wait(client.meta.service_model.service_id, operation)
        method = getattr(client, xform_name(operation))
        began, code = self.clock.now(), ""
        self.tries.begin()
        try:
            async with self._slots:
                answer: dict[str, Any] = await method(**{key: value for key, value in request.items() if value is not None})
            self.tries.done(operation.startswith(READS))
            return answer
        except (ClientError, BotoCoreError, ResponseParserError, UnicodeDecodeError, OSError, TimeoutError) as error:
            ours = errors.translate(service, operation, error)
            code = getattr(ours, "code", "") or type(ours).__name__
            self.tries.refused(ours, request if operation.startswith(READS) else None)
            raise ours from error
        finally:
            self.tries.end(service, operation)
            if self.watcher:
                self.watcher(service, operation, code, self.clock.now() - began)

    async def repeat(self, error: errors.AwsError) -> None:
        """Make the read again that ended with this error. Errors: AwsError, if AWS refuses it again."""
        await self.call(error.service, error.operation, **(error.asked or {}))

    async def pages(self, service: str, operation: str, key: str, /, **request: Any) -> list[dict[str, Any]]:
        """The items under `key` of every page."""
        given, wanted = _TOKENS[service]
        items: list[dict[str, Any]] = []
        token: str | None = None
        while True:
            page = await self.call(service, operation, **request, **({wanted: token} if token else {}))
            items.extend(page.get(key) or ())
            token = page.get(given)
            if not token or token == request.get(wanted):
                return items

    async def identity(self) -> tuple[str, str]:
        """The account and the ARN of the caller. Fails if the credentials do not work."""
        answer = await self.call("sts", "GetCallerIdentity")
        return str(answer["Account"]), str(answer["Arn"])

    async def method(self) -> str:
        """The source of the credentials: the name that botocore gives to its provider. Errors: IdentityError."""
        if self.settings.credentials:
            return "explicit"
        try:
            found = await self._botocore.get_credentials()
        except BotoCoreError as error:
            raise errors.translate("", "", error) from error
        return str(found.method) if found else ""

    async def _client(self, service: str) -> Any:
        if (client := self._clients.get(service)) is not None:
            return client
        async with self._opening:
            if (client := self._clients.get(service)) is None:
                client = self._clients[service] = await self._open(service)
            return client

    async def _open(self, service: str) -> Any:
        settings = self.settings
        chosen = AioConfig(
            retries={"mode": "standard", "total_max_attempts": settings.attempts},
            connect_timeout=settings.connect_timeout,
            read_timeout=settings.read_timeout,
            max_pool_connections=settings.in_flight,
            user_agent_extra=f"elbv2.k8s.aws/{__version__}",
            http_session_cls=lean.TrustingSession,
        )
        try:
            context = self._botocore.create_client(
                service,
                region_name=region(self.config) or None,
                endpoint_url=settings.endpoints.get(service) or None,
                config=chosen,
                **settings.credentials,
            )
            client = await self._stack.enter_async_context(context)
        except (BotoCoreError, ValueError) as error:
            raise errors.translate(service, "", error) from error
        client.meta.events.register("before-call", lean.written)
        client.meta.events.register_first("before-send", self._sends)
        client.meta.events.register_first("needs-retry", self._answered)
        self.tries.watch(service, client)
        return client

    def _sends(self, event_name: str, **given: Any) -> None:
        """botocore calls this before each try of a call. `event_name` is `before-send.<service>.<operation>`. Errors: Fenced."""
        operation = event_name.rpartition(".")[2]
        if not operation.startswith(READS):
            self.fence.check(operation)

    async def _answered(self, response: tuple[Any, Mapping[str, Any]] | None, operation: Any, **given: Any) -> None:
        """botocore calls this after each try. If AWS refused it because of its rate, wait for a token again before the next try."""
        code = ((response[1] if response else {}).get("Error") or {}).get("Code")
        if code in errors.CODES_OF_THROTTLED:
            service = operation.service_model.service_id
            self.throttle.refused(service, operation.name)
            await self.throttle.wait(service, operation.name)
