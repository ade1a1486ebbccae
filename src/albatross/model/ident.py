"""Which object: a kind, a namespace and a name. Ingress `shop/web` and Service `shop/web` are two."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, order=True)
class Ident:
    """An object of the cluster; the namespace of a cluster-scoped one is empty."""

    kind: str
    namespace: str
    name: str

    def __str__(self) -> str:
        return "/".join(part for part in (self.kind, self.namespace, self.name) if part)

    @property
    def key(self) -> tuple[str, str]:
        """(namespace, name): what the maps of a snapshot are keyed by."""
        return (self.namespace, self.name)

    @property
    def short(self) -> str:
        """`namespace/name`, where the kind is known."""
        return f"{self.namespace}/{self.name}"
