"""The targets of an object: are there any, are they healthy, and if not, which part stops the health check."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from albatross.catalog.health import REASONS, Reason
from albatross.diagnose import firewall
from albatross.diagnose.cause import Cause, cause
from albatross.diagnose.evidence import (
    Body,
    Evidence,
    Ident,
    Origin,
    Registered,
    Subnet,
    answered,
    endpoints,
    grouped,
    key,
    labelled,
    planned,
)
from albatross.diagnose.firewall import Side
from albatross.diagnose.manifest import changed
from albatross.model.observed import Observed, Owned
from albatross.model.resources.target_group import HealthCheck, TargetGroup
from albatross.model.snapshot import TargetGroupBinding

STARTING_SECONDS = 120.0
"""A pod may need this long before its application answers (chosen by us)."""
SHOWN = 3
"""Targets that a message names; more are counted."""
SILENT = frozenset({"Target.FailedHealthChecks", "Target.Timeout"})
"""Reasons without an answer of the application."""
ANSWERED = re.compile(r"\[(\d+)\]")
"""The code that the application answered, in the text of AWS."""
HEALTHY = "healthy"


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """A target group with its Service and its targets, grouped for one reason of AWS."""

    evidence: Evidence
    ident: Ident
    owned: Owned[TargetGroup]
    binding: TargetGroupBinding
    observed: Observed
    targets: tuple[Registered, ...]
    failing: tuple[Registered, ...] = ()

    @property
    def check(self) -> HealthCheck:
        """The health check of the group."""
        return self.owned.resource.health_check

    @property
    def port(self) -> int:
        """The port that the health check uses, of the first target that fails; 0 if it is not known."""
        written = self.check.port
        return int(written) if str(written).isdecimal() else self.failing[0].target.port or 0

    @property
    def asked(self) -> str:
        """The request of the health check, such as `GET /ping on port 8080`."""
        what = f"GET {self.check.path}" if self.check.path else f"a {self.check.protocol} connection"
        return f"{what} on port {self.port}"

    @property
    def pods(self) -> tuple[Body, ...]:
        """The pods of the failing targets; none for instance targets."""
        addresses = {str(each.target.id) for each in self.failing}
        return tuple(each for each in self.evidence.of("Pod") if (each.get("status") or {}).get("podIP") in addresses)

    @property
    def words(self) -> Mapping[str, str]:
        """The arguments that all problems of targets have."""
        names = [_name(self, each) for each in self.failing]
        more = f" and {len(names) - SHOWN} more" if len(names) > SHOWN else ""
        return {
            "number": str(len(self.failing)),
            "total": str(len(self.targets)),
            "service": f"{self.binding.metadata.namespace}/{self.binding.service}",
            "targets": ", ".join(names[:SHOWN]) + more,
            "check": self.asked,
        }


def _name(checked: Checked, each: Registered) -> str:
    """`pod web-1 (10.0.0.1:8080)`, or the id of an instance with its port."""
    where = f"{each.target.id}:{each.target.port}"
    pod = next((key(pod)[1] for pod in checked.evidence.of("Pod") if (pod.get("status") or {}).get("podIP") == each.target.id), "")
    return f"pod {pod} ({where})" if pod else where


def groups(evidence: Evidence, ident: Ident) -> Iterator[Checked]:
    """The target groups of the object that have a binding, with their targets."""
    found = planned(evidence, ident)
    observed = evidence.aws.observed.get(found.group.id, Observed()) if found else Observed()
    services = {each.name for each in found.prepared.mentions.get(ident, ()) if each.kind == "Service"} if found else set()
    if ident.kind == "Service":
        services = {ident.name}
    for owned in observed.target_groups:
        for binding in evidence.snapshot.bindings.values():
            if binding.target_group_arn == owned.arn and binding.service in services:
                held = evidence.aws.health.get(owned.arn, ())
                live = tuple(each for each in held if not each.draining)
                yield Checked(evidence=evidence, ident=ident, owned=owned, binding=binding, observed=observed, targets=live)


def check(evidence: Evidence, ident: Ident) -> Iterator[Cause]:
    """Every target group without targets, and every reason of targets that are not healthy."""
    for each in groups(evidence, ident):
        if not each.targets:
            yield _empty(each)
        for reason, failing in grouped((one.reason, one) for one in each.targets if one.state != HEALTHY).items():
            yield _failing(replace(each, failing=failing), reason)


# No targets ------------------------------------------------------------------------------------------------------------


def _empty(each: Checked) -> Cause:
    namespace, name = each.binding.metadata.namespace, each.binding.service
    ready = endpoints(each.evidence, namespace, name)
    words = {"group": each.owned.resource.name, "service": f"{namespace}/{name}"}
    at = Origin("Service", namespace, name)
    if ready:
        names = {"namespace": namespace, "binding": each.binding.metadata.name}
        command = f"kubectl describe targetgroupbinding -n {namespace} {each.binding.metadata.name}"
        return cause("LB607", at, command, **words, **names, ready=str(len(ready)), registered="0")
    reason, command = _unready(each, at)
    return cause("LB606", at.at("spec.selector"), command, **words, reason=reason, way=f"look at the pods: `{command}`")


def _unready(each: Checked, at: Origin) -> tuple[str, str]:
    """Why the Service has no ready endpoint, and the command that shows it."""
    service = each.evidence.snapshot.services.get((at.namespace, at.name))
    selector = ",".join(f"{name}={value}" for name, value in sorted(service.selector.items())) if service else ""
    if not service or not selector:
        return ("the Service does not exist or has no selector", f"kubectl get service,endpointslices -n {at.namespace}")
    pods = labelled(each.evidence.of("Pod"), at.namespace, service.selector)
    if not pods:
        return f"no pod has the labels {selector}", f"kubectl get pods -n {at.namespace} --show-labels"
    return f"none of its {len(pods)} pods is ready", f"kubectl describe pods -n {at.namespace} --selector {selector}"


# Unhealthy targets -----------------------------------------------------------------------------------------------------


def _failing(each: Checked, code: str) -> Cause:
    reason = REASONS.get(code, Reason(means=each.failing[0].description or code, problem="LB615"))
    if code in SILENT and (closed := _closed(each)):
        return _blocked(each, reason, closed)
    if (code in SILENT or _answered(each).startswith("5")) and _served(each) and (pods := _starting(each)):
        at = Origin("Pod", *key(pods[0]))
        names = ", ".join(key(pod)[1] for pod in pods[:SHOWN])
        return cause("LB616", at, _logs(pods[0]), look=reason.look, **{**each.words, "pods": names})
    return {"LB610": _mismatch, "LB611": _silent, "LB612": _slow}.get(reason.problem, _other)(each, code, reason)


def _answered(each: Checked) -> str:
    found = ANSWERED.search(each.failing[0].description)
    return found[1] if found else ""


def _at(each: Checked, annotation: str) -> Origin:
    prefix = "alb.ingress.kubernetes.io/" if each.ident.kind == "Ingress" else "service.beta.kubernetes.io/aws-load-balancer-"
    return Origin.of(each.ident, f'metadata.annotations["{prefix}{annotation}"]')


def _mismatch(each: Checked, code: str, reason: Reason) -> Cause:
    codes = each.check.http_code or each.check.grpc_code or "200"
    address = f"{each.failing[0].target.id}:{each.port}"
    command = f"kubectl run check --rm -i --restart Never --image curlimages/curl -- curl -si http://{address}{each.check.path or '/'}"
    accept = changed(_at(each, "success-codes"), _answered(each)) if each.ident.kind == "Ingress" else command
    path = changed(_at(each, "healthcheck-path"), "PATH")
    words = {"answered": _answered(each) or "another code", "codes": codes, "command": path}
    return cause(
        "LB610", _at(each, "healthcheck-path"), path, look=(*reason.look, f"try it: {command}", f"or: {accept}"), **each.words, **words
    )


def _silent(each: Checked, code: str, reason: Reason) -> Cause:
    ports = sorted({str(number) for pod in each.pods for number in _ports(pod)})
    if ports and str(each.port) not in ports:
        command = changed(_at(each, "healthcheck-port"), "traffic-port")
        said = f", and their containers have the ports {', '.join(ports)}"
        return cause(
            "LB611",
            _at(each, "healthcheck-port"),
            command,
            look=reason.look,
            **each.words,
            reason=said,
            way=f"use a port that is there: `{command}`",
        )
    command = _logs(each.pods[0]) if each.pods else f"kubectl get pods -n {each.binding.metadata.namespace} --output wide"
    way = f"look at what the application listens on: `{command}`"
    return cause("LB611", Origin.of(each.ident), command, look=reason.look, **each.words, reason="", way=way)


def _slow(each: Checked, code: str, reason: Reason) -> Cause:
    command = changed(_at(each, "healthcheck-timeout-seconds"), str(each.check.timeout_seconds * 2))
    words = {"timeout": str(each.check.timeout_seconds)}
    return cause("LB612", _at(each, "healthcheck-timeout-seconds"), command, look=reason.look, **each.words, **words)


def _other(each: Checked, code: str, reason: Reason) -> Cause:
    command = f"aws elbv2 describe-target-health --target-group-arn {each.owned.arn}"
    words = {"state": each.failing[0].state, "reason": code, "means": reason.means, "command": command}
    return cause(reason.problem or "LB617", Origin.of(each.ident), command, look=reason.look, **each.words, **words)


def _logs(pod: Body) -> str:
    return f"kubectl logs -n {key(pod)[0]} {key(pod)[1]}"


def _ports(pod: Body) -> Iterator[int]:
    for container in pod["spec"].get("containers") or ():
        yield from (int(each["containerPort"]) for each in container.get("ports") or ())


def _served(each: Checked) -> bool:
    """Whether the containers have the port of the health check, or do not say which ports they have."""
    ports = {number for pod in each.pods for number in _ports(pod)}
    return not ports or each.port in ports


def _starting(each: Checked) -> tuple[Body, ...]:
    """The pods of the failing targets that have started a short time ago."""
    return tuple(pod for pod in each.pods if 0 <= each.evidence.now - _started(pod) < STARTING_SECONDS)


def _started(pod: Body) -> float:
    """When the last container of a pod has started, in seconds since 1970; 0 if it is not known."""
    states: list[Any] = [each.get("state") or {} for each in (pod.get("status") or {}).get("containerStatuses") or ()]
    times = [str(state["running"]["startedAt"]) for state in states if (state.get("running") or {}).get("startedAt")]
    return max((datetime.fromisoformat(each).timestamp() for each in times), default=0.0)


# Security groups -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class _Closed:
    """The security groups of a target that let the load balancer not in, and those of the load balancer."""

    target: frozenset[str]
    source: frozenset[str]


def _closed(each: Checked) -> _Closed | None:
    """The groups that are in the way; None if a rule allows the port, or if the groups are not known."""
    balancers = [found.resource for found in each.observed.load_balancers]
    source = frozenset(group for found in balancers for group in found.security_groups if isinstance(group, str))
    first = str(each.failing[0].target.id)
    target = firewall.of_instance(each.evidence, first) or firewall.of_address(each.evidence, first)
    if not (source and target):
        return None
    sides = Side(groups=target), Side(groups=source, addresses=_networks(each, balancers))
    return None if firewall.allows(firewall.table(each.evidence), *sides, each.port) else _Closed(target=target, source=source)


def _networks(each: Checked, balancers: Sequence[Any]) -> tuple[str, ...]:
    """The networks of the subnets of the load balancers."""
    ids = {mapping.subnet_id for found in balancers for mapping in found.subnet_mappings}
    return tuple(sorted({item.cidr for item in answered(each.evidence, Subnet) if item.id in ids}))


def _blocked(each: Checked, reason: Reason, closed: _Closed) -> Cause:
    target, source = sorted(closed.target), sorted(closed.source)
    command = firewall.opened(each.evidence, target[0], each.port, source[0])
    words = {"groups": ", ".join(target), "sources": ", ".join(source), "port": str(each.port), "command": command}
    return cause("LB613", Origin.of(each.ident), command, look=reason.look, **each.words, **words)
