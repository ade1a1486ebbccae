"""A hand-over, step by step, in a cluster that answers at once."""

import json
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from aiohttp import web
from tests.clock import Eager

from albatross.cli import handover
from albatross.cli.handover import Handover, HandoverError
from albatross.cli.wait import Late
from albatross.install.installation import Installation, Item
from albatross.install.objects import objects
from albatross.kube import apply
from albatross.kube.client import Client
from albatross.kube.config import Access

APPS = "/apis/apps/v1/namespaces/lb/deployments"
CORE = "/api/v1/namespaces/lb"
LISTS = ("deployments", "services", *(each.rpartition("/")[2] for each in handover.HOOKS))
HOOK = f"{handover.HOOKS[1]}/hooks"
LEADING = {"event": "leading", "timestamp": "2030-01-01T00:00:00Z"}
FIRST = {"event": "first pass", "groups": 1, "bindings": 2, "writes": {}, "failed": 0}


def deployment(name: str, replicas: int, image: str = "albatross") -> dict[str, Any]:
    pod = {"metadata": {"labels": {"app": name}}, "spec": {"containers": [{"name": "c", "image": image}]}}
    return {
        "metadata": {"namespace": "lb", "name": name},
        "spec": {"replicas": replicas, "selector": {"matchLabels": {"app": name}}, "template": pod},
    }


@dataclass
class Cluster:
    """Objects by path. Pods follow the replicas of their Deployment; `logs` are lines by the name of the Deployment."""

    objects: dict[str, dict[str, Any]]
    logs: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    state: dict[str, Any] = field(default_factory=dict)
    stubborn: bool = False
    client: Client = field(init=False)
    said: list[str] = field(default_factory=list)

    async def handle(self, request: web.Request) -> web.StreamResponse:
        path, body = request.path, json.loads(await request.text() or "{}")
        if path.endswith("/log"):
            lines = self.logs.get(path.split("/")[-2].rpartition("-")[0])
            return (
                web.Response(text="\n".join(["starting", "[]", *map(json.dumps, lines)])) if lines is not None else web.Response(status=400)
            )
        if path == f"{CORE}/pods":
            return web.json_response({"items": self.pods(request.query["labelSelector"].removeprefix("app="))})
        match request.method:
            case "PATCH":
                merge(self.objects.setdefault(path, {"metadata": {}}), body)
            case "POST":
                path = f"{path}/{body['metadata']['name']}"
                self.objects[path] = body
            case "PUT":
                assert body["metadata"].pop("resourceVersion") == "7"
                self.objects[path] = body
            case "DELETE":
                return web.json_response(self.objects.pop(path))
        if path in self.objects:
            return web.json_response(self.shown(path))
        if path.rpartition("/")[2] not in LISTS:
            return web.json_response({}, status=404)
        below = [each for each in self.objects if each.rpartition("/")[0] in (path, path.replace("/v1/", "/v1/namespaces/lb/"))]
        return web.json_response({"items": [self.shown(each) for each in below]})

    def shown(self, path: str) -> dict[str, Any]:
        found = {**self.objects[path], "metadata": {**self.objects[path]["metadata"], "resourceVersion": "7", "uid": "u"}}
        return found | {"status": {"readyReplicas": found["spec"]["replicas"]}} if path.startswith(APPS) else found

    def pods(self, app: str) -> list[dict[str, Any]]:
        count = 1 if self.stubborn else self.objects[f"{APPS}/{app}"]["spec"]["replicas"]
        status = {"containerStatuses": [{"state": self.state.get(app, {})}]}
        spec = {"containers": [{"name": "c"}]}
        return [
            {"metadata": {"namespace": "lb", "name": f"{app}-{n}", "uid": f"{n}"}, "spec": spec, "status": status} for n in range(count)
        ]

    async def over(self) -> Any:
        scene = await handover.look(self.client, "", "lb/albatross")
        return await Handover(self.client, self.said.append, 30).over(scene)

    async def back(self) -> None:
        scene = await handover.look(self.client, "lb/peer", "lb/albatross")
        await Handover(self.client, self.said.append, 30).back(scene.theirs, scene.ours)

    @property
    def counts(self) -> tuple[int, int]:
        return self.objects[f"{APPS}/peer"]["spec"]["replicas"], self.objects[f"{APPS}/albatross"]["spec"]["replicas"]


