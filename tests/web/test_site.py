"""The page over a socket, with a controller in memory."""

import asyncio
import json
from dataclasses import replace
from typing import Any

import aiohttp
import pytest
from structlog.testing import capture_logs
from tests.controller.scripted import AWAY
from tests.web.conftest import APP, Visit, port
from tests.world import CONFIG

from albatross.aws.session.errors import Denied
from albatross.aws.session.throttle import Throttle, rates
from albatross.catalog.settings import Options
from albatross.controller.app import App
from albatross.controller.known import List
from albatross.controller.metrics import Metrics
from albatross.model.target import Registered, Target
from albatross.web.server import page


def known(visit: Visit, *states: str) -> str:
    """The targets as the other loop has read them; returns the target group."""
    (arn,) = [item["TargetGroupArn"] for item in visit.account.made["TargetGroup"]]
    found = tuple(Registered(Target(f"10.0.0.{number}", 8080), state) for number, state in enumerate(states, 1))
    visit.app.targets.known.lists[arn] = List(found, 0)
    return str(arn)


async def model(visit: Visit) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((await visit.get("model.json"))[1])
    return found


async def test_without_a_load_balancer_it_says_what_to_do(visit: Visit) -> None:
    status, text = await visit.get("")
    assert status == 200
    assert "There is no load balancer yet" in text
    assert (await visit.get("favicon.ico"))[0] == 404


async def test_a_group_is_shown_from_its_load_balancer_to_its_pods(visit: Visit) -> None:
    visit.apply()
    slices = {
        "apiVersion": "discovery.k8s.io/v1",
        "kind": "EndpointSlice",
        "metadata": {"namespace": "shop", "name": "web-1", "labels": {"kubernetes.io/service-name": "web"}},
        "addressType": "IPv4",
        "ports": [{"name": "http", "port": 8080}],
        "endpoints": [{"addresses": ["10.0.0.1"], "targetRef": {"kind": "Pod", "namespace": "shop", "name": "web-abc"}}],
    }
    visit.cluster.apply(slices)
    await visit.reconcile()
    known(visit, "healthy", "unhealthy")
    (group,) = (await model(visit))["groups"]
    names = {(node["kind"], node["name"]): node for node in group["nodes"]}
    assert names["target", "web-abc"]["state"] == "healthy"
    assert names["target", "10.0.0.2:8080"]["health"] == "bad"
    assert names["target group", "app-web:80"]["state"] == "1 of 2 healthy"
    status, text = await visit.get("")
    assert "web-abc" in text
    assert "3 to create" not in text
    status, text = await visit.get(f"thing?id={names['target', 'web-abc']['id']}", **{"HX-Request": "true"})
    assert (status, text.startswith("<h3>")) == (200, True)
    card = text.partition('href="#')[2].partition('"')[0]
    assert (await visit.get(f"picture?card={card}"))[1].startswith("<!doctype html>")
    assert "<svg" in (await visit.get(f"picture?card={card}&many=1", **{"HX-Request": "true"}))[1]
    assert (await visit.get("model.dot"))[1].startswith("digraph")


@pytest.mark.parametrize("path", ["thing?id=x", "picture?card=x", "plan?number=9", "plan?number=x", "static/no.js", "static/vendored.json"])
async def test_what_does_not_exist_is_not_found(visit: Visit, path: str) -> None:
    assert (await visit.get(path))[0] == 404


async def test_plans_and_their_operations(visit: Visit) -> None:
    visit.apply()
    await visit.reconcile()
    (plan,) = (await model(visit))["plans"]
    assert (plan["group"], plan["state"]) == ("shop/app", "done")
    assert "to create" in plan["changes"]
    text = (await visit.get("plan?number=1", **{"HX-Request": "true"}))[1]
    assert "create load balancer" in text


