"""Admission webhooks: who is asked, for what, and what an answer does."""

import base64
import json
from typing import Any

import pytest
from aiohttp import web
from packages.sandbox.tests.kube.conftest import MAPS, Api, Make, Obj

from albatross_sandbox.kube.fault import Fault


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
