"""The cluster's shared backend security group: a pass creates it, and it is deleted when no stack uses it."""

from collections.abc import Set
from dataclasses import dataclass, field

from albatross.aws.perform import backend
from albatross.aws.perform.security_group import Release
from albatross.aws.session.client import Session
from albatross.frontend.group import Group
from albatross.model.resources.stack import StackId


@dataclass
class BackendUsers:
    """The stacks that use the group, if they had a pass since the start. `owed`: the group may have to be deleted."""

    session: Session
    release: Release | None = None
    users: set[StackId] = field(default_factory=set)
    others: set[StackId] = field(default_factory=set)
    """The stacks that had a pass and do not use the group."""
    owed: bool = False

    async def heard(self, group: Group, needed: bool, alive: Set[StackId]) -> None:
        """A stack's plan is done; delete the group if every stack in `alive` had a pass and no stack uses the group. Errors: AwsError."""
        known = group.id in self.users or group.id in self.others
        # After a restart we do not know whether a stack with leaving members used the group, so we assume that it did.
        before = group.id in self.users if known else bool(group.leaving)
        self._note(group, needed)
        self.owed = self.owed or (before and not needed)
        if self.owed and not self.users and all(stack in self.others for stack in alive):
            await backend.release(self.session, self.release)
            self.owed = False

    def _note(self, group: Group, needed: bool) -> None:
        self.users.discard(group.id)
        self.others.discard(group.id)
        if group.members:
            (self.users if needed else self.others).add(group.id)
