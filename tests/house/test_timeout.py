"""Every test has a time limit."""

import ast

import pytest
from measure import ROOT, TESTS, nodes

LONGER = {
    "packages/sandbox/tests/world/test_world.py",
    "tests/cli/test_demo.py",
    "tests/cli/test_install.py",
    "tests/flows/test_cases.py",
    "tests/flows/test_dns.py",
    "tests/flows/test_edit.py",
    "tests/flows/test_examples.py",
    "tests/flows/test_group.py",
    "tests/flows/test_howto.py",
    "tests/flows/test_identity.py",
    "tests/flows/test_install.py",
    "tests/flows/test_migrate.py",
    "tests/flows/test_page.py",
    "tests/flows/test_service.py",
    "tests/flows/test_switch.py",
    "tests/flows/test_targets.py",
    "tests/flows/test_why.py",
    "tests/kube/test_real.py",
    "tests/test_fuzzed.py",
    "tests/test_survival.py",
}
"""Tests that may run longer: a whole world starts in 8 s, on a busy machine in 40 s, and each step has a minute."""


def test_every_test_ends_within_a_minute(pytestconfig: pytest.Config) -> None:
    assert pytestconfig.pluginmanager.hasplugin("timeout")
    assert (float(pytestconfig.getini("timeout")), pytestconfig.getini("timeout_method")) == (60, "signal")


def test_exceptions_are_named() -> None:
    marks = {
        str(path.relative_to(ROOT))
        for tree in TESTS
        for path in tree.rglob("*.py")
        if "pytest.mark.timeout" in path.read_text()
        for node in nodes(path)
        if isinstance(node, ast.Attribute) and node.attr == "timeout" and ast.unparse(node) == "pytest.mark.timeout"
    }
    assert marks == LONGER
