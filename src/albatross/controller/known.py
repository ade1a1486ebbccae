"""Which targets each target group holds: as it was last seen, and as we have changed it since."""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from albatross.aws.session.client import Session
from albatross.aws.targets import health
from albatross.clock import Clock
from albatross.model.target import Registered, TargetChange
from albatross.planner.readiness import REGISTERING

TRUST_SECONDS = 300.0
"""How long a list is believed without asking again (the other controller believes healthy targets as long)."""


@dataclass(frozen=True, slots=True)
class List:
    """What a target group held when last seen, and when that was."""

    registered: tuple[Registered, ...]
    at: float


@dataclass
class KnownTargets:
    """The lists by target group. A list says which targets are members; their health must be read from AWS with `look`."""

    clock: Clock = field(default_factory=Clock)
    lists: dict[str, List] = field(default_factory=dict)
    batches: health.Batches = field(default_factory=health.Batches)

    async def look(self, session: Session, arn: str) -> tuple[Registered, ...]:
        """Every target of a group, asked anew. Errors: AwsError (NotFound: there is no such group)."""
        self.forget(arn)
        registered = await health.registered(session, arn)
        self.lists[arn] = List(registered, self.clock.now())
        return registered

    def members(self, arn: str) -> tuple[Registered, ...] | None:
        """Every target of a group as far as it may be believed; None: look."""
        found = self.lists.get(arn)
        return found.registered if found and self.clock.now() - found.at < TRUST_SECONDS else None

    async def change(self, session: Session, arn: str, change: TargetChange) -> None:
        """Register, then deregister. Errors: AwsError, after which the group is looked at anew."""
        before = self.lists.pop(arn, None)
        await self.batches.register(session, arn, change.register)
        await self.batches.deregister(session, arn, change.deregister)
        if before:
            self.lists[arn] = replace(before, registered=after(before.registered, change))

    def forget(self, arn: str) -> None:
        """Look anew next time."""
        self.lists.pop(arn, None)


def after(registered: Iterable[Registered], change: TargetChange) -> tuple[Registered, ...]:
    """The list after a change: what is new is in its initial state, what left is draining."""
    touched = {*change.register, *change.deregister}
    new = (Registered(target, "initial", *REGISTERING) for target in change.register)
    old = (Registered(target, "draining") for target in change.deregister)
    return (*(r for r in registered if r.target not in touched), *new, *old)
