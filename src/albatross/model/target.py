"""What a target group holds, and what it should hold."""

from dataclasses import dataclass, field

from albatross.model.resources.ref import Token
from albatross.model.snapshot import Key


@dataclass(frozen=True, slots=True, order=True)
class Target:
    """One target: an instance id, an address, an ALB's ARN (or a reference to one), and a port.

    `zone` goes into its registration: `all`, a zone's name, or empty for AWS' own choice.
    """

    id: Token
    port: int | None = None
    zone: str = field(default="", compare=False)


@dataclass(frozen=True, slots=True)
class Registered:
    """A target as elbv2 DescribeTargetHealth reports it; `state` is initial, healthy, unhealthy, draining, unused, unavailable…"""

    target: Target
    state: str
    reason: str = ""
    description: str = ""

    @property
    def draining(self) -> bool:
        """Whether it is on its way out and takes no new requests."""
        return self.state in ("draining", "unhealthy.draining")


@dataclass(frozen=True, slots=True)
class Wanted:
    """A target that the cluster's endpoints ask for, and the Pod or Node behind it; exactly one of `pod`, `node` is set."""

    target: Target
    pod: Key | None = None
    node: str = ""


@dataclass(frozen=True, slots=True)
class Endpoints:
    """All targets a binding asks for, sorted. `known` is false where the Service or its port does not exist."""

    wanted: tuple[Wanted, ...] = ()
    known: bool = True
    unusable: tuple[str, ...] = ()
    """Nodes left out because their provider id names no EC2 instance."""
    unseen: tuple[Key, ...] = ()
    """Pods of endpoints that the cluster is not known to have yet: slices and pods arrive in any order."""


@dataclass(frozen=True, slots=True)
class TargetChange:
    """What to tell the target group. Registrations come first: a rollout must never leave it without a target."""

    register: tuple[Target, ...] = ()
    deregister: tuple[Target, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.register or self.deregister)


@dataclass(frozen=True, slots=True)
class Gate:
    """A pod's readiness gate condition as it should read."""

    pod: Key
    uid: str
    type: str
    status: str
    reason: str = ""
    message: str = ""
