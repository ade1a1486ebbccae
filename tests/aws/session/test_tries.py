"""The tries of calls, as botocore makes them."""

from typing import Any

from albatross.aws.session.throttle import Throttle

Account = Any
LIMIT = "^Describe.*"


async def test_each_try_is_told_and_what_aws_throttled_is_counted(account: Account) -> None:
    tried: list[tuple[str, ...]] = []
    repeated: list[tuple[str, str, int]] = []
    fault = {"service": "elbv2", "operation": "DescribeTargetGroups", "code": "Throttling", "status": 400, "message": "Rate", "times": 1}
    account.control("faults", [fault])
    async with account.session() as session:
        session.tries.throttle = session.throttle = Throttle(clock=session.clock)
        session.tries.tried = lambda *given: tried.append(given[:4])
        session.tries.repeated = lambda *given: repeated.append(given)
        await session.call("elbv2", "DescribeTargetGroups")
        throttled = {each.pattern: each.throttled for each in session.throttle.budgets()}
    assert tried == [("elbv2", "DescribeTargetGroups", "400", "Throttling"), ("elbv2", "DescribeTargetGroups", "200", "")]
    assert repeated == [("elbv2", "DescribeTargetGroups", 1)]
    assert throttled[LIMIT] == 1
