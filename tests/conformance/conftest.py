"""The recorded scenarios, compiled once a session; each outcome is marked with the score that it counts for."""

import json
from collections.abc import Generator, Mapping
from pathlib import Path
from typing import Any

import pytest

from albatross import manifests
from albatross.aws.read.recorded import Recording
from albatross.cli.model import compiled
from albatross.model.config import Config

HERE = Path(__file__).parent


@pytest.fixture(scope="session")
def models() -> Mapping[str, Mapping[str, Any]]:
    """`albatross model` over all scenarios of a kind at once, as one cluster; by the folder of the kind (empty for Ingresses)."""
    return {kind: compiled_all(HERE / kind / "scenarios") for kind in ("", "nlb")}


def compiled_all(folder: Path) -> Mapping[str, Any]:
    account = json.loads((folder / "_facts.json").read_text())
    config = Config(cluster_name="prod-eks", region="ap-northeast-2", vpc_id=account["ec2.DescribeVpcs"][0]["VpcId"])
    loaded = manifests.load([str(path) for path in sorted(folder.glob("*.yaml"))], complete=True)
    return compiled(loaded.snapshot, Recording(account), config)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    if report.when == "call" and item.path.parent == Path(__file__).parent and item.path.name == "test_scenarios.py":
        report.user_properties.append(("score", item.name.split("[")[0].removeprefix("test_")))
    return report
