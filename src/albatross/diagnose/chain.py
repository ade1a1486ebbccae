"""The diagnosis of a cluster: the way of a request to the API and on to the client, link by link. It stops at nothing."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from albatross.diagnose import (
    certificates,
    controllers,
    definitions,
    hooks,
    identity,
    metadata,
    objects,
    overlay,
    policy,
    ports,
    quotas,
    reach,
    subnets,
    tags,
    trust,
    written,
)
from albatross.diagnose.cause import Cause, cause, code, ordered
from albatross.diagnose.evidence import Evidence, Origin, Part

Rows = tuple[tuple[str, ...], ...]


def _silent(evidence: Evidence) -> str:
    return ""


def _empty(evidence: Evidence) -> Rows:
    return ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """One link: its name, what it checks, the parts that it needs. `remark` is said if all is well; `table` shows it in rows."""

    name: str
    about: str
    needs: tuple[Part, ...]
    find: Callable[[Evidence], Iterator[Cause]]
    remark: Callable[[Evidence], str] = _silent
    table: Callable[[Evidence], Rows] = _empty


CHAIN: tuple[Link, ...] = (
    Link(name="kubeconfig", about="a kubeconfig that can be used", needs=(), find=reach.kubeconfig),
    Link(name="API", about="the Kubernetes API answers", needs=("kubeconfig",), find=reach.api),
    Link(name="versions", about="the version of Kubernetes", needs=("cluster",), find=reach.version, remark=reach.remark),
    Link(name="definitions", about="both custom kinds, with all their fields", needs=("definitions",), find=definitions.check),
    Link(
        name="controllers",
        about="one controller runs, this one or the AWS Load Balancer Controller, and its pods are ready",
        needs=("controllers",),
        find=controllers.check,
        remark=controllers.words,
    ),
    Link(name="Auto Mode", about="EKS Auto Mode in the same cluster", needs=("objects",), find=controllers.auto),
    Link(
        name="service account",
        about="its annotation, and keys that look like it",
        needs=("objects", "controllers"),
        find=identity.check,
        remark=identity.remark,
    ),
    Link(name="role", about="a role by annotation or by EKS Pod Identity", needs=("controllers", "association"), find=identity.role),
    Link(
        name="OIDC provider",
        about="the issuer of the cluster is known to IAM",
        needs=("controllers", "eks", "providers"),
        find=trust.provider,
        remark=trust.remark,
    ),
    Link(
        name="trust policy",
        about="the role trusts this ServiceAccount of this cluster; the difference",
        needs=("controllers", "eks", "providers", "association", "role"),
        find=trust.check,
    ),
    Link(
        name="policy",
        about="what the role lacks for the objects of this cluster",
        needs=("objects", "association", "role"),
        find=policy.check,
        remark=policy.remark,
    ),
    Link(name="identity", about="who the pods really are", needs=("controllers", "leader"), find=identity.pods, remark=identity.said),
    Link(name="hop limit", about="instance metadata from pods, if no role is given", needs=("instances",), find=metadata.check),
    Link(
        name="subnets",
        about="tags, routes, free addresses and zone of each",
        needs=("network",),
        find=subnets.check,
        table=subnets.table,
    ),
    Link(name="security groups", about="groups with the tag of the cluster", needs=("instances", "firewalls"), find=tags.check),
    Link(name="pod network", about="pods inside of the VPC", needs=("objects", "network"), find=overlay.check),
    Link(
        name="certificates",
        about="status, region, key and end of those that annotations name",
        needs=("objects", "certificates"),
        find=certificates.check,
        remark=certificates.remark,
    ),
    Link(name="webhooks", about="CA, endpoints, failure policy", needs=("objects", "webhooks"), find=hooks.check, remark=hooks.remark),
    Link(
        name="webhook port",
        about="the control plane reaches the webhooks",
        needs=("controllers", "webhooks", "eks", "instances", "firewalls"),
        find=ports.check,
    ),
    Link(name="quotas", about="how near each quota is", needs=("quotas",), find=quotas.check, table=quotas.table),
    Link(name="finalizers", about="deleted objects that a finalizer keeps", needs=("objects",), find=objects.finalizers),
    Link(name="DNS", about="records that lead to another load balancer", needs=("objects", "groups", "records"), find=objects.dns),
    Link(name="objects", about="objects with errors, for `albatross why`", needs=("objects",), find=objects.check, remark=objects.remark),
)
"""In the order of the way."""


FILES: tuple[Link, ...] = (
    Link(name="manifests", about="every problem that `lint` knows", needs=(), find=written.check, remark=objects.remark),
    *(each for each in CHAIN if each.name in ("subnets", "certificates")),
)
"""The links that files and a recording can answer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Examined:
    """One link after its check: its causes, or why it could not be checked."""

    link: Link
    causes: tuple[Cause, ...] = ()
    unseen: str = ""
    remark: str = ""
    table: Rows = ()

    @property
    def state(self) -> str:
        """`error`, `warning`, `note`, `not read` or `ok`."""
        found = [each.severity for each in self.causes]
        return "not read" if self.unseen else next((each for each in ("error", "warning", "note") if each in found), "ok")


@dataclass(frozen=True, slots=True, kw_only=True)
class Checkup:
    """All links."""

    links: tuple[Examined, ...]

    @property
    def causes(self) -> tuple[Cause, ...]:
        """The causes of all links: errors first, each in the order of the way."""
        return ordered(each for link in self.links for each in link.causes)

    @property
    def code(self) -> int:
        """The exit code: 1 with a cause, 3 if nothing was found but not everything could be read, else 0."""
        return code(self.causes, any(each.unseen for each in self.links))


def examine(evidence: Evidence, links: tuple[Link, ...] = CHAIN) -> Checkup:
    """Every link."""
    return Checkup(links=tuple(_examined(evidence, each) for each in links))


def _examined(evidence: Evidence, link: Link) -> Examined:
    if said := evidence.lacking(link.needs):
        note = cause("LB669", Origin("Link", "", link.name), part=link.name, said=said)
        return Examined(link=link, unseen=said, causes=(note,))
    return Examined(link=link, causes=ordered(link.find(evidence)), remark=link.remark(evidence), table=link.table(evidence))
