"""What a problem looks like, to people and to programs."""

import io
from pathlib import Path

import pytest

from albatross.cli.terminal import console, diagnostic
from albatross.manifests import load
from albatross.model.problem import Origin, Problem

TEXT = """apiVersion: v1
kind: Service
metadata:
  name: web
  annotations: {long: "%s", mark: here, 日本: x}
"""


def shown(*problems: Problem, folder: Path | None = None, text: str = TEXT) -> str:
    sources = None
    if folder:
        (folder / "a.yaml").write_text(text)
        sources = load([str(folder / "a.yaml")]).sources
    out = io.StringIO()
    diagnostic.show(console.console(out), diagnostic.findings(problems, sources))
    return out.getvalue().replace(str(folder), "FOLDER")


def problem(field: str, pointer: str = "", **words: str) -> Problem:
    origin = Origin("Service", "default", "web", field, pointer)
    return Problem("LB194", origin, tuple(sorted({"field": field, "expected": "a string", "got": "80", **words}.items())))


def test_a_place_in_a_file(tmp_path: Path) -> None:
    assert shown(problem("metadata.name"), folder=tmp_path).startswith(
        "error[LB194]: metadata.name must be a string, not 80\n"
        " --> FOLDER/a.yaml:4:9\n"
        "  |\n"
        "4 |   name: web\n"
        "  |         ^^^\n"
        "  = why: the Kubernetes API server refuses an object if a field has the wrong type; other problems\n"
        "         are found as if the field had the value that was probably meant\n"
        "  = fix: write a string; a number, or a word such as true, yes or on, is a string only if it has\n"
        "         quotes\n\n"
    )


def test_a_long_line_is_cut_around_its_mark(tmp_path: Path) -> None:
    lines = shown(problem('metadata.annotations["mark"]'), folder=tmp_path, text=TEXT % ("x" * 300)).splitlines()
    assert max(map(len, lines)) <= 100
    assert lines[3].startswith("5 | …xxx")
    assert lines[3][lines[4].index("^") :].startswith("here")
    assert lines[4].count("^") == 4


def test_wide_characters_keep_the_mark_in_place(tmp_path: Path) -> None:
    lines = shown(problem('metadata.annotations["日本"]'), folder=tmp_path).splitlines()
    # two characters of two columns each stand before it, so the mark stands two columns further than the character
    assert lines[4].index("^") == lines[3].index("x}") + 2


def test_a_place_in_a_cluster() -> None:
    lines = shown(problem("spec.ports", "/0/port")).splitlines()
    assert lines[1] == " --> Service/default/web spec.ports at /0/port"


def test_each_is_said_once_and_in_reading_order(tmp_path: Path) -> None:
    late, early = problem('metadata.annotations["mark"]'), problem("metadata.name")
    text = shown(late, early, late, folder=tmp_path)
    assert text.count("error[LB194]") == 2
    assert text.index(":4:9") < text.index(":5:")


def test_related_places_are_named(tmp_path: Path) -> None:
    text = shown(Problem("LB195", Origin("Service", "default", "web"), related=(Origin("Service", "shop", "web"),)), folder=tmp_path)
    assert "  = see: Service/shop/web\n" in text


def test_the_json_form(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text(TEXT)
    (finding,) = diagnostic.findings([problem("metadata.name")], load([str(tmp_path)]).sources)
    form = diagnostic.form(finding)
    assert list(form) == ["code", "slug", "severity", "object", "field", "pointer", "message", "why", "fix", "file", "line", "column"]
    assert (form["object"], form["field"], form["line"], form["column"]) == ("Service/default/web", "metadata.name", 4, 9)
    (live,) = diagnostic.findings([problem("metadata.name")])
    assert diagnostic.form(live)["file"] is None


def test_the_github_form(tmp_path: Path) -> None:
    (tmp_path / "a,b.yaml").write_text(TEXT)
    (finding,) = diagnostic.findings([problem("metadata.name", got="5%\n")], load([str(tmp_path)]).sources)
    text = diagnostic.github(finding).replace(str(tmp_path), "")
    assert text.startswith("::error file=/a%2Cb.yaml,line=4,col=9,endColumn=12,title=LB194 malformed-object::metadata.name must be")
    assert "not 5%25%0A%0Afix: write a string; " in text


@pytest.mark.parametrize(
    ("numbers", "words"),
    [((0, 0, 0), "no problems"), ((1, 0, 0), "1 error"), ((2, 1, 3), "2 errors, 1 warning, 3 notes")],
)
def test_the_summary(numbers: tuple[int, int, int], words: str) -> None:
    assert diagnostic.summary(dict(zip(("error", "warning", "note"), numbers, strict=True))) == words


def test_what_would_steer_the_terminal_is_made_visible(tmp_path: Path) -> None:
    text = shown(problem("metadata.name", got="\x1b[2J"), folder=tmp_path)
    assert "\x1b" not in text
    assert "must be a string, not \ufffd[2J" in text


def test_a_mistake_that_two_rows_report_is_shown_once() -> None:
    at = Origin("Ingress", "shop", "app", "spec.rules[0].http.paths[0].pathType")
    known, refused = Problem("LB144", at), Problem("LB189", at)
    assert [each.problem.code for each in diagnostic.findings([refused, known])] == ["LB144"]
    assert [each.problem.code for each in diagnostic.findings([refused, Problem("LB144", at.at("spec"))])] == ["LB144", "LB189"]
