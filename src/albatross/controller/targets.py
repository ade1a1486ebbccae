"""The fast loop: a pod turns ready, its target is registered. It meets the model loop only in the TargetGroupBinding.

Registrations go first and on what is remembered of the target group, so that a new pod waits for one call; the rest (ports of security
groups, readiness gates, status) follows or goes on beside it.
"""

import asyncio
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace

import structlog

from albatross.aws.session import errors
from albatross.aws.session.assume import Roles
from albatross.aws.session.client import Session
from albatross.aws.targets import health
from albatross.catalog.kinds import KINDS
from albatross.catalog.tracking import BINDING_FINALIZER as FINALIZER
from albatross.controller import fault, shared
from albatross.controller.known import KnownTargets, after
from albatross.controller.networking import Asked, Networking
from albatross.controller.waits import GateWaits
from albatross.errors import AlbatrossError
from albatross.kube import patch
from albatross.kube.cache import Cache, Change
from albatross.kube.client import Client
from albatross.kube.errors import KubeError, NotFound
from albatross.kube.events import Event, Recorder
from albatross.model.config import Config
from albatross.model.snapshot import EndpointSlice, Key, Node, Pod, Service, TargetGroupBinding
from albatross.model.target import Endpoints, Gate, Registered, Target
from albatross.planner import readiness, targets
from albatross.planner.targets import Bounds, View

log = structlog.get_logger("targets")

KIND = "TargetGroupBinding"


class Nodes(Mapping[str, Node]):
    """Nodes by name, over the cache's own map: nothing is copied."""

    def __init__(self, found: Mapping[Key, Node]) -> None:
        self._found = found

    def __getitem__(self, name: str) -> Node:
        return self._found[("", name)]

    def __iter__(self) -> Iterator[str]:
        return (name for _, name in self._found)

    def __len__(self) -> int:
        return len(self._found)


@dataclass(frozen=True, slots=True)
class Members:
    """What a target group holds after a pass; `new`: what this pass has registered, of which a look would tell nothing yet."""

    registered: tuple[Registered, ...]
    new: frozenset[Target]


