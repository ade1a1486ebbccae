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
        ("two-web", {TWO: {"web"}}, APP),
        ("web", {APP: {"two-web"}}, TWO),
        ("other", {APP: {"two-web"}}, APP),
        (None, {APP: {"two-web"}, TWO: {"other"}}, APP),
        (None, {TWO: {"web"}}, TWO),
        (None, {APP: {"two-web"}, TWO: {"web"}}, TWO),
        (None, {}, TWO),
    ],
)
def test_whose_is_it(bound: str | None, mentions: dict[Ident, set[str]], owner: Ident) -> None:
    binding = replace(STACK.bindings[0], target_group="arn:tg", service=bound or "")
    seen = Observed(
        target_groups=(Owned(resource=replace(GROUP, id=ID), arn="arn:tg"),),
        bindings=(Owned(resource=binding, arn="shop/b"),) if bound is not None else (),
    )
    services = {ident: frozenset(Ident("Service", "shop", name) for name in names) for ident, names in mentions.items()}
    assert Owners((APP, TWO), services).groups(seen) == {ID: owner}
    assert Owners((TWO, APP), services).groups(seen) == {ID: owner}


def test_what_is_named_after_nobody_belongs_to_nobody() -> None:
    seen = Observed(target_groups=(Owned(resource=replace(GROUP, id="FrontendNlb-tg-TCP-80"), arn="arn:tg"),))
    assert Owners((APP,), {}).groups(seen) == {}
