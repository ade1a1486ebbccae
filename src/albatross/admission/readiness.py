"""`/mutate-v1-pod`: the readiness gates of new pods, one for each target group that will contain the pod.

Source: `pkg/inject/pod_readiness/pod_readiness_gate.go` of the other controller. The namespaces with this webhook are chosen by the
selector of its registration.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from albatross.admission.handler import Handler, Submission
from albatross.admission.review import ALLOWED, Response
from albatross.catalog.shape import Cursor
from albatross.model.config import Config
from albatross.model.snapshot import Service, Snapshot
from albatross.planner.readiness import PREFIX

LEGACY = "target-health.alb.ingress.k8s.aws"
"""The start of the condition types of controllers before version 2."""


def enabled(config: Config) -> bool:
    """Whether the setting switches it on."""
    return config.enable_pod_readiness_gate_inject


def answer(given: Submission) -> Response:
    """A new pod gets the gate of every binding that will register it; then the gates of old controllers are removed."""
    review = given.review
    if not review.create or not enabled(given.config):
        return ALLOWED
    pod = Cursor(review.object)
    labels, gates = pod["metadata"]["labels"].strings(), pod["spec"]["readinessGates"]
    wanted = list(_wanted(review.namespace, labels, given.snapshot))
    kept = [gate for gate in gates.items() if not (wanted and gate["conditionType"].text().startswith(LEGACY))]
    present = {gate["conditionType"].text() for gate in kept}
    added: list[Any] = [{"conditionType": kind} for kind in wanted if kind not in present]
    if not added and len(kept) == len(gates.items()):
        return ALLOWED
    return Response(patch=({"op": "add", "path": "/spec/readinessGates", "value": [gate.value for gate in kept] + added},))


def _wanted(namespace: str, labels: Mapping[str, str], snapshot: Snapshot) -> Iterator[str]:
    """The gates in the order of the bindings' names. A binding that is being deleted would never set its gate."""
    for (within, name), binding in sorted(snapshot.bindings.items()):
        if within != namespace or binding.target_type != "ip" or binding.metadata.deleting:
            continue
        service = snapshot.services.get((namespace, binding.service))
        if service is not None and _selects(service, labels):
            yield PREFIX + name


def _selects(service: Service, labels: Mapping[str, str]) -> bool:
    """Whether the Service has a selector, and the labels match it."""
    return bool(service.selector) and all(labels.get(key) == value for key, value in service.selector.items())


HANDLER = Handler(kind="Pod", answer=answer, enabled=enabled)
