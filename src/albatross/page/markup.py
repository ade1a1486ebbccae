"""HTML and SVG as text. Every text and every attribute is escaped; only `Markup` values are used as they are."""

import hashlib
import re
from html import escape
from typing import Any

UNSAFE = re.compile(r"[&<>\"']")
VOID = frozenset({"input", "link", "meta", "br", "hr"})
"""The elements of HTML that have no end tag."""


class Markup(str):
    """Text that is already HTML."""

    __slots__ = ()


def safe(value: object) -> str:
    """The value as text, in which no character has a meaning in HTML."""
    if isinstance(value, Markup):
        return value
    text = str(value)
    return escape(text) if UNSAFE.search(text) else text


def joined(*children: object, between: str = "") -> Markup:
    """Texts and elements, one after the other; None and empty texts are left out."""
    return Markup(between.join(safe(each) for each in children if each not in (None, "")))


def tag(name: str, /, *children: object, **attributes: object) -> Markup:
    """An element. `class_` is the attribute `class`, and `aria_label` is `aria-label`; `more` has attributes with other names.

    An attribute that is True has no value; one that is None or False is left out.
    """
    more: Any = attributes.pop("more", {})
    written = [name]
    for key, value in (*((key.rstrip("_").replace("_", "-"), value) for key, value in attributes.items()), *more.items()):
        if value is True:
            written.append(key)
        elif value is not None and value is not False:
            written.append(f'{key}="{safe(value)}"')
    start = f"<{' '.join(written)}>"
    return Markup(start) if name in VOID else Markup(f"{start}{joined(*children)}</{name}>")


def named(*parts: str) -> str:
    """A short id of the page that depends only on these texts."""
    return "x" + hashlib.blake2s("\0".join(parts).encode(), digest_size=5).hexdigest()
