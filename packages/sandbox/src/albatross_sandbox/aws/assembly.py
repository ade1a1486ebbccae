"""An account put together from its parts, seeded and served."""

import asyncio
import json
import uuid
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from aiohttp import web

from albatross_sandbox.aws import child, small
from albatross_sandbox.aws.accounts import Accounts
from albatross_sandbox.aws.clock import Clock
from albatross_sandbox.aws.cloud import Cloud
from albatross_sandbox.aws.control import routes
from albatross_sandbox.aws.elbv2 import Balancing
from albatross_sandbox.aws.front import Endpoint
from albatross_sandbox.aws.iam.authorize import Authorizer
from albatross_sandbox.aws.iam.caller import Callers
from albatross_sandbox.aws.iam.directory import Directory
from albatross_sandbox.aws.iam.issuer import Issuer
from albatross_sandbox.aws.iam.site import Sites
from albatross_sandbox.aws.iam.stored import Stored
from albatross_sandbox.aws.iam.sts import Tokens
from albatross_sandbox.aws.inject import Injector
from albatross_sandbox.aws.journal import Journal
from albatross_sandbox.aws.passage import Passage
from albatross_sandbox.aws.seed import Plan, seed
from albatross_sandbox.aws.store import Store, partition
from albatross_sandbox.aws.throttle import Throttle

ACCOUNT = "123456789012"


async def serve(config: dict[str, Any], process: child.Process, leave: asyncio.Event) -> None:
    """Run the account over its moto process until told to leave; prints the ready line."""
    region = config.get("region", "ap-northeast-2")
    account, name = config.get("account", ACCOUNT), config.get("cluster_name", "sandbox")
    accounts = assemble(account, region, await child.address(process), f"/id/{uuid.uuid5(uuid.NAMESPACE_DNS, name).hex.upper()}")
    endpoint = accounts.of(account)
    sites = Sites(endpoint)
    runner = web.AppRunner(_application(endpoint), access_log=None)
    try:
        plan = Plan(
            region,
            name,
            config.get("cidr", "127.2.0.0/16"),
            config.get("domain", "example.com"),
            Path(config["state"]),
        )
        seeded = await seed(endpoint.cloud, endpoint.passage, plan)
        opened = await sites.open(plan.cluster_name, seeded["nodes"], plan.state)
        endpoint.small.eks.held[plan.cluster_name] = _cluster(endpoint, plan, seeded)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", config.get("port", 0)).start()
        endpoint.store.endpoint = f"http://127.0.0.1:{runner.addresses[0][1]}"
        print(json.dumps({"ready": True, "endpoint": endpoint.store.endpoint, **seeded, **opened}), flush=True)
        await _until(leave, process)
    finally:
        for each in accounts:
            await each.balancing.prober.close()
        await sites.close()
        await runner.cleanup()
        for each in accounts:
            await each.cloud.close()


@dataclass(frozen=True, slots=True)
class Common:
    """What all accounts have in common; `region` is the home Region."""

    region: str
    moto: str
    clock: Clock
    callers: Callers
    issuer: Issuer
    journal: Journal = field(default_factory=Journal)
    injector: Injector = field(default_factory=Injector)


def assemble(account: str, region: str, moto: str, issuer_path: str, clock: Clock | None = None) -> Accounts:
    """The accounts of a fresh sandbox; `account` is the home account."""
    clock = clock or Clock()
    common = Common(region, moto, clock, Callers(account, partition(region), clock), Issuer(clock, issuer_path))
    accounts: Accounts = Accounts(region, lambda number, place: _endpoint(number, place, common, accounts))
    return accounts


def _endpoint(account: str, region: str, common: Common, accounts: Accounts) -> Endpoint:
    store, cloud = Store(account, region, common.clock), Cloud(common.moto, region, account)
    # IAM has no Regions: whoever calls in another one is known by what the home Region has.
    directory = Directory(cloud) if region == common.region else accounts.of(account).directory
    authorizer = Authorizer(store, common.callers, directory, Stored(store, cloud))
    return Endpoint(
        store,
        common.clock,
        cloud,
        Balancing(store, cloud),
        accounts,
        common.callers,
        directory,
        Tokens(store, common.callers, authorizer, common.issuer, lambda number: accounts.of(number).directory),
        Passage(store, cloud, common.callers),
        small.Small(store, cloud),
        Throttle(common.clock),
        authorizer.check,
        common.journal,
        common.injector,
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
        "identity": {"oidc": {"issuer": endpoint.tokens.issuer.url}},
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
