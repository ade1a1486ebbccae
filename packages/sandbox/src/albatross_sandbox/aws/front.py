"""The endpoint: every request passes journal → authorize → throttle → inject → serve."""

import asyncio
import logging
import uuid
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from aiohttp import web

from albatross_sandbox.aws import protocol, small
from albatross_sandbox.aws.accounts import Accounts
from albatross_sandbox.aws.call import Call, identify
from albatross_sandbox.aws.clock import Clock
from albatross_sandbox.aws.cloud import Cloud
from albatross_sandbox.aws.elbv2 import Balancing
from albatross_sandbox.aws.fault import Fault, unimplemented
from albatross_sandbox.aws.iam import sts
from albatross_sandbox.aws.iam.caller import Caller, Callers
from albatross_sandbox.aws.iam.directory import Directory
from albatross_sandbox.aws.inject import Injector, Lost
from albatross_sandbox.aws.journal import Entry, Journal
from albatross_sandbox.aws.passage import Passage
from albatross_sandbox.aws.store import Store
from albatross_sandbox.aws.throttle import Throttle

_LOG = logging.getLogger(__name__)
# The sandbox's own data plane marks its calls with this header: AWS's is no client of the API, so they are neither journalled nor limited.
INTERNAL = "X-Sandbox-Internal"
Check = Callable[[Call, Caller], Awaitable[None]]
"""Asked of every call with its caller before it is served; raises Fault to refuse."""


@dataclass(slots=True)
class Endpoint:
    """All that serves one account in one Region."""

    store: Store
    clock: Clock
    cloud: Cloud
    balancing: Balancing
    accounts: Accounts
    callers: Callers
    directory: Directory
    tokens: sts.Tokens
    passage: Passage
    small: small.Small
    throttle: Throttle
    authorize: Check
    journal: Journal = field(default_factory=Journal)
    injector: Injector = field(default_factory=Injector)

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """Serve one HTTP request as AWS would."""
        body = await request.read()
        call = identify(request.method, request.path_qs, request.headers, body)
        request_id = str(uuid.uuid4())
        if call is None:
            return _refuse("query", Fault("MissingAuthenticationToken", "Request is missing Authentication Token", 403), request_id)
        who = self.callers.of(call.access_key)
        host = self.accounts.of(who.account, call.service, call.region)
        if INTERNAL in request.headers:
            return (await self._settled(call, request_id, host._answer(call, who, request, request_id)))[0]
        entry = self.journal.open(self.clock.now(), call.service, call.operation, call.shown(), who.arn)
        try:
            answer, code = await self._settled(call, request_id, host._serve(call, who, request, request_id))
        except Lost as lost:
            entry.code, entry.status = "Lost", lost.status
            return _cut(request)
        entry.code, entry.status = code, answer.status
        _note_code(entry, answer)
        return answer

    async def _settled(self, call: Call, request_id: str, serving: Awaitable[web.Response]) -> tuple[web.Response, str | None]:
        """The answer, or the refusal and its code."""
        try:
            return await serving, None
        except Lost:
            raise
        except Fault as fault:
            return _refuse(call.protocol, _standing(call, fault), request_id), fault.code
        except Exception:
            _LOG.exception("could not serve %s %s", call.service, call.operation)
            broken = Fault("InternalFailure", "the sandbox could not serve this call; its log says why", 500)
            return _refuse(call.protocol, broken, request_id), broken.code

    async def _serve(self, call: Call, who: Caller, request: web.Request, request_id: str) -> web.Response:
        await self.authorize(call, who)
        self.throttle.admit(call.service, call.operation)
        if seconds := self.injector.latency(call.service, call.operation):
            await asyncio.sleep(seconds)
        lose = self.injector.check(call.service, call.operation)
        answer = await self._answer(call, who, request, request_id)
        if lose:
            raise Lost(answer.status)
        return answer

    async def _answer(self, call: Call, who: Caller, request: web.Request, request_id: str) -> web.Response:
        if call.service == "elbv2":
            text = await self.balancing.serve(call.operation, call.form, request_id)
            return web.Response(text=text, content_type="text/xml", headers=_ids(request_id))
        if self.small.has(call):
            kind, text = await self.small.serve(call, who, request_id)
            return web.Response(text=text, content_type=kind, headers=_ids(request_id))
        if call.service == "sts" and call.operation in sts.SERVED:
            text = await self.tokens.serve(call, who, request_id)
            return web.Response(text=text, content_type="text/xml", headers=_ids(request_id))
        if not call.operation and call.protocol != "rest-xml":
            raise unimplemented(call.service, call.path, call.protocol)
        return await self.passage.serve(call, request.headers)


def _cut(request: web.Request) -> web.Response:
    """Close the connection without a word."""
    if request.transport is not None:
        request.transport.abort()
    return web.Response()


def _standing(call: Call, fault: Fault) -> Fault:
    """The fault under the HTTP status that its service declares for the code."""
    if call.service != "elbv2" or fault.status != 400:
        return fault
    return Fault(fault.code, fault.message, protocol.statuses("elbv2").get(fault.code, 400))


def _ids(request_id: str) -> dict[str, str]:
    return {"x-amzn-RequestId": request_id}


def _refuse(kind: str, fault: Fault, request_id: str) -> web.Response:
    body, content_type = protocol.refusal(kind, fault, request_id)
    headers = {**_ids(request_id), **({"x-amzn-ErrorType": fault.code} if kind in ("json", "rest-json") else {})}
    return web.Response(text=body, status=fault.status, content_type=content_type, headers=headers)


def _note_code(entry: Entry, answer: web.Response) -> None:
    if answer.status >= 400 and entry.code is None and isinstance(answer.body, bytes):
        entry.code = protocol.code_in(answer.body)
