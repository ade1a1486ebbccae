"""`albatross sandbox …` without a world."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

from click.testing import CliRunner, Result

from albatross_sandbox.command import sandbox
from albatross_sandbox.world.state import State


def run(folder: Path, *argv: str) -> Result:
    return CliRunner().invoke(sandbox, argv, env={"ALBATROSS_SANDBOX_DIR": str(folder)})


def alone(folder: Path, *argv: str) -> subprocess.CompletedProcess[str]:
    """The program of its own, where albatross-controller is not installed."""
    script = (
        "import os, sys; sys.path = [p for p in sys.path if not os.path.isdir(os.path.join(p, 'albatross'))]\n"
        "from albatross_sandbox.command import main; main()"
    )
    environment = {**os.environ, "ALBATROSS_SANDBOX_DIR": str(folder)}
    return subprocess.run([sys.executable, "-c", script, *argv], env=environment, capture_output=True, text=True, check=False)


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


def test_alone_it_starts_no_controller(tmp_path: Path) -> None:
    done = alone(tmp_path, "up")
    assert done.returncode == 1
    assert "pip install albatross-controller, or leave it out with --no-controller" in done.stderr


def test_alone_it_names_itself(tmp_path: Path) -> None:
    assert re.search(r"^Start one with: (\S*/)?albatross-sandbox up$", alone(tmp_path, "status").stdout, re.MULTILINE)


def test_second_up_says_that_one_runs(tmp_path: Path) -> None:
    with State(tmp_path).held():
        result = run(tmp_path, "up")
    assert result.exit_code == 1
    assert "running already" in result.output
