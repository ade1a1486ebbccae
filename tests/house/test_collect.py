"""Every folder with tests is collected."""

from fnmatch import fnmatch

import pytest
from measure import ROOT, TESTS


def test_every_folder_with_tests_is_entered(pytestconfig: pytest.Config) -> None:
    passed_over = pytestconfig.getini("norecursedirs")
    folders = {part for tree in TESTS for path in tree.rglob("test_*.py") for part in path.relative_to(ROOT).parts[:-1]}
    assert not [name for name in sorted(folders) if any(fnmatch(name, pattern) for pattern in passed_over)]


def test_every_tree_of_tests_is_run(pytestconfig: pytest.Config) -> None:
    assert [ROOT / each for each in pytestconfig.getini("testpaths")] == list(TESTS)
