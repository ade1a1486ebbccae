"""The policy of a group decides who is a member, and which of its hosts are served."""

import json
from typing import Any

import pytest
from tests.world import CONFIG, Result, annotated, compiled, objects, paths

from albatross import frontend, pipeline
from albatross.catalog import kinds
from albatross.catalog.tracking import INGRESS
from albatross.frontend.ingress import tenancy
from albatross.model.ident import Ident
from albatross.model.resources.stack import StackId
from albatross.model.snapshot import Snapshot

TEAM, APP = StackId(INGRESS, "", "team"), Ident("Ingress", "shop", "app")
GROUPED = annotated({"group.name": "team"})
HELD = json.dumps({"kind": "Ingress", "metadata": {"name": "app", "finalizers": ["group.ingress.k8s.aws/team"]}})
RULES = "spec.rules[0].http.paths[0]"


def policy(text: object, name: str = "team", group: str = "team") -> str:
    written = text if isinstance(text, str) else json.dumps(text)
    meta = {"name": name, "annotations": {"albatross.dev/tenants": written}}
    return json.dumps({"kind": "IngressClassParams", "metadata": meta, "spec": {"group": {"name": group}}})


def row(namespace: str = "shop", *hosts: str) -> dict[str, Any]:
    found: dict[str, Any] = {"namespaces": {"matchLabels": {"kubernetes.io/metadata.name": namespace}}}
    return {**found, "hosts": list(hosts)} if hosts else found


SHOP, OTHER = row(), row("other")


def guarded(text: object, *patches: str) -> Result:
    return compiled(GROUPED, policy(text), *patches)


def hosts(result: Result) -> list[str]:
    stack = result.stacks["team"]
    assert stack is not None
    return sorted(value for rule in stack.rules for each in rule.conditions if each.field == "host-header" for value in each.values)


# Who may join ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("text", [[SHOP], [OTHER, SHOP], [{"namespaces": {"matchLabels": {"team": "shop"}}}], [{"namespaces": {}}]])
def test_a_selected_namespace_joins(text: object) -> None:
    assert guarded(text).errors == []


@pytest.mark.parametrize("text", [[], [OTHER], [{"namespaces": {"matchLabels": {"team": "x"}}}]])
def test_another_one_does_not(text: object) -> None:
    found = guarded(text)
    assert (found.errors, list(found.stacks)) == (["LB443"], [])
    assert found.at("LB443") == ['metadata.annotations["alb.ingress.kubernetes.io/group.name"]']


def test_a_policy_is_for_its_group() -> None:
    assert compiled(GROUPED, policy([OTHER], group="others")).errors == []
    assert compiled(policy([OTHER])).errors == []


def test_every_policy_of_a_group_counts() -> None:
    assert compiled(GROUPED, policy([SHOP]), policy([OTHER], "second")).errors == ["LB443"]


def test_a_group_by_class() -> None:
    parameters = {"apiGroup": "elbv2.k8s.aws", "kind": "IngressClassParams", "name": "team"}
    ruled = json.dumps({"kind": "IngressClass", "metadata": {"name": "alb"}, "spec": {"parameters": parameters}})
    found = compiled(policy([OTHER]), ruled)
    assert (found.errors, found.at("LB443")) == (["LB443"], ["spec.ingressClassName"])


def test_an_unreadable_policy_admits_nobody_and_leaves_alone_who_is_there() -> None:
    assert guarded("{").errors == ["LB442", "LB443"]
    assert guarded("{", HELD).errors == ["LB442"]
    assert hosts(guarded("{", HELD)) == ["www.example.com"]


def test_a_policy_without_a_group_is_a_mistake() -> None:
    params = json.dumps({"kind": "IngressClassParams", "metadata": {"name": "p", "annotations": {"albatross.dev/tenants": "[]"}}})
    assert compiled(params).errors == ["LB442"]


def test_who_is_refused_leaves_and_the_others_stay() -> None:
    snapshot = kinds.snapshot(objects(GROUPED, HELD, annotated({"group.name": "team"}, "two"), policy([OTHER])))
    other = {"metadata": {"namespace": "other", "name": "far", "annotations": {"alb.ingress.kubernetes.io/group.name": "team"}}}
    far = kinds.parse({"apiVersion": "networking.k8s.io/v1", "kind": "Ingress", **other, "spec": {"ingressClassName": "alb"}})
    snapshot.ingresses[("other", "far")] = far  # type: ignore[index]
    group = pipeline.survey(snapshot, CONFIG).group(TEAM)
    assert (group.members, group.leaving, group.unclear) == ((Ident("Ingress", "other", "far"),), (APP,), ())


