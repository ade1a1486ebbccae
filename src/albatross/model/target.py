"""The current and the desired targets of a target group."""

from dataclasses import dataclass, field

from albatross.model.resources.ref import Token
from albatross.model.snapshot import Key


@dataclass(frozen=True, slots=True, order=True)
class Target:
    """One target: an instance id, an address, or the ARN of an ALB (or a reference to one), and a port.

    `zone` is part of its registration: `all`, the name of a zone, or empty for the default of AWS. `server_id` is that of QUIC.
    """

    id: Token
    port: int | None = None
    zone: str = field(default="", compare=False)
    server_id: str = ""


@dataclass(frozen=True, slots=True)
class Registered:
    """A target as elbv2 DescribeTargetHealth reports it; `state` is initial, healthy, unhealthy, draining, unused, unavailable…"""

    target: Target
    state: str
    reason: str = ""
    description: str = ""

    @property
    def draining(self) -> bool:
        """Whether it is being removed and gets no new requests."""
        return self.state in ("draining", "unhealthy.draining")


@dataclass(frozen=True, slots=True)
class Wanted:
    """A desired target of the cluster's endpoints, and its Pod or Node; exactly one of `pod`, `node` is set."""

    target: Target
    pod: Key | None = None
    node: str = ""


@dataclass(frozen=True, slots=True)
class Endpoints:
    """All desired targets of a binding, sorted. `known` is false if the Service or its port does not exist."""

    wanted: tuple[Wanted, ...] = ()
    known: bool = True
    unusable: tuple[str, ...] = ()
    """Nodes that are left out, because their provider id does not name an EC2 instance."""
    unseen: tuple[Key, ...] = ()
    """Pods of endpoints that are not in the cache yet, because EndpointSlices and pods arrive in any order."""
    anonymous: tuple[Key, ...] = ()
    """Pods that are left out, because their targets need a QUIC server id and they have none."""


@dataclass(frozen=True, slots=True)
class TargetChange:
    """Changes of a target group. Registrations come first, so that a rollout never leaves it without a target.

    Before them, `replaced` are deregistered: AWS does not change the server id of a registered target.
    """

    register: tuple[Target, ...] = ()
    deregister: tuple[Target, ...] = ()

    @property
    def replaced(self) -> tuple[Target, ...]:
        """Those of `deregister` with an address and port that are registered again, with another server id."""
        new = {(each.id, each.port) for each in self.register}
        return tuple(each for each in self.deregister if (each.id, each.port) in new)

    def __bool__(self) -> bool:
        return bool(self.register or self.deregister)


@dataclass(frozen=True, slots=True)
class Gate:
    """The desired readiness gate condition of a pod."""

    pod: Key
    uid: str
    type: str
    status: str
    reason: str = ""
    message: str = ""
