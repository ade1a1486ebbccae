"""How long pods wait for their readiness gates."""

from dataclasses import dataclass, field

from albatross.clock import Clock
from albatross.controller.metrics import Metrics
from albatross.model.snapshot import Key
from albatross.model.target import Gate


@dataclass
class GateWaits:
    """The time since when each gate is not True, by pod and gate. When a gate becomes True, the metrics record the wait.

    A gate that is already True when first seen is not counted.
    """

    metrics: Metrics = field(default_factory=Metrics)
    clock: Clock = field(default_factory=Clock)
    unmet: dict[Key, dict[str, float]] = field(default_factory=dict)

    def note(self, binding: Key, gate: Gate) -> None:
        """Call it before a gate of the binding is written."""
        if gate.status != "True":
            self.unmet.setdefault(gate.pod, {}).setdefault(gate.type, self.clock.now())
            return
        since = self.unmet.get(gate.pod, {}).pop(gate.type, None)
        if not self.unmet.get(gate.pod, True):
            del self.unmet[gate.pod]
        if since is not None:
            self.metrics.gates.labels(*binding).observe(self.clock.now() - since)

    def forget(self, pod: Key) -> None:
        """A pod no longer exists."""
        self.unmet.pop(pod, None)
