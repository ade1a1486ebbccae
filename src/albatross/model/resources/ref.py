"""A reference to an id that is not known yet."""

from dataclasses import dataclass
from typing import NewType


@dataclass(frozen=True, slots=True, order=True)
class Ref:
    """A field of another resource of the same stack.

    `kind` is the noun's class name, `id` its resource id, `field` one of `arn`, `group_id`, `dns_name`, `zone_id`.
    """

    kind: str
    id: str
    field: str


BACKEND = Ref("BackendSecurityGroup", "backend-sg", "group_id")
"""The cluster's shared backend security group, if it does not exist yet."""

Token = str | Ref
"""An id in AWS, or a reference to a resource that will get an id."""

Given = NewType("Given", str)
"""A number that the API server gives to an object when it stores the object, in words. It occurs only in plans of files."""

LATER = "(given by the cluster)"
"""The end of these words."""

Pairs = tuple[tuple[str, str], ...]
"""(key, value) pairs sorted by key: tags and attributes."""
