"""What each attribute takes."""

from collections.abc import Mapping

import pytest

from albatross.catalog import attributes
from albatross.catalog.attributes import LISTENER, LOAD_BALANCER, TARGET_GROUP, Attribute


@pytest.mark.parametrize(
    ("table", "name", "good", "bad"),
    [
        (LOAD_BALANCER, "idle_timeout.timeout_seconds", ["1", "4000"], ["0", "4001", "-1", "x", "1.5", "１"]),
        (LOAD_BALANCER, "deletion_protection.enabled", ["true", "false"], ["True", "yes", ""]),
        (LOAD_BALANCER, "routing.http.xff_header_processing.mode", ["append"], ["drop"]),
        (LOAD_BALANCER, "access_logs.s3.bucket", ["b"], []),
        (TARGET_GROUP, "slow_start.duration_seconds", ["0", "30", "900"], ["1", "901"]),
        (TARGET_GROUP, "target_group_health.dns_failover.minimum_healthy_targets.count", ["off", "1", "99999"], ["0"]),
        (LISTENER, "routing.http.response.access_control_max_age.header_value", ["-1", "0", "86400"], ["86401", "-2"]),
    ],
)
def test_takes(table: Mapping[str, Attribute], name: str, good: list[str], bad: list[str]) -> None:
    row = table[name]
    assert [value for value in good if not row.takes(value)] == []
    assert [value for value in bad if row.takes(value)] == []


@pytest.mark.parametrize("table", [LOAD_BALANCER, TARGET_GROUP, LISTENER])
def test_defaults_are_taken(table: Mapping[str, Attribute]) -> None:
    assert [row.name for row in table.values() if row.default and not row.takes(row.default)] == []


@pytest.mark.parametrize("table", [LOAD_BALANCER, TARGET_GROUP, LISTENER])
def test_every_row_says_what_it_expects(table: Mapping[str, Attribute]) -> None:
    assert all(row.expected and row.families for row in table.values())


def test_expectation_reads_well() -> None:
    assert TARGET_GROUP["slow_start.duration_seconds"].expected == "0 or a whole number from 30 to 900"


def test_stickiness_types_are_choices() -> None:
    assert set().union(*attributes.STICKINESS.values()) == set(TARGET_GROUP["stickiness.type"].words)
