from typing import Any

import pytest
from packages.sandbox.tests.kube.conftest import Api, Make

from albatross_sandbox.kube import protobuf
from albatross_sandbox.kube.fault import Fault
from albatross_sandbox.kube.wire import MESSAGES

Field = tuple[int, "int | str | bytes | list[Field]"]


def varint(number: int) -> bytes:
    out = b""
    number &= (1 << 64) - 1
    while number > 127:
        out += bytes([number & 127 | 128])
        number >>= 7
    return out + bytes([number])


def encode(*fields: Any) -> bytes:
    out = b""
    for number, value in fields:
        if isinstance(value, int):
            out += varint(number << 3) + varint(value)
            continue
        raw = value.encode() if isinstance(value, str) else value if isinstance(value, bytes) else encode(*value)
        out += varint(number << 3 | 2) + varint(len(raw)) + raw
    return out


def envelope(version: str, kind: str, *fields: Any) -> bytes:
    return b"k8s\0" + encode((1, [(1, version), (2, kind)]), (2, encode(*fields)))


def test_every_message_named_is_there() -> None:
    for name, fields in MESSAGES.items():
        for field in (fields or {}).values():
            assert len(field.type) == 1 or field.type in MESSAGES, f"{name}.{field.name}"


def test_a_lease() -> None:
    spec = [(1, "me"), (2, 15), (4, [(1, 1_700_000_000), (2, 5_000)]), (5, 0)]
    body = envelope("coordination.k8s.io/v1", "Lease", (1, [(1, "l"), (8, []), (7, 0)]), (2, spec))
    assert protobuf.decode(body) == {
        "apiVersion": "coordination.k8s.io/v1",
        "kind": "Lease",
        "metadata": {"name": "l"},
        "spec": {"holderIdentity": "me", "leaseDurationSeconds": 15, "renewTime": "2023-11-14T22:13:20.000005Z", "leaseTransitions": 0},
    }


def test_pointers_keep_their_zeroes() -> None:
    conditions = [(1, 0), (2, 1)]
    body = envelope("discovery.k8s.io/v1", "EndpointSlice", (2, [(1, "127.0.0.1"), (2, conditions)]), (3, [(1, ""), (3, 80)]))
    found = protobuf.decode(body)
    assert found["endpoints"] == [{"addresses": ["127.0.0.1"], "conditions": {"ready": False, "serving": True}}]
    assert found["ports"] == [{"name": "", "port": 80}]


def test_ports_by_name_or_number() -> None:
    ports = [[(3, 80), (4, [(1, 1), (3, "http")])], [(3, 81), (4, [(1, 0), (2, 8080)])], [(3, 82), (4, [(1, 0), (2, 0)])]]
    body = envelope("v1", "Service", (2, [(1, port) for port in ports]))
    assert [port.get("targetPort") for port in protobuf.decode(body)["spec"]["ports"]] == ["http", 8080, None]


def test_the_two_events_are_told_apart() -> None:
    old = protobuf.decode(envelope("v1", "Event", (3, "R"), (4, "text"), (8, 2)))
    new = protobuf.decode(envelope("events.k8s.io/v1", "Event", (7, "R"), (10, "text"), (4, "c")))
    assert (old["reason"], old["message"], old["count"]) == ("R", "text", 2)
    assert (new["reason"], new["note"], new["reportingController"]) == ("R", "text", "c")


def test_labels_and_secrets() -> None:
    body = envelope("v1", "Secret", (1, [(11, [(1, "a"), (2, "b")])]), (2, [(1, "k"), (2, b"\x00\xff")]))
    found = protobuf.decode(body)
    assert (found["metadata"]["labels"], found["data"]) == ({"a": "b"}, {"k": "AP8="})


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"{}", 400),
        (envelope("v1", "Mystery"), 415),
        (envelope("v1", "ConfigMap", (99, "x")), 415),
        (envelope("v1", "ConfigMap", (1, "x"))[:-1], 400),
    ],
)
def test_what_is_not_understood_is_refused(body: bytes, code: int) -> None:
    with pytest.raises(Fault) as caught:
        protobuf.decode(body)
    assert caught.value.code == code


def test_an_empty_field_says_nothing() -> None:
    assert protobuf.decode(envelope("v1", "ConfigMap", (98, b""), (99, 0))) == {"apiVersion": "v1", "kind": "ConfigMap"}


async def test_a_go_client_creates_and_deletes(api: Api, make: Make) -> None:
    kind = {"Content-Type": "application/vnd.kubernetes.protobuf", "Accept": "application/vnd.kubernetes.protobuf,application/json"}
    path = "/api/v1/namespaces/default/configmaps"
    code, made = await api.call("POST", path, envelope("v1", "ConfigMap", (1, [(1, "c")]), (2, [(1, "a"), (2, "b")])), headers=kind)
    assert (code, made["data"]) == (201, {"a": "b"})
    options = envelope("v1", "DeleteOptions", (2, [(1, made["metadata"]["uid"])]), (4, "Background"))
    assert (await api.call("DELETE", f"{path}/c", options, headers=kind))[0] == 200
