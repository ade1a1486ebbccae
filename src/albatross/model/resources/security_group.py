"""AWS::EC2::SecurityGroup."""

from dataclasses import dataclass, field

from albatross.model.resources.ref import Pairs, Token


@dataclass(frozen=True, slots=True, kw_only=True)
class Permission:
    """One ingress permission with exactly one source. Ports are inclusive; `description` does not belong to its identity."""

    protocol: str = "tcp"
    from_port: int
    to_port: int
    cidr: str = ""
    cidr6: str = ""
    prefix_list: str = ""
    source_group: Token = ""
    description: str = field(default="", compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class SecurityGroup:
    """A security group that we own; `tags` are the user's, without our tracking tags."""

    id: str
    name: str = field(metadata={"diff": "ignore"})
    description: str = field(metadata={"diff": "ignore"})
    tags: Pairs = ()
    ingress: tuple[Permission, ...] = ()
