"""`model` prints what manifests compile to, and says what it cannot read."""

import json
from pathlib import Path

import pytest
from tests.cli.front import GOLDEN, albatross

GOOD = GOLDEN / "good.yaml"
RECORDED = Path(__file__).parents[1] / "conformance" / "scenarios" / "_facts.json"


def test_each_group_has_its_stack_and_its_problems() -> None:
    account = json.loads(RECORDED.read_text())
    where = ("--cluster-name", "prod-eks", "--region", "ap-northeast-2", "--vpc-id", account["ec2.DescribeVpcs"][0]["VpcId"])
    answer = albatross("model", "-f", GOOD, "--facts", RECORDED, *where)
    found = json.loads(answer.out)
    assert answer.code == 0
    assert list(found) == ["shop/app"]
    assert found["shop/app"].keys() == {"stack", "problems"}


def test_a_file_must_be_named() -> None:
    answer = albatross("model")
    assert answer.code == 1
    assert "-f FILE" in answer.err


@pytest.mark.parametrize(("text", "said"), [(None, "cannot read"), ("{", "is not JSON"), ("[]", "is not a recording")])
def test_what_is_no_recording_is_said_with_what_makes_one(tmp_path: Path, text: str | None, said: str) -> None:
    path = tmp_path / "facts.json"
    if text is not None:
        path.write_text(text)
    answer = albatross("model", "-f", GOOD, "--facts", path)
    assert answer.code == 1
    assert said in answer.err
    assert f"create it with `albatross record > {path}`" in answer.err
