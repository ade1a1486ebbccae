"""`plan` without a cluster: what files come to, what stays unknown, and exit codes."""

import json
from pathlib import Path

import pytest
from tests.cli.front import GOLDEN, albatross, same

GOOD = GOLDEN / "good.yaml"


@pytest.mark.parametrize(("output", "golden"), [("text", "plan.txt"), ("markdown", "plan.md")])
def test_a_plan_reads_well(output: str, golden: str, update: bool) -> None:
    answer = albatross("plan", "-f", GOOD, "-o", output)
    assert answer.code == 2
    same(golden, answer.out, update)


def test_a_plan_is_json_for_programs() -> None:
    found = json.loads(albatross("plan", "-f", GOOD, "-o", "json").out)
    stack = found["stacks"]["shop/app"]
    assert stack["planned"]
    assert found["changes"] == len(stack["operations"]) == sum(stack["counts"].values())
    assert {"id", "sign", "noun", "name", "fields", "needs"} == set(stack["operations"][0])
    assert "the subnets of the VPC" in stack["unknown"]
    assert not found["problems"]


def test_settings_of_the_controller_are_taken() -> None:
    named = albatross("plan", "-f", GOOD, "--cluster-name", "prod", "--default-tags", "team=a").out
    assert named != albatross("plan", "-f", GOOD).out


def test_a_setting_that_makes_no_sense_is_a_usage_error() -> None:
    answer = albatross("plan", "-f", GOOD, "--default-target-type", "sideways")
    assert answer.code == 1
    assert "default-target-type" in answer.err


def test_nothing_of_ours_is_nothing_to_do(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text("apiVersion: v1\nkind: Service\nmetadata: {name: web}\nspec: {ports: [{port: 80}]}\n")
    answer = albatross("plan", "-f", tmp_path)
    assert (answer.code, answer.out) == (0, "nothing to plan: no Ingress and no Service belongs to this controller\n")


def test_an_error_is_exit_code_1() -> None:
    assert albatross("plan", "-f", GOLDEN / "shop.yaml").code == 1


@pytest.mark.parametrize(("text", "words"), [(None, "cannot read"), ("{", "is not JSON"), ("[]", "is not a recording")])
def test_a_recording_that_is_none_is_said(tmp_path: Path, text: str | None, words: str) -> None:
    path = tmp_path / "facts.json"
    if text is not None:
        path.write_text(text)
    answer = albatross("plan", "-f", GOOD, "--facts", path)
    assert answer.code == 1
    assert words in answer.err
    assert "albatross record" in answer.err
