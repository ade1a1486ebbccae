"""The HTTP face, without kubectl."""

import asyncio
import base64
import json
from typing import Any

import aiohttp
import pytest
from aiohttp import web
from packages.sandbox.tests.kube.conftest import Api, Make

from albatross_sandbox.kube.fault import Fault

Obj = dict[str, Any]
PODS = "/api/v1/namespaces/default/pods"
MAPS = "/api/v1/namespaces/default/configmaps"


class Watch:
    """The events of one watch."""

    def __init__(self, answer: aiohttp.ClientResponse) -> None:
        self._answer = answer

    async def next(self) -> Obj:
        async with asyncio.timeout(20):
            event: Obj = json.loads(await self._answer.content.readline())
        return event

    async def names(self, count: int) -> list[tuple[str, str]]:
        events = [await self.next() for _ in range(count)]
        return [(event["type"], event["object"]["metadata"].get("name", "")) for event in events]


async def watch(api: Api, path: str, **headers: str) -> Watch:
    answer = await api.session.get(api.cluster.server + path, headers=headers)
    api.opened.append(answer)
    return Watch(answer)


async def test_a_watch_from_a_version_has_what_came_after(api: Api, make: Make) -> None:
    await api.cluster.create(make.pod("a"))
    version = api.cluster.store.version
    await api.cluster.create(make.pod("b"))
    events = await watch(api, f"{PODS}?watch=1&resourceVersion={version}")
    await api.cluster.delete("pods", "default", "a")
    assert await events.names(2) == [("ADDED", "b"), ("DELETED", "a")]


async def test_an_expired_version_is_told(api: Api, make: Make) -> None:
    await api.cluster.create(make.pod("a"))
    api.cluster.store.forget()
    event = await (await watch(api, f"{PODS}?watch=1&resourceVersion=1001")).next()
    assert (event["type"], event["object"]["code"], event["object"]["reason"]) == ("ERROR", 410, "Expired")


async def test_a_version_of_another_life_is_expired(api: Api) -> None:
    event = await (await watch(api, f"{PODS}?watch=1&resourceVersion=99999999")).next()
    assert event["object"]["code"] == 410
    code, status = await api.call("GET", f"{PODS}?resourceVersion=99999999")
    assert (code, status["details"]["causes"][0]["reason"]) == (504, "ResourceVersionTooLarge")


async def test_a_selected_watch_sees_objects_come_and_go(api: Api, make: Make) -> None:
    await api.cluster.create(make.pod("a"))
    events = await watch(api, f"{PODS}?watch=1&labelSelector=on%3Dyes&resourceVersion={api.cluster.store.version}")
    for value in ("yes", "no"):
        await api.cluster.merge("pods", "default", "a", {"metadata": {"labels": {"on": value}}})
    assert await events.names(2) == [("ADDED", "a"), ("DELETED", "a")]


async def test_a_list_can_be_watched(api: Api, make: Make) -> None:
    await api.cluster.create(make.pod("a"))
    query = "watch=1&sendInitialEvents=true&allowWatchBookmarks=true&resourceVersionMatch=NotOlderThan&resourceVersion="
    events = await watch(api, f"{PODS}?{query}")
    assert await events.names(1) == [("ADDED", "a")]
    mark = await events.next()
    assert mark["type"] == "BOOKMARK"
    assert mark["object"]["metadata"]["annotations"] == {"k8s.io/initial-events-end": "true"}


async def test_a_watch_ends_in_time_with_a_bookmark(api: Api) -> None:
    async with asyncio.timeout(20):
        async with api.session.get(f"{api.cluster.server}{PODS}?watch=1&timeoutSeconds=1&allowWatchBookmarks=true") as answer:
            lines = (await answer.read()).splitlines()
    assert [json.loads(line)["type"] for line in lines] == ["BOOKMARK"]


async def test_only_the_first_table_of_a_watch_has_a_head(api: Api, make: Make) -> None:
    for name in "ab":
        await api.cluster.create(make.pod(name))
    events = await watch(api, f"{PODS}?watch=1", Accept="application/json;as=Table;v=v1;g=meta.k8s.io,application/json")
    tables = [(await events.next())["object"] for _ in range(2)]
    assert [bool(table["columnDefinitions"]) for table in tables] == [True, False]
    assert tables[1]["rows"][0]["cells"][:3] == ["b", "0/1", "Pending"]


async def test_a_closed_watch_leaves_nothing(api: Api) -> None:
    answer = await api.session.get(f"{api.cluster.server}{PODS}?watch=1")
    assert api.cluster.store.feeds["pods"]
    answer.close()
    for _ in range(2000):
        if not api.cluster.store.feeds["pods"]:
            return
        await asyncio.sleep(0.01)
    pytest.fail("the feed is still open")


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


