"""Imports: modules do not import each other in a circle, and every module imports few others. The limits only go down."""

from collections.abc import Mapping
from graphlib import CycleError, TopologicalSorter
from statistics import median

from measure import imports, parents

Edges = Mapping[str, frozenset[str]]

FACADES = {
    "albatross.catalog.permissions",
    "albatross.catalog.problems",
    "albatross.catalog.refusals",
    "albatross.catalog.settings",
    "albatross.checks",
    "albatross.cli.demo",
    "albatross.frontend.ingress",
    "albatross.frontend.service",
    "albatross.manifests",
    "albatross.planner.builders",
}
"""Packages that import their modules, which import each other through the package during its import."""


def circle(found: Edges) -> list[str]:
    """A circle of imports, if one exists."""
    try:
        TopologicalSorter(found).prepare()
    except CycleError as error:
        return list(error.args[1])
    return []


def test_a_circle_is_found() -> None:
    assert circle({"a": frozenset({"b"}), "b": frozenset({"a"})})
    assert not circle({"a": frozenset({"b"}), "b": frozenset()})


def test_no_module_imports_itself_by_way_of_others() -> None:
    assert circle(imports()) == []


def test_no_further_package_is_imported_by_what_it_imports() -> None:
    found, named = imports(), parents()
    edges = {module: found[module] | named[module] - FACADES for module in found}
    assert circle(edges) == []


def test_modules_import_few_others() -> None:
    numbers = {module: len(found) for module, found in imports().items()}
    assert median(numbers.values()) <= 4
    assert {module: number for module, number in numbers.items() if number > 34} == {}
    assert len([number for number in numbers.values() if number > 8]) <= 0.17 * len(numbers)
