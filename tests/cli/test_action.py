"""The GitHub Action and the pre-commit hooks: what they call exists, and the script writes one comment."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from tests.cli.front import GOLDEN, albatross

ROOT = Path(__file__).parents[2]
ACTION = yaml.safe_load((ROOT / "action.yml").read_text())
GH = """#!/bin/sh
echo "$*" >> calls
case "$*" in *--jq*) cat found || exit ;; esac
for word; do case "$word" in body=@*) cp "${word#body=@}" comment ;; esac; done
"""
"""A program that records how the script calls gh; `found` has the comments that are there."""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    program = tmp_path / "bin" / "gh"
    program.parent.mkdir()
    program.write_text(GH)
    program.chmod(0o755)
    (tmp_path / "found").write_text("")
    for name in ("good.yaml", "shop.yaml"):
        (tmp_path / name).write_text((GOLDEN / name).read_text())
    return tmp_path


def run(folder: Path, **more: str) -> tuple[int, str, str]:
    """Runs the script; returns its exit code, what it printed, and the last call of gh."""
    path = f"{folder / 'bin'}:{Path(sys.executable).parent}:{os.environ['PATH']}"
    inputs = {"TITLE": "Load balancers", "FACTS": "", "FAIL_ON": "", "COMMENT": "true", "NUMBER": "7", "GITHUB_REPOSITORY": "a/b"}
    environment = {**os.environ, "PATH": path, **inputs, **more}
    done = subprocess.run([ROOT / "ci" / "action.sh"], cwd=folder, env=environment, capture_output=True, text=True, check=False)
    calls = folder / "calls"
    return done.returncode, done.stdout, calls.read_text().splitlines()[-1] if calls.exists() else ""


def test_the_plan_is_one_folded_comment(folder: Path) -> None:
    code, _, call = run(folder, FILES="go*.yaml", GITHUB_STEP_SUMMARY=str(folder / "summary"))
    assert code == 0
    assert call.startswith("api --silent --method POST repos/a/b/issues/7/comments --field body=@")
    lines = (folder / "comment").read_text().splitlines()
    assert lines[:3] == ["<!-- albatross: Load balancers -->", "### Load balancers", ""]
    assert lines[3].startswith("**")
    assert lines[5] == "<details><summary>Problems and plan</summary>"
    assert lines[-1] == "</details>"
    assert (folder / "summary").read_text() == (folder / "comment").read_text()


def test_the_comment_is_replaced_and_problems_fail(folder: Path) -> None:
    (folder / "found").write_text("41\n42\n")
    code, out, call = run(folder, FILES="shop.yaml")
    assert code == 1
    assert "::error file=shop.yaml,line=22" in out
    assert call.startswith("api --silent --method PATCH repos/a/b/issues/comments/41 --field body=@")


def test_without_a_plan_the_comment_has_the_error(folder: Path) -> None:
    (folder / "found").unlink()
    code, out, _ = run(folder, FILES="good.yaml", FACTS="none.json", GITHUB_STEP_SUMMARY=str(folder / "summary"))
    assert code == 2
    assert "::warning::the comment was not written" in out
    assert "cannot read none.json" in (folder / "summary").read_text()


def test_outside_of_a_pull_request_nothing_is_written(folder: Path) -> None:
    assert run(folder, FILES="good.yaml", NUMBER="")[::2] == (0, "")


def test_inputs_reach_the_script_only_as_variables() -> None:
    install, work = ACTION["runs"]["steps"]
    assert "${{" not in install["run"] + work["run"]
    named = {value.split("inputs.")[1].split(" ")[0] for value in work["env"].values() if "inputs." in value}
    assert named == set(ACTION["inputs"])


def test_hooks_call_what_exists(folder: Path) -> None:
    for hook in yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text()):
        program, *arguments = hook["entry"].split(" ")
        assert program == "albatross"
        assert albatross(*arguments, folder / "good.yaml").code == 0
