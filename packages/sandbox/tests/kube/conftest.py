"""A real API server for kubectl, one a worker; and one in the test's own loop for everything else."""

import json
import os
import pathlib
import subprocess
import sys
import uuid
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field
from typing import Any

import aiohttp
import pytest

from albatross_sandbox.kube import bootstrap, identity
from albatross_sandbox.kube.cluster import Cluster
from albatross_sandbox.kube.server import Server

Obj = dict[str, Any]
PODS = "/api/v1/namespaces/default/pods"
MAPS = "/api/v1/namespaces/default/configmaps"
KUBECTL = pathlib.Path(sys.executable).with_name("kubectl")


@pytest.fixture(scope="session")
def kubeconfig(tmp_path_factory: pytest.TempPathFactory) -> Iterator[pathlib.Path]:
    """The kubeconfig of a child process that serves over TLS, without workload controllers."""
    folder = tmp_path_factory.mktemp("kube")
    config = folder / "config.json"
    config.write_text(json.dumps({"state": str(folder / "state"), "cluster_name": "sandbox", "workloads": False}))
    command = [sys.executable, "-m", "albatross_sandbox.kube", "--config", str(config)]
    with (folder / "log").open("wb") as log:
        child = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=log)
    assert child.stdin
    assert child.stdout
    try:
        ready = json.loads(child.stdout.readline() or b"{}")
        assert ready.get("ready"), (folder / "log").read_text()
        yield pathlib.Path(ready["kubeconfig"])
    finally:
        child.stdin.close()
        assert child.wait(timeout=30) == 0, (folder / "log").read_text()
        child.stdout.close()


@dataclass(frozen=True)
class Kubectl:
    """kubectl in a namespace of its own."""

    environment: dict[str, str]
    namespace: str

    def run(self, *arguments: str, stdin: Obj | list[Obj] | str | None = None) -> subprocess.CompletedProcess[str]:
        """One call, with objects on its standard input."""
        if isinstance(stdin, list):
            stdin = {"apiVersion": "v1", "kind": "List", "items": stdin}
        text = stdin if isinstance(stdin, str) else json.dumps(stdin)
        command = [str(KUBECTL), "--namespace", self.namespace, *arguments]
        return subprocess.run(command, env=self.environment, input=text, capture_output=True, text=True, timeout=60, check=False)

    def __call__(self, *arguments: str, stdin: Obj | list[Obj] | str | None = None) -> str:
        """The output of a call that succeeds."""
        done = self.run(*arguments, stdin=stdin)
        assert done.returncode == 0, f"kubectl {' '.join(arguments)}: {done.stderr}{done.stdout}"
        return done.stdout

    def fails(self, *arguments: str, stdin: Obj | list[Obj] | str | None = None) -> str:
        """What a call says that fails."""
        done = self.run(*arguments, stdin=stdin)
        assert done.returncode != 0, done.stdout
        return done.stderr

    def json(self, *arguments: str, stdin: Obj | list[Obj] | None = None) -> Any:
        """The JSON a call prints."""
        return json.loads(self(*arguments, "-o", "json", stdin=stdin))


@pytest.fixture
def kubectl(kubeconfig: pathlib.Path, tmp_path_factory: pytest.TempPathFactory) -> Kubectl:
    """kubectl in a new namespace."""
    home = tmp_path_factory.getbasetemp()
    environment = {"KUBECONFIG": str(kubeconfig), "HOME": str(home), "PATH": os.environ["PATH"]}
    found = Kubectl(environment, f"t-{uuid.uuid4().hex[:8]}")
    found("create", "namespace", found.namespace)
    return found


@dataclass(frozen=True)
class Api:
    """An API server in this loop, and an HTTP client of it."""

    server: Server
    cluster: Cluster
    session: aiohttp.ClientSession
    opened: list[aiohttp.ClientResponse] = field(default_factory=list)  # watches, closed with the fixture

    async def call(self, method: str, path: str, body: Any = None, **options: Any) -> tuple[int, Any]:
        """Code and decoded answer."""
        headers = {"Content-Type": "application/json", **options.pop("headers", {})}
        data = body if isinstance(body, bytes) or body is None else json.dumps(body)
        async with self.session.request(method, self.cluster.server + path, data=data, headers=headers, **options) as answer:
            text = await answer.read()
            return answer.status, json.loads(text) if "json" in answer.content_type else text.decode()


@pytest.fixture
async def cluster() -> AsyncIterator[Cluster]:
    """A cluster with everything that judges writes, and no network."""
    found = Cluster()
    server = Server(found)
    await bootstrap.fill(found)
    yield found
    await server.admission.close()


