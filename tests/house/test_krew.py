"""The plugin manifest is what krew accepts, and its archive starts the program.

Source of the rules: internal/index/validation/validate.go of kubernetes-sigs/krew, and the naming guide of krew-index.
"""

import hashlib
import importlib
import io
import re
import subprocess
import sys
import tarfile
import tomllib
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parents[2]
sys.path.append(str(ROOT))  # the programs that write such files are no part of a distribution
krew = importlib.import_module("docs.krew")
URL = "https://example.com/albatross/releases/download/v0.1.0/albatross.tar.gz"


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("krew")
    assert krew.main([URL, str(folder)]) == 0
    return folder


def test_the_manifest_is_valid(made: Path) -> None:
    found = yaml.safe_load((made / "albatross.yaml").read_text())
    assert set(found) == {"apiVersion", "kind", "metadata", "spec"}
    assert (found["apiVersion"], found["kind"]) == ("krew.googlecontainertools.github.com/v1alpha2", "Plugin")
    assert re.fullmatch(r"[\w-]+", found["metadata"]["name"])
    spec = found["spec"]
    assert set(spec) <= {"version", "homepage", "shortDescription", "description", "caveats", "platforms"}
    assert re.fullmatch(r"v\d+\.\d+\.\d+(-[\w.]+)?", spec["version"])
    assert 0 < len(spec["shortDescription"]) <= 50
    assert not spec["shortDescription"].endswith(".")
    assert spec["platforms"]
    for each in spec["platforms"]:
        assert set(each) == {"selector", "uri", "sha256", "files", "bin"}
        assert each["selector"]["matchLabels"]["os"] in ("linux", "darwin", "windows")
        assert re.fullmatch(r"[a-f0-9]{64}", each["sha256"])
        assert each["uri"] == URL
        assert all(row["from"] and row["to"] for row in each["files"])
        assert not each["bin"].startswith(("/", ".."))
        assert each["bin"] in [row["from"] for row in each["files"]]
    places = [tuple(each["selector"]["matchLabels"].values()) for each in spec["platforms"]]
    assert len(set(places)) == len(places)


def test_the_archive_is_the_one_that_the_manifest_names(made: Path) -> None:
    content = (made / "albatross.tar.gz").read_bytes()
    found = yaml.safe_load((made / "albatross.yaml").read_text())
    assert {each["sha256"] for each in found["spec"]["platforms"]} == {hashlib.sha256(content).hexdigest()}
    assert content == krew.archive()
    with tarfile.open(fileobj=io.BytesIO(content)) as tar:
        assert {each.name: oct(each.mode) for each in tar} == {"kubectl-albatross": "0o755", "LICENSE": "0o644"}


@pytest.mark.parametrize(("program", "said", "code"), [("albatross", "albatross doctor", 0), ("uvx", "uvx --from", 0), ("", "pipx", 1)])
def test_the_launcher(tmp_path: Path, program: str, said: str, code: int) -> None:
    launcher = tmp_path / "kubectl-albatross"
    launcher.write_text(krew.LAUNCHER)
    launcher.chmod(0o755)
    if program:
        other = tmp_path / program
        other.write_text(f'#!/bin/sh\necho {program} "$@"\n')
        other.chmod(0o755)
    found = subprocess.run(["/bin/sh", str(launcher), "doctor"], env={"PATH": str(tmp_path)}, capture_output=True, text=True, check=False)
    assert found.returncode == code
    assert said in found.stdout + found.stderr


def test_the_program_has_the_name_that_kubectl_calls() -> None:
    scripts = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["scripts"]
    assert krew.BIN in scripts
    assert krew.NAME in scripts


def test_wrong_usage(capsys: pytest.CaptureFixture[str]) -> None:
    assert krew.main([]) == 2
    assert "URL FOLDER" in capsys.readouterr().err