@dataclass
class TargetsLoop:
    """Reconciles bindings, one at a time each; `recorder` writes events with component `targetGroupBinding`.

    `waiting`: the bindings that wait for a pod which their slices name and the cluster is not yet known to have.
    """

    session: Session
    client: Client
    cache: Cache
    config: Config
    recorder: Recorder
    waits: GateWaits = field(default_factory=GateWaits)
    known: KnownTargets = field(init=False)
    networking: Networking = field(init=False)
    roles: Roles = field(init=False)
    waiting: dict[Key, set[Key]] = field(default_factory=dict)
    _services: dict[Key, set[Key]] = field(default_factory=dict)
    _opening: set[Key] = field(default_factory=set)
    _stuck: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.networking = Networking(self.session, self.config)
        self.roles = Roles(self.session)
        self.known = KnownTargets(self.session.clock)
        for key, binding in self._bindings():
            self._note(Change(KIND, key, None, binding))
        self.cache.listen(self._note)

    # Waking -------------------------------------------------------------------------------------------------------

    def wakes(self, change: Change) -> Iterable[Key]:
        """The bindings that a change concerns."""
        noun = change.new or change.old
        if isinstance(noun, TargetGroupBinding):
            return [change.key]
        if isinstance(noun, EndpointSlice):
            return self._of_service((noun.namespace, noun.service), "ip")
        if isinstance(noun, Service):
            return self._of_service(change.key, "") if _offer(change.old) != _offer(change.new) else []
        if isinstance(noun, Node):
            return [key for key, b in self._bindings() if b.target_type == "instance" and self._flips(b, change)]
        if isinstance(noun, Pod):
            if change.new is None:
                self.waits.forget(change.key)
            names = [g.removeprefix(readiness.PREFIX) for g in noun.readiness_gates if g.startswith(readiness.PREFIX)]
            return {(noun.namespace, name) for name in names} | self.waiting.pop(change.key, set())
        return []

    def _note(self, change: Change) -> None:
        """Keep the bindings of each Service, and those that open ports."""
        for noun in (change.old, change.new):
            if isinstance(noun, TargetGroupBinding):
                keys = self._services.setdefault((change.key[0], noun.service), set())
                keys.discard(change.key)
                if noun is change.new:
                    keys.add(change.key)
                elif not keys:
                    del self._services[(change.key[0], noun.service)]
                self._opening.discard(change.key)
                if noun is change.new and noun.networking and not noun.metadata.deleting:
                    self._opening.add(change.key)

    def _bindings(self) -> list[tuple[Key, TargetGroupBinding]]:
        return list(self.cache.objects(KIND).items())

    def _of_service(self, service: Key, kind: str) -> list[Key]:
        found = {key: self.cache.get(KIND, key) for key in self._services.get(service, ())}
        return [key for key, binding in found.items() if binding and kind in ("", binding.target_type)]

    def _flips(self, binding: TargetGroupBinding, change: Change) -> bool:
        def takes(node: object) -> object:
            return isinstance(node, Node) and targets.suitable(node, binding.node_selector) and (node.ready, node.provider_id)

        return takes(change.old) != takes(change.new)

    # Reconciling --------------------------------------------------------------------------------------------------

    async def reconcile(self, key: Key) -> float | None:
        """Bring one target group in line with its binding; seconds until another look is due, or None. Errors: AlbatrossError, told."""
        binding: TargetGroupBinding | None = self.cache.get(KIND, key)
        if binding is None:
            await self.networking.forget(key, self._opening)
            return None
        try:
            if binding.metadata.deleting:
                await self._clean_up(binding)
                return None
            return await self._pass(binding)
        except (KubeError, errors.Throttled, errors.NotReady):
            raise  # it passes
        except AlbatrossError as error:
            await self._failed(binding, error)
            raise

    async def _pass(self, binding: TargetGroupBinding) -> float | None:
        if FINALIZER not in binding.metadata.finalizers:
            await patch.finalizers(self.client, KIND, binding.metadata, patch.Finalizers(add=frozenset({FINALIZER})))
        if not (binding.target_group_arn and binding.target_type and binding.ip_address_type):
            binding = await self._complete(binding)
        due = await self._bring(binding)
        if binding.observed_generation < binding.metadata.generation:
            await patch.observed(self.client, binding.metadata, binding.metadata.generation)
            self._tell(binding, "Normal", "SuccessfullyReconciled", "Successfully reconciled")
        return due

    async def _complete(self, binding: TargetGroupBinding) -> TargetGroupBinding:
        """Write into a binding made by hand what its target group knows: the work of the other controller's admission webhook."""
        session = await self._session(binding)
        item = await health.group(session, binding.target_group_arn, binding.target_group_name)
        found = {
            "targetGroupARN": binding.target_group_arn or item["TargetGroupArn"],
            "targetType": binding.target_type or item["TargetType"],
            "ipAddressType": binding.ip_address_type or item.get("IpAddressType") or "ipv4",
            **({} if binding.vpc_id or "VpcId" not in item else {"vpcID": item["VpcId"]}),
            **({} if binding.target_group_protocol or "Protocol" not in item else {"targetGroupProtocol": item["Protocol"]}),
        }
        await self.client.patch(KINDS[KIND].path(*binding.metadata.key), {"spec": found})
        texts = {"target_group_arn": found["targetGroupARN"], "target_type": found["targetType"], "ip_address_type": found["ipAddressType"]}
        return replace(binding, **texts, vpc_id=binding.vpc_id or found.get("vpcID", ""))

    async def _bring(self, binding: TargetGroupBinding) -> float | None:
        view = self._view(binding)
        found = targets.endpoints(binding, view)
        self._complain(binding, view, found)
        for pod in found.unseen:
            self.waiting.setdefault(pod, set()).add(binding.metadata.key)
        session = await self._session(binding)
        # Neither keeps the other from being done.
        both = self._register(session, binding, found), self._open(Asked(binding, found.wanted, view.pods, view.nodes))
        registered, due = await asyncio.gather(*both, return_exceptions=True)
        if isinstance(registered, BaseException):
            raise registered
        if isinstance(due, BaseException):
            raise due
        return await self._tell_pods(session, binding, found, registered) or due

    async def _open(self, asked: Asked) -> float | None:
        """Open the ports of the targets' security groups; what cannot be done now is told and tried again in a while."""
        try:
            missing = await self.networking.ask(asked, self._opening)
        except (errors.Throttled, errors.NotReady) as error:
            log.warning("target rules", binding="/".join(asked.binding.metadata.key), error=str(error))
        except errors.AwsError as error:
            self._tell(asked.binding, "Warning", "FailedNetworkReconcile", str(error))
        else:
            if not missing:
                return None
            why = f"ports stay closed, because no network interface is known yet for {', '.join(missing)}"
            self._tell(asked.binding, "Warning", "FailedNetworkReconcile", why)
        return self.config.targetgroupbinding_requeue_seconds

    async def _session(self, binding: TargetGroupBinding) -> Session:
        return await self.roles.session(binding.iam_role_arn, binding.external_id)

    async def _register(self, session: Session, binding: TargetGroupBinding, found: Endpoints) -> Members:
        """Register what is missing, deregister what is too much; the target group's members afterwards."""
        arn = binding.target_group_arn
        wanted = await self._placed(session, binding, readiness.targets(found.wanted))
        most = self.config.max_targets_per_target_group
        registered = None if most else self.known.members(arn)  # a limit counts what is still draining, which only a look tells
        if registered is None:
            registered = await self.known.look(session, arn)
        mine = await shared.read(self.client, binding.metadata.key) if binding.multi_cluster else None
        only = mine or frozenset() if binding.multi_cluster else None
        change = targets.diff(wanted, registered, Bounds(most=most, mine=only))
        names = frozenset(targets.name(t) for t in wanted)
        if binding.multi_cluster and (mine is None or not names <= mine):
            # what is leaving stays in the list until it has left, so that a crash forgets nothing
            await shared.write(self.client, binding.metadata.key, names | (mine or frozenset()))
        if change:
            await self.known.change(session, arn, change)
            counts = {"registered": len(change.register), "deregistered": len(change.deregister)}
            log.info("targets", binding="/".join(binding.metadata.key), **counts)
        if binding.multi_cluster and mine and not mine <= names:
            await shared.write(self.client, binding.metadata.key, names)
        return Members(after(registered, change), frozenset(change.register))

    async def _placed(self, session: Session, binding: TargetGroupBinding, wanted: tuple[Target, ...]) -> tuple[Target, ...]:
        """Targets outside the target group's VPC with the zone `all`, as those of another account's target group mostly are."""
        if binding.target_type != "ip" or not wanted:
            return wanted
        vpc = binding.vpc_id or self.config.vpc_id
        try:
            return targets.placed(wanted, await health.cidrs(session, vpc))
        except errors.AwsError as error:
            if binding.iam_role_arn or isinstance(error, errors.NotFound):
                return targets.placed(wanted, ())
            log.warning("vpc not readable", vpc=vpc, error=str(error))
            return wanted

    async def _tell_pods(self, session: Session, binding: TargetGroupBinding, found: Endpoints, members: Members) -> float | None:
        """Write readiness gates; while a gated pod waits for its target, look again soon."""
        name, pods, registered = binding.metadata.name, self.cache.objects("Pod"), members.registered
        if readiness.pending(name, (w for w in found.wanted if w.target not in members.new), registered, pods):
            registered = await self.known.look(session, binding.target_group_arn)
        gates = readiness.gates(name, found.wanted, registered, pods)
        for gate in gates:
            self.waits.note(binding.metadata.key, gate)
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
        await self.networking.forget(binding.metadata.key, self._opening)
        kind = readiness.PREFIX + binding.metadata.name
        pods = [
            p
            for (namespace, _), p in self.cache.objects("Pod").items()
            if namespace == binding.metadata.namespace and kind in p.readiness_gates
        ]
        gates = [Gate((p.namespace, p.name), p.uid, kind, "True", "", "Target Group Binding is deleted") for p in pods]
        await asyncio.gather(*(self._gate(gate) for gate in gates))
        await patch.finalizers(self.client, KIND, binding.metadata, patch.Finalizers(remove=frozenset({FINALIZER})))
        self._stuck.discard(binding.metadata.uid)

    async def _empty(self, binding: TargetGroupBinding) -> None:
        """Deregister what is ours; a target group that is gone has nothing to give back."""
        mine = await shared.read(self.client, binding.metadata.key) or frozenset() if binding.multi_cluster else None
        try:
            session = await self._session(binding)
            registered = await health.registered(session, binding.target_group_arn) if binding.target_group_arn else ()
            change = targets.diff((), registered, Bounds(mine=mine))
            await health.deregister(session, binding.target_group_arn, change.deregister)
        except (errors.NotFound, errors.Invalid):
            pass
        self.known.forget(binding.target_group_arn)

    # Telling ------------------------------------------------------------------------------------------------------

    async def _failed(self, binding: TargetGroupBinding, error: AlbatrossError) -> None:
        """Tell why a pass failed; a deletion that fails is in the status too, once, since the object waits for it."""
        why = fault.words(error, f"targets of {binding.metadata.name}")
        if not binding.metadata.deleting:
            self._tell(binding, "Warning", "FailedReconcile", f"Failed reconcile due to {why}")
            return
        self._tell(binding, "Warning", "FailedCleanup", f"Failed cleanup due to {why}")
        if binding.metadata.uid in self._stuck:
            return
        self._stuck.add(binding.metadata.uid)
        told = {"type": "Ready", "status": "False", "reason": "FailedCleanup", "message": why}
        told["lastTransitionTime"] = self.client.clock.utc().strftime("%Y-%m-%dT%H:%M:%SZ")
        try:
            await self.client.patch(f"{KINDS[KIND].path(*binding.metadata.key)}/status", {"status": {"conditions": [told]}})
        except NotFound:
            pass

    def _complain(self, binding: TargetGroupBinding, view: View, found: Endpoints) -> None:
        service = "/".join((binding.metadata.namespace, binding.service))
        if not found.known:
            self._tell(binding, "Warning", "BackendNotFound", f"backend not found: no port {binding.port} on service {binding.service}")
        elif binding.target_type == "instance" and view.service and view.service.type not in targets.TRAFFIC_TYPES:
            why = f"service type must be either 'NodePort' or 'LoadBalancer': {service}"
            self._tell(binding, "Warning", "FailedReconcile", f"Failed reconcile due to {why}")
        for node in found.unusable:
            self._tell(binding, "Warning", "NodeSkipped", f"node {node} is not an EC2 instance: its providerID does not name one")

    def _tell(self, binding: TargetGroupBinding, kind: str, reason: str, message: str) -> None:
        self.recorder.emit(Event(KIND, binding.metadata, kind, reason, message))

    # Seeing -------------------------------------------------------------------------------------------------------

    def _view(self, binding: TargetGroupBinding) -> View:
        key = (binding.metadata.namespace, binding.service)
        return View(
            service=self.cache.get("Service", key),
            slices=self.cache.slices(key),
            pods=self.cache.objects("Pod"),
            nodes=Nodes(self.cache.objects("Node")),
            fail_open=self.config.gate("EndpointsFailOpen"),
        )


def _offer(service: object) -> object:
    """What of a Service decides its targets."""
    return (service.ports, service.type) if isinstance(service, Service) else None
