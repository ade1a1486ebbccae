"""Answers: objects, lists in pages, tables, and refusals."""

import base64
import binascii
from collections.abc import Mapping
from typing import Any

import orjson
from aiohttp import web

from albatross_sandbox.kube import fault, table, view
from albatross_sandbox.kube.fault import Fault
from albatross_sandbox.kube.request import Form
from albatross_sandbox.kube.resources import Resource
from albatross_sandbox.kube.selector import Selector
from albatross_sandbox.kube.store import Store
from albatross_sandbox.kube.value import Obj

_BIG = 128 * 1024  # bytes from which answers are compressed; k8s.io/apiserver defaultGzipThresholdBytes


def plain(value: Any, status: int = 200, warnings: list[str] | None = None) -> web.Response:
    """A JSON answer."""
    return raw(orjson.dumps(value), status, warnings)


def raw(body: bytes, status: int = 200, warnings: list[str] | None = None, request: web.Request | None = None) -> web.Response:
    """A JSON answer that is encoded already; compressed where it is big and the request allows it."""
    answer = web.Response(body=body, status=status, content_type="application/json", zlib_executor_size=_BIG)
    for text in warnings or ():
        clean = " ".join(text.split()).replace("\\", "\\\\").replace('"', '\\"')
        answer.headers.add("Warning", f'299 - "{clean}"')
    if request is not None and len(body) > _BIG and "gzip" in request.headers.get("Accept-Encoding", ""):
        answer.enable_compression(web.ContentCoding.gzip)
    return answer


def refuse(problem: Fault) -> web.Response:
    """A refusal as a Status."""
    answer = plain(problem.status, problem.code)
    if problem.retry_after:
        answer.headers["Retry-After"] = str(problem.retry_after)
    return answer


def shaped(resource: Resource, obj: Obj, form: Form) -> Obj:
    """One object in the form asked for."""
    if form.kind == "Table":
        metadata = {"resourceVersion": obj["metadata"].get("resourceVersion", "")}
        return table.render(resource, [(view.keep(resource, obj), obj)], metadata, form.include)
    return table.partial(obj) if form.kind else obj


class Page:
    """One page of a list: what the query selects, cut at `limit`."""

    def __init__(self, store: Store, resource: Resource, namespace: str | None, wanted: Selector, query: Mapping[str, str]) -> None:
        self._resource = resource
        entries = [entry for entry in store.scan(resource.kept, namespace) if entry.selected(wanted)]
        version, after = store.version, None
        if query.get("continue"):
            version, after = _token(query["continue"])
            store.since(resource.kept, version)  # a page of a list too old cannot be told apart from a newer one
            entries = [entry for entry in entries if entry.key > after]
        elif (query.get("resourceVersion") or "0").isdigit() and int(query.get("resourceVersion") or 0) > version:
            raise _future(int(query["resourceVersion"]), version)
        self.metadata: Obj = {"resourceVersion": str(version)}
        limit = int(query.get("limit") or 0)
        if limit and len(entries) > limit:
            last = entries[limit - 1]
            self.metadata["continue"] = base64.urlsafe_b64encode(orjson.dumps([version, *last.key])).decode()
            if not (wanted.labels or wanted.fields):
                self.metadata["remainingItemCount"] = len(entries) - limit
            entries = entries[:limit]
        self.entries = entries

    def body(self, form: Form) -> bytes:
        """The page as JSON."""
        resource = self._resource
        if form.kind == "Table":
            rows = [(kept, view.show(resource, kept)) for kept in (entry.obj() for entry in self.entries)]
            return orjson.dumps(table.render(resource, rows, self.metadata, form.include))
        if form.kind:
            head = {"kind": "PartialObjectMetadataList", "apiVersion": "meta.k8s.io/v1", "metadata": self.metadata}
            return orjson.dumps({**head, "items": [table.partial(view.load(resource, entry)) for entry in self.entries]})
        start = orjson.dumps({"kind": resource.kind + "List", "apiVersion": resource.api_version, "metadata": self.metadata})
        return start[:-1] + b',"items":[' + b",".join(view.encode(resource, entry) for entry in self.entries) + b"]}"


def _token(text: str) -> tuple[int, tuple[str, str]]:
    try:
        version, namespace, name = orjson.loads(base64.urlsafe_b64decode(text))
    except (ValueError, binascii.Error) as problem:
        raise fault.bad_request("continue key is not valid") from problem
    return int(version), (namespace, name)


def _future(version: int, current: int) -> Fault:
    text = f"Too large resource version: {version}, current: {current}"
    cause = {"reason": "ResourceVersionTooLarge", "message": "Too large resource version"}
    problem = Fault(504, "Timeout", text, {"causes": [cause], "retryAfterSeconds": 1})
    problem.retry_after = 1
    return problem
