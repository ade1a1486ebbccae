"""The verbs on resources: get, list, watch, create, update, patch, apply, delete, and the subresources."""

import asyncio
from collections.abc import Awaitable, Callable

from aiohttp import web

from albatross_sandbox.kube import answer, fault, patch, request, scale, schema, strategic, view
from albatross_sandbox.kube.apply import Application, fresh
from albatross_sandbox.kube.cluster import Cluster
from albatross_sandbox.kube.fault import Cause, Fault
from albatross_sandbox.kube.options import Options, User
from albatross_sandbox.kube.request import Path
from albatross_sandbox.kube.resources import Resource
from albatross_sandbox.kube.review import Reviewer
from albatross_sandbox.kube.selector import Selector
from albatross_sandbox.kube.value import Obj, dig, now
from albatross_sandbox.kube.watch import Stream, Wish
from albatross_sandbox.kube.write import Edit

APPLIED = "application/apply-patch+yaml"
_PATCHES = (
    "application/json-patch+json",
    "application/merge-patch+json",
    "application/strategic-merge-patch+json",
    APPLIED,
)


class Verbs:
    """Serves the resources of one cluster."""

    def __init__(self, cluster: Cluster, reviewer: Reviewer) -> None:
        self._cluster, self._store, self._reviewer = cluster, cluster.store, reviewer

    async def serve(self, asked: web.Request, path: Path, user: User) -> web.StreamResponse:
        """Answer a request on a resource."""
        resource = self._cluster.registry.at(path.group, path.version, path.plural)
        if resource is None or (path.subresource and path.subresource not in resource.subresources):
            raise fault.unknown_path()
        if resource.namespaced and path.namespace is None and (path.name or asked.method != "GET"):
            raise fault.unknown_path() if path.name else fault.no_method()
        if not resource.namespaced and path.namespace is not None:
            raise fault.unknown_path()
        if path.subresource not in ("", "status"):
            return await self._below(asked, resource, path, user)
        methods: dict[str, Callable[[web.Request, Resource, Path, User], Awaitable[web.StreamResponse]]] = {
            "GET": self._get if path.name and not request.asked(asked.query, "watch") else self._list,
            "POST": self._create,
            "PUT": self._update,
            "PATCH": self._patch,
            "DELETE": self._delete if path.name else self._delete_all,
        }
        allowed = ("GET", "PUT", "PATCH", "DELETE") if path.name else ("GET", "POST", "DELETE")
        if asked.method not in allowed:
            raise fault.no_method()
        return await methods[asked.method](asked, resource, path, user)

    def present(self, path: Path) -> bool:
        """Whether the object of a path is there, or its kind is not served at all."""
        resource = self._cluster.registry.at(path.group, path.version, path.plural)
        return resource is None or self._store.get(resource.kept, *self._key(path)) is not None

    def _key(self, path: Path) -> tuple[str, str]:
        return (path.namespace or "", path.name)

    async def _get(self, asked: web.Request, resource: Resource, path: Path, _user: User) -> web.StreamResponse:
        entry = self._store.get(resource.kept, *self._key(path))
        if entry is None:
            raise fault.not_found(resource, path.name)
        form = request.form(asked)
        if not form.kind:
            return answer.raw(view.encode(resource, entry))
        return answer.plain(answer.shaped(resource, view.load(resource, entry), form))

    async def _list(self, asked: web.Request, resource: Resource, path: Path, _user: User) -> web.StreamResponse:
        wanted = request.selected(asked.query, resource, path.name)
        if request.asked(asked.query, "watch"):
            return await self._watch(asked, resource, path, wanted)
        page = answer.Page(self._store, resource, path.namespace, wanted, asked.query)
        return answer.raw(page.body(request.form(asked)), request=asked)

    async def _watch(self, asked: web.Request, resource: Resource, path: Path, wanted: Selector) -> web.StreamResponse:
        query, form = asked.query, request.form(asked)
        wish = Wish(
            resource=resource,
            namespace=path.namespace,
            selector=wanted,
            version=query.get("resourceVersion", ""),
            bookmarks=request.asked(query, "allowWatchBookmarks"),
            initial=request.asked(query, "sendInitialEvents"),
            timeout=float(query["timeoutSeconds"]) if query.get("timeoutSeconds") else None,
            form=form.kind,
            include=form.include,
        )
        response = web.StreamResponse(headers={"Content-Type": "application/json", "Cache-Control": "no-cache, private"})
        response.enable_chunked_encoding()
        stream = Stream(self._store, wish).lines()
        try:
            await response.prepare(asked)
            async for chunk in stream:
                if chunk:
                    await response.write(chunk)
            await response.write_eof()
        except ConnectionError:
            pass  # the watcher has gone, which is how watches end
        finally:
            await stream.aclose()
        return response

    async def _create(self, asked: web.Request, resource: Resource, path: Path, user: User) -> web.StreamResponse:
        body = await request.body(asked)
        _matches(resource, body)
        options = request.options(asked, user, resource)
        obj = await self._cluster.writer.create(resource, path.namespace or "", body, options)
        return answer.plain(answer.shaped(resource, obj, request.form(asked)), 201, options.warnings)

    async def _update(self, asked: web.Request, resource: Resource, path: Path, user: User) -> web.StreamResponse:
        body = await request.body(asked)
        _matches(resource, body)
        return await self._change(asked, resource, path, user, lambda _: dict(body))

    async def _change(self, asked: web.Request, resource: Resource, path: Path, user: User, edit: Edit) -> web.StreamResponse:
        options = request.options(asked, user, resource)
        obj = await self._cluster.writer.change(resource, self._key(path), edit, options, path.subresource)
        return answer.plain(answer.shaped(resource, obj, request.form(asked)), 200, options.warnings)

    async def _patch(self, asked: web.Request, resource: Resource, path: Path, user: User) -> web.StreamResponse:
        if asked.content_type == APPLIED:
            return await self._apply(asked, resource, path, user)
        change = request.json(await asked.read())
        if not isinstance(change, (dict, list)):
            raise fault.bad_request("error decoding patch: json: cannot unmarshal")
        edit = _edit(asked.content_type, resource, change)
        return await self._change(asked, resource, path, user, lambda obj: _same(resource, path.name, obj["metadata"]["uid"], edit(obj)))

    async def _apply(self, asked: web.Request, resource: Resource, path: Path, user: User) -> web.StreamResponse:
        manager = asked.query.get("fieldManager")
        if not manager:
            text = 'PatchOptions.meta.k8s.io "" is invalid: fieldManager: Required value: is required for apply patch'
            raise Fault(422, "Invalid", text)
        body = await request.body(asked)
        _matches(resource, body)
        applied = {**body, "metadata": {**(body.get("metadata") or {}), "name": path.name}}
        if applied["metadata"].get("managedFields"):
            raise fault.bad_request("metadata.managedFields must be nil")
        options = request.options(asked, user, resource)
        options = Options(**{**_fields(options), "owned": True})
        applied = self._cluster.writer.read(resource, applied, options)
        for _ in range(2):
            if self._store.get(resource.kept, *self._key(path)) is not None:
                edit = Application(resource, applied, options, path.subresource).edit
                obj = await self._cluster.writer.change(resource, self._key(path), edit, options, path.subresource)
                return answer.plain(answer.shaped(resource, obj, request.form(asked)), 200, options.warnings)
            if path.subresource:
                raise fault.not_found(resource, path.name)
            made = {**applied, "metadata": {**applied["metadata"], "managedFields": fresh(resource, applied, manager)}}
            try:
                obj = await self._cluster.writer.create(resource, path.namespace or "", made, options)
            except Fault as problem:
                if problem.reason != "AlreadyExists":
                    raise
                continue
            return answer.plain(answer.shaped(resource, obj, request.form(asked)), 201, options.warnings)
        raise fault.conflict(resource, path.name)

    async def _delete(self, asked: web.Request, resource: Resource, path: Path, user: User) -> web.StreamResponse:
        options = request.options(asked, user, resource, await request.body(asked))
        obj, gone = await self._cluster.writer.delete(resource, self._key(path), options)
        if not gone:
            return answer.plain(answer.shaped(resource, obj, request.form(asked)), 200, options.warnings)
        details: Obj = {"name": path.name, "kind": resource.plural, "uid": obj["metadata"].get("uid")}
        if resource.group:
            details["group"] = resource.group
        return answer.plain({"kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Success", "details": details})

    async def _delete_all(self, asked: web.Request, resource: Resource, path: Path, user: User) -> web.StreamResponse:
        wanted = request.selected(asked.query, resource)
        options = request.options(asked, user, resource, await request.body(asked))
        page = answer.Page(self._store, resource, path.namespace, wanted, asked.query)
        text = page.body(request.form(asked))
        for entry in page.entries:
            try:
                await self._cluster.writer.delete(resource, entry.key, options)
            except Fault as problem:
                if problem.code != 404:
                    raise
        return answer.raw(text, request=asked)

    async def _below(self, asked: web.Request, resource: Resource, path: Path, user: User) -> web.StreamResponse:
        match path.subresource, asked.method:
            case "scale", "GET" | "PUT" | "PATCH":
                return await self._scale(asked, resource, path, user)
            case "log", "GET":
                return await self._log(asked, resource, path)
            case "token", "POST":
                body = await request.body(asked)
                return answer.plain(self._reviewer.token(resource, path.namespace or "", path.name, body), 201)
            case "eviction", "POST":
                body = await request.body(asked)
                options = request.options(asked, user, resource, body.get("deleteOptions"))
                await self._cluster.writer.delete(resource, self._key(path), options)
                return answer.plain({"kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Success"}, 201)
            case "binding", "POST":
                return await self._bind(asked, resource, path, user)
            case "finalize", "PUT":
                return await self._finalize(asked, resource, path, user)
        raise fault.no_method()

    async def _scale(self, asked: web.Request, resource: Resource, path: Path, user: User) -> web.StreamResponse:
        if asked.method == "GET":
            entry = self._store.get(resource.kept, *self._key(path))
            if entry is None:
                raise fault.not_found(resource, path.name)
            return answer.plain(scale.show(resource, view.load(resource, entry)))
        if asked.method == "PUT":
            body = await request.body(asked)

            def edit(obj: Obj) -> Obj:
                return scale.lay(resource, obj, body)
        else:
            change = request.json(await asked.read())
            inner = _edit(asked.content_type, resource, change)

            def edit(obj: Obj) -> Obj:
                return scale.lay(resource, obj, inner(scale.show(resource, obj)))

        options = request.options(asked, user, resource)
        obj = await self._cluster.writer.change(resource, self._key(path), edit, options)
        return answer.plain(scale.show(resource, obj), 200, options.warnings)

    async def _log(self, asked: web.Request, resource: Resource, path: Path) -> web.StreamResponse:
        if self._store.get(resource.kept, *self._key(path)) is None:
            raise fault.not_found(resource, path.name)
        response = web.StreamResponse(headers={"Content-Type": "text/plain"})
        response.enable_chunked_encoding()
        await response.prepare(asked)
        if self._cluster.logs is not None:
            try:
                async for chunk in self._cluster.logs(path.namespace or "", path.name, asked.query):
                    await response.write(chunk)
            except (ConnectionError, asyncio.CancelledError):
                return response
        await response.write_eof()
        return response

    async def _bind(self, asked: web.Request, resource: Resource, path: Path, user: User) -> web.StreamResponse:
        body = await request.body(asked)
        node = dig(body, "target", "name", default="")

        def edit(pod: Obj) -> Obj:
            if dig(pod, "spec", "nodeName"):
                raise fault.conflict(resource, path.name, f'pod {path.name} is already assigned to node "{pod["spec"]["nodeName"]}"')
            pod["spec"]["nodeName"] = node
            return pod

        await self._cluster.writer.change(resource, self._key(path), edit, request.options(asked, user, resource))
        condition = {"type": "PodScheduled", "status": "True", "lastProbeTime": None, "lastTransitionTime": now()}
        await self._cluster.patch_status("pods", path.namespace or "", path.name, {"conditions": [condition]})
        return answer.plain({"kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Success"}, 201)

    async def _finalize(self, asked: web.Request, resource: Resource, path: Path, user: User) -> web.StreamResponse:
        body = await request.body(asked)

        def edit(home: Obj) -> Obj:
            home["spec"] = {**(home.get("spec") or {}), "finalizers": dig(body, "spec", "finalizers", default=[])}
            return home

        obj = await self._cluster.writer.change(resource, self._key(path), edit, request.options(asked, user, resource), "finalize")
        return answer.plain(obj)


