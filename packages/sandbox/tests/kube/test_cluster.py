import asyncio
from typing import Any

import pytest
from packages.sandbox.tests.kube.conftest import Make

from albatross_sandbox.kube.cluster import Cluster
from albatross_sandbox.kube.fault import Fault
from albatross_sandbox.kube.options import Options

Obj = dict[str, Any]


async def refused(write: Any) -> Fault:
    with pytest.raises(Fault) as caught:
        await write
    return caught.value


def owner(obj: Obj, **more: Any) -> Obj:
    return {"apiVersion": obj["apiVersion"], "kind": obj["kind"], "name": obj["metadata"]["name"], "uid": obj["metadata"]["uid"], **more}


async def test_generation_moves_with_the_spec_alone(cluster: Cluster, make: Make) -> None:
    made = await cluster.create(make.deployment("web"))
    assert made["metadata"]["generation"] == 1
    labelled = await cluster.merge("deployments.apps", "default", "web", {"metadata": {"labels": {"a": "b"}}})
    assert labelled["metadata"]["generation"] == 1
    scaled = await cluster.merge("deployments.apps", "default", "web", {"spec": {"replicas": 3}})
    assert scaled["metadata"]["generation"] == 2


async def test_status_and_spec_are_written_apart(cluster: Cluster, make: Make) -> None:
    await cluster.create(make.deployment("web"))
    patch = {"spec": {"replicas": 5}, "status": {"replicas": 2}}
    after = await cluster.merge("deployments.apps", "default", "web", patch, "status")
    assert (after["spec"]["replicas"], after["status"]["replicas"]) == (1, 2)
    after = await cluster.merge("deployments.apps", "default", "web", patch | {"status": {"replicas": 9}})
    assert (after["spec"]["replicas"], after["status"]["replicas"]) == (5, 2)


async def test_an_old_version_conflicts(cluster: Cluster, make: Make) -> None:
    old = await cluster.create(make.config_map("c", a="1"))
    await cluster.merge("configmaps", "default", "c", {"data": {"a": "2"}})
    problem = await refused(cluster.update({**old, "data": {"a": "3"}}))
    assert (problem.code, problem.reason) == (409, "Conflict")
    assert problem.message == (
        'Operation cannot be fulfilled on configmaps "c": the object has been modified; '
        "please apply your changes to the latest version and try again"
    )


async def test_a_write_without_change_is_no_event(cluster: Cluster, make: Make) -> None:
    made = await cluster.create(make.config_map("c", a="1"))
    same = await cluster.merge("configmaps", "default", "c", {"data": {"a": "1"}})
    assert same["metadata"]["resourceVersion"] == made["metadata"]["resourceVersion"]


async def test_a_dry_run_leaves_nothing(cluster: Cluster, make: Make) -> None:
    await cluster.create(make.config_map("c"), Options(dry=True))
    assert cluster.get("configmaps", "default", "c") is None


async def test_names_are_generated(cluster: Cluster, make: Make) -> None:
    pod = make.pod("x")
    pod["metadata"] = {"generateName": "web-", "namespace": "default"}
    made = await cluster.create(pod)
    assert made["metadata"]["name"].startswith("web-")
    assert len(made["metadata"]["name"]) == 9


async def test_a_watch_begins_with_what_is_there(cluster: Cluster, make: Make) -> None:
    await cluster.create(make.pod("a"))
    seen: list[tuple[str, str, str]] = []

    async def watch() -> None:
        async for kind, key, obj in cluster.watch("pods", "deployments.apps"):
            seen.append((kind, key, obj["metadata"]["name"]))
            if len(seen) == 4:
                return

    task = asyncio.create_task(watch())
    await asyncio.sleep(0)
    await cluster.create(make.deployment("d"))
    await cluster.patch_status("pods", "default", "a", {"phase": "Running"})
    await cluster.delete("pods", "default", "a")
    async with asyncio.timeout(20):
        await task
    assert seen == [
        ("ADDED", "pods", "a"),
        ("ADDED", "deployments.apps", "d"),
        ("MODIFIED", "pods", "a"),
        ("DELETED", "pods", "a"),
    ]


async def test_a_pod_on_a_node_waits_for_its_kubelet(cluster: Cluster, make: Make) -> None:
    await cluster.create(make.pod("a", nodeName="n"))
    await cluster.delete("pods", "default", "a")
    waiting = cluster.get("pods", "default", "a")
    assert waiting
    assert waiting["metadata"]["deletionGracePeriodSeconds"] == 30
    await cluster.delete("pods", "default", "a", grace=0)
    assert cluster.get("pods", "default", "a") is None


