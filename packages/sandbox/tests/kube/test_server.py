"""The HTTP face, without kubectl."""

from typing import Any

import aiohttp
import pytest
from packages.sandbox.tests.kube.conftest import MAPS, PODS, Api, Make


async def test_pages_add_up(api: Api, make: Make) -> None:
    for name in "abcde":
        await api.cluster.create(make.pod(name))
    seen, query = [], "limit=2"
    while query:
        _, page = await api.call("GET", f"{PODS}?{query}")
        seen.append([item["metadata"]["name"] for item in page["items"]])
        rest = page["metadata"].get("continue")
        query = f"limit=2&continue={rest}" if rest else ""
    assert seen == [["a", "b"], ["c", "d"], ["e"]]


async def test_an_old_page_expires(api: Api, make: Make) -> None:
    for name in "ab":
        await api.cluster.create(make.pod(name))
    _, page = await api.call("GET", f"{PODS}?limit=1")
    api.cluster.store.put("pods", make.pod("c"))
    api.cluster.store.forget()
    assert (await api.call("GET", f"{PODS}?limit=1&continue={page['metadata']['continue']}"))[0] == 410


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("fieldSelector=metadata.name%3Da", ["a"]),
        ("fieldSelector=spec.nodeName%3D", ["a"]),
        ("fieldSelector=spec.nodeName!%3D", ["b"]),
        ("fieldSelector=status.phase%3DPending,metadata.namespace%3Ddefault", ["a", "b"]),
        ("labelSelector=app%20in%20(b,c)", ["b"]),
        ("labelSelector=!app", []),
    ],
)
async def test_lists_are_selected(api: Api, make: Make, query: str, names: list[str]) -> None:
    await api.cluster.create(make.pod("a"))
    await api.cluster.create(make.pod("b", nodeName="n"))
    _, found = await api.call("GET", f"{PODS}?{query}")
    assert [item["metadata"]["name"] for item in found["items"]] == names


async def test_metadata_alone(api: Api, make: Make) -> None:
    await api.cluster.create(make.pod("a"))
    accept = "application/vnd.kubernetes.protobuf;as=PartialObjectMetadataList,application/json;as=PartialObjectMetadataList;v=v1"
    _, found = await api.call("GET", PODS, headers={"Accept": accept})
    assert found["kind"] == "PartialObjectMetadataList"
    assert set(found["items"][0]) == {"kind", "apiVersion", "metadata"}


async def test_big_lists_are_compressed(api: Api, make: Make) -> None:
    for number in range(3):
        await api.cluster.create(make.config_map(f"c{number}", text="x" * 60_000))
    async with api.session.get(api.cluster.server + MAPS, headers={"Accept-Encoding": "gzip"}) as answer:
        assert answer.headers["Content-Encoding"] == "gzip"
        assert len((await answer.json())["items"]) == 3


async def test_unknown_fields_warn_or_fail(api: Api, make: Make) -> None:
    body = make.config_map("c") | {"bogus": 1}
    async with api.session.post(api.cluster.server + MAPS, json=body) as answer:
        assert answer.headers["Warning"] == '299 - "unknown field \\"bogus\\""'
    code, status = await api.call("POST", f"{MAPS}?fieldValidation=Strict", body | {"metadata": {"name": "d"}})
    assert (code, status["reason"]) == (400, "BadRequest")
    assert status["message"].endswith('strict decoding error: unknown field "bogus"')


async def test_a_wrong_type_is_a_bad_request(api: Api) -> None:
    code, status = await api.call("POST", MAPS, {"metadata": {"name": "c"}, "data": {"a": 1}})
    assert code == 400
    assert "json: cannot unmarshal number into Go struct field ConfigMap.data.a of type string" in status["message"]


