"""A plan: the operations that turn the current state into the desired state, their dependencies, and their results.

A replacement is a `Create` that names what it `replaces`, and a `Delete` that is `replaced`. For a target group, both are in one plan. An
old load balancer stays for some time: the first plan creates the new one next to it, a later plan moves the address and has a `Retire`, and
the last one has the `Delete`. Only if both cannot exist at once, one plan has both, and the `Delete` comes first. The steps' `needs` define
the order.
"""

import hashlib
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field

from albatross.model.observed import Owned
from albatross.model.resources.addon import Protection, RegionalWebAclAssociation, WebAclAssociation
from albatross.model.resources.binding import Binding
from albatross.model.resources.certificate import Certificate
from albatross.model.resources.listener import Listener
from albatross.model.resources.load_balancer import LoadBalancer
from albatross.model.resources.record import Record
from albatross.model.resources.ref import Pairs, Ref, Token
from albatross.model.resources.rule import Rule
from albatross.model.resources.security_group import SecurityGroup
from albatross.model.resources.stack import StackId
from albatross.model.resources.target_group import TargetGroup
from albatross.model.target import Target

Noun = (
    SecurityGroup | Certificate | LoadBalancer | TargetGroup | Listener | Rule | WebAclAssociation | RegionalWebAclAssociation | Protection
)
"""A resource in AWS; a Binding is an object in the cluster, and records change together, zone by zone."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Awaited:
    """What must be true before an operation moves requests to target groups that get none today.

    Each of `groups` must have a healthy target. If no target of `serving` is healthy, nothing answers today, and nothing waits; empty: not
    compared.
    `prepared` is the operation that adds the groups with weight 0, so that AWS checks their health; None: they have it already
    (`checked`), or it is not possible, and registered targets are enough.
    """

    groups: tuple[Token, ...]
    serving: tuple[Token, ...] = ()
    prepared: "Create | Update | None" = None
    checked: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Create:
    """Create a resource.

    `tags` are all its tags, including tracking tags. `room` (rules only) are ARNs of rules that the plan deletes anyway; they may be
    deleted first if the listener is full. `changed` are the fields that make the replacement necessary.
    """

    resource: Noun
    tags: Pairs = ()
    replaces: Owned[Noun] | None = None
    changed: tuple[str, ...] = ()
    room: tuple[str, ...] = ()
    awaited: Awaited | None = None

    @property
    def id(self) -> str:
        """`create <Noun> <resource id>`."""
        return f"create {type(self.resource).__name__} {self.resource.id}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Update:
    """Change a resource in place; `changed` are the names of the different fields, including `tags` if tags differ."""

    resource: Noun
    before: Owned[Noun]
    changed: tuple[str, ...]
    put_tags: Pairs = ()
    remove_tags: Pairs = ()
    awaited: Awaited | None = None

    @property
    def id(self) -> str:
        """`update <Noun> <resource id>`, with the new resource id."""
        return f"update {type(self.resource).__name__} {self.resource.id}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Delete:
    """Delete a resource; `replaced`: the plan creates another one with the same id.

    `retired`: it belongs to a load balancer that another one has replaced, and from which the address has moved.
    """

    before: Owned[Noun]
    replaced: bool = False
    retired: bool = field(default=False, repr=False)

    @property
    def id(self) -> str:
        """`delete <Noun> <resource id> <ARN>`. The ARN is needed because several resources may have the same id."""
        return f"delete {type(self.before.resource).__name__} {self.before.resource.id} {self.before.arn}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Retire:
    """Move the address of the objects to the load balancer that replaces this one, and write the time into a tag of this one."""

    before: Owned[LoadBalancer]

    @property
    def id(self) -> str:
        """`retire LoadBalancer <resource id> <ARN>`."""
        return f"retire LoadBalancer {self.before.resource.id} {self.before.arn}"


@dataclass(frozen=True, slots=True, kw_only=True)
class CreateBackendGroup:
    """Create the cluster's shared backend security group, if it does not exist yet."""

    @property
    def id(self) -> str:
        """`create BackendSecurityGroup backend-sg`."""
        return "create BackendSecurityGroup backend-sg"


@dataclass(frozen=True, slots=True, kw_only=True)
class SetCapacity:
    """Reserve capacity of a load balancer in LCUs; 0 resets it. It waits until the load balancer is active."""

    load_balancer: Ref
    units: int
    before: int | None = None

    @property
    def id(self) -> str:
        """`capacity LoadBalancer <resource id>`."""
        return f"capacity LoadBalancer {self.load_balancer.id}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Move:
    """A new priority for a rule."""

    rule: Owned[Rule]
    priority: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SetRulePriorities:
    """Change the priorities of rules of one listener in one call; rules that the plan deletes get the lowest priorities."""

    listener: Ref
    moves: tuple[Move, ...]

    @property
    def id(self) -> str:
        """`prioritize Listener <resource id>`."""
        return f"prioritize Listener {self.listener.id}"


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeRecords:
    """Change records of one hosted zone in one call. A changed record is in both: its old form is deleted, its new form created.

    Route 53 deletes a record only if it still has these values, and creates it only if it does not exist; so a record that somebody else
    has written in the meantime is never changed.
    """

    zone: str
    creates: tuple[Record, ...] = ()
    deletes: tuple[Owned[Record], ...] = ()

    @property
    def id(self) -> str:
        """`change Zone <hosted zone id>`."""
        return f"change Zone {self.zone}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Register:
    """Register targets in a target group."""

    target_group: Token
    targets: tuple[Target, ...]

    @property
    def id(self) -> str:
        """`register TargetGroup <resource id or ARN>`."""
        return f"register TargetGroup {_name(self.target_group)}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Deregister:
    """Deregister targets from a target group."""

    target_group: Token
    targets: tuple[Target, ...]

    @property
    def id(self) -> str:
        """`deregister TargetGroup <resource id or ARN>`."""
        return f"deregister TargetGroup {_name(self.target_group)}"


