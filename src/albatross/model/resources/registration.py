"""Which load balancer is the target of which target group: an application load balancer behind a network load balancer."""

from dataclasses import dataclass

from albatross.model.resources.ref import Token


@dataclass(frozen=True, slots=True, kw_only=True)
class Registration:
    """A load balancer that is registered in an `alb` target group.

    `port` is the port of the front listener, `target_port` the port of the target's listener; `id` is the name of the target group.
    """

    id: str
    target_group: Token
    port: int
    target: Token
    target_port: int
