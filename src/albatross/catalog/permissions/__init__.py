"""One row for each AWS action: the feature that needs it, and its condition. The IAM policy and its page are generated from this table.

A test holds the rows against the code: every operation that the AWS half can call has one.
"""

from albatross.catalog.permissions import addons, balancing, certificates, dns, groups, others, read
from albatross.catalog.permissions.call import REQUEST_TAG, RESOURCE_TAG, CallPermission, Condition, Feature

__all__ = ["OPERATIONS", "PERMISSIONS", "REQUEST_TAG", "RESOURCE_TAG", "UNASKED", "CallPermission", "Condition", "Feature", "needed"]

PERMISSIONS: tuple[CallPermission, ...] = tuple(
    row for module in (read, balancing, groups, certificates, dns, addons, others) for row in module.ROWS
)
"""Every action. An action can occur several times, with other resources or another condition."""

OPERATIONS: frozenset[tuple[str, str]] = frozenset((row.service, row.operation) for row in PERMISSIONS if row.service)
"""(service, operation) pairs that have a row."""


UNASKED = frozenset({"sts:GetCallerIdentity"})
"""Actions that AWS allows for everybody, without a policy."""


def needed(service: str, operation: str) -> tuple[CallPermission, ...]:
    """The rows of one call: the actions to name if AWS denies it."""
    return tuple(row for row in PERMISSIONS if (row.service, row.operation) == (service, operation))
