"""Whether an Ingress is ours, and which class parameters apply to it."""

from dataclasses import dataclass

from albatross.catalog.annotations.ingress import PREFIX
from albatross.catalog.bounds import ITEMS, WORDS
from albatross.catalog.selector import matches
from albatross.catalog.spelling import meant
from albatross.frontend.near import hint
from albatross.model.config import Config
from albatross.model.problem import Origin, Problem
from albatross.model.snapshot import Ingress, IngressClass, IngressClassParams, Snapshot

CONTROLLER = "ingress.k8s.aws/alb"
CLASS_ANNOTATION = "kubernetes.io/ingress.class"
DEFAULT_CLASS = "ingressclass.kubernetes.io/is-default-class"
PARAMS = ("elbv2.k8s.aws", "IngressClassParams")


@dataclass(frozen=True, slots=True)
class Claim:
    """Whether an Ingress is ours, and its class parameters. If `problem` is set, this is unknown."""

    ours: bool
    params: IngressClassParams | None = None
    problem: Problem | None = None


def origin(ingress: Ingress, field: str = "") -> Origin:
    """A field of an Ingress."""
    return Origin("Ingress", ingress.metadata.namespace, ingress.metadata.name, field)


def defaults(snapshot: Snapshot) -> tuple[IngressClass, ...]:
    """The classes with the default mark, sorted by name; there should be at most one."""
    found = [each for each in snapshot.ingress_classes.values() if marked(each)]
    return tuple(sorted(found, key=lambda each: each.metadata.name))


def marked(found: IngressClass) -> bool:
    """Whether a class has the default mark."""
    return found.metadata.annotations.get(DEFAULT_CLASS) == "true"


def served(annotated: str, config: Config) -> bool:
    """Whether a value of the class annotation is ours."""
    return annotated == config.ingress_class or (not config.ingress_class and annotated == "alb")


def _mistyped(annotated: str, ingress: Ingress, snapshot: Snapshot, config: Config) -> bool:
    """Whether our class was meant: the Ingress has our annotations, no class has this name, and the spelling differs a little."""
    if ("", annotated) in snapshot.ingress_classes or not _annotated(ingress):
        return False
    return bool(meant(annotated, [config.ingress_class or "alb"]))


def claim(ingress: Ingress, snapshot: Snapshot, config: Config) -> Claim:
    """Decide whether an Ingress is ours. If it has the class annotation, only the annotation decides."""
    annotated = ingress.metadata.annotations.get(CLASS_ANNOTATION)
    if annotated is not None:
        if served(annotated, config) or not _mistyped(annotated, ingress, snapshot, config):
            return Claim(served(annotated, config))
        at = origin(ingress, f'metadata.annotations["{CLASS_ANNOTATION}"]')
        return _unclear("LB757", at, name=annotated, meant=config.ingress_class or "alb")
    name = ingress.ingress_class_name
    if name is None:
        default = defaults(snapshot)
        if len(default) > 1:
            listed = ", ".join(found.metadata.name for found in default)
            return _unclear("LB205", origin(ingress, "spec.ingressClassName"), classes=listed)
        if not default:
            ours = not config.ingress_class
            return (
                Claim(ours) if ours or snapshot.complete or not _annotated(ingress) else _unclear("LB250", origin(ingress, "metadata.name"))
            )
        name = default[0].metadata.name
    found = snapshot.ingress_classes.get(("", name))
    if found is None:
        if not snapshot.complete:
            # The class may be in another file. An Ingress with our annotations is meant for us.
            return Claim(name == (config.ingress_class or "alb") or _annotated(ingress))
        return _unclear("LB201", origin(ingress, "spec.ingressClassName"), name=name, hint=hint(("", name), snapshot.ingress_classes))
    if found.controller != CONTROLLER:
        return Claim(False)
    return _ruled(ingress, found, snapshot) if found.parameters else Claim(True)


def _annotated(ingress: Ingress) -> bool:
    """Whether an Ingress has annotations of ours."""
    return any(key.startswith(PREFIX) for key in ingress.metadata.annotations)


def _ruled(ingress: Ingress, found: IngressClass, snapshot: Snapshot) -> Claim:
    at, reference = origin(ingress, "spec.ingressClassName"), found.parameters
    assert reference is not None, "only called for a class that has parameters"
    if (reference.api_group, reference.kind) != PARAMS:
        return _unclear("LB202", at, name=found.metadata.name, kind=reference.kind, group=reference.api_group or "")
    params = snapshot.ingress_class_params.get(("", reference.name))
    if params is None and not snapshot.complete:
        return Claim(True)
    if params is None:
        near = hint(("", reference.name), snapshot.ingress_class_params)
        return _unclear("LB203", at, name=reference.name, by=found.metadata.name, hint=near)
    if excess := _excess(params):
        return _unclear("LB768", at, what=f"IngressClassParams {reference.name}", count=str(excess), of="entries", most=str(ITEMS))
    selector = params.namespace_selector
    if selector is not None and (selector.match_labels or selector.match_expressions):
        namespace = snapshot.namespaces.get(("", ingress.metadata.namespace))
        unknown = namespace is None and not snapshot.complete
        if not unknown and (namespace is None or not matches(selector, namespace.metadata.labels)):
            return _unclear("LB204", at, name=reference.name, namespace=ingress.metadata.namespace)
    return Claim(True, params)


def _excess(params: IngressClassParams) -> int:
    """The number of entries of the class parameters, if it is more than what is read; else 0. A long text counts as many entries."""
    texts = (params.load_balancer_name, params.ssl_policy, params.ssl_redirect_port, params.wafv2_acl_arn, params.wafv2_acl_name)
    lists = (params.certificate_arn, params.inbound_cidrs, params.prefix_lists_ids, params.prefix_lists_ids_legacy, params.tags)
    count = max(*(len(each) // WORDS for each in texts), *map(len, lists), len(params.load_balancer_attributes), len(params.listeners))
    count = max(count, sum(len(each.attributes) for each in params.listeners))
    if selector := params.namespace_selector:
        count = max(
            count, len(selector.match_labels), len(selector.match_expressions), sum(len(e.values) for e in selector.match_expressions)
        )
    if params.subnets:
        count = max(count, len(params.subnets.ids or ()), sum(1 + len(each) for each in (params.subnets.tags or {}).values()))
    return count if count > ITEMS else 0


def _unclear(code: str, at: Origin, **args: str) -> Claim:
    return Claim(False, problem=Problem(code, at, tuple(sorted(args.items()))))
