"""Rules of RBAC that the cluster does not allow to the controller, as problems with the exact rule to add."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from albatross.catalog.rbac import AccessRule, Feature, snippet
from albatross.model.problem import Origin, Problem
from albatross.model.snapshot import Key

ACCOUNT = re.compile(r"system:serviceaccount:([^:]+):([^:]+)")


@dataclass(frozen=True, slots=True)
class Rights:
    """The rules that the cluster does not allow, each with only its missing part."""

    user: str
    missing: tuple[AccessRule, ...] = ()

    @property
    def lacking(self) -> frozenset[Feature]:
        """The features that are off."""
        return frozenset(rule.feature for rule in self.missing if not rule.required)

    @property
    def needed(self) -> tuple[AccessRule, ...]:
        """The missing rules that the controller cannot work without."""
        return tuple(rule for rule in self.missing if rule.required)


def account(user: str) -> Key | None:
    """The namespace and the name of a ServiceAccount; None for another user."""
    found = ACCOUNT.fullmatch(user)
    return (found[1], found[2]) if found else None


def complaints(rights: Rights) -> Iterator[Problem]:
    """A problem for each missing rule."""
    for rule in rights.missing:
        where = f" {'named ' + ', '.join(rule.names) if rule.names else ''}".rstrip()
        words = {
            "user": rights.user or "the controller",
            "access": f"{', '.join(rule.verbs)} {', '.join(rule.resources)}{where}",
            "role": "ClusterRole" if rule.scope == "cluster" else "Role",
            "rule": snippet(rule),
            **({"reason": rule.why} if rule.required else {"without": rule.without}),
        }
        key = account(rights.user)
        origin = Origin("ServiceAccount", *key) if key else Origin("User", "", rights.user)
        yield Problem("LB710" if rule.required else "LB711", origin, tuple(sorted(words.items())))
