"""The roles of the controller and their bindings, as Kubernetes objects, generated from `catalog.rbac`."""

from collections.abc import Iterable, Mapping
from typing import Any

from albatross.catalog import rbac
from albatross.catalog.rbac import AccessRule, Feature

API = "rbac.authorization.k8s.io"
NAME = "aws-load-balancer-controller"
"""The name of the ClusterRole and its binding, as in the chart of the other controller."""
LEASE = "aws-load-balancer-controller-leader"
"""The default of --leader-election-id."""

Object = dict[str, Any]


def objects(
    namespace: str, service_account: str, features: Iterable[Feature] = rbac.DEFAULT, *, name: str = NAME, lease: str = LEASE
) -> tuple[Object, ...]:
    """A ClusterRole, its binding, a Role and its binding: all that these features need.

    `name` is the ClusterRole's name, so that two installations in one cluster do not share it; `lease` is --leader-election-id. Both
    roles are bound to the ServiceAccount in `namespace`. The rules for the Secrets of OIDC clients are in `secret`.
    """
    wanted = frozenset(features)
    account = {"kind": "ServiceAccount", "name": service_account, "namespace": namespace}
    everywhere = [_rule(each, lease, service_account) for each in rbac.of(wanted, "cluster")]
    home = _once(_rule(each, lease, service_account) for each in rbac.of(wanted, "home"))
    whole = (_object("ClusterRole", name, rules=everywhere), _bound("ClusterRole", name, account))
    return (*whole, *(_role(namespace, f"{name}-home", home, account) if home else ()))


def secret(namespace: str, names: Iterable[str], account: Mapping[str, str]) -> tuple[Object, ...]:
    """A Role and its binding for these Secrets of one namespace. `account` has the `name` and `namespace` of the ServiceAccount."""
    (rule,) = rbac.of(("secrets",), "named")
    rules = [{**_rule(rule, "", ""), "resourceNames": sorted(names)}]
    subject = {"kind": "ServiceAccount", "name": account["name"], "namespace": account["namespace"]}
    return _role(namespace, f"{NAME}-secrets", rules, subject)


def _role(namespace: str, name: str, rules: list[Object], account: Object) -> tuple[Object, Object]:
    return _object("Role", name, namespace, rules=rules), _bound("Role", name, account, namespace)


def _rule(rule: AccessRule, lease: str, account: str) -> Object:
    names = rbac.named(rule, lease=lease, account=account)
    found = {"apiGroups": [rule.group], "resources": list(rule.resources)}
    return {**found, **({"resourceNames": list(names)} if names else {}), "verbs": list(rule.verbs)}


def _once(rules: Iterable[Object]) -> list[Object]:
    """The rules without repetitions: two features may need the same."""
    found: list[Object] = []
    for rule in rules:
        if rule not in found:
            found.append(rule)
    return found


def _bound(kind: str, role: str, account: Object, namespace: str = "") -> Object:
    return _object(f"{kind}Binding", role, namespace, roleRef={"apiGroup": API, "kind": kind, "name": role}, subjects=[account])


def _object(kind: str, name: str, namespace: str = "", **more: Any) -> Object:
    metadata = {"name": name, **({"namespace": namespace} if namespace else {})}
    return {"apiVersion": f"{API}/v1", "kind": kind, "metadata": metadata, **more}