async def test_refusals(api: Api, make: Make) -> None:
    await api.cluster.create(make.config_map("c"))
    for method, path, body, code, reason in (
        ("GET", f"{MAPS}/nope", None, 404, "NotFound"),
        ("GET", "/api/v1/nothing", None, 404, "NotFound"),
        ("GET", "/apis/none/v1", None, 404, "NotFound"),
        ("POST", MAPS, make.config_map("c"), 409, "AlreadyExists"),
        ("POST", MAPS, make.pod("c"), 400, "BadRequest"),
        ("POST", "/api/v1/namespaces/none/configmaps", make.config_map("c", "none"), 404, "NotFound"),
        ("PUT", f"{MAPS}/c", make.config_map("d"), 400, "BadRequest"),
        ("PATCH", f"{MAPS}/c", {}, 415, "UnsupportedMediaType"),
        ("POST", MAPS, b"{", 400, "BadRequest"),
        ("DELETE", f"{MAPS}/c", {"preconditions": {"uid": "other"}}, 409, "Conflict"),
        ("GET", f"{PODS}?fieldSelector=spec.foo%3D1", None, 400, "BadRequest"),
    ):
        found, status = await api.call(method, path, body)
        assert (found, status["reason"], status["kind"]) == (code, reason, "Status"), (method, path)


async def test_another_uid_is_a_conflict_in_an_update_and_invalid_in_a_patch(api: Api, make: Make) -> None:
    made = await api.cluster.create(make.config_map("c"))
    stale = {"metadata": {**made["metadata"], "uid": "other"}}
    kind = {"Content-Type": "application/merge-patch+json"}
    assert (await api.call("PUT", f"{MAPS}/c", {**made, **stale}))[0] == 409
    code, status = await api.call("PATCH", f"{MAPS}/c", {"metadata": {"uid": "other"}}, headers=kind)
    assert (code, [cause["field"] for cause in status["details"]["causes"]]) == (422, ["metadata.uid"])


async def test_both_ways_to_name_a_class_must_agree(api: Api) -> None:
    for annotated, code in (("alb", 201), ("nginx", 422)):
        metadata = {"name": f"of-{annotated}", "annotations": {"kubernetes.io/ingress.class": annotated}}
        spec = {"ingressClassName": "alb", "defaultBackend": {"service": {"name": "web", "port": {"number": 80}}}}
        body = {"apiVersion": "networking.k8s.io/v1", "kind": "Ingress", "metadata": metadata, "spec": spec}
        assert (await api.call("POST", "/apis/networking.k8s.io/v1/namespaces/default/ingresses", body))[0] == code


async def test_a_json_patch_can_test(api: Api, make: Make) -> None:
    await api.cluster.create(make.config_map("c", a="1"))
    kind = {"Content-Type": "application/json-patch+json"}
    steps = [{"op": "test", "path": "/data/a", "value": "2"}, {"op": "replace", "path": "/data/a", "value": "3"}]
    assert (await api.call("PATCH", f"{MAPS}/c", steps, headers=kind))[0] == 422
    steps[0]["value"] = "1"
    assert (await api.call("PATCH", f"{MAPS}/c", steps, headers=kind))[1]["data"] == {"a": "3"}


async def test_a_collection_is_deleted_by_selector(api: Api, make: Make) -> None:
    for name in "ab":
        await api.cluster.create(make.pod(name))
    code, _ = await api.call("DELETE", f"{PODS}?labelSelector=app%3Da")
    assert code == 200
    assert [item["metadata"]["name"] for item in api.cluster.list("pods")] == ["b"]


async def test_no_token_no_answer(api: Api) -> None:
    async with aiohttp.ClientSession() as session:
        for path, headers, code in (("/api", {}, 401), ("/api", {"Authorization": "Bearer x"}, 401), ("/readyz", {}, 200)):
            async with session.get(api.cluster.server + path, headers=headers) as answer:
                assert answer.status == code


