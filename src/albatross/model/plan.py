"""A plan: the operations that turn what is into what is wanted, what each waits for, and what came of them.

A replacement is a pair: a `Create` that names what it `replaces`, and a `Delete` that is `replaced`. Which comes first depends on the
noun (a load balancer's successor comes after it, a target group's before it), so it is said by the steps' `needs`.
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
from albatross.model.resources.ref import Pairs, Ref, Token
from albatross.model.resources.rule import Rule
from albatross.model.resources.security_group import SecurityGroup
from albatross.model.resources.stack import StackId
from albatross.model.resources.target_group import TargetGroup
from albatross.model.target import Target

Noun = (
    SecurityGroup | Certificate | LoadBalancer | TargetGroup | Listener | Rule | WebAclAssociation | RegionalWebAclAssociation | Protection
)
"""What AWS holds; a Binding is the cluster's."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Create:
    """Make a resource.

    `tags` are all of its tags, tracking tags among them. `room` (rules only) are ARNs of rules to be deleted anyway, which may go
    first when the listener is full. `changed` are the fields for which it replaces its predecessor.
    """

    resource: Noun
    tags: Pairs = ()
    replaces: Owned[Noun] | None = None
    changed: tuple[str, ...] = ()
    room: tuple[str, ...] = ()

    @property
    def id(self) -> str:
        """`create <Noun> <resource id>`."""
        return f"create {type(self.resource).__name__} {self.resource.id}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Update:
    """Change a resource in place; `changed` are the names of its fields that differ, `tags` among them when tags do."""

    resource: Noun
    before: Owned[Noun]
    changed: tuple[str, ...]
    put_tags: Pairs = ()
    remove_tags: Pairs = ()

    @property
    def id(self) -> str:
        """`update <Noun> <resource id>`, the id that it will have."""
        return f"update {type(self.resource).__name__} {self.resource.id}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Delete:
    """Remove a resource; `replaced`: another one with its id is made."""

    before: Owned[Noun]
    replaced: bool = False

    @property
    def id(self) -> str:
        """`delete <Noun> <resource id> <ARN>`: several may carry one id."""
        return f"delete {type(self.before.resource).__name__} {self.before.resource.id} {self.before.arn}"


@dataclass(frozen=True, slots=True, kw_only=True)
class CreateBackendGroup:
    """Make the cluster's shared backend security group, or find that it has been made."""

    @property
    def id(self) -> str:
        """`create BackendSecurityGroup backend-sg`."""
        return "create BackendSecurityGroup backend-sg"


@dataclass(frozen=True, slots=True, kw_only=True)
class SetCapacity:
    """Reserve capacity of a load balancer in LCUs; 0 resets. It waits until the load balancer is active."""

    load_balancer: Ref
    units: int
    before: int | None = None

    @property
    def id(self) -> str:
        """`capacity LoadBalancer <resource id>`."""
        return f"capacity LoadBalancer {self.load_balancer.id}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Move:
    """A rule that gets another priority."""

    rule: Owned[Rule]
    priority: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SetRulePriorities:
    """Give rules of one listener other priorities, in one call; rules to be deleted are pushed to the bottom."""

    listener: Ref
    moves: tuple[Move, ...]

    @property
    def id(self) -> str:
        """`prioritize Listener <resource id>`."""
        return f"prioritize Listener {self.listener.id}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Register:
    """Put targets into a target group."""

    target_group: Token
    targets: tuple[Target, ...]

    @property
    def id(self) -> str:
        """`register TargetGroup <resource id or ARN>`."""
        return f"register TargetGroup {_name(self.target_group)}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Deregister:
    """Take targets out of a target group."""

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
    """Delete a TargetGroupBinding and wait until it is gone: its finalizer takes the targets out first."""

    before: Owned[Binding]

    @property
    def id(self) -> str:
        """`delete Binding <namespace/name>`."""
        return f"delete Binding {self.before.arn}"


Operation = (
    Create | Update | Delete | CreateBackendGroup | SetCapacity | SetRulePriorities | Register | Deregister | PutBinding | DeleteBinding
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """An operation, and what it waits for: it runs once all of `needs` are done and all of `after` are over, well or not."""

    operation: Operation
    needs: tuple[str, ...] = ()
    after: tuple[str, ...] = ()

    @property
    def id(self) -> str:
        """Its operation's."""
        return self.operation.id


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """Steps in an order in which they could run one by one; `ids` are the references known before the first of them."""

    stack: StackId
    steps: tuple[Step, ...] = ()
    ids: Mapping[Ref, str] = field(default_factory=dict, compare=False)

    def __bool__(self) -> bool:
        return bool(self.steps)

    @property
    def operations(self) -> tuple[Operation, ...]:
        """What is to be done, in order."""
        return tuple(step.operation for step in self.steps)

    @property
    def counts(self) -> Mapping[str, int]:
        """How many operations by verb: create, update, delete, put, …"""
        return Counter(step.id.split(" ", 1)[0] for step in self.steps)

    @property
    def checksum(self) -> str:
        """Twelve hex digits that differ when anything but a secret does."""
        return hashlib.sha256(repr((self.stack, self.steps)).encode()).hexdigest()[:12]


@dataclass(frozen=True, slots=True)
class Done:
    """The step ran; `learnt` are the ids that it brought."""

    step: Step
    learnt: Mapping[Ref, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Failed:
    """The step ran into an error."""

    step: Step
    error: Exception


@dataclass(frozen=True, slots=True)
class Skipped:
    """The step did not run, because of another (its id), or because the run was stopped (empty)."""

    step: Step
    because: str = ""


Result = Done | Failed | Skipped


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What came of a plan: a result a step, in the plan's order, and every id known now."""

    results: tuple[Result, ...] = ()
    ids: Mapping[Ref, str] = field(default_factory=dict)

    @property
    def ok(self) -> bool:
        """Whether all was done."""
        return all(isinstance(each, Done) for each in self.results)

    @property
    def failures(self) -> tuple[Failed, ...]:
        """The steps that ran into an error."""
        return tuple(each for each in self.results if isinstance(each, Failed))


def _name(token: Token) -> str:
    return token.id if isinstance(token, Ref) else token