class Hook:
    """An admission webhook that answers what it is told, and keeps what it was asked."""

    def __init__(self) -> None:
        self.asked: list[Obj] = []
        self.answer: Obj = {"allowed": True}

    async def handle(self, request: web.Request) -> web.Response:
        review = await request.json()
        self.asked.append(review["request"])
        body = {"apiVersion": review["apiVersion"], "kind": "AdmissionReview"}
        return web.json_response({**body, "response": {"uid": review["request"]["uid"], **self.answer}})


async def hooked(api: Api, hook: Hook, kind: str, url: str = "", configuration: str = "h", **more: Any) -> web.AppRunner:
    """Serve a webhook for ConfigMaps, and register it."""
    app = web.Application()
    app.router.add_post("/{path:.*}", hook.handle)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    rule = {"operations": ["CREATE", "DELETE"], "apiGroups": [""], "apiVersions": ["v1"], "resources": ["configmaps"]}
    entry = {
        "name": "a.example.com",
        "clientConfig": {"url": url or f"http://127.0.0.1:{runner.addresses[0][1]}/x"},
        "rules": [rule],
        "sideEffects": "None",
        "admissionReviewVersions": ["v1"],
        **more,
    }
    group = "admissionregistration.k8s.io/v1"
    try:
        await api.cluster.create(
            {"apiVersion": group, "kind": f"{kind}WebhookConfiguration", "metadata": {"name": configuration}, "webhooks": [entry]}
        )
    except Fault:
        await runner.cleanup()
        raise
    return runner


async def test_a_mutating_webhook_changes_what_is_stored(api: Api, make: Make) -> None:
    hook = Hook()
    steps = [{"op": "add", "path": "/data", "value": {"a": "b"}}]
    hook.answer = {"allowed": True, "patchType": "JSONPatch", "patch": base64.b64encode(json.dumps(steps).encode()).decode()}
    runner = await hooked(api, hook, "Mutating")
    _, made = await api.call("POST", MAPS, make.config_map("c"))
    await runner.cleanup()
    assert made["data"] == {"a": "b"}
    request = hook.asked[0]
    assert (request["operation"], request["userInfo"]["username"], request["namespace"]) == ("CREATE", "kubernetes-admin", "default")


async def test_a_validating_webhook_refuses_and_warns(api: Api, make: Make) -> None:
    hook = Hook()
    runner = await hooked(api, hook, "Validating")
    hook.answer = {"allowed": True, "warnings": ["careful"]}
    async with api.session.post(api.cluster.server + MAPS, json=make.config_map("c")) as answer:
        assert answer.headers["Warning"] == '299 - "careful"'
    hook.answer = {"allowed": False, "status": {"message": "no", "code": 422, "reason": "Invalid"}}
    code, status = await api.call("DELETE", f"{MAPS}/c")
    await runner.cleanup()
    assert (code, status["message"]) == (422, 'admission webhook "a.example.com" denied the request: no')


async def test_webhooks_see_what_their_selectors_select(api: Api, make: Make) -> None:
    hook = Hook()
    wanted = {"matchLabels": {"kubernetes.io/metadata.name": "other"}}
    runner = await hooked(api, hook, "Validating", namespaceSelector=wanted)
    await api.call("POST", MAPS, make.config_map("c"))
    await runner.cleanup()
    assert hook.asked == []


@pytest.mark.parametrize(("policy", "code"), [("Fail", 500), ("Ignore", 201)])
async def test_a_silent_webhook_fails_or_is_ignored(api: Api, make: Make, policy: str, code: int) -> None:
    runner = await hooked(api, Hook(), "Validating", url="https://127.0.0.1:1/x", failurePolicy=policy)
    found, status = await api.call("POST", MAPS, make.config_map("c"))
    await runner.cleanup()
    assert found == code
    if code == 500:
        assert status["message"].startswith('Internal error occurred: failed calling webhook "a.example.com": failed to call webhook')


async def test_a_webhook_is_reached_through_its_service(api: Api, make: Make) -> None:
    hook = Hook()
    config = {"service": {"namespace": "default", "name": "hook", "path": "/check", "port": 443}}
    runner = await hooked(api, hook, "Validating", clientConfig=config)
    code, status = await api.call("POST", MAPS, make.config_map("c"))
    assert (code, 'service "hook" not found' in status["message"]) == (500, True)
    api.server.admission.services["default/hook"] = f"http://127.0.0.1:{runner.addresses[0][1]}"
    assert (await api.call("POST", MAPS, make.config_map("c")))[0] == 201
    await runner.cleanup()
    assert len(hook.asked) == 1


def condition(expression: str, name: str = "c") -> Obj:
    return {"matchConditions": [{"name": name, "expression": expression}]}


