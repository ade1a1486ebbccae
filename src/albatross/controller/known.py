"""The targets of each target group: as last read from AWS, with our own changes since then."""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from albatross.aws.session.client import Session
from albatross.aws.targets import health
from albatross.clock import Clock
from albatross.model.target import Registered, TargetChange
from albatross.planner.readiness import REGISTERING

TRUST_SECONDS = 300.0
"""How long a list is used without reading it again, if nobody says otherwise (the other controller uses it for healthy targets)."""


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
        """Read every target of a group from AWS. A group that this process has just created has none. Errors: AwsError (NotFound: gone)."""
        self.forget(arn)
        registered = () if session.born(arn) else await health.registered(session, arn)
        self.lists[arn] = List(registered, self.clock.now())
        return registered

    def members(self, arn: str) -> tuple[Registered, ...] | None:
        """Every target of a group, if the list is still valid. None: call `look`."""
        found = self.lists.get(arn)
        return found.registered if found and self.clock.now() - found.at < self.seconds else None

    async def change(self, session: Session, arn: str, change: TargetChange) -> None:
        """Register, then deregister; replaced targets are deregistered first. Errors: AwsError; then the group is read again."""
        before, replaced = self.lists.pop(arn, None), change.replaced
        await health.deregister(session, arn, replaced)
        await health.register(session, arn, change.register)
        await health.deregister(session, arn, [each for each in change.deregister if each not in replaced])
        if before:
            self.lists[arn] = replace(before, registered=after(before.registered, change))

    def forget(self, arn: str) -> None:
        """Read the group again next time."""
        self.lists.pop(arn, None)


def after(registered: Iterable[Registered], change: TargetChange) -> tuple[Registered, ...]:
    """The list after a change: new targets are in the initial state, removed targets are draining."""
    touched = {*change.register, *change.deregister}
    new = (Registered(target, "initial", *REGISTERING) for target in change.register)
    old = (Registered(target, "draining") for target in change.deregister)
    return (*(r for r in registered if r.target not in touched), *new, *old)
