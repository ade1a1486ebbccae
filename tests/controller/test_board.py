"""The series of problems: there while the problem is, gone with it, and never too many."""

import pytest

from albatross.controller import board
from albatross.controller.board import Board
from albatross.controller.metrics import Metrics
from albatross.model.problem import Origin, Problem

WEB = Origin("Ingress", "shop", "web", "spec.rules[0]")


def series(found: Board) -> list[tuple[str, ...]]:
    metrics = Metrics()
    metrics.ask(found.read)
    wanted = ("code", "severity", "kind", "namespace", "name")
    samples = [sample for each in metrics.registry.collect() if each.name == "albatross_problem" for sample in each.samples]
    return [tuple(sample.labels[label] for label in wanted) for sample in samples]


def test_a_problem_has_a_series_until_it_ends() -> None:
    found = Board()
    found.note("plan", [Problem("LB205", WEB), Problem("LB205", WEB.at("spec.rules[1]")), Problem("LB501", WEB)])
    found.note("deploy", [Problem("LB511", WEB)])
    assert [row[0] for row in series(found)] == ["LB205", "LB511", "LB501"]  # errors first, each once
    assert series(found)[0][2:] == ("Ingress", "shop", "web")
    found.note("plan", [])
    assert [row[0] for row in series(found)] == ["LB511"]
    found.note("deploy", [])
    assert series(found) == []


def test_notes_have_no_series() -> None:
    found = Board()
    found.note("plan", [Problem("LB205", WEB, severity="note")])
    assert not found.found


def test_the_number_of_series_is_limited(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(board, "MOST", 2)
    found = Board()
    found.note("plan", [Problem("LB205", Origin("Ingress", "shop", name)) for name in "abcde"])
    assert len(series(found)) == 2
    assert ("albatross_problems_hidden", (), 3.0) in found.read()
