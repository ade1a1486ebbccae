"""The identity of an object: kind, namespace and name. Ingress `shop/web` and Service `shop/web` are two objects."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, order=True)
class Ident:
    """An object of the cluster; the namespace of a cluster-scoped object is empty."""

    kind: str
    namespace: str
    name: str

    def __str__(self) -> str:
        return "/".join(part for part in (self.kind, self.namespace, self.name) if part)

    @property
    def key(self) -> tuple[str, str]:
        """(namespace, name), the key in the maps of a snapshot."""
        return (self.namespace, self.name)

    @property
    def short(self) -> str:
        """`namespace/name`, for texts in which the kind is known."""
        return f"{self.namespace}/{self.name}"
