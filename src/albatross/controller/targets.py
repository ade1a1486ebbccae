"""The fast loop: a pod turns ready, its target is registered. It meets the model loop only in the TargetGroupBinding.

Registrations go first and on what is remembered of the target group, so that a new pod waits for one call; the rest (ports of security
groups, readiness gates, status) follows.
"""

import asyncio
import time
from collections.abc import Iterable
from dataclasses import dataclass, field, replace

import structlog

from albatross.aws import errors, health
from albatross.aws.client import Session
from albatross.aws.lookup import look
from albatross.controller import shared
from albatross.controller.access import Access, Asked
from albatross.kube import patch
from albatross.kube.cache import Cache, Change
from albatross.kube.client import Client
from albatross.kube.events import Event, Recorder
from albatross.model.config import Config
from albatross.model.facts import Vpc, VpcFact
from albatross.model.snapshot import EndpointSlice, Key, Node, Pod, Service, TargetGroupBinding
from albatross.model.target import Endpoints, Gate, Registered, Target
from albatross.planner import readiness, targets
from albatross.planner.targets import Bounds, View

log = structlog.get_logger("targets")

FINALIZER = "elbv2.k8s.aws/resources"

TRUST_SECONDS = 300.0
"""How long healthy targets are believed to be registered without asking again."""

KIND = "TargetGroupBinding"


@dataclass(frozen=True, slots=True)
class Memory:
    """What a target group held when last seen, and when."""

    registered: tuple[Registered, ...]
    at: float

    @property
    def fresh(self) -> bool:
        """Whether it may be believed: recent, and nothing in it is on its way."""
        return time.monotonic() - self.at < TRUST_SECONDS and all(r.state == "healthy" for r in self.registered)


