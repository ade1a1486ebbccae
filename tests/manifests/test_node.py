"""Plain scalars mean what kubectl takes them for."""

import pytest

from albatross.manifests.compose import YamlFault, documents
from albatross.manifests.node import Json, data


def value(text: str) -> Json:
    (root,) = documents(f"k: {text}\n")
    assert not isinstance(root, YamlFault)
    found = data(root)
    assert isinstance(found, dict)
    return found["k"]


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("yes", True), ("off", False), ("n", False), ("~", None), ("", None), ("'yes'", "yes"), ("!!str 80", "80"),
        ("80", 80), ("-3", -3), ("+3", 3), ("0x1f", 31), ("0o17", 15), ("017", 15), ("089", 89.0), ("1_000", 1000),
        ("1.5", 1.5), ("1e3", 1000.0), (".5", 0.5), ("1.2.3", "1.2.3"), ("12:30:45", "12:30:45"), ("2026-11-24", "2026-11-24"),
        ("-", "-"), ("10.0.0.0/8", "10.0.0.0/8"), ("nan", "nan"), ("internet-facing", "internet-facing"), ("1e", "1e"), ("-x", "-x"),
    ],
)  # fmt: skip
def test_scalars(text: str, meant: Json) -> None:
    found = value(text) if text != "-" else value("'-'")
    assert (found, type(found)) == (meant, type(meant))


def test_merge_keys_are_opened() -> None:
    (root,) = documents("a: &a {x: 1, y: 2}\nb:\n  <<: *a\n  y: 3\n")
    assert not isinstance(root, YamlFault)
    assert data(root) == {"a": {"x": 1, "y": 2}, "b": {"x": 1, "y": 3}}
