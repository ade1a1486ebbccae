"""The reports of a pass of the targets loop: events and status of bindings, and the conditions of pods."""

import asyncio
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from albatross.catalog import problems, quic, webhooks
from albatross.catalog.event import SUCCESS
from albatross.catalog.kinds import KINDS
from albatross.controller import fault
from albatross.controller.bindings import KIND
from albatross.controller.board import Board
from albatross.errors import AlbatrossError
from albatross.kube import patch
from albatross.kube.cache import Cache
from albatross.kube.client import Client
from albatross.kube.errors import KubeNotFound
from albatross.kube.events import Event, Recorder
from albatross.model.problem import Origin
from albatross.model.snapshot import Key, Pod, TargetGroupBinding
from albatross.model.target import Endpoints, Gate
from albatross.planner import readiness, targets
from albatross.planner.targets import View

_INJECTION = (
    f"Label the namespace {webhooks.QUIC_LABEL}=enabled, name the container in the annotation {quic.ANNOTATION} of the pod,"
    " and create the pod again"
)


@dataclass
class Reporter:
    """The only writer of events and statuses of bindings. `gating`: whether the cluster allows readiness gates.

    `stuck`: uids of bindings with a status condition about a failed deletion; `failing`: of those with a failed last pass.
    """

    client: Client
    cache: Cache
    recorder: Recorder
    cluster: str = ""
    stuck: set[str] = field(default_factory=set)
    gating: bool = True
    failing: set[str] = field(default_factory=set)
    board: Board = field(default_factory=Board)

    def say(self, binding: TargetGroupBinding, kind: str, reason: str, message: str) -> None:
        """Record an event."""
        self.recorder.emit(Event(KIND, binding.metadata, kind, reason, message))

    def warn(self, binding: TargetGroupBinding, reason: str, message: str) -> None:
        """Record a Warning."""
        self.say(binding, "Warning", reason, message)

    async def well(self, binding: TargetGroupBinding) -> None:
        """A pass succeeded: report it once for each generation of the binding, and after a failure."""
        newer = binding.observed_generation < binding.metadata.generation
        if newer:
            await patch.observed(self.client, binding.metadata, binding.metadata.generation)
        if newer or binding.metadata.uid in self.failing:
            self.say(binding, "Normal", SUCCESS, "Successfully reconciled")
        self.failing.discard(binding.metadata.uid)
        self.forget(binding.metadata.key)

    def forget(self, binding: Key) -> None:
        """A binding has no problem any more, or does not exist any more."""
        self.board.note((KIND, binding), ())

    async def failed(self, binding: TargetGroupBinding, error: AlbatrossError) -> None:
        """Report why a pass failed. A failed deletion also gets a status condition, once, because the object stays until it succeeds."""
        self.failing.add(binding.metadata.uid)
        found = fault.problem(
            error, Origin(KIND, *binding.metadata.key), f"targets of {binding.metadata.name}{_lent(binding)}", self.cluster
        )
        self.board.note((KIND, binding.metadata.key), [found])
        why = problems.sentence(found)
        if not binding.metadata.deleting:
            self.warn(binding, "FailedReconcile", f"Failed reconcile due to {why}")
            return
        self.warn(binding, "FailedCleanup", f"Failed cleanup due to {why}")
        if binding.metadata.uid in self.stuck:
            return
        self.stuck.add(binding.metadata.uid)
        told = {"type": "Ready", "status": "False", "reason": "FailedCleanup", "message": why}
        told["lastTransitionTime"] = self.client.clock.utc().strftime("%Y-%m-%dT%H:%M:%SZ")
        try:
            await self.client.patch(f"{KINDS[KIND].path(*binding.metadata.key)}/status", {"status": {"conditions": [told]}})
        except KubeNotFound:
            pass

    def closed(self, binding: TargetGroupBinding, error: AlbatrossError) -> None:
        """Report why the ports of the targets stay closed."""
        what = f"security group rules for targets of {binding.metadata.name}"
        self.warn(binding, "FailedNetworkReconcile", fault.words(error, what, self.cluster))

    def complain(self, binding: TargetGroupBinding, view: View, found: Endpoints) -> None:
        """Report problems with the endpoints of a binding's Service."""
        service = "/".join((binding.metadata.namespace, binding.service))
        if not found.known:
            self.warn(binding, "BackendNotFound", f"backend not found: no port {binding.port} on service {binding.service}")
        elif binding.target_type == "instance" and view.service and view.service.type not in targets.TRAFFIC_TYPES:
            why = f"service type must be either 'NodePort' or 'LoadBalancer': {service}"
            self.warn(binding, "FailedReconcile", f"Failed reconcile due to {why}")
        for node in found.unusable:
            self.warn(binding, "NodeSkipped", f"node {node} is not an EC2 instance: its providerID does not name one")
        if found.anonymous:
            pods = ", ".join(name for _, name in found.anonymous)
            self.warn(binding, "ServerIdMissing", f"no target for {pods}: a target of a QUIC target group needs a server id. {_INJECTION}")

    # Readiness gates ----------------------------------------------------------------------------------------------

    async def gates(self, gates: Iterable[Gate]) -> None:
        """Write the readiness gate conditions of pods, if the cluster allows it."""
        if not self.gating:
            return
        await asyncio.gather(*(self._gate(gate) for gate in gates))

    async def gone(self, binding: TargetGroupBinding) -> None:
        """Set the readiness gates of a deleted binding to True, so that they do not block pods."""
        kind = readiness.PREFIX + binding.metadata.name
        pods = self._gated(self.cache.objects("Pod"), binding.metadata.namespace, kind)
        await self.gates([Gate((pod.namespace, pod.name), pod.uid, kind, "True", "", "Target Group Binding is deleted") for pod in pods])

    def _gated(self, pods: Mapping[Key, Pod], namespace: str, kind: str) -> list[Pod]:
        return [pod for (space, _), pod in pods.items() if space == namespace and kind in pod.readiness_gates]

    async def _gate(self, gate: Gate) -> None:
        pod: Pod | None = self.cache.get("Pod", gate.pod)
        before = readiness.current(pod, gate.type) if pod else None
        await patch.condition(self.client, gate, turned=before is None or before.status != gate.status)


def _lent(binding: TargetGroupBinding) -> str:
    """How the role of a binding is assumed, if it has one."""
    if not binding.iam_role_arn:
        return ""
    return f" (role assumed with {'assumeRoleExternalId' if binding.external_id else 'no external id'})"
