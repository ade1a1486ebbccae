"""STS: sessions of roles, for callers of this account and others, for web identities, and for pods."""

import re
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import orjson

from albatross_sandbox.aws import protocol
from albatross_sandbox.aws.call import Call
from albatross_sandbox.aws.fault import Fault, invalid
from albatross_sandbox.aws.iam import authorize, directory, refusal, trust
from albatross_sandbox.aws.iam import caller as callers
from albatross_sandbox.aws.iam.authorize import Authorizer
from albatross_sandbox.aws.iam.caller import Caller, Callers, Keys
from albatross_sandbox.aws.iam.context import Ask, requested
from albatross_sandbox.aws.iam.directory import Directory, Identity
from albatross_sandbox.aws.iam.evaluate import Allowed, Denied, Statement
from albatross_sandbox.aws.iam.issuer import Claims, Issuer, Subject, audiences, read
from albatross_sandbox.aws.iam.trust import Names
from albatross_sandbox.aws.store import Store

_CHAINED = 3600  # seconds; the longest session of a role that another role assumes
_ROLE = re.compile(r"arn:[\w-]+:iam::(\d{12}):role/(?:.*/)?([^/]+)")
SERVED = ("AssumeRole", "AssumeRoleWithWebIdentity", "DecodeAuthorizationMessage", "GetSessionToken")

Request = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Session:
    """A session to be given out."""

    role: Identity
    name: str
    seconds: int
    tags: dict[str, str]
    policy: tuple[Statement, ...] | None = None
    provider: str = ""


