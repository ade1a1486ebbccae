"""LB60# to LB62#: what `why` finds about one object."""

from collections.abc import Iterable, Iterator

from albatross.catalog.health import SOURCE as _HEALTH
from albatross.catalog.problems.row import ProblemRow
from albatross.model.problem import Severity

_LIVE = "it depends on the running cluster and its AWS account, which are not in a manifest"
_CLASSES = "https://kubernetes.io/docs/concepts/services-networking/ingress/#ingress-class"
_CHECKED = "a load balancer sends no requests to a target that fails its health checks, and answers 503 or 504 if all of them fail"

Short = tuple[str, str, Severity, str, str, str, str]
"""A row in short: code, slug, severity, summary, why, fix, source."""


def rows(found: Iterable[Short]) -> Iterator[ProblemRow]:
    """The rows. A manifest cannot show them."""
    for code, slug, severity, summary, why, fix, source in found:
        yield ProblemRow(code=code, slug=slug, severity=severity, summary=summary, why=why, fix=fix, source=source, unshown=_LIVE)


_OBJECT: tuple[Short, ...] = (
    (
        "LB600",
        "object-not-found",
        "error",
        "{kind} {name} does not exist{near}",
        "there is nothing to make a load balancer from",
        "create it, or correct the namespace and the name: `kubectl get {plural} --all-namespaces`",
        "",
    ),
    (
        "LB601",
        "claimed-by-nobody",
        "error",
        "no controller makes a load balancer for this {kind}, because {reason}; {classes}; {controllers}",
        "each controller serves only the objects of its own class, and writes no event about other objects",
        "{way}",
        _CLASSES,
    ),
    (
        "LB602",
        "finalizer-left",
        "error",
        "the object was deleted at {since}, but finalizer {finalizer} keeps it, and {reason}",
        "Kubernetes deletes an object only when its finalizers are removed; only a controller removes this one, after it has deleted the "
        "load balancer",
        "{way}",
        "https://kubernetes.io/docs/concepts/overview/working-with-objects/finalizers/",
    ),
    (
        "LB603",
        "last-plan-failed",
        "error",
        "the last pass of the controller failed{times}: {said}",
        "the controller writes this as an event, and tries again with growing delays",
        "{way}",
        "",
    ),
    (
        "LB604",
        "no-load-balancer-yet",
        "error",
        "{group} has no load balancer in AWS, and the controller has said nothing about it{age}",
        "a new load balancer exists some seconds after the object; a controller that works writes an event at each pass",
        "look at the controller: `albatross doctor`; and at its log: `{log}`",
        "",
    ),
    (
        "LB605",
        "load-balancer-not-active",
        "warning",
        "load balancer {name} is in state {state}{said}",
        "a load balancer gets requests only in state active; AWS needs two to five minutes for a new one",
        "{way}",
        "https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_LoadBalancerState.html",
    ),
    (
        "LB606",
        "no-target",
        "error",
        "target group {group} of Service {service} has no target: {reason}",
        "a load balancer answers 503 if a target group is empty",
        "{way}",
        "https://kubernetes.io/docs/concepts/services-networking/service/",
    ),
    (
        "LB607",
        "targets-not-registered",
        "error",
        "Service {service} has {ready} ready endpoints, but only {registered} targets are registered in target group {group}",
        "the controller registers a pod some seconds after it is ready",
        "look at the events of the TargetGroupBinding: `kubectl describe targetgroupbinding -n {namespace} {binding}`",
        "",
    ),
    (
        "LB608",
        "address-not-in-status",
        "warning",
        "load balancer {name} exists, but the status of the object does not have its address {dns}",
        "tools such as external-dns read the address from the status",
        "look at the events of the object and at the log of the controller: `{log}`",
        "",
    ),
)

