"""How long readiness gates keep pods waiting."""

from dataclasses import dataclass, field

from albatross.clock import Clock
from albatross.controller.metrics import Metrics
from albatross.model.snapshot import Key
from albatross.model.target import Gate


@dataclass
class GateWaits:
    """Since when gates are unmet, by pod and gate; one that is met is counted in the metrics.

    A gate that is already true when first seen is not counted.
    """

    metrics: Metrics = field(default_factory=Metrics)
    clock: Clock = field(default_factory=Clock)
    unmet: dict[Key, dict[str, float]] = field(default_factory=dict)

    def note(self, binding: Key, gate: Gate) -> None:
        """A gate of the binding is about to read so."""
        if gate.status != "True":
            self.unmet.setdefault(gate.pod, {}).setdefault(gate.type, self.clock.now())
            return
        since = self.unmet.get(gate.pod, {}).pop(gate.type, None)
        if not self.unmet.get(gate.pod, True):
            del self.unmet[gate.pod]
        if since is not None:
            self.metrics.gates.labels(*binding).observe(self.clock.now() - since)

    def forget(self, pod: Key) -> None:
        """A pod is gone."""
        self.unmet.pop(pod, None)
