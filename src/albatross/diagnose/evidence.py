"""What is known when a cluster is diagnosed: one frozen value. A part that could not be read says why."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, TypeVar

from albatross import pipeline
from albatross.catalog import kinds
from albatross.catalog.identity import Principal
from albatross.frontend.group import Group, Survey
from albatross.install.policy import Document
from albatross.model.config import Config
from albatross.model.facts import Facts, RouteTable, Subnet, VpcFact
from albatross.model.ident import Ident
from albatross.model.observed import Observed
from albatross.model.problem import Origin
from albatross.model.resources.stack import StackId
from albatross.model.snapshot import Endpoint, Snapshot
from albatross.model.target import Registered

__all__ = [
    "PARTS",
    "Authority",
    "AwsEvidence",
    "Body",
    "Evidence",
    "Ident",
    "Origin",
    "Part",
    "Planned",
    "Registered",
    "RoleDocuments",
    "RouteTable",
    "Subnet",
    "VpcFact",
    "answered",
    "decided",
    "endpoints",
    "grouped",
    "key",
    "labelled",
    "planned",
    "plans",
    "surveyed",
]
"""With the nouns that nearly every check needs."""

K = TypeVar("K")
T = TypeVar("T")
Body = Mapping[str, Any]
"""A Kubernetes object, or an item of an answer of AWS, as JSON."""

Part = Literal[
    "kubeconfig",
    "cluster",
    "objects",
    "controllers",
    "definitions",
    "webhooks",
    "events",
    "leader",
    "aws",
    "eks",
    "providers",
    "role",
    "association",
    "instances",
    "network",
    "facts",
    "groups",
    "health",
    "firewalls",
    "certificates",
    "records",
    "quotas",
    "vpc-quotas",
    "resolver",
]

PARTS: Mapping[Part, str] = {
    "kubeconfig": "the kubeconfig",
    "cluster": "the Kubernetes API",
    "objects": "the objects of the cluster",
    "controllers": "the Deployments and pods of controllers",
    "definitions": "the custom resource definitions",
    "webhooks": "the webhook configurations",
    "events": "the events of the object",
    "leader": "the Lease of the controller",
    "aws": "the AWS account",
    "eks": "the EKS cluster",
    "providers": "the OIDC providers of IAM",
    "role": "the IAM role of the controller",
    "association": "the EKS Pod Identity associations",
    "instances": "the EC2 instances of the nodes",
    "network": "the subnets and route tables of the VPC",
    "facts": "what the object needs to know of AWS",
    "groups": "the load balancers of the object in AWS",
    "health": "the health of the targets",
    "firewalls": "the security groups of the VPC",
    "certificates": "the certificates of ACM",
    "records": "the DNS records of Route 53",
    "quotas": "the quotas of the account",
    "vpc-quotas": "the quotas of the VPC",
    "resolver": "the hosts in the DNS of this machine",
}
"""Every part in words."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RoleDocuments:
    """An IAM role: its trust policy, and all its policies."""

    name: str
    arn: str = ""
    trust: Document = field(default_factory=dict)
    policies: tuple[Document, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Authority:
    """One CA of the `caBundle` of a webhook configuration. `begins` and `ends` are seconds since 1970.

    `signs`: whether it signed the certificate in the Secret of the webhook; None if the Secret could not be read.
    """

    name: str
    begins: float
    ends: float
    signs: bool | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AwsEvidence:
    """What AWS says. Items are as AWS describes them."""

    facts: Facts = field(default_factory=Facts)
    observed: Mapping[StackId, Observed] = field(default_factory=dict)
    health: Mapping[str, tuple[Registered, ...]] = field(default_factory=dict)
    cluster: Body = field(default_factory=dict)
    providers: tuple[str, ...] = ()
    role: RoleDocuments | None = None
    associations: tuple[Body, ...] = ()
    instances: tuple[Body, ...] = ()
    interfaces: tuple[Body, ...] = ()
    firewalls: tuple[Body, ...] = ()
    certificates: tuple[Body, ...] = ()
    quotas: Mapping[str, int] = field(default_factory=dict)
    counts: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """Everything that is known. `objects` are JSON by kind; `now` is in seconds since 1970; `subject` is the object of `why`.

    `config` has the settings of the controller that runs, if it is known. `resolved` has the addresses of each name that the resolver of
    this machine was asked for; none: the name does not exist. `unseen` says for each part why it could not be read.
    `kept` is what was computed from it.
    """

    config: Config
    now: float = 0.0
    subject: Ident | None = None
    server: str = ""
    version: str = ""
    snapshot: Snapshot = field(default_factory=Snapshot)
    objects: Mapping[str, tuple[Body, ...]] = field(default_factory=dict)
    authorities: Mapping[str, tuple[Authority, ...]] = field(default_factory=dict)
    leader: Principal | None = None
    aws: AwsEvidence = field(default_factory=AwsEvidence)
    resolved: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    unseen: Mapping[Part, str] = field(default_factory=dict)
    kept: dict[object, Any] = field(default_factory=dict, init=False, repr=False, compare=False)

    def once(self, name: object, make: Callable[[], T]) -> T:
        """Something that is computed from it when it is first asked for: many checks ask for the same."""
        if name not in self.kept:
            self.kept[name] = make()
        found: T = self.kept[name]
        return found

    def lacking(self, needs: Iterable[Part]) -> str:
        """Why a check with these needs cannot look; empty if everything was read."""
        return "; ".join(dict.fromkeys(self.unseen[part] for part in needs if part in self.unseen))

    def of(self, kind: str) -> tuple[Body, ...]:
        """The objects of a kind, as JSON."""
        return self.objects.get(kind, ())

    def noun(self, ident: Ident) -> Any:
        """An object of a kind that the controller reads; None if it does not exist."""
        return kinds.find(self.snapshot, ident)

    def nouns(self, kind: str) -> Mapping[tuple[str, str], Any]:
        """All objects of a kind that the controller reads, by namespace and name."""
        return kinds.objects(self.snapshot, kind)

    def raw(self, ident: Ident) -> Body:
        """An object as JSON; empty if it does not exist."""
        return next((each for each in self.of(ident.kind) if key(each) == ident.key), {})


def grouped(pairs: Iterable[tuple[K, T]]) -> dict[K, tuple[T, ...]]:
    """The values of each key, in their order."""
    found: dict[K, list[T]] = {}
    for name, value in pairs:
        found.setdefault(name, []).append(value)
    return {name: tuple(values) for name, values in found.items()}


def key(obj: Body) -> tuple[str, str]:
    """(namespace, name) of an object as JSON."""
    return str(obj["metadata"].get("namespace") or ""), str(obj["metadata"]["name"])


@dataclass(frozen=True, slots=True)
class Planned:
    """A group of objects with what the controller decides for it now."""

    group: Group
    prepared: pipeline.Prepared
    decision: pipeline.Decision


def endpoints(evidence: Evidence, namespace: str, service: str) -> tuple[Endpoint, ...]:
    """The endpoints of a Service that are ready, or that do not say whether they are."""
    slices = evidence.snapshot.endpoint_slices.values()
    own = (each for each in slices if (each.namespace, each.service) == (namespace, service))
    return tuple(endpoint for each in own for endpoint in each.endpoints if endpoint.ready is not False)


def labelled(pods: Iterable[Body], namespace: str, labels: Mapping[str, str]) -> tuple[Body, ...]:
    """The pods of a namespace that have all these labels."""
    own = (each for each in pods if key(each)[0] == namespace)
    return tuple(each for each in own if labels.items() <= (each["metadata"].get("labels") or {}).items())


def answered(evidence: Evidence, kind: type[T]) -> tuple[T, ...]:
    """Every item of this kind in the answers of AWS, each once."""
    return evidence.once(kind, lambda: tuple(dict.fromkeys(_items(evidence, kind))))


def _items(evidence: Evidence, kind: type[T]) -> Iterator[T]:
    for answer in evidence.aws.facts.answers.values():
        if isinstance(answer, tuple):
            yield from (each for each in answer if isinstance(each, kind))


def surveyed(evidence: Evidence) -> Survey:
    """Every group of the cluster, and the problems of objects without a group."""
    return evidence.once(Survey, lambda: pipeline.survey(evidence.snapshot, evidence.config))


def planned(evidence: Evidence, ident: Ident) -> Planned | None:
    """What the controller decides for the group of an object; None if the object has no group."""
    group = next((each for each in surveyed(evidence).groups.values() if ident in each.members), None)
    return decided(evidence, group) if group else None


def decided(evidence: Evidence, group: Group) -> Planned:
    """What the controller decides for a group."""
    return evidence.once(group.id, lambda: _decided(evidence, group))


def _decided(evidence: Evidence, group: Group) -> Planned:
    prepared = pipeline.understand(evidence.snapshot, evidence.config, group)
    built = pipeline.build(prepared, evidence.aws.facts, evidence.config)
    observed = evidence.aws.observed.get(group.id, Observed())
    return Planned(group, prepared, pipeline.decide(prepared, built, observed, evidence.config))


def plans(evidence: Evidence) -> Iterator[Planned]:
    """The same for every group of the cluster that has members."""
    for group in surveyed(evidence).groups.values():
        if group.members:
            yield decided(evidence, group)
