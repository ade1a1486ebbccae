"""Who calls: the identity behind an access key, and the sessions that STS has given out."""

import re
import secrets
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any, Literal

from albatross_sandbox.aws.call import Call
from albatross_sandbox.aws.clock import Clock
from albatross_sandbox.aws.iam import refusal
from albatross_sandbox.aws.iam.evaluate import Statement
from albatross_sandbox.aws.iam.pattern import Context

Kind = Literal["User", "AssumedRole", "Anonymous"]


@dataclass(frozen=True, slots=True)
class Caller:
    """An identity that calls; `name` is its user's or role's, `number` its unique id, `role` the ARN of a session's role.

    One that is `unlimited` has the rights of AdministratorAccess without an entry in IAM. `session` are statements that narrow a session.
    """

    arn: str
    account: str
    kind: Kind = "User"
    name: str = ""
    number: str = ""
    unlimited: bool = False
    tags: Mapping[str, str] = field(default_factory=dict)
    session: tuple[Statement, ...] | None = None
    issued: float | None = None
    provider: str = ""
    role: str = ""

    @property
    def identity(self) -> str:
        """The ARN that policies know it by: a session's is its role's."""
        return self.role or self.arn


@dataclass(frozen=True, slots=True)
class Keys:
    """What a client signs with; `until` is when they end by the account's clock, None for never."""

    access_key: str
    secret: str
    token: str = ""
    until: float | None = None
    active: bool = True

    def told(self, clock: Clock) -> dict[str, Any]:
        """The Credentials of an STS answer. Clients hold their end against a clock of their own, so it is told in real time."""
        left = timedelta(seconds=round((self.until or 0.0) - clock.now()))
        end = (datetime.now(UTC) + left).replace(microsecond=0)
        return {"AccessKeyId": self.access_key, "SecretAccessKey": self.secret, "SessionToken": self.token, "Expiration": end}


class Callers:
    """Access keys and who is behind them, of every account.

    A key that nobody issued is an unlimited user of its own name; one of twelve digits is the administrator of that account.
    """

    def __init__(self, account: str, partition: str, clock: Clock) -> None:
        self._account = account
        self._partition = partition
        self._clock = clock
        self._held: dict[str, tuple[Keys, Caller]] = {}

    def of(self, access_key: str) -> Caller:
        """Who signs with a key."""
        if not access_key:
            return Caller("anonymous", self._account, "Anonymous")
        if access_key in self._held:
            return self._held[access_key][1]
        if re.fullmatch(r"\d{12}", access_key):
            return Caller(f"arn:{self._partition}:iam::{access_key}:user/admin", access_key, name="admin", unlimited=True)
        return Caller(f"arn:{self._partition}:iam::{self._account}:user/{access_key}", self._account, name=access_key, unlimited=True)

    def check(self, call: Call) -> None:
        """Raise the fault for keys that are no longer, or never were, those of anybody."""
        held = self._held.get(call.access_key)
        if held is None:
            if call.access_key.startswith("ASIA"):
                raise refusal.unknown(call.service)
            return
        keys = held[0]
        if not keys.active or keys.token != call.token:
            raise refusal.unknown(call.service)
        if keys.until is not None and self._clock.now() >= keys.until:
            raise refusal.expired(call.service)

    def issue(self, caller: Caller, seconds: float) -> Keys:
        """Give out keys for a session."""
        now = self._clock.now()
        keys = Keys("ASIA" + _letters(16), secrets.token_urlsafe(30), secrets.token_urlsafe(200), now + seconds)
        self._held[keys.access_key] = (keys, replace(caller, issued=now))
        return keys

    def adopt(self, keys: Keys, caller: Caller) -> None:
        """Remember keys that another part of the account has given out."""
        self._held[keys.access_key] = (keys, caller)

    def switch(self, access_key: str, *, active: bool) -> None:
        """Let a key count, or no longer."""
        if access_key in self._held:
            keys, caller = self._held[access_key]
            self._held[access_key] = (replace(keys, active=active), caller)


def _letters(count: int) -> str:
    return uuid.uuid4().hex.upper()[:count]


def context(caller: Caller, region: str, clock: Clock) -> Context:
    """What conditions may ask of the caller and of the moment, in every call."""
    now = clock.now()
    keys: dict[str, tuple[str, ...]] = {
        "aws:currenttime": (datetime.fromtimestamp(now, UTC).isoformat(timespec="seconds").replace("+00:00", "Z"),),
        "aws:epochtime": (str(int(now)),),
        "aws:requestedregion": (region,),
        "aws:securetransport": ("true",),
        "aws:sourceip": ("127.0.0.1",),
        "aws:viaawsservice": ("false",),
    }
    if caller.kind == "Anonymous":
        return keys
    keys |= {
        "aws:principalarn": (caller.identity,),
        "aws:principalaccount": (caller.account,),
        "aws:principaltype": (caller.kind,),
        "aws:userid": (caller.number,),
        **{f"aws:principaltag/{key.lower()}": (value,) for key, value in caller.tags.items()},
    }
    if caller.kind == "User":
        return {**keys, "aws:username": (caller.name,)}
    provider = {"aws:federatedprovider": (caller.provider,)} if caller.provider else {"aws:multifactorauthpresent": ("false",)}
    return {**keys, **provider, "aws:tokenissuetime": (datetime.fromtimestamp(caller.issued or now, UTC).isoformat(timespec="seconds"),)}
