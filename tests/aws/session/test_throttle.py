"""Token buckets on a clock of our own."""

import asyncio

import pytest
from tests.clock import Eager, Virtual, settle

from albatross.aws.session.throttle import RATES, SLOWEST, Rate, RateError, Throttle, rates, shared
from albatross.aws.session.turn import LAZY, NORMAL, URGENT, taking

ELB = "Elastic Load Balancing v2"


async def test_a_burst_is_free_then_the_rate_holds() -> None:
    clock = Eager()
    throttle = Throttle([Rate(ELB, "^Modify", 2, 3)], clock)
    for _ in range(3):
        await throttle.wait(ELB, "ModifyRule")
    assert clock.now() == 0
    for _ in range(4):
        await throttle.wait(ELB, "ModifyRule")
    assert clock.now() == pytest.approx(2.0)


async def test_other_operations_pass() -> None:
    clock = Eager()
    throttle = Throttle([Rate(ELB, "^Modify", 1, 1)], clock)
    for _ in range(5):
        await throttle.wait(ELB, "CreateRule")
        await throttle.wait("EC2", "ModifyVpcAttribute")
    assert clock.now() == 0


def test_naming_a_service_discards_its_own() -> None:
    got = rates("WAFV2:^Get=2:3")
    assert [rate for rate in got if rate.service == "WAFV2"] == [Rate("WAFV2", "^Get", 2.0, 3)]
    assert [rate for rate in got if rate.service == ELB] == [rate for rate in RATES if rate.service == ELB]


def test_a_service_may_have_its_short_name() -> None:
    assert rates("elbv2:^Modify=1:2")[-1] == Rate(ELB, "^Modify", 1.0, 2)


@pytest.mark.parametrize("setting", ["lambda:^A=1:1", "EC2:^A=0:1", "x", "EC2:(=1:1", "EC2:^A=1", "EC2:^A=1.1.1:1"])
def test_a_wrong_setting_is_named(setting: str) -> None:
    with pytest.raises(RateError, match="throttle"):
        rates(setting)


# Who is first -------------------------------------------------------------------------------------------------------


class Waiting:
    """Calls that wait for one bucket with a token a second, and the order in which they may go."""

    def __init__(self) -> None:
        self.clock = Virtual()
        self.throttle = Throttle([Rate(ELB, "Targets$", 1, 1)], self.clock)
        self.went: list[str] = []
        self.tasks: list[asyncio.Task[None]] = []

    async def call(self, lane: str, patience: float = NORMAL) -> asyncio.Task[None]:
        """A call of a lane, as a task that waits."""

        async def work() -> None:
            with taking(lane, patience):
                await self.throttle.wait(ELB, "RegisterTargets")
            self.went.append(lane)

        self.tasks.append(asyncio.create_task(work()))
        await settle()
        return self.tasks[-1]

    async def over(self, seconds: float) -> str:
        await self.clock.advance(seconds)
        await settle()
        return " ".join(self.went)


async def test_a_lane_with_many_calls_does_not_delay_a_lane_with_one() -> None:
    line = Waiting()
    for lane in ("a", "a", "a", "a", "a", "b"):
        await line.call(lane)
    assert await line.over(20) == "a a b a a a"


async def test_an_edit_overtakes_a_build() -> None:
    line = Waiting()
    for lane in ("build", "build", "build"):
        await line.call(lane)
    await line.call("edit", URGENT)
    assert await line.over(20) == "build edit build build"


async def test_what_is_patient_is_not_forgotten() -> None:
    line = Waiting()
    await line.call("first")
    await line.call("removal", LAZY)
    for number in range(60):
        await line.call(f"new-{number}", URGENT)
        await line.over(1)
    assert 25 < line.went.index("removal") < 35
    await line.over(100)


async def test_a_call_that_is_cancelled_takes_no_token() -> None:
    line = Waiting()
    await line.call("a")
    gone = await line.call("b")
    await line.call("c")
    gone.cancel()
    await settle()
    assert await line.over(1) == "a c"


async def test_a_call_takes_what_is_plenty_only() -> None:
    clock = Virtual()
    throttle = Throttle([Rate(ELB, "Targets$", 1, 8)], clock)
    assert throttle.plenty(ELB, "DeregisterTargets")
    for _ in range(3):
        await throttle.wait(ELB, "RegisterTargets")
    assert not throttle.plenty(ELB, "DeregisterTargets")
    assert throttle.plenty(ELB, "DescribeRules")
    await clock.advance(1)
    assert throttle.plenty(ELB, "DeregisterTargets")
    assert not throttle.plenty(ELB, "DeregisterTargets", part=1.0)
    await clock.advance(2)
    assert throttle.plenty(ELB, "DeregisterTargets", part=1.0)


# Less than allowed --------------------------------------------------------------------------------------------------


async def test_after_a_refusal_the_rate_is_halved_and_grows_again() -> None:
    clock = Virtual()
    throttle = Throttle([Rate(ELB, "^Modify", 4, 20)], clock)
    await throttle.wait(ELB, "ModifyRule")
    throttle.refused(ELB, "ModifyRule")
    throttle.refused(ELB, "ModifyListener")  # an answer to a call of the same moment
    assert throttle.part(ELB, "ModifyRule") == 0.5
    waiting = asyncio.create_task(throttle.wait(ELB, "ModifyRule"))
    await clock.advance(0.4)
    assert not waiting.done()
    await clock.advance(0.2)
    assert waiting.done()
    await clock.advance(60)
    await throttle.wait(ELB, "ModifyRule")
    assert throttle.part(ELB, "ModifyRule") == 1.0
    assert throttle.part(ELB, "CreateRule") == 1.0


async def test_the_rate_never_becomes_zero() -> None:
    clock = Virtual()
    throttle = Throttle([Rate(ELB, "^Modify", 4, 20)], clock)
    for _ in range(20):
        throttle.refused(ELB, "ModifyRule")
        await clock.advance(1)
    assert throttle.part(ELB, "ModifyRule") == pytest.approx(SLOWEST, abs=0.02)


def test_a_share_is_a_part_of_each_rate() -> None:
    halved = rates("WAFV2:^Get=2:3", 0.5)
    assert next(rate for rate in halved if rate.pattern == "^Modify.*") == Rate(ELB, "^Modify.*", 1.5, 10)
    assert Rate("WAFV2", "^Get", 2.0, 3) in halved
    assert shared([Rate(ELB, "^Modify", 3, 20)], 0.5) == (Rate(ELB, "^Modify", 1.5, 10),)
    assert shared([Rate(ELB, "^Modify", 3, 20)], 0.01)[0].burst == 1