@dataclass
class TargetsLoop:
    """Reconciles bindings, one at a time each; `recorder` writes events with component `targetGroupBinding`."""

    session: Session
    client: Client
    cache: Cache
    config: Config
    recorder: Recorder
    access: Access = field(init=False)
    memory: dict[str, Memory] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.access = Access(self.session, self.config)

    # Waking -------------------------------------------------------------------------------------------------------

    def wakes(self, change: Change) -> Iterable[Key]:
        """The bindings that a change concerns."""
        noun = change.new or change.old
        if isinstance(noun, TargetGroupBinding):
            return [change.key]
        if isinstance(noun, EndpointSlice):
            return self._of_service((noun.namespace, noun.service), "ip")
        if isinstance(noun, Service):
            return self._of_service(change.key, "") if _ports(change.old) != _ports(change.new) else []
        if isinstance(noun, Node):
            return [key for key, b in self._bindings() if b.target_type == "instance" and self._flips(b, change)]
        if isinstance(noun, Pod):
            names = [g.removeprefix(readiness.PREFIX) for g in noun.readiness_gates if g.startswith(readiness.PREFIX)]
            return [(noun.namespace, name) for name in names]
        return []

    def _bindings(self) -> list[tuple[Key, TargetGroupBinding]]:
        return list(self.cache.objects(KIND).items())

    def _of_service(self, service: Key, kind: str) -> list[Key]:
        return [key for key, b in self._bindings() if (key[0], b.service) == service and kind in ("", b.target_type)]

    def _flips(self, binding: TargetGroupBinding, change: Change) -> bool:
        def takes(node: object) -> object:
            return isinstance(node, Node) and targets.suitable(node, binding.node_selector) and (node.ready, node.provider_id)

        return takes(change.old) != takes(change.new)

    # Reconciling --------------------------------------------------------------------------------------------------

    async def reconcile(self, key: Key) -> float | None:
        """Bring one target group in line with its binding; seconds until another look is due, or None. Errors: AwsError, KubeError."""
        binding: TargetGroupBinding | None = self.cache.get(KIND, key)
        if binding is None:
            await self.access.forget(key, self._expected())
            return None
        if binding.metadata.deleting:
            await self._clean_up(binding)
            return None
        if FINALIZER not in binding.metadata.finalizers:
            await patch.finalizers(self.client, KIND, binding.metadata, patch.Finalizers(add=frozenset({FINALIZER})))
        due = await self._bring(binding)
        if binding.observed_generation < binding.metadata.generation:
            await patch.observed(self.client, binding.metadata, binding.metadata.generation)
            self._tell(binding, "Normal", "SuccessfullyReconciled", "Successfully reconciled")
        return due

    async def _bring(self, binding: TargetGroupBinding) -> float | None:
        view = self._view(binding)
        found = targets.endpoints(binding, view)
        if not found.known:
            self._tell(binding, "Warning", "BackendNotFound", f"backend not found: no port {binding.port} on service {binding.service}")
        for node in found.unusable:
            self._tell(binding, "Warning", "NodeSkipped", f"node {node} is no EC2 instance: its providerID names none")
        registered = await self._register(binding, found)
        await self.access.ask(Asked(binding, found.wanted, view.pods, view.nodes), self._expected())
        return await self._tell_pods(binding, found, registered)

    async def _register(self, binding: TargetGroupBinding, found: Endpoints) -> tuple[Registered, ...]:
        arn = binding.target_group_arn
        wanted = await self._placed(binding, readiness.targets(found.wanted))
        remembered = self.memory.get(arn)
        registered = remembered.registered if remembered and remembered.fresh else await self._look(arn)
        bounds = Bounds(most=self.config.max_targets_per_target_group, mine=await self._mine(binding))
        change = targets.diff(wanted, registered, bounds)
        if not change:
            return registered
        if binding.multi_cluster:
            await shared.write(self.client, binding.metadata.key, wanted)
        self.memory.pop(arn, None)
        if change.register:
            await health.register(self.session, arn, change.register)
        if change.deregister:
            await health.deregister(self.session, arn, change.deregister)
        log.info("targets", binding="/".join(binding.metadata.key), registered=len(change.register), deregistered=len(change.deregister))
        return tuple(r for r in registered if r.target not in {*change.register, *change.deregister})

    async def _look(self, arn: str) -> tuple[Registered, ...]:
        registered = await health.registered(self.session, arn)
        self.memory[arn] = Memory(registered, time.monotonic())
        return registered

    async def _placed(self, binding: TargetGroupBinding, wanted: tuple[Target, ...]) -> tuple[Target, ...]:
        if binding.target_type != "ip" or not wanted:
            return wanted
        answer = (await look(self.session, [Vpc()], self.config)).answers[Vpc()]
        cidrs = [c for v in answer if isinstance(v, VpcFact) for c in (*v.cidrs, *v.ipv6_cidrs)] if isinstance(answer, tuple) else []
        return targets.placed(wanted, cidrs) if cidrs else wanted

    async def _mine(self, binding: TargetGroupBinding) -> frozenset[str] | None:
        if not binding.multi_cluster:
            return None
        return await shared.read(self.client, binding.metadata.key) or frozenset()

    async def _tell_pods(self, binding: TargetGroupBinding, found: Endpoints, registered: tuple[Registered, ...]) -> float | None:
        """Write readiness gates; while a gated pod waits for its target, look again soon."""
        name, pods = binding.metadata.name, self.cache.objects("Pod")
        gates = readiness.gates(name, found.wanted, registered, pods)
        await asyncio.gather(*(self._gate(gate) for gate in gates))
        return self.config.targetgroupbinding_requeue_seconds if readiness.pending(name, found.wanted, registered, pods) else None

    async def _gate(self, gate: Gate) -> None:
        pod: Pod | None = self.cache.get("Pod", gate.pod)
        before = readiness.current(pod, gate.type) if pod else None
        await patch.condition(self.client, gate, turned=before is None or before.status != gate.status)

    # Leaving ------------------------------------------------------------------------------------------------------

    async def _clean_up(self, binding: TargetGroupBinding) -> None:
        if FINALIZER not in binding.metadata.finalizers:
            return
        await self._empty(binding)
        if binding.multi_cluster:
            await shared.remove(self.client, binding.metadata.key)
        await self.access.forget(binding.metadata.key, self._expected())
        kind = readiness.PREFIX + binding.metadata.name
        pods = [
            p
            for (namespace, _), p in self.cache.objects("Pod").items()
            if namespace == binding.metadata.namespace and kind in p.readiness_gates
        ]
        gates = [Gate((p.namespace, p.name), p.uid, kind, "True", "", "Target Group Binding is deleted") for p in pods]
        await asyncio.gather(*(self._gate(gate) for gate in gates))
        await patch.finalizers(self.client, KIND, binding.metadata, patch.Finalizers(remove=frozenset({FINALIZER})))

    async def _empty(self, binding: TargetGroupBinding) -> None:
        """Deregister what is ours; a target group that is gone has nothing to give back."""
        try:
            registered = await health.registered(self.session, binding.target_group_arn)
            change = targets.diff((), registered, Bounds(mine=await self._mine(binding)))
            if change.deregister:
                await health.deregister(self.session, binding.target_group_arn, change.deregister)
        except (errors.NotFound, errors.Invalid):
            pass
        self.memory.pop(binding.target_group_arn, None)

    # Seeing -------------------------------------------------------------------------------------------------------

    def _view(self, binding: TargetGroupBinding) -> View:
        key = (binding.metadata.namespace, binding.service)
        return View(
            service=self.cache.get("Service", key),
            slices=self.cache.slices(key),
            pods=self.cache.objects("Pod"),
            nodes={n.name: n for n in self.cache.objects("Node").values()},
            fail_open=self.config.gate("EndpointsFailOpen"),
        )

    def _expected(self) -> list[Key]:
        return [key for key, b in self._bindings() if b.networking and not b.metadata.deleting]

    def _tell(self, binding: TargetGroupBinding, kind: str, reason: str, message: str) -> None:
        self.recorder.emit(Event(KIND, replace(binding.metadata), kind, reason, message))


def _ports(service: object) -> object:
    return service.ports if isinstance(service, Service) else None
