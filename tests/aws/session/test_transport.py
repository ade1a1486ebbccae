"""Sessions: identity, faults, retries, and what a missing thing is called."""

import asyncio
from typing import Any

import pytest
from aiohttp import web
from tests.clock import Virtual, settle, until

from albatross.aws.session import errors
from albatross.aws.session.client import Session
from albatross.aws.session.throttle import Rate, Throttle
from albatross.aws.session.transport import Settings, region
from albatross.errors import Fenced
from albatross.model.config import Config

Account = Any
RULE = "arn:aws:elasticloadbalancing:ap-northeast-2:1:listener-rule/app/a/1/2/3"
SILENT = ("AWS_REGION", "AWS_DEFAULT_REGION", "AWS_PROFILE", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN")


@pytest.fixture
def nobody(monkeypatch: pytest.MonkeyPatch, tmp_path: Any) -> None:
    """An environment without identity or region."""
    for name in SILENT:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "none"))
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "none"))


@pytest.mark.usefixtures("nobody")
async def test_no_credentials_says_how_to_give_them(account: Account) -> None:
    settings = Settings(endpoints={"elbv2": account.ready["endpoint"]})
    async with Session(account.config, settings=settings) as session:
        with pytest.raises(errors.IdentityError, match="AWS_ACCESS_KEY_ID"):
            await session.call("elbv2", "DescribeLoadBalancers")


@pytest.mark.usefixtures("nobody")
async def test_a_profile_that_is_not_there_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_PROFILE", "of-my-own")
    with pytest.raises(errors.IdentityError, match=r"of-my-own.*unset AWS_PROFILE"):
        async with Session(Config(cluster_name="c", region="eu-west-1")):
            pass


@pytest.mark.usefixtures("nobody")
@pytest.mark.parametrize("name", ["", "no such region!"])
async def test_no_region_says_how_to_give_one(name: str) -> None:
    with pytest.raises(errors.IdentityError, match="AWS_REGION"):
        async with Session(Config(cluster_name="c", region=name)):
            pass


@pytest.mark.usefixtures("nobody")
def test_the_region_may_come_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-west-1")
    assert region(Config(cluster_name="c")) == "eu-west-1"
    monkeypatch.setenv("AWS_REGION", "eu-west-2")
    assert region(Config(cluster_name="c")) == "eu-west-2"
    assert region(Config(cluster_name="c", region="eu-west-3")) == "eu-west-3"


@pytest.mark.usefixtures("nobody")
async def test_the_endpoint_may_come_from_the_environment(account: Account, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", account.ready["endpoint"])
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "sandbox")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "sandbox")
    async with Session(account.config) as session:
        assert (await session.identity())[0] == "123456789012"
        assert await session.method() == "env"


async def test_a_dead_endpoint_is_unavailable() -> None:
    settings = Settings(
        endpoints={"elbv2": "http://127.0.0.1:9"}, credentials={"aws_access_key_id": "a", "aws_secret_access_key": "b"}, attempts=1
    )
    async with Session(Config(cluster_name="c", region="eu-west-1"), settings=settings) as session:
        with pytest.raises(errors.Unavailable, match=r"elbv2 DescribeLoadBalancers.*127\.0\.0\.1:9"):
            await session.call("elbv2", "DescribeLoadBalancers")


async def test_throttling_is_retried(account: Account) -> None:
    fault = {
        "service": "elbv2",
        "operation": "DescribeTargetGroups",
        "code": "Throttling",
        "status": 400,
        "message": "Rate exceeded",
        "times": 1,
    }
    account.control("faults", [fault])
    async with account.session() as session:
        await session.call("elbv2", "DescribeTargetGroups")


async def test_the_account_never_has_to_throttle_us(account: Account) -> None:
    # Rates so low that the account's own clock, which runs on, adds nothing during the test.
    account.control("limits", {"rates": [{"service": "elbv2", "operation": "^Modify.*", "rate": 0.003, "burst": 5}]})
    limits = [Rate("Elastic Load Balancing v2", "^Modify.*", 0.0025, 5)]
    clock = account.clock()
    try:
        async with account.session(clock=clock) as session:
            session.throttle = Throttle(limits, clock)
            codes = [await _refused(session) for _ in range(12)]
            assert codes == ["RuleNotFound"] * 12
            assert clock.now() == pytest.approx(7 / 0.0025)
    finally:
        account.control("limits", {"rates": []})


async def _refused(session: Session) -> str:
    with pytest.raises(errors.AwsError) as refused:
        await session.call(
            "elbv2", "ModifyRule", RuleArn="arn:aws:elasticloadbalancing:ap-northeast-2:1:listener-rule/app/a/1/2/3", Actions=[]
        )
    return refused.value.code


async def test_a_wrong_parameter_is_ours(account: Account) -> None:
    async with account.session() as session:
        with pytest.raises(errors.Invalid, match="ParamValidation"):
            await session.call("elbv2", "DescribeListeners", LoadBalancerArn=7)


