"""The rows of RBAC: what the controller follows and writes is in them, and nothing that it never does."""

from albatross import frontend
from albatross.catalog import rbac
from albatross.catalog.kinds import KINDS
from albatross.catalog.rbac import RULES, Grant, accesses, named, of
from albatross.controller.app import WATCHED


def verbs(group: str, resource: str, *scopes: rbac.Scope) -> set[str]:
    return {
        verb
        for rule in RULES
        if rule.group == group and resource in rule.resources and rule.scope in (scopes or ("cluster",))
        for verb in rule.verbs
    }


def test_every_watched_kind_is_followed_and_no_other() -> None:
    followed = {(rule.group, name) for rule in RULES if rule.scope == "cluster" and "watch" in rule.verbs for name in rule.resources}
    assert followed == {(KINDS[kind].group, KINDS[kind].plural) for kind in WATCHED}


def test_every_root_gets_finalizers_and_a_status() -> None:
    for kind in (*frontend.ROOTS, "TargetGroupBinding"):
        row = KINDS[kind]
        assert {"get", "patch"} <= verbs(row.group, row.plural)
        assert verbs(row.group, f"{row.plural}/status") == {"patch"}


def test_kinds_that_are_only_named_are_never_read_in_the_whole_cluster() -> None:
    for kind in frontend.NAMED:
        row = KINDS[kind]
        assert not verbs(row.group, row.plural)
        assert verbs(row.group, row.plural, "named") == {"list", "watch"}


def test_no_rule_allows_everything_and_none_is_twice() -> None:
    said = [
        (rule.feature, rule.group, name, verb, rule.names, rule.scope) for rule in RULES for name in rule.resources for verb in rule.verbs
    ]
    assert "*" not in {part for entry in said for part in entry}
    assert len(set(said)) == len(said)
    assert all(rule.why for rule in RULES)
    assert {rule.feature for rule in RULES if rule.required} == {"core", "leader-election"}


def test_a_feature_brings_core_with_it() -> None:
    assert {rule.feature for rule in of(("events",), "cluster")} == {"core", "events"}
    assert not of((), "home")


def test_a_rule_comes_apart_into_single_accesses() -> None:
    (renew,) = (rule for rule in of(("leader-election",), "home") if rule.names)
    names = named(renew, lease="mine", account="lb")
    group = "coordination.k8s.io"
    assert list(accesses(renew, "a", names)) == [
        Grant("get", group, "leases", "a", "mine"),
        Grant("update", group, "leases", "a", "mine"),
    ]
    (events,) = (rule for rule in RULES if rule.feature == "events")
    assert [(each.namespace, each.target) for each in accesses(events, "a", ())] == [("", "events"), ("", "events")]
    assert Grant("get", group, "leases").target == "leases.coordination.k8s.io"
