"""How far the journal has been read."""

from typing import Any

import pytest

from albatross_sandbox.envoy.loop import Cursor


def call(n: int, operation: str = "CreateRule", status: int = 200) -> dict[str, Any]:
    return {"n": n, "operation": operation, "status": status}


@pytest.mark.parametrize(
    ("before", "calls", "changed", "after"),
    [
        (0, [], False, 0),
        (0, [call(1)], True, 1),
        (1, [call(1)], False, 1),
        (1, [call(1), call(2, "DescribeRules")], False, 2),
        (1, [call(1), call(2, status=400)], False, 2),
        (1, [call(1), call(2, status=0), call(3)], False, 1),
        (1, [call(1), call(2), call(3, status=0)], True, 2),
        (5, [], True, 0),
        (5, [call(6)], True, 0),
    ],
)
def test_cursor(before: int, calls: list[dict[str, Any]], changed: bool, after: int) -> None:
    cursor = Cursor(before)
    assert (cursor.advance(calls)[0], cursor.n) == (changed, after)


def test_cursor_tells_what_was_asked() -> None:
    calls = [call(1) | {"request": {"ListenerArn": "a/b"}}, call(2, "DescribeRules") | {"request": {"x": "no"}}]
    assert Cursor().advance(calls) == (True, '[["CreateRule", {"ListenerArn": "a/b"}]]')
    assert Cursor(3).advance([]) == (True, None)
