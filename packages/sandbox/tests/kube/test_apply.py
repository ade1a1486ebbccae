import asyncio
import json
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from packages.sandbox.tests.kube.conftest import Api, Make

from albatross_sandbox.kube.apply import Application, fresh
from albatross_sandbox.kube.options import Options
from albatross_sandbox.kube.resources import Registry

Obj = dict[str, Any]
SERVICE = Registry().of("services")
APPLY = {"Content-Type": "application/apply-patch+yaml"}
PATH = "/api/v1/namespaces/default/services/web"

ports = st.lists(st.integers(1, 4), unique=True, max_size=4).map(lambda found: [{"port": item, "protocol": "TCP"} for item in found])
words = st.dictionaries(st.sampled_from("abc"), st.sampled_from("xyz"), max_size=3)
specs = st.fixed_dictionaries({}, optional={"ports": ports, "selector": words, "type": st.sampled_from(["ClusterIP", "NodePort"])})


def service(spec: Obj, labels: Obj) -> Obj:
    return {"apiVersion": "v1", "kind": "Service", "metadata": {"name": "web", "labels": labels}, "spec": spec}


def applied(current: Obj, wanted: Obj, manager: str, force: bool = False) -> Obj:
    return Application(SERVICE, wanted, Options(manager=manager, force=force, owned=True), "").edit(current)


def made(wanted: Obj, manager: str) -> Obj:
    return {**wanted, "metadata": {**wanted["metadata"], "managedFields": fresh(SERVICE, wanted, manager)}}


def plain(obj: Obj) -> Obj:
    metadata = {key: value for key, value in obj["metadata"].items() if key != "managedFields"}
    return {key: value for key, value in {**obj, "metadata": metadata}.items() if value}


def settled(obj: Obj) -> Obj:
    """An object without what is empty, its ports in one order."""
    spec = {key: value for key, value in obj.get("spec", {}).items() if value}
    if "ports" in spec:
        spec["ports"] = sorted(spec["ports"], key=lambda port: int(port["port"]))
    metadata = {key: value for key, value in obj["metadata"].items() if value and key != "managedFields"}
    return {"spec": spec, "metadata": metadata}


@given(specs, words)
@settings(max_examples=50, deadline=None)
def test_applying_again_changes_nothing(spec: Obj, labels: Obj) -> None:
    wanted = service(spec, labels)
    assert plain(applied(made(wanted, "m"), wanted, "m")) == plain(wanted)


@given(specs, words, specs, words)
@settings(max_examples=50, deadline=None)
def test_one_manager_gets_what_it_applied_last(one: Obj, first: Obj, two: Obj, second: Obj) -> None:
    found = applied(made(service(one, first), "m"), service(two, second), "m")
    assert settled(found) == settled(service(two, second))


@given(specs, words, specs, words)
@settings(max_examples=50, deadline=None)
def test_force_takes_fields_and_keeps_the_rest(one: Obj, first: Obj, two: Obj, second: Obj) -> None:
    found = applied(made(service(one, first), "a"), service(two, second), "b", force=True)
    labels = found["metadata"].get("labels") or {}
    assert labels == {**first, **second}
    kept = {port["port"] for port in found["spec"].get("ports", [])}
    assert kept == {port["port"] for spec in (one, two) for port in spec.get("ports", [])}


async def apply(api: Api, body: Obj, query: str = "fieldManager=m") -> tuple[int, Obj]:
    return await api.call("PATCH", f"{PATH}?{query}", body, headers=APPLY)


async def test_an_apply_creates_and_then_does_nothing(api: Api, make: Make) -> None:
    code, first = await apply(api, make.service("web"))
    again, second = await apply(api, make.service("web"))
    assert (code, again) == (201, 200)
    assert first["metadata"]["resourceVersion"] == second["metadata"]["resourceVersion"]


async def test_an_apply_needs_a_manager(api: Api, make: Make) -> None:
    code, status = await api.call("PATCH", PATH, make.service("web"), headers=APPLY)
    assert (code, status["message"].endswith("fieldManager: Required value: is required for apply patch")) == (422, True)


async def test_what_another_changed_conflicts(api: Api, make: Make) -> None:
    await apply(api, make.service("web", type="NodePort"))
    await api.call(
        "PATCH", PATH, {"spec": {"type": "ClusterIP"}}, headers={"Content-Type": "application/merge-patch+json", "User-Agent": "x/1"}
    )
    code, status = await apply(api, make.service("web", type="NodePort"))
    assert code == 409
    assert status["message"] == 'Apply failed with 1 conflict: conflict with "x" using v1: .spec.type'
    assert status["details"]["causes"] == [
        {"reason": "FieldManagerConflict", "message": 'conflict with "x" using v1', "field": ".spec.type"}
    ]
    code, found = await apply(api, make.service("web", type="NodePort"), "fieldManager=m&force=true")
    assert (code, found["spec"]["type"]) == (200, "NodePort")


async def test_several_conflicts_are_listed(api: Api, make: Make) -> None:
    await apply(api, make.service("web", type="NodePort", selector={"a": "b"}), "fieldManager=one")
    _, status = await apply(api, make.service("web", type="LoadBalancer", selector={"a": "c"}), "fieldManager=two")
    assert status["message"] == 'Apply failed with 2 conflicts: conflicts with "one":\n- .spec.selector\n- .spec.type'


async def test_a_status_is_applied_apart(api: Api, make: Make) -> None:
    await api.cluster.create(make.service("web", type="LoadBalancer"))
    body = make.service("web") | {"status": {"loadBalancer": {"ingress": [{"hostname": "lb.example.com"}]}}}
    code, found = await api.call("PATCH", f"{PATH}/status?fieldManager=lb", body, headers=APPLY)
    assert (code, found["status"]["loadBalancer"]["ingress"]) == (200, [{"hostname": "lb.example.com"}])
    assert found["spec"]["type"] == "LoadBalancer"
    mine = next(item for item in found["metadata"]["managedFields"] if item["manager"] == "lb")
    assert (mine["subresource"], list(mine["fieldsV1"])) == ("status", ["f:status"])


async def test_two_writers_at_once_both_land(api: Api, make: Make) -> None:
    await api.cluster.create(make.service("web"))
    kind = {"Content-Type": "application/merge-patch+json"}
    writes = [api.call("PATCH", PATH, json.dumps({"metadata": {"labels": {f"k{n}": "v"}}}).encode(), headers=kind) for n in range(8)]
    assert [code for code, _ in await asyncio.gather(*writes)] == [200] * 8
    found = api.cluster.get("services", "default", "web")
    assert found
    assert len(found["metadata"]["labels"]) == 8
