"""Retries on a clock without real pauses."""

import pytest
from tests.clock import Eager

from albatross.aws.session.errors import LAG_SECONDS, AwsError, Busy
from albatross.aws.session.retry import IN_USE, again, known


class Call:
    """Fails this many times with a code, then answers."""

    def __init__(self, times: float, code: str = "ResourceInUse") -> None:
        self.times, self.code, self.tried = times, code, 0

    async def __call__(self) -> int:
        self.tried += 1
        if self.tried <= self.times:
            raise Busy("elbv2", "DeleteTargetGroup", self.code, "no")
        return self.tried


async def test_it_is_tried_until_it_is_granted() -> None:
    clock = Eager()
    assert await again(Call(3), on=IN_USE, clock=clock) == 4
    assert clock.now() == 6


async def test_not_for_longer_than_allowed() -> None:
    clock, call = Eager(), Call(float("inf"))
    with pytest.raises(AwsError):
        await again(call, on=IN_USE, clock=clock, every=2, within=20)
    assert clock.now() == 20
    assert call.tried == 11


async def test_other_errors_are_passed_on_at_once() -> None:
    call = Call(1, "TargetGroupNotFound")
    with pytest.raises(Busy):
        await again(call, on=IN_USE, clock=Eager())
    assert call.tried == 1


@pytest.mark.parametrize("code", ["TargetGroupNotFound", "LoadBalancerNotFound", "ListenerNotFound"])
async def test_a_new_resource_is_known_some_seconds_later(code: str) -> None:
    clock = Eager()
    began = clock.now()
    assert await known(Call(3, code), clock) == 4
    assert clock.now() - began == 3
    with pytest.raises(AwsError):
        await known(Call(float("inf"), code), clock)
    assert clock.now() - began <= 3 + LAG_SECONDS
