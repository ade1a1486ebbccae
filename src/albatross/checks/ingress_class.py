"""The class of an Ingress in files that do not contain the class."""

from collections.abc import Iterator
from itertools import islice

from albatross.catalog.annotations.ingress import PREFIX
from albatross.catalog.spelling import meant
from albatross.catalog.webhooks import CLASS_ANNOTATION
from albatross.model.problem import Origin, Problem
from albatross.model.snapshot import Ingress, Snapshot

USUAL = "alb"
"""The class that the Helm charts of both controllers create."""
NAMES = 200
"""The most classes that a name is compared with (chosen by us; a file with more is generated)."""


def check(ingress: Ingress, snapshot: Snapshot) -> Iterator[Problem]:
    """A name that is probably mistyped. In a cluster this is certain, and the Ingress is refused (LB201).

    Only an Ingress with our annotations is judged; with the class annotation, the name decides nothing.
    """
    name, annotations = ingress.ingress_class_name, ingress.metadata.annotations
    if name is None or snapshot.complete or ("", name) in snapshot.ingress_classes:
        return
    if CLASS_ANNOTATION in annotations or not any(key.startswith(PREFIX) for key in annotations):
        return
    known = [USUAL, *(each for _, each in islice(snapshot.ingress_classes, NAMES))]
    if name != USUAL and (wanted := meant(name, known)):
        at = Origin("Ingress", ingress.metadata.namespace, ingress.metadata.name, "spec.ingressClassName")
        yield Problem("LB763", at, (("meant", wanted), ("name", name)))
