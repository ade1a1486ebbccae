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

SCENARIOS = Path(__file__).parent / "scenarios"


@pytest.fixture(scope="session")
def model() -> Mapping[str, Any]:
    """`albatross model` over all scenarios at once, as one cluster."""
    account = json.loads((SCENARIOS / "_facts.json").read_text())
    config = Config(cluster_name="prod-eks", region="ap-northeast-2", vpc_id=account["ec2.DescribeVpcs"][0]["VpcId"])
    loaded = manifests.load([str(path) for path in sorted(SCENARIOS.glob("*.yaml"))], complete=True)
    return compiled(loaded.snapshot, Recording(account), config)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    if report.when == "call" and item.path.parent == Path(__file__).parent and item.path.name == "test_scenarios.py":
        report.user_properties.append(("score", item.name.split("[")[0].removeprefix("test_")))
    return report
