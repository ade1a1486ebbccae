"""One world for all flows of a worker, and a namespace for each flow. Flows share a controller as long as they leave it as it was."""

import asyncio
import itertools
from collections.abc import AsyncIterator, Iterator

import pytest
from tests.flows.bed import Bed, Stage, until

from albatross.catalog.kinds import KINDS
from albatross.kube.client import Client
from albatross.kube.config import load
from albatross_sandbox import world

_NUMBER = itertools.count(1)


@pytest.fixture(scope="session")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    with asyncio.Runner() as runner:
        context = world.running()
        found = Stage(runner.run(context.__aenter__()), tmp_path_factory.mktemp("flows"))
        yield found
        found.clear()
        runner.run(context.__aexit__(None, None, None))


@pytest.fixture
async def bed(stage: Stage, request: pytest.FixtureRequest) -> AsyncIterator[Bed]:
    """A namespace, and a controller with the generated policy; `FEATURES` of the test's module are allowed too."""
    async with Client(load(stage.world.kubeconfig)) as client:
        controller = await stage.controller(getattr(request.module, "FEATURES", ()))
        found = Bed(stage.world, client, controller, f"flow-{next(_NUMBER)}")
        await client.create("/api/v1/namespaces", {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": found.namespace}})
        found.remember()
        try:
            yield found
            await _clear(found)
        except BaseException:
            stage.clear()
            raise
        finally:
            for each in found.others:
                each.stop()


async def _clear(bed: Bed) -> None:
    """Leave the account as it was: the next flow counts its calls."""
    if bed.controller.process is None:
        bed.controller.start()
    for kind in ("Ingress", "Service"):
        for each in (await bed.get(kind))["items"]:
            await bed.client.delete(KINDS[kind].path(bed.namespace, each["metadata"]["name"]))

    async def gone() -> bool:
        return not any([(await bed.get(kind))["items"] for kind in ("Ingress", "Service")])

    await until(gone, f"nothing is left in {bed.namespace}")
    await bed.client.delete(f"/api/v1/namespaces/{bed.namespace}")