async def test_a_finalizer_holds_an_object(cluster: Cluster, make: Make) -> None:
    made = make.config_map("c")
    made["metadata"]["finalizers"] = ["example.com/hold"]
    await cluster.create(made)
    await cluster.delete("configmaps", "default", "c")
    held = cluster.get("configmaps", "default", "c")
    assert held
    assert "deletionTimestamp" in held["metadata"]
    problem = await refused(cluster.merge("configmaps", "default", "c", {"metadata": {"finalizers": ["example.com/hold", "b.c/d"]}}))
    assert problem.code == 422
    await cluster.merge("configmaps", "default", "c", {"metadata": {"finalizers": None}})
    assert cluster.get("configmaps", "default", "c") is None


async def family(cluster: Cluster, make: Make, **reference: Any) -> None:
    parent = await cluster.create(make.config_map("parent"))
    child = make.config_map("child")
    child["metadata"]["ownerReferences"] = [owner(parent, **reference)]
    await cluster.create(child)


async def test_dependents_go_with_their_owner(cluster: Cluster, make: Make) -> None:
    await family(cluster, make)
    await cluster.delete("configmaps", "default", "parent")
    assert cluster.get("configmaps", "default", "child") is None


async def test_orphans_stay(cluster: Cluster, make: Make) -> None:
    await family(cluster, make)
    await cluster.delete("configmaps", "default", "parent", propagation="Orphan")
    child = cluster.get("configmaps", "default", "child")
    assert child
    assert "ownerReferences" not in child["metadata"]


async def test_foreground_deletion_waits_for_dependents(cluster: Cluster, make: Make) -> None:
    await family(cluster, make, blockOwnerDeletion=True)
    await cluster.merge("configmaps", "default", "child", {"metadata": {"finalizers": ["example.com/hold"]}})
    await cluster.delete("configmaps", "default", "parent", propagation="Foreground")
    parent = cluster.get("configmaps", "default", "parent")
    assert parent
    assert parent["metadata"]["finalizers"] == ["foregroundDeletion"]
    await cluster.merge("configmaps", "default", "child", {"metadata": {"finalizers": None}})
    assert cluster.list("configmaps", "default") == []


async def test_an_object_of_an_absent_owner_goes(cluster: Cluster, make: Make) -> None:
    child = make.config_map("child")
    child["metadata"]["ownerReferences"] = [{"apiVersion": "v1", "kind": "ConfigMap", "name": "gone", "uid": "nobody"}]
    await cluster.create(child)
    assert cluster.get("configmaps", "default", "child") is None


async def test_one_of_two_owners_may_go(cluster: Cluster, make: Make) -> None:
    parents = [await cluster.create(make.config_map(name)) for name in ("p1", "p2")]
    child = make.config_map("child")
    child["metadata"]["ownerReferences"] = [owner(parent) for parent in parents]
    await cluster.create(child)
    await cluster.delete("configmaps", "default", "p1")
    left = cluster.get("configmaps", "default", "child")
    assert left
    assert [item["name"] for item in left["metadata"]["ownerReferences"]] == ["p2"]


async def test_a_namespace_empties_before_it_goes(cluster: Cluster, make: Make) -> None:
    await cluster.create({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "n"}})
    held = make.config_map("held", "n")
    held["metadata"]["finalizers"] = ["example.com/hold"]
    for obj in (held, make.pod("p", "n"), make.service("s", "n")):
        await cluster.create(obj)
    await cluster.delete("namespaces", "", "n")
    left = cluster.get("namespaces", "", "n")
    assert left
    assert left["status"]["phase"] == "Terminating"
    assert cluster.list("pods", "n") == []
    problem = await refused(cluster.create(make.config_map("late", "n")))
    assert problem.code == 403
    assert "because it is being terminated" in problem.message
    await cluster.merge("configmaps", "n", "held", {"metadata": {"finalizers": None}})
    assert cluster.get("namespaces", "", "n") is None


