"""The owner of a target group: by its binding, then by the member that mentions its Service, then by the longest name."""

from dataclasses import replace

import pytest
from tests.planner.stand import GROUP, STACK

from albatross.model.ident import Ident
from albatross.model.observed import Observed, Owned
from albatross.planner.owner import Owners

APP, TWO = Ident("Ingress", "shop", "app"), Ident("Ingress", "shop", "app-two")
ID = "shop/app-two-web:80"


@pytest.mark.parametrize(
    ("bound", "mentions", "owner"),
    [
        ("two-web", {TWO: frozenset({"web"})}, APP),
        ("web", {APP: frozenset({"two-web"})}, TWO),
        ("other", {APP: frozenset({"two-web"})}, APP),
        (None, {APP: frozenset({"two-web"}), TWO: frozenset({"other"})}, APP),
        (None, {TWO: frozenset({"web"})}, TWO),
        (None, {APP: frozenset({"two-web"}), TWO: frozenset({"web"})}, TWO),
        (None, {}, TWO),
    ],
)
def test_whose_is_it(bound: str | None, mentions: dict[Ident, frozenset[str]], owner: Ident) -> None:
    binding = replace(STACK.bindings[0], target_group="arn:tg", service=bound or "")
    seen = Observed(
        target_groups=(Owned(resource=replace(GROUP, id=ID), arn="arn:tg"),),
        bindings=(Owned(resource=binding, arn="shop/b"),) if bound is not None else (),
    )
    assert Owners((APP, TWO), mentions).groups(seen) == {ID: owner}
    assert Owners((TWO, APP), mentions).groups(seen) == {ID: owner}


def test_what_is_named_after_nobody_belongs_to_nobody() -> None:
    seen = Observed(target_groups=(Owned(resource=replace(GROUP, id="FrontendNlb-tg-TCP-80"), arn="arn:tg"),))
    assert Owners((APP,), {}).groups(seen) == {}
