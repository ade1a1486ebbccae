"""What every test shares: `--update` writes golden files anew, `--cover` measures what the tests of each wing reach of it."""

import gc
import os
import subprocess
import sys
import textwrap
from collections.abc import Generator, Iterable, Mapping
from pathlib import Path
from typing import Any

import pytest
from coverage import Coverage

# Whoever runs the tests may have a profile, a cluster or a proxy of their own; none of them is for here.
for _name in [name for name in os.environ if name.startswith("AWS_") or name == "KUBECONFIG" or name.lower().endswith("_proxy")]:
    del os.environ[_name]
# The processes that tests start share compiled files; without them each one compiles the whole program again, in 2 s.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
sys.dont_write_bytecode = False

HERE = Path(__file__).parent / "tests"
WINGS = {
    "pure": (
        "catalog",
        "frontend",
        "planner",
        "checks",
        "install",
        "admission",
        "diagnose",
        "page",
        "wording",
        "conformance",
        "test_bounds",
        "test_pipeline",
        "test_traffic",
        "test_rights",
        "test_understand",
    ),
    "acts": ("kube", "aws", "controller", "web", "manifests", "cli"),
}
"""The tests of what decides and of what acts; `tests/house/cover.py` holds what they must reach."""


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--update", action="store_true", help="write golden files anew instead of comparing with them")
    parser.addoption("--cover", action="store_true", help="measure what tests reach, as `make test` does")


def pytest_configure(config: pytest.Config) -> None:
    if config.getoption("--cover") and (hasattr(config, "workerinput") or not config.getoption("numprocesses", None)):
        config.pluginmanager.register(Cover(getattr(config, "workerinput", {}).get("workerid", "gw0") == "gw0"))


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, object, object]:
    """Without garbage collection. It finds nothing, and what is collected lives until the end: later ones pass it over, and are rare."""
    gc.disable()
    try:
        return (yield)
    finally:
        gc.freeze()
        gc.set_threshold(50_000)  # with the usual 700, they cost a twentieth of the time
        gc.enable()


class Cover:
    """Traces the tests of both wings, each in a context of its own; whole worlds are not slowed down.

    What runs while tests are collected is traced once, in another process: all workers import the same, and none of them waits for it.
    """

    def __init__(self, first: bool) -> None:
        self.coverage = Coverage(source=["albatross"], branch=True, data_suffix=True)
        self.coverage.set_option("run:disable_warnings", ["module-not-measured", "no-data-collected"])
        plain = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")}
        imported = [sys.executable, "-m", "tests.house.imported"]
        self.imports = subprocess.Popen(imported, env=plain, cwd=HERE.parent) if first else None
        self.wing: str | None = None

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Generator[None, bool | None, bool | None]:
        wing = next((name for name, parts in WINGS.items() if str(item.path).startswith(tuple(str(HERE / part) for part in parts))), None)
        if wing:
            self.coverage.start()
        if wing and wing != self.wing:  # a switch writes all that was measured to the file: 60 ms
            self.coverage.switch_context(wing)
            self.wing = wing
        try:
            return (yield)
        finally:
            if wing:
                self.coverage.stop()

    def pytest_sessionfinish(self) -> None:
        self.coverage.stop()
        self.coverage.save()
        if self.imports and self.imports.wait():
            raise pytest.UsageError("tests/house/imported.py failed; its message is above")


ALONE = tuple(f"tests/flows/test_{name}.py" for name in ("service", "group", "edit", "dns", "cases", "identity", "migrate"))
WAITING = ("tests/flows", "packages/sandbox/tests/world", "tests/cli/test_demo.py", "tests/cli/test_install.py", "tests/cli/test_world.py")
"""What waits for other processes more than half of its time. Three of five workers begin with it, the others with what computes: so the
processors are busy all the time, and fewer workers start a world."""
LONGEST = ("tests/controller/test_permission.py", "tests/test_survival.py")
"""What computes longest begins first: at the end, one worker would run it alone."""


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers() -> int:
    """`-n auto`: three more than there are cores, because three wait (see WAITING)."""
    return (os.cpu_count() or 1) + 3


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """With `--dist loadfile`: a file is the work of one worker, but flows that share nothing except their worker's world go one by one."""
    from xdist.scheduler import LoadFileScheduling  # only with -n, which the plugin needs

    class Spread(LoadFileScheduling):  # type: ignore[misc]  # the package has no types
        """A worker begins with its own kind of work, and goes on with the other kind when nothing of its own is left."""

        def _split_scope(self, nodeid: str) -> str:
            return _scope(nodeid)

        def _assign_work_unit(self, node: Any) -> None:
            waits = self.nodes.index(node) < len(self.nodes) * 3 // 5
            found = min(self.workqueue, key=lambda scope: (scope.startswith(WAITING) != waits, _rank(scope)))
            self.workqueue.move_to_end(found, last=False)
            super()._assign_work_unit(node)

    if config.getoption("dist") != "loadfile":
        return None
    config.option.loadscopereorder = False
    return Spread(config, log)


def _rank(scope: str) -> int:
    """The place of a file among what must begin early; all others have the last one."""
    early = (*WAITING, *LONGEST)
    return next((rank for rank, part in enumerate(early) if scope.startswith(part)), len(early))


def _scope(nodeid: str) -> str:
    file = nodeid.partition("::")[0]
    return nodeid if file in ALONE else file


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """The scores of recorded scenarios, and the names of those that failed; with `-v` the names of all.

    It stands here for pytest-xdist, which reads no deeper conftest where the summary is.
    """
    scores = _scores(terminalreporter.stats)
    every = terminalreporter.config.get_verbosity() > 0
    for kind, held in sorted(scores.items()):
        names = [name if good else f"{name}:FAILED" for name, good in sorted(held.items()) if every or not good]
        if not names:
            continue
        for line in textwrap.wrap(f"conformance {kind}: {' '.join(names)}", 120, break_on_hyphens=False, break_long_words=False):
            terminalreporter.write_line(line)
    if scores:
        words = [
            f"{kind} {sum(held.values())}/{len(held)} ({100 * sum(held.values()) / len(held):.1f} %)"
            for kind, held in sorted(scores.items())
        ]
        terminalreporter.write_line("conformance: " + "  ".join(words))


def _scores(stats: Mapping[str, Iterable[Any]]) -> dict[str, dict[str, bool]]:
    """Of each kind of conformance, whether each scenario passed."""
    scores: dict[str, dict[str, bool]] = {}
    for outcome in ("passed", "failed"):
        for report in stats.get(outcome, ()):
            for name, kind in getattr(report, "user_properties", ()):
                if name == "score":
                    scores.setdefault(kind, {})[report.nodeid.partition("[")[2].removesuffix("]")] = outcome == "passed"
    return scores


@pytest.fixture
def update(request: pytest.FixtureRequest) -> bool:
    return bool(request.config.getoption("--update"))