@pytest.mark.parametrize(
    ("expression", "policy", "code", "asked"),
    [
        ('request.operation == "CREATE" && object.metadata.name == "c"', "Fail", 201, 1),
        ('object.metadata.name != "c"', "Fail", 201, 0),
        ("!has(object.data)", "Fail", 201, 1),
        ("oldObject == null && !('a' in ['b'])", "Fail", 201, 1),
        ("object.nothing == 1", "Fail", 403, 0),
        ("object.nothing == 1", "Ignore", 201, 0),
        ("object.nothing == 1 || true", "Fail", 201, 1),
    ],
)
async def test_match_conditions_decide_what_is_sent(api: Api, make: Make, expression: str, policy: str, code: int, asked: int) -> None:
    hook = Hook()
    runner = await hooked(api, hook, "Validating", failurePolicy=policy, **condition(expression))
    found, _ = await api.call("POST", MAPS, {**make.config_map("c"), "data": None})
    await runner.cleanup()
    assert (found, len(hook.asked)) == (code, asked)


async def test_one_false_condition_outweighs_one_that_fails(api: Api, make: Make) -> None:
    hook = Hook()
    both = [{"name": "a", "expression": "object.nothing == 1"}, {"name": "b", "expression": "false"}]
    runner = await hooked(api, hook, "Validating", matchConditions=both)
    assert (await api.call("POST", MAPS, make.config_map("c")))[0] == 201
    await runner.cleanup()
    assert hook.asked == []


@pytest.mark.parametrize("expression", ["1 +", "authorizer.path('/').check('get').allowed()", ""])
async def test_what_is_no_expression_is_refused_at_once(api: Api, make: Make, expression: str) -> None:
    with pytest.raises(Fault) as caught:
        await hooked(api, Hook(), "Validating", **condition(expression))
    assert caught.value.code == 422


async def test_a_mutating_webhook_is_asked_again_where_another_changed_the_object(api: Api, make: Make) -> None:
    first, second = Hook(), Hook()
    steps = [{"op": "add", "path": "/data", "value": {"a": "b"}}]
    second.answer = {"allowed": True, "patchType": "JSONPatch", "patch": base64.b64encode(json.dumps(steps).encode()).decode()}
    runners = [await hooked(api, first, "Mutating", configuration="a", reinvocationPolicy="IfNeeded")]
    runners.append(await hooked(api, second, "Mutating", configuration="b"))
    await api.call("POST", MAPS, {**make.config_map("c"), "data": None})
    for runner in runners:
        await runner.cleanup()
    assert [bool(each["object"].get("data")) for each in first.asked] == [False, True]
    assert len(second.asked) == 1


EVENTS = "/apis/events.k8s.io/v1/namespaces/default/events"
NEW_EVENT = {
    "apiVersion": "events.k8s.io/v1",
    "kind": "Event",
    "metadata": {"name": "e"},
    "regarding": {"kind": "Pod", "namespace": "default", "name": "p"},
    "note": "a",
    "eventTime": "2026-01-02T03:04:05.000000Z",
    "reportingController": "example.com/c",
    "reportingInstance": "c-1",
    "action": "Do",
    "reason": "Done",
    "type": "Normal",
}
OLD_EVENTS = {"operations": ["CREATE"], "apiGroups": [""], "apiVersions": ["v1"], "resources": ["events"]}


async def test_an_equivalent_rule_sees_the_object_in_its_own_version(api: Api) -> None:
    hook = Hook()
    steps = [{"op": "replace", "path": "/message", "value": "b"}]
    hook.answer = {"allowed": True, "patchType": "JSONPatch", "patch": base64.b64encode(json.dumps(steps).encode()).decode()}
    runner = await hooked(api, hook, "Mutating", rules=[OLD_EVENTS])
    code, made = await api.call("POST", EVENTS, NEW_EVENT)
    await runner.cleanup()
    (asked,) = hook.asked
    assert (code, made["apiVersion"], made["note"]) == (201, "events.k8s.io/v1", "b")
    assert (asked["object"]["apiVersion"], asked["object"]["message"]) == ("v1", "a")
    assert (asked["resource"]["group"], asked["requestResource"]["group"]) == ("", "events.k8s.io")
    assert (asked["kind"]["version"], asked["requestKind"]["group"]) == ("v1", "events.k8s.io")


async def test_an_exact_rule_sees_only_the_version_that_it_names(api: Api) -> None:
    hook = Hook()
    runner = await hooked(api, hook, "Validating", rules=[OLD_EVENTS], matchPolicy="Exact")
    code, _ = await api.call("POST", EVENTS, NEW_EVENT)
    await runner.cleanup()
    assert (code, hook.asked) == (201, [])


async def test_an_answer_to_another_question_is_a_failure(api: Api, make: Make) -> None:
    hook = Hook()
    hook.answer = {"allowed": True, "uid": "other"}
    runner = await hooked(api, hook, "Validating")
    code, status = await api.call("POST", MAPS, make.config_map("c"))
    await runner.cleanup()
    assert (code, "expected response.uid" in status["message"]) == (500, True)