@dataclass(frozen=True, slots=True, kw_only=True)
class PutBinding:
    """Create a TargetGroupBinding, or change the one in `before` (its `arn` is `namespace/name`)."""

    resource: Binding
    before: Owned[Binding] | None = None
    changed: tuple[str, ...] = ()

    @property
    def id(self) -> str:
        """`put Binding <resource id>`."""
        return f"put Binding {self.resource.id}"


@dataclass(frozen=True, slots=True, kw_only=True)
class DeleteBinding:
    """Delete a TargetGroupBinding and wait until it is deleted, because its finalizer first deregisters the targets.

    `served`: until a rule changes in this plan, it sends requests to these targets; load balancers know the change some seconds later.
    """

    before: Owned[Binding]
    served: bool = False

    @property
    def id(self) -> str:
        """`delete Binding <namespace/name>`."""
        return f"delete Binding {self.before.arn}"


Operation = (
    Create
    | Update
    | Delete
    | Retire
    | CreateBackendGroup
    | SetCapacity
    | SetRulePriorities
    | ChangeRecords
    | Register
    | Deregister
    | PutBinding
    | DeleteBinding
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Standby:
    """A load balancer that another one replaces, and that still answers.

    `changed` are the fields that make the replacement necessary. `until`: when it is deleted, in seconds since 1970; None as long as the
    address has not moved. `waits`: why it does not move yet; empty if it moves in this plan, or when this plan is done.
    """

    before: Owned[LoadBalancer]
    changed: tuple[str, ...] = ()
    grace_seconds: float
    until: float | None = None
    waits: tuple[str, ...] = ()

    @property
    def moved(self) -> bool:
        """Whether the address of the objects is that of the new load balancer."""
        return self.until is not None


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """An operation and its dependencies. It runs when all of `needs` succeeded and all of `after` have ended, with or without success."""

    operation: Operation
    needs: tuple[str, ...] = ()
    after: tuple[str, ...] = ()

    @property
    def id(self) -> str:
        """The id of its operation."""
        return self.operation.id


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """Steps in a valid sequential order; `ids` are the references that are known before the first step.

    `standby` are replaced load balancers that stay after this plan. `at`: when the current resources were read.
    `apart` has, for each load balancer that is deleted before its successor is created, the reason why both cannot exist at once.
    """

    stack: StackId
    steps: tuple[Step, ...] = ()
    ids: Mapping[Ref, str] = field(default_factory=dict, compare=False)
    standby: tuple[Standby, ...] = ()
    at: float = field(default=0.0, compare=False)
    apart: Mapping[str, str] = field(default_factory=dict, compare=False)

    def __bool__(self) -> bool:
        return bool(self.steps)

    @property
    def operations(self) -> tuple[Operation, ...]:
        """The operations in order."""
        return tuple(step.operation for step in self.steps)

    @property
    def counts(self) -> Mapping[str, int]:
        """The number of operations by verb: create, update, delete, put, …"""
        return Counter(step.id.split(" ", 1)[0] for step in self.steps)

    @property
    def checksum(self) -> str:
        """Twelve hex digits that change if anything except a secret changes."""
        return hashlib.sha256(repr((self.stack, self.steps)).encode()).hexdigest()[:12]


@dataclass(frozen=True, slots=True)
class Done:
    """The step succeeded; `learnt` are the new ids."""

    step: Step
    learnt: Mapping[Ref, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Failed:
    """The step failed with an error."""

    step: Step
    error: Exception


@dataclass(frozen=True, slots=True)
class Skipped:
    """The step did not run. `because` is the id of the step that caused this, or empty if the run was stopped."""

    step: Step
    because: str = ""


Result = Done | Failed | Skipped


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """The result of a plan: one result per step, in the plan's order, and every id that is known now."""

    results: tuple[Result, ...] = ()
    ids: Mapping[Ref, str] = field(default_factory=dict)

    @property
    def ok(self) -> bool:
        """Whether all steps succeeded."""
        return all(isinstance(each, Done) for each in self.results)

    @property
    def failures(self) -> tuple[Failed, ...]:
        """The steps that failed with an error."""
        return tuple(each for each in self.results if isinstance(each, Failed))


def _name(token: Token) -> str:
    return token.id if isinstance(token, Ref) else token