def _fields(options: Options) -> Obj:
    return {name: getattr(options, name) for name in options.__slots__}


def _matches(resource: Resource, body: Obj) -> None:
    kind, version = body.get("kind"), body.get("apiVersion")
    if kind and kind != resource.kind:
        text = f'{kind} in version "{(version or "").rpartition("/")[2]}" cannot be handled as a {resource.kind}'
        raise fault.bad_request(text)
    if version and version != resource.api_version:
        text = f"the API version in the data ({version}) does not match the expected API version ({resource.api_version})"
        raise fault.bad_request(text)


def _same(resource: Resource, name: str, uid: str, obj: Obj) -> Obj:
    """A patched object; another uid is a change of what never changes, where in a PUT it is a precondition that fails."""
    wanted = dig(obj, "metadata", "uid")
    if wanted and wanted != uid:
        cause = Cause("metadata.uid", f"Invalid value: {schema.quote(wanted)}: field is immutable")
        raise fault.invalid(resource.kind, resource.group, name, [cause])
    return obj


def _edit(kind: str, resource: Resource, change: Obj | list[Obj]) -> Edit:
    if kind == "application/json-patch+json":
        return lambda obj: patch.operations(obj, change)
    if isinstance(change, list):
        raise fault.bad_request("error decoding patch: json: cannot unmarshal array into Go value of type map[string]interface {}")
    if kind == "application/merge-patch+json":
        return lambda obj: dict(patch.merge(obj, change))
    if kind == "application/strategic-merge-patch+json" and not resource.custom:
        return lambda obj: strategic.merge(obj, change, schema.of(resource)) or {}
    accepted = tuple(item for item in _PATCHES if not (resource.custom and "strategic" in item))
    raise fault.unsupported(accepted)
