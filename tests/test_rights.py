"""A host with a path belongs to the namespace that had it first: by age, unless it is known that one asks for it only since an edit."""

from collections.abc import Mapping, Set
from dataclasses import replace
from typing import Any

import pytest
from tests.world import CONFIG, RECORDING, objects

from albatross import pipeline
from albatross.catalog import good, kinds
from albatross.catalog.good import Good
from albatross.catalog.problems import severity
from albatross.catalog.tracking import INGRESS, LAST_GOOD
from albatross.model.ident import Ident
from albatross.model.resources.stack import StackId
from albatross.model.snapshot import Ingress, Snapshot

TEAM = StackId(INGRESS, "", "team")
OLD, NEW = Ident("Ingress", "a", "old"), Ident("Ingress", "b", "new")
ON = replace(CONFIG, first_come_hosts=True)
FIXED = '{"type": "fixed-response", "fixedResponseConfig": {"statusCode": "200"}}'


def ingress(ident: Ident, host: str, made: str, order: int = 0, more: Mapping[str, str] | None = None) -> dict[str, Any]:
    backend = {"service": {"name": "go", "port": {"name": "use-annotation"}}}
    notes = {"group.name": "team", "group.order": str(order), "actions.go": FIXED}
    meta = {"namespace": ident.namespace, "name": ident.name, "uid": ident.name, "creationTimestamp": made or None}
    return {
        "apiVersion": "networking.k8s.io/v1",
        "kind": "Ingress",
        "metadata": {**meta, "annotations": {f"alb.ingress.kubernetes.io/{key}": value for key, value in notes.items()} | dict(more or {})},
        "spec": {
            "ingressClassName": "alb",
            "rules": [{"host": host, "http": {"paths": [{"path": "/", "pathType": "Prefix", "backend": backend}]}}],
        },
    }


def cluster(*given: dict[str, Any]) -> Snapshot:
    return kinds.snapshot([*(each for each in objects() if each["kind"] != "Ingress"), *given])


def outcome(snapshot: Snapshot, known: Mapping[Ident, Good] | None = None, config: Any = ON) -> tuple[list[str], list[tuple[str, str]]]:
    """The members with rules in the order of priorities; and (name, severity) of each LB445."""

    def recall(idents: Set[Ident]) -> Mapping[Ident, Good]:
        return {ident: each for ident, each in (known or {}).items() if ident in idents}

    prepared = pipeline.understand(snapshot, config, pipeline.survey(snapshot, config).group(TEAM), recall)
    built = pipeline.build(prepared, RECORDING.answer(prepared.questions, config), config)
    assert built.stack
    told = [(each.origin.name, str(severity(each))) for each in built.problems if each.code == "LB445"]
    return [each.member.name for each in built.stack.rules if each.member], told


def parsed(written: dict[str, Any]) -> Ingress:
    found = kinds.parse(written)
    assert isinstance(found, Ingress)
    return found


BOTH = (ingress(OLD, "h.example.com", "2026-01-01T00:00:00Z"), ingress(NEW, "h.example.com", "2026-02-01T00:00:00Z", order=-1))
MINE, YOURS = [("new", "error"), ("old", "warning")], [("new", "warning"), ("old", "error")]


def test_without_a_policy_the_order_of_the_group_decides() -> None:
    assert outcome(cluster(*BOTH), config=CONFIG) == (["new", "old"], [])


def test_the_older_object_keeps_the_host_and_both_are_told() -> None:
    assert outcome(cluster(*BOTH)) == (["old"], MINE)


def test_a_policy_is_enough() -> None:
    notes = {"albatross.dev/tenants": '[{"namespaces": {}}]'}
    params = {"apiVersion": "elbv2.k8s.aws/v1beta1", "kind": "IngressClassParams", "metadata": {"name": "p", "annotations": notes}}
    assert outcome(cluster(*BOTH, {**params, "spec": {"group": {"name": "team"}}}), config=CONFIG) == (["old"], MINE)


def test_within_a_namespace_the_order_of_the_group_decides() -> None:
    near = Ident("Ingress", "a", "near")
    given = (BOTH[0], ingress(near, "h.example.com", "2026-02-01T00:00:00Z", order=-1))
    assert outcome(cluster(*given)) == (["near", "old"], [])


def test_who_is_served_was_there_before_an_older_object_that_moves_in() -> None:
    live = {**BOTH[1], "status": {"loadBalancer": {"ingress": [{"hostname": "lb.example.com"}]}}}
    assert outcome(cluster(BOTH[0], live)) == (["new"], YOURS)


def test_an_object_in_a_file_is_the_youngest() -> None:
    assert outcome(cluster(ingress(OLD, "h.example.com", ""), BOTH[1])) == (["new"], YOURS)


def test_of_two_in_files_the_first_name_keeps_it() -> None:
    assert outcome(cluster(ingress(OLD, "h.example.com", ""), ingress(NEW, "h.example.com", ""))) == (["old"], MINE[::-1])


@pytest.mark.parametrize("kept", [False, True])
def test_an_older_object_cannot_take_a_host_with_an_edit(kept: bool) -> None:
    """Its last good version had another host: that one is served, from memory or from the annotation."""
    before, now = ingress(OLD, "x.example.com", "2026-01-01T00:00:00Z"), BOTH[0]
    version = Good(parsed(before), "2026-03-01T00:00:00Z")
    text = good.write(version, parsed(now))
    assert isinstance(text, str)
    mine = ingress(OLD, "h.example.com", "2026-01-01T00:00:00Z", more={LAST_GOOD: text} if kept else {})
    served, told = outcome(cluster(mine, BOTH[1]), {} if kept else {OLD: version})
    assert (served, told) == (["new", "old"], YOURS)


def test_a_good_version_with_the_host_had_it_first() -> None:
    before = Good(parsed(ingress(NEW, "h.example.com", "2026-02-01T00:00:00Z")), "")
    assert outcome(cluster(*BOTH), {NEW: before}) == (["old"], MINE)
