"""Finds the owner of an existing target group: the member of the group that it was created for."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from albatross.model.ident import Ident
from albatross.model.observed import Observed, Owned
from albatross.model.resources.target_group import TargetGroup


@dataclass(frozen=True, slots=True)
class Owners:
    """Every current and former member of a group, and the objects that each member mentions now.

    The resource id of a target group is `namespace/member-service:port`. Names can contain hyphens, so `shop/app-two-web:80` can belong to
    Ingress `app` with Service `two-web` or to Ingress `app-two` with Service `web`.
    """

    members: tuple[Ident, ...]
    mentions: Mapping[Ident, frozenset[Ident]]

    def groups(self, observed: Observed) -> Mapping[str, Ident]:
        """The owner of each target group that has one. Keys: the resource ids."""
        bound = {str(each.resource.target_group): each.resource.service for each in observed.bindings}
        found = {}
        for group in observed.target_groups:
            if owner := self._of(group, bound.get(group.arn)):
                found[group.resource.id] = owner
        return found

    def _of(self, group: Owned[TargetGroup], bound: str | None) -> Ident | None:
        """The binding of the target group names its Service, so at most one member fits.

        Without a binding: the member that mentions the Service. If several members or no members do, the one with the longest name,
        because the fewest other names start with it.
        """
        fit = list(self._candidates(group.resource.id))
        # The controller writes the binding, and it names one Service, so it is right for every target group in use.
        for member, service in fit:
            if service == bound:
                return member
        named = [member for member, service in fit if Ident("Service", member.namespace, service) in self.mentions.get(member, ())]
        return max(named or (member for member, _ in fit), key=lambda member: len(member.name), default=None)

    def _candidates(self, id: str) -> Iterator[tuple[Ident, str]]:
        """Members that can own the id, each with the Service that the id then names."""
        backend = id.rpartition(":")[0]
        for member in self.members:
            if backend.startswith(f"{member.short}-"):
                yield member, backend.removeprefix(f"{member.short}-")
