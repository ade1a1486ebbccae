"""Trying again what AWS is only about to grant."""

from collections.abc import Awaitable, Callable
from typing import TypeVar

from albatross.aws.session.errors import AwsError
from albatross.clock import Clock

T = TypeVar("T")


async def again(call: Callable[[], Awaitable[T]], *, on: frozenset[str], clock: Clock, every: float = 2.0, within: float = 20.0) -> T:
    """The call's answer, asked for at once and then `every` seconds while it fails with a code of `on`, for `within` seconds."""
    began = clock.now()
    while True:
        try:
            return await call()
        except AwsError as error:
            if error.code not in on or clock.now() - began + every > within:
                raise
        await clock.sleep(every)


LISTENER_NOT_FOUND = frozenset({"ListenerNotFound"})
"""A listener made a moment ago, not yet known everywhere."""
IN_USE = frozenset({"ResourceInUse"})
"""A listener or rule deleted a moment ago still counts."""
DEPENDENCY = frozenset({"DependencyViolation"})
"""A load balancer's network interfaces go some seconds after it."""
