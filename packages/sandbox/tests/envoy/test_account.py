"""What need not be asked again."""

import pytest

from albatross_sandbox.envoy.account import Memory

PREFIX = "arn:aws:elasticloadbalancing:ap-northeast-2:123456789012:"
BALANCER = f"{PREFIX}loadbalancer/app/web/0123456789abcdef"
LISTENER = f"{PREFIX}listener/app/web/0123456789abcdef/1111"
RULE = f"{PREFIX}listener-rule/app/web/0123456789abcdef/1111/2222"
GROUP = f"{PREFIX}targetgroup/web/0123456789abcdef"


@pytest.mark.parametrize(
    ("arn", "touched", "kept"),
    [
        (BALANCER, "", True),
        (BALANCER, LISTENER, False),
        (BALANCER, RULE, False),
        (LISTENER, RULE, False),
        (LISTENER, GROUP, True),
        (LISTENER, BALANCER.replace("web", "other"), True),
        (GROUP, f'{{"TargetGroupArn": "{GROUP}"}}', False),
        (GROUP, BALANCER, True),
        (GROUP, None, False),
    ],
)
def test_memory(arn: str, touched: str | None, kept: bool) -> None:
    assert (arn in Memory(touched).of({arn: ()})) == kept
