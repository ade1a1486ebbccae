"""AWS::Route53::RecordSet."""

from dataclasses import dataclass, field

from albatross.model.ident import Ident
from albatross.model.resources.ref import Token


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """A record of a hosted zone: an alias to a load balancer (A or AAAA), or the text (TXT) that says who owns the alias.

    `id` is `zone/name/type`. `name` has no dot at the end; a wildcard is `*`. `target` is a DNS name, `target_zone` its hosted zone.
    `member` is the object that the record was made for.
    """

    id: str
    zone: str = field(metadata={"diff": "ignore"})
    name: str = field(metadata={"diff": "ignore"})
    type: str = field(metadata={"diff": "ignore"})
    target: Token = ""
    target_zone: Token = field(default="", metadata={"diff": "ignore"})
    ttl: int = 0
    values: tuple[str, ...] = ()
    member: Ident | None = field(default=None, metadata={"diff": "ignore"})


def identity(zone: str, name: str, type: str) -> str:
    """The id of a record."""
    return f"{zone}/{name}/{type}"
