"""The product's policy, and nothing else, is enough for its calls; without one statement of it, the calls of that statement alone fail."""

from collections.abc import Iterable
from typing import Any

import pytest

from albatross.catalog.permissions import UNASKED
from albatross.install import policy
from albatross.install.policy import Statement

from .walk import LEFT_OUT, ROWS, Walk, label

Account = Any
People = Any
pytestmark = pytest.mark.xdist_group("sandbox-aws")  # one account serves them all

STATEMENTS = policy.statements([each for each in policy.FEATURES if each not in LEFT_OUT], "sandbox")
UNTRIED = {
    "elasticloadbalancing:ModifyCapacityReservation",
    "elasticloadbalancing:ModifyIpPools",
    "shield:CreateProtection",
    "shield:DeleteProtection",
    "shield:DescribeProtection",
    "sts:AssumeRole",
}
"""Calls that the walk does not make."""


def walked(account: Account, people: People, statements: Iterable[Statement]) -> Walk:
    account.load_balancer()  # the first of an account needs the service-linked role, which is tried elsewhere
    walk = Walk(account, people.may(*(each.json for each in statements)))
    walk.run()
    return walk


def test_the_policy_is_enough(account: Account, people: People) -> None:
    walk = walked(account, people, STATEMENTS)
    assert walk.refused == {}
    called = {label(row) for row in ROWS if row.service} - UNASKED
    assert called - set().union(*walk.asked.values()) == UNTRIED


@pytest.mark.parametrize("statement", STATEMENTS, ids=lambda each: each.sid)
def test_each_statement_is_needed_for_its_own_calls_only(account: Account, people: People, statement: Statement) -> None:
    walk = walked(account, people, [each for each in STATEMENTS if each != statement])
    gone = {label(row) for row in ROWS if row.sid == statement.sid}
    assert set(walk.refused) == {step for step, needs in walk.asked.items() if needs & gone}
    actions = {action.lower() for action in statement.actions}
    for text in walk.refused.values():
        assert text.partition("perform: ")[2].partition(" ")[0].lower() in actions
