from dataclasses import replace

from albatross.kube.cache import SHARDS, Cache, Change, Table
from albatross.model.snapshot import EndpointSlice, Namespace, Pod, PodCondition
from albatross.model.snapshot import Metadata as Meta


def pod(name: str, ip: str = "") -> Pod:
    return Pod(namespace="a", name=name, pod_ip=ip)


def piece(name: str, service: str) -> EndpointSlice:
    return EndpointSlice(namespace="a", name=name, service=service)


def test_a_frozen_table_does_not_change() -> None:
    table: Table[int] = Table()
    table.set(("a", "x"), 1)
    before = table.freeze()
    table.set(("a", "x"), 2)
    table.set(("a", "y"), 3)
    table.set(("a", "x"), None)
    assert dict(before) == {("a", "x"): 1}
    assert dict(table.freeze()) == {("a", "y"): 3}
    assert (len(before), ("a", "x") in before, ("a", "x") in table.freeze()) == (1, True, False)


def test_freezing_copies_nothing_and_a_write_copies_one_shard() -> None:
    table: Table[int] = Table()
    for number in range(10_000):
        table.set(("a", str(number)), number)
    first = table.freeze()
    assert table.freeze() is first
    table.set(("a", "0"), -1)
    second = table.freeze()
    assert sum(one is other for one, other in zip(first._shards, second._shards, strict=True)) == SHARDS - 1
    assert len(second) == 10_000


def test_only_differences_are_told() -> None:
    cache, told = Cache(), list[Change]()
    cache.listen(told.append)
    one = pod("x", "10.0.0.1")
    cache.put("Pod", ("a", "x"), one)
    cache.put("Pod", ("a", "x"), replace(one))
    cache.put("Pod", ("a", "y"), None)
    cache.put("Pod", ("a", "x"), None)
    assert [(change.old, change.new) for change in told] == [(None, one), (one, None)]


def test_slices_are_found_by_service() -> None:
    cache = Cache()
    cache.put("EndpointSlice", ("a", "2"), piece("2", "web"))
    cache.put("EndpointSlice", ("a", "1"), piece("1", "web"))
    cache.put("EndpointSlice", ("a", "3"), piece("3", "api"))
    assert [each.name for each in cache.slices(("a", "web"))] == ["1", "2"]
    cache.put("EndpointSlice", ("a", "1"), piece("1", "api"))
    cache.put("EndpointSlice", ("a", "2"), None)
    assert cache.slices(("a", "web")) == ()
    assert [each.name for each in cache.slices(("a", "api"))] == ["1", "3"]


def test_a_snapshot_holds_every_kind() -> None:
    cache = Cache()
    cache.put("Namespace", ("", "a"), Namespace(metadata=Meta(name="a")))
    cache.put("Pod", ("a", "x"), pod("x"))
    found = cache.snapshot()
    cache.put("Pod", ("a", "x"), None)
    assert (list(found.namespaces), list(found.pods), found.complete) == ([("", "a")], [("a", "x")], True)
    assert cache.keys("Pod") == []


def test_what_was_learnt_of_a_large_object_comes_with_its_change() -> None:
    cache, heard = Cache(), list[Change]()
    cache.study = lambda change: (change.old, change.new)
    cache.listen(heard.append)
    key, first = ("", "n"), Namespace(metadata=Meta(name="n", labels={"a": "b"}, finalizers=("x", "y")))
    cache.put("Namespace", key, cache.learn("Namespace", key, first))
    second = cache.learn("Namespace", key, replace(first, metadata=replace(first.metadata, resource_version="2", labels={"a": "b"})))
    cache.put("Namespace", key, second)
    assert cache.learn("Namespace", key, replace(second)) is second
    cache.put("Namespace", key, None)
    assert [each.study for each in heard] == [(None, first), (first, second), None]


def test_equal_parts_of_two_versions_are_shared() -> None:
    cache, key = Cache(), ("a", "x")
    first = replace(
        pod("x"), conditions=(PodCondition(type="a", status="True"), PodCondition(type="b", status="True")), readiness_gates=("g",)
    )
    cache.put("Pod", key, first)
    other = (PodCondition(type="a", status="True"), PodCondition(type="b", status="False"), PodCondition(type="c", status="True"))
    found = cache.learn("Pod", key, replace(first, conditions=other, readiness_gates=("g",)))
    assert isinstance(found, Pod)
    assert found.conditions == other
    assert found.conditions[0] is first.conditions[0]
    assert found.readiness_gates is first.readiness_gates
