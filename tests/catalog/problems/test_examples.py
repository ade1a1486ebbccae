"""The example of every row behaves as it says: broken has the problem, fixed has no problem at all."""

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest
import yaml
from tests.cli.front import albatross
from tests.world import objects, shown

from albatross import manifests
from albatross.catalog.fixes import FIXES, Fix
from albatross.catalog.problems import PROBLEMS, Example, message, remedy
from albatross.catalog.problems.row import ProblemRow
from albatross.model.problem import Problem

SHOWN = [row for row in PROBLEMS.values() if row.example]


def found(example: Example, text: str, folder: Path) -> list[Problem]:
    """Every problem of a manifest: of whole files those of reading them, else those of all that is decided."""
    if not example.whole:
        return shown(example, text).problems
    (folder / "example.yaml").write_text(text)
    return list(manifests.load([str(folder)]).problems)


def codes(problems: Iterable[Problem]) -> set[str]:
    return {problem.code for problem in problems}


INTENDED = {"LB139": {"LB408"}}
"""Notes about the effect of a right value, which no other value can avoid."""


@pytest.mark.parametrize("row", SHOWN, ids=lambda row: row.code)
def test_a_fix_removes_the_problem_and_adds_none(row: ProblemRow, tmp_path: Path) -> None:
    assert row.example
    wrong = [each for each in found(row.example, row.example.broken, tmp_path) if each.code == row.code]
    assert wrong
    assert not [words for each in wrong for words in (message(each), remedy(each)) if "<" in words]
    assert codes(found(row.example, row.example.fixed, tmp_path)) == INTENDED.get(row.code, set())


def documents(example: Example, text: str) -> list[dict[str, Any]]:
    """The objects of a manifest."""
    return [each for each in yaml.safe_load_all(text) if each] if example.whole else objects(text)


UNCERTAIN = frozenset({"LB104", "LB142"})
"""Rows with an example that has several possible corrections; their fixes have examples of their own."""
WRITTEN = [
    pytest.param(example, code in UNCERTAIN and example is PROBLEMS[code].example, id=f"{code}-{n}")
    for code, fix in FIXES.items()
    for n, example in enumerate((PROBLEMS[code].example, *fix.examples))
]


@pytest.mark.parametrize(("example", "uncertain"), WRITTEN)
def test_lint_writes_what_the_row_shows(example: Example, uncertain: bool, tmp_path: Path) -> None:
    path = tmp_path / "app.json"
    path.write_text(json.dumps({"apiVersion": "v1", "kind": "List", "items": documents(example, example.broken)}))
    albatross("lint", "--fix", "-f", path, "-n", "shop", *example.flags)
    assert json.loads(path.read_text())["items"] == documents(example, example.broken if uncertain else example.fixed)


@pytest.mark.parametrize("fix", FIXES.values(), ids=lambda fix: fix.code)
def test_a_fix_has_examples(fix: Fix) -> None:
    assert fix.examples


def test_a_row_has_an_example_or_says_why_not() -> None:
    assert not [row.code for row in PROBLEMS.values() if bool(row.example) == bool(row.unshown)]
