"""Label selectors."""

import pytest

from albatross.catalog.selector import matches
from albatross.model.snapshot import LabelRequirement, LabelSelector

LABELS = {"team": "shop", "tier": ""}


@pytest.mark.parametrize(
    ("key", "operator", "values", "met"),
    [
        ("team", "In", ("shop", "web"), True),
        ("team", "In", ("web",), False),
        ("none", "In", ("shop",), False),
        ("team", "NotIn", ("web",), True),
        ("team", "NotIn", ("shop",), False),
        ("none", "NotIn", ("shop",), True),
        ("tier", "Exists", (), True),
        ("none", "Exists", (), False),
        ("none", "DoesNotExist", (), True),
        ("team", "DoesNotExist", (), False),
        ("team", "In", (), False),
        ("none", "NotIn", (), False),
        ("team", "Exists", ("shop",), False),
        ("none", "DoesNotExist", ("shop",), False),
        ("team", "Gt", ("1",), False),
    ],
)
def test_requirements(key: str, operator: str, values: tuple[str, ...], met: bool) -> None:
    selector = LabelSelector(match_expressions=(LabelRequirement(key, operator, values),))
    assert matches(selector, LABELS) is met


def test_every_part_must_be_met() -> None:
    assert matches(LabelSelector(), {})
    assert matches(LabelSelector(match_labels={"team": "shop"}), LABELS)
    assert not matches(LabelSelector(match_labels={"team": "shop", "none": ""}), LABELS)
    both = LabelSelector(match_labels={"team": "shop"}, match_expressions=(LabelRequirement("none", "Exists", ()),))
    assert not matches(both, LABELS)
