"""Which application load balancer stands behind which target group of a frontend network load balancer."""

from dataclasses import dataclass

from albatross.model.resources.ref import Token


@dataclass(frozen=True, slots=True, kw_only=True)
class FrontendTarget:
    """The ALB registered in an `alb` target group; `port` is the NLB's, `target_port` the ALB listener's."""

    id: str
    target_group: Token
    port: int
    target: Token
    target_port: int
