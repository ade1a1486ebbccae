"""Values by key, and both ways of losing them."""

from albatross.controller.relation import Relation


def test_a_key_without_values_is_not_kept() -> None:
    found: Relation[str, int] = Relation()
    found.add("ab", 1)
    found.add("a", 2)
    found.drop("ac", 1)
    assert (found.of("a"), found.of("b"), found.of("c"), set(found.keys())) == ({2}, {1}, set(), {"a", "b"})
    found.drop("ab", 1)
    found.drop("a", 2)
    assert not found.keys()
