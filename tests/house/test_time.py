"""Only the clock reads the time of the machine, and no test waits for real time."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest
from measure import ROOT, SOURCE, modules, nodes

CLOCKS = {
    "time.monotonic",
    "time.time",
    "time.time_ns",
    "time.perf_counter",
    "time.sleep",
    "asyncio.sleep",
    "asyncio.timeout",
    "asyncio.wait_for",
    "datetime.now",
    "datetime.utcnow",
}
METHODS = {"call_later", "call_at"}
_LAST = METHODS | {name.rpartition(".")[2] for name in CLOCKS}
ALLOWED = {
    "clock.py": "it is the clock",
    "cli/demo/": "a person watches it, so it shows real seconds",
}
"""The files that may read the time of the machine, and why."""
FLOWING = ("flows", "sandbox")
"""Tests of whole worlds: their processes have their own clocks."""


def readings(path: Path) -> Iterator[str]:
    """Every use of the machine's time in a file. `asyncio.sleep(0)` does not count: it only lets other tasks run."""
    if not any(word in path.read_text() for word in (*_LAST, "time import")):
        return  # to parse all tests takes 7 s
    turns = {id(call.func) for call in nodes(path) if isinstance(call, ast.Call) and _is_turn(call)}
    for node in nodes(path):
        if isinstance(node, ast.Attribute) and node.attr in _LAST and id(node) not in turns:
            if ast.unparse(node) in CLOCKS or node.attr in METHODS:
                yield f"{path.relative_to(ROOT)}:{node.lineno} {ast.unparse(node)}"
        elif isinstance(node, ast.ImportFrom) and node.module == "time":
            yield f"{path.relative_to(ROOT)}:{node.lineno} from time import …"


def _is_turn(call: ast.Call) -> bool:
    return len(call.args) == 1 and isinstance(call.args[0], ast.Constant) and call.args[0].value == 0


def test_only_the_clock_reads_the_time() -> None:
    inside = [path for path in modules() if not str(path.relative_to(SOURCE)).startswith(tuple(ALLOWED))]
    assert [each for path in inside for each in readings(path)] == []


@pytest.mark.parametrize("place", ALLOWED)
def test_no_permission_outlives_its_use(place: str) -> None:
    assert any(any(readings(path)) for path in modules() if str(path.relative_to(SOURCE)).startswith(place))


def test_no_test_sleeps() -> None:
    paths = [path for path in (ROOT / "tests").rglob("*.py") if path.relative_to(ROOT).parts[1] not in FLOWING]
    assert [each for path in paths for each in readings(path) if each.endswith("sleep")] == []
