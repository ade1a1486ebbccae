"""Kinds that are asked rather than kept: access reviews, token reviews and token requests."""

import dataclasses

from albatross_sandbox.kube import fault
from albatross_sandbox.kube.fault import Fault
from albatross_sandbox.kube.identity import Tokens
from albatross_sandbox.kube.options import User
from albatross_sandbox.kube.rbac import Act, Authorizer
from albatross_sandbox.kube.resources import Resource
from albatross_sandbox.kube.store import Store
from albatross_sandbox.kube.value import Obj, dig, later

_EVERYONE = "system:authenticated"


class Reviewer:
    """Answers the review kinds."""

    def __init__(self, store: Store, tokens: Tokens, authorizer: Authorizer) -> None:
        self._store, self._tokens, self._authorizer = store, tokens, authorizer

    def answer(self, plural: str, body: Obj, user: User, namespace: str) -> Obj:
        """The review with its status; a Fault 404 for a kind that is no review."""
        spec = body.get("spec") or {}
        match plural:
            case "selfsubjectaccessreviews":
                status = self._access(spec, user)
            case "subjectaccessreviews" | "localsubjectaccessreviews":
                who = User(spec.get("user") or "", tuple(spec.get("groups") or ()))
                status = self._access(spec, who)
            case "selfsubjectrulesreviews":
                status = self._rules(user, spec.get("namespace") or namespace)
            case "selfsubjectreviews":
                status = {"userInfo": _info(user)}
            case "tokenreviews":
                found = self._tokens.user(spec.get("token") or "")
                status = {"authenticated": True, "user": _info(found)} if found else {"authenticated": False, "error": "unknown token"}
                spec = {}  # a token is not sent back
            case _:
                raise fault.unknown_path()
        metadata = {"creationTimestamp": None, **(body.get("metadata") or {})}
        return {**body, "metadata": metadata, **({"spec": spec} if "spec" in body else {}), "status": status}

    def _access(self, spec: Obj, user: User) -> Obj:
        wanted, path = spec.get("resourceAttributes"), spec.get("nonResourceAttributes")
        if wanted:
            fields = {item.name for item in dataclasses.fields(Act)} - {"path"}
            act = Act(**{"verb": "", **{name: value for name, value in wanted.items() if name in fields}})
        else:
            act = Act((path or {}).get("verb") or "", path=(path or {}).get("path") or "/")
        return {"allowed": self._authorizer.allows(user, act)}

    def _rules(self, user: User, namespace: str) -> Obj:
        if "system:masters" in user.groups:
            rules = [{"verbs": ["*"], "apiGroups": ["*"], "resources": ["*"]}]
        else:
            rules = [rule for rule in self._authorizer.rules(user, namespace) if rule.get("resources")]
        return {"resourceRules": rules, "nonResourceRules": [], "incomplete": False}

    def token(self, resource: Resource, namespace: str, name: str, body: Obj) -> Obj:
        """Answer a TokenRequest for a service account."""
        entry = self._store.get(resource.kept, namespace, name)
        if entry is None:
            raise fault.not_found(resource, name)
        seconds = dig(body, "spec", "expirationSeconds", default=3600)
        if seconds < 600:
            raise Fault(422, "Invalid", "spec.expirationSeconds: may not specify a duration less than 10 minutes")
        status = {"token": self._tokens.issue(namespace, name, entry.uid), "expirationTimestamp": later(seconds)}
        metadata = {"name": name, "namespace": namespace, "creationTimestamp": later(0)}
        spec = {"audiences": ["https://kubernetes.default.svc"], **(body.get("spec") or {}), "expirationSeconds": seconds}
        return {"kind": "TokenRequest", "apiVersion": "authentication.k8s.io/v1", "metadata": metadata, "spec": spec, "status": status}


def _info(user: User) -> Obj:
    return {"username": user.name, "groups": list(user.groups), **({"uid": user.uid} if user.uid else {})}
