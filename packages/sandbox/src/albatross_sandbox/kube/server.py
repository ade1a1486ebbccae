"""The HTTP face of a cluster."""

import logging
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace

import orjson
from aiohttp import web

from albatross_sandbox.kube import answer, discovery, eks, openapi, request
from albatross_sandbox.kube.admission import Admission
from albatross_sandbox.kube.apply import Ownership
from albatross_sandbox.kube.cluster import Cluster
from albatross_sandbox.kube.eks import Authenticator
from albatross_sandbox.kube.fault import Fault, unknown_path
from albatross_sandbox.kube.identity import ANONYMOUS, Tokens
from albatross_sandbox.kube.options import User
from albatross_sandbox.kube.rbac import Act, Authorizer, refusal
from albatross_sandbox.kube.removal import DEFINITIONS
from albatross_sandbox.kube.review import Reviewer
from albatross_sandbox.kube.shape import Shape
from albatross_sandbox.kube.verbs import APPLIED, Verbs

_LOG = logging.getLogger(__name__)
_LARGEST = 3 << 20  # bytes of a request's body; k8s.io/apiserver MaxRequestBodyBytes
_AGGREGATED = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList"
_VERSION = {
    "major": "1",
    "minor": "37",
    "gitVersion": "v1.37.0",
    "gitCommit": "",
    "gitTreeState": "clean",
    "buildDate": "2026-08-12T00:00:00Z",
    "goVersion": "",
    "compiler": "",
    "platform": "linux/amd64",
}
_REVIEWS = tuple({(group, plural) for group, plural, *_ in discovery.REVIEWS})


