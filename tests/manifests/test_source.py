"""An origin's place is where a reader would look."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from albatross.manifests import load
from albatross.manifests.compose import documents
from albatross.manifests.node import MappingNode, Scalar
from albatross.manifests.pointer import project
from albatross.model.problem import Origin

TEXT = r"""apiVersion: networking.k8s.io/v1
kind: Ingress
metadata:
  name: app
  annotations:
    plain: internet-facing
    json: '[{"HTTPS": 443}, {"HTTP": 80}]'
    double: "{\"a\": {\"b\": \"x\"}}"
    block: |
      [
        {"HTTP": 80},
        {"HTTPS": 8443}
      ]
    folded: >-
      {"Type": "forward",
       "target": "x"}
    long: '{"type": "fixed-response",
      "fixed": {"statusCode": "200"}}'
    quote: '{"a": "it''s", "b": 7}'
    bare: {"k": 1}
spec:
  ingressClassName: alb
  rules:
  - host: a.example.com
    http:
      paths:
      - path: /x
        pathType: Prefix
      - path: /y
"""

CASES = [
    ("", "", 4, "app"),
    ("metadata.name", "", 4, "app"),
    ('metadata.annotations["plain"]', "", 6, "internet-facing"),
    ("metadata.annotations.plain", "", 6, "internet-facing"),
    ('metadata.annotations["missing"]', "", 5, "annotations"),
    ('metadata.annotations["json"]', "", 7, """'[{"HTTPS": 443}, {"HTTP": 80}]'"""),
    ('metadata.annotations["json"]', "/1", 7, '{"HTTP": 80}'),
    ('metadata.annotations["json"]', "/0/HTTPS", 7, "443"),
    ('metadata.annotations["json"]', "/0/nothing", 7, '{"HTTPS": 443}'),
    ('metadata.annotations["double"]', "/a/b", 8, r"\"x\""),
    ('metadata.annotations["block"]', "", 10, "["),
    ('metadata.annotations["block"]', "/1/HTTPS", 12, "8443"),
    ('metadata.annotations["folded"]', "/target", 16, '"x"'),
    ('metadata.annotations["folded"]', "/type", 15, '"forward"'),
    ('metadata.annotations["long"]', "/fixed/statusCode", 18, '"200"'),
    ('metadata.annotations["quote"]', "/b", 19, "7"),
    ('metadata.annotations["plain"]', "/0", 6, "internet-facing"),
    ("spec.rules[0].host", "", 24, "a.example.com"),
    ("spec.rules[0].http.paths[1].path", "", 29, "/y"),
    ("spec.rules[0].http.paths[1].pathType", "", 29, "path: /y"),
    ("spec.rules[7].host", "", 23, "rules"),
    ("spec.tls", "", 21, "spec"),
]


@pytest.mark.parametrize(("field", "pointer", "line", "marked"), CASES)
def test_places(tmp_path: Path, field: str, pointer: str, line: int, marked: str) -> None:
    (tmp_path / "a.yaml").write_text(TEXT)
    # "bare" is no text, so the object is refused; its places are known all the same
    place = load([str(tmp_path)]).sources.locate(Origin("Ingress", "default", "app", field, pointer))
    assert place
    assert (place.line, place.text[place.column - 1 : place.end_column - 1]) == (line, marked)


def test_a_key_can_be_marked(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text(TEXT)
    place = load([str(tmp_path)]).sources.locate(Origin("Ingress", "default", "app", 'metadata.annotations["plain"]'), key=True)
    assert place
    assert (place.column, place.end_column) == (5, 10)


def test_windows_line_ends_and_wide_characters_keep_columns(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_bytes(
        "# 한국어\r\nkind: Service\r\napiVersion: v1\r\nmetadata: {labels: {é: '日本'}, name: web}\r\n".encode()
    )
    place = load([str(tmp_path)]).sources.locate(Origin("Service", "default", "web"))
    assert place
    assert (place.line, place.column, place.text[place.column - 1 : place.end_column - 1]) == (4, 37, "web")


STYLES = ["'{}'", '"{}"', "|-\n  {}", ">-\n  {}", "{}"]


@given(st.text("abc", min_size=1, max_size=8), st.text("abc", min_size=1, max_size=8), st.sampled_from(STYLES))
def test_the_nth_visible_character_is_found_in_every_style(first: str, second: str, style: str) -> None:
    words = f"{first} {second}"
    text = "k: " + style.format(words)
    (root,) = documents(text)
    assert isinstance(root, MappingNode)
    node = root.pairs[0][1]
    assert isinstance(node, Scalar)
    start, end = project(text, node, len(first) + 1, len(words))
    assert text[start:end] == second


@given(st.text(max_size=200))
def test_any_text_is_read_or_faulted(text: str) -> None:
    for document in documents(text):
        assert document is not None


def test_a_key_with_a_backslash_has_a_place(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text(
        "kind: Ingress\napiVersion: networking.k8s.io/v1\nmetadata:\n  name: app\n  annotations: {'a\\q': 7}\n"
    )
    (problem, *_) = (loaded := load([str(tmp_path)])).problems
    place = loaded.sources.locate(problem.origin)
    assert place
    assert (place.line, place.text[place.column - 1 : place.end_column - 1]) == (5, "7")
