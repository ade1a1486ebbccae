from dataclasses import replace

from albatross.catalog.rbac import RULES
from albatross.checks.access import Rights, account, complaints

REQUIRED = next(rule for rule in RULES if rule.required and rule.scope == "cluster")
OPTIONAL = next(rule for rule in RULES if not rule.required)
USER = "system:serviceaccount:kube-system:albatross"


def test_a_missing_rule_is_a_problem_of_its_user() -> None:
    rights = Rights(USER, (REQUIRED, replace(OPTIONAL, scope="home", names=("one",))))
    found = list(complaints(rights))
    assert [(each.code, each.origin.object) for each in found] == [
        ("LB710", "ServiceAccount/kube-system/albatross"),
        ("LB711", "ServiceAccount/kube-system/albatross"),
    ]
    assert (rights.needed, rights.lacking) == ((REQUIRED,), frozenset({OPTIONAL.feature}))
    assert "named one" in dict(found[1].args)["access"]


def test_a_person_is_no_service_account() -> None:
    assert account("admin") is None
    assert [each.origin.kind for each in complaints(Rights("admin", (REQUIRED,)))] == ["User"]
