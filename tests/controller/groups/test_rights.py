"""Namespaces in one group: who is refused harms nobody, and a policy is followed when it changes."""

import json
from typing import Any

from tests.controller.groups.bed import GROUPED, TEAM, Bed, default

from albatross.catalog.tracking import finalizer
from albatross.model.ident import Ident

FIXED = '{"type": "fixed-response", "fixedResponseConfig": {"statusCode": "200"}}'
FAR = Ident("Ingress", "far", "rival")


def policy(bed: Bed, *namespaces: str, hosts: tuple[str, ...] = ()) -> None:
    """The namespaces that may join group `team`."""
    rows: list[dict[str, Any]] = [{"namespaces": {"matchLabels": {"kubernetes.io/metadata.name": each}}} for each in namespaces]
    rows = [{**each, "hosts": list(hosts)} for each in rows] if hosts else rows
    meta = {"name": "team", "annotations": {"albatross.dev/tenants": json.dumps(rows)}}
    found = {"apiVersion": "elbv2.k8s.aws/v1beta1", "kind": "IngressClassParams", "metadata": meta, "spec": {"group": {"name": "team"}}}
    bed.cluster.apply(found)


def rival(bed: Bed, host: str = "far.example.com") -> None:
    """An Ingress of another namespace."""
    path = {"path": "/", "pathType": "Prefix", "backend": {"service": {"name": "go", "port": {"name": "use-annotation"}}}}
    notes = {f"alb.ingress.kubernetes.io/{key}": value for key, value in {**GROUPED, "actions.go": FIXED}.items()}
    meta = {"namespace": "far", "name": "rival", "annotations": notes}
    spec = {"ingressClassName": "alb", "rules": [{"host": host, "http": {"paths": [path]}}]}
    bed.cluster.apply({"apiVersion": "networking.k8s.io/v1", "kind": "Ingress", "metadata": meta, "spec": spec})


def hosts(bed: Bed) -> list[str]:
    """The hosts of all rules."""
    found = (each for rule in bed.account.made["Rule"] for each in rule["Conditions"] if each["Field"] == "host-header")
    return sorted(value for each in found for value in each["HostHeaderConfig"]["Values"])


async def test_who_may_not_join_is_told_and_the_others_are_served(bed: Bed) -> None:
    policy(bed, "shop")
    bed.apply(annotations=GROUPED)
    rival(bed)
    await bed.look(TEAM)
    bed.groups.teller.complain(bed.index.lost())
    assert hosts(bed) == ["www.example.com"]
    assert bed.heard.take() == [("app", "SuccessfullyReconciled"), ("rival", "FailedLoadGroupID")]


async def test_a_policy_that_comes_later_is_followed(bed: Bed) -> None:
    bed.apply(annotations=GROUPED)
    rival(bed)
    await bed.look(TEAM)
    assert hosts(bed) == ["far.example.com", "www.example.com"]
    policy(bed, "shop")
    await bed.look(TEAM)
    assert hosts(bed) == ["www.example.com"]
    stored = bed.cluster.find("Ingress", "rival", "far")
    assert finalizer(TEAM) not in (stored or {})["metadata"].get("finalizers", [])


async def test_a_policy_that_refuses_everybody_removes_nothing(bed: Bed) -> None:
    bed.apply(annotations=GROUPED)
    await bed.look(TEAM)
    bed.account.journal.clear()
    policy(bed, "nobody")
    await bed.look(TEAM)
    assert (hosts(bed), bed.account.writes()) == (["www.example.com"], [])


async def test_an_edit_to_a_host_that_is_not_allowed_changes_nothing(bed: Bed) -> None:
    policy(bed, "far", "shop", hosts=("*.example.com",))
    bed.apply(annotations=GROUPED)
    rival(bed)
    await bed.look(TEAM)
    bed.account.journal.clear()
    rival(bed, "victim.example.org")
    await bed.look(TEAM)
    assert hosts(bed) == ["far.example.com", "www.example.com"]
    assert not [each for each in bed.account.writes() if "Rule" in each]


async def test_a_host_that_a_policy_takes_away_goes(bed: Bed) -> None:
    bed.apply(annotations=GROUPED)
    rival(bed)
    bed.apply("two", GROUPED, spec={"ingressClassName": "alb", **default("web")})
    await bed.look(TEAM)
    policy(bed, "far", "shop", hosts=("www.example.com", "*"))
    await bed.look(TEAM)
    assert hosts(bed) == ["far.example.com", "www.example.com"]
    policy(bed, "far", "shop", hosts=("far.example.com",))
    await bed.look(TEAM)
    assert hosts(bed) == ["far.example.com"]


async def test_both_are_told_of_a_host(bed: Bed) -> None:
    policy(bed, "far", "shop")
    bed.apply(annotations=GROUPED)
    await bed.look(TEAM)
    rival(bed, "www.example.com")
    bed.heard.take()
    await bed.look(TEAM)
    assert hosts(bed) == ["www.example.com"]
    told = {(each.metadata.name, each.reason) for each in bed.heard.events}
    assert told == {("app", "HostAlsoUsed"), ("app", "SuccessfullyReconciled"), ("rival", "FailedBuildModel")}
