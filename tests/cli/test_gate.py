"""`lint` as a gate: plain files, exit codes, and which problems count."""

import io
import json
import sys
from pathlib import Path
from xml.etree import ElementTree

import pytest
from tests.cli.front import GOLDEN, albatross

GOOD = (GOLDEN / "good.yaml").read_text()
WARNED = GOOD.replace("/scheme:", "/sceme:")
"""One warning: LB131."""


@pytest.fixture
def warned(tmp_path: Path) -> Path:
    path = tmp_path / "a.yaml"
    path.write_text(WARNED)
    return path


def test_files_are_plain_arguments(warned: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (warned.parent / "b.yaml").write_text(GOOD.replace("name: ", "name: b"))
    assert " in 2 files" in albatross("lint", *sorted(warned.parent.glob("*.yaml"))).out
    assert " in 2 files" in albatross("lint", warned, "-f", warned.parent / "b.yaml").out
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(GOOD.encode())))
    assert albatross("lint", "-").out == "no problems in 1 file (1 Ingress, 1 Service)\n"


def test_warnings_can_fail(warned: Path) -> None:
    assert albatross("lint", warned).code == 0
    assert albatross("lint", warned, "--fail-on", "warning").code == 1
    assert albatross("lint", warned, "--fail-on", "warning", "--fix").code == 0
    assert albatross("lint", GOLDEN / "good.yaml", "--fail-on", "warning").code == 0


@pytest.mark.parametrize("wrong", [["--nonsense"], [], ["a.yaml", "--facts", "none.json"], ["a.yaml", "--cluster-name", ""]])
def test_wrong_usage_is_no_finding(wrong: list[str], warned: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(warned.parent)
    answer = albatross("lint", *wrong)
    assert (answer.code, answer.out) == (2, "")
    assert albatross("lint", "none.yaml").code == 1


# Which problems count ----------------------------------------------------------------------------------------------


def codes(*arguments: str | Path) -> list[str]:
    return [each["code"] for each in json.loads(albatross("lint", *arguments, "-o", "json").out)["problems"]]


def test_codes_are_selected_and_ignored() -> None:
    shop = GOLDEN / "shop.yaml"
    assert codes(shop) == ["LB131", "LB120", "LB191"]
    assert codes(shop, "--select", "LB120,unknown-annotation") == ["LB131", "LB120", "LB191"]
    assert codes(shop, "--select", "LB120", "--ignore", "lb191") == ["LB120"]
    assert albatross("lint", shop, "--ignore", "LB120,LB191").code == 0


def test_an_unknown_code_is_wrong_usage() -> None:
    answer = albatross("lint", GOLDEN / "good.yaml", "--select", "unknown-anotation")
    assert (answer.code, answer.err.startswith("error: there is no problem 'unknown-anotation'; did you mean ")) == (2, True)


SCHEME = "    alb.ingress.kubernetes.io/sceme:"


@pytest.mark.parametrize("text", ["# albatross: ignore LB131\n" + SCHEME, "# albatross: ignore LB120, LB131 old\n\n# more\n" + SCHEME])
def test_a_comment_ignores_the_next_line(text: str, warned: Path) -> None:
    warned.write_text(WARNED.replace(SCHEME, text))
    assert codes(warned, "--ignore", "LB670") == []


def test_a_comment_ignores_its_line(warned: Path) -> None:
    lines = [f"{line}  # albatross: ignore LB131" if "sceme" in line else line for line in WARNED.splitlines()]
    warned.write_text("\n".join(lines))
    assert codes(warned) == []
    assert codes(warned, "--select", "LB120") == []
    assert albatross("lint", warned, "--fix").out.startswith("fixed 0 problems")


def test_a_comment_that_ignores_nothing_is_a_note(warned: Path) -> None:
    warned.write_text("# albatross: ignore LB131\n" + GOOD + "\n# albatross: ignore\n")
    assert codes(warned) == ["LB670", "LB670"]
    answer = albatross("lint", warned)
    assert "note[LB670]: this comment ignores no LB131\n --> " in answer.out
    assert "this comment ignores no problem, because it names no code" in answer.out
    assert codes(warned, "--ignore", "LB131") == ["LB670"]
    assert codes(warned, "--select", "LB120") == []


def test_words_in_a_value_are_no_comment(warned: Path) -> None:
    value = "---\nkind: ConfigMap\napiVersion: v1\nmetadata: {name: a}\ndata:\n  a: |\n    # albatross: ignore LB131\n    b\n"
    warned.write_text(GOOD + value)
    assert codes(warned) == []
    warned.write_text(GOOD + value + "# albatross: ignore LB120\n---\na: {\n")
    assert codes(warned) == ["LB670", "LB191"]


def test_a_file_with_a_fault_is_not_fixed_even_if_the_fault_is_ignored(warned: Path) -> None:
    warned.write_text(WARNED + "---\na: {\n")
    assert "LB131" in albatross("lint", warned, "--fix", "--ignore", "LB191").out
    assert "sceme" in warned.read_text()


# The configuration file --------------------------------------------------------------------------------------------


@pytest.fixture
def nested(warned: Path) -> Path:
    """The file in a folder of a repository."""
    (warned.parent / ".git").mkdir()
    (warned.parent / "m").mkdir()
    return warned.rename(warned.parent / "m" / "a.yaml")


def test_a_file_in_the_repository_sets_rules(nested: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    root = nested.parents[1]
    (root / "albatross.toml").write_text('fail-on = "warning"\n')
    assert albatross("lint", nested).code == 1
    assert albatross("lint", nested, "--fail-on", "error").code == 0
    monkeypatch.chdir(nested.parent)
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(WARNED.encode())))
    assert albatross("lint", "-").code == 1
    (root / "albatross.toml").unlink()
    (root / ".albatross.yaml").write_text("ignore: [LB131, LB120]\n")
    assert codes(nested) == []
    assert codes(nested, "--ignore", "") == ["LB131"]


