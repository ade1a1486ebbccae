"""The project speaks of itself only, and leaves nothing half done."""

import re
from pathlib import Path

import pytest
from measure import ROOT

UNDONE = re.compile(r"\b(TO" + r"DO|FIX" + r"ME|XX" + r"X)\b|Not" + r"ImplementedError")
FOLDERS = ("src", "packages", "tests", "docs", "designs", "changes", "benchmarks")
TEXT = {".py", ".md", ".toml", ".yaml", ".yml", ".cfg", ".txt"}


def files() -> list[Path]:
    inside = [p for folder in FOLDERS for p in (ROOT / folder).rglob("*") if p.suffix in TEXT and "conformance" not in p.parts]
    return [*inside, *ROOT.glob("*.md"), ROOT / "Makefile", ROOT / "pyproject.toml", ROOT / "conftest.py"]


@pytest.mark.parametrize("path", files(), ids=lambda p: str(p.relative_to(ROOT)))
def test_nothing_is_left_undone(path: Path) -> None:
    assert not UNDONE.findall(path.read_text(errors="replace"))


def test_the_lock_names_no_registry() -> None:
    assert "://" not in (ROOT / "requirements.lock").read_text()