_TARGETS: tuple[Short, ...] = (
    (
        "LB610",
        "health-check-wrong-code",
        "error",
        "{number} of {total} targets of Service {service} fail the health check: {targets} answer {answered} at {check}, and only {codes} "
        "is accepted",
        _CHECKED,
        "check a path at which the application answers {codes}: `{command}`; or accept the code with success-codes",
        _HEALTH,
    ),
    (
        "LB611",
        "health-check-no-answer",
        "error",
        "{number} of {total} targets of Service {service} fail the health check at {check}: {targets} do not answer there{reason}",
        _CHECKED,
        "{way}",
        _HEALTH,
    ),
    (
        "LB612",
        "health-check-timeout",
        "error",
        "{number} of {total} targets of Service {service} do not answer the health check at {check} within {timeout} s: {targets}",
        _CHECKED,
        "let the application answer within the timeout, or allow more with healthcheck-timeout-seconds; security groups and routes can "
        "also stop the check",
        _HEALTH,
    ),
    (
        "LB613",
        "target-blocked-by-security-group",
        "error",
        "no rule of {groups} lets the load balancer ({sources}) reach port {port} of {targets} of Service {service}",
        "a security group drops all packets that no rule allows, so the health checks get no answer",
        "allow it: `{command}`; or let the controller manage these rules, with "
        "alb.ingress.kubernetes.io/manage-backend-security-group-rules",
        "https://docs.aws.amazon.com/elasticloadbalancing/latest/application/target-group-register-targets.html",
    ),
    (
        "LB614",
        "targets-not-in-use",
        "error",
        "{number} of {total} targets of Service {service} get no requests: {means}",
        "a target is used only if a rule leads to its target group and the load balancer has a subnet in its zone",
        "add a subnet of the zone to the load balancer, or correct the rules: `{command}`",
        _HEALTH,
    ),
    (
        "LB615",
        "targets-unavailable",
        "error",
        "{number} of {total} targets of Service {service} are {state} ({reason}): {means}",
        _CHECKED,
        "look at the targets: `{command}`",
        _HEALTH,
    ),
    (
        "LB616",
        "targets-still-starting",
        "error",
        "{number} of {total} targets of Service {service} fail the health check because their pods still start: {pods}",
        "the pod is registered when it is ready; without a readiness probe it is ready before the application answers, and a pod that "
        "starts slowly fails the health checks",
        "wait; and give the container a readinessProbe (or a startupProbe) of the same path and port, so that it is registered later",
        "https://kubernetes.io/docs/concepts/configuration/liveness-readiness-startup-probes/",
    ),
    (
        "LB617",
        "targets-on-their-way",
        "note",
        "{number} of {total} targets of Service {service} are {state}: {means}",
        "this ends by itself",
        "wait",
        _HEALTH,
    ),
)

_NAMES: tuple[Short, ...] = (
    (
        "LB620",
        "name-of-old-load-balancer",
        "error",
        "{type} record {name} in zone {zone} leads to {target}, but the load balancer of this object is {dns}",
        "a load balancer that is replaced gets a new DNS name; a record that somebody wrote by hand, or with Terraform, keeps the old one",
        'point the record to the new name, with the command below; or let the controller keep it, with albatross.dev/dns: "true"',
        "https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/routing-to-elb-load-balancer.html",
    ),
    (
        "LB621",
        "name-without-record",
        "note",
        "host {name} has no record in zone {zone} of this account",
        "clients find the load balancer only by a DNS record of the host",
        'create an alias record, with the command below; or let the controller do it, with albatross.dev/dns: "true"',
        "https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/routing-to-elb-load-balancer.html",
    ),
    (
        "LB760",
        "host-does-not-resolve",
        "warning",
        "host {name} does not exist in the DNS that this machine uses",
        "clients find the load balancer only by a DNS record of the host; its zone is not in this account, or the record is new",
        "create a record that leads to {dns}, where the zone of the host is; the command below asks again",
        "",
    ),
    (
        "LB761",
        "host-resolves-elsewhere",
        "note",
        "host {name} leads to {found} in the DNS that this machine uses; the load balancer {dns} has {addresses}",
        "a CDN or a proxy in front of the load balancer looks like this too; otherwise the record, or a cache, is old",
        "compare both answers with the commands below; if nothing is in front of the load balancer, point the record to {dns}",
        "",
    ),
)

ROWS: tuple[ProblemRow, ...] = tuple(rows((*_OBJECT, *_TARGETS, *_NAMES)))
