"""Rules that no request reaches, because an earlier rule matches all of their requests."""

from collections.abc import Mapping

from albatross.catalog.notes import Notes
from albatross.model.problem import Origin
from albatross.model.resources.rule import Condition, Rule
from albatross.model.resources.stack import Stack

Shape = frozenset[tuple[object, ...]]
"""The matches of a rule, independent of the order of conditions and values."""

EVERYTHING: Shape = frozenset()


def check(stack: Stack, origins: Mapping[str, Origin], notes: Notes) -> None:
    """Note rules that match the same requests as an earlier rule, or come after a rule that matches every request to the same hosts."""
    earlier: dict[tuple[str, Shape], Rule] = {}
    for rule in stack.rules:
        port, shape = rule.listener.id, _shape(rule)
        hosts = frozenset(part for part in shape if part[0] == "host-header")
        by = next((earlier[port, each] for each in (EVERYTHING, hosts, shape) if (port, each) in earlier), None)
        if by is None:
            earlier[port, shape] = rule
            continue
        at, over = origins[rule.id], origins[by.id]
        notes.add("LB412", at, port=port, by=f"{over.object} {over.field}")


def _shape(rule: Rule) -> Shape:
    parts = (_part(condition) for condition in rule.conditions)
    return frozenset(part for part in parts if part is not None)


def _part(condition: Condition) -> tuple[object, ...] | None:
    if condition.field == "path-pattern" and ("/*" in condition.values or "*" in condition.values):
        return None
    values = frozenset(value.lower() for value in condition.values) if condition.field == "host-header" else frozenset(condition.values)
    return (condition.field, values, frozenset(condition.regex_values), condition.header.lower(), frozenset(condition.query))
