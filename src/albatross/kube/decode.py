"""JSON of the API server → nouns. For kinds with tens of thousands of objects, only the used fields are decoded; equal parts are shared."""

import gc
import threading
from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any, TypeVar, cast

import msgspec

from albatross.catalog import kinds, pods, quic
from albatross.catalog.kinds import KINDS, Kind, Malformed, Noun
from albatross.model.snapshot import Endpoint, EndpointSlice, Key, Node, Pod, PodCondition, Taint

_T = TypeVar("_T", bound=Hashable)


class Pool:
    """Keeps one of all equal values: pods of one ReplicaSet differ only in the name and the address, among the fields that we read."""

    # With 20k distinct values, mostly labels, the pool itself needs about 10 MiB.
    SIZE = 20_000

    def __init__(self) -> None:
        # Two tables: the entries of an empty map are equal to an empty tuple.
        self._values: dict[Hashable, Any] = {}
        self._maps: dict[tuple[tuple[str, str], ...], dict[str, str]] = {}

    def same(self, value: _T) -> _T:
        """The first value that was equal to this one."""
        if len(self._values) > self.SIZE:
            self._values.clear()
        return cast(_T, self._values.setdefault(value, value))

    def map(self, value: dict[str, str]) -> dict[str, str]:
        """The first map that was equal to this one; nobody may change it."""
        if len(self._maps) > self.SIZE:
            self._maps.clear()
        return self._maps.setdefault(tuple(value.items()), value)


# The shapes, only with the fields that are read. gc=False: they exist for one call and have no cycles. ----------------


class _Meta(msgspec.Struct, gc=False, rename="camel"):
    name: str
    namespace: str = ""
    uid: str = ""
    creation_timestamp: str | None = None
    deletion_timestamp: str | None = None
    labels: dict[str, str] | None = None
    annotations: dict[str, str] | None = None


class _Condition(msgspec.Struct, gc=False):
    type: str
    status: str
    reason: str | None = None
    message: str | None = None


class _Port(msgspec.Struct, gc=False, rename="camel"):
    container_port: int
    name: str | None = None


class _Variable(msgspec.Struct, gc=False):
    name: str
    value: str | None = None


class _Container(msgspec.Struct, gc=False, rename="camel"):
    ports: list[_Port] | None = None
    env: msgspec.Raw = msgspec.Raw(b"null")  # decoded only for pods that ask for QUIC
    restart_policy: str | None = None


class _Gate(msgspec.Struct, gc=False, rename="camel"):
    condition_type: str


class _PodSpec(msgspec.Struct, gc=False, rename="camel"):
    node_name: str | None = None
    containers: list[_Container] | None = None
    init_containers: list[_Container] | None = None
    readiness_gates: list[_Gate] | None = None


class _PodStatus(msgspec.Struct, gc=False, rename={"pod_ip": "podIP"}):
    pod_ip: str | None = None
    conditions: list[_Condition] | None = None


class _Pod(msgspec.Struct, gc=False):
    metadata: _Meta
    spec: _PodSpec | None = None
    status: _PodStatus | None = None


class _Reference(msgspec.Struct, gc=False):
    kind: str = ""
    name: str = ""
    namespace: str = ""


class _EndpointConditions(msgspec.Struct, gc=False):
    ready: bool | None = None
    terminating: bool | None = None


class _Endpoint(msgspec.Struct, gc=False, rename="camel"):
    addresses: list[str] | None = None
    target_ref: _Reference | None = None
    node_name: str | None = None
    conditions: _EndpointConditions | None = None


class _EndpointPort(msgspec.Struct, gc=False):
    name: str | None = None
    port: int | None = None


class _Slice(msgspec.Struct, gc=False, rename="camel"):
    metadata: _Meta
    address_type: str = "IPv4"
    ports: list[_EndpointPort] | None = None
    endpoints: list[_Endpoint] | None = None


class _Taint(msgspec.Struct, gc=False):
    key: str
    effect: str = ""
    value: str | None = None


class _NodeSpec(msgspec.Struct, gc=False, rename={"provider_id": "providerID"}):
    provider_id: str | None = None
    taints: list[_Taint] | None = None


class _Address(msgspec.Struct, gc=False):
    type: str
    address: str


class _NodeStatus(msgspec.Struct, gc=False):
    conditions: list[_Condition] | None = None
    addresses: list[_Address] | None = None


class _Node(msgspec.Struct, gc=False):
    metadata: _Meta
    spec: _NodeSpec | None = None
    status: _NodeStatus | None = None


# Projections -------------------------------------------------------------------------------------------------------