def test_a_file_in_the_repository_sets_flags(nested: Path) -> None:
    config = nested.parents[1] / ".albatross.yaml"
    config.write_text("cluster-name: shop\nallow-deletions: 3\nstrict-groups: true\ndefault-tags: {team: a, cost: b}\n")
    told = albatross("plan", "-f", nested, "-o", "json").out
    assert '"elbv2.k8s.aws/cluster": "shop"' in told
    assert '"team": "a"' in told
    assert '"elbv2.k8s.aws/cluster": "other"' in albatross("plan", "-f", nested, "-o", "json", "--cluster-name", "other").out


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("clustername: a\n", "unknown key 'clustername'; did you mean cluster-name?"),
        ("x: a\n", "unknown key 'x'; the keys are fail-on, select, ignore and the flags of `albatross run`"),
        ("fail-on: never\n", "fail-on=never: expected error or warning"),
        ("allow-deletions: many\n", "allow-deletions=many: expected a whole number, or all"),
        ("[a]", "expected keys and values, such as cluster-name: shop"),
        ("a: [", "while parsing a flow node"),
    ],
)
def test_a_wrong_file_is_wrong_usage(text: str, message: str, nested: Path) -> None:
    path = nested.parents[1] / ".albatross.yaml"
    path.write_text(text)
    answer = albatross("lint", nested)
    assert answer.code == 2
    assert answer.err.startswith(f"error: {path}: {message}")


def test_only_one_file_sets_rules(nested: Path) -> None:
    root = nested.parents[1]
    (root / "albatross.toml").write_text("")
    (root / ".albatross.yaml").write_text("")
    assert "has two configuration files" in albatross("lint", nested).err
    (root / ".albatross.yaml").rename(nested.parent / ".albatross.yaml")
    (root / "b.yaml").write_text(GOOD)
    assert albatross("lint", nested).code == 0
    assert "belong to several configuration files" in albatross("lint", root / "b.yaml", nested).err
    (root / "albatross.toml").unlink()
    (root / "albatross.toml").mkdir()
    assert albatross("lint", root / "b.yaml").code == 0


# Forms for other programs ------------------------------------------------------------------------------------------


def test_sarif_has_each_problem_and_its_rule(tmp_path: Path) -> None:
    path = tmp_path / "a b.yaml"
    path.write_text(WARNED)
    for more in ([], ["--diff"]):
        (run,) = json.loads(albatross("lint", path, "-o", "sarif", *more).out)["runs"]
        (result,) = run["results"]
        assert [rule["id"] for rule in run["tool"]["driver"]["rules"]] == [result["ruleId"]] == ["LB131"]
        place = result["locations"][0]["physicalLocation"]
        assert place["artifactLocation"]["uri"].endswith("a%20b.yaml")
        assert (result["level"], place["region"]["startLine"]) == ("warning", WARNED[: WARNED.index("alb.ingress")].count("\n") + 1)


def suite(*arguments: str | Path) -> tuple[dict[str, str], list[tuple[str, str, str]]]:
    (found,) = ElementTree.fromstring(albatross("lint", *arguments, "-o", "junit").out)
    cases = [(case.get("classname", ""), case.get("name", "").split()[0], case[0].tag if len(case) else "") for case in found]
    return {name: found.get(name, "") for name in ("tests", "failures", "skipped")}, cases


def test_junit_has_a_test_for_each_problem(warned: Path) -> None:
    other = warned.parent / "b.yaml"
    other.write_text(GOOD.replace("name: ", "name: b"))
    numbers, cases = suite(warned, other)
    assert numbers == {"tests": "2", "failures": "0", "skipped": "1"}
    assert cases == [(str(warned), "LB131", "skipped"), (str(other), "no", "")]
    numbers, cases = suite(warned, "--fail-on", "warning", "--diff")
    assert (numbers["failures"], cases) == ("1", [(str(warned), "LB131", "failure")])
    warned.write_text("kind: Ingress\x00\n")
    assert suite(warned, "none.yaml")[0]["failures"] == "2"
