"""The calls of the last minute, by the limits of AWS."""

from tests.clock import Virtual

from albatross.aws.session.throttle import Rate
from albatross.page.view import CallRow
from albatross.web.meter import FRESH_SECONDS, Meter


async def test_calls_are_counted_by_limit_for_a_minute() -> None:
    clock = Virtual()
    meter = Meter(clock)
    assert meter.rows() == ()
    for operation, code in (("DescribeTags", ""), ("DescribeTags", "Throttling"), ("CreateRule", "ValidationError")):
        meter.called("elbv2", operation, code, 0.1)
    meter.called("ec2", "DescribeSubnets", "", 0.1)
    meter.called("route53", "ListHostedZones", "", 0.1)
    meter.called("elbv2", "RegisterTargets", "", 0.1)
    assert meter.rows() == ()
    await clock.advance(FRESH_SECONDS)
    assert meter.rows() == (
        CallRow(name="EC2: other calls", calls=1),
        CallRow(name="Elastic Load Balancing v2: Describe…", calls=2, allowed=3000, throttled=1),
        CallRow(name="Elastic Load Balancing v2: RegisterTargets, DeregisterTargets", calls=1, allowed=240),
        CallRow(name="Elastic Load Balancing v2: other calls", calls=1, failed=1),
        CallRow(name="Route 53: all calls", calls=1, allowed=300),
    )
    await clock.advance(60)
    assert meter.rows() == ()


async def test_the_limits_are_those_of_the_settings() -> None:
    clock = Virtual()
    meter = Meter(clock, (Rate("EC2", "^DescribeSubnets", 2, 5),))
    meter.called("ec2", "DescribeSubnets", "", 0.1)
    assert meter.rows() == (CallRow(name="EC2: DescribeSubnets", calls=1, allowed=120),)
