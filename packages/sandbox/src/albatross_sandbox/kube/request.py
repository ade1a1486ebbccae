"""What a request asks for: path, query, headers and body, read once."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import orjson
import yaml
from aiohttp import web

from albatross_sandbox.kube import fault, protobuf, selector
from albatross_sandbox.kube.fault import Fault
from albatross_sandbox.kube.options import Options, User
from albatross_sandbox.kube.rbac import Act
from albatross_sandbox.kube.resources import Resource
from albatross_sandbox.kube.selector import Selector
from albatross_sandbox.kube.value import Obj

_VERBS = {"POST": "create", "PUT": "update", "PATCH": "patch", "DELETE": "delete"}
_TRUE = ("1", "true", "True")


@dataclass(frozen=True, slots=True)
class Path:
    """A path below a group and version."""

    group: str
    version: str
    plural: str
    namespace: str | None = None
    name: str = ""
    subresource: str = ""


def parse(parts: list[str]) -> Path | None:
    """The resource path of `/api/v1/…` or `/apis/group/version/…`; None where it is none."""
    if parts[0] == "api" and len(parts) >= 3:
        group, version, rest = "", parts[1], parts[2:]
    elif parts[0] == "apis" and len(parts) >= 4:
        group, version, rest = parts[1], parts[2], parts[3:]
    else:
        return None
    namespace = None
    if rest[0] == "namespaces" and len(rest) >= 3 and not (group == "" and rest[2] in ("status", "finalize") and len(rest) == 3):
        namespace, rest = rest[1], rest[2:]
    rest = [*rest, "", ""]
    return Path(group, version, rest[0], namespace, rest[1], rest[2])


def act(path: Path, method: str, query: Mapping[str, str]) -> Act:
    """What is to be allowed for a request; a list or a watch of a single name counts as one of that name."""
    verb = _VERBS.get(method, "watch" if asked(query, "watch") else "get" if path.name else "list")
    name = path.name
    if not name and verb in ("list", "watch", "delete"):
        verb = "deletecollection" if verb == "delete" else verb
        name = _single(query.get("fieldSelector", ""))
    return Act(verb, path.group, path.plural, path.subresource, path.namespace or "", name)


def _single(fields: str) -> str:
    """The name that a field selector asks for; empty where it asks for more or for something else."""
    found = [term.partition("=")[2].lstrip("=") for term in fields.split(",") if term.startswith("metadata.name=")]
    return found[0] if found else ""


@dataclass(frozen=True, slots=True)
class Form:
    """The form of an answer: objects, a Table or metadata alone."""

    kind: str = ""
    include: str = "Metadata"


def form(request: web.Request) -> Form:
    """The form that the Accept header asks for."""
    for part in request.headers.get("Accept", "").split(","):
        for kind in ("Table", "PartialObjectMetadataList", "PartialObjectMetadata"):
            if f"as={kind}" in part:
                return Form(kind.removesuffix("List"), request.query.get("includeObject", "Metadata"))
        if "as=" not in part and ("json" in part or "*/*" in part):
            break
    return Form()


def asked(query: Mapping[str, str], name: str) -> bool:
    """Whether a boolean query parameter is set."""
    return query.get(name) in _TRUE


def selected(query: Mapping[str, str], resource: Resource, name: str = "") -> Selector:
    """The selectors of a query; a single name becomes one too."""
    fields = selector.field_terms(resource.kept, query.get("fieldSelector"), resource.custom)
    if name:
        fields = (*fields, ("metadata.name", name, True))
    return Selector(selector.labels(query.get("labelSelector")), fields)


def options(request: web.Request, user: User, resource: Resource, body: Obj | None = None) -> Options:
    """The options of a write; `body` is that of DeleteOptions."""
    query, body = request.query, body or {}
    validation = query.get("fieldValidation") or "Warn"
    if validation not in ("Strict", "Warn", "Ignore"):
        raise Fault(422, "Invalid", f'fieldValidation: Unsupported value: "{validation}": supported values: "Ignore", "Strict", "Warn"')
    dry = query.getall("dryRun", []) or list(body.get("dryRun") or ())
    if dry not in ([], ["All"]):
        raise fault.bad_request(f'dryRun: Unsupported value: "{dry[0]}": supported values: "All"')
    grace = body.get("gracePeriodSeconds", query.get("gracePeriodSeconds"))
    orphan = body.get("orphanDependents")
    propagation = body.get("propagationPolicy") or query.get("propagationPolicy") or ("Orphan" if orphan else "")
    manager = query.get("fieldManager") or request.headers.get("User-Agent", "unknown").split("/")[0]
    return Options(
        user=user,
        manager=manager[:128],
        dry=bool(dry),
        validation=validation,
        force=asked(query, "force"),
        grace=int(grace) if grace is not None else None,
        propagation=propagation,
        preconditions=body.get("preconditions") or {},
    )


_ACCEPTED = ("application/json", "application/yaml", "application/vnd.kubernetes.protobuf")


async def body(request: web.Request) -> Obj:
    """The object of a body, in JSON, YAML or protobuf; empty where there is none."""
    raw = await request.read()
    if not raw:
        return {}
    kind = request.content_type
    if kind == "application/vnd.kubernetes.protobuf":
        return protobuf.decode(raw)
    if kind in ("application/yaml", "application/x-yaml", "application/apply-patch+yaml"):
        found = _yaml(raw)
    elif kind in ("application/json", "application/octet-stream", "text/plain"):
        found = json(raw)
    else:
        raise fault.unsupported(_ACCEPTED)
    if not isinstance(found, dict):
        raise fault.bad_request("couldn't get version/kind; json parse error: json: cannot unmarshal into Go value of type struct")
    return found


def json(raw: bytes) -> Any:
    """A JSON value; a Fault 400 where it cannot be read."""
    try:
        return orjson.loads(raw)
    except orjson.JSONDecodeError as problem:
        raise fault.bad_request(f"error decoding: {problem}") from problem


class _Loader(yaml.SafeLoader):  # type: ignore[misc]  # the wheel ships no types
    """YAML 1.1 as API servers read it: its booleans and octals, but times stay text. Not libyaml, whose composer dies of deep nesting."""

    yaml_implicit_resolvers = {  # noqa: RUF012  # the base class's own shape
        start: [(tag, pattern) for tag, pattern in each if tag != "tag:yaml.org,2002:timestamp"]
        for start, each in yaml.SafeLoader.yaml_implicit_resolvers.items()
    }


def _yaml(raw: bytes) -> Any:
    try:
        return json(raw) if raw.lstrip()[:1] == b"{" else yaml.load(raw, Loader=_Loader)
    except (yaml.YAMLError, ValueError, RecursionError) as problem:
        raise fault.bad_request(f"error converting YAML to JSON: {problem}") from problem
