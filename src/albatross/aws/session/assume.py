"""Sessions in other accounts: a TargetGroupBinding can name a role to assume for its target group."""

import asyncio
import logging
from dataclasses import dataclass, field, replace
from functools import partial
from types import TracebackType
from typing import Any, Self

import structlog
from aiobotocore.credentials import AioDeferredRefreshableCredentials

from albatross.aws.session.client import Session
from albatross.aws.session.throttle import Throttle
from albatross.errors import AlbatrossError

NAME_LIMIT = 64
"""Characters in a role session's name (sts AssumeRole)."""

log = structlog.get_logger("roles")
# It logs each error that it raises, as plain text with a traceback between our lines; we log the failure ourselves.
logging.getLogger("aiobotocore.credentials").setLevel(logging.CRITICAL)


@dataclass(slots=True)
class _Role:
    """The credentials of a role, which renew themselves 15 minutes before they expire, and the session that uses them."""

    credentials: Any
    session: Session | None = None
    opening: asyncio.Lock = field(default_factory=asyncio.Lock)


@dataclass(slots=True)
class Roles:
    """An async context manager; one session per role and external id, until it is closed. Another account has its own buckets."""

    home: Session
    _roles: dict[tuple[str, str], _Role] = field(default_factory=dict)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        opened = [each.session for each in self._roles.values() if each.session]
        self._roles.clear()
        for session in opened:
            await session.__aexit__(None, None, None)

    async def session(self, role: str, external_id: str = "") -> Session:
        """The session for a role; the home session if the role is empty. Errors: AwsError (Denied if we may not assume the role)."""
        if not role:
            return self.home
        found = self._roles.setdefault((role, external_id), self._role(role, external_id))
        await found.credentials.get_frozen_credentials()  # here, so that a refusal names AssumeRole and not the later call
        async with found.opening:
            if found.session is None:
                found.session = await self._open(found.credentials)
            return found.session

    def _role(self, role: str, external_id: str) -> _Role:
        renew = partial(self._assume, role, external_id)
        return _Role(AioDeferredRefreshableCredentials(renew, "assume-role", time_fetcher=self.home.clock.utc))

    async def _open(self, credentials: Any) -> Session:
        settings = replace(self.home.settings, credentials={}, assumed=credentials)
        session = Session(self.home.config, settings=settings, throttle=Throttle(clock=self.home.clock), clock=self.home.clock)
        session.fence = self.home.fence
        session.tries.tried, session.tries.repeated = self.home.tries.tried, self.home.tries.repeated
        return await session.__aenter__()

    async def _assume(self, role: str, external_id: str) -> dict[str, str]:
        """The keys of the role, in botocore's form; from the home session, with its throttle, counters and errors."""
        name = f"AWS-LBC-{self.home.config.cluster_name}"[:NAME_LIMIT]
        try:
            answer = await self.home.call("sts", "AssumeRole", RoleArn=role, RoleSessionName=name, ExternalId=external_id or None)
        except AlbatrossError as error:
            log.warning("role not assumed", role=role, error=str(error))
            raise
        given = answer["Credentials"]
        return {
            "access_key": given["AccessKeyId"],
            "secret_key": given["SecretAccessKey"],
            "token": given["SessionToken"],
            "expiry_time": given["Expiration"].isoformat(),
        }
