import json
import os
from collections.abc import AsyncIterator, Mapping
from typing import Any

import pytest
from aiohttp import web
from structlog.testing import capture_logs
from tests.aws.scripted import Scripted, fails
from tests.kube.script import Reply, playing

from albatross.aws.session import errors
from albatross.controller import place
from albatross.kube.errors import Unconfigured, Unreachable
from albatross.model.config import Config

CONFIG = Config(cluster_name="c")
NO_METADATA = {"AWS_EC2_METADATA_DISABLED": "true"}


def node(provider: str = "", **labels: str) -> Mapping[str, Any]:
    return {"metadata": {"labels": labels}, "spec": {"providerID": provider}}


@pytest.mark.parametrize(
    ("nodes", "region"),
    [
        ([node("aws:///ap-northeast-2a/i-0123456789abcdef0")], "ap-northeast-2"),
        ([node("aws:///us-gov-west-1b/i-0123456789abcdef0")], "us-gov-west-1"),
        ([node("aws:///us-west-2-lax-1a/i-0123456789abcdef0")], "us-west-2"),
        ([node("aws:///us-east-1a/a/fargate-ip-10-0-0-1"), node(**{place.REGION_LABEL: "eu-west-1"})], "eu-west-1"),
        ([node("kind://docker/kind/kind-control-plane"), node()], ""),
        ([], ""),
    ],
)
async def test_nodes_tell_the_region(nodes: list[Mapping[str, Any]], region: str) -> None:
    assert (await place.region(CONFIG, nodes, NO_METADATA)).region == region


async def test_settings_win_then_the_environment() -> None:
    nodes = [node("aws:///ap-northeast-2a/i-0123456789abcdef0")]
    environment = {**NO_METADATA, "AWS_DEFAULT_REGION": "eu-north-1"}
    assert (await place.region(Config(cluster_name="c", region="sa-east-1"), nodes, environment)).region == "sa-east-1"
    assert (await place.region(CONFIG, nodes, environment)).region == "eu-north-1"


def test_only_instances_are_instances() -> None:
    nodes = [node("aws:///a/i-0123456789abcdef0"), node("eks-hybrid:///r/c/mi-0123456789abcdef0"), node()]
    assert place.instances(nodes) == ["i-0123456789abcdef0"]


# The VPC ---------------------------------------------------------------------------------------------------------------

NODES = [node("aws:///a/i-0123456789abcdef0"), node("aws:///a/i-0123456789abcdef1")]


