"""Security policies by name."""

import pytest

from albatross_sandbox.envoy.tls import versions


@pytest.mark.parametrize(
    ("policy", "low", "high"),
    [
        ("ELBSecurityPolicy-TLS13-1-2-2021-06", "TLSv1_2", "TLSv1_3"),
        ("ELBSecurityPolicy-TLS13-1-3-2021-06", "TLSv1_3", "TLSv1_3"),
        ("ELBSecurityPolicy-TLS13-1-0-2021-06", "TLSv1_0", "TLSv1_3"),
        ("ELBSecurityPolicy-TLS13-1-2-Res-PQ-2025-09", "TLSv1_2", "TLSv1_3"),
        ("ELBSecurityPolicy-TLS-1-2-Ext-2018-06", "TLSv1_2", "TLSv1_2"),
        ("ELBSecurityPolicy-FS-1-1-2019-08", "TLSv1_1", "TLSv1_2"),
        ("ELBSecurityPolicy-FS-2018-06", "TLSv1_0", "TLSv1_2"),
        ("ELBSecurityPolicy-2016-08", "TLSv1_0", "TLSv1_2"),
        ("", "TLSv1_0", "TLSv1_2"),
    ],
)
def test_versions(policy: str, low: str, high: str) -> None:
    assert versions(policy) == (low, high)
