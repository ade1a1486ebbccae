"""The product's policy, and nothing else, is enough for its calls; without some statements of it, the calls of those alone fail."""

from collections.abc import Iterable
from math import isqrt
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
_SIDE = isqrt(len(STATEMENTS) - 1) + 1
LINES = [*(STATEMENTS[n * _SIDE : (n + 1) * _SIDE] for n in range(_SIDE)), *(STATEMENTS[n::_SIDE] for n in range(_SIDE))]
"""The rows and the columns of a square of all statements. A walk costs a second, and one for each statement would be three times as many.

Each statement is missing in its row and in its column, and no other statement is missing in both: a call that a second statement allows
too is refused in one of the two at most.
"""


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


def test_two_statements_are_missing_together_once_at_most() -> None:
    names = [{each.sid for each in line} for line in LINES]
    assert all(sum(each.sid in line for line in names) == 2 for each in STATEMENTS)
    assert all(len(one & other) <= 1 for n, one in enumerate(names) for other in names[:n])


@pytest.mark.parametrize("line", LINES, ids=lambda line: "-".join(each.sid for each in line))
def test_each_statement_is_needed_for_its_own_calls_only(account: Account, people: People, line: list[Statement]) -> None:
    walk = walked(account, people, [each for each in STATEMENTS if each not in line])
    gone = {label(row) for row in ROWS for each in line if row.sid == each.sid}
    assert set(walk.refused) == {step for step, needs in walk.asked.items() if needs & gone}
    actions = {action.lower() for each in line for action in each.actions}
    for text in walk.refused.values():
        assert text.partition("perform: ")[2].partition(" ")[0].lower() in actions
