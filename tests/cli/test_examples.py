"""The manifests in `examples/`: each has a header, no problem, and a plan."""

import json
from pathlib import Path

import pytest
from tests.cli.front import albatross

FOLDER = Path(__file__).parents[2] / "examples"
NAMES = sorted(path.stem for path in FOLDER.glob("*.yaml"))


def test_there_is_a_dozen() -> None:
    assert len(NAMES) >= 12
    page = (FOLDER / "README.md").read_text()
    assert [name for name in NAMES if f"[{name}.yaml]({name}.yaml)" not in page] == []


@pytest.mark.parametrize("name", NAMES)
def test_a_header_says_what_it_makes_and_what_to_change(name: str) -> None:
    lines = (FOLDER / f"{name}.yaml").read_text().splitlines()
    header = lines[: next(n for n, line in enumerate(lines) if not line.startswith("#"))]
    assert [word for word in ("# It makes: ", "# Change: ", "# Try: ") if not any(line.startswith(word) for line in header)] == []


@pytest.mark.parametrize("name", NAMES)
def test_lint_finds_nothing(name: str) -> None:
    answer = albatross("lint", "-f", FOLDER / f"{name}.yaml", "--region", "us-west-2", "-o", "json")
    assert (answer.code, json.loads(answer.out)["problems"]) == (0, [])


@pytest.mark.parametrize("name", NAMES)
def test_it_plans_one_load_balancer(name: str) -> None:
    answer = albatross("plan", "-f", FOLDER / f"{name}.yaml", "--region", "us-west-2", "-o", "json")
    (stack,) = json.loads(answer.out)["stacks"].values()
    assert answer.code == 2
    assert [each["noun"] for each in stack["operations"]].count("load balancer") == 1
