"""The life of the cluster's shared backend security group: a pass makes it; it is deleted once no stack uses it."""

from collections.abc import Set
from dataclasses import dataclass, field

from albatross.aws.perform import backend
from albatross.aws.perform.security_group import Release
from albatross.aws.session.client import Session
from albatross.frontend.group import Group
from albatross.model.resources.stack import StackId


@dataclass
class BackendUsers:
    """Which stacks use the group, as far as they have been heard since the start. `owed`: its deletion may be due."""

    session: Session
    release: Release | None = None
    users: set[StackId] = field(default_factory=set)
    others: set[StackId] = field(default_factory=set)
    """The stacks that have been heard and do not use it."""
    owed: bool = False

    async def heard(self, group: Group, needed: bool, alive: Set[StackId]) -> None:
        """A stack has been carried out; delete the group if every stack of `alive` has been heard and none uses it. Errors: AwsError."""
        known = group.id in self.users or group.id in self.others
        # one that leaves after a restart may have used it: nobody remembers
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