async def test_a_plan_that_fails_is_shown_where_it_failed(visit: Visit) -> None:
    visit.account.refuse["CreateListener"] = Denied("elbv2", "CreateListener", "AccessDenied", "not allowed")
    visit.apply()
    await visit.reconcile()
    found = await model(visit)
    (group,) = found["groups"]
    assert group["health"] == "bad"
    assert [node["kind"] for node in group["nodes"] if node["problems"]] == ["listener"]
    assert found["plans"][0]["state"] == "1 failed"
    visit.account.refuse = {"DescribeTargetGroups": AWAY}
    visit.account.inventory.forget()
    await visit.reconcile()
    (group,) = (await model(visit))["groups"]
    assert [each["code"] for node in group["nodes"] for each in node["problems"]] == ["LB520"]


async def test_a_broken_ingress_has_a_card_with_its_problems(visit: Visit) -> None:
    visit.apply({"scheme": "sideways"})
    await visit.reconcile()
    (group,) = (await model(visit))["groups"]
    assert (group["nodes"], group["health"]) == ([], "bad")
    assert "scheme" in (await visit.get(""))[1]


async def test_what_is_deleted_leaves_the_page(visit: Visit) -> None:
    visit.apply()
    await visit.reconcile()
    visit.cluster.mark_deleted("Ingress", "app")
    await visit.reconcile()
    assert (await model(visit))["groups"] == []


async def test_every_answer_has_the_headers(visit: Visit) -> None:
    for path in ("", "nothing", "model.json"):
        async with visit.session.get(visit.url + path) as answer:
            policy = answer.headers["Content-Security-Policy"]
            assert "default-src 'none'" in policy
            assert "frame-ancestors 'none'" in policy
            assert "unsafe" not in policy
            assert answer.headers["X-Content-Type-Options"] == "nosniff"
            assert answer.headers["Referrer-Policy"] == "no-referrer"
            assert answer.headers["Cache-Control"] == "no-store"
    async with visit.session.get(visit.url + "static/htmx.min.js") as answer:
        assert answer.headers["Content-Type"].startswith("text/javascript")
        assert "max-age" in answer.headers["Cache-Control"]


@pytest.mark.parametrize(
    ("host", "status"),
    [
        ("evil.example.com", 403),
        ("localhost:8088", 200),
        ("[::1]:9", 200),
        ("albatross.example.com", 200),
        ("127.0.0.1.evil.com", 403),
        ("[", 403),
    ],
)
async def test_a_name_that_another_site_controls_is_refused(visit: Visit, host: str, status: int) -> None:
    assert (await visit.get("", Host=host))[0] == status


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Sec-Fetch-Site": "cross-site"}, 403),
        ({"Sec-Fetch-Site": "none"}, 403),
        ({"Sec-Fetch-Site": "same-origin"}, 200),
        ({"Origin": "http://evil.example.com"}, 403),
        ({"Origin": "http://localhost:1", "Host": "localhost:1"}, 200),
        ({}, 403),
    ],
)
async def test_a_text_must_come_from_the_page(visit: Visit, headers: dict[str, str], status: int) -> None:
    async with visit.session.post(visit.url + "trial", data={"text": "a: 1"}, headers=headers) as answer:
        assert answer.status == status


async def test_nothing_can_be_changed(visit: Visit) -> None:
    for method in ("PUT", "DELETE", "PATCH", "OPTIONS"):
        async with visit.session.request(method, visit.url) as answer:
            assert answer.status == 405
    async with visit.session.post(visit.url, headers={"Sec-Fetch-Site": "same-origin"}) as answer:
        assert answer.status == 405


async def test_texts_are_limited_in_size_and_number(visit: Visit) -> None:
    assert (await visit.post("x" * 300_000))[0] == 413
    statuses = [(await visit.post("a: 1"))[0] for _ in range(15)]
    assert 429 in statuses


# The stream ------------------------------------------------------------------------------------------------------------


async def message(stream: aiohttp.ClientResponse, contains: str) -> str:
    """The next message with a text."""
    async with asyncio.timeout(20):
        while True:
            text = ""
            while not text.endswith("\n\n"):
                text += (await stream.content.readuntil(b"\n")).decode()
            if contains in text:
                return text


