"""How a write was asked for."""

from dataclasses import dataclass, field

from albatross_sandbox.kube.value import Obj


@dataclass(frozen=True, slots=True)
class User:
    """Who asks."""

    name: str
    groups: tuple[str, ...] = ()
    uid: str = ""


SYSTEM = User("system:kube-controller-manager", ("system:masters", "system:authenticated"))


@dataclass(frozen=True, slots=True)
class Options:
    """The options of one write, from the query, the headers and the body of DeleteOptions; warnings go back to the client."""

    user: User = SYSTEM
    manager: str = "kube-controller-manager"
    dry: bool = False
    validation: str = "Warn"  # Strict, Warn or Ignore: what unknown fields do
    owned: bool = False  # the object carries its managedFields already: server-side apply
    force: bool = False  # apply only: take fields over
    grace: int | None = None  # deletes only: seconds
    propagation: str = ""  # deletes only: Background, Foreground, Orphan
    preconditions: Obj = field(default_factory=dict)
    warnings: list[str] = field(default_factory=list)
