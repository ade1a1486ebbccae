"""`make setup`, with an uv that cannot reach its index: pip installs the same lock."""

import hashlib
import os
import re
import subprocess
import sys
from importlib.metadata import distributions
from pathlib import Path
from zipfile import ZipFile

import pip
import pytest
from measure import ROOT
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

LOCK = (ROOT / "requirements.lock").read_text()
NO_INDEX = "error: no route to the package index"
BACKEND = """
import zipfile

def build_editable(wheel_directory, config_settings=None, metadata_directory=None):
    name = "{name}-1-py3-none-any.whl"
    with zipfile.ZipFile(wheel_directory + "/" + name, "w") as file:
        for part, text in {files!r}.items():
            file.writestr("{name}-1.dist-info/" + part, text)
    return name
"""


def files(name: str, *requires: str, script: str = "") -> dict[str, str]:
    """The metadata of a distribution that has no code."""
    needed = "".join(f"Requires-Dist: {each}\n" for each in requires)
    found = {
        "METADATA": f"Metadata-Version: 2.1\nName: {name}\nVersion: 1\nProvides-Extra: more\n{needed}",
        "WHEEL": "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
        "RECORD": "",
    }
    return {**found, "entry_points.txt": f"[console_scripts]\n{script}\n"} if script else found


def wheel(folder: Path, name: str, *requires: str, script: str = "", code: str = "", build: str = "") -> str:
    """Make a wheel in an index, and return its line of the lock."""
    path = folder / f"{name}-1{build}-py3-none-any.whl"
    with ZipFile(path, "w") as file:
        file.writestr(f"{name}.py", code)
        for part, text in files(name, *requires, script=script).items():
            file.writestr(f"{name}-1.dist-info/{part}", text)
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    page = folder / name / "index.html"
    page.parent.mkdir(exist_ok=True)
    with page.open("a") as links:
        links.write(f'<a href="../{path.name}#sha256={digest}">{path.name}</a>\n')
    return f"{name}==1 \\\n    --hash=sha256:{digest}\n"


def project(folder: Path, name: str) -> None:
    """A distribution that installs without hatchling."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "pyproject.toml").write_text('[build-system]\nrequires = []\nbuild-backend = "backend"\nbackend-path = ["."]\n')
    (folder / "backend.py").write_text(BACKEND.format(name=name, files=files(name)))


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """A project with this Makefile.

    `later` needs an extra of `early`. The lock has `early` without extras, as the real one has; and the index has a wheel of it that
    is not in the lock, as after an upload for one more platform. A pip that resolves takes that wheel, and finds no hash for it.
    """
    index = tmp_path / "index"
    index.mkdir()
    failing = f"import sys\ndef main():\n    print({NO_INDEX!r}, file=sys.stderr)\n    return 2\n"
    lock = wheel(index, "uv", script="uv = uv:main", code=failing) + wheel(index, "early") + wheel(index, "later", "early[more]>=1")
    wheel(index, "early", code="another = 1\n", build="-2")
    (tmp_path / "requirements.lock").write_text(lock)
    (tmp_path / "Makefile").write_text((ROOT / "Makefile").read_text())
    project(tmp_path, "product")
    project(tmp_path / "packages" / "sandbox", "island")
    environment(tmp_path / ".venv")
    return tmp_path


def environment(folder: Path) -> None:
    """An environment with the pip of this one: a tenth of the time in which venv unpacks its own."""
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", folder], check=True)
    (site,) = (folder / "lib").glob("python*/site-packages")
    (site / "pip").symlink_to(Path(pip.__file__).parent)


def setup(place: Path, index: Path) -> subprocess.CompletedProcess[str]:
    """`make setup` with a folder as the package index of pip."""
    offline = {"PIP_INDEX_URL": index.as_uri(), "PIP_FIND_LINKS": "", "PIP_CONFIG_FILE": os.devnull}
    return subprocess.run(["make", "setup"], cwd=place, env={**os.environ, **offline}, capture_output=True, text=True, check=False)


def test_pip_installs_the_lock_where_uv_cannot(place: Path) -> None:
    done = setup(place, place / "index")
    assert done.returncode == 0, done.stderr
    assert NO_INDEX in done.stderr
    assert "pip installs the same packages" in done.stderr
    (site,) = (place / ".venv" / "lib").glob("python*/site-packages")
    assert {each.name for each in distributions(path=[str(site)])} >= {"later", "early", "uv", "product", "island"}


def test_without_an_index_it_says_what_to_do(place: Path, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    done = setup(place, tmp_path / "empty")
    assert done.returncode != 0
    assert "name an index with PIP_INDEX_URL, or a proxy with HTTPS_PROXY" in done.stderr
    assert not (place / ".venv" / ".ready").exists()


def test_the_lock_is_complete() -> None:
    """pip installs it without looking at dependencies, so it must have all of them, also those of extras."""
    locked = [canonicalize_name(each) for each in re.findall(r"^([A-Za-z0-9._-]+)==", LOCK, re.MULTILINE)]
    needs: dict[str, list[Requirement]] = {
        canonicalize_name(each.name): [Requirement(text) for text in each.requires or ()] for each in distributions()
    }
    asked: set[tuple[str, str]] = {(name, "") for name in locked}
    missing: set[str] = set()
    while fresh := {need for name, extra in asked for need in needed(needs.get(name), extra)} - asked:
        missing |= {name for name, _ in fresh}.difference(locked)
        asked |= fresh
    assert len(asked) > len(locked) > 100
    assert not missing


def needed(requirements: list[Requirement] | None, extra: str) -> set[tuple[str, str]]:
    """The names that hold on this machine, each with no extra, and with each extra that is asked for."""
    held = [each for each in requirements or () if each.marker is None or each.marker.evaluate({"extra": extra})]
    return {(canonicalize_name(each.name), more) for each in held for more in ("", *each.extras)}
