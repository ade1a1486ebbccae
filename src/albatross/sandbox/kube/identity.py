"""Bearer tokens, and whose they are."""

from __future__ import annotations

import secrets

from .options import User
from .store import Store

ANONYMOUS = User("system:anonymous", ("system:unauthenticated",))
_EVERYONE = "system:authenticated"


class Tokens:
    """The tokens of one server. Those of service accounts die with their account."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._users: dict[str, User] = {}

    def add(self, token: str, user: User) -> None:
        """Let a token stand for a user."""
        self._users[token] = user

    def issue(self, namespace: str, name: str, uid: str) -> str:
        """A new token of a service account."""
        token = f"sandbox.{secrets.token_urlsafe(32)}"
        groups = ("system:serviceaccounts", f"system:serviceaccounts:{namespace}", _EVERYONE)
        self._users[token] = User(f"system:serviceaccount:{namespace}:{name}", groups, uid)
        return token

    def user(self, token: str) -> User | None:
        """Whose a token is; None where it is nobody's."""
        found = self._users.get(token)
        if found is None or not found.uid:
            return found
        return found if self._store.by_uid(found.uid) else None


def admin(token: str = "") -> tuple[str, User]:
    """A token of an administrator, and who that is."""
    return token or secrets.token_urlsafe(32), User("kubernetes-admin", ("system:masters", _EVERYONE))
