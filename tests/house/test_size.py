"""Nothing grows past what a reader can hold. The bounds only ever go down."""

from statistics import quantiles

from measure import ROOT, functions, modules


def p95(numbers: list[int]) -> float:
    return quantiles(numbers, n=20)[-1]


def test_functions_are_short() -> None:
    found = list(functions())
    assert not [f for f in found if f.lines > 60]
    assert p95([f.lines for f in found]) <= 30


def test_functions_take_few_parameters() -> None:
    assert not [f for f in functions() if f.parameters > 6]


def test_functions_nest_little() -> None:
    depths = [f.depth for f in functions()]
    assert max(depths) <= 4
    assert len([depth for depth in depths if depth > 3]) <= 13


def test_modules_are_short() -> None:
    sizes = {str(m.relative_to(ROOT)): m.read_text().count("\n") for m in modules()}
    assert not {name: n for name, n in sizes.items() if n > 600}
    assert p95(list(sizes.values())) <= 400
