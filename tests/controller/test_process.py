"""The controller as a process, inside this one: it starts, works, and ends when asked."""

import asyncio
import gc
import os
import signal
import sys
from collections.abc import Iterator
from typing import Any

import pytest
from tests.aws.conftest import KEYS, SERVICES
from tests.clock import until
from tests.kube.wire import Api

from albatross.catalog.settings import Options
from albatross.controller import process
from albatross.controller.app import App
from albatross.errors import AlbatrossError
from albatross.kube import lease
from albatross.model.config import Config

Account = Any
pytestmark = pytest.mark.xdist_group("controller-aws")
PATH = "/apis/networking.k8s.io/v1/namespaces/default/ingresses/app"


@pytest.fixture(autouse=True)
def restored(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Credentials of the emulated account; afterwards the interpreter is as it was."""
    for name, value in KEYS.items():
        monkeypatch.setenv(name.upper(), value)
    before = sys.getswitchinterval()
    yield
    sys.setswitchinterval(before)
    gc.unfreeze()


@pytest.fixture
def apps(monkeypatch: pytest.MonkeyPatch) -> list[App]:
    """The objects that the process makes."""
    found: list[App] = []
    made = App.__post_init__

    def keep(app: App) -> None:
        made(app)
        found.append(app)

    monkeypatch.setattr(App, "__post_init__", keep)
    return found


def options(api: Api, account: Account, **more: Any) -> Options:
    endpoints = dict.fromkeys(SERVICES, account.ready["endpoint"])
    own = {"metrics_address": "0", "health_address": "0", "aws_throttle": "", "leader_election_namespace": "default"}
    return Options(kubeconfig=str(api.running.kubeconfig), aws_endpoints=endpoints, **{**own, **more})


async def held(api: Api) -> bool:
    return bool((await api.client.get(PATH))["metadata"].get("finalizers"))


@pytest.mark.parametrize("elected", [True, False])
async def test_it_works_until_it_is_asked_to_end(api: Api, account: Account, apps: list[App], elected: bool) -> None:
    annotations = {"kubernetes.io/ingress.class": "alb", "alb.ingress.kubernetes.io/scheme": "sideways"}
    backend = {"service": {"name": "web", "port": {"number": 80}}}
    await api.make("Ingress", "app", metadata={"annotations": annotations}, spec={"defaultBackend": backend})
    running = asyncio.create_task(process.run(account.config, options(api, account, leader_election=elected)))
    await until(lambda: running.done() or (apps and apps[0].groups.teller.noted))
    assert not running.done(), running.result()
    assert await held(api)
    assert apps[0].waiting_for == ""
    os.kill(os.getpid(), signal.SIGTERM)
    assert await asyncio.wait_for(running, 20) == 0
    assert apps[0].stopping.is_set()


async def test_asked_twice_it_ends_at_once(api: Api, account: Account, apps: list[App], monkeypatch: pytest.MonkeyPatch) -> None:
    async def stuck(app: App) -> None:
        await asyncio.Event().wait()

    monkeypatch.setattr(App, "stop", stuck)
    running = asyncio.create_task(process.run(account.config, options(api, account, leader_election=False)))
    await until(lambda: running.done() or (apps and apps[0]._leading))
    os.kill(os.getpid(), signal.SIGINT)
    await asyncio.wait([running], timeout=0.05)
    assert not running.done()
    os.kill(os.getpid(), signal.SIGINT)
    assert await asyncio.wait_for(running, 20) == 0


async def test_without_the_lead_it_ends_with_an_error(api: Api, account: Account, monkeypatch: pytest.MonkeyPatch) -> None:
    async def lose(self: lease.Elector, work: object) -> bool:
        return False

    monkeypatch.setattr(lease.Elector, "run", lose)
    assert await asyncio.wait_for(process.run(account.config, options(api, account, aws_throttle="")), 20) == 1


async def test_what_is_wrong_from_the_start_is_an_error_of_ours() -> None:
    with pytest.raises(AlbatrossError):
        await process.run(Config(cluster_name="c"), Options(kubeconfig="/nowhere", metrics_address="0", health_address="0"))
