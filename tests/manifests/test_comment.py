"""Comments that ignore problems: where they are, and which line they are about."""

import pytest

from albatross.manifests import Text, ignores


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("a: b # albatross: ignore LB101", [(1, 6, 1, ("LB101",))]),
        ("# albatross: ignore LB101, LB102 for now\n\n  # more\na: b\n", [(1, 1, 4, ("LB101", "LB102"))]),
        ("a: b\n#albatross:ignore LB101", [(2, 1, 2, ("LB101",))]),
        ("# albatross: ignore it\na: b", [(1, 1, 2, ())]),
        ("a: 'b # albatross: ignore LB101'", []),
        ("a: |\n  # albatross: ignore LB101\n# albatross: ignore LB102\nb: c", [(3, 1, 4, ("LB102",))]),
        ("a: b#albatross: ignore LB101", []),
        ("# albatross: ignore LB101\na: {", [(1, 1, 2, ("LB101",))]),
        ("# nothing\na: b", []),
    ],
)
def test_comments(text: str, found: list[tuple[int, int, int, tuple[str, ...]]]) -> None:
    assert [(each.line, each.column, each.about, each.codes) for each in ignores(Text("a.yaml", text))] == found
