"""One row for each kind of resource, with all that the planner must know about it. `link`, `diff`, `uses`, `order` and `tag` read it."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum

from albatross.model.observed import Observed, Owned
from albatross.model.plan import Noun
from albatross.model.resources.addon import Protection, RegionalWebAclAssociation, WebAclAssociation
from albatross.model.resources.binding import Binding
from albatross.model.resources.certificate import Certificate
from albatross.model.resources.listener import Listener
from albatross.model.resources.load_balancer import LoadBalancer
from albatross.model.resources.record import Record
from albatross.model.resources.ref import Ref
from albatross.model.resources.rule import Rule
from albatross.model.resources.security_group import SecurityGroup
from albatross.model.resources.stack import Stack
from albatross.model.resources.target_group import TargetGroup


class Identity(Enum):
    """How the current resource is found that matches a desired one."""

    TAG = "the resource id in its tags"
    PORT = "its load balancer, port and protocol"
    EFFECT = "its conditions and actions, then its priority"
    TARGET_GROUP = "its target group"
    HOST = "its load balancer"
    NAME = "its hosted zone, name and type"


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One kind of resource.

    `field` is its tuple in Stack and in Observed. `making` and `deleting` order its operations among those that do not depend on each
    other. `token` is the field that references use; `learns` are other fields that can be referenced.
    """

    noun: type
    field: str
    identity: Identity
    making: int
    deleting: int
    token: str = "arn"
    learns: tuple[str, ...] = ()
    holds: bool = False
    """Whether it contains ids of other resources. AWS does not delete those while it exists."""
    alone: bool = False
    """Whether it contains no id of another resource, so that nothing in it becomes a reference."""
    tagged: bool = False
    gate: str = ""
    """The feature gate that must be on so that it has tags."""
    legacy: bool = False
    """Whether version 1 of the AWS controller tagged it too. Those tags are kept."""
    only: bool = False
    """If several have the same id: True keeps the first and deletes the others; False keeps the last and does not change the others."""
    unready: str = ""
    """The state in which it is updated again, even without a difference."""
    switch: str = ""
    """The setting that must be on so that it is created or removed."""
    value: str = ""
    """The field with the value for the load balancer. Empty or false: the load balancer must not have it."""
    outlives: bool = False
    """Whether AWS keeps it when its load balancer is deleted."""

    @property
    def name(self) -> str:
        """The name of its class, which is the `kind` of references to it."""
        return self.noun.__name__

    def ref(self, id: str) -> Ref:
        """The reference to the resource with this id."""
        return Ref(self.name, id, self.token)

    def desired(self, stack: Stack) -> tuple[Noun, ...]:
        """The resources of this kind in a stack."""
        found: tuple[Noun, ...] = getattr(stack, self.field)
        return found

    def current(self, observed: Observed) -> tuple[Owned[Noun], ...]:
        """The existing resources of this kind."""
        found: tuple[Owned[Noun], ...] = getattr(observed, self.field)
        return found


# The ranks only order operations that do not depend on each other. A load balancer is deleted early, because AWS deletes its listeners and
# rules with it, and these use everything else. A security group is deleted last: EC2 refuses this while a network interface uses it.
NOUNS = (
    Row(
        noun=SecurityGroup,
        field="security_groups",
        identity=Identity.TAG,
        making=2,
        deleting=25,
        token="group_id",
        tagged=True,
        legacy=True,
        only=True,
    ),
    # ACM can validate a certificate hours later, and no listener accepts it before. So it is checked in every pass.
    Row(
        noun=Certificate,
        field="certificates",
        identity=Identity.TAG,
        making=3,
        deleting=24,
        tagged=True,
        unready="PENDING_VALIDATION",
    ),
    Row(
        noun=LoadBalancer,
        field="load_balancers",
        identity=Identity.TAG,
        making=5,
        deleting=4,
        learns=("dns_name", "zone_id"),
        holds=True,
        tagged=True,
        legacy=True,
    ),
    Row(noun=TargetGroup, field="target_groups", identity=Identity.TAG, making=4, deleting=23, alone=True, tagged=True, legacy=True),
    Row(
        noun=Listener,
        field="listeners",
        identity=Identity.PORT,
        making=6,
        deleting=21,
        holds=True,
        tagged=True,
        gate="ListenerRulesTagging",
    ),
    Row(noun=Rule, field="rules", identity=Identity.EFFECT, making=7, deleting=22, holds=True, tagged=True, gate="ListenerRulesTagging"),
    Row(noun=Binding, field="bindings", identity=Identity.TARGET_GROUP, making=9, deleting=12, holds=True),
    Row(
        noun=WebAclAssociation,
        field="web_acls",
        identity=Identity.HOST,
        making=10,
        deleting=10,
        switch="enable_wafv2",
        value="web_acl_arn",
    ),
    Row(
        noun=RegionalWebAclAssociation,
        field="regional_web_acls",
        identity=Identity.HOST,
        making=10,
        deleting=10,
        switch="enable_waf",
        value="web_acl_id",
    ),
    Row(
        noun=Protection,
        field="protections",
        identity=Identity.HOST,
        making=10,
        deleting=10,
        switch="enable_shield",
        value="enabled",
        outlives=True,
    ),
    # A name leads to a load balancer as soon as it has an address, and no longer when it is deleted.
    Row(noun=Record, field="records", identity=Identity.NAME, making=8, deleting=3),
)
"""In the order in which they are compared."""

BY_CLASS: Mapping[type, Row] = {row.noun: row for row in NOUNS}
"""The row of a noun's class."""