async def test_changes_arrive_by_themselves(visit: Visit) -> None:
    version = (await visit.get(""))[1].partition("events?since=")[2].partition('"')[0]
    async with visit.session.get(f"{visit.url}events?since={version}") as stream:
        assert stream.headers["Content-Type"].startswith("text/event-stream")
        assert "default-src 'none'" in stream.headers["Content-Security-Policy"]
        visit.apply()
        await visit.reconcile()
        first = await message(stream, "afterbegin:#cards")
        assert "shop/app" in first
        known(visit, "healthy")
        await message(stream, "1 of 1 target healthy")
        last = first.partition("id: ")[2].partition("\n")[0]
    async with visit.session.get(f"{visit.url}events", headers={"Last-Event-ID": last}) as stream:
        assert "1 of 1 target healthy" in await message(stream, "shop/app")
    async with visit.session.get(f"{visit.url}events?since=999999") as stream:
        assert 'hx-swap-oob="outerHTML" id="cards"' in await message(stream, "cards")


async def test_a_group_that_did_not_change_is_not_made_again(visit: Visit) -> None:
    visit.apply()
    await visit.reconcile()
    known(visit, "healthy")
    from albatross.web.gather import Gatherer

    gatherer = Gatherer(visit.app)
    first = gatherer.view(gatherer.gather())
    again = gatherer.gather()
    assert again.fresh == []
    assert gatherer.view(again).cards[0] is first.cards[0]
    visit.app.targets.known.lists.clear()
    assert gatherer.gather().fresh == []
    known(visit, "unhealthy")
    assert [id for id, _, _ in gatherer.gather().fresh] == [APP]


async def test_a_replica_that_waits_names_the_leader(visit: Visit) -> None:
    from albatross.kube.lease import Elector

    visit.app._leading = False
    visit.app.elector = Elector(visit.cluster, ("kube-system", "lease"), "me")
    visit.app.elector.holder = "albatross-7_1234"
    text = (await visit.get(""))[1]
    assert "The leader is albatross-7." in text
    assert "port-forward pod/albatross-7 " in text
    visit.app.reflectors[0].synced.clear()
    assert "not listed yet" in (await visit.get(""))[1]


async def test_off_it_costs_nothing_and_a_used_port_stops_only_the_page(visit: Visit) -> None:
    def app(where: str) -> App:
        return App(visit.cluster, visit.account, CONFIG, Options(page_address=where), Metrics())

    off, used = app("0"), app(visit.url.removeprefix("http://").rstrip("/"))
    async with page(off):
        assert not off.groups.teller.passes.on
    with capture_logs() as logs:
        async with page(used):
            assert not used.groups.teller.passes.on
    assert [each["event"] for each in logs] == ["no page"]
    for each in (off, used):
        await each.groups.close()


# The text box ------------------------------------------------------------------------------------------------------------

INGRESS = """
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata:
  name: NAME
  namespace: shop
  annotations: {alb.ingress.kubernetes.io/target-type: ip, alb.ingress.kubernetes.io/scheme: internal}
spec:
  ingressClassName: alb
  rules:
  - host: www.example.com
    http: {paths: [{path: /, pathType: Prefix, backend: {service: {name: SERVICE, port: {number: 80}}}}]}
"""


def manifest(name: str = "app", service: str = "web") -> str:
    return INGRESS.replace("NAME", name).replace("SERVICE", service)


async def test_an_edit_is_compared_with_what_is_in_aws(visit: Visit) -> None:
    visit.apply()
    await visit.reconcile()
    calls = len(visit.account.journal)
    status, text = await visit.post(manifest())
    assert status == 200
    assert "Nothing to do" in text, text
    _, text = await visit.post(manifest().replace("www.", "api."))
    assert "Plan for shop/app: 1 to change" in text, text
    assert "api.example.com" in text
    assert len(visit.account.journal) == calls


async def test_a_broken_ingress_is_explained_with_its_line(visit: Visit) -> None:
    visit.apply()
    _, text = await visit.post(manifest(service="wbe").replace("scheme: internal", "schemee: internal"))
    assert "line 7: " in text
    assert "wbe" in text
    assert "fix" in text
    assert "not YAML" not in text
    _, text = await visit.post("a: [")
    assert "LB191" in text
    _, text = await visit.post("")
    assert "No Ingress and no Service" in text