@pytest.fixture
def no_metadata(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")


def instance(vpc: str) -> dict[str, Any]:
    return {"Reservations": [{"Instances": [{"InstanceId": "i", **({"VpcId": vpc} if vpc else {})}]}]}


async def test_a_vpc_that_is_set_costs_no_call() -> None:
    session = Scripted()
    assert (await place.vpc(session, Config(cluster_name="c", vpc_id="vpc-9"), [], {})).vpc_id == "vpc-9"
    assert session.calls == []


async def test_a_vpc_may_be_named_by_its_tags() -> None:
    session = Scripted(DescribeVpcs=lambda Filters: {"Vpcs": [{"VpcId": "vpc-9"}]})
    assert (await place.vpc(session, CONFIG, [], {"Name": "main", "env": "prod"})).vpc_id == "vpc-9"
    assert session.calls[0][1]["Filters"] == [{"Name": "tag:Name", "Values": ["main"]}, {"Name": "tag:env", "Values": ["prod"]}]


@pytest.mark.parametrize(("found", "said"), [([], "no VPC exists with tags Name=main"), (["a", "b"], "several VPCs exist")])
async def test_tags_must_name_one(found: list[str], said: str) -> None:
    session = Scripted(DescribeVpcs=lambda Filters: {"Vpcs": [{"VpcId": each} for each in found]})
    with pytest.raises(place.Unplaced, match=said):
        await place.vpc(session, CONFIG, [], {"Name": "main"})


async def test_an_instance_tells_the_vpc() -> None:
    session = Scripted(DescribeInstances=lambda Filters: instance("vpc-9"))
    seen = await place.described(session, place.instances(NODES))
    assert (await place.vpc(session, CONFIG, seen, {})).vpc_id == "vpc-9"
    assert [request["Filters"][0]["Name"] for _, request in session.calls] == ["instance-id"]  # ids that do not exist are no error


async def test_without_nodes_no_instance_is_asked_about() -> None:
    assert await place.described(Scripted(), []) == []


async def test_a_missing_permission_is_no_error() -> None:
    def refuse(**request: Any) -> dict[str, Any]:
        raise errors.Denied("ec2", "DescribeInstances", "UnauthorizedOperation", "no")

    with capture_logs() as lines:
        assert await place.described(Scripted(DescribeInstances=refuse), place.instances(NODES)) == []
    assert [line["event"] for line in lines] == ["instances not readable"]


async def test_without_identity_no_instance_is_asked_about() -> None:
    def nobody(**request: Any) -> dict[str, Any]:
        raise errors.IdentityError("no credentials")

    with pytest.raises(errors.IdentityError):
        await place.described(Scripted(DescribeInstances=nobody), place.instances(NODES))


@pytest.mark.usefixtures("no_metadata")
async def test_a_vpc_that_nobody_tells_is_an_error_with_the_ways() -> None:
    with pytest.raises(place.Unplaced, match="--aws-vpc-id"):
        await place.vpc(Scripted(), CONFIG, [{"InstanceId": "i-1"}], {})


# Checks at start -------------------------------------------------------------------------------------------------------

PLACED = Config(cluster_name="c", region="eu-west-1", vpc_id="vpc-9")


@pytest.mark.parametrize(
    ("kind", "code", "said"),
    [
        (errors.NotFound, "InvalidVpcID.NotFound", "VPC vpc-9 is not in region eu-west-1"),
        (errors.Unavailable, "", "AWS cannot be reached in region eu-west-1: no"),
        (errors.Denied, "ExpiredToken", r"AWS refuses the credentials \(ExpiredToken\)"),
    ],
)
async def test_what_cannot_work_is_said_at_start(kind: type[errors.AwsError], code: str, said: str) -> None:
    with pytest.raises(place.Unplaced, match=said):
        await place.check(Scripted(DescribeVpcs=fails(kind, code)), PLACED)


async def test_a_missing_permission_stops_nobody() -> None:
    await place.check(Scripted(DescribeVpcs=fails(errors.Denied, "UnauthorizedOperation")), PLACED)
    await place.check(Scripted(DescribeVpcs=lambda VpcIds: {"Vpcs": []}), Config(cluster_name="c", vpc_id="vpc-9"))


async def test_a_cluster_that_answers_is_enough() -> None:
    async with playing(Reply('{"gitVersion": "v1.34"}'), Reply('{"items": []}')) as script:
        await place.cluster(script.client, CONFIG)
        assert script.asked[1] == {"limit": "1"}


@pytest.mark.parametrize(("status", "said"), [(401, "does not accept the credentials of test"), (403, "may not read Ingresses")])
async def test_a_cluster_that_refuses_us_says_what_to_do(status: int, said: str) -> None:
    async with playing(*[Reply("{}", status=status)] * 2) as script:
        with pytest.raises(Unconfigured, match=said):
            await place.cluster(script.client, CONFIG)


async def test_a_cluster_that_is_away_is_said() -> None:
    async with playing(Reply("<html>")) as script:
        with pytest.raises(Unreachable):
            await place.cluster(script.client, CONFIG)


async def test_nodes_that_may_not_be_read_are_none() -> None:
    async with playing(Reply("{}", status=403), Reply(json.dumps({"items": NODES}))) as script:
        assert await place.nodes(script.client) == []
        assert await place.nodes(script.client) == NODES


# Instance metadata -----------------------------------------------------------------------------------------------------

PATHS = {"placement/region": "eu-west-1", "mac": "0e:00", "network/interfaces/macs/0e:00/vpc-id": "vpc-9"}


@pytest.fixture
async def metadata(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[dict[str, str]]:
    """What the service has by path. With the path `v1` it gives no tokens and accepts none, else it needs one."""
    found = dict(PATHS)

    async def token(request: web.Request) -> web.Response:
        if "v1" in found:
            return web.Response(status=403)
        return web.Response(text="t") if "x-aws-ec2-metadata-token-ttl-seconds" in request.headers else web.Response(status=400)

    async def tell(request: web.Request) -> web.Response:
        if request.headers.get("X-aws-ec2-metadata-token") != (None if "v1" in found else "t"):
            return web.Response(status=401)
        known = request.match_info["path"] in found
        return web.Response(text=found[request.match_info["path"]] + "\n") if known else web.Response(status=404)

    app = web.Application()
    app.add_routes([web.put("/latest/api/token", token), web.get("/latest/meta-data/{path:.*}", tell)])
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    monkeypatch.setenv("AWS_EC2_METADATA_SERVICE_ENDPOINT", "http://{}:{}/".format(*runner.addresses[0][:2]))
    yield found
    await runner.cleanup()


async def test_metadata_tells_what_nothing_else_does(metadata: dict[str, str]) -> None:
    there = {"AWS_EC2_METADATA_SERVICE_ENDPOINT": os.environ["AWS_EC2_METADATA_SERVICE_ENDPOINT"]}
    assert (await place.region(CONFIG, [], there)).region == "eu-west-1"
    assert (await place.vpc(Scripted(), CONFIG, [], {})).vpc_id == "vpc-9"
    metadata["v1"] = ""
    assert (await place.region(CONFIG, [], there)).region == "eu-west-1"
    metadata.clear()
    assert (await place.region(CONFIG, [], there)).region == ""
    with pytest.raises(place.Unplaced):
        await place.vpc(Scripted(), CONFIG, [], {})


async def test_with_a_profile_metadata_is_not_asked(metadata: dict[str, str]) -> None:
    there = {"AWS_EC2_METADATA_SERVICE_ENDPOINT": os.environ["AWS_EC2_METADATA_SERVICE_ENDPOINT"]}
    assert (await place.region(CONFIG, [], {"AWS_PROFILE": "mine", **there})).region == ""


async def test_metadata_that_does_not_answer_is_none() -> None:
    assert await place.metadata("meta-data/mac", {"AWS_EC2_METADATA_SERVICE_ENDPOINT": "http://127.0.0.1:9"}) == ""
