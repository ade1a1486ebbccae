"""Problems and their origins. These values are collected and reported together; they are never raised."""

from dataclasses import dataclass, field
from typing import Literal

from albatross.model.ident import Ident

JsonType = Literal["", "text", "integer", "boolean", "list"]
"""The type of a value in JSON or YAML."""
Severity = Literal["error", "warning", "note"]


@dataclass(frozen=True, slots=True, order=True)
class Origin:
    """A place in a Kubernetes object.

    `field` is the path in kubectl notation: `metadata.annotations["alb.ingress.kubernetes.io/scheme"]`,
    `spec.rules[0].http.paths[1].path`; empty means the whole object. `pointer` is an RFC 6901 pointer inside a JSON value
    (`/0/HTTP`); empty means the whole value.
    """

    kind: str
    namespace: str
    name: str
    field: str = ""
    pointer: str = ""

    @staticmethod
    def of(ident: Ident, field: str = "") -> "Origin":
        """A place in an object."""
        return Origin(ident.kind, ident.namespace, ident.name, field)

    @property
    def ident(self) -> Ident:
        """The object."""
        return Ident(self.kind, self.namespace, self.name)

    @property
    def object(self) -> str:
        """`Kind/namespace/name`, or `Kind/name` for a cluster-scoped object."""
        return str(self.ident)

    def at(self, field: str, pointer: str = "") -> "Origin":
        """Another place in the same object."""
        return Origin(self.kind, self.namespace, self.name, field, pointer)


@dataclass(frozen=True, slots=True)
class Hint:
    """What would be right, for programs: the `type` of the value, or the words that are `known`. Empty means that it does not matter."""

    type: JsonType = ""
    known: tuple[str, ...] = ()


NO_HINT = Hint()


@dataclass(frozen=True, slots=True)
class Problem:
    """One problem: its code (a row of `catalog.problems`), its origin, and the arguments of its message.

    `args` are (name, text) pairs, sorted by name; `severity` overrides the severity of the row if it is set. Fixes read `hint`, not texts.
    """

    code: str
    origin: Origin
    args: tuple[tuple[str, str], ...] = ()
    severity: Severity | None = None
    related: tuple[Origin, ...] = field(default=())
    hint: Hint = NO_HINT