async def test_both_kinds_of_events_are_one(cluster: Cluster) -> None:
    target = {"kind": "Ingress", "namespace": "default", "name": "web"}
    new = {"regarding": target, "note": "hello", "reason": "R", "type": "Normal", "reportingController": "c", "action": "A"}
    body = {"apiVersion": "events.k8s.io/v1", "kind": "Event", "metadata": {"name": "e", "namespace": "default"}, **new}
    await cluster.create({**body, "eventTime": "2026-01-01T00:00:00.000000Z", "reportingInstance": "i"})
    seen = cluster.get("events", "default", "e")
    assert seen
    assert (seen["involvedObject"], seen["message"]) == (target, "hello")
    assert (cluster.get("events.events.k8s.io", "default", "e") or {})["note"] == "hello"


async def test_a_definition_serves_its_kind_until_it_goes(cluster: Cluster, make: Make) -> None:
    await cluster.create(make.definition("widgets", "Widget", "example.com"))
    widget = {"apiVersion": "example.com/v1", "kind": "Widget", "metadata": {"name": "w", "namespace": "default"}}
    made = await cluster.create({**widget, "spec": {"size": 2, "bogus": 1, "free": {"x": 1}, "port": "http"}})
    assert made["spec"] == {"size": 2, "color": "red", "free": {"x": 1}, "port": "http"}
    await cluster.delete("customresourcedefinitions.apiextensions.k8s.io", "", "widgets.example.com")
    assert not cluster.registry.has("widgets.example.com")
    with pytest.raises(KeyError):
        cluster.list("widgets.example.com")


async def test_a_definition_waits_for_its_objects(cluster: Cluster, make: Make) -> None:
    await cluster.create(make.definition("widgets", "Widget", "example.com"))
    meta = {"name": "held", "namespace": "default", "finalizers": ["example.com/hold"]}
    widget = {"apiVersion": "example.com/v1", "kind": "Widget", "metadata": meta, "spec": {"size": 2}}
    await cluster.create(widget)
    await cluster.create(widget | {"metadata": {"name": "free", "namespace": "default"}})
    await cluster.delete("customresourcedefinitions.apiextensions.k8s.io", "", "widgets.example.com")
    assert [item["metadata"]["name"] for item in cluster.list("widgets.example.com")] == ["held"]
    assert (await refused(cluster.create(widget | {"metadata": {"name": "late", "namespace": "default"}}))).code == 405
    await cluster.merge("widgets.example.com", "default", "held", {"metadata": {"finalizers": None}})
    assert cluster.get("customresourcedefinitions.apiextensions.k8s.io", "", "widgets.example.com") is None
    assert not cluster.registry.has("widgets.example.com")


@pytest.mark.parametrize(
    ("spec", "line"),
    [
        ({}, "spec.size: Required value"),
        ({"size": 0}, "spec.size: Invalid value: 0: spec.size in body should be greater than or equal to 1"),
        ({"size": "x"}, 'spec.size: Invalid value: "string": spec.size in body must be of type integer: "string"'),
        ({"size": 1, "color": "green"}, 'spec.color: Unsupported value: "green": supported values: "blue", "red"'),
        ({"size": 1, "items": [{"name": "a"}, {"name": "a"}]}, 'spec.items[1]: Duplicate value: {"name":"a"}'),
        ({"size": 1, "items": [{}]}, "spec.items[0].name: Required value"),
    ],
)
async def test_a_custom_schema_is_enforced(cluster: Cluster, make: Make, spec: Obj, line: str) -> None:
    await cluster.create(make.definition("widgets", "Widget", "example.com"))
    widget = {"apiVersion": "example.com/v1", "kind": "Widget", "metadata": {"name": "w", "namespace": "default"}, "spec": spec}
    problem = await refused(cluster.create(widget))
    assert problem.message == f'Widget.example.com "w" is invalid: {line}'


async def test_node_ports_and_addresses_are_given_out(cluster: Cluster, make: Make) -> None:
    made = await cluster.create(make.service("a", type="NodePort"))
    port = made["spec"]["ports"][0]["nodePort"]
    assert 30000 <= port < 32768
    assert made["spec"]["clusterIP"].startswith("10.")
    problem = await refused(cluster.create(make.service("b", type="NodePort", ports=[{"port": 1, "nodePort": port}])))
    assert "provided port is already allocated" in problem.message
    await cluster.delete("services", "default", "a")
    again = await cluster.create(make.service("b", type="NodePort", ports=[{"port": 1, "nodePort": port}]))
    assert again["spec"]["ports"][0]["nodePort"] == port


