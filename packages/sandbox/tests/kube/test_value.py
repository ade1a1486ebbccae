import pytest

from albatross_sandbox.kube import value
from albatross_sandbox.kube.table import jsonpath


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0, "0s"),
        (119, "119s"),
        (120, "2m"),
        (312, "5m12s"),
        (600, "10m"),
        (10_799, "179m"),
        (10_800, "3h"),
        (12_000, "3h20m"),
        (28_800, "8h"),
        (172_799, "47h"),
        (172_800, "2d"),
        (190_800, "2d5h"),
        (691_200, "8d"),
        (63_072_000, "2y"),
        (66_000_000, "2y33d"),
        (252_288_000, "8y"),
    ],
)
def test_durations_are_kubectls(seconds: int, text: str) -> None:
    assert value.duration(seconds) == text


def test_digging_stops_at_what_is_not_there() -> None:
    obj = {"a": [{"b": None}]}
    assert value.dig(obj, "a", 0, "b", "c", default=1) == 1
    assert value.dig(obj, "a", -1) == {"b": None}


@pytest.mark.parametrize(
    ("path", "found"),
    [
        (".spec.size", 3),
        (".spec.items[1].name", "b"),
        (".spec.items[*].name", "a,b"),
        ('.status.conditions[?(@.type=="Ready")].status', "True"),
        (r".metadata.annotations.example\.com/a", "x"),
        (".spec.none", None),
    ],
)
def test_printer_columns_read_their_path(path: str, found: object) -> None:
    obj = {
        "metadata": {"annotations": {"example.com/a": "x"}},
        "spec": {"size": 3, "items": [{"name": "a"}, {"name": "b"}]},
        "status": {"conditions": [{"type": "Other", "status": "False"}, {"type": "Ready", "status": "True"}]},
    }
    assert jsonpath(path)(obj) == found
