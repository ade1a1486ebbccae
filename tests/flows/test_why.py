"""Faults, put into a world by hand: `why` and `doctor` name each of them first, with the fix."""

from __future__ import annotations

import asyncio
import contextlib
import io
import json
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from tests import account
from tests.flows.bed import KEYS, Bed, Controller, backend, deployment, ingress, place, service, until
from tests.role import Role

from albatross.cli import main
from albatross.kube.client import Client
from albatross.kube.config import load
from albatross_sandbox import world

pytestmark = [pytest.mark.flow, pytest.mark.xdist_group("why"), pytest.mark.timeout(180)]

ACCOUNT = "aws-load-balancer-controller"
Object = dict[str, Any]


@dataclass
class Home(Bed):
    """The world of all faults. Its controller is a process; a Deployment with the same identity stands for it in the cluster."""

    async def ask(self, *argv: str) -> tuple[int, Object]:
        """The exit code of `why` or `doctor`, and what it says as JSON."""
        out = io.StringIO()

        def run() -> int:
            with contextlib.redirect_stdout(out):
                return main([*argv, "-o", "json"])

        code = await asyncio.to_thread(run)
        return code, json.loads(out.getvalue())

    async def first(self, name: str, kind: str = "ingress") -> Object:
        """The first cause that `why` finds."""
        code, found = await self.ask("why", kind, f"default/{name}")
        assert code == 1, found
        return dict(found["causes"][0])

    async def named(self, code: str, name: str, kind: str = "ingress") -> Object:
        """The first cause, as soon as it is this one: AWS and the controller need some seconds."""

        async def look() -> Object | None:
            found = await self.first(name, kind)
            return found if found["code"] == code else None

        return dict(await until(look, f"{code} of {kind} {name}", 30))


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Home]:
    with asyncio.Runner() as runner:
        context = world.running()
        found = runner.run(context.__aenter__())
        folder = tmp_path_factory.mktemp("why")
        seat = runner.run(account.seat(found.kubeconfig, ACCOUNT, folder))
        role = Role.made(place(found), ACCOUNT, "dns")
        controller = Controller(found, folder / "log", seat, ACCOUNT, role)
        controller.start("--enable-webhooks=false")
        before = dict(os.environ)
        os.environ.update(found.environment())
        client = Client(load(found.kubeconfig))
        made = Home(found, client, controller, "default")
        runner.run(made.apply(deployment(), service(), *faulty()))
        try:
            yield made
        finally:
            os.environ.clear()
            os.environ.update(before)
            controller.stop()
            runner.run(context.__aexit__(None, None, None))


def faulty() -> Iterator[Object]:
    """The Ingresses that are wrong from the start."""
    yield ingress("good")
    mistyped = ingress("class")
    mistyped["spec"]["ingressClassName"] = "abl"
    yield mistyped
    port = ingress("port")
    port["spec"]["rules"][0]["http"]["paths"][0]["backend"] = backend("web", 8080)
    yield port
    yield ingress("spelt", **{"helthcheck-path": "/ping"})


async def test_a_healthy_one(home: Home) -> None:
    async def healthy() -> Any:
        code, found = await home.ask("why", "ingress", "default/good")
        return found if code == 0 else None

    found = await until(healthy, "the Ingress is healthy", 30)
    assert found["healthy"]
    assert [each["severity"] for each in found["causes"]] == ["note"]


async def test_a_class_that_is_mistyped(home: Home) -> None:
    found = await home.first("class")
    assert found["code"] == "LB601"
    assert 'IngressClass "abl" does not exist' in found["message"]
    assert "alb (ingress.k8s.aws/alb)" in found["message"]
    assert found["commands"] == ["""kubectl patch ingress -n default class --type merge -p '{"spec": {"ingressClassName": "alb"}}'"""]


async def test_a_port_that_the_service_does_not_have(home: Home) -> None:
    found = await home.first("port")
    assert (found["code"], "port 8080" in found["message"]) == ("LB208", True)
    assert '"value": {"number": 80}' in found["commands"][0]


async def test_an_annotation_that_is_misspelt(home: Home) -> None:
    found = await home.named("LB131", "spelt")
    key = "alb.ingress.kubernetes.io/"
    assert found["commands"] == [f"kubectl annotate ingress -n default spelt {key}healthcheck-path=/ping {key}helthcheck-path-"]
