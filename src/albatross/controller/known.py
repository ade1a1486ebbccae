"""The targets of each target group: as last read from AWS, with our own changes since then."""

import zlib
from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from albatross.aws.session.client import Session
from albatross.aws.session.effect import judged
from albatross.aws.session.errors import Denied
from albatross.aws.targets import health
from albatross.clock import Clock
from albatross.model.target import Registered, TargetChange
from albatross.planner.readiness import REGISTERING

TRUST_SECONDS = 300.0
"""How long a list is used without reading it again, if nobody says otherwise (the other controller uses it for healthy targets)."""
EARLIEST, LATEST = 0.5, 0.9
"""When something is read again, as parts of the interval (chosen by us)."""


@dataclass(frozen=True, slots=True)
class List:
    """The targets of a target group when they were last read, and the time."""

    registered: tuple[Registered, ...]
    at: float


@dataclass
class KnownTargets:
    """The lists by target group. A list says which targets are members; their health must be read from AWS with `look`."""

    clock: Clock = field(default_factory=Clock)
    lists: dict[str, List] = field(default_factory=dict)
    seconds: float = TRUST_SECONDS

    async def look(self, session: Session, arn: str) -> tuple[Registered, ...]:
        """Read every target of a group from AWS. A new group of ours has none. Errors: AwsError (NotFound: no such group)."""
        self.forget(arn)
        registered = () if session.born(arn) else await health.registered(session, arn)
        self.lists[arn] = List(registered, self.clock.now())
        return registered

    def members(self, arn: str) -> tuple[Registered, ...] | None:
        """Every target of a group, if the list is still valid. None: call `look`."""
        found = self.lists.get(arn)
        return found.registered if found and self.clock.now() - found.at < self.seconds else None

    def old(self, arn: str) -> bool:
        """Whether the list is older than its part of the time for which it is used: then it is read again before it is needed."""
        found = self.lists.get(arn)
        return found is not None and self.clock.now() - found.at >= self.seconds * spread(arn)

    async def change(self, session: Session, arn: str, change: TargetChange) -> None:
        """Register, then deregister; replaced targets are deregistered first.

        Errors: AwsError; then the group is read again, except if AWS denied the first call, which has changed nothing.
        """
        before = self.lists.pop(arn, None)
        try:
            with judged():
                await _perform(session, arn, change)
        except Denied as error:
            if before and error.harmless:
                self.lists[arn] = before
            raise
        if before:
            self.lists[arn] = replace(before, registered=after(before.registered, change))

    def forget(self, arn: str) -> None:
        """Read the group again next time."""
        self.lists.pop(arn, None)


async def _perform(session: Session, arn: str, change: TargetChange) -> None:
    await health.deregister(session, arn, change.replaced)
    await health.register(session, arn, change.register)
    await health.deregister(session, arn, [each for each in change.deregister if each not in change.replaced])


def spread(name: str) -> float:
    """A part of an interval that depends only on the name, so that what began at the same time is not due at the same time."""
    return EARLIEST + (LATEST - EARLIEST) * zlib.crc32(name.encode()) / 2**32


def after(registered: Iterable[Registered], change: TargetChange) -> tuple[Registered, ...]:
    """The list after a change: new targets are in the initial state, removed targets are draining."""
    touched = {*change.register, *change.deregister}
    new = (Registered(target, "initial", *REGISTERING) for target in change.register)
    old = (Registered(target, "draining") for target in change.deregister)
    return (*(r for r in registered if r.target not in touched), *new, *old)
