"""Each recorded scenario: the same model as the peer's, no error where it had none, and a word where AWS refused.

`scenarios/` was recorded from aws-load-balancer-controller v3.5.0: the objects as a real API server stored them, what the controller
decided, and the AWS account before it ran (`_facts.json`). `deviation` says what is done better on purpose; `unjudged` marks a recording
whose deployment another one got in the way of, so that only its model counts.
"""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

SCENARIOS = Path(__file__).parent / "scenarios"
WANTED = {path.stem: json.loads(path.read_text()) for path in sorted(SCENARIOS.glob("*.json")) if not path.stem.startswith("_")}


def canonical(value: Any, key: str = "") -> Any:
    """Two lists come in random order: security group rules and attributes."""
    if isinstance(value, dict):
        return {name: canonical(each, name) for name, each in value.items()}
    if isinstance(value, list):
        items = [canonical(each) for each in value]
        return sorted(items, key=lambda each: json.dumps(each, sort_keys=True)) if key == "ingress" or key.endswith("Attributes") else items
    return value


def failures(wanted: Mapping[str, Any]) -> list[str]:
    """What the peer complained of."""
    each = wanted["ingresses"].values()
    warnings = [event[2] for one in each for event in one["events"] if event[0] == "Warning"]
    return warnings + [error for one in each for error in one["errors"]]


def entries(wanted: Mapping[str, Any], model: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """Our results for the groups and objects of a scenario."""
    names = {*wanted["stacks"], *wanted["ingresses"], *(each["stack"] for each in wanted["ingresses"].values())}
    return (model[name] for name in sorted(names) if name in model)


def problems(wanted: Mapping[str, Any], model: Mapping[str, Any], severity: str = "") -> list[str]:
    found = (each for entry in entries(wanted, model) for each in entry["problems"])
    return [f"{each['code']} {each['message']}" for each in found if severity in ("", each["severity"])]


@pytest.mark.parametrize("name", WANTED)
def test_model(name: str, model: Mapping[str, Any]) -> None:
    wanted = WANTED[name]
    mine = list(entries(wanted, model))
    if wanted.get("deviation"):
        assert any(each["stack"] for each in mine), wanted["deviation"]
        assert problems(wanted, model)
        assert not problems(wanted, model, "error")
    elif wanted["stacks"]:
        for stack, resources in wanted["stacks"].items():
            assert canonical(model[stack]["stack"]) == canonical(resources)
    elif failures(wanted):
        assert problems(wanted, model, "error"), failures(wanted)
    else:
        assert not any(each["stack"] for each in mine)


BUILT = [name for name, wanted in WANTED.items() if wanted["stacks"] and not wanted.get("deviation") and not wanted.get("unjudged")]


@pytest.mark.parametrize("name", [name for name in BUILT if not failures(WANTED[name])])
def test_quiet(name: str, model: Mapping[str, Any]) -> None:
    assert not problems(WANTED[name], model, "error")


@pytest.mark.parametrize("name", [name for name in BUILT if failures(WANTED[name])])
def test_foresight(name: str, model: Mapping[str, Any]) -> None:
    assert problems(WANTED[name], model), failures(WANTED[name])
