"""Which warnings still stand."""

from typing import Any

import pytest

from albatross.catalog import event


def said(reason: str, message: str = "", at: str = "1", version: str = "", type: str = "Warning", pod: str = "pod-1") -> dict[str, Any]:
    meta = {"resourceVersion": version}
    return {"reason": reason, "message": message, "lastTimestamp": at, "metadata": meta, "type": type, "reportingInstance": pod}


WELL = event.SUCCESS


@pytest.mark.parametrize(
    ("events", "messages"),
    [
        ((), ()),
        ((said("Failed", "a", "1"), said(WELL, at="2", type="Normal")), ()),
        ((said("Failed", "a", "2"), said(WELL, at="1", type="Normal")), ("a",)),
        ((said("Failed", "a", "1", "9"), said(WELL, at="1", version="10", type="Normal")), ()),
        ((said("Failed", "a", "1", "11"), said(WELL, at="1", version="10", type="Normal")), ("a",)),
        (
            (said("Failed", "a", "1"), said("Failed", "b", "2"), said("Other", "c", "3"), said("Waiting", "d", "4", type="Normal")),
            ("c", "b"),
        ),
    ],
)
def test_an_object_fails_since_its_last_success(events: tuple[dict[str, Any], ...], messages: tuple[str, ...]) -> None:
    assert event.failing(events) == messages


OFF = "LB712: wafv2 is off, because AWS denies wafv2:GetWebACL to role lb"


@pytest.mark.parametrize(
    ("events", "messages"),
    [
        ((said("AccessMissing", "a"), said("AccessMissing", "a", "2")), ("a",)),
        ((said("AccessMissing", "a", pod="pod-2"), said("AccessMissing", "b", pod=""), said("AccessMissing", "c", pod="pod")), ()),
        ((said(event.UNREACHED, "u", "1"), said(event.REGISTERED, "reached", "2", type="Normal")), ()),
        ((said(event.UNREACHED, "u", "3"), said(event.REGISTERED, "reached", "2", type="Normal")), ("u",)),
        ((said(event.DISABLED, OFF), said(event.ENABLED, "AWS allows wafv2:GetWebACL now", "2", type="Normal")), ()),
        ((said(event.DISABLED, OFF), said(event.ENABLED, "AWS allows shield:DescribeProtection now", "2", type="Normal")), (OFF,)),
    ],
)
def test_the_controller_warns_until_something_ends_it(events: tuple[dict[str, Any], ...], messages: tuple[str, ...]) -> None:
    assert event.standing(events, "pod-1_uuid") == messages
