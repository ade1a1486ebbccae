"""The annotation table."""

import pytest

from albatross.catalog import annotations
from albatross.catalog.annotations import ANNOTATIONS
from albatross.catalog.annotations.ingress import PREFIX


@pytest.mark.parametrize(
    ("name", "row"),
    [
        ("scheme", "scheme"),
        ("actions.web", "actions.<name>"),
        ("conditions.a.b", "conditions.<name>"),
        ("listener-attributes.HTTPS-443", "listener-attributes.<protocol>-<port>"),
        ("target-control-port.web.80", "target-control-port.<service>.<port>"),
    ],
)
def test_find(name: str, row: str) -> None:
    found = annotations.find(PREFIX + name)
    assert found is not None
    assert found.name == row


@pytest.mark.parametrize("name", ["", "Scheme", "actions.", "group-name", "x"])
def test_unknown(name: str) -> None:
    assert annotations.find(PREFIX + name) is None


@pytest.mark.parametrize(
    ("name", "near"),
    [("group-name", "group.name"), ("Scheme", "scheme"), ("certificate-arns", "certificate-arn"), ("sslpolicy", "ssl-policy"), ("zzz", "")],
)
def test_nearest(name: str, near: str) -> None:
    assert annotations.nearest(PREFIX + name) == near


@pytest.mark.parametrize("row", ANNOTATIONS.values(), ids=lambda row: row.name)
def test_rows_say_what_the_reference_page_needs(row: annotations.Annotation[object]) -> None:
    assert row.about
    assert row.type
    assert row.key == row.prefix + row.name
    assert row.example or row.name == "dry-run-plan"
