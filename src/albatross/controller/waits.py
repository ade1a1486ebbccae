"""How long pods wait: for their readiness gates, and for the registration of their targets."""

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


@dataclass
class ArrivalTimes:
    """The time of the oldest change of each binding that no pass has handled yet. A registration is timed from there."""

    metrics: Metrics = field(default_factory=Metrics)
    clock: Clock = field(default_factory=Clock)
    changed: dict[Key, float] = field(default_factory=dict)
    handled: dict[Key, float] = field(default_factory=dict)

    def note(self, binding: Key) -> None:
        """An endpoint of the binding changed, or the binding itself."""
        self.changed.setdefault(binding, self.clock.now())

    def begin(self, binding: Key) -> None:
        """A pass begins, and handles all changes until now."""
        since = self.changed.pop(binding, None)
        if since is not None:
            self.handled.setdefault(binding, since)

    def registered(self, binding: Key, targets: int) -> None:
        """The pass registered this many targets. A registration that follows no change, for example at a start, is not timed."""
        since = self.handled.get(binding)
        if since is not None:
            for _ in range(targets):
                self.metrics.registrations.observe(self.clock.now() - since)

    def done(self, binding: Key) -> None:
        """The pass succeeded. After a pass that failed, the next one is still measured from the first change."""
        self.handled.pop(binding, None)
