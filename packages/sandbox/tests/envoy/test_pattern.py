"""Globs, ranges and rewrites as RE2; Python's own engine reads what is written here the same way."""

import re

import pytest

from albatross_sandbox.envoy import pattern


@pytest.mark.parametrize(
    ("glob", "text", "met"),
    [
        ("/img/*", "/img/a/b.png", True),
        ("/img/*", "/img", False),
        ("/img/*", "/IMG/a", False),
        ("/a?c", "/abc", True),
        ("/a?c", "/ac", False),
        ("/a.c", "/abc", False),
        ("/v1+x", "/v1+x", True),
        ("*.example.com", "a.b.example.com", True),
        ("*.example.com", "example.com", False),
    ],
)
def test_glob(glob: str, text: str, met: bool) -> None:
    assert bool(re.fullmatch(pattern.glob(glob), text)) == met


@pytest.mark.parametrize(
    ("glob", "text", "met"),
    [
        ("a b", "a+b", True),
        ("a b", "A%20b", True),
        ("a/b", "a%2fb", True),
        ("a+b", "a%2Bb", True),
        ("a+b", "a+b", False),
        (r"a\*", "a*", True),
        (r"a\*", "ab", False),
        ("a?", "a%20", True),
        ("ü", "%C3%BC", True),
    ],
)
def test_encoded(glob: str, text: str, met: bool) -> None:
    assert bool(re.fullmatch("(?i)" + pattern.encoded(glob, "[^&]"), text)) == met


@pytest.mark.parametrize(
    ("cidr", "address", "met"),
    [
        ("10.0.0.0/8", "10.255.1.2", True),
        ("10.0.0.0/8", "11.0.0.1", False),
        ("10.1.2.0/23", "10.1.3.9", True),
        ("10.1.2.0/23", "10.1.4.9", False),
        ("192.168.1.7/32", "192.168.1.7", True),
        ("192.168.1.7/32", "192.168.1.70", False),
        ("0.0.0.0/0", "8.8.8.8", True),
    ],
)
def test_cidr(cidr: str, address: str, met: bool) -> None:
    assert bool(re.fullmatch(pattern.cidr(cidr) or "", address)) == met


def test_ipv6_has_no_pattern() -> None:
    assert pattern.cidr("2001:db8::/32") is None


@pytest.mark.parametrize(
    ("regex", "why"),
    [
        ("^/api/(.*)$", None),
        (r"^/(?:a|b)(?i)\.\d{2,3}\z", None),
        ("(?P<a>x)(?<b>y)(?i:z)", None),
        (r"\w+\/\x41", None),
        (r"\Aa\Z", r"\Z"),
        (r"\p{L}", "a Unicode class"),
        ("a{1001}", "a repetition above 1000"),
        ("(?R)", "recursion"),
        ("(?P=a)", "recursion"),
        ("/(?=x)", "lookaround"),
        ("/(?<!x)y", "lookaround"),
        (r"(a)\1", "a backreference"),
        ("a++", "a possessive quantifier"),
        ("(?>a)", "an atomic group"),
        ("(", "a mistake"),
    ],
)
def test_beyond(regex: str, why: str | None) -> None:
    found = pattern.beyond(regex)
    assert found is None if why is None else (found or "").startswith(why)


@pytest.mark.parametrize(
    ("regex", "replace", "before", "after"),
    [
        ("^/dp/([A-Z0-9]+)$", "/product.php?id=$1", "/dp/B09G", "/product.php?id=B09G"),
        ("/old", "/new", "/a/old/old", "/a/new/old"),
        ("^mywebsite-(.+).com$", "internal.$1.test", "mywebsite-x.com", "internal.x.test"),
        ("^/a", "/b", "/x/a", "/x/a"),
        ("(a)(b)", "$2$1$0", "xab", "xbaab"),
    ],
)
def test_rewrite(regex: str, replace: str, before: str, after: str) -> None:
    assert re.sub(*pattern.rewrite(regex, replace), before) == after
