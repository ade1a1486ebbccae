"""Whole requests in, whole answers out: a folder of cases, each with a cluster, an account, flags and a request.

A case `<name>.yaml` has `path`, `review` (the body of the call) and, if needed, `cluster` (patches over the base objects), `account`
(items of AWS as in a recording) and `flags`. `<name>.json` is the body of the answer, with its patch in clear.
"""

import json
from pathlib import Path
from typing import Any

import pytest
import yaml
from tests.admission.admitted import answered, asked, body, patched, shown
from tests.world import configured, snapshot

from albatross import admission
from albatross.aws.read.recorded import Recording
from albatross.model.facts import Facts

CASES = Path(__file__).parent / "cases"
NAMES = sorted(path.stem for path in CASES.glob("*.yaml"))


def read(name: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(json.dumps(yaml.safe_load((CASES / f"{name}.yaml").read_text())))
    return found


class Case:
    """A case and its answer."""

    def __init__(self, name: str) -> None:
        given = read(name)
        self.path, self.review = given["path"], given["review"]
        self.cluster = snapshot(*map(json.dumps, given.get("cluster", [])))
        self.config = configured(*given.get("flags", []))
        self.account = Recording(given.get("account", {}))

    def answer(self, review: dict[str, Any]) -> admission.Response:
        facts: Facts = self.account.answer(asked(self.path, review, self.cluster, self.config), self.config)
        return answered(self.path, review, self.cluster, facts.answers, self.config)


@pytest.mark.parametrize("name", NAMES)
def test_each_case_has_its_answer(name: str, request: pytest.FixtureRequest) -> None:
    case, golden = Case(name), CASES / f"{name}.json"
    found = json.dumps(shown(case.review, case.answer(case.review)), indent=2, ensure_ascii=False) + "\n"
    if request.config.getoption("--update"):
        golden.write_text(found)
    assert golden.read_text() == found


@pytest.mark.parametrize("name", NAMES)
def test_the_patched_object_is_not_patched_again(name: str) -> None:
    case = Case(name)
    first = case.answer(case.review)
    asking = case.review["request"]
    again = case.answer({**case.review, "request": {**asking, "object": patched(asking["object"], first)}})
    assert again.patch == ()
    assert again.allowed == first.allowed


@pytest.mark.parametrize("name", NAMES)
def test_an_answer_has_the_uid_of_its_request(name: str) -> None:
    case = Case(name)
    assert shown(case.review, case.answer(case.review))["response"]["uid"] == case.review["request"]["uid"]


def test_every_handler_has_a_case() -> None:
    assert {Case(name).path for name in NAMES} == set(admission.HANDLERS)


def test_the_cases_are_bodies_that_an_api_server_sends() -> None:
    keys = set(body("Pod", {})["request"])
    assert all(keys <= set(Case(name).review["request"]) for name in NAMES)
