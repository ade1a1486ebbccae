"""`lint` as a gate: plain files, exit codes, and which problems count."""

import io
import sys
from pathlib import Path

import pytest
from tests.cli.front import GOLDEN, albatross

GOOD = (GOLDEN / "good.yaml").read_text()
WARNED = GOOD.replace("/scheme:", "/sceme:")
"""One warning: LB131."""


@pytest.fixture
def warned(tmp_path: Path) -> Path:
    path = tmp_path / "a.yaml"
    path.write_text(WARNED)
    return path


def test_files_are_plain_arguments(warned: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (warned.parent / "b.yaml").write_text(GOOD.replace("name: ", "name: b"))
    assert " in 2 files" in albatross("lint", *sorted(warned.parent.glob("*.yaml"))).out
    assert " in 2 files" in albatross("lint", warned, "-f", warned.parent / "b.yaml").out
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(GOOD.encode())))
    assert albatross("lint", "-").out == "no problems in 1 file (1 Ingress, 1 Service)\n"


def test_warnings_can_fail(warned: Path) -> None:
    assert albatross("lint", warned).code == 0
    assert albatross("lint", warned, "--fail-on", "warning").code == 1
    assert albatross("lint", warned, "--fail-on", "warning", "--fix").code == 0
    assert albatross("lint", GOLDEN / "good.yaml", "--fail-on", "warning").code == 0


@pytest.mark.parametrize("wrong", [["--nonsense"], [], ["a.yaml", "--facts", "none.json"], ["a.yaml", "--cluster-name", ""]])
def test_wrong_usage_is_no_finding(wrong: list[str], warned: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(warned.parent)
    answer = albatross("lint", *wrong)
    assert (answer.code, answer.out) == (2, "")
    assert albatross("lint", "none.yaml").code == 1
