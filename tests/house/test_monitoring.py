"""Alert rules and dashboard: every metric exists, every alert has its runbook line, and promtool accepts them where it is found."""

import importlib
import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from albatross.catalog.metrics import ROWS, SERIES

ROOT = Path(__file__).parents[2]
sys.path.append(str(ROOT))  # the programs that write the pages are no part of a distribution
metrics, monitoring = (importlib.import_module(f"docs.{name}") for name in ("metrics", "monitoring"))
RULES = yaml.safe_load((ROOT / "monitoring" / "alerts.yaml").read_text())["groups"][0]["rules"]
RUNBOOK = (ROOT / "monitoring" / "README.md").read_text()
QUERIES = [
    *(each.expression for each in monitoring.ALERTS),
    *(query for _, _, queries in monitoring.PANELS for query, _ in queries),
    *(query for _, query in metrics.QUESTIONS),
]


@pytest.mark.parametrize("query", QUERIES)
def test_every_query_names_metrics_that_exist(query: str) -> None:
    names = monitoring.named(query)
    assert names
    assert names <= set(SERIES)
    brackets = [query.count(each) for each in "()[]{}"]
    assert brackets[::2] == brackets[1::2]


def test_a_name_that_does_not_exist_is_found() -> None:
    assert monitoring.named('sum by (a_b) (rate(no_such_total{c_d="e_f"}[5m])) > 1') == {"no_such_total"}


def test_labels_of_queries_exist() -> None:
    for query in QUERIES:
        known = {label for name in monitoring.named(query) for label in SERIES[name].labels} | {"le", "instance"}
        asked = re.findall(r"by \(([^)]*)\)", query) + re.findall(r"\{(\w+)!?=", query)
        assert {label.strip() for text in asked for label in text.split(",")} <= known, query


def test_every_alert_has_a_runbook_line() -> None:
    for rule in RULES:
        assert rule["annotations"]["runbook"] == f"{monitoring.RUNBOOK}#{rule['alert'].lower()}"
        assert f"### {rule['alert']}\n" in RUNBOOK
    assert RUNBOOK.count("What to do: ") == len(RULES) == len({rule["alert"] for rule in RULES})


def test_the_dashboard_is_complete() -> None:
    page = json.loads((ROOT / "monitoring" / "dashboard.json").read_text())
    places = {(panel["gridPos"]["x"], panel["gridPos"]["y"]) for panel in page["panels"]}
    assert len(places) == len(page["panels"]) == len({panel["id"] for panel in page["panels"]})
    assert all(target["expr"] and target["legendFormat"] for panel in page["panels"] for target in panel["targets"])


def test_no_row_repeats_another() -> None:
    assert len({row.about for row in ROWS}) >= len(ROWS) - 1  # seconds of a request: AWS and webhooks


@pytest.mark.skipif(shutil.which("promtool") is None, reason="promtool is not installed")
def test_promtool_accepts_the_rules() -> None:
    subprocess.run(["promtool", "check", "rules", str(ROOT / "monitoring" / "alerts.yaml")], check=True, capture_output=True)
