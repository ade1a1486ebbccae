"""Requests in a loop while Ingresses change: somebody answers each of them."""

import asyncio
import json
import threading
import urllib.error
import urllib.request
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import pytest
from tests.flows.bed import Bed, backend, deployment, ingress, service, until

pytestmark = [pytest.mark.flow, pytest.mark.timeout(180), pytest.mark.xdist_group("flows")]


@dataclass
class Client:
    """Asks one URL all the time, in a thread of its own; `seen` counts (status, app) of the answers."""

    url: str
    host: str
    path: str = "/"
    seen: Counter[tuple[int, str]] = field(default_factory=Counter)
    over: threading.Event = field(default_factory=threading.Event)

    def ask(self) -> tuple[int, str]:
        request = urllib.request.Request(f"{self.url}{self.path}", headers={"Host": self.host})
        try:
            with urllib.request.urlopen(request, timeout=10) as answer:
                return answer.status, str(json.load(answer)["pod"]).split("-")[0]
        except urllib.error.HTTPError as error:
            return error.code, ""
        except OSError:
            return 0, ""

    def run(self) -> None:
        while not self.over.wait(0.01):
            self.seen[self.ask()] += 1

    @asynccontextmanager
    async def asking(self) -> AsyncIterator["Client"]:
        thread = threading.Thread(target=self.run)
        thread.start()
        try:
            yield self
        finally:
            self.over.set()
            await asyncio.to_thread(thread.join)

    async def answered(self, app: str) -> None:
        """Wait until pods of this app answer, and no others."""

        async def look() -> bool:
            return {self.ask() for _ in range(5)} == {(200, app)}

        await until(look, f"{app} answers")


async def url(bed: Bed, port: int = 80) -> str:
    """Where the data plane answers for the load balancer of Ingress `app`."""
    address = await bed.address()

    async def look() -> str:
        found = await asyncio.to_thread(bed.listener, address, port)
        return str(found["url"]) if found else ""

    return str(await until(look, "the listener in the data plane"))


def weighted(**weights: int) -> dict[str, Any]:
    """The Ingress, which forwards to several Services."""
    groups = [{"serviceName": name, "servicePort": 80, "weight": weight} for name, weight in weights.items()]
    found = ingress(actions__both=json.dumps({"type": "forward", "forwardConfig": {"targetGroups": groups}}))
    found["spec"]["rules"][0]["http"]["paths"][0]["backend"] = backend("both", "use-annotation")
    return found


def below(path: str, name: str) -> dict[str, Any]:
    """The Ingress with a path more, in front of the others."""
    found = ingress(service="green")
    paths = found["spec"]["rules"][0]["http"]["paths"]
    paths.insert(0, {"path": path, "pathType": "Prefix", "backend": backend(name)})
    return found


async def deleted(bed: Bed) -> None:
    async def look() -> bool:
        return "DeleteTargetGroup" in bed.writes()

    await until(look, "the old target group is deleted")


async def test_requests_are_answered_while_services_are_switched(bed: Bed) -> None:
    await bed.apply(*(make(name) for name in ("blue", "green") for make in (service, deployment)), ingress(service="blue"))
    where = await url(bed)
    client = Client(where, "app.example.com")
    await client.answered("blue")
    await bed.event("SuccessfullyReconciled")
    bed.remember()
    async with client.asking():
        await bed.apply(ingress(service="green"))
        await client.answered("green")
        waited = await bed.event("Waiting", contains="green:80 has a healthy target")
        await deleted(bed)
    assert set(client.seen) == {(200, "blue"), (200, "green")}, client.seen
    assert waited["type"] == "Normal"
    assert bed.writes() == ["CreateTargetGroup", "ModifyRule", "ModifyRule", "DeleteTargetGroup"]

    # a path that another rule answers until now
    client = Client(where, "app.example.com", "/api")
    bed.remember()
    async with client.asking():
        await bed.apply(below("/api", "blue"))
        await client.answered("blue")
    assert set(client.seen) == {(200, "blue"), (200, "green")}, client.seen
    await bed.quiet()
    assert [each for each in bed.writes() if "Rule" in each] == ["SetRulePriorities", "CreateRule", "ModifyRule"]

    # a weight that moves, and the path that goes
    client = Client(where, "app.example.com")
    async with client.asking():
        await bed.apply(weighted(green=1, blue=1))
        await until(lambda: seen(client, "blue"), "blue answers too")
        await bed.apply(weighted(green=0, blue=1))
        await client.answered("blue")
    assert set(client.seen) == {(200, "blue"), (200, "green")}, client.seen


async def seen(client: Client, app: str) -> bool:
    return (200, app) in client.seen


async def test_requests_are_answered_while_the_load_balancer_is_replaced(bed: Bed) -> None:
    grace = {"albatross.dev/replace-grace-seconds": "4"}
    made = ingress()
    made["metadata"]["annotations"] |= grace
    await bed.apply(service(), deployment(), made)
    client = Client(await url(bed), "app.example.com")
    await client.answered("web")
    await bed.event("SuccessfullyReconciled")
    old = await bed.address()
    bed.remember()

    made = ingress(scheme="internal")
    made["metadata"]["annotations"] |= grace
    async with client.asking():
        await bed.apply(made)

        async def moved() -> bool:
            return await bed.address() != old

        await until(moved, "the status names the successor")
        assert "DeleteLoadBalancer" not in bed.writes()
        client.url = await url(bed)  # as a client does whose DNS follows the status
        await bed.event("AddressChanged", contains=old)
        await until(lambda: written(bed, "DeleteTargetGroup"), "the old one is deleted with its target group")
        await client.answered("web")
    assert set(client.seen) == {(200, "web")}, client.seen
    wanted = [
        "CreateTargetGroup",
        "CreateLoadBalancer",
        "CreateListener",
        "CreateRule",
        "AddTags",
        "DeleteLoadBalancer",
        "DeleteTargetGroup",
    ]
    assert [each for each in bed.writes() if each in wanted] == wanted
    assert len((await bed.get("TargetGroupBinding"))["items"]) == 1
    await bed.quiet()
    assert await asyncio.to_thread(bed.listener, old, 80) is None


async def written(bed: Bed, operation: str) -> bool:
    return operation in bed.writes()
