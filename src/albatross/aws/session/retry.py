"""Repeats calls that AWS will accept within seconds."""

from collections.abc import Awaitable, Callable
from typing import TypeVar

from albatross.aws.session.errors import LAG_SECONDS, AwsError
from albatross.clock import Clock

T = TypeVar("T")


async def again(call: Callable[[], Awaitable[T]], *, on: frozenset[str], clock: Clock, every: float = 2.0, within: float = 20.0) -> T:
    """The answer of the call. The call is repeated after `every` seconds while it fails with a code in `on`, for up to `within` seconds."""
    began = clock.now()
    while True:
        try:
            return await call()
        except AwsError as error:
            if error.code not in on or clock.now() - began + every > within:
                raise
        await clock.sleep(every)


async def known(call: Callable[[], Awaitable[T]], clock: Clock) -> T:
    """The answer of a call about a resource that we have just created: not every part of AWS knows it in the first seconds."""
    return await again(call, on=UNKNOWN_YET, clock=clock, every=1.0, within=LAG_SECONDS)


UNKNOWN_YET = frozenset({"ListenerNotFound", "LoadBalancerNotFound", "TargetGroupNotFound"})
"""Codes for a new resource that this part of AWS does not know yet."""
LISTENER_NOT_FOUND = frozenset({"ListenerNotFound"})
"""AWS does not know a new listener everywhere yet."""
IN_USE = frozenset({"ResourceInUse"})
"""A deleted listener or rule is still in use for a moment."""
DEPENDENCY = frozenset({"DependencyViolation"})
"""The network interfaces of a deleted load balancer exist for some more seconds."""
