"""Every fix works on its examples and adds no problem; a second run changes nothing."""

import io
import json
from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.console import Console
from tests.world import PREFIX, Result, annotated, configured, objects

from albatross import manifests
from albatross.catalog.annotations import ANNOTATIONS
from albatross.catalog.fixes import FIXES
from albatross.cli.fix import Fixed, diff, fix, show
from albatross.manifests import Loaded, Text
from albatross.model.problem import Problem

CASES = [pytest.param(code, example, id=f"{code}-{n}") for code, fix in FIXES.items() for n, example in enumerate(fix.examples)]


def examine(loaded: Loaded, *flags: str) -> list[Problem]:
    return [*loaded.problems, *Result(loaded.snapshot, configured(*flags)).problems]


def fixed(text: str, *flags: str) -> Fixed:
    return fix([Text("a.yaml", text)], "shop", lambda loaded: examine(loaded, *flags))


def found(text: str, *flags: str) -> Counter[str]:
    return Counter(problem.code for problem in examine(manifests.read([Text("a.yaml", text)], namespace="shop"), *flags))


def _yaml(everything: list[dict[str, Any]]) -> str:
    return str(yaml.safe_dump_all(everything, sort_keys=False, width=10_000, default_flow_style=None))


def _flow(everything: list[dict[str, Any]]) -> str:
    return str(yaml.safe_dump_all(everything, sort_keys=False, width=10_000, default_flow_style=True))


def _blocks(everything: list[dict[str, Any]]) -> str:
    """JSON in annotations as block scalars, over several lines."""

    def text(dumper: yaml.SafeDumper, value: str) -> yaml.ScalarNode:
        block = value[:1] in "[{" and len(value) > 1
        value = value.replace(", ", ",\n") if block else value
        return dumper.represent_scalar("tag:yaml.org,2002:str", value, style="|" if block else '"')

    dumper: Any = type("Blocks", (yaml.SafeDumper,), {})
    dumper.add_representer(str, text)
    return str(yaml.dump_all(everything, Dumper=dumper, sort_keys=False))


def _json(everything: list[dict[str, Any]]) -> str:
    return json.dumps({"apiVersion": "v1", "kind": "List", "items": everything}, indent=2)


@pytest.mark.parametrize("write", [_flow, _json])
@pytest.mark.parametrize(("code", "example"), CASES)
def test_the_problem_goes_and_none_comes(code: str, example: Any, write: Any) -> None:
    text = write(objects(example.broken))
    before = found(text, *example.flags)
    assert before[code]
    result = fixed(text, *example.flags)
    after = found(result.after[0].text, *example.flags)
    assert not after[code]
    # what an object hides that cannot be read at all is no new problem
    assert code == "LB194" or not after - before
    assert not fixed(result.after[0].text, *example.flags).changed


@pytest.mark.parametrize(("code", "example"), [case for case in CASES if case.values[0] in ("LB109", "LB110", "LB112", "LB119")])
def test_json_over_several_lines_is_fixed_in_place(code: str, example: Any) -> None:
    text = _blocks(objects(example.broken))
    result = fixed(text).after[0].text
    assert found(text)[code]
    assert not found(result)[code]
    assert result.count("\n") == text.count("\n")


@pytest.mark.parametrize(("code", "example"), CASES)
def test_examples_are_fixed_as_they_say(code: str, example: Any) -> None:
    result = manifests.read([Text("a.yaml", fixed(_flow(objects(example.broken))).after[0].text)], namespace="shop")
    assert {problem.code for problem in examine(result)} <= {problem.code for problem in Result(_snapshot(example.fixed)).problems}


def _snapshot(patch: str) -> Any:
    return manifests.read([Text("a.yaml", _yaml(objects(patch)))], namespace="shop").snapshot


BEFORE = """\
# kept
apiVersion: networking.k8s.io/v1
kind: Ingress   # here too
metadata:
    namespace: shop
    name: app
    annotations:
        alb.ingress.kubernetes.io/listen-ports:   '[{"HTTPS": "443"},  {"http": 80}]'  # ports
        "alb.ingress.kubernetes.io/sceme": Internet-Facing
        alb.ingress.kubernetes.io/target-type: IP
        alb.ingress.kubernetes.io/certificate-arn: "arn:aws:acm:ap-northeast-2:1:certificate/1"
        alb.ingress.kubernetes.io/success-codes: 200
        alb.ingress.kubernetes.io/group.order: 5
        alb.ingress.kubernetes.io/tags: 'a=it''s,a=2'
spec:
    ingressClassName: alb
    rules: [{http: {paths: [{path: /a/*, pathType: Prefix, backend: {service: {name: web, port: {number: 80}}}}]}}]
"""
AFTER = """\
# kept
apiVersion: networking.k8s.io/v1
kind: Ingress   # here too
metadata:
    namespace: shop
    name: app
    annotations:
        alb.ingress.kubernetes.io/listen-ports:   '[{"HTTPS": 443},  {"HTTP": 80}]'  # ports
        "alb.ingress.kubernetes.io/sceme": Internet-Facing
        alb.ingress.kubernetes.io/target-type: ip
        alb.ingress.kubernetes.io/certificate-arn: "arn:aws:acm:ap-northeast-2:1:certificate/1"
        alb.ingress.kubernetes.io/success-codes: "200"
        alb.ingress.kubernetes.io/group.order: "5"
        alb.ingress.kubernetes.io/tags: 'a=2'
spec:
    ingressClassName: alb
    rules: [{http: {paths: [{path: /a, pathType: Prefix, backend: {service: {name: web, port: {number: 80}}}}]}}]
"""


