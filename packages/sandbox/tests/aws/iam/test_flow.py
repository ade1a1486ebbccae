"""The product's policy, and nothing else, is enough for its calls; without one statement of it, the calls of that statement alone fail."""

import json
from itertools import groupby
from typing import Any

import pytest

from albatross.catalog.permissions import PERMISSIONS, Permission

from .walk import Walk, label

Account = Any
People = Any
Rows = tuple[Permission, ...]
pytestmark = pytest.mark.xdist_group("sandbox-aws")  # one account serves them all


def _place(row: Permission) -> str:
    return json.dumps([row.resources, row.condition], sort_keys=True)


GROUPS: list[Rows] = [tuple(rows) for _, rows in groupby(sorted(PERMISSIONS, key=_place), key=_place)]
"""The rows of one statement each: those with the same resources and condition."""


def statement(rows: Rows) -> dict[str, Any]:
    first = rows[0]
    resources = [each.replace("{partition}", "aws") for each in first.resources]
    found = {"Effect": "Allow", "Action": sorted({row.action for row in rows}), "Resource": resources}
    return {**found, **({"Condition": first.condition} if first.condition else {})}


def test_a_managed_policy_can_hold_it() -> None:
    made = json.dumps({"Version": "2012-10-17", "Statement": [statement(rows) for rows in GROUPS]}, separators=(",", ":"))
    assert len(made) <= 6144


def walked(account: Account, people: People, groups: list[Rows]) -> Walk:
    account.load_balancer()  # the first of an account needs the service-linked role, which is tried elsewhere
    walk = Walk(account, people.may(*(statement(rows) for rows in groups)))
    walk.run()
    return walk


def test_the_policy_is_enough(account: Account, people: People) -> None:
    walk = walked(account, people, GROUPS)
    assert walk.refused == {}
    missing = {label(row) for row in PERMISSIONS if row.service} - set().union(*walk.asked.values())
    assert missing == {
        "elasticloadbalancing:ModifyCapacityReservation",
        "elasticloadbalancing:ModifyIpPools",
        "shield:CreateProtection",
        "shield:DeleteProtection",
        "shield:DescribeProtection",
        "sts:AssumeRole",
    }, "what the walk does not try"


@pytest.mark.parametrize("left_out", range(len(GROUPS)), ids=lambda index: f"{GROUPS[index][0].action}-{len(GROUPS[index])}")
def test_each_statement_is_needed_for_its_own_calls_only(account: Account, people: People, left_out: int) -> None:
    walk = walked(account, people, [rows for index, rows in enumerate(GROUPS) if index != left_out])
    gone = {label(row) for row in GROUPS[left_out]} - {"sts:GetCallerIdentity"}  # which no policy has to grant
    assert set(walk.refused) == {step for step, needs in walk.asked.items() if needs & gone}
    actions = {row.action.lower() for row in GROUPS[left_out]}
    for text in walk.refused.values():
        assert text.partition("perform: ")[2].partition(" ")[0].lower() in actions