class Server:
    """An API server over a cluster, which it equips with everything that judges writes."""

    def __init__(self, cluster: Cluster) -> None:
        self.cluster = cluster
        self.tokens = Tokens(cluster.store)
        self.admission = Admission(cluster.store, cluster.registry)
        shape = Shape(cluster.store)
        self._writer = cluster.equip(shape, self.admission, Ownership())
        self._writer.remover.gone.append(shape.numbers.release)
        self._resume(shape)
        self._authorizer = Authorizer(cluster.store)
        self._reviewer = Reviewer(cluster.store, self.tokens, self._authorizer)
        self._verbs = Verbs(cluster, self._reviewer)
        self._documents: dict[tuple[str, str], tuple[int, bytes]] = {}
        self.aws: Authenticator | None = None

    def _resume(self, shape: Shape) -> None:
        """Take up what a former life left: kinds, numbers given out, deletions that were under way."""
        store = self.cluster.store
        for entry in store.scan(DEFINITIONS):
            self.cluster.registry.define(entry.obj())
        for entry in store.scan("services"):
            shape.numbers.adopt(entry)
        for entry in store.everything():
            if (entry.deleting or entry.owners) and store.get(entry.kind, *entry.key) is entry:
                self._writer.remover.settle(entry)

    @asynccontextmanager
    async def listen(self, host: str, port: int, tls: ssl.SSLContext | None) -> AsyncIterator[int]:
        """Serve at an address for as long as the context is open; yields the port (0 asks for a free one)."""
        app = web.Application(client_max_size=_LARGEST)
        app.router.add_route("*", "/{path:.*}", self._handle)
        runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.5, handler_cancellation=True)
        await runner.setup()
        try:
            site = web.TCPSite(runner, host, port, ssl_context=tls)
            await site.start()
            number: int = runner.addresses[0][1]
            self.cluster.server = f"{'https' if tls else 'http'}://{host}:{number}"
            yield number
        finally:
            await runner.cleanup()
            await self.admission.close()

    async def _handle(self, asked: web.Request) -> web.StreamResponse:
        try:
            return await self._dispatch(asked, await self._user(asked))
        except Fault as problem:
            return answer.refuse(problem)
        except web.HTTPRequestEntityTooLarge:
            return answer.refuse(Fault(413, "RequestEntityTooLarge", f"Request entity too large: limit is {_LARGEST}"))
        except (ConnectionError, web.HTTPException):
            raise
        except Exception as problem:
            _LOG.exception("%s %s failed", asked.method, asked.path)
            return answer.refuse(Fault(500, "InternalError", f"Internal error occurred: {type(problem).__name__}: {problem}"))

    async def _known(self, token: str) -> User | None:
        """Whose a token is: one of this server, or of the AWS account."""
        if self.aws is not None and token.startswith(eks.PREFIX):
            return await self.aws.user(token)
        return self.tokens.user(token)

    async def _user(self, asked: web.Request) -> User:
        header = asked.headers.get("Authorization", "")
        if not header:
            return ANONYMOUS
        user = await self._known(header.removeprefix("Bearer ").strip())
        if user is None:
            raise Fault(401, "Unauthorized", "Unauthorized")
        name = asked.headers.get("Impersonate-User")
        if not name:
            return user
        if not self._authorizer.allows(user, Act("impersonate", "", "users", name=name)):
            raise Fault(403, "Forbidden", f'users "{name}" is forbidden: {refusal(user, Act("impersonate", "", "users"))}')
        groups = tuple(asked.headers.getall("Impersonate-Group", []))
        if name.startswith("system:serviceaccount:"):
            groups = (*groups, "system:serviceaccounts", f"system:serviceaccounts:{name.split(':')[2]}")
        return User(name, (*groups, "system:authenticated"))

    async def _dispatch(self, asked: web.Request, user: User) -> web.StreamResponse:
        parts = [part for part in asked.path.split("/") if part]
        head = parts[0] if parts else ""
        if head in ("healthz", "readyz", "livez"):
            return web.Response(text="ok")
        if head == "version":
            return answer.plain(_VERSION)
        if user is ANONYMOUS:
            raise Fault(401, "Unauthorized", "Unauthorized")
        path = request.parse(parts) if parts else None
        if path is None:
            return self._document(asked, parts, user)
        act = request.act(path, asked.method, asked.query)
        # An apply of what is not there creates it, so it must be allowed to.
        makes = asked.content_type == APPLIED and not self._verbs.present(path)
        for each in (act, *((replace(act, verb="create"),) if makes else ())):
            if not self._authorizer.allows(user, each):
                raise _forbidden(user, each)
        if (path.group, path.plural) in _REVIEWS:
            body = await request.body(asked)
            return answer.plain(self._reviewer.answer(path.plural, body, user, path.namespace or ""), 201)
        return await self._verbs.serve(asked, path, user)

    def _document(self, asked: web.Request, parts: list[str], user: User) -> web.Response:
        """Discovery and OpenAPI."""
        registry = self.cluster.registry
        act = Act("get", path=asked.path)
        if not self._authorizer.allows(user, act):
            raise Fault(403, "Forbidden", f"forbidden: {refusal(user, act)}", {})
        if asked.method not in ("GET", "HEAD"):
            raise unknown_path()
        match parts:
            case []:
                return answer.plain({"paths": ["/api", "/apis", "/healthz", "/livez", "/openapi/v3", "/readyz", "/version"]})
            case ["openapi", "v2"]:
                wanted = "protobuf" in asked.headers.get("Accept", "")
                kind = "application/com.github.proto-openapi.spec.v2.v1.0+protobuf" if wanted else "application/json"
                return web.Response(body=openapi.former(wanted), content_type=kind)
            case ["openapi", "v3"]:
                return answer.plain(openapi.index(registry))
            case ["openapi", "v3", "api", version]:
                return answer.raw(self._openapi("", version), request=asked)
            case ["openapi", "v3", "apis", group, version]:
                return answer.raw(self._openapi(group, version), request=asked)
            case ["api" | "apis"] if _aggregated(asked):
                body = orjson.dumps(discovery.aggregated(registry, parts == ["api"]))
                return web.Response(body=body, headers={"Content-Type": _AGGREGATED})
            case ["api"]:
                return answer.plain(discovery.versions(self.cluster.server))
            case ["apis"]:
                return answer.plain(discovery.group_list(registry))
            case ["api", version]:
                return answer.plain(discovery.listing(registry, "", version))
            case ["apis", group]:
                return answer.plain(discovery.group(registry, group))
            case ["apis", group, version]:
                return answer.plain(discovery.listing(registry, group, version))
        raise unknown_path()

    def _openapi(self, group: str, version: str) -> bytes:
        edition = self.cluster.registry.version
        kept = self._documents.get((group, version))
        if kept is None or kept[0] != edition:
            kept = (edition, orjson.dumps(openapi.document(self.cluster.registry, group, version)))
            self._documents[(group, version)] = kept
        return kept[1]


def _aggregated(asked: web.Request) -> bool:
    return any("as=APIGroupDiscoveryList" in part and "v=v2" in part for part in asked.headers.get("Accept", "").split(","))


def _forbidden(user: User, act: Act) -> Fault:
    where = f"{act.resource}.{act.group}" if act.group else act.resource
    named = f' "{act.name}"' if act.name else ""
    details = {"name": act.name, "group": act.group, "kind": act.resource}
    return Fault(403, "Forbidden", f"{where}{named} is forbidden: {refusal(user, act)}", details)
