"""What every test shares: `--update` writes golden files anew, `--cover` measures what the pure wing's own tests reach of it."""

from collections.abc import Generator
from pathlib import Path
from typing import Any

import pytest
from coverage import Coverage

HERE = Path(__file__).parent
WING = ("model", "catalog", "frontend", "planner", "checks", "traffic", "pipeline")
PURE = tuple(str(HERE / each) for each in ("catalog", "frontend", "planner", "checks", "conformance", "test_pipeline", "test_traffic"))


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--update", action="store_true", help="write golden files anew instead of comparing with them")
    parser.addoption("--cover", action="store_true", help="measure the pure wing, as `make test` does")


def pytest_configure(config: pytest.Config) -> None:
    if config.getoption("--cover") and (hasattr(config, "workerinput") or not config.getoption("numprocesses", None)):
        config.pluginmanager.register(Cover())


class Cover:
    """Traces imports and the pure wing's tests only: the others, which wait for sockets with deadlines, are not slowed down."""

    def __init__(self) -> None:
        self.coverage = Coverage(source=[f"albatross.{name}" for name in WING], branch=True, data_suffix=True)
        self.coverage.start()

    def pytest_collection_finish(self) -> None:
        self.coverage.stop()

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Generator[None, bool | None, bool | None]:
        pure = str(item.path).startswith(PURE)
        if pure:
            self.coverage.start()
        try:
            return (yield)
        finally:
            if pure:
                self.coverage.stop()

    def pytest_sessionfinish(self) -> None:
        self.coverage.stop()
        self.coverage.save()


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """The scores of the recorded scenarios. It stands here because of pytest-xdist, which reads no deeper conftest where the summary is."""
    scores: dict[str, list[bool]] = {}
    for outcome in ("passed", "failed"):
        for report in terminalreporter.stats.get(outcome, ()):
            for name, kind in getattr(report, "user_properties", ()):
                if name == "score":
                    scores.setdefault(kind, []).append(outcome == "passed")
    if scores:
        words = [f"{kind} {sum(held)}/{len(held)} ({100 * sum(held) / len(held):.1f} %)" for kind, held in sorted(scores.items())]
        terminalreporter.write_line("conformance: " + "  ".join(words))


@pytest.fixture
def update(request: pytest.FixtureRequest) -> bool:
    return bool(request.config.getoption("--update"))
