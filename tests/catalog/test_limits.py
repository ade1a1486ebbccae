"""Quotas, lengths and names."""

import pytest

from albatross.catalog import limits


def test_lengths() -> None:
    assert limits.fits("load balancer name", "a" * 32)
    assert not limits.fits("load balancer name", "a" * 33)
    assert not limits.fits("load balancer name", "")


def test_spans() -> None:
    assert limits.within("port", 65535)
    assert not limits.within("port", 0)


@pytest.mark.parametrize(
    ("text", "good"), [("a-b", True), ("-a", False), ("a-", False), ("internal-a", False), ("a_b", False), ("a", True)]
)
def test_names(text: str, good: bool) -> None:
    assert bool(limits.NAME.fullmatch(text)) is good


@pytest.mark.parametrize(("text", "good"), [("*.example.com", True), ("localhost", False), ("a.b1", False), ("*.*", True)])
def test_hosts(text: str, good: bool) -> None:
    assert bool(limits.HOST.fullmatch(text)) is good


def test_every_quota_has_a_source() -> None:
    assert all(row.source.startswith("https://") and row.value > 0 for row in limits.QUOTAS.values())
