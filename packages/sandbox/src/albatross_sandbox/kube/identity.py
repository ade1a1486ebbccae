"""Bearer tokens, and whose they are."""

import dataclasses
import secrets
import uuid

from albatross_sandbox.kube.options import User
from albatross_sandbox.kube.store import Store

ANONYMOUS = User("system:anonymous", ("system:unauthenticated",))
ADMINISTRATOR = User("kubernetes-admin", ("system:masters", "system:authenticated"))
_EVERYONE = "system:authenticated"
# Tokens live among the objects, so that they last as long, under a kind that no path leads to.
_KIND = "tokens"


class Tokens:
    """The tokens of one server. Those of service accounts die with their account."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def add(self, token: str, user: User) -> None:
        """Let a token stand for a user."""
        self._store.put(_KIND, {"metadata": {"name": token, "uid": str(uuid.uuid4())}, "user": dataclasses.asdict(user)})

    def issue(self, namespace: str, name: str, uid: str) -> str:
        """A new token of a service account."""
        token = f"sandbox.{secrets.token_urlsafe(32)}"
        groups = ("system:serviceaccounts", f"system:serviceaccounts:{namespace}", _EVERYONE)
        self.add(token, User(f"system:serviceaccount:{namespace}:{name}", groups, uid))
        return token

    def admin(self) -> str:
        """The token of the administrator, made when there is none yet."""
        for entry in self._store.scan(_KIND):
            if _user(entry.obj()["user"]) == ADMINISTRATOR:
                return entry.key[1]
        token, user = admin()
        self.add(token, user)
        return token

    def user(self, token: str) -> User | None:
        """Whose a token is; None where it is nobody's."""
        entry = self._store.get(_KIND, "", token)
        if entry is None:
            return None
        found = _user(entry.obj()["user"])
        return found if not found.uid or self._store.by_uid(found.uid) else None


def _user(kept: dict[str, str]) -> User:
    return User(kept["name"], tuple(kept["groups"]), kept["uid"])


def admin(token: str = "") -> tuple[str, User]:
    """A token of an administrator, and who that is."""
    return token or secrets.token_urlsafe(32), ADMINISTRATOR
