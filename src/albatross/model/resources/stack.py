"""The desired AWS resources of one group of objects."""

from dataclasses import dataclass

from albatross.model.resources.addon import Protection, RegionalWebAclAssociation, WebAclAssociation
from albatross.model.resources.binding import Binding
from albatross.model.resources.certificate import Certificate
from albatross.model.resources.listener import Listener
from albatross.model.resources.load_balancer import LoadBalancer
from albatross.model.resources.record import Record
from albatross.model.resources.registration import Registration
from albatross.model.resources.rule import Rule
from albatross.model.resources.security_group import SecurityGroup
from albatross.model.resources.target_group import TargetGroup


@dataclass(frozen=True, slots=True, order=True)
class StackId:
    """The identity of a group. `owner` is the prefix for its kind of objects (a key of `catalog.tracking.OWNERS`).

    `namespace` is empty for an explicit, cluster-wide group.
    """

    owner: str
    namespace: str
    name: str

    def __str__(self) -> str:
        return f"{self.namespace}/{self.name}" if self.namespace else self.name

    @staticmethod
    def of(owner: str, text: str) -> "StackId":
        """The identity of a group of this owner, from the text that `str` gives."""
        namespace, _, name = text.rpartition("/")
        return StackId(owner, namespace, name)

    @property
    def explicit(self) -> bool:
        """Whether the user named the group, so that it may have several members."""
        return not self.namespace


@dataclass(frozen=True, slots=True, kw_only=True)
class Stack:
    """The desired state of one group; each tuple is in dependency order. If the stack is empty, all resources are deleted."""

    id: StackId
    security_groups: tuple[SecurityGroup, ...] = ()
    certificates: tuple[Certificate, ...] = ()
    load_balancers: tuple[LoadBalancer, ...] = ()
    target_groups: tuple[TargetGroup, ...] = ()
    listeners: tuple[Listener, ...] = ()
    rules: tuple[Rule, ...] = ()
    bindings: tuple[Binding, ...] = ()
    registrations: tuple[Registration, ...] = ()
    web_acls: tuple[WebAclAssociation, ...] = ()
    regional_web_acls: tuple[RegionalWebAclAssociation, ...] = ()
    protections: tuple[Protection, ...] = ()
    records: tuple[Record, ...] = ()
    records_known: bool = True
    """Whether the hosted zones could be read. If not, `records` is empty, and no record changes."""
    graces: tuple[tuple[str, float], ...] = ()
    """By the id of a load balancer: for how many seconds the one that it replaces still answers after the address has moved. 0, or
    missing: the old one is deleted before the new one is created."""
    backend_group_needed: bool = False
    """Whether the shared backend security group is used (it is created when first needed, outside of any stack)."""