def merge(target: dict[str, Any], patch: dict[str, Any]) -> None:
    for key, value in patch.items():
        if isinstance(value, dict):
            merge(target.setdefault(key, {}), value)
        elif value is None:
            target.pop(key, None)
        else:
            target[key] = value


@pytest.fixture
async def cluster() -> AsyncIterator[Cluster]:
    hooks = [{"name": name, "clientConfig": {"service": {"namespace": "lb", "name": "hooks"}}, "failurePolicy": p} for name, p in POLICIES]
    found = Cluster(
        {
            f"{APPS}/peer": deployment("peer", 2, "registry/aws-load-balancer-controller:v3.5.0"),
            f"{APPS}/albatross": deployment("albatross", 1),
            f"{CORE}/services/hooks": {"metadata": {"namespace": "lb", "name": "hooks"}, "spec": {"selector": {"app": "peer"}}},
            f"{CORE}/services/other": {"metadata": {"namespace": "lb", "name": "other"}, "spec": {}},
            HOOK: {"metadata": {"name": "hooks"}, "webhooks": hooks},
            f"{handover.HOOKS[0]}/foreign": {
                "metadata": {"name": "foreign"},
                "webhooks": [{"name": "f", "clientConfig": {"url": "https://f"}}],
            },
        },
        {"albatross": [LEADING, {"event": "operation", "operation": "put Binding shop/web"}, FIRST]},
    )
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", found.handle)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    host, port = runner.addresses[0][:2]
    found.client = Client(Access(server=f"http://{host}:{port}", source="test"), clock=Eager())
    async with found.client:
        yield found
    await runner.cleanup()


POLICIES = (("mpod", "Ignore"), ("vingress", "Fail"))


def policies(cluster: Cluster) -> list[str]:
    return [each["failurePolicy"] for each in cluster.objects[HOOK]["webhooks"]]


def lead(cluster: Cluster, *lines: dict[str, Any]) -> None:
    """Ours was led once before, and leads again when the other one has ended."""
    cluster.logs["albatross"] = [LEADING, {"event": "pass failed", "error": "old"}]
    down = cluster.said.append

    def say(text: str) -> None:
        down(text)
        if text.startswith("waiting"):
            cluster.logs["albatross"] += [{**LEADING, "timestamp": "later"}, *lines]

    cluster.said = type("Said", (list,), {"append": lambda self, text: say(text)})()


async def test_everything_that_takes_part_is_found(cluster: Cluster) -> None:
    scene = await handover.look(cluster.client, "", "lb/albatross")
    assert (list(scene.services), list(scene.hooks)) == ([f"{CORE}/services/hooks"], [HOOK])
    assert scene.failing == ["vingress (hooks)"]
    assert (await handover.look(cluster.client, "", "lb/nothing")).ours == {}


@pytest.mark.parametrize(
    ("named", "said"), [("lb/none", "no Deployment lb/none has an image"), ("", "several Deployments run it: lb/again, lb/peer")]
)
async def test_the_other_controller_must_be_known(cluster: Cluster, named: str, said: str) -> None:
    cluster.objects[f"{APPS}/again"] = deployment("again", 1, "aws-load-balancer-controller")
    with pytest.raises(HandoverError, match=said):
        await handover.look(cluster.client, named, "lb/albatross")