@pytest.fixture
async def api() -> AsyncIterator[Api]:
    """An API server over plain HTTP."""
    cluster = Cluster()
    server = Server(cluster)
    token, user = identity.admin("token")
    server.tokens.add(token, user)
    async with server.listen("127.0.0.1", 0, None):
        await bootstrap.fill(cluster)
        async with aiohttp.ClientSession(headers={"Authorization": "Bearer token"}) as session:
            found = Api(server, cluster, session)
            yield found
            for answer in found.opened:
                answer.close()


class Make:
    """Objects to begin with."""

    @staticmethod
    def pod(name: str, namespace: str = "default", **spec: Any) -> Obj:
        """A small pod."""
        inner = {"containers": [{"name": "main", "image": "nginx"}], **spec}
        return {
            "apiVersion": "v1",
            "kind": "Pod",
            "metadata": {"name": name, "namespace": namespace, "labels": {"app": name}},
            "spec": inner,
        }

    @staticmethod
    def config_map(name: str, namespace: str = "default", **data: str) -> Obj:
        """A ConfigMap."""
        return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": name, "namespace": namespace}, "data": data}

    @staticmethod
    def service(name: str, namespace: str = "default", **spec: Any) -> Obj:
        """A Service with one port."""
        inner = {"ports": [{"port": 80}], **spec}
        return {"apiVersion": "v1", "kind": "Service", "metadata": {"name": name, "namespace": namespace}, "spec": inner}

    @staticmethod
    def ingress(name: str, namespace: str = "default", **spec: Any) -> Obj:
        """An Ingress with one rule."""
        backend = {"service": {"name": "web", "port": {"number": 80}}}
        rules = [{"host": "a.example.com", "http": {"paths": [{"path": "/", "pathType": "Prefix", "backend": backend}]}}]
        body = {"ingressClassName": "alb", "rules": rules, **spec}
        return {
            "apiVersion": "networking.k8s.io/v1",
            "kind": "Ingress",
            "metadata": {"name": name, "namespace": namespace},
            "spec": {key: value for key, value in body.items() if value is not None},
        }

    @staticmethod
    def deployment(name: str, namespace: str = "default", **spec: Any) -> Obj:
        """A Deployment of one container."""
        template = {"metadata": {"labels": {"app": name}}, "spec": {"containers": [{"name": "main", "image": "nginx"}]}}
        body = {"replicas": 1, "selector": {"matchLabels": {"app": name}}, "template": template, **spec}
        return {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": name, "namespace": namespace}, "spec": body}

    @staticmethod
    def definition(plural: str, kind: str, group: str) -> Obj:
        """A CustomResourceDefinition with two versions, status, scale, columns and a schema."""
        items = {"type": "object", "required": ["name"], "properties": {"name": {"type": "string"}, "value": {"type": "string"}}}
        spec = {
            "type": "object",
            "required": ["size"],
            "properties": {
                "size": {"type": "integer", "minimum": 1, "maximum": 9},
                "color": {"type": "string", "enum": ["red", "blue"], "default": "red"},
                "port": {"x-kubernetes-int-or-string": True, "anyOf": [{"type": "integer"}, {"type": "string"}]},
                "items": {"type": "array", "x-kubernetes-list-type": "map", "x-kubernetes-list-map-keys": ["name"], "items": items},
                "free": {"type": "object", "x-kubernetes-preserve-unknown-fields": True},
            },
        }
        status = {"type": "object", "x-kubernetes-preserve-unknown-fields": True}
        schema = {"type": "object", "required": ["spec"], "properties": {"spec": spec, "status": status}}
        stored = {
            "name": "v1",
            "served": True,
            "storage": True,
            "schema": {"openAPIV3Schema": schema},
            "subresources": {"status": {}, "scale": {"specReplicasPath": ".spec.size", "statusReplicasPath": ".status.size"}},
            "additionalPrinterColumns": [
                {"name": "Size", "type": "integer", "jsonPath": ".spec.size"},
                {"name": "Ready", "type": "string", "jsonPath": '.status.conditions[?(@.type=="Ready")].status'},
            ],
        }
        old = {"name": "v1beta1", "served": True, "storage": False, "schema": {"openAPIV3Schema": status}}
        names = {"plural": plural, "kind": kind}
        return {
            "apiVersion": "apiextensions.k8s.io/v1",
            "kind": "CustomResourceDefinition",
            "metadata": {"name": f"{plural}.{group}"},
            "spec": {"group": group, "scope": "Namespaced", "names": names, "versions": [old, stored]},
        }


@pytest.fixture
def make() -> type[Make]:
    """The makers of objects."""
    return Make