async def test_a_service_account_may_what_its_roles_say(api: Api, make: Make) -> None:
    await api.cluster.create({"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": "bob", "namespace": "default"}})
    _, made = await api.call("POST", "/api/v1/namespaces/default/serviceaccounts/bob/token", {})
    bearer = {"Authorization": f"Bearer {made['status']['token']}"}
    code, status = await api.call("GET", PODS, headers=bearer)
    assert code == 403
    assert status["message"] == (
        'pods is forbidden: User "system:serviceaccount:default:bob" cannot list resource "pods" in API group "" in the namespace "default"'
    )
    rbac = "rbac.authorization.k8s.io"
    rules = [{"apiGroups": [""], "resources": ["pods"], "verbs": ["list"]}]
    meta = {"name": "reader", "namespace": "default"}
    await api.cluster.create({"apiVersion": f"{rbac}/v1", "kind": "Role", "metadata": meta, "rules": rules})
    subjects = [{"kind": "ServiceAccount", "name": "bob", "namespace": "default"}]
    role = {"apiGroup": rbac, "kind": "Role", "name": "reader"}
    await api.cluster.create({"apiVersion": f"{rbac}/v1", "kind": "RoleBinding", "metadata": meta, "subjects": subjects, "roleRef": role})
    assert (await api.call("GET", PODS, headers=bearer))[0] == 200
    assert (await api.call("GET", "/api/v1/pods", headers=bearer))[0] == 403


async def test_a_rule_with_names_covers_lists_of_a_name_and_applies(api: Api) -> None:
    rbac = "rbac.authorization.k8s.io"
    await api.cluster.create({"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": "bob", "namespace": "default"}})
    _, made = await api.call("POST", "/api/v1/namespaces/default/serviceaccounts/bob/token", {})
    bearer = {"Authorization": f"Bearer {made['status']['token']}"}
    meta = {"name": "one", "namespace": "default"}
    subjects = [{"kind": "ServiceAccount", "name": "bob", "namespace": "default"}]
    bound = {"subjects": subjects, "roleRef": {"apiGroup": rbac, "kind": "Role", "name": "one"}}
    rule = {"apiGroups": [""], "resources": ["configmaps"], "resourceNames": ["a"]}
    role = {"apiVersion": f"{rbac}/v1", "kind": "Role", "metadata": meta}
    await api.cluster.create({**role, "rules": [{**rule, "verbs": ["list", "patch"]}]})
    await api.cluster.create({"apiVersion": f"{rbac}/v1", "kind": "RoleBinding", "metadata": meta, **bound})
    maps = "/api/v1/namespaces/default/configmaps"
    applied = {**bearer, "Content-Type": "application/apply-patch+yaml"}
    config = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "a"}}
    apply = f"{maps}/a?fieldManager=test"
    assert [(await api.call("GET", maps + end, headers=bearer))[0] for end in ("", "?fieldSelector=metadata.name%3Da")] == [403, 200]
    code, status = await api.call("PATCH", apply, config, headers=applied)
    assert code == 403
    assert 'cannot create resource "configmaps"' in status["message"]
    await api.cluster.delete("roles.rbac.authorization.k8s.io", "default", "one")
    await api.cluster.create({**role, "rules": [{**rule, "verbs": ["create", "patch"]}]})
    assert [(await api.call("PATCH", apply, config, headers=applied))[0] for _ in range(2)] == [201, 200]


async def test_tokens_are_reviewed(api: Api) -> None:
    path = "/apis/authentication.k8s.io/v1/tokenreviews"
    _, found = await api.call("POST", path, {"spec": {"token": "token"}})
    assert found["status"]["user"]["username"] == "kubernetes-admin"
    assert found["spec"] == {}
    _, found = await api.call("POST", path, {"spec": {"token": "other"}})
    assert found["status"]["authenticated"] is False


async def test_legacy_discovery_agrees_with_aggregated(api: Api) -> None:
    accept = {"Accept": "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList,application/json"}
    async with api.session.get(f"{api.cluster.server}/apis", headers=accept) as answer:
        assert answer.headers["Content-Type"].endswith("as=APIGroupDiscoveryList")
        new = {item["metadata"]["name"] for item in (await answer.json())["items"]}
    _, old = await api.call("GET", "/apis")
    assert {item["name"] for item in old["groups"]} == new
    _, apps = await api.call("GET", "/apis/apps/v1")
    assert "deployments/scale" in {item["name"] for item in apps["resources"]}


async def test_logs_come_from_the_hook(api: Api, make: Make) -> None:
    async def logs(namespace: str, name: str, query: Any) -> Any:
        yield f"{namespace}/{name} {query['tailLines']}\n".encode()

    await api.cluster.create(make.pod("a"))
    api.cluster.logs = logs
    assert await api.call("GET", f"{PODS}/a/log?tailLines=3") == (200, "default/a 3\n")
