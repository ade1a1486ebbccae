"""Every call has a row, every row a use."""

import ast
from collections.abc import Iterator
from pathlib import Path

import botocore.session
import pytest

from albatross.catalog.permissions import OPERATIONS, PERMISSIONS, needed

SOURCE = Path(__file__).parents[2] / "src" / "albatross"


def _calls() -> Iterator[tuple[str, str, str]]:
    """(service, operation, place) of each `….call("service", "Operation", …)` or `….pages(…)`; a name that is no literal is empty."""
    for room in ("aws", "controller", "cli"):
        for path in sorted((SOURCE / room).rglob("*.py")):
            if "demo" in path.parts:
                continue  # it speaks with the sandbox alone
            for node in ast.walk(ast.parse(path.read_text())):
                if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in ("call", "pages"):
                    if path.name == "client.py" and len(node.args) < 3:
                        continue
                    words = [arg.value if isinstance(arg, ast.Constant) else "" for arg in node.args[:2]]
                    if len(words) == 2:
                        yield str(words[0]), str(words[1]), f"{path.name}:{node.lineno}"


def test_every_call_names_its_operation() -> None:
    unnamed = [place for service, operation, place in _calls() if not (service and operation) and not place.startswith("transport.py")]
    assert unnamed == []


def test_every_call_has_a_row() -> None:
    made = {(service, operation) for service, operation, _ in _calls() if service and operation}
    assert made - OPERATIONS == set()
    assert len(made) > 40


def test_every_row_has_a_call() -> None:
    made = {(service, operation) for service, operation, _ in _calls()}
    assert OPERATIONS - made - {("sts", "GetCallerIdentity")} == set()


@pytest.mark.parametrize("service", sorted({row.service for row in PERMISSIONS if row.service}))
def test_operations_exist(service: str) -> None:
    known = set(botocore.session.get_session().get_service_model(service).operation_names)
    assert {row.operation for row in PERMISSIONS if row.service == service} <= known


def test_no_row_stands_twice() -> None:
    rows = [(row.action, row.resources, repr(row.condition), repr(row.scoped), row.feature) for row in PERMISSIONS]
    assert len(rows) == len(set(rows))


def test_rows_of_one_statement_agree() -> None:
    known: dict[str, tuple[object, ...]] = {}
    for row in PERMISSIONS:
        shape = (row.resources, repr(row.condition), repr(row.scoped), row.feature, row.why)
        assert known.setdefault(row.sid, shape) == shape
        assert row.sid.isalnum()


def test_a_denied_call_tells_what_it_needs() -> None:
    assert [row.action for row in needed("elbv2", "CreateRule")] == ["elasticloadbalancing:CreateRule"]
    assert len(needed("elbv2", "AddTags")) == 4
    assert needed("elbv2", "Nothing") == ()


def test_what_the_policy_needs_always() -> None:
    assert all(row.required == (row.feature in ("core", "security-groups")) for row in PERMISSIONS)
    assert any(row.implied for row in PERMISSIONS)
