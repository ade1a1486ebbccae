"""Each recorded scenario: the same model as the peer's, no error where it had none, and a word where AWS refused.

`scenarios/` (Ingresses) and `nlb/scenarios/` (Services) were recorded from aws-load-balancer-controller v3.5.0: the objects as a real API
server stored them, what the controller decided, and the AWS account before it ran (`_facts.json`). `deviation` says what is done better on
purpose; `unjudged` marks a recording whose deployment another one got in the way of, so that only its model counts.
"""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

HERE = Path(__file__).parent
WANTED = {
    path.stem: {"kind": kind, **json.loads(path.read_text())}
    for kind in ("", "nlb")
    for path in sorted((HERE / kind / "scenarios").glob("*.json"))
    if not path.stem.startswith("_")
}

Models = Mapping[str, Mapping[str, Any]]


def canonical(value: Any, key: str = "") -> Any:
    """Two lists come in random order: security group rules and attributes."""
    if isinstance(value, dict):
        return {name: canonical(each, name) for name, each in value.items()}
    if isinstance(value, list):
        items = [canonical(each) for each in value]
        return sorted(items, key=lambda each: json.dumps(each, sort_keys=True)) if key == "ingress" or key.endswith("Attributes") else items
    return value


def outcomes(wanted: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """What came of each object that can have a load balancer, with the key of its stack."""
    if not wanted["kind"]:
        return list(wanted["ingresses"].values())
    found = ((name.partition("/"), each) for name, each in wanted["results"].items())
    return [{**each, "stack": f"service:{key}"} for (kind, _, key), each in found if kind == "Service"]


def key(wanted: Mapping[str, Any], stack: str) -> str:
    return f"service:{stack}" if wanted["kind"] else stack


def failures(wanted: Mapping[str, Any]) -> list[str]:
    """What the peer complained of."""
    each = outcomes(wanted)
    warnings = [event[2] for one in each for event in one["events"] if event[0] == "Warning"]
    return warnings + [error for one in each for error in one["errors"]]


def entries(wanted: Mapping[str, Any], models: Models) -> Iterator[Mapping[str, Any]]:
    """Our results for the groups and objects of a scenario."""
    model, own = models[wanted["kind"]], wanted.get("ingresses", ())
    names = {*(key(wanted, each) for each in wanted["stacks"]), *own, *(each["stack"] for each in outcomes(wanted))}
    return (model[name] for name in sorted(names) if name in model)


def problems(wanted: Mapping[str, Any], models: Models, severity: str = "") -> list[str]:
    found = (each for entry in entries(wanted, models) for each in entry["problems"])
    return [f"{each['code']} {each['message']}" for each in found if severity in ("", each["severity"])]


@pytest.mark.parametrize("name", WANTED)
def test_model(name: str, models: Models) -> None:
    wanted = WANTED[name]
    mine = list(entries(wanted, models))
    if wanted.get("deviation"):
        assert any(each["stack"] for each in mine), wanted["deviation"]
        assert problems(wanted, models)
        assert not problems(wanted, models, "error")
    elif wanted["stacks"]:
        for stack, resources in wanted["stacks"].items():
            assert canonical(models[wanted["kind"]][key(wanted, stack)]["stack"]) == canonical(resources)
    elif failures(wanted):
        assert problems(wanted, models, "error"), failures(wanted)
    else:
        assert not any(each["stack"] for each in mine)


BUILT = [name for name, wanted in WANTED.items() if wanted["stacks"] and not wanted.get("deviation") and not wanted.get("unjudged")]


@pytest.mark.parametrize("name", [name for name in BUILT if not failures(WANTED[name])])
def test_quiet(name: str, models: Models) -> None:
    assert not problems(WANTED[name], models, "error")


@pytest.mark.parametrize("name", [name for name in BUILT if failures(WANTED[name])])
def test_foresight(name: str, models: Models) -> None:
    assert problems(WANTED[name], models), failures(WANTED[name])
