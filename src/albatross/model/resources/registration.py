"""Which load balancer stands behind which target group: an application load balancer as the target of a network load balancer."""

from dataclasses import dataclass

from albatross.model.resources.ref import Token


@dataclass(frozen=True, slots=True, kw_only=True)
class Registration:
    """A load balancer registered in an `alb` target group.

    `port` is the port of the listener in front, `target_port` the one of the listener behind; `id` is the target group's name.
    """

    id: str
    target_group: Token
    port: int
    target: Token
    target_port: int
