"""Target health → the readiness gates of the pods behind the targets."""

from collections.abc import Iterable, Mapping

from albatross.model.snapshot import Key, Pod, PodCondition
from albatross.model.target import Gate, Registered, Target, Wanted

PREFIX = "target-health.elbv2.k8s.aws/"
"""The condition type of a gate: this prefix and the name of the TargetGroupBinding."""

REGISTERING = ("Elb.RegistrationInProgress", "Target registration is in progress")


def gates(binding: str, wanted: Iterable[Wanted], registered: Iterable[Registered], pods: Mapping[Key, Pod]) -> tuple[Gate, ...]:
    """The gates that must change, one per pod. If a pod has several targets, the first one that is not healthy decides.

    A target that is not in the list yet has just been registered.
    """
    kind = PREFIX + binding
    health = {r.target: r for r in registered}
    found: dict[Key, Gate] = {}
    for want in wanted:
        if want.pod and (pod := pods.get(want.pod)) and kind in pod.readiness_gates:
            gate = gate_of(pod, kind, health.get(want.target))
            if want.pod not in found or found[want.pod].status == "True":
                found[want.pod] = gate
    return tuple(gate for key, gate in found.items() if not _reads(gate, current(pods[key], kind)))


def pending(binding: str, wanted: Iterable[Wanted], registered: Iterable[Registered], pods: Mapping[Key, Pod]) -> bool:
    """Whether a pod with a gate still waits for a healthy target, so that the next check must be soon."""
    healthy = {r.target for r in registered if r.state == "healthy"}
    return any(w.target not in healthy and gated(w, binding, pods) for w in wanted)


def gated(want: Wanted, binding: str, pods: Mapping[Key, Pod]) -> bool:
    """Whether the pod behind the target has the binding's gate."""
    pod = pods.get(want.pod) if want.pod else None
    return pod is not None and PREFIX + binding in pod.readiness_gates


def gate_of(pod: Pod, kind: str, health: Registered | None) -> Gate:
    """The gate for the health of one target; None: it was registered in this pass."""
    key = (pod.namespace, pod.name)
    if health is None:
        return Gate(key, pod.uid, kind, "False", *REGISTERING)
    if not health.state:
        return Gate(key, pod.uid, kind, "Unknown")
    return Gate(key, pod.uid, kind, "True" if health.state == "healthy" else "False", health.reason, health.description)


def current(pod: Pod, kind: str) -> PodCondition | None:
    """The pod's condition of that type."""
    return next((c for c in pod.conditions if c.type == kind), None)


def _reads(gate: Gate, condition: PodCondition | None) -> bool:
    return condition is not None and (condition.status, condition.reason, condition.message) == (gate.status, gate.reason, gate.message)


def targets(wanted: Iterable[Wanted]) -> tuple[Target, ...]:
    """Only the targets, without duplicates."""
    return tuple(dict.fromkeys(w.target for w in wanted))
