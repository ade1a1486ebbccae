"""Each call of an account is refused unless its caller's policies allow it."""

from collections.abc import Iterator
from dataclasses import replace

from albatross_sandbox.aws.call import Call
from albatross_sandbox.aws.iam import asked, caller, context, evaluate, refusal, table
from albatross_sandbox.aws.iam.caller import Caller, Callers
from albatross_sandbox.aws.iam.context import Ask
from albatross_sandbox.aws.iam.directory import Directory, Identity
from albatross_sandbox.aws.iam.evaluate import Denied, Request, Statement
from albatross_sandbox.aws.iam.refusal import Layer
from albatross_sandbox.aws.iam.stored import Stored
from albatross_sandbox.aws.store import Store

_LINKED_ROLE = "AWSServiceRoleForElasticLoadBalancing"
_TRUSTED = frozenset({("sts", "AssumeRole")})  # STS itself asks, for the role has a say too


class Authorizer:
    """Asks the policies of whoever calls."""

    def __init__(self, store: Store, callers: Callers, directory: Directory, stored: Stored) -> None:
        self._store = store
        self._callers = callers
        self._directory = directory
        self._stored = stored

    async def check(self, call: Call, who: Caller) -> None:
        """Raise the service's fault unless the call may be served."""
        name = (call.service, call.operation)
        if who.kind == "Anonymous" and not call.operation.startswith("AssumeRoleWith"):
            raise refusal.unsigned()
        self._callers.check(call)
        if who.unlimited or name in table.FREE | _TRUSTED:
            return
        identity = await self.identity(who)
        asks = await self._asks(call, who, identity)
        for ask in asks:
            if found := denial(identity, who, ask):
                raise refusal.denied(call.service, who.arn, ask, *found)
        if any(ask.action == "iam:CreateServiceLinkedRole" for ask in asks) and call.service == "elbv2":
            await self._directory.link()

    async def _asks(self, call: Call, who: Caller, identity: Identity | None) -> list[Ask]:
        wanted = asked.read(call, self._store, await self._linked(call))
        return await context.asks(wanted, self.base(who, identity), self._stored.tags)

    def base(self, who: Caller, identity: Identity | None) -> context.Keys:
        """What every call of the caller says of itself."""
        tags = {**(identity.tags if identity else {}), **who.tags}
        return dict(caller.context(replace(who, tags=tags), self._store.region, self._store.clock))

    async def identity(self, who: Caller) -> Identity | None:
        """The user or role behind the caller; None where it is gone."""
        find = self._directory.role if who.kind == "AssumedRole" else self._directory.user
        return await find(who.name)

    async def _linked(self, call: Call) -> bool:
        """Whether load balancing has its service-linked role, or has load balancers and so must have had it."""
        if call.operation != "CreateLoadBalancer" or self._store.load_balancers:
            return True
        return await self._directory.role(_LINKED_ROLE) is not None


def layers(identity: Identity | None, who: Caller) -> Iterator[tuple[Layer, tuple[Statement, ...]]]:
    """All that must allow a call: policies, and what narrows them."""
    yield "identity-based policy", identity.statements if identity else ()
    if identity and identity.boundary is not None:
        yield "permissions boundary", identity.boundary
    if who.session is not None:
        yield "session policy", who.session


def denial(identity: Identity | None, who: Caller, ask: Ask) -> tuple[Denied, Layer] | None:
    """What denies an ask, and where: an explicit deny wherever it stands, else the first that does not allow it."""
    request = Request(ask.action, (ask.resource,), ask.context)
    verdicts = [(evaluate.evaluate(statements, request), layer) for layer, statements in layers(identity, who)]
    denied = [(verdict, layer) for verdict, layer in verdicts if isinstance(verdict, Denied)]
    return min(denied, key=lambda row: row[0].kind, default=None)  # "explicit" comes before "implicit"
