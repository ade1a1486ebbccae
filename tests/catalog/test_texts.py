"""The texts inside a JSON value that nobody has parsed."""

import json

import pytest

from albatross.catalog.bounds import LONGEST
from albatross.catalog.texts import under


@pytest.mark.parametrize(
    ("written", "found"),
    [
        ('{"a": [{"ServiceName": "web"}, {"serviceName": "api"}], "b": "c"}', {"web", "api"}),
        ("{", set()),
        ("[" * LONGEST, set()),
        (json.dumps({"serviceName": "x" * LONGEST}), set()),
    ],
    ids=["nested", "no JSON", "deep", "long"],
)
def test_texts_under_a_key(written: str, found: set[str]) -> None:
    assert under(written, "servicename") == found
