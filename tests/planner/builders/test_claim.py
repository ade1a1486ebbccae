"""Two members with names that give the same resource id: the first in group order gets it; the route of the other is left out."""

import pytest
from tests.world import annotated, compiled, paths

from albatross.catalog import problems
from albatross.model.problem import Problem

PORTS = [{"name": "http", "port": 80, "targetPort": 8080, "nodePort": 30081}]
TWO_WEB = annotated({}, "two-web", "Service", spec={"type": "NodePort", "ports": PORTS})


def group(first: dict[str, str], second: dict[str, str]) -> tuple[set[str], set[str], list[Problem]]:
    """The Services and paths in the model, and the collisions."""
    one = annotated({"group.name": "team", **first}, spec={"ingressClassName": "alb", **paths(("/one", "Exact", "two-web:80"))})
    spec = {
        "ingressClassName": "alb",
        **paths(("/two", "Exact", "web:80"), ("/again", "Exact", "web:80"), ("/go", "Exact", "go:use-annotation")),
    }
    two = annotated({"group.name": "team", **second}, "app-two", spec=spec)
    result = compiled(TWO_WEB, one, two)
    stack = result.stacks["team"]
    assert stack is not None
    served = {value for rule in stack.rules for each in rule.conditions if each.field == "path-pattern" for value in each.values}
    return {each.service for each in stack.bindings}, served, [each for each in result.problems if each.code == "LB171"]


@pytest.mark.parametrize(
    ("orders", "service", "served"),
    [
        (({}, {}), "two-web", {"/one", "/go"}),
        (({"group.order": "2"}, {"group.order": "1"}), "web", {"/two", "/again", "/go"}),
    ],
)
def test_the_first_in_group_order_has_the_target_group(
    orders: tuple[dict[str, str], dict[str, str]], service: str, served: set[str]
) -> None:
    found = group(*orders)
    assert found[0] == {service}
    assert found[1] == served
    assert found[2]
    assert all(problems.severity(each) == "error" for each in found[2])


def test_it_is_said_of_the_second_with_both_names() -> None:
    problem = group({}, {"listen-ports": '[{"HTTP": 80}, {"HTTP": 8080}]'})[2][0]
    assert problem.origin.object == "Ingress/shop/app-two"
    assert (
        "Service web here and Service two-web of Ingress/shop/app would get the same target group, shop/app-two-web:80"
        in problems.message(problem)
    )


def test_one_member_may_use_a_backend_often() -> None:
    services, _, found = group({}, {"group.name": "other"})
    assert (services, found) == ({"two-web"}, [])
