"""The group of one Ingress is the same, whether all Ingresses are placed or only its neighbours."""

import json
from typing import Any

import pytest
from tests.world import CONFIG, annotated, snapshot

from albatross import frontend
from albatross.model.ident import Ident
from albatross.model.snapshot import Snapshot

CLASS = {"apiGroup": "elbv2.k8s.aws", "kind": "IngressClassParams", "name": "ruled"}


def cluster() -> Snapshot:
    """Groups by annotation, by class and by default class; members that leave; and Ingresses without a group."""

    def member(name: str, group: str = "", finalizer: str = "", **spec: Any) -> str:
        found = json.loads(annotated({"group.name": group} if group else {}, name, spec=spec))
        found["metadata"]["finalizers"] = [f"group.ingress.k8s.aws/{finalizer}"] if finalizer else []
        return json.dumps(found)

    marks = {"annotations": {"ingressclass.kubernetes.io/is-default-class": "true"}}
    spec = {"controller": "ingress.k8s.aws/alb", "parameters": CLASS}
    return snapshot(
        json.dumps({"kind": "IngressClass", "metadata": {"name": "ruled", **marks}, "spec": spec}),
        json.dumps({"kind": "IngressClassParams", "metadata": {"name": "ruled"}, "spec": {"group": {"name": "team"}}}),
        member("a", "team"),
        member("b", "other", ingressClassName="ruled"),
        member("c", ingressClassName=None),
        member("d", "other"),
        member("e", finalizer="team"),
        member("f", "other", "team"),
        member("g", "team", ingressClassName="missing"),
    )


@pytest.mark.parametrize("name", "abcdefg")
def test_the_group_is_the_same(name: str) -> None:
    seen, ident = cluster(), Ident("Ingress", "shop", name)
    placement, group = frontend.gather(seen, CONFIG, ident)
    assert placement.ident == ident
    if placement.stack is None:
        assert group is None
    else:
        assert group == frontend.survey(seen, CONFIG).group(placement.stack)


def test_the_groups_are_not_empty() -> None:
    groups = frontend.survey(cluster(), CONFIG).groups
    team = next(group for stack, group in groups.items() if stack.name == "team")
    assert [each.name for each in team.members] == ["a", "b", "c"]
    assert [each.name for each in (*team.leaving, *team.unclear)] == ["e", "f"]
