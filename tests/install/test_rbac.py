"""The roles of an installation."""

from typing import Any

from albatross.catalog import rbac
from albatross.install.rbac import objects, secret

ACCOUNT = {"kind": "ServiceAccount", "name": "lb", "namespace": "kube-system"}


def rules(found: tuple[dict[str, Any], ...], kind: str) -> list[dict[str, Any]]:
    return [rule for each in found if each["kind"] == kind for rule in each["rules"]]


def test_both_roles_are_bound_to_the_service_account() -> None:
    found = objects("kube-system", "lb")
    assert [each["kind"] for each in found] == ["ClusterRole", "ClusterRoleBinding", "Role", "RoleBinding"]
    assert [each["subjects"] for each in found if "subjects" in each] == [[ACCOUNT], [ACCOUNT]]
    assert [each["roleRef"]["name"] for each in found if "roleRef" in each] == [found[0]["metadata"]["name"], found[2]["metadata"]["name"]]
    assert [each["metadata"].get("namespace") for each in found] == [None, None, "kube-system", "kube-system"]


def test_settings_are_in_the_names_of_rules() -> None:
    (leases,) = [rule for rule in rules(objects("a", "lb", lease="mine"), "Role") if "update" in rule["verbs"]]
    assert leases == {
        "apiGroups": ["coordination.k8s.io"],
        "resources": ["leases"],
        "resourceNames": ["mine"],
        "verbs": ["get", "update"],
    }
    own = [rule for rule in rules(objects("a", "lb"), "Role") if rule.get("resourceNames") == ["lb"]]
    assert [rule["resources"] for rule in own] == [["serviceaccounts"]]


def test_the_least_is_a_cluster_role_alone() -> None:
    found = objects("a", "lb", ())
    assert [each["kind"] for each in found] == ["ClusterRole", "ClusterRoleBinding"]
    assert len(found[0]["rules"]) == len(rbac.of((), "cluster"))


def test_by_default_nothing_reads_every_secret_or_writes_definitions() -> None:
    every = rules(objects("a", "lb"), "ClusterRole")
    assert not [rule for rule in every if {"secrets", "customresourcedefinitions"} & set(rule["resources"])]
    assert not [rule for rule in every if "*" in (*rule["verbs"], *rule["resources"], *rule["apiGroups"])]


def test_secrets_are_granted_by_name() -> None:
    role, binding = secret("shop", ("oidc", "another"), ACCOUNT)
    (rule,) = role["rules"]
    assert rule == {"apiGroups": [""], "resources": ["secrets"], "resourceNames": ["another", "oidc"], "verbs": ["list", "watch"]}
    assert (role["metadata"]["namespace"], binding["subjects"]) == ("shop", [ACCOUNT])
