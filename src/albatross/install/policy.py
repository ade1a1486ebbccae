"""The IAM policy of the controller: only what the features in use need, each statement with a name and a reason.

By default the policy is limited to one cluster: it allows every write only for resources with the tag of this cluster, so that the
clusters of one account cannot change each other's load balancers.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal, get_args

from albatross.catalog.permissions import PERMISSIONS, REQUEST_TAG, RESOURCE_TAG, UNASKED, CallPermission, Condition, Feature

Scope = Literal["cluster", "account"]
Partition = Literal["aws", "aws-cn", "aws-us-gov"]

SIZE = 6144
"""The maximum number of characters of a managed policy without white space: IAM User Guide, "IAM and AWS STS quotas"."""
ALWAYS: tuple[Feature, ...] = ("core", "security-groups")
ASKED: tuple[Feature, ...] = ("certificate-creation", "dns", "cross-account", "given-target-groups", "command-line")
"""Features that a policy allows only on request: they are off by default, few clusters use them, or the controller does not need them."""
FEATURES: tuple[Feature, ...] = get_args(Feature)
USUAL = tuple(each for each in FEATURES if each not in ASKED)
"""The features that a controller with default settings can use."""

Document = dict[str, Any]
"""An IAM policy document as JSON."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """One statement of a policy: `sid` is its name, `why` its reason."""

    sid: str
    why: str
    feature: Feature
    actions: tuple[str, ...]
    resources: tuple[str, ...]
    condition: Mapping[str, Mapping[str, str | tuple[str, ...]]]

    @property
    def json(self) -> Document:
        """The statement in the form of IAM. A list with one item is still a list."""
        found: Document = {"Sid": self.sid, "Effect": "Allow", "Action": list(self.actions), "Resource": list(self.resources)}
        if self.condition:
            found["Condition"] = {
                operator: {key: _plain(value) for key, value in keys.items()} for operator, keys in self.condition.items()
            }
        return found


def _plain(value: str | tuple[str, ...]) -> str | list[str]:
    return list(value) if isinstance(value, tuple) else value


def statements(
    features: Iterable[Feature], cluster: str, scope: Scope = "cluster", partition: Partition = "aws", roles: Iterable[str] = ()
) -> tuple[Statement, ...]:
    """The statements of the features, in the order of the table; `core` and `security-groups` are always included.

    `roles` are the ARNs of the roles to assume, if they are known: then `cross-account` allows only these.
    """
    kept: list[Statement] = []
    for statement in listed({*ALWAYS, *features}, cluster, scope, partition):
        # If the policy is not limited to one cluster, two statements can be equal.
        if not any(_covers(other, statement) for other in kept):
            kept.append(statement)
    lent = tuple(dict.fromkeys(roles))
    return tuple(replace(each, resources=lent) if lent and each.feature == "cross-account" else each for each in kept)


def listed(features: Iterable[Feature], cluster: str, scope: Scope, partition: str) -> tuple[Statement, ...]:
    """One statement for each name in the table, also if another one allows the same."""
    wanted = frozenset(features)
    rows: dict[str, list[CallPermission]] = {}
    for row in PERMISSIONS:
        if row.feature in wanted and row.action not in UNASKED:
            rows.setdefault(row.sid, []).append(row)
    return tuple(_statement(each, cluster, scope, partition) for each in rows.values())


def _covers(other: Statement, statement: Statement) -> bool:
    same = (other.resources, other.condition) == (statement.resources, statement.condition)
    return same and set(statement.actions) <= set(other.actions)


def _statement(rows: list[CallPermission], cluster: str, scope: Scope, partition: str) -> Statement:
    row = rows[0]
    return Statement(
        sid=row.sid,
        why=row.why,
        feature=row.feature,
        actions=tuple(sorted(each.action for each in rows)),
        resources=tuple(each.format(partition=partition) for each in row.resources),
        condition=_narrowed(row, cluster) if scope == "cluster" else row.condition,
    )


def _narrowed(row: CallPermission, cluster: str) -> Condition:
    """The condition with the name of this cluster: a condition for the tag of any cluster becomes one for the tag of this cluster."""
    found: dict[str, dict[str, str | tuple[str, ...]]] = {}
    for condition in (row.condition, row.scoped):
        for operator, keys in condition.items():
            for key, value in keys.items():
                named = operator == "Null" and value == "false" and key in (REQUEST_TAG, RESOURCE_TAG)
                place = found.setdefault("StringEquals" if named else operator, {})
                place[key.replace("{cluster}", cluster)] = cluster if named or value == "{cluster}" else value
    return found


def document(found: Iterable[Statement]) -> Document:
    """A policy document."""
    return {"Version": "2012-10-17", "Statement": [each.json for each in found]}


def split(found: Iterable[Statement]) -> tuple[tuple[Statement, ...], ...]:
    """The statements in their order, split into policies. Each has at most the size of a managed policy."""
    policies: list[list[Statement]] = [[]]
    for statement in found:
        if policies[-1] and size((*policies[-1], statement)) > SIZE:
            policies.append([])
        policies[-1].append(statement)
    return tuple(tuple(each) for each in policies)


def size(found: Iterable[Statement]) -> int:
    """The number of characters of the document without white space."""
    return sum(not each.isspace() for each in json.dumps(document(found)))