def _pod(found: _Pod, pool: Pool) -> Pod:
    meta, spec, status = found.metadata, found.spec or _PodSpec(), found.status or _PodStatus()
    sidecars = [container for container in spec.init_containers or () if container.restart_policy == "Always"]
    running = [*(spec.containers or ()), *sidecars]
    ports = tuple((port.name or "", port.container_port) for each in running for port in each.ports or ())
    conditions = tuple(
        PodCondition(type=each.type, status=each.status, reason=each.reason or "", message=each.message or "")
        for each in status.conditions or ()
        if pods.decides(each.type)
    )
    return Pod(
        namespace=pool.same(meta.namespace),
        name=meta.name,
        uid=meta.uid,
        created=pool.same(meta.creation_timestamp or ""),
        deleting=meta.deletion_timestamp is not None,
        pod_ip=status.pod_ip or "",
        node_name=pool.same(spec.node_name or ""),
        labels=pool.map(meta.labels or {}),
        container_ports=pool.same(ports),
        readiness_gates=pool.same(tuple(gate.condition_type for gate in spec.readiness_gates or ())),
        conditions=pool.same(conditions),
        pod_eni=(meta.annotations or {}).get(pods.ENI, ""),
        server_ids=quic.server_ids(map(_environment, running)) if quic.ANNOTATION in (meta.annotations or {}) else (),
    )


_variables = msgspec.json.Decoder(list[_Variable] | None)


def _environment(found: _Container) -> quic.Container:
    variables = [(each.name, each.value or "") for each in _variables.decode(found.env) or ()]
    return variables, tuple(port.container_port for port in found.ports or ())


def _slice(found: _Slice, pool: Pool) -> EndpointSlice:
    meta = found.metadata
    return EndpointSlice(
        namespace=pool.same(meta.namespace),
        name=meta.name,
        service=(meta.labels or {}).get(kinds.SERVICE_NAME, ""),
        address_type=pool.same(found.address_type),
        ports=pool.same(tuple((port.name or "", port.port) for port in found.ports or ())),
        endpoints=tuple(_endpoint(endpoint, meta.namespace, pool) for endpoint in found.endpoints or ()),
    )


def _endpoint(found: _Endpoint, namespace: str, pool: Pool) -> Endpoint:
    target, conditions = found.target_ref, found.conditions or _EndpointConditions()
    return Endpoint(
        address=found.addresses[0] if found.addresses else "",
        pod=(pool.same(target.namespace or namespace), target.name) if target and target.kind == "Pod" else None,
        node_name=pool.same(found.node_name or ""),
        ready=conditions.ready,
        terminating=bool(conditions.terminating),
    )


def _node(found: _Node, pool: Pool) -> Node:
    meta, spec, status = found.metadata, found.spec or _NodeSpec(), found.status or _NodeStatus()
    ready = [condition.status for condition in status.conditions or () if condition.type == "Ready"]
    return Node(
        name=meta.name,
        uid=meta.uid,
        created=meta.creation_timestamp or "",
        provider_id=spec.provider_id or "",
        labels=meta.labels or {},
        taints=tuple(Taint(taint.key, taint.effect, taint.value or "") for taint in spec.taints or ()),
        addresses=tuple((address.type, address.address) for address in status.addresses or ()),
        ready=ready[0] if ready else "",
    )


_unscanned = threading.Lock()


@contextmanager
def unscanned() -> Iterator[None]:
    """The garbage collector does not run in this block: it would stop every thread for 0.1 s, and decoding makes no cycles."""
    with _unscanned:
        on = gc.isenabled()
        gc.disable()
        try:
            yield
        finally:
            if on:
                gc.enable()


Decode = Callable[[bytes | msgspec.Raw], tuple[Key, Noun]]
"""The JSON of one object → its key and noun; `Malformed` if it has another shape."""


@cache
def decoder(kind: str) -> Decode:
    """The decoder for a kind of `catalog.kinds`."""
    match kind:
        case "Pod":
            return _projected(_Pod, _pod)
        case "EndpointSlice":
            return _projected(_Slice, _slice)
        case "Node":
            return _projected(_Node, _node)
        case _:
            return _whole(KINDS[kind])


def _projected(shape: type[Any], project: Callable[[Any, Pool], Pod | EndpointSlice | Node]) -> Decode:
    read, pool = msgspec.json.Decoder(shape), Pool()

    def decode(text: bytes | msgspec.Raw) -> tuple[Key, Noun]:
        try:
            noun = project(read.decode(text), pool)
        except msgspec.ValidationError as error:
            raise Malformed("", "what the API says", str(error)) from error
        return kinds.key(noun), noun

    return decode


def _whole(row: Kind) -> Decode:
    def decode(text: bytes | msgspec.Raw) -> tuple[Key, Noun]:
        # Items of a list have no kind and apiVersion, so both are added from the row.
        noun = kinds.parse({**msgspec.json.decode(text), "kind": row.kind, "apiVersion": row.api_version})
        return kinds.key(noun), noun

    return decode
