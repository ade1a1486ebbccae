"""Edits land exactly where they should, or not at all."""

from pathlib import Path

import pytest

from albatross import manifests
from albatross.catalog.fixes import Part, Rewrite
from albatross.manifests import Text, edit
from albatross.manifests.edit import Edit
from albatross.model.problem import Origin

HEAD = "apiVersion: v1\nkind: Service\nmetadata:\n  name: web\n  namespace: shop\n  annotations:\n"
AT = Origin("Service", "shop", "web", 'metadata.annotations["a"]')

CASES: list[tuple[str, Part, str, str, str]] = [
    ("a: x", "value", "true", "", 'a: "true"'),
    ("a: x # c", "value", "z", "", "a: z # c"),
    ("a: x", "value", "a: b", "", 'a: "a: b"'),
    ("a: x", "value", '"', "", "a: '\"'"),
    ("a: b=1,b=2", "value", "b=2", "", "a: b=2"),
    ("a: b=1,b=2,c=3", "value", "b=2,c=3", "", "a: b=2,c=3"),
    ("a: x", "value", "y,z", "", 'a: "y,z"'),
    ("a: x", "value", "y: z", "", 'a: "y: z"'),
    ("a: 'x'", "value", "it's", "", "a: 'it''s'"),
    ('a: "x"', "value", 'a"\\', "", 'a: "a\\"\\\\"'),
    ("a: !!str x", "value", "z", "", "a: !!str z"),
    ("a: &b x", "value", "z", "", "a: &b z"),
    ("a: |-\n      x\n    b: c", "value", "y", "", "a: |-\n      y\n    b: c"),
    ("a: x", "key", "b", "", "b: x"),
    ("'a': x", "key", "b'", "", "'b''': x"),
    ("a: 5", "quote", "", "", 'a: "5"'),
    ("a: on  # c", "quote", "", "", 'a: "on"  # c'),
    ("a: [{b: 1}]", "quote", "", "", "a: '[{\"b\": 1}]'"),
    ('"a": [{"b":1}]', "quote", "", "", '"a": "[{\\"b\\":1}]"'),
    ("""a: '{"b": [1, 2]}'""", "json", "3", "/b/1", """a: '{"b": [1, 3]}'"""),
    (r'''a: "{\"b\": \"1\"}"''', "json", '"2"', "/b", r'''a: "{\"b\": \"2\"}"'''),
    ("""a: '{"b": 1, "c": 2}'""", "field", '"d"', "/c", """a: '{"b": 1, "d": 2}'"""),
    ("""a: '{ "b" : {"c": 1} }'""", "field", '"d"', "/b/c", """a: '{ "b" : {"d": 1} }'"""),
    ('a: |\n      {\n        "b": 1}\n    b: c', "list", "", "", 'a: |\n      [{\n        "b": 1}]\n    b: c'),
]


def made(text: str, *edits: Edit) -> edit.Edited:
    loaded = manifests.read([Text("a.yaml", text)])
    return edit.apply(loaded.sources, loaded.sources.texts["a.yaml"], edits)


@pytest.mark.parametrize(("line", "part", "text", "pointer", "wanted"), CASES)
def test_edits(line: str, part: Part, text: str, pointer: str, wanted: str) -> None:
    result = made(f"{HEAD}    {line}\n", Edit(AT, Rewrite(part, text, pointer)))
    assert not result.refused
    assert result.text == f"{HEAD}    {wanted}\n"


REFUSED: list[tuple[str, Rewrite, str]] = [
    ("b: x", Rewrite("value", "y"), "the value is not written there"),
    ("a: 'x\n\n      y'", Rewrite("value", "y"), "the value is written over several lines"),
    ("a: |\n      x", Rewrite("value", "y"), "the file would not read as intended"),
    ("a:\n    - b", Rewrite("quote"), "the value is not JSON"),
    ("a: [b #]\n      ]", Rewrite("quote"), "the value is not JSON"),
    ("a: [b] # c", Rewrite("json", "1"), "the value has another form"),
    ("a: x", Rewrite("json", "1", "/b"), "the value does not exist"),
    ("a: '[1]'", Rewrite("field", "1", "/0"), "the value does not exist"),
    ("a: &c x\n    b: *c", Rewrite("value", "y"), "an alias uses the value in several places"),
]


@pytest.mark.parametrize(("line", "rewrite", "reason"), REFUSED)
def test_refused(line: str, rewrite: Rewrite, reason: str) -> None:
    result = made(f"{HEAD}    {line}\n", Edit(AT, rewrite))
    assert result.text == f"{HEAD}    {line}\n"
    assert [why for _, why in result.refused] == [reason]


def test_several_in_one_value_are_made_together() -> None:
    edits = [Edit(AT, Rewrite("json", "10", "/b")), Edit(AT, Rewrite("field", '"long"', "/c")), Edit(AT, Rewrite("json", "20", "/c"))]
    assert made(HEAD + """    a: '{"b": 1, "c": 2}'\n""", *edits).text == HEAD + """    a: '{"b": 10, "long": 20}'\n"""


def test_the_second_of_two_that_overlap_is_refused() -> None:
    result = made(HEAD + "    a: '[1]'\n", Edit(AT, Rewrite("json", "2", "/0")), Edit(AT, Rewrite("value", "x")))
    assert result.text == HEAD + "    a: '[2]'\n"
    assert [why for _, why in result.refused] == ["another fix changes the same text"]


def test_one_that_does_not_read_well_keeps_no_other_from_being_made() -> None:
    other = AT.at('metadata.annotations["b"]')
    result = made(HEAD + "    a: |\n      x\n    b: x\n", Edit(AT, Rewrite("value", "y")), Edit(other, Rewrite("value", "z")))
    assert result.text == HEAD + "    a: |\n      x\n    b: z\n"


def test_a_file_with_a_fault_is_left_alone() -> None:
    result = made(f"{HEAD}    a: x\n---\na: 'x\n", Edit(AT, Rewrite("value", "y")))
    assert [why for _, why in result.refused] == ["the file cannot be read as a whole"]


def test_a_file_that_changed_is_not_written(tmp_path: Path) -> None:
    path = str(tmp_path / "a.yaml")
    Path(path).write_text("new")
    assert manifests.save(path, "old", "x") == "it was changed in the meantime"
    assert manifests.save(f"{tmp_path}/none", "old", "x") == "no such file or directory"


def test_what_cannot_take_a_file_s_place_is_cleared_away(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    (tmp_path / "a.yaml").write_text("old")
    monkeypatch.setattr("os.replace", full)
    assert manifests.save(str(tmp_path / "a.yaml"), "old", "new") == "no space left on device"
    assert [(each.name, each.read_text()) for each in tmp_path.iterdir()] == [("a.yaml", "old")]
