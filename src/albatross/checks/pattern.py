"""Regular expressions in conditions and transforms: what the engine of AWS does not support, and what cannot match a URL.

Source: https://docs.aws.amazon.com/elasticloadbalancing/latest/application/listener-rules.html and …/rule-transforms.html
"""

import re
from collections.abc import Iterator

from albatross.catalog.notes import Notes
from albatross.model.intent import Intent, Route

_TOKEN = re.compile(r"\\.|\(\?<?[=!]|\[(?:\\.|[^\]\\])*\]|.", re.DOTALL)
"""A token: an escaped character, the start of a look-around, a set of characters, or one character."""
_REFERENCE = re.compile(r"\$(\d)")
_URL = ("host-header", "path-pattern")
"""Fields that never have a backslash in a value: browsers send it as %5C."""


def check(intent: Intent, notes: Notes) -> None:
    """Note look-arounds, back-references, backslashes, and groups that do not exist."""
    for share in intent.shares:
        for route in share.routes:
            for regex, url in _patterns(route):
                _supported(regex, url, route, notes)
            for transform in route.transforms:
                for regex, replace in transform.rewrites:
                    _groups(regex, replace, route, notes)


def _patterns(route: Route) -> Iterator[tuple[str, bool]]:
    """Each regular expression, and whether it is for a host or a path."""
    for condition in route.conditions:
        yield from ((regex, condition.field in _URL) for regex in condition.regex_values)
    yield from ((regex, True) for transform in route.transforms for regex, _ in transform.rewrites)


def _supported(regex: str, url: bool, route: Route, notes: Notes) -> None:
    tokens = _TOKEN.findall(regex)
    around = next((token for token in tokens if token.startswith("(?")), "")
    back = next((token for token in tokens if re.fullmatch(r"\\[1-9]", token)), "")
    if around or back:
        notes.add("LB430", route.origin, regex=regex, part=around or back, kind="look-around" if around else "back-reference")
    if url and r"\\" in tokens:
        # one backslash was meant; before a slash none is needed
        notes.add("LB432", route.origin, regex=regex, mended=regex.replace(r"\\/", "/").replace(r"\\", "\\"))


def _groups(regex: str, replace: str, route: Route, notes: Notes) -> None:
    try:
        count = re.compile(regex).groups
    except re.error:
        return  # another engine may know it
    for number in sorted({int(each) for each in _REFERENCE.findall(replace)}):
        if number > count:
            notes.add("LB431", route.origin, reference=f"${number}", count=str(count), regex=regex)
