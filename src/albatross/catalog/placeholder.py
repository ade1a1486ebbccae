"""Placeholders of templates and of examples that nobody has replaced."""

import re
from typing import Any

from albatross.catalog.annotations import Annotation
from albatross.catalog.annotations.ingress import ACTIONS, CONDITIONS, DRY_RUN_PLAN, TRANSFORMS
from albatross.catalog.annotations.service import ACTIONS as SERVICE_ACTIONS
from albatross.catalog.bounds import LONGEST
from albatross.catalog.texts import texts

HELM = re.compile(
    r"\\?\{\\?\{-?\s*(?:[.$]|/\*|(?:if|else|end|with|range|include|template|define|tpl|toYaml|default|quote|required|lookup)\b)[^}\n]*(?:\\?\})*"
)
"""A Helm expression, also with escaped braces, as in printed pages. Double braces alone do not mean Helm."""

_MARKS = (
    r"\$\{(?![0-9]+\})[^{}\n]+\}",  # a shell, Terraform or envsubst; ${1} is a group of a regular expression
    r"\{\{[^{}\n]+\}\}",
    r"\b(?:REPLACE|CHANGE)[_-]?(?:ME|THIS)\b|\bREPLACE_WITH_\w+",
)
_LOOSE = (r"\$\([^()\n]+\)", r"<[A-Za-z][\w .-]*>")
"""Placeholders that have another meaning in regular expressions."""
PLAIN = re.compile("|".join(_MARKS))
EVERY = re.compile("|".join((*_MARKS, *_LOOSE)))
_FREE = "messagebody"
"""The text of a fixed response can have every character, for example HTML with scripts."""


def placeholder(text: str, wanted: re.Pattern[str] = EVERY) -> str:
    """The first placeholder in a text; empty if there is none. Helm expressions are found when files are read."""
    return next((each[0] for each in wanted.finditer(text) if not HELM.match(each[0])), "")


def within(row: Annotation[Any], value: str) -> str:
    """The first placeholder in the value of an annotation; empty if there is none."""
    if row is DRY_RUN_PLAN or len(value) > LONGEST:
        return ""
    wanted = PLAIN if row in (CONDITIONS, TRANSFORMS) else EVERY
    if row not in (ACTIONS, SERVICE_ACTIONS):
        return placeholder(value, wanted)
    found = (placeholder(text, wanted) for name, text in texts(value) if name.lower() != _FREE)
    return next(filter(None, found), "")
