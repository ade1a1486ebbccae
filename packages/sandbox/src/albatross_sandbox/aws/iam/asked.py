"""A call as IAM looks at it: its parameters as plain data, and the place that ARNs name."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote
from xml.etree import ElementTree

from albatross_sandbox.aws import protocol
from albatross_sandbox.aws.call import Call
from albatross_sandbox.aws.store import Store

Tags = dict[str, str]


@dataclass(frozen=True, slots=True)
class Place:
    """Partition, region and account of a resource."""

    partition: str
    region: str
    account: str

    def arn(self, service: str, rest: str) -> str:
        """An ARN here; IAM, Route 53 and Shield have no region, and Route 53 names no account."""
        region = "" if service in ("iam", "route53", "shield") else self.region
        account = "" if service == "route53" else self.account
        return f"arn:{self.partition}:{service}:{region}:{account}:{rest}"


@dataclass(frozen=True, slots=True)
class Asked:
    """One call: its parameters under AWS's names, and whether the account has load balancing's service-linked role."""

    service: str
    operation: str
    place: Place
    given: Mapping[str, Any] = field(default_factory=dict)
    linked: bool = True

    def values(self, path: str) -> list[str]:
        """Every text at a path such as `SubnetMappings.AllocationId`; lists on the way are walked."""
        return [str(each) for each in _walk(self.given, path.split(".")) if each not in (None, "") and not isinstance(each, dict)]

    def one(self, path: str, other: str = "") -> str:
        """The first text at a path."""
        return next(iter(self.values(path)), other)


def _walk(node: Any, path: list[str]) -> Iterator[Any]:
    if isinstance(node, list):
        for each in node:
            yield from _walk(each, path)
    elif not path:
        yield node
    elif isinstance(node, Mapping) and path[0] in node:
        yield from _walk(node[path[0]], path[1:])


def read(call: Call, store: Store, linked: bool = True) -> Asked:
    """What a call asks for."""
    place = Place(store.partition, store.region, store.account)
    return Asked(call.service, call.operation, place, _given(call), linked)


def _given(call: Call) -> Mapping[str, Any]:
    if call.form:
        plain = protocol.plain(protocol.tree({key: value for key, value in call.form.items() if key not in ("Action", "Version")}))
        return plain if isinstance(plain, dict) else {}
    if call.protocol == "rest-xml":
        return {**path(call), **_xml(call.body)}
    body = call.json()
    return {**path(call), **(body if isinstance(body, dict) else {})}


def path(call: Call) -> dict[str, Any]:
    """The parameters that a REST operation has in its path, under their own names."""
    if call.protocol not in ("rest-xml", "rest-json") or not call.operation:
        return {}
    model = protocol.model(call.service).operation_model(call.operation)
    uri = model.http["requestUri"].partition("?")[0]
    pattern = re.sub(r"\\\{(\w+)\\\}", r"(?P<\1>[^/]+)", re.escape(uri.rstrip("/")))
    found = re.fullmatch(pattern, call.path.partition("?")[0].rstrip("/"))
    members = model.input_shape.members.items() if model.input_shape else ()
    names = {member.serialization.get("name", name): name for name, member in members if member.serialization.get("location") == "uri"}
    return {names.get(name, name): unquote(value) for name, value in found.groupdict().items()} if found else {}


def _xml(body: bytes) -> dict[str, Any]:
    """A REST XML body; of a record change what IAM has condition keys for."""
    try:
        root = ElementTree.fromstring(body) if body else None
    except ElementTree.ParseError:
        root = None
    if root is None:
        return {}
    changes = root.findall(".//{*}Change")
    return {"Changes": [{name: change.findtext(f".//{{*}}{name}") for name in ("Action", "Name", "Type")} for change in changes]}
