"""Sessions in other accounts: a TargetGroupBinding may name a role to assume for its target group."""

from dataclasses import dataclass, field, replace
from types import TracebackType
from typing import Any, Self

from albatross.aws.session.client import Session
from albatross.aws.session.throttle import Throttle

EARLY_SECONDS = 30.0
"""How long before its end a role is assumed anew."""

NAME_LIMIT = 64
"""Characters in a role session's name (sts AssumeRole)."""


@dataclass(slots=True)
class _Assumed:
    session: Session
    until: float


@dataclass(slots=True)
class Roles:
    """An async context manager; one session a role and external id, made anew before it ends. Another account has buckets of its own."""

    home: Session
    _assumed: dict[tuple[str, str], _Assumed] = field(default_factory=dict)
    _retired: list[Session] = field(default_factory=list)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        for session in (*self._retired, *(each.session for each in self._assumed.values())):
            await session.__aexit__(None, None, None)
        self._retired.clear()
        self._assumed.clear()

    async def session(self, role: str, external_id: str = "") -> Session:
        """The session to use for a role; the home session for none. Errors: AwsError (Denied where the role may not be assumed)."""
        if not role:
            return self.home
        key = (role, external_id)
        async with self.home.lock(f"role {role} {external_id}"):
            known = self._assumed.get(key)
            if known and self.home.clock.now() < known.until - EARLY_SECONDS:
                return known.session
            fresh = await self._assume(role, external_id)
            if known:
                self._retired.append(known.session)  # calls may still be under way on it
            self._assumed[key] = fresh
            return fresh.session

    async def _assume(self, role: str, external_id: str) -> _Assumed:
        name = f"AWS-LBC-{self.home.config.cluster_name}"[:NAME_LIMIT]
        answer = await self.home.call("sts", "AssumeRole", RoleArn=role, RoleSessionName=name, ExternalId=external_id or None)
        given: dict[str, Any] = answer["Credentials"]
        keys = {
            "aws_access_key_id": given["AccessKeyId"],
            "aws_secret_access_key": given["SecretAccessKey"],
            "aws_session_token": given["SessionToken"],
        }
        settings = replace(self.home.settings, credentials=keys)
        session = Session(self.home.config, settings=settings, throttle=Throttle(clock=self.home.clock), clock=self.home.clock)
        await session.__aenter__()
        lasts = (given["Expiration"] - self.home.clock.utc()).total_seconds()
        return _Assumed(session, self.home.clock.now() + lasts)
