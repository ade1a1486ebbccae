"""Whose is it? Which member of a group a target group that stands in AWS was made for."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from albatross.model.ident import Ident
from albatross.model.observed import Observed, Owned
from albatross.model.resources.target_group import TargetGroup


@dataclass(frozen=True, slots=True)
class Owners:
    """Every member that a group has or had, and the objects that each mentions today.

    A target group's resource id is `namespace/member-service:port`. Names hold dashes, so by its spelling alone `shop/app-two-web:80` may
    be of Ingress `app` with Service `two-web` or of Ingress `app-two` with Service `web`.
    """

    members: tuple[Ident, ...]
    mentions: Mapping[Ident, frozenset[Ident]]

    def groups(self, observed: Observed) -> Mapping[str, Ident]:
        """The owner by resource id, for each target group that has one."""
        bound = {str(each.resource.target_group): each.resource.service for each in observed.bindings}
        found = {}
        for group in observed.target_groups:
            if owner := self._of(group, bound.get(group.arn)):
                found[group.resource.id] = owner
        return found

    def _of(self, group: Owned[TargetGroup], bound: str | None) -> Ident | None:
        """What holds the target group's targets in the cluster names its Service, which leaves one member at most.

        Without it: the member that mentions the Service; of several, or of none, the one with the longest name, because the fewest other
        names begin with it.
        """
        fit = list(self._candidates(group.resource.id))
        # A binding is written by the controller and names one Service, so it can't be wrong about a target group that is in use.
        for member, service in fit:
            if service == bound:
                return member
        named = [member for member, service in fit if Ident("Service", member.namespace, service) in self.mentions.get(member, ())]
        return max(named or (member for member, _ in fit), key=lambda member: len(member.name), default=None)

    def _candidates(self, id: str) -> Iterator[tuple[Ident, str]]:
        """Members that the id may be of, each with the Service that it would then be for."""
        backend = id.rpartition(":")[0]
        for member in self.members:
            if backend.startswith(f"{member.short}-"):
                yield member, backend.removeprefix(f"{member.short}-")
