"""An account put together from its parts, seeded and served."""

import asyncio
import json
from pathlib import Path
from typing import Any

from aiohttp import web

from albatross_sandbox.aws import child, small
from albatross_sandbox.aws.clock import Clock
from albatross_sandbox.aws.cloud import Cloud
from albatross_sandbox.aws.control import routes
from albatross_sandbox.aws.elbv2 import Balancing
from albatross_sandbox.aws.front import Endpoint
from albatross_sandbox.aws.passage import Passage
from albatross_sandbox.aws.principal import Principals
from albatross_sandbox.aws.seed import Plan, seed
from albatross_sandbox.aws.store import Store
from albatross_sandbox.aws.throttle import Throttle

ACCOUNT = "123456789012"


async def serve(config: dict[str, Any], process: child.Process, leave: asyncio.Event) -> None:
    """Run the account over its moto process until told to leave; prints the ready line."""
    region = config.get("region", "ap-northeast-2")
    connection = Cloud(await child.address(process), region)
    endpoint = assemble(config.get("account", ACCOUNT), region, connection)
    runner = web.AppRunner(_application(endpoint), access_log=None)
    try:
        plan = Plan(
            region,
            config.get("cluster_name", "sandbox"),
            config.get("cidr", "127.2.0.0/16"),
            config.get("domain", "example.com"),
            Path(config["state"]),
        )
        seeded = await seed(connection, endpoint.passage, plan)
        endpoint.small.clusters[plan.cluster_name] = _cluster(endpoint, plan, seeded)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", config.get("port", 0)).start()
        endpoint.store.endpoint = f"http://127.0.0.1:{runner.addresses[0][1]}"
        print(json.dumps({"ready": True, "endpoint": endpoint.store.endpoint, **seeded}), flush=True)
        await _until(leave, process)
    finally:
        await endpoint.balancing.prober.close()
        await runner.cleanup()
        await connection.close()


def assemble(account: str, region: str, connection: Cloud) -> Endpoint:
    """The endpoint of a fresh account."""
    clock = Clock()
    store = Store(account, region, clock)
    principals = Principals(account, store.partition)
    return Endpoint(
        store,
        clock,
        connection,
        Balancing(store, connection),
        principals,
        Passage(store, connection, principals),
        small.Small(store, connection),
        Throttle(clock),
    )


def _application(endpoint: Endpoint) -> web.Application:
    application = web.Application(client_max_size=16 * 2**20)
    application.add_routes(routes(endpoint))
    return application


def _cluster(endpoint: Endpoint, plan: Plan, seeded: dict[str, Any]) -> dict[str, Any]:
    """What eks:DescribeCluster says of the world's cluster."""
    store = endpoint.store
    return {
        "name": plan.cluster_name,
        "arn": f"arn:{store.partition}:eks:{plan.region}:{store.account}:cluster/{plan.cluster_name}",
        "createdAt": store.clock.now(),
        "version": "1.37",
        "status": "ACTIVE",
        "resourcesVpcConfig": {
            "subnetIds": [subnet["id"] for subnet in seeded["subnets"]],
            "securityGroupIds": [seeded["security_groups"]["node"]],
            "clusterSecurityGroupId": seeded["security_groups"]["cluster"],
            "vpcId": seeded["vpc_id"],
        },
        "tags": {},
    }


async def _until(leave: asyncio.Event, process: child.Process) -> None:
    """Wait for the word to leave; raises RuntimeError if moto ends first."""
    told, ended = asyncio.ensure_future(leave.wait()), asyncio.ensure_future(process.wait())
    await asyncio.wait((told, ended), return_when=asyncio.FIRST_COMPLETED)
    for wait in (told, ended):
        wait.cancel()
    if not leave.is_set():
        raise RuntimeError(f"moto ended by itself with {process.returncode}")
