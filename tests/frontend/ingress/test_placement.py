"""Groups: who belongs, who leaves, in which order."""

import pytest
from tests.world import CONFIG, Result, annotated, compiled, paths, snapshot

from albatross import pipeline
from albatross.catalog.tracking import INGRESS, finalizer
from albatross.frontend import ingress
from albatross.model.resources.stack import StackId

TEAM = {"group.name": "team"}


def member(name: str, **annotations: str) -> str:
    given = {**TEAM, **{key.replace("_", "."): value for key, value in annotations.items()}}
    return annotated(given, name, spec={"ingressClassName": "alb", **paths(("/" + name, "Exact", "web:80"))})


def order(*patches: str) -> list[str]:
    survey = pipeline.survey(snapshot(*patches), CONFIG)
    return [member.name for member in survey.groups[StackId(INGRESS, "", "team")].members]


def test_order_then_name() -> None:
    assert order(member("b"), member("a"), member("c", group_order="-1")) == ["c", "a", "b"]


@pytest.mark.parametrize("bad", ["x", "1001", ""])
def test_a_bad_order_stops_the_group(bad: str) -> None:
    result = compiled(member("a", group_order=bad), member("b"))
    assert result.stacks["team"] is None
    assert result.errors in (["LB102"], ["LB103"])


@pytest.mark.parametrize(("name", "code"), [("Team", "LB137"), ("", "LB137"), ("-a", "LB137"), ("a_b", "LB137"), ("a" * 64, "LB138")])
def test_bad_names(name: str, code: str) -> None:
    result = compiled(annotated({"group.name": name}))
    assert result.errors == [code]
    assert result.stacks == {}


def test_the_class_names_the_group() -> None:
    result = compiled(
        annotated({"group.name": "Not_Even_Valid"}),
        "kind: IngressClass\nmetadata: {name: alb}\nspec: {parameters: {apiGroup: elbv2.k8s.aws, kind: IngressClassParams, name: p}}\n",
        "kind: IngressClassParams\nmetadata: {name: p}\nspec: {group: {name: all}}\n",
    )
    assert result.stacks.keys() == {"all"}


def test_finalizers_name_groups() -> None:
    held_by = "kind: Ingress\nmetadata: {name: app, finalizers: [ingress.k8s.aws/resources, group.ingress.k8s.aws/team, x/y]}\n"
    cluster = snapshot(held_by)
    held = ingress.place(cluster.ingresses["shop", "app"], cluster, CONFIG).held
    assert held == (StackId(INGRESS, "shop", "app"), StackId(INGRESS, "", "team"))
    assert [finalizer(stack) for stack in held] == ["ingress.k8s.aws/resources", "group.ingress.k8s.aws/team"]


def test_a_member_that_carries_its_own_finalizer_stays() -> None:
    result = compiled("kind: Ingress\nmetadata: {name: app, finalizers: [ingress.k8s.aws/resources]}\n")
    assert len(result.stack.load_balancers) == 1


def leaving(annotations: str = "{}", deleted: str = "2026-01-01T00:00:00Z") -> str:
    return (
        f"kind: Ingress\nmetadata:\n  name: app\n  finalizers: [ingress.k8s.aws/resources]\n  deletionTimestamp: '{deleted}'\n"
        f"  annotations: {annotations}\n"
    )


def test_the_last_member_leaves_an_empty_stack() -> None:
    stack = compiled(leaving()).stack
    assert stack.load_balancers == ()
    assert stack.id == StackId(INGRESS, "shop", "app")


@pytest.mark.parametrize(
    ("value", "code"),
    [("deletion_protection.enabled=true", "LB214"), ("deletion_protection.enabled=on", "LB101"), ("x", "LB106"), ("a=b", "")],
)
def test_deletion_protection_holds_the_group(value: str, code: str) -> None:
    result = compiled(leaving(f"{{alb.ingress.kubernetes.io/load-balancer-attributes: '{value}'}}"))
    assert result.errors == ([code] if code else [])
    assert (result.stacks["shop/app"] is None) is bool(code)


GUARD = "alb.ingress.kubernetes.io/load-balancer-attributes: deletion_protection.enabled=true"


def test_deletion_protection_holds_a_group_that_its_last_member_leaves() -> None:
    moved = f"kind: Ingress\nmetadata:\n  name: app\n  finalizers: [group.ingress.k8s.aws/old]\n  annotations: {{{GUARD}}}\n"
    result = compiled(moved)
    assert (result.errors, result.stacks["old"]) == (["LB216"], None)
    assert result.stack.load_balancers
    stays = compiled(moved, member("other").replace("team", "old"))
    assert (stays.errors, stays.stacks["old"] is None) == ([], False)


def test_an_unclear_member_holds_the_group_it_belonged_to() -> None:
    result = compiled("kind: Ingress\nmetadata: {name: app, finalizers: [ingress.k8s.aws/resources]}\nspec: {ingressClassName: ghost}\n")
    assert result.errors == ["LB201"]
    assert result.stacks == {"shop/app": None}


def test_a_member_of_another_group_leaves_the_old_one() -> None:
    moved = member("app") + "\n---\nkind: Ingress\nmetadata: {name: app, finalizers: [ingress.k8s.aws/resources]}\n"
    result: Result = compiled(moved)
    assert result.stack.load_balancers == ()
    assert result.stacks["team"] is not None
