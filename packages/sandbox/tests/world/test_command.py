"""`albatross sandbox …` without a world."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from albatross.cli.sandbox import sandbox
from albatross_sandbox.world import launch
from albatross_sandbox.world.state import State


def run(folder: Path, *argv: str) -> Result:
    return CliRunner().invoke(sandbox, argv, env={"ALBATROSS_SANDBOX_DIR": str(folder)})


def test_status_without_a_world(tmp_path: Path) -> None:
    result = run(tmp_path, "status")
    assert result.exit_code == 1
    assert "albatross sandbox up" in result.output


def test_status_as_json(tmp_path: Path) -> None:
    result = run(tmp_path, "status", "--output", "json")
    assert json.loads(result.output) == {"running": False, "state": str(tmp_path)}


def test_status_says_why_the_last_one_ended(tmp_path: Path) -> None:
    State(tmp_path).failure.write_text("kube ended with 1\n")
    assert "kube ended with 1" in run(tmp_path, "status").output


def test_kubeconfig_without_a_world(tmp_path: Path) -> None:
    result = run(tmp_path, "kubeconfig")
    assert result.exit_code == 1
    assert "no sandbox is running" in result.output


def test_down_without_a_world_cleans_up(tmp_path: Path) -> None:
    State(tmp_path).world.write_text("{}")
    result = run(tmp_path, "down")
    assert result.exit_code == 0
    assert not State(tmp_path).world.exists()


def test_name_must_be_plain(tmp_path: Path) -> None:
    assert run(tmp_path, "status", "--name", "../x").exit_code == 2


def test_missing_extra_is_one_message(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(launch, "EXTRA", ("moto", "absent_module"))
    result = run(tmp_path, "up")
    assert result.exit_code == 1
    assert result.output == "Error: the sandbox needs absent_module: pip install 'albatross-controller[sandbox]'\n"


def test_second_up_says_that_one_runs(tmp_path: Path) -> None:
    with State(tmp_path).held():
        result = run(tmp_path, "up")
    assert result.exit_code == 1
    assert "running already" in result.output