def _whole(text: str) -> str:
    return text + "---\n" + _yaml([each for each in objects() if each["kind"] != "Ingress"])


@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_all_else_stays_byte_for_byte(end: str) -> None:
    assert fixed(_whole(BEFORE).replace("\n", end)).after[0].text == _whole(AFTER).replace("\n", end)


def test_a_name_is_kept_whose_value_would_not_fit() -> None:
    assert not [line for line in diff(fixed(_whole(BEFORE))) if "sceme" in line and line[0] in "+-"]


def test_the_right_name_is_not_written_twice() -> None:
    text = _yaml(objects(annotated({"scheme": "internal", "sceme": "internal"})))
    assert not fixed(text).changed


def test_a_rename_that_would_be_an_error_is_held() -> None:
    text = _yaml(objects(annotated({"security-groups": "sg-1", "enable-frontend-nl": "true", "frontend-nlb-eip-allocations": "a"})))
    result = fixed(text)
    assert not result.changed
    assert [(held.problem.code, held.reason) for held in result.held] == [("LB131", "the fix would cause an error")]


def test_templates_are_left_alone() -> None:
    text = _yaml(objects(annotated({"target-type": "IP", "success-codes": "{{ .Values.codes }}"})))
    result = fixed(text)
    assert not result.changed
    assert "template" in result.held[0].reason


def test_what_an_alias_shares_is_left_alone() -> None:
    one, other = ({"apiVersion": "v1", "kind": "Service", "metadata": {"name": name}, "spec": {}} for name in ("a", "b"))
    one["metadata"] = {"name": "a", "annotations": {PREFIX + "group.order": 5}}
    other["metadata"] = {"name": "b", "annotations": one["metadata"]["annotations"]}  # type: ignore[index]
    text = yaml.safe_dump({"apiVersion": "v1", "kind": "List", "items": [one, other]})
    assert "*" in text
    result = fixed(text)
    assert not result.changed
    assert {held.reason for held in result.held} == {"an alias uses the value in several places"}


def _values() -> Iterator[str]:
    yield from (
        "yes",
        " true",
        "IP",
        "80",
        "[{HTTP: 80}]",
        '[{"http": "80"}]',
        '{"type": "Redirect"}',
        "a=1,a=2",
        "x'y\"z",
        "",
        "é, 10.0.0.1",
    )


@settings(max_examples=40, deadline=None)
@given(st.dictionaries(st.sampled_from([PREFIX + row.name for row in ANNOTATIONS.values()]), st.sampled_from(list(_values())), max_size=6))
def test_any_annotations_are_fixed_once(annotations: dict[str, str]) -> None:
    patch = json.dumps({"kind": "Ingress", "metadata": {"name": "app", "annotations": annotations}})
    once = fixed(_yaml(objects(patch))).after[0].text
    assert not fixed(once).changed


def test_of_many_renames_only_the_harmful_one_is_held() -> None:
    texts = [{"success-code": f"20{n}"} for n in range(5)]
    patches = [
        annotated({"group.name": "team", **given, **({"sceme": "internal"} if n == 3 else {})}, f"i{n}") for n, given in enumerate(texts)
    ]
    first = annotated({"group.name": "team", "scheme": "internet-facing", "group.order": "-1"})
    result = fixed(_yaml(objects(first, *patches)))
    assert [(held.problem.origin.name, held.problem.code) for held in result.held] == [("i3", "LB131")]
    assert len(result.problems) == 5


def test_a_last_line_without_an_end_is_shown_as_such() -> None:
    before, after = (Text("a.yaml", f"x: 1\ny: {value}") for value in "ab")
    result = Fixed((before,), (after,), manifests.read([after]), (), ())
    end = "\\ No newline at end of file\n"
    assert list(diff(result))[-2:] == [f"-y: a\n{end}", f"+y: b\n{end}"]


def test_a_terminal_gets_colours() -> None:
    screen = Console(file=io.StringIO(), force_terminal=True, color_system="standard", no_color=False, width=200)
    show(screen, fixed(_yaml(objects(annotated({"target-type": "IP"})))))
    shown = screen.file.getvalue()  # type: ignore[attr-defined]  # it is the buffer given above
    assert "\x1b[31m-" in shown
    assert "\x1b[32m+" in shown
    assert "\x1b[36m@@" in shown
