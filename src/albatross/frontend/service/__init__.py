"""Services that become network load balancers: objects → intent; the result of a plan → status and events. This module is the interface."""

from albatross.catalog import tracking
from albatross.frontend.service.group import read
from albatross.frontend.service.placement import place
from albatross.frontend.service.reference import essence, mentions, names
from albatross.frontend.service.report import annotations, lost, status

__all__ = ["NAMED", "OWNERS", "PLACING", "READS", "ROOTS", "annotations", "essence", "lost", "mentions", "names", "place", "read", "status"]

OWNERS = (tracking.SERVICE,)
ROOTS = ("Service",)
PLACING: tuple[str, ...] = ()
READS: tuple[str, ...] = ()
NAMED: tuple[str, ...] = ()
