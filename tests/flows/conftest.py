"""One world for all flows of a worker; one controller and one namespace for each flow."""

import asyncio
import itertools
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from tests import account
from tests.flows.bed import Bed, Controller, place
from tests.role import Role

from albatross.kube.client import Client
from albatross.kube.config import load
from albatross_sandbox import world

_NUMBER = itertools.count(1)


@pytest.fixture(scope="session")
def lived() -> Iterator[world.World]:
    with asyncio.Runner() as runner:
        context = world.running()
        found = runner.run(context.__aenter__())
        yield found
        runner.run(context.__aexit__(None, None, None))


@pytest.fixture
async def bed(lived: world.World, tmp_path: Path, request: pytest.FixtureRequest) -> AsyncIterator[Bed]:
    """A controller with the generated policy; `FEATURES` of the test's module are allowed too."""
    name = f"flow-{next(_NUMBER)}"
    async with Client(load(lived.kubeconfig)) as client:
        seat = await account.seat(lived.kubeconfig, name, tmp_path)
        controller = Controller(
            lived, tmp_path / "controller.log", seat, name, Role.made(place(lived), name, *getattr(request.module, "FEATURES", ()))
        )
        found = Bed(lived, client, controller, name)
        await found.kubectl("create", "namespace", found.namespace)
        found.remember()
        controller.start()
        try:
            yield found
            await _clear(found)
        finally:
            for each in (controller, *found.others):
                each.stop()


async def _clear(bed: Bed) -> None:
    """Leave the account as it was: the next flow counts its calls."""
    if bed.controller.process is None:
        bed.controller.start()
    await bed.kubectl("delete", "ingress,service", "--all", "--timeout=60s")
    await bed.kubectl("delete", "namespace", bed.namespace, "--wait=false")
