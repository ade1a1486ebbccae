"""A sample of the strange objects of `make soak`: each is used or refused with a code and a place, and none is a traceback."""

from pathlib import Path

import pytest
from soak import fuzz, strange

MANY, FEW = 500, 50


@pytest.mark.timeout(240)
def test_every_object_is_used_or_refused_with_a_code_and_a_place(tmp_path: Path) -> None:
    objects = list(fuzz.objects(1, MANY))
    assert strange.files(tmp_path, objects, ("lint",)) == []
    assert strange.files(tmp_path, objects[:FEW], ("plan", "model")) == []
