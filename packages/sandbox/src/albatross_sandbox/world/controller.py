"""Our controller in a world: a client of it like any other, and no part of the sandbox."""

import asyncio

import aiohttp

from albatross_sandbox import guard, module
from albatross_sandbox.world.child import START, Child
from albatross_sandbox.world.part import Facts
from albatross_sandbox.world.state import Trouble

NAME = "controller"
METRICS, HEALTH, PAGE = 8080, 61779, 8088


def host(facts: Facts) -> str:
    """Where it serves metrics and health: the third address of the world, which AWS reserves and no subnet gives out."""
    return str(facts["cidr"]).replace(".0.0/16", ".0.2")


def argv(facts: Facts) -> list[str]:
    """Its command; it knows nothing of the supervisor's pipe, so a guard ends it with the supervisor."""
    run = [*module.argv("albatross"), "run", "--kubeconfig", facts["kube"]["kubeconfig"]]
    run += ["--cluster-name", facts["cluster_name"], "--aws-region", facts["region"], "--aws-vpc-id", facts["aws"]["vpc_id"]]
    run += ["--metrics-bind-addr", f"{host(facts)}:{METRICS}", "--health-probe-bind-addr", f"{host(facts)}:{HEALTH}"]
    run += ["--page-bind-address", f"{host(facts)}:{PAGE}", "--page-health-period", "3s"]
    return guard.argv(run)


def page(facts: Facts) -> str:
    """The URL of its page."""
    return f"http://{host(facts)}:{PAGE}/"


async def ready(child: Child, facts: Facts) -> None:
    """Wait until it has seen the cluster; raises Trouble when it ends or hangs before."""
    url = f"http://{host(facts)}:{HEALTH}/readyz"
    ended = asyncio.create_task(child.wait())
    try:
        async with asyncio.timeout(START), aiohttp.ClientSession() as session:
            while not ended.done() and not await _answers(session, url):
                await asyncio.wait((ended,), timeout=0.05)
    except TimeoutError:
        raise Trouble(f"the controller was not ready within {START:g} seconds\n{child.tail()}") from None
    finally:
        ended.cancel()
    if ended.done() and not ended.cancelled():
        raise Trouble(f"the controller ended with {ended.result()}; its log ends\n{child.tail()}")


async def _answers(session: aiohttp.ClientSession, url: str) -> bool:
    try:
        async with session.get(url) as answer:
            return answer.status == 200
    except (OSError, aiohttp.ClientError):
        return False
