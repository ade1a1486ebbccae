"""Token buckets on a clock of our own."""

import pytest
from tests.clock import Eager

from albatross.aws.session.throttle import RATES, Rate, RateError, Throttle, rates

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