@dataclass(slots=True)
class Tokens:
    """The service over one account; `directories` finds that of any account."""

    store: Store
    callers: Callers
    authorizer: Authorizer
    issuer: Issuer
    directories: Callable[[str], Directory]

    async def serve(self, call: Call, who: Caller, request_id: str) -> str:
        """The XML answer of a call; raises Fault."""
        request = protocol.parse("sts", call.operation, call.form)
        return protocol.render("sts", call.operation, await self._answer(call.operation, request, who), request_id)

    async def _answer(self, operation: str, request: Request, who: Caller) -> Request:
        if operation == "AssumeRole":
            return await self._assume(request, who)
        if operation == "AssumeRoleWithWebIdentity":
            return await self._vouched(request)
        if operation == "GetSessionToken":
            return {"Credentials": self.callers.issue(who, request.get("DurationSeconds", 43200)).told(self.store.clock)}
        return {"DecodedMessage": refusal.decoded(request["EncodedMessage"])}

    async def _assume(self, request: Request, who: Caller) -> Request:
        role = await self._role(request["RoleArn"])
        tags = {row["Key"]: row["Value"] for row in request.get("Tags") or []}
        identity = None if who.unlimited else await self.authorizer.identity(who)
        keys = {"sts:externalid": request.get("ExternalId"), "sts:rolesessionname": request["RoleSessionName"]}
        context = {**self.authorizer.base(who, identity), **requested(tags, []), **{key: (value,) for key, value in keys.items() if value}}
        for action in ("sts:AssumeRole", *(("sts:TagSession",) if tags else ())):
            self._check(role, request["RoleArn"], who, identity, Ask(action, request["RoleArn"], context))
        assert role is not None
        seconds = await self._seconds(role, request, chained=who.kind == "AssumedRole")
        session = Session(role, request["RoleSessionName"], seconds, tags, _policy(request))
        return self._told(session, self.open(session))

    def _check(self, role: Identity | None, arn: str, who: Caller, identity: Identity | None, ask: Ask) -> None:
        """The role must let the caller in, and the caller's own policies must too, unless the role names the caller itself."""
        if role is None or role.arn != arn:
            raise refusal.unassumable(who.arn, arn)
        found, direct = trust.admits(role, trust.caller(who), ask.action, ask.context)
        if isinstance(found, Denied):
            raise refusal.unassumable(who.arn, arn, explicit=found.kind == "explicit")
        denied = None if who.unlimited else authorize.denial(identity, who, ask)
        enough = direct and f"::{who.account}:" in arn
        if denied and (denied[0].kind == "explicit" or not enough):
            raise refusal.denied("sts", who.arn, ask, *denied)

    async def _vouched(self, request: Request) -> Request:
        claims = await self._claims(request)
        host = str(claims["iss"]).partition("://")[2]
        role = await self._role(request["RoleArn"])
        provider = self._provider(request["RoleArn"], host)
        keys = {f"{host}:sub".lower(): (str(claims.get("sub", "")),), f"{host}:aud".lower(): audiences(claims)}
        context = {**self._anonymous(), **keys, "sts:rolesessionname": (request["RoleSessionName"],), "aws:federatedprovider": (provider,)}
        if role is None or not _admitted(role, trust.provider(provider), "sts:AssumeRoleWithWebIdentity", context):
            raise Fault("AccessDenied", "Not authorized to perform sts:AssumeRoleWithWebIdentity", 403)
        session = Session(role, request["RoleSessionName"], await self._seconds(role, request), {}, _policy(request), provider)
        answer = self._told(session, self.open(session))
        about = {"SubjectFromWebIdentityToken": claims.get("sub"), "Audience": audiences(claims)[0], "Provider": provider}
        return {**answer, **about}

    async def _claims(self, request: Request) -> Claims:
        """The token's claims, once everything but the role has been checked."""
        try:
            claims = read(request["WebIdentityToken"])
        except ValueError:
            said = "The ID Token provided is not a valid JWT. (You may see this error if you sent an Access Token)"
            raise Fault("InvalidIdentityToken", said) from None
        url = str(claims.get("iss", ""))
        account = _parts(request["RoleArn"])[0]
        accepted = await self.directories(account).audiences(self._provider(request["RoleArn"], url.partition("://")[2]))
        if accepted is None:
            raise Fault("InvalidIdentityToken", f"No OpenIDConnect provider found in your account for {url}")
        if not set(accepted) & set(audiences(claims)):
            raise Fault("InvalidIdentityToken", "Incorrect token audience")
        if url != self.issuer.url or not self.issuer.verifies(request["WebIdentityToken"]):
            said = "Couldn't retrieve verification key from your identity provider"
            raise Fault("InvalidIdentityToken", f"{said}, please reference AssumeRoleWithWebIdentity documentation for requirements")
        now, end = int(self.store.clock.now()), int(claims.get("exp", 0))
        if now >= end:
            raise Fault("ExpiredTokenException", f"Token expired: current date/time {now} must be before the expiration date/time{end}")
        return claims

    async def for_pod(self, role_arn: str, subject: Subject, tags: dict[str, str]) -> Keys:
        """A session for a pod by EKS Pod Identity; raises Fault where the role does not trust it."""
        role = await self._role(role_arn)
        context = {**self._anonymous(), **requested(tags, [])}
        names = trust.service("pods.eks.amazonaws.com")
        if role is None or not all(_admitted(role, names, action, context) for action in ("sts:AssumeRole", "sts:TagSession")):
            said = "Unauthorized Exception! EKS does not have permissions to assume the associated role."
            raise Fault("AccessDeniedException", said)
        session = Session(role, f"eks-{tags['eks-cluster-name']}-{subject.pod or subject.name}-{uuid.uuid4()}"[:64], 6 * 3600, tags)
        return self.open(session)

    async def for_instance(self, role: Identity, instance: str) -> Keys | None:
        """A session for an instance by its profile; None where the role does not trust EC2."""
        if not _admitted(role, trust.service("ec2.amazonaws.com"), "sts:AssumeRole", self._anonymous()):
            return None
        return self.open(Session(role, instance, 6 * 3600, {}))

    def open(self, session: Session) -> Keys:
        """Give out keys for a session."""
        account, name = _parts(session.role.arn)
        number = f"{session.role.number}:{session.name}"
        tags = {**session.role.tags, **session.tags}
        who = Caller(
            self._arn(session),
            account,
            "AssumedRole",
            name,
            number,
            tags=tags,
            session=session.policy,
            provider=session.provider,
            role=session.role.arn,
        )
        return self.callers.issue(who, session.seconds)

    def _told(self, session: Session, keys: Keys) -> Request:
        user = {"AssumedRoleId": f"{session.role.number}:{session.name}", "Arn": self._arn(session)}
        return {"Credentials": keys.told(self.store.clock), "AssumedRoleUser": user}

    def _arn(self, session: Session) -> str:
        account, name = _parts(session.role.arn)
        return f"arn:{self.store.partition}:sts::{account}:assumed-role/{name}/{session.name}"

    def _provider(self, role_arn: str, host: str) -> str:
        return f"arn:{self.store.partition}:iam::{_parts(role_arn)[0]}:oidc-provider/{host}"

    def _anonymous(self) -> dict[str, tuple[str, ...]]:
        return dict(callers.context(Caller("", "", "Anonymous"), self.store.region, self.store.clock))

    async def _role(self, arn: str) -> Identity | None:
        account, name = _parts(arn)
        return await self.directories(account).role(name)

    async def _seconds(self, role: Identity, request: Request, *, chained: bool = False) -> int:
        asked = int(request.get("DurationSeconds", _CHAINED))
        if chained and asked > _CHAINED:
            raise invalid("The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining")
        account, name = _parts(role.arn)
        if asked > await self.directories(account).longest(name):
            raise invalid("The requested DurationSeconds exceeds the MaxSessionDuration set for this role.")
        return asked


def _parts(arn: str) -> tuple[str, str]:
    """Account and name of a role; raises Fault for what is no role's ARN."""
    found = _ROLE.fullmatch(arn)
    if found is None:
        raise invalid(f"{arn} is invalid")
    return found.group(1), found.group(2)


def _admitted(role: Identity, names: Names, action: str, context: dict[str, tuple[str, ...]]) -> bool:
    return isinstance(trust.admits(role, names, action, context)[0], Allowed)


def _policy(request: Request) -> tuple[Statement, ...] | None:
    """The statements of a session policy."""
    if not request.get("Policy"):
        return None
    try:
        orjson.loads(request["Policy"])
    except orjson.JSONDecodeError:
        raise Fault("MalformedPolicyDocument", "The policy is not in the valid JSON format.") from None
    return directory.parsed(request["Policy"].replace("%", "%25"), "session")
