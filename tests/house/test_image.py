"""The image: locked, without root, without a shell, without the sandbox."""

import json
import re
import runpy
from types import SimpleNamespace

from measure import ROOT

from albatross.install.deployment import USER

sbom = SimpleNamespace(**runpy.run_path(str(ROOT / "docs" / "sbom.py")))
LINES = [line.strip() for line in (ROOT / "Containerfile").read_text().replace("\\\n", " ").splitlines() if line.strip() and line[0] != "#"]
LOCK = {name: (version, hashes) for name, version, hashes in sbom.packages((ROOT / "requirements.lock").read_text())}


def test_every_installation_needs_hashes() -> None:
    installs = [line for line in LINES if "pip install" in line]
    assert len(installs) == 2
    assert all("--require-hashes -r requirements-" in line for line in installs)
    assert not [line for line in LINES if re.search(r"curl|wget|apt-get|ADD |git clone", line)]


def test_the_base_has_a_version() -> None:
    (base,) = [line.removeprefix("ARG BASE=") for line in LINES if line.startswith("ARG BASE=")]
    assert re.search(r":\d+\.\d+[a-z0-9.-]*$|@sha256:[0-9a-f]{64}$", base)
    assert all("${BASE}" in line for line in LINES if line.startswith("FROM "))


def test_it_runs_without_root_and_without_a_shell() -> None:
    last = LINES[max(number for number, line in enumerate(LINES) if line.startswith("FROM ")) :]
    assert f"USER {USER}:{USER}" in last
    assert 'ENTRYPOINT ["/app/bin/python", "-m", "albatross"]' in last
    assert not [line for line in last if line.startswith("RUN ")]


def test_it_has_no_sandbox() -> None:
    assert not [line for line in LINES if "packages" in line.replace("site-packages", "") or "sandbox" in line]


def test_its_packages_are_those_of_the_lock() -> None:
    for part in ("run", "build"):
        found = {name: (version, hashes) for name, version, hashes in sbom.packages((ROOT / f"requirements-{part}.lock").read_text())}
        assert found
        assert found.items() <= LOCK.items()
        assert "://" not in (ROOT / f"requirements-{part}.lock").read_text()
        assert all(hashes for _, hashes in found.values())


def test_the_bill_of_materials_is_current() -> None:
    assert sbom.text() == sbom.TARGET.read_text()
    assert {each["name"] for each in json.loads(sbom.text())["components"]} == {
        name for name, _, _ in sbom.packages((ROOT / "requirements-run.lock").read_text())
    }