async def test_every_call_is_watched(account: Account) -> None:
    seen: list[tuple[str, str, str]] = []
    async with account.session() as session:
        session.watcher = lambda service, operation, code, seconds: seen.append((service, operation, code))
        await session.call("elbv2", "DescribeLoadBalancers")
        with pytest.raises(errors.NotFound):
            await session.call("elbv2", "DescribeLoadBalancers", Names=["no-such"])
    assert seen == [("elbv2", "DescribeLoadBalancers", ""), ("elbv2", "DescribeLoadBalancers", "LoadBalancerNotFound")]


async def test_every_page_is_read(account: Account) -> None:
    async with account.session() as session:
        for index in range(3):
            given = {"Protocol": "HTTP", "Port": 80, "VpcId": account.ready["vpc_id"], "TargetType": "ip"}
            await session.call("elbv2", "CreateTargetGroup", Name=f"page-{index}", **given)
        found = await session.pages("elbv2", "DescribeTargetGroups", "TargetGroups", PageSize=1)
        assert {f"page-{index}" for index in range(3)} <= {item["TargetGroupName"] for item in found}


async def test_our_version_is_in_the_user_agent(account: Account) -> None:
    async with account.session() as session:
        client = await session._client("elbv2")
        assert "elbv2.k8s.aws/" in client.meta.config.user_agent_extra


async def test_a_lock_lasts_as_long_as_somebody_needs_it() -> None:
    session = Session(Config(cluster_name="c", region="eu-west-1"))
    order: list[str] = []

    async def hold(name: str) -> None:
        async with session.lock("rules"):
            order.append(name)
            await settle()
            order.append(name)

    await asyncio.gather(hold("a"), hold("b"))
    assert order == ["a", "a", "b", "b"]
    for number in range(1000):
        async with session.lock(f"listener {number}"):
            pass
    assert len(session._locks) <= 1


async def test_the_source_of_the_credentials(monkeypatch: pytest.MonkeyPatch) -> None:
    given = Settings(credentials={"aws_access_key_id": "a", "aws_secret_access_key": "b"})
    assert await Session(Config(cluster_name="c", region="eu-west-1"), settings=given).method() == "explicit"
    nothing = Session(Config(cluster_name="c", region="eu-west-1"))
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    assert await nothing.method() == ""
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "x")
    assert await Session(Config(cluster_name="c", region="eu-west-1")).method() == "env"


async def test_a_source_that_fails_is_an_identity_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "x")
    with pytest.raises(errors.IdentityError):
        await Session(Config(cluster_name="c", region="eu-west-1")).method()


async def test_a_write_that_waited_past_the_lease_is_not_sent(account: Account) -> None:
    clock = Virtual()
    async with account.session(clock=clock) as session:
        session.throttle = Throttle([Rate("Elastic Load Balancing v2", "^(Create|Describe).*", 0.1, 1)], clock)
        session.fence.extend(clock.now() + 10)
        given = {"Protocol": "HTTP", "Port": 80, "VpcId": account.ready["vpc_id"], "TargetType": "ip"}
        await session.call("elbv2", "CreateTargetGroup", Name="in-time", **given)
        late = asyncio.create_task(session.call("elbv2", "CreateTargetGroup", Name="too-late", **given))
        await until(lambda: clock.sleeping)
        await clock.advance(10)
        with pytest.raises(Fenced, match="CreateTargetGroup was not sent"):
            await late
        session.throttle = Throttle(clock=clock)
        found = await session.call("elbv2", "DescribeTargetGroups")
        assert {"in-time", "too-late"} & {each["TargetGroupName"] for each in found["TargetGroups"]} == {"in-time"}


async def test_the_next_try_of_a_write_is_not_sent_after_the_lease(account: Account) -> None:
    fault = {"service": "elbv2", "operation": "ModifyRule", "code": "Throttling", "status": 400, "message": "Rate exceeded", "times": 1}
    account.control("faults", [fault])
    async with account.session() as session:
        asked = 0

        def once(**given: Any) -> None:
            """Close the fence after the first try was sent."""
            nonlocal asked
            asked += 1
            if asked == 2:
                session.fence.extend(0)

        client = await session._client("elbv2")
        client.meta.events.register_first("request-created", once)
        with pytest.raises(Fenced, match="ModifyRule"):
            await session.call("elbv2", "ModifyRule", RuleArn=RULE, Actions=[])
        assert asked == 2


@pytest.mark.parametrize(
    ("service", "operation"), [("shield", "GetSubscriptionState"), ("elbv2", "DescribeRules"), ("route53", "ListHostedZones")]
)
async def test_an_answer_that_is_no_text_is_a_failure_of_aws(service: str, operation: str) -> None:
    async def garbage(_: web.Request) -> web.Response:
        return web.Response(body=b"\x00\xff<<<{]", content_type="application/json")

    app = web.Application()
    app.router.add_route("*", "/{path:.*}", garbage)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        url = f"http://127.0.0.1:{runner.addresses[0][1]}"
        settings = Settings(endpoints={service: url}, credentials={"aws_access_key_id": "a", "aws_secret_access_key": "b"}, attempts=1)
        async with Session(Config(cluster_name="c", region="eu-west-1"), settings=settings) as session:
            with pytest.raises(errors.Unavailable):
                await session.call(service, operation)
    finally:
        await runner.cleanup()
