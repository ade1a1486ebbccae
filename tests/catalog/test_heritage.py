"""Ownership records, in the format of external-dns."""

import pytest

from albatross.catalog import heritage
from albatross.catalog.heritage import Heritage
from albatross.catalog.tracking import INGRESS
from albatross.model.config import Config
from albatross.model.ident import Ident
from albatross.model.resources.stack import StackId

CONFIG = Config(cluster_name="prod")
APP = StackId(INGRESS, "shop", "app")
MEMBER = Ident("Ingress", "shop", "app")


def test_our_text() -> None:
    ours = heritage.ours(CONFIG, APP, MEMBER)
    assert heritage.write(ours) == (
        '"heritage=external-dns,external-dns/albatross-stack=ingress.k8s.aws/shop/app,external-dns/owner=albatross/prod,'
        'external-dns/resource=ingress/shop/app"'
    )
    assert heritage.read(heritage.write(ours)) == ours
    assert ours.ident == MEMBER
    assert heritage.owns(ours, CONFIG, APP)
    assert not heritage.owns(ours, Config(cluster_name="other"), APP)
    assert not heritage.owns(ours, CONFIG, StackId(INGRESS, "", "team"))
    assert not heritage.owns(None, CONFIG, APP)


def test_a_long_text_is_several_strings() -> None:
    ours = heritage.ours(CONFIG, StackId(INGRESS, "n" * 60, "a" * 200), Ident("Ingress", "n" * 60, "a" * 200))
    text = heritage.write(ours)
    assert all(len(part) <= 255 for part in text[1:-1].split('" "'))
    assert heritage.read(text) == ours


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ('"heritage=external-dns,external-dns/owner=default,external-dns/resource=ingress/a/b"', Heritage("default", "ingress/a/b")),
        ('"heritage=external-dns,external-dns/owner=default"', Heritage("default")),
        ('"v=spf1 -all"', None),
        ('"heritage=mate,external-dns/owner=default"', None),
    ],
)
def test_texts_of_others(text: str, found: Heritage | None) -> None:
    assert heritage.read(text) == found


@pytest.mark.parametrize("resource", ["", "ingress/shop", "crd/shop/app"])
def test_a_resource_that_is_no_object_of_ours(resource: str) -> None:
    assert Heritage("x", resource).ident is None


def test_names_of_ownership_records() -> None:
    assert heritage.name("shop.example.com", "AAAA", "example.com") == "aaaa-shop.example.com"
    assert heritage.name("*.example.com", "A", "example.com") == "a-*.example.com"
    assert heritage.name("example.com", "A", "example.com") == "a-_apex.example.com"
    assert heritage.names("www.example.com", "example.com") == (
        "a-www.example.com",
        "aaaa-www.example.com",
        "cname-www.example.com",
        "www.example.com",
    )