async def test_a_service_keeps_its_ports_and_address(cluster: Cluster, make: Make) -> None:
    made = await cluster.create(make.service("a", type="LoadBalancer"))
    again = await cluster.update(make.service("a", type="LoadBalancer"))
    assert again["spec"] == made["spec"]
    turned = await cluster.update(make.service("a", type="ClusterIP"))
    assert "nodePort" not in turned["spec"]["ports"][0]
    assert turned["spec"]["clusterIP"] == made["spec"]["clusterIP"]
    problem = await refused(cluster.merge("services", "default", "a", {"spec": {"clusterIP": "10.96.9.9", "clusterIPs": None}}))
    assert "may not change once set" in problem.message


async def test_the_default_class_is_given(cluster: Cluster, make: Make) -> None:
    annotations = {"ingressclass.kubernetes.io/is-default-class": "true"}
    meta = {"name": "alb", "annotations": annotations}
    spec = {"controller": "ingress.k8s.aws/alb"}
    await cluster.create({"apiVersion": "networking.k8s.io/v1", "kind": "IngressClass", "metadata": meta, "spec": spec})
    made = await cluster.create(make.ingress("web", ingressClassName=None))
    assert made["spec"]["ingressClassName"] == "alb"
    problem = await refused(cluster.merge("ingressclasses.networking.k8s.io", "", "alb", {"spec": {"controller": "a.b/c"}}))
    assert "field is immutable" in problem.message


@pytest.mark.parametrize(
    ("spec", "line"),
    [
        ({"rules": []}, "spec: Invalid value: []: either `defaultBackend` or `rules` must be specified"),
        ({"rules": [{"host": "1.2.3.4"}]}, 'spec.rules[0].host: Invalid value: "1.2.3.4": must be a DNS name, not an IP address'),
        ({"rules": [{"http": {"paths": []}}]}, "spec.rules[0].http.paths: Required value"),
        ({"defaultBackend": {}}, 'spec.defaultBackend: Invalid value: "": resource or service backend is required'),
        (
            {"defaultBackend": {"service": {"name": "a", "port": {}}}},
            "spec.defaultBackend: Required value: port name or number is required",
        ),
    ],
)
async def test_ingresses_are_judged(cluster: Cluster, make: Make, spec: Obj, line: str) -> None:
    problem = await refused(cluster.create(make.ingress("web", **spec)))
    assert problem.message == f'Ingress.networking.k8s.io "web" is invalid: {line}'
    assert problem.details["causes"][0]["field"] == line.partition(":")[0]


async def test_selectors_of_deployments_are_fixed(cluster: Cluster, make: Make) -> None:
    await cluster.create(make.deployment("web"))
    labels = {"matchLabels": {"app": "other"}}
    patch = {"spec": {"selector": labels, "template": {"metadata": {"labels": {"app": "other"}}}}}
    problem = await refused(cluster.merge("deployments.apps", "default", "web", patch))
    assert problem.message.endswith('spec.selector: Invalid value: {"matchLabels":{"app":"other"}}: field is immutable')


async def test_a_pod_is_fixed_but_for_images(cluster: Cluster, make: Make) -> None:
    await cluster.create(make.pod("a"))
    await cluster.merge("pods", "default", "a", {"spec": {"nodeName": "n"}})
    problem = await refused(cluster.merge("pods", "default", "a", {"spec": {"nodeName": "m"}}))
    assert "pod updates may not change fields other than" in problem.message


async def test_strings_of_secrets_become_data(cluster: Cluster) -> None:
    body = {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "s", "namespace": "default"}, "stringData": {"a": "b"}}
    made = await cluster.create(body)
    assert (made["data"], made["type"]) == ({"a": "Yg=="}, "Opaque")
    assert "stringData" not in made


async def test_some_namespaces_stay(cluster: Cluster) -> None:
    problem = await refused(cluster.delete("namespaces", "", "default"))
    assert (problem.code, problem.message) == (403, 'namespaces "default" is forbidden: this namespace may not be deleted')


@pytest.mark.parametrize(("host", "code"), [("lb-1.elb.example.com", 0), ("127.0.0.1", 422), ("Not_A_Name", 422)])
async def test_a_load_balancer_has_a_host_name(cluster: Cluster, make: Make, host: str, code: int) -> None:
    await cluster.create(make.ingress("web"))
    write = cluster.patch_status("ingresses.networking.k8s.io", "default", "web", {"loadBalancer": {"ingress": [{"hostname": host}]}})
    if code:
        assert (await refused(write)).code == code
    else:
        assert (await write)["metadata"]["generation"] == 1
