"""What Kubernetes lets things be called, and how it says that it does not.

The texts are those of k8s.io/apimachinery/pkg/util/validation.
"""

import ipaddress
import re

from albatross_sandbox.kube.fault import Cause
from albatross_sandbox.kube.schema import quote
from albatross_sandbox.kube.value import Obj

_LABEL = r"[a-z0-9]([-a-z0-9]*[a-z0-9])?"
_SUBDOMAIN = rf"{_LABEL}(\.{_LABEL})*"
_WORD = r"([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]"

_SAYS = {
    "label": (
        _LABEL,
        63,
        "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an "
        "alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '{}')",
    ),
    "subdomain": (
        _SUBDOMAIN,
        253,
        "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an "
        "alphanumeric character (e.g. 'example.com', regex used for validation is '{}')",
    ),
    "dns1035": (
        r"[a-z]([-a-z0-9]*[a-z0-9])?",
        63,
        "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic character, and end with an "
        "alphanumeric character (e.g. 'my-name',  or 'abc-123', regex used for validation is '{}')",
    ),
    "wildcard": (
        rf"\*\.{_SUBDOMAIN}",
        253,
        "a wildcard DNS-1123 subdomain must start with '*.', followed by a valid DNS subdomain, which must consist of lower case "
        "alphanumeric characters, '-' or '.' and end with an alphanumeric character (e.g. '*.example.com', regex used for validation "
        "is '{}')",
    ),
    "value": (
        rf"({_WORD})?",
        63,
        "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an "
        "alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is '{}')",
    ),
    "word": (
        _WORD,
        63,
        "name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character "
        "(e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '{}')",
    ),
    "key": (
        r"[-._a-zA-Z0-9]+",
        253,
        "a valid config key must consist of alphanumeric characters, '-', '_' or '.' (e.g. 'key.name',  or 'KEY_NAME',  or 'key-name', "
        "regex used for validation is '{}')",
    ),
}
_COMPILED = {name: re.compile(pattern) for name, (pattern, _, _) in _SAYS.items()}

_LABEL_KINDS = ("Namespace",)
_FREE_KINDS = ("Role", "ClusterRole", "RoleBinding", "ClusterRoleBinding")


def problems(kind: str, text: str) -> list[str]:
    """What is wrong with a name of a kind (`label`, `subdomain`, `dns1035`, `wildcard`, `value`, `word`, `key`)."""
    pattern, most, says = _SAYS[kind]
    found = [] if len(text) <= most else [f"must be no more than {most} bytes"]
    return found if _COMPILED[kind].fullmatch(text) else [*found, says.format(pattern)]


def check(kind: str, text: str, path: str) -> list[Cause]:
    """The same, as causes at a field."""
    return [Cause(path, f"Invalid value: {quote(text)}: {problem}") for problem in problems(kind, text)]


def qualified(text: str, path: str) -> list[Cause]:
    """What is wrong with a label or annotation key: an optional subdomain, a slash and a word."""
    prefix, slash, word = text.rpartition("/")
    found = []
    if slash and not prefix:
        found.append("prefix part must be non-empty")
    elif slash:
        found += [f"prefix part {problem}" for problem in problems("subdomain", prefix)]
    if not word:
        found.append("name part must be non-empty")
    found += problems("word", word)
    return [Cause(path, f"Invalid value: {quote(text)}: {problem}") for problem in found]


def port_name(text: str) -> list[str]:
    """What is wrong with an IANA service name, as ports have them."""
    found = [] if len(text) <= 15 else ["must be no more than 15 characters"]
    if not re.fullmatch(r"[-a-z0-9]+", text):
        found.append("must contain only alpha-numeric characters (a-z, 0-9), and hyphens (-)")
    if not re.search(r"[a-z]", text):
        found.append("must contain at least one letter (a-z)")
    if "--" in text:
        found.append("must not contain consecutive hyphens")
    if text.startswith("-") or text.endswith("-"):
        found.append("must not begin or end with a hyphen")
    return found


def address(text: str) -> bool:
    """Whether a text is an IP address."""
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True


def network(text: str) -> bool:
    """Whether a text is a network in CIDR form."""
    try:
        return "/" in text and bool(ipaddress.ip_network(text.strip(), strict=False))
    except ValueError:
        return False


def metadata(obj: Obj, old: Obj | None) -> list[Cause]:
    """What is wrong with an object's metadata."""
    found: list[Cause] = []
    have = obj["metadata"]
    name = have.get("name") or ""
    if not name:
        found.append(Cause("metadata.name", "Required value: name or generateName is required"))
    elif old is None:
        found += _name(str(obj["kind"]), name)
    for key, value in (have.get("labels") or {}).items():
        found += qualified(key, "metadata.labels") + check("value", value, "metadata.labels")
    for key in have.get("annotations") or {}:
        found += qualified(key.lower(), "metadata.annotations")
    if sum(len(key) + len(value) for key, value in (have.get("annotations") or {}).items()) > 256 * 1024:
        found.append(Cause("metadata.annotations", "Too long: may not be more than 262144 bytes"))
    for number, owner in enumerate(have.get("ownerReferences") or ()):
        for part in ("apiVersion", "kind", "name", "uid"):
            if not owner.get(part):
                found.append(Cause(f"metadata.ownerReferences[{number}].{part}", 'Invalid value: "": must not be empty'))
    if old and old["metadata"].get("deletionTimestamp"):
        found += _finalizers(have, old["metadata"])
    return found


def _name(kind: str, name: str) -> list[Cause]:
    if kind in _FREE_KINDS:
        # Path segment names: anything that can stand in a URL.
        bad = name in (".", "..") or "/" in name or "%" in name
        return [Cause("metadata.name", f"Invalid value: {quote(name)}: may not contain '/' or '%'")] if bad else []
    shape = "dns1035" if kind == "Service" else "label" if kind in _LABEL_KINDS else "subdomain"
    return check(shape, name, "metadata.name")


def _finalizers(have: Obj, before: Obj) -> list[Cause]:
    added = [item for item in have.get("finalizers") or () if item not in (before.get("finalizers") or ())]
    if not added:
        return []
    listing = quote(added)
    text = f"Forbidden: no new finalizers can be added if the object is being deleted, found new finalizers {listing}"
    return [Cause("metadata.finalizers", text)]
