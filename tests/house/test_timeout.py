"""No test waits for ever."""

import ast

import pytest
from measure import ROOT, TESTS

LONGER = {"tests/cli/test_demo.py", *(f"tests/flows/test_{name}.py" for name in ("edit", "group", "targets"))}
"""Where a test may take longer: they take up to 25 s with a whole world, and each wait in them has a limit of a minute of its own."""


def test_every_test_ends_within_a_minute(pytestconfig: pytest.Config) -> None:
    assert pytestconfig.pluginmanager.hasplugin("timeout")
    assert (float(pytestconfig.getini("timeout")), pytestconfig.getini("timeout_method")) == (60, "signal")


def test_exceptions_are_named() -> None:
    marks = {
        str(path.relative_to(ROOT))
        for tree in TESTS
        for path in tree.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Attribute) and ast.unparse(node) == "pytest.mark.timeout"
    }
    assert marks == LONGER