async def test_a_new_ingress_lists_what_only_aws_knows(visit: Visit) -> None:
    visit.apply()
    _, text = await visit.post(manifest("other"))
    assert "Only AWS knows" in text
    await visit.reconcile()
    _, text = await visit.post(manifest("other"))
    assert "Plan for shop/other" in text, text
    _, text = await visit.post(manifest("other").replace("scheme: internal", "scheme: inside"))
    assert "No plan for shop/other" in text


async def test_aliases_are_refused(visit: Visit) -> None:
    assert "YAML aliases" in (await visit.post("a: &x [1]\nb: [*x, *x]\n"))[1]
    assert "YAML aliases" in (await visit.post("a: &x [1]\nb: *x\nc: [\n"))[1]


async def test_a_large_group_is_left_to_the_command_line(visit: Visit, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("albatross.web.tryout.MEMBERS", 0)
    visit.apply()
    assert "plan --live" in (await visit.post(manifest()))[1]


async def test_a_service_of_the_text_is_used_and_no_secret_of_the_text_is_shown(visit: Visit) -> None:
    visit.apply()
    text = manifest("new", "fresh") + "---\napiVersion: v1\nkind: Service\nmetadata: {name: fresh, namespace: shop}\n"
    text += "spec: {ports: [{port: 80, targetPort: 8080}]}\n---\napiVersion: v1\nkind: Secret\nmetadata: {name: s, namespace: shop}\n"
    found = (await visit.post(text + "stringData: {clientSecret: hush-hush}\n"))[1]
    assert "hush" not in found
    assert "LB208" not in found


# Health ------------------------------------------------------------------------------------------------------------------


async def test_health_is_read_only_if_asked_for(visit: Visit) -> None:
    visit.apply()
    await visit.reconcile()
    arn = known(visit, "initial")
    site_app = visit.app
    site_app.options = replace(site_app.options, page_address=f"127.0.0.1:{port()}", page_health_seconds=0.01)
    for item in visit.account.made["LoadBalancer"]:
        item["State"] = {"Code": "active"}
    visit.account.states[arn] = "healthy"
    async with page(site_app):
        url = f"http://{site_app.options.page_address}/"
        before = visit.account.journal.count("DescribeTargetHealth")
        async with visit.session.get(f"{url}events?since=0") as stream:
            await message(stream, "1 of 1 target healthy")
            visit.account.refuse = dict.fromkeys(("DescribeTargetHealth", "DescribeLoadBalancers"), AWAY)
            await message(stream, "0 of 1 target healthy")
        assert visit.account.journal.count("DescribeTargetHealth") > before


async def test_what_is_not_read_any_more_is_forgotten(visit: Visit) -> None:
    from albatross.web.reader import HealthReader

    reader = HealthReader(visit.app)
    reader.targets["arn:old"] = ()
    reader.states["arn:old"] = "active"
    await reader.read()
    assert (reader.targets, reader.states) == ({}, {})
    reader.targets["arn:old"] = ()
    reader.forget()
    assert reader.targets == {}


async def test_calls_are_counted_and_still_reported(visit: Visit) -> None:
    heard: list[str] = []
    visit.account.throttle = Throttle(rates("EC2:^Describe=1:1"))
    app = App(visit.cluster, visit.account, CONFIG, Options(page_address=f"127.0.0.1:{port()}"), Metrics())
    visit.account.watcher = lambda service, operation, code, seconds: heard.append(operation)
    async with page(app):
        assert visit.account.watcher is not None
        visit.account.watcher("ec2", "DescribeSubnets", "", 0.1)
        async with visit.session.get(f"http://{app.options.page_address}/model.json") as answer:
            call = (await answer.json())["calls"][0]
        assert (call["name"], call["allowed"]) == ("EC2: Describe", 60)
    assert heard == ["DescribeSubnets"]
    await app.groups.close()


async def test_only_so_many_pages_are_open(visit: Visit, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("albatross.web.server.STREAMS", 0)
    assert (await visit.get("events"))[0] == 503


async def test_an_idle_stream_stays_open(visit: Visit, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("albatross.web.server.BEAT_SECONDS", 0.01)
    await visit.get("")
    async with visit.session.get(f"{visit.url}events?since=1") as stream:
        assert ": nothing new" in await message(stream, "nothing new")
