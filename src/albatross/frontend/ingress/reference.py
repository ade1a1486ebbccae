"""The names that Ingresses, and the objects that they read, mention; and the part of each object that can change a decision."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from itertools import islice

from albatross.catalog.annotations.ingress import ACTIONS, AUTH_OIDC, GROUP_NAME
from albatross.catalog.bounds import RULES
from albatross.catalog.good import WRITTEN
from albatross.catalog.kinds import Noun
from albatross.catalog.texts import under
from albatross.frontend.ingress import tenancy
from albatross.frontend.ingress.ownership import CLASS_ANNOTATION, DEFAULT_CLASS, PARAMS, marked
from albatross.model.ident import Ident
from albatross.model.snapshot import Ingress, IngressBackend, IngressClass, IngressClassParams, Metadata, Namespace, Secret, Service

DEFAULT = Ident("IngressClass", "", "")
"""The class of an Ingress that names no class. It means every class with the default mark."""


def mentions(noun: Noun) -> frozenset[Ident]:
    """The objects that an object depends on, whether they exist or not. An annotation that cannot be parsed mentions no object."""
    match noun:
        case Ingress():
            namespace = noun.metadata.namespace
            services = (Ident("Service", namespace, name) for name in _services(noun))
            return frozenset((*services, *_secrets(noun.metadata), *_class(noun), *_group(noun), Ident("Namespace", "", namespace)))
        case Service():
            return frozenset(_secrets(noun.metadata))
        case IngressClass(parameters=found) if found and (found.api_group, found.kind) == PARAMS:
            return frozenset({Ident(found.kind, "", found.name)})
        case IngressClassParams(group_name=str(group)):
            return frozenset({tenancy.named(group)})
        case _:
            return frozenset()


def names(noun: Noun) -> frozenset[Ident]:
    """Names under which others mention an object, in addition to its own name.

    Ingresses without a class mention a default class, and members of a group the IngressClassParams that can have its policy.
    """
    match noun:
        case IngressClassParams(group_name=str(group)):
            return frozenset({tenancy.named(group)})
        case IngressClass() if marked(noun):
            return frozenset({DEFAULT})
        case _:
            return frozenset()


def essence(noun: Noun) -> object:
    """The part of an object that can change a decision: everything except status, finalizers and labels."""
    match noun:
        case Ingress() | Service():
            written = {key: text for key, text in noun.metadata.annotations.items() if key not in WRITTEN}
            return replace(noun, metadata=_core(noun.metadata, written), status=())
        case IngressClassParams():
            return replace(noun, metadata=_core(noun.metadata))
        case IngressClass():
            return replace(noun, metadata=_core(noun.metadata, {DEFAULT_CLASS: str(marked(noun))}))
        case Namespace():
            return noun.metadata.labels
        case Secret():
            return (noun.data, noun.metadata.deleting)
        case _:
            return None


def _core(metadata: Metadata, annotations: Mapping[str, str] | None = None) -> Metadata:
    kept = metadata.annotations if annotations is None else annotations
    return Metadata(
        namespace=metadata.namespace, name=metadata.name, uid=metadata.uid, deletion_timestamp=metadata.deletion_timestamp, annotations=kept
    )


def _class(ingress: Ingress) -> Iterable[Ident]:
    if CLASS_ANNOTATION in ingress.metadata.annotations:
        return ()  # with the annotation, spec.ingressClassName has no effect
    name = ingress.ingress_class_name
    return (DEFAULT if name is None else Ident("IngressClass", "", name),)


def _group(ingress: Ingress) -> Iterable[Ident]:
    """The policy of the group that its annotation names. The policy of a group that its class names is mentioned by the class."""
    group = ingress.metadata.annotations.get(GROUP_NAME.key)
    return () if group is None else (tenancy.named(group),)


def _services(ingress: Ingress) -> set[str]:
    # An Ingress with more backends is refused, so its other Services do not matter.
    named = {backend.service for backend in islice(_backends(ingress), RULES + 1) if backend.service}
    acted = (under(text, "servicename") for key, text in ingress.metadata.annotations.items() if key.startswith(ACTIONS.stem))
    return named.union(*acted)


def _secrets(metadata: Metadata) -> Iterator[Ident]:
    """The Secrets that the object's own OIDC annotation mentions."""
    if text := metadata.annotations.get(AUTH_OIDC.key):
        yield from (Ident("Secret", metadata.namespace, name) for name in under(text, "secretname"))


def _backends(ingress: Ingress) -> Iterator[IngressBackend]:
    if ingress.default_backend:
        yield ingress.default_backend
    for rule in ingress.rules:
        for path in rule.paths or ():
            yield path.backend
