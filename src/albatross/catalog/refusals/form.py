"""The forms of names in Kubernetes.

Source: https://kubernetes.io/docs/concepts/overview/working-with-objects/names/, and k8s.io/apimachinery/pkg/util/validation.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from ipaddress import ip_address

from albatross.catalog.refusals.refusal import Refusal, invalid
from albatross.catalog.shape import Cursor

_LABEL = r"[a-z0-9](?:[-a-z0-9]*[a-z0-9])?"
_SUBDOMAIN = rf"{_LABEL}(?:\.{_LABEL})*"
_WORD = r"[A-Za-z0-9](?:[-A-Za-z0-9_.]*[A-Za-z0-9])?"


@dataclass(frozen=True, slots=True)
class Form:
    """A form of names: its pattern, its maximum length, the reason of Kubernetes for a refusal, and the fix."""

    pattern: re.Pattern[str]
    longest: int
    reason: str
    fix: str


def _form(pattern: str, longest: int, reason: str, fix: str) -> Form:
    return Form(re.compile(pattern), longest, reason, fix)


_ENDS = "and must start and end with an alphanumeric character"
SUBDOMAIN = _form(
    _SUBDOMAIN,
    253,
    f"a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', {_ENDS}",
    "write a lowercase DNS name: letters, digits, - and ., without a dot at the end, for example {example}",
)
WILDCARD = _form(
    rf"\*\.{_SUBDOMAIN}",
    253,
    "a wildcard DNS-1123 subdomain must start with '*.', followed by a valid DNS subdomain",
    "write * only as the whole first part, for example *.example.com",
)
DNS1035 = _form(
    r"[a-z](?:[-a-z0-9]*[a-z0-9])?",
    63,
    "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic character, and end with an "
    "alphanumeric character",
    "write lowercase letters, digits and -, with a letter first, for example {example}",
)
LABEL = _form(
    _LABEL,
    63,
    f"a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', {_ENDS}",
    "write lowercase letters, digits and -, for example {example}",
)
VALUE = _form(
    rf"(?:{_WORD})?",
    63,
    f"a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', {_ENDS}",
    "write letters, digits, -, _ and ., at most 63 of them, for example {example}",
)
KEY = _form(
    _WORD,
    63,
    f"name part must consist of alphanumeric characters, '-', '_' or '.', {_ENDS}",
    "write letters, digits, -, _ and . after the /, at most 63 of them",
)


def check(at: Cursor, form: Form) -> Iterator[Refusal]:
    """The refusal of a text that has not this form; nothing for an absent or empty text."""
    text = at.text()
    if not text:
        return
    if len(text) > form.longest:
        yield invalid(at, f"must have at most {form.longest} bytes", f"shorten it to {form.longest} characters")
    elif not form.pattern.fullmatch(text):
        yield invalid(at, form.reason, form.fix.format(example=_near(text, form)))


def key(at: Cursor) -> Iterator[Refusal]:
    """The refusal of the key of an annotation or a label: an optional DNS name, a slash, and a word. `at.value` is the key."""
    prefix, slash, _ = at.text().rpartition("/")
    if slash and not SUBDOMAIN.pattern.fullmatch(prefix):
        yield invalid(at, "prefix part must be a DNS subdomain", "write a DNS name before the /")
    yield from check(Cursor(at.text().rpartition("/")[2], at.path), KEY)


def port(at: Cursor) -> Iterator[Refusal]:
    """The refusal of a port's name or number; nothing if it is absent."""
    value = at.either()
    if isinstance(value, int) and not 0 < value < 65536:
        yield invalid(at, "must be between 1 and 65535, inclusive", "write a number from 1 to 65535")
    if isinstance(value, str) and (reason := _named(value)):
        yield invalid(at, reason, "write at most 15 lowercase letters, digits and -, with at least one letter, as in http")


def address(text: str) -> bool:
    """Whether a text is an IP address."""
    try:
        ip_address(text)
    except ValueError:
        return False
    return True


_PORT_RULES: Mapping[str, str] = {
    r".{1,15}": "must have at most 15 characters",
    r"[-a-z0-9]+": "must contain only alpha-numeric characters (a-z, 0-9), and hyphens (-)",
    r".*[a-z].*": "must contain at least one letter (a-z)",
    r"(?!.*--).*": "must not contain consecutive hyphens",
    r"(?!-).*(?<!-)": "must not begin or end with a hyphen",
}


def _named(text: str) -> str:
    return next((reason for pattern, reason in _PORT_RULES.items() if not re.fullmatch(pattern, text)), "")


def _near(text: str, form: Form) -> str:
    """The text with the changes that give it the form, if these are enough; otherwise a general example."""
    near = re.sub(r"[^a-z0-9.-]", "-", text.lower()).strip("-.")
    return near if form.pattern.fullmatch(near) else "example.com" if form is SUBDOMAIN else "web"
