"""Sizes have limits, so that the code is easy to read. The limits only go down; each package has its own."""

from dataclasses import dataclass
from statistics import quantiles

import pytest
from measure import PACKAGES, ROOT, functions, modules


@dataclass(frozen=True)
class Bounds:
    """The maximum lines of every function and module, and of 19 in 20; the maximum parameters; the deepest nesting, and how
    many functions may nest deeper than 3."""

    function: int = 60
    functions: int = 30
    module: int = 600
    modules: int = 400
    parameters: int = 6
    depth: int = 4
    deep: int = 13


BOUNDS = {"albatross": Bounds(), "albatross_sandbox": Bounds()}
package = pytest.mark.parametrize("package", sorted(PACKAGES))


def p95(numbers: list[int]) -> float:
    return quantiles(numbers, n=20)[-1]


@package
def test_functions_are_short(package: str) -> None:
    found = functions(package)
    assert not [f for f in found if f.lines > BOUNDS[package].function]
    assert p95([f.lines for f in found]) <= BOUNDS[package].functions


@package
def test_functions_take_few_parameters(package: str) -> None:
    assert not [f for f in functions(package) if f.parameters > BOUNDS[package].parameters]


@package
def test_functions_nest_little(package: str) -> None:
    depths = [f.depth for f in functions(package)]
    assert max(depths) <= BOUNDS[package].depth
    assert len([depth for depth in depths if depth > 3]) <= BOUNDS[package].deep


@package
def test_modules_are_short(package: str) -> None:
    sizes = {str(m.relative_to(ROOT)): m.read_text().count("\n") for m in modules(package)}
    assert not {name: n for name, n in sizes.items() if n > BOUNDS[package].module}
    assert p95(list(sizes.values())) <= BOUNDS[package].modules
