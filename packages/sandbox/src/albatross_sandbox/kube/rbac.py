"""Who may do what: roles and their bindings, asked for every user that is not an administrator."""

from collections.abc import Iterator
from dataclasses import dataclass

from albatross_sandbox.kube.options import User
from albatross_sandbox.kube.store import Store
from albatross_sandbox.kube.value import Obj

_GROUP = ".rbac.authorization.k8s.io"
_MASTERS = "system:masters"
_OPEN = ("/healthz", "/livez", "/readyz", "/version", "/api", "/apis", "/openapi")
_SELF = ("selfsubjectaccessreviews", "selfsubjectrulesreviews", "selfsubjectreviews")


@dataclass(frozen=True, slots=True)
class Act:
    """One thing to do: with a resource, or with a path that is none."""

    verb: str
    group: str = ""
    resource: str = ""
    subresource: str = ""
    namespace: str = ""
    name: str = ""
    path: str = ""

    @property
    def target(self) -> str:
        """The resource as rules name it."""
        return f"{self.resource}/{self.subresource}" if self.subresource else self.resource


class Authorizer:
    """Reads roles and bindings from the store at every question."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def allows(self, user: User, act: Act) -> bool:
        """Whether a user may do something."""
        if _MASTERS in user.groups:
            return True
        if act.path:
            return any(act.path == path or act.path.startswith(path + "/") for path in _OPEN)
        if act.resource in _SELF:
            return True
        return any(_grants(rule, act) for rule in self.rules(user, act.namespace))

    def rules(self, user: User, namespace: str) -> Iterator[Obj]:
        """The rules that hold for a user, cluster-wide and in a namespace."""
        for entry in self._store.scan("clusterrolebindings" + _GROUP):
            yield from self._bound(entry.obj(), user, "")
        if namespace:
            for entry in self._store.scan("rolebindings" + _GROUP, namespace):
                yield from self._bound(entry.obj(), user, namespace)

    def _bound(self, binding: Obj, user: User, namespace: str) -> list[Obj]:
        if not any(_is(subject, user, namespace) for subject in binding.get("subjects") or ()):
            return []
        role = binding["roleRef"]
        if role["kind"] == "ClusterRole":
            entry = self._store.get("clusterroles" + _GROUP, "", role["name"])
        else:
            entry = self._store.get("roles" + _GROUP, namespace, role["name"])
        return (entry.obj().get("rules") or []) if entry else []


def _is(subject: Obj, user: User, namespace: str) -> bool:
    if subject["kind"] == "ServiceAccount":
        return user.name == f"system:serviceaccount:{subject.get('namespace') or namespace}:{subject['name']}"
    return subject["name"] in (user.groups if subject["kind"] == "Group" else (user.name,))


def _grants(rule: Obj, act: Act) -> bool:
    if not {act.verb, "*"} & set(rule.get("verbs") or ()) or not {act.group, "*"} & set(rule.get("apiGroups") or ()):
        return False
    accepted = {act.target, "*"} | ({f"*/{act.subresource}", f"{act.resource}/*"} if act.subresource else set())
    if not accepted & set(rule.get("resources") or ()):
        return False
    named = rule.get("resourceNames") or ()
    return not named or act.name in named


def refusal(user: User, act: Act) -> str:
    """Why a user may not, as the real server says it."""
    if act.path:
        return f'User "{user.name}" cannot {act.verb} path "{act.path}"'
    where = f' in the namespace "{act.namespace}"' if act.namespace else " at the cluster scope"
    return f'User "{user.name}" cannot {act.verb} resource "{act.target}" in API group "{act.group}"{where}'
