"""Who makes the load balancer of an object: its class, the classes of the cluster, and the controllers that run there."""

import json
from collections.abc import Iterator
from difflib import get_close_matches

from albatross.catalog import problems
from albatross.diagnose import controllers
from albatross.diagnose.cause import Cause, cause
from albatross.diagnose.evidence import Evidence, Ident, Origin, surveyed
from albatross.diagnose.manifest import mended
from albatross.frontend.ingress.ownership import CLASS_ANNOTATION, CONTROLLER
from albatross.model.snapshot import Ingress, Service

TYPE = "LoadBalancer"
CLASS = "ingressClassName"


def check(evidence: Evidence, ident: Ident) -> Iterator[Cause]:
    """Why no controller serves the object; nothing if one does, or if the object is being deleted."""
    noun = evidence.noun(ident)
    survey = surveyed(evidence)
    if noun.metadata.deleting or any(ident in group.members for group in survey.groups.values()):
        return
    found = survey.problems.get(ident, ())
    if refused := [problem for problem in found if problem.code == "LB443"]:
        yield from (Cause(problem=problem, remedy=mended(evidence, problem)) for problem in refused)  # its class is right
        return
    reason = "; ".join(f"{problem.code}: {problems.message(problem)}" for problem in found)
    if isinstance(noun, Service):
        yield _service(evidence, noun, ident, reason)
    else:
        yield _ingress(evidence, noun, ident, reason)


def _ingress(evidence: Evidence, ingress: Ingress, ident: Ident, reason: str) -> Cause:
    annotated, name = ingress.metadata.annotations.get(CLASS_ANNOTATION), ingress.ingress_class_name
    field = "spec.ingressClassName" if annotated is None else f'metadata.annotations["{CLASS_ANNOTATION}"]'
    way = _way(evidence, ident, annotated if annotated is not None else name or "", annotated is not None)
    return cause(
        "LB601",
        Origin.of(ident, field),
        way,
        kind=ident.kind,
        reason=reason or _reason(evidence, annotated, name),
        classes=_classes(evidence),
        controllers=controllers.words(evidence),
        way=f"`{way}`",
    )


def _reason(evidence: Evidence, annotated: str | None, name: str | None) -> str:
    if annotated is not None:
        return f'its annotation {CLASS_ANNOTATION} is "{annotated}", which this controller does not serve'
    if name is None:
        return "it names no class, and no IngressClass is the default"
    return f"its class {name} belongs to {evidence.snapshot.ingress_classes['', name].controller or 'no controller'}"


def _classes(evidence: Evidence) -> str:
    found = sorted(evidence.snapshot.ingress_classes.values(), key=lambda each: each.metadata.name)
    listed = ", ".join(f"{each.metadata.name} ({each.controller})" for each in found)
    return f"the classes of this cluster: {listed}" if listed else "this cluster has no IngressClass"


def _way(evidence: Evidence, ident: Ident, written: str, annotated: bool) -> str:
    """The command that gives the object a class of ours: the one with a similar name if there is one."""
    ours = [name for (_, name), each in sorted(evidence.snapshot.ingress_classes.items()) if each.controller == CONTROLLER]
    name = next(iter([*get_close_matches(written, ours, 1, 0.5), *ours]), "")
    if not name:
        made = {"apiVersion": "networking.k8s.io/v1", "kind": "IngressClass", "metadata": {"name": evidence.config.ingress_class or "alb"}}
        return f"echo '{json.dumps(made | {'spec': {'controller': CONTROLLER}})}' | kubectl apply -f -"
    if annotated:
        return f"kubectl annotate ingress -n {ident.namespace} {ident.name} {CLASS_ANNOTATION}={name} --overwrite"
    return f"kubectl patch ingress -n {ident.namespace} {ident.name} --type merge -p '{json.dumps({'spec': {CLASS: name}})}'"


def _service(evidence: Evidence, service: Service, ident: Ident, reason: str) -> Cause:
    wanted, given = evidence.config.load_balancer_class, service.load_balancer_class
    if service.type != TYPE:
        said = f"its type is {service.type}, and only type {TYPE} asks for a load balancer"
    elif given is not None:
        said = f'its loadBalancerClass is "{given}", and this controller serves "{wanted}"'
    else:
        said = f"it has no loadBalancerClass, so it belongs to the cloud provider of the cluster; this controller serves {wanted}"
    spec = {"spec": {"type": TYPE, "loadBalancerClass": wanted}}
    way = f"kubectl patch service -n {ident.namespace} {ident.name} --type merge -p '{json.dumps(spec)}'"
    return cause(
        "LB601",
        Origin.of(ident, "spec.loadBalancerClass"),
        way,
        kind=ident.kind,
        reason=reason or said,
        classes="the class of a Service cannot be changed later",
        controllers=controllers.words(evidence),
        way=f"`{way}`; a Service that has a class already must be created again",
    )
