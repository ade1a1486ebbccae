"""docs/sandbox.md names every variable, annotation and control call of the sandbox."""

import re

import pytest
from measure import ROOT

from albatross_sandbox.aws import control
from albatross_sandbox.world import shell

PAGE = (ROOT / "docs" / "sandbox.md").read_text()


def calls() -> list[str]:
    return [line for line in (control.__doc__ or "").splitlines() if line.startswith("| `")]


def routes() -> set[str]:
    text = (ROOT / "packages/sandbox/src/albatross_sandbox/aws/control.py").read_text()
    return set(re.findall(r'"/_sandbox/([a-z-]+)', text))


def annotations() -> set[str]:
    text = "".join(path.read_text() for path in (ROOT / "packages/sandbox/src/albatross_sandbox/pods").glob("*.py"))
    return set(re.findall(r'annotation\([\w.()]+, "([a-z-]+)"\)', text))


def test_every_control_call_is_on_the_page_and_in_the_table() -> None:
    assert [line for line in calls() if line not in PAGE.splitlines()] == []
    assert len(routes()) > 12
    assert [name for name in routes() if not any(name in line for line in calls())] == []


def test_every_annotation_of_pods_is_on_the_page() -> None:
    assert annotations() >= {"health", "command", "port", "tls", "health-path"}
    assert [name for name in annotations() if f"`sandbox.albatross/{name}`" not in PAGE] == []


@pytest.mark.parametrize("name", shell.NAMES)
def test_every_variable_is_on_the_page(name: str) -> None:
    assert f"`{name}`" in PAGE
