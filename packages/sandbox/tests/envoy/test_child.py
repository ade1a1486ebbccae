"""The data plane as a child process beside a real emulated account."""

import asyncio
import json
import os
import signal
import sys
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import aiohttp
import boto3
import pytest
import pytest_asyncio
from aiohttp import web

Json = dict[str, Any]
REGION = "ap-northeast-2"
pytestmark = pytest.mark.asyncio(loop_scope="module")


async def start(part: str, folder: Path, **config: Any) -> tuple[asyncio.subprocess.Process, Json]:
    file = folder / f"{part}.json"
    file.write_text(json.dumps({"state": str(folder), "region": REGION, "port": 0, **config}))
    child = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        f"albatross_sandbox.{part}",
        "--config",
        str(file),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )
    assert child.stdout is not None
    ready: Json = json.loads(await asyncio.wait_for(child.stdout.readline(), 90))
    return child, ready


async def end(child: asyncio.subprocess.Process) -> int:
    assert child.stdin is not None
    child.stdin.close()
    return await asyncio.wait_for(child.wait(), 30)


class World:
    """An account, its data plane, and what both said when they were ready."""

    def __init__(self, cidr: str, aws: Json, plane: Json) -> None:
        self.cidr, self.aws, self.plane = cidr, aws, plane
        self.elb = self.client("elbv2")

    def client(self, service: str) -> Any:
        keys = {"aws_access_key_id": "sandbox", "aws_secret_access_key": "sandbox"}
        return boto3.client(service, endpoint_url=self.aws["endpoint"], region_name=REGION, **keys)

    async def call(self, operation: str, **arguments: Any) -> Json:
        """One AWS call, in a thread, since boto3 blocks."""
        answer: Json = await asyncio.to_thread(getattr(self.elb, operation), **arguments)
        return answer

    async def status(self) -> Json:
        async with aiohttp.ClientSession() as http, http.get(self.plane["status_url"]) as answer:
            found: Json = await answer.json()
            return found


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def world(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[World]:
    folder = tmp_path_factory.mktemp("world")
    cidr = f"127.{200 + int(os.environ.get('PYTEST_XDIST_WORKER', 'gw0').removeprefix('gw')) % 20}.0.0/16"
    account, aws = await start("aws", folder, cluster_name="sandbox", account="123456789012", cidr=cidr, domain="example.com")
    child, plane = await start("envoy", folder, aws_endpoint=aws["endpoint"], cidr=cidr)
    made = World(cidr, aws, plane)
    # Load balancers made without a security group get the default one, which lets nobody in.
    ec2 = made.client("ec2")
    (group,) = ec2.describe_security_groups(
        Filters=[{"Name": "group-name", "Values": ["default"]}, {"Name": "vpc-id", "Values": [aws["vpc_id"]]}]
    )["SecurityGroups"]
    ec2.authorize_security_group_ingress(GroupId=group["GroupId"], IpProtocol="-1", CidrIp="0.0.0.0/0")
    yield made
    assert (await end(child), await end(account)) == (0, 0)


async def get(url: str, host: str) -> tuple[int, str]:
    """Status and text; status 0 while nobody listens."""
    try:
        async with aiohttp.ClientSession() as http, http.get(url, headers={"Host": host}) as answer:
            return answer.status, await answer.text()
    except aiohttp.ClientConnectionError:
        return 0, ""


async def until(url: str, host: str, wanted: tuple[int, str], seconds: float) -> float:
    """How long it took until the answer was the wanted one."""
    began = time.monotonic()
    while (got := await get(url, host)) != wanted:
        assert time.monotonic() - began < seconds, got
        await asyncio.sleep(0.01)
    return time.monotonic() - began


def fixed(text: str) -> list[Json]:
    return [{"Type": "fixed-response", "FixedResponseConfig": {"StatusCode": "200", "MessageBody": text}}]


async def test_a_load_balancer_made_with_boto3_serves(world: World) -> None:
    async def pod(_: web.Request) -> web.Response:
        return web.Response(text="pod")

    application = web.Application()
    application.router.add_get("/{rest:.*}", pod)
    runner = web.AppRunner(application)
    await runner.setup()
    address = world.cidr.replace(".0.0/16", ".48.21")
    await web.TCPSite(runner, address, 0).start()
    port = runner.addresses[0][1]

    subnets = [each["id"] for each in world.aws["subnets"] if each["public"]]
    balancer = (await world.call("create_load_balancer", Name="web", Subnets=subnets))["LoadBalancers"][0]["LoadBalancerArn"]
    listener = await world.call("create_listener", LoadBalancerArn=balancer, Protocol="HTTP", Port=18080, DefaultActions=fixed("default"))
    arn = listener["Listeners"][0]["ListenerArn"]
    url = f"http://{world.cidr.replace('.0.0/16', '.240.1')}:18080/"
    await until(url, "api.test", (200, "default"), 5)

    group = await world.call("create_target_group", Name="t", Protocol="HTTP", Port=80, VpcId=world.aws["vpc_id"], TargetType="ip")
    targets = group["TargetGroups"][0]["TargetGroupArn"]
    condition = {"Field": "host-header", "HostHeaderConfig": {"Values": ["api.test"]}}
    actions = [{"Type": "forward", "TargetGroupArn": targets}]
    await world.call("create_rule", ListenerArn=arn, Priority=1, Conditions=[condition], Actions=actions)
    await world.call("register_targets", TargetGroupArn=targets, Targets=[{"Id": address, "Port": port}])
    await until(url, "api.test", (200, "pod"), 5)

    await world.call(
        "create_rule",
        ListenerArn=arn,
        Priority=2,
        Conditions=[condition | {"HostHeaderConfig": {"Values": ["b.test"]}}],
        Actions=fixed("b"),
    )
    assert await until(url, "b.test", (200, "b"), 5) < 2

    found = await shown(world, balancer, 1)
    assert found["warnings"] == []
    assert found["listeners"] == [{"port": 18080, "protocol": "HTTP", "url": url.rstrip("/"), "bound_port": 18080, "listens": True}]
    await world.call("delete_load_balancer", LoadBalancerArn=balancer)
    await until(url, "b.test", (0, ""), 5)
    await runner.cleanup()


async def shown(world: World, balancer: str, listeners: int) -> Json:
    """What the status says of a load balancer once it has so many listeners."""
    began = time.monotonic()
    while True:
        for each in (await world.status())["load_balancers"]:
            if each["arn"] == balancer and len(each["listeners"]) == listeners:
                found: Json = each
                return found
        assert time.monotonic() - began < 5
        await asyncio.sleep(0.01)


async def test_certificates_and_trust_stores_are_fetched(world: World) -> None:
    subnets = [each["id"] for each in world.aws["subnets"] if each["public"]]
    balancer = (await world.call("create_load_balancer", Name="tls", Subnets=subnets))["LoadBalancers"][0]["LoadBalancerArn"]
    arn = world.aws["certificates"][0]["arn"]
    acm, s3 = world.client("acm"), world.client("s3")
    authority = (await asyncio.to_thread(acm.get_certificate, CertificateArn=arn))["Certificate"]
    await asyncio.to_thread(s3.create_bucket, Bucket="trust", CreateBucketConfiguration={"LocationConstraint": REGION})
    await asyncio.to_thread(s3.put_object, Bucket="trust", Key="ca.pem", Body=authority.encode())
    store = await world.call("create_trust_store", Name="trust", CaCertificatesBundleS3Bucket="trust", CaCertificatesBundleS3Key="ca.pem")
    secure: Json = {
        "LoadBalancerArn": balancer,
        "Protocol": "HTTPS",
        "Certificates": [{"CertificateArn": arn}],
        "DefaultActions": fixed("secure"),
    }
    await world.call("create_listener", Port=18443, **secure)
    mutual = {"Mode": "verify", "TrustStoreArn": store["TrustStores"][0]["TrustStoreArn"]}
    await world.call("create_listener", Port=18444, MutualAuthentication=mutual, **secure)
    found = await shown(world, balancer, 2)
    assert found["warnings"] == []
    async with aiohttp.ClientSession() as http:
        async with http.get(found["listeners"][0]["url"], ssl=False) as answer:
            assert await answer.text() == "secure"
        with pytest.raises(aiohttp.ClientError):
            await http.get(found["listeners"][1]["url"], ssl=False)
    await world.call("delete_load_balancer", LoadBalancerArn=balancer)


async def test_a_killed_child_leaves_no_envoy(world: World, tmp_path: Path) -> None:
    child, ready = await start("envoy", tmp_path, aws_endpoint=world.aws["endpoint"], cidr=world.cidr)
    child.send_signal(signal.SIGKILL)
    await child.wait()
    began = time.monotonic()
    while Path(f"/proc/{ready['envoy_pid']}/exe").exists():
        assert time.monotonic() - began < 5
        await asyncio.sleep(0.01)
