"""The table of nouns, one row a kind of resource: what the planner must know of it. `link`, `diff`, `uses`, `order` and `tag` read it."""

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
from albatross.model.resources.ref import Ref
from albatross.model.resources.rule import Rule
from albatross.model.resources.security_group import SecurityGroup
from albatross.model.resources.stack import Stack
from albatross.model.resources.target_group import TargetGroup


class Identity(Enum):
    """By what a current resource is known to be the one that is wanted."""

    TAG = "the resource id in its tags"
    PORT = "its load balancer, port and protocol"
    EFFECT = "what it does, then its priority"
    TARGET_GROUP = "the target group that it fills"
    HOST = "the load balancer that it hangs on"


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One kind of resource.

    `field` is its tuple in Stack and in Observed. `making` and `deleting` are the ranks of its operations among those that wait for
    nothing. `token` is the field by which others refer to it, `learns` are further fields that they may ask for.
    """

    noun: type
    field: str
    identity: Identity
    making: int
    deleting: int
    token: str = "arn"
    learns: tuple[str, ...] = ()
    holds: bool = False
    """Whether it holds ids of others, which AWS does not delete as long as it stands."""
    tagged: bool = False
    gate: str = ""
    """The feature gate without which it carries no tags."""
    legacy: bool = False
    """Whether the first controller tagged it, too; those tags stay on it."""
    only: bool = False
    """Of several with one id: whether the first is kept and the others go. Else the last is kept and the others are left alone."""
    unready: str = ""
    """The state in which it is updated again, though nothing differs."""
    switch: str = ""
    """The setting without which it is neither made nor taken off."""
    value: str = ""
    """The field that says what hangs on a load balancer; empty or false: nothing shall."""

    @property
    def name(self) -> str:
        """Its class name, which is the `kind` of references to it."""
        return self.noun.__name__

    def ref(self, id: str) -> Ref:
        """The reference to one."""
        return Ref(self.name, id, self.token)

    def desired(self, stack: Stack) -> tuple[Noun, ...]:
        """Those that a stack wants."""
        found: tuple[Noun, ...] = getattr(stack, self.field)
        return found

    def current(self, observed: Observed) -> tuple[Owned[Noun], ...]:
        """Those that stand."""
        found: tuple[Owned[Noun], ...] = getattr(observed, self.field)
        return found


# The ranks break ties only: what refers to another waits for it whatever the rank. A load balancer goes early, because its listeners and
# rules, which hold everything else, go with it; a security group goes last, because EC2 refuses while any network interface uses it.
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
    # ACM validates a certificate in its own time; until then no listener takes it, so it is looked at in every pass.
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
    Row(noun=TargetGroup, field="target_groups", identity=Identity.TAG, making=4, deleting=23, tagged=True, legacy=True),
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
    Row(noun=Protection, field="protections", identity=Identity.HOST, making=10, deleting=10, switch="enable_shield", value="enabled"),
)
"""In the order in which they are compared."""

BY_CLASS: Mapping[type, Row] = {row.noun: row for row in NOUNS}
"""The row of a noun's class."""
