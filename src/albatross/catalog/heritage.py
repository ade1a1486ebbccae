"""The text of an ownership record, in the format of external-dns' TXT registry (its `endpoint/labels.go`, `registry/mapper/mapper.go`).

external-dns reads these records, so it knows that a name is in use. Its owner id is never ours: an external-dns of the same cluster, with
the name of the cluster as its owner id, would otherwise delete our records.
"""

from dataclasses import dataclass

from albatross.model.config import Config
from albatross.model.ident import Ident
from albatross.model.resources.stack import StackId

TTL = 300
"""Seconds; the same as external-dns'."""
LONGEST = 255
"""Characters of one string in a TXT record: RFC 1035, 3.3.14."""
TYPES = ("A", "AAAA", "CNAME")
"""Types with ownership records. Older versions of external-dns write `cname-` for aliases of type A."""

_HERITAGE = "heritage=external-dns"
_OWNER, _RESOURCE, _STACK = "external-dns/owner", "external-dns/resource", "external-dns/albatross-stack"


@dataclass(frozen=True, slots=True)
class Heritage:
    """Who owns a record: external-dns' owner id, the object (`ingress/namespace/name`), and our stack if the record is ours."""

    owner: str
    resource: str = ""
    stack: str = ""

    @property
    def ident(self) -> Ident | None:
        """The object, if its kind is one of ours."""
        kind, _, rest = self.resource.partition("/")
        namespace, _, name = rest.partition("/")
        return Ident(_KINDS[kind], namespace, name) if kind in _KINDS and name else None


_KINDS = {kind.lower(): kind for kind in ("Ingress", "Service")}


def owner(config: Config) -> str:
    """Our owner id."""
    return f"albatross/{config.cluster_name}"


def ours(config: Config, stack: StackId, member: Ident) -> Heritage:
    """The ownership of a record that we make for a member of a stack."""
    return Heritage(owner(config), f"{member.kind.lower()}/{member.short}", f"{stack.owner}/{stack}")


def owns(found: Heritage | None, config: Config, stack: StackId) -> bool:
    """Whether a record with this ownership belongs to the stack."""
    return found is not None and (found.owner, found.stack) == (owner(config), f"{stack.owner}/{stack}")


def write(found: Heritage) -> str:
    """The value of the TXT record: quoted strings."""
    labels = ((_STACK, found.stack), (_OWNER, found.owner), (_RESOURCE, found.resource))
    text = ",".join((_HERITAGE, *(f"{key}={value}" for key, value in labels if value)))
    return " ".join(f'"{text[at : at + LONGEST]}"' for at in range(0, len(text), LONGEST))


def read(value: str) -> Heritage | None:
    """The ownership in the value of a TXT record; None if the text has another format."""
    parts = value.strip('"').replace('" "', "").split(",")
    if _HERITAGE not in parts:
        return None
    labels = dict(part.partition("=")[::2] for part in parts)
    return Heritage(labels.get(_OWNER, ""), labels.get(_RESOURCE, ""), labels.get(_STACK, ""))


def name(of: str, type: str, zone: str) -> str:
    """The name of the ownership record of a record: `a-shop.example.com` for an A record.

    For the zone's own name this would lie outside the zone, so the record is `a-_apex.example.com`; no host name has an underscore.
    """
    first, _, rest = (f"_apex.{zone}" if of == zone else of).partition(".")
    return f"{type.lower()}-{first}.{rest}"


def names(of: str, zone: str) -> tuple[str, ...]:
    """All names at which an ownership record of a name can be; the last one is the format of external-dns before 0.12."""
    return (*(name(of, type, zone) for type in TYPES), of)