async def test_over_and_back(cluster: Cluster) -> None:
    lead(cluster, FIRST)
    before = json.dumps([cluster.objects[HOOK], cluster.objects[f"{CORE}/services/hooks"]])
    assert (await cluster.over())["groups"] == 1
    assert (cluster.counts, policies(cluster)) == ((0, 1), ["Ignore", "Ignore"])
    assert cluster.objects[f"{APPS}/peer"]["metadata"]["annotations"] == {handover.REPLICAS: "2"}
    cluster.objects.pop(f"{CORE}/services/hooks")  # somebody cleaned up
    await cluster.back()
    assert (cluster.counts, policies(cluster)) == ((2, 0), ["Ignore", "Fail"])
    assert f"{CORE}/configmaps/{handover.SAVED}" not in cluster.objects
    after = [cluster.objects[HOOK], cluster.objects[f"{CORE}/services/hooks"]]
    assert [{key: each[key] for key in ("metadata", "webhooks", "spec") if key in each} for each in after] == json.loads(before)
    await cluster.back()  # again: nothing is left to do
    assert cluster.counts == (2, 0)


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ({"event": "operation", "group": "g", "operation": "create Rule 80:1"}, "group g: create Rule 80:1 was written to AWS"),
        ({"event": "pass failed", "key": "k", "error": "denied"}, "k: denied"),
        ({**FIRST, "writes": {"RegisterTargets": 1}}, "RegisterTargets"),
        ({**FIRST, "failed": 2}, "failed passes: 2"),
        ({"event": "other"}, "not within 30 s: the first pass is over"),
    ],
)
async def test_any_difference_brings_everything_back(cluster: Cluster, line: dict[str, Any], said: str) -> None:
    lead(cluster, line)
    with pytest.raises(HandoverError, match=said) as raised:
        await cluster.over()
    assert "works again" in str(raised.value)
    assert (cluster.counts, policies(cluster)) == ((2, 0), ["Ignore", "Fail"])


async def test_a_pod_that_ends_again_and_again_brings_everything_back(cluster: Cluster) -> None:
    lead(cluster)
    cluster.state["albatross"] = {"waiting": {"reason": "CrashLoopBackOff"}}
    with pytest.raises(HandoverError, match=r"ends again and again; its log ends: .*later"):
        await cluster.over()


async def test_a_pod_without_a_log_has_not_started(cluster: Cluster) -> None:
    cluster.logs.clear()
    with pytest.raises(HandoverError, match="the first pass is over"):
        await cluster.over()


async def test_an_installation_is_a_part_of_it(cluster: Cluster) -> None:
    lead(cluster, FIRST)
    cluster.objects.pop(f"{APPS}/albatross")
    shared = {"metadata": {"namespace": "lb", "name": "hooks"}, "spec": {"selector": {"app": "albatross"}}}
    bodies = [
        {"apiVersion": "v1", "kind": "Service", **shared},
        {"apiVersion": "apps/v1", "kind": "Deployment", **deployment("albatross", 1)},
    ]
    scene = await handover.look(cluster.client, "", "lb/albatross")
    assert scene.ours == {}
    await Handover(cluster.client, cluster.said.append, 30).over(scene, [Item("why", body) for body in bodies])
    assert cluster.counts == (0, 1)
    assert cluster.objects[f"{CORE}/services/hooks"]["spec"]["selector"] == {"app": "albatross"}
    await cluster.back()
    assert cluster.counts == (2, 0)
    assert cluster.objects[f"{CORE}/services/hooks"]["spec"]["selector"] == {"app": "peer"}


def test_every_kind_of_an_installation_has_its_path() -> None:
    given = Installation(cluster_name="c", namespace="lb", parameters={"scheme": "internal"})
    found = {item.kind: apply.path(item.body) for item in objects(given)}
    assert found["CustomResourceDefinition"].startswith("/apis/apiextensions.k8s.io/v1/customresourcedefinitions/")
    assert found["IngressClass"] == "/apis/networking.k8s.io/v1/ingressclasses/alb"
    assert found["IngressClassParams"] == "/apis/elbv2.k8s.aws/v1beta1/ingressclassparams/alb"
    assert found["Role"] == "/apis/rbac.authorization.k8s.io/v1/namespaces/lb/roles/albatross-home"
    assert found["Deployment"] == f"{APPS}/albatross"


async def test_pods_that_do_not_end_stop_the_hand_over(cluster: Cluster) -> None:
    cluster.stubborn = True
    with pytest.raises(Late, match="the pods of lb/albatross end"):
        await cluster.over()