def test_the_last_member_never_leaves() -> None:
    """A policy that refuses everybody is a mistake, and the load balancer would be deleted."""
    snapshot = kinds.snapshot(objects(GROUPED, HELD, policy([OTHER])))
    group = pipeline.survey(snapshot, CONFIG).group(TEAM)
    assert (group.members, group.leaving, group.unclear) == ((), (), (APP,))
    found = guarded([OTHER], HELD)
    assert (found.stacks["team"], found.errors) == (None, ["LB443"])


def test_some_files_are_not_the_cluster() -> None:
    """A namespace that is in no file may have every label, but it has its name."""
    given = [
        each
        for each in objects(GROUPED, policy([{"namespaces": {"matchLabels": {"team": "x"}}, "hosts": ["x"]}]))
        if each["kind"] != "Namespace"
    ]
    assert [each.code for each in pipeline.survey(kinds.snapshot(given, complete=False), CONFIG).problems.get(APP, ())] == []
    assert [each.code for each in pipeline.survey(kinds.snapshot(given), CONFIG).problems.get(APP, ())] == ["LB443"]
    named = [each for each in objects(GROUPED, policy([OTHER])) if each["kind"] != "Namespace"]
    assert [each.code for each in pipeline.survey(kinds.snapshot(named, complete=False), CONFIG).problems.get(APP, ())] == ["LB443"]


# Which hosts it may use --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("allowed", [("www.example.com",), ("*.example.com",), ("x.example.com", "*")])
def test_allowed_hosts(allowed: tuple[str, ...]) -> None:
    assert guarded([row("shop", *allowed)]).errors == []


def test_a_row_without_hosts_allows_all_and_rows_add_up() -> None:
    assert guarded([row("shop", "x.example.com"), SHOP]).errors == []
    assert guarded([row("shop", "x.example.com"), row("shop", "www.example.com")]).errors == []


def test_a_denied_host_is_left_out_and_the_rest_is_served() -> None:
    second = {"host": "api.example.com", **paths(("/", "Prefix", "web:80"))["rules"][0]}
    spec = {"rules": [*paths(("/", "Prefix", "web:80"))["rules"], {**second, "host": "api.example.com"}]}
    found = guarded([row("shop", "www.example.com")], annotated({"group.name": "team"}, spec=spec))
    assert (found.errors, hosts(found), found.at("LB444")) == (["LB444"], ["www.example.com"], ["spec.rules[1].http.paths[0]"])


def test_a_rule_without_a_host_needs_every_host() -> None:
    spec = {
        "rules": paths(("/", "Prefix", "web:80"), host="")["rules"],
        "defaultBackend": {"service": {"name": "web", "port": {"number": 80}}},
    }
    found = guarded([row("shop", "*.example.com")], annotated({"group.name": "team"}, spec=spec))
    assert found.at("LB444") == ["spec.defaultBackend", RULES]


def test_hosts_of_conditions_count() -> None:
    more = '[{"field": "host-header", "hostHeaderConfig": {"values": ["victim.example.org"]}}]'
    found = guarded([row("shop", "*.example.com")], annotated({"group.name": "team", "conditions.web": more}))
    assert (found.errors, found.at("LB444")) == (["LB444"], [RULES])


def test_hosts_of_certificates_and_records_count() -> None:
    notes = annotated(
        {"group.name": "team", "listen-ports": '[{"HTTPS": 443}]'}, spec={"tls": [{"hosts": ["www.example.com", "victim.example.org"]}]}
    )
    dns = json.dumps({"kind": "Ingress", "metadata": {"name": "app", "annotations": {"albatross.dev/dns": "true"}}})
    found = guarded([row("shop", "*.example.com")], notes, dns)
    assert found.at("LB444") == ["spec.tls[0].hosts[1]"]


def test_a_denied_member_is_marked() -> None:
    prepared = read(guarded_snapshot([row("shop", "x.example.com")]))
    (member,) = prepared.intent.members
    assert (member.faulty, set(member.denied), prepared.intent.first_come) == (True, {("www.example.com", "*")}, True)


def guarded_snapshot(text: object) -> Snapshot:
    return kinds.snapshot(objects(GROUPED, policy(text)))


def read(snapshot: Snapshot) -> pipeline.Prepared:
    return pipeline.prepare(snapshot, CONFIG, pipeline.survey(snapshot, CONFIG).group(TEAM))


# Who is woken ------------------------------------------------------------------------------------------------------


def test_members_mention_the_policy() -> None:
    snapshot = guarded_snapshot([])
    params = snapshot.ingress_class_params[("", "team")]
    assert tenancy.named("team") in frontend.mentions("Ingress", snapshot.ingresses[APP.key])
    assert tenancy.named("team") in frontend.mentions("IngressClassParams", params)
    assert frontend.names("IngressClassParams", params) == {tenancy.named("team")}
