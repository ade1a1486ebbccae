"""Ingress: objects → intent; the result of a plan → status and events. The first frontend; this module is its interface."""

from albatross.catalog import tracking
from albatross.frontend.ingress.group import read
from albatross.frontend.ingress.neighbour import neighbours
from albatross.frontend.ingress.placement import place
from albatross.frontend.ingress.reference import essence, mentions, names
from albatross.frontend.ingress.report import annotations, lost, status

__all__ = [
    "NAMED",
    "OWNERS",
    "PLACING",
    "READS",
    "ROOTS",
    "annotations",
    "essence",
    "lost",
    "mentions",
    "names",
    "neighbours",
    "place",
    "read",
    "status",
]

OWNERS = (tracking.INGRESS,)
ROOTS = ("Ingress",)
PLACING = ("Namespace", "IngressClass", "IngressClassParams")
READS = (*PLACING, "Service")
NAMED = ("Secret",)
