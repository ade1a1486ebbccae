"""`lint` says all that is wrong, with places, in three forms."""

import json
from pathlib import Path

import pytest
from front import GOLDEN, albatross, same

SHOP = GOLDEN / "shop.yaml"


def test_every_problem_has_its_place() -> None:
    answer = albatross("lint", "-f", SHOP, "-o", "json")
    assert answer.code == 1
    found = json.loads(answer.out)
    places = [(each["code"], each["severity"], each["line"], each["column"]) for each in found["problems"]]
    assert places == [("LB131", "warning", 21, 5), ("LB120", "error", 22, 71), ("LB191", "error", 30, 7)]
    assert (found["error"], found["warning"], found["note"]) == (2, 1, 0)


def test_problems_of_files_read_well(update: bool, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    Path("broken.yaml").write_text('apiVersion: v1\nkind: Service\nmetadata:\n  name: "web\n')
    Path("chart.yaml").write_text("kind: {{ .Values.kind }}\n")
    Path("old.yaml").write_text("apiVersion: extensions/v1beta1\nkind: Ingress\nmetadata:\n  name: app\n")
    same("lint.txt", albatross("lint", "-f", ".", "-f", "none.yaml").out, update)


def test_clean_files_are_said_to_be_clean() -> None:
    answer = albatross("lint", "-f", GOLDEN / "good.yaml")
    assert (answer.code, answer.out) == (0, "no problems in 1 file (1 Ingress, 1 Service)\n")


def test_warnings_alone_are_no_failure(tmp_path: Path) -> None:
    text = (GOLDEN / "good.yaml").read_text().replace("/scheme:", "/sceme:")
    (tmp_path / "a.yaml").write_text(text)
    answer = albatross("lint", "-f", tmp_path)
    assert answer.code == 0
    assert answer.out.endswith("1 warning in 1 file (1 Ingress, 1 Service)\n")


def test_github_annotates_lines() -> None:
    lines = albatross("lint", "-f", SHOP, "-o", "github").out.splitlines()
    assert [line.split(" ")[0] for line in lines] == ["::warning", "::error", "::error"]
    assert f"file={SHOP},line=22,col=71,endColumn=76,title=LB120" in lines[1]


def test_a_file_must_be_named() -> None:
    answer = albatross("lint")
    assert answer.code == 1
    assert "-f FILE" in answer.err
