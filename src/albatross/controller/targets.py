"""The fast loop: it registers the target of a pod when the pod is ready. It shares only the TargetGroupBinding with the model loop.

Registrations come first and use the remembered targets, so that a new pod waits for one AWS call only. All other work (ports of security
groups, readiness gates, status) runs afterwards or at the same time.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace

import structlog

from albatross.aws.session import errors
from albatross.aws.session.assume import Roles
from albatross.aws.session.client import Session
from albatross.aws.session.turn import LATER, LAZY, NORMAL, URGENT, current, taking
from albatross.aws.targets import health
from albatross.catalog.bounds import RULES
from albatross.catalog.kinds import KINDS
from albatross.catalog.tracking import BINDING_FINALIZER as FINALIZER
from albatross.controller import shared
from albatross.controller.bindings import KIND, BindingIndex
from albatross.controller.digests import Digests
from albatross.controller.known import KnownTargets, after
from albatross.controller.networking import Asked, Networking
from albatross.controller.report import Reporter
from albatross.controller.waits import ArrivalTimes, GateWaits
from albatross.controller.worker import Verdict
from albatross.errors import AlbatrossError, Fenced
from albatross.kube import patch
from albatross.kube.cache import Cache
from albatross.kube.client import Client
from albatross.kube.errors import KubeError
from albatross.kube.events import Recorder
from albatross.model.config import Config
from albatross.model.snapshot import Key, Node, TargetGroupBinding
from albatross.model.target import Endpoints, Registered, Target, TargetChange
from albatross.planner import readiness, targets
from albatross.planner.targets import Bounds, View

log = structlog.get_logger("targets")

LINGER = 0.01
"""Seconds in which changes of one target group are collected into one call; chosen by us: much shorter than a health check interval."""
Mine = frozenset[str] | None
"""The targets in a shared target group that are ours; None: all."""

UNREAD = "targets stay as they are: the controller may not read nodes; add list and watch of nodes to its ClusterRole and restart it"

EXCESSIVE = (
    "targets and ports stay as they are: spec.networking or spec.nodeSelector need {count} rules, and at most {most} are read;"
    " AWS accepts 60 rules for a security group by default"
)


class Nodes(Mapping[str, Node]):
    """Nodes by name. It reads the map of the cache, so nothing is copied."""

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
    """The targets of a target group after a pass, and those that it must have.

    `new`: targets that this pass registered; AWS does not know their health yet.
    """

    found: Endpoints
    registered: tuple[Registered, ...]
    new: frozenset[Target]

    @property
    def surplus(self) -> bool:
        """Whether a target is still registered that nothing needs."""
        wanted = {each.target for each in self.found.wanted}
        return any(each.target not in wanted for each in self.registered if not each.draining)


@dataclass
class TargetsLoop:
    """Reconciles bindings; each binding has one pass at a time. `recorder` writes events with component `targetGroupBinding`.

    `sees_nodes`: whether the cluster allows to read nodes. `last` has the last version of each binding. `leave` is called with a binding
    that has targets to deregister later, with `depart`; None: they are deregistered at once. `later` is called with a binding that is as
    the leader before us left it, and that must be compared with AWS some time later.
    """

    session: Session
    client: Client
    cache: Cache
    config: Config
    recorder: Recorder
    waits: GateWaits = field(default_factory=GateWaits)
    sees_nodes: bool = True
    last: dict[Key, TargetGroupBinding] = field(default_factory=dict)
    leave: Callable[[Key], None] | None = None
    digests: Digests = field(default_factory=Digests)
    later: Callable[[Key], None] = lambda key: None
    known: KnownTargets = field(init=False)
    networking: Networking = field(init=False)
    roles: Roles = field(init=False)
    index: BindingIndex = field(init=False)
    reporter: Reporter = field(init=False)
    arrivals: ArrivalTimes = field(init=False)

    def __post_init__(self) -> None:
        self.networking = Networking(self.session, self.config)
        self.known = KnownTargets(self.session.clock)
        self.roles = Roles(self.session)
        self.index = BindingIndex(self.cache, self.waits)
        self.arrivals = ArrivalTimes(self.waits.metrics, self.waits.clock)
        self.reporter = Reporter(self.client, self.cache, self.recorder, self.config.cluster_name)

    # Reconciling --------------------------------------------------------------------------------------------------

    async def reconcile(self, key: Key) -> Verdict:
        """Update one target group to match its binding. Errors: AlbatrossError, which is also reported as an event."""
        self.arrivals.begin(key)
        binding: TargetGroupBinding | None = self.cache.get(KIND, key)
        if binding is None:
            await self._gone(key)
            return Verdict()
        self.last[key] = binding
        with taking("/".join(key), URGENT if current().patience == URGENT else LATER):
            verdict = await self._reported(binding, self._clean_up if binding.metadata.deleting else self._pass)
        self.arrivals.done(key)
        return verdict

    async def depart(self, key: Key) -> Verdict:
        """Deregister the targets that a binding does not need any more. Errors: AlbatrossError, which is also reported as an event."""
        binding: TargetGroupBinding | None = self.cache.get(KIND, key)
        if binding is None or binding.metadata.deleting:
            return Verdict()
        with taking("/".join(key), LAZY):
            return await self._reported(binding, self._depart)

    async def _reported(self, binding: TargetGroupBinding, work: Callable[[TargetGroupBinding], Awaitable[float | None]]) -> Verdict:
        try:
            return Verdict(after=await work(binding))
        except (KubeError, errors.Throttled, errors.NotReady, Fenced):
            raise  # temporary, or for another replica to report: no event
        except AlbatrossError as error:
            if isinstance(error, errors.NotFound) and self.session.inventory.recent(binding.target_group_arn):
                raise  # our own new target group, which not every part of AWS knows yet
            if self._outlived(binding):
                return Verdict()  # the change of the binding has woken its next pass
            await self.reporter.failed(binding, error)
            raise

    def _outlived(self, binding: TargetGroupBinding) -> bool:
        """Whether the binding has been deleted meanwhile, perhaps together with its target group: then nobody waits for this pass."""
        now: TargetGroupBinding | None = self.cache.get(KIND, binding.metadata.key)
        return now is None or (now.metadata.deleting and not binding.metadata.deleting)

    async def _pass(self, binding: TargetGroupBinding) -> float | None:
        if FINALIZER not in binding.metadata.finalizers:
            await patch.finalizers(self.client, KIND, binding.metadata, patch.Finalizers(add=frozenset({FINALIZER})))
        if not (binding.target_group_arn and binding.target_type and binding.ip_address_type):
            binding = await self._complete(binding)
        due = await self._bring(binding)
        await self.reporter.well(binding)
        return due

    async def _complete(self, binding: TargetGroupBinding) -> TargetGroupBinding:
        """Complete a manually created binding with the facts of its target group, as the other controller's admission webhook does."""
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
        protocol = binding.target_group_protocol or found.get("targetGroupProtocol", "")
        return replace(binding, **texts, vpc_id=binding.vpc_id or found.get("vpcID", ""), target_group_protocol=protocol)

    async def _bring(self, binding: TargetGroupBinding) -> float | None:
        if binding.excess:
            self.reporter.warn(binding, "FailedReconcile", EXCESSIVE.format(count=binding.excess, most=RULES))
            return None
        if binding.target_type == "instance" and not self.sees_nodes:
            # Without nodes no instance is known. The registered ones stay, because they serve traffic.
            self.reporter.warn(binding, "FailedReconcile", UNREAD)
            return None
        view = self._view(binding)
        found = targets.endpoints(binding, view)
        self.reporter.complain(binding, view, found)
        self.index.wait(found.unseen, binding.metadata.key)
        name = _named(binding.metadata.key)
        if self.digests.open(name) and self.digests.holds(name, self._desired(binding, found)):
            self.later(binding.metadata.key)
            return None
        self.digests.note(name, None)
        session = await self._session(binding)
        # Both run to the end, even if one of them fails.
        both = self._register(session, binding, found), self._open(Asked(binding, found.wanted, view.pods, view.nodes))
        registered, due = await asyncio.gather(*both, return_exceptions=True)
        if isinstance(registered, BaseException):
            raise registered
        if isinstance(due, BaseException):
            raise due
        again = await self._tell_pods(session, binding, registered) or due
        if not again and not registered.surplus:
            self.digests.note(name, self._desired(binding, registered.found))
        return again

    def _desired(self, binding: TargetGroupBinding, found: Endpoints) -> str | None:
        """What a binding needs, as a text: its targets, their readiness gates, its ports. None: this is not known completely, or shared."""
        if not found.known or found.unseen or binding.multi_cluster or binding.iam_role_arn or self.config.max_targets_per_target_group:
            return None
        pods, gate = self.cache.objects("Pod"), readiness.PREFIX + binding.metadata.name
        gates = [readiness.current(pods[each.pod], gate) for each in found.wanted if each.pod and each.pod in pods]
        return repr((binding.target_group_arn, binding.networking, found.wanted, [gate and gate.status for gate in gates]))

    async def _open(self, asked: Asked) -> float | None:
        """Open ports in the targets' security groups. If this fails, report it and return the seconds until the next try."""
        try:
            missing = await self.networking.ask(asked, self.index.opening)
        except (errors.Throttled, errors.NotReady) as error:
            log.warning("target rules", binding="/".join(asked.binding.metadata.key), error=str(error))
        except errors.AwsError as error:
            self.reporter.closed(asked.binding, error)
        else:
            if not missing:
                return None
            why = f"ports stay closed, because no network interface is known yet for {', '.join(missing)}"
            self.reporter.warn(asked.binding, "FailedNetworkReconcile", why)
        return self.config.targetgroupbinding_requeue_seconds

    async def _session(self, binding: TargetGroupBinding) -> Session:
        return await self.roles.session(binding.iam_role_arn, binding.external_id)

    async def _register(self, session: Session, binding: TargetGroupBinding, found: Endpoints) -> Members:
        """Register missing targets and deregister surplus ones; return the target group's members afterwards.

        The call is decided when it may be sent: what changes while it waits for the rate of AWS is part of it, and what is outdated is not.
        """
        most = self.config.max_targets_per_target_group
        if not most and (change := await self._change(session, binding, found)).register:
            await self._turn(session, binding, change)
            found = targets.endpoints(binding, self._view(binding))
        async with session.lock(f"targets {binding.target_group_arn}"):
            return await self._settle(session, binding, found)

    async def _turn(self, session: Session, binding: TargetGroupBinding, change: TargetChange) -> None:
        """Wait until targets may be registered. A rollout and an empty target group come first, then additional targets.

        If no targets were registered a moment ago, one pod alone is likely, and one call too many costs nobody anything: it does not wait.
        """
        if not session.idle("elbv2", "RegisterTargets"):
            await session.clock.sleep(LINGER)
        live = [each for each in self.known.members(binding.target_group_arn) or () if not each.draining]
        with taking(current().lane, NORMAL if live and not change.deregister else URGENT):
            await session.turn("elbv2", "RegisterTargets")

    async def _change(self, session: Session, binding: TargetGroupBinding, found: Endpoints, mine: Mine = None) -> TargetChange:
        """The missing and the surplus targets, from the remembered list if there is one."""
        arn, most = binding.target_group_arn, self.config.max_targets_per_target_group
        wanted = await self._placed(session, binding, readiness.targets(found.wanted))
        registered = None if most else self.known.members(arn)  # draining targets count for the limit, and only AWS knows them
        if registered is None:
            registered = await self.known.look(session, arn)
        return targets.diff(wanted, registered, Bounds(most=most, mine=mine))

    async def _settle(self, session: Session, binding: TargetGroupBinding, found: Endpoints) -> Members:
        mine = await shared.read(self.client, binding.metadata.key) if binding.multi_cluster else None
        change = await self._change(session, binding, found, mine or frozenset() if binding.multi_cluster else None)
        registered = self.known.members(binding.target_group_arn) or ()
        names = frozenset(targets.name(t) for t in await self._placed(session, binding, readiness.targets(found.wanted)))
        if binding.multi_cluster and (mine is None or not names <= mine):
            # A leaving target stays in the list until it is deregistered. After a crash the next pass still finds it there.
            await shared.write(self.client, binding.metadata.key, names | (mine or frozenset()))
        if change.deregister and not self._at_once(session, binding):
            change = replace(change, deregister=change.replaced)
            assert self.leave is not None
            self.leave(binding.metadata.key)
        await self._apply(session, binding, change)
        if binding.multi_cluster and mine and not mine <= names:
            await shared.write(self.client, binding.metadata.key, names)
        return Members(found, after(registered, change), frozenset(change.register))

    async def _apply(self, session: Session, binding: TargetGroupBinding, change: TargetChange) -> None:
        if change:
            await self.known.change(session, binding.target_group_arn, change)
            self.arrivals.registered(binding.metadata.key, len(change.register))
            counts = {"registered": len(change.register), "deregistered": len(change.deregister)}
            log.info("targets", binding="/".join(binding.metadata.key), **counts)

    def _at_once(self, session: Session, binding: TargetGroupBinding) -> bool:
        """Whether surplus targets are deregistered now: if that delays no registration, or if only this pass knows them."""
        special = binding.multi_cluster or self.config.max_targets_per_target_group
        return bool(self.leave is None or special or session.plenty("elbv2", "DeregisterTargets"))

    async def _depart(self, binding: TargetGroupBinding) -> None:
        session = await self._session(binding)
        if not (await self._change(session, binding, targets.endpoints(binding, self._view(binding)))).deregister:
            return
        await session.turn("elbv2", "DeregisterTargets")
        async with session.lock(f"targets {binding.target_group_arn}"):
            change = await self._change(session, binding, targets.endpoints(binding, self._view(binding)))
            if not change.register:  # else the pass that registers them comes first, and calls `leave` again
                await self._apply(session, binding, change)

    async def _placed(self, session: Session, binding: TargetGroupBinding, wanted: tuple[Target, ...]) -> tuple[Target, ...]:
        """Set zone `all` on targets outside the target group's VPC. This is common for the target group of another account."""
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

    async def _tell_pods(self, session: Session, binding: TargetGroupBinding, members: Members) -> float | None:
        """Write readiness gates. If a pod with a gate waits for its target, return the seconds until the next pass."""
        name, pods, registered, found = binding.metadata.name, self.cache.objects("Pod"), members.registered, members.found
        if readiness.pending(name, (w for w in found.wanted if w.target not in members.new), registered, pods):
            registered = await self.known.look(session, binding.target_group_arn)
        gates = readiness.gates(name, found.wanted, registered, pods)
        for gate in gates:
            self.waits.note(binding.metadata.key, gate)
        await self.reporter.gates(gates)
        return self.config.targetgroupbinding_requeue_seconds if readiness.pending(name, found.wanted, registered, pods) else None

    def due(self) -> Iterator[Key]:
        """The bindings with target groups that must be read now, because that was long ago; the lists are forgotten."""
        for key in self.cache.keys(KIND):
            binding = self.cache.get(KIND, key)
            if binding is not None and self.known.old(binding.target_group_arn):
                self.known.forget(binding.target_group_arn)
                yield key

    # Leaving ------------------------------------------------------------------------------------------------------

    async def _clean_up(self, binding: TargetGroupBinding) -> None:
        if FINALIZER not in binding.metadata.finalizers:
            return
        await self._empty(binding)
        if binding.multi_cluster:
            await shared.remove(self.client, binding.metadata.key)
        await self.networking.forget(binding.metadata.key, self.index.opening)
        await self.reporter.gone(binding)
        await patch.finalizers(self.client, KIND, binding.metadata, patch.Finalizers(remove=frozenset({FINALIZER})))
        self.reporter.stuck.discard(binding.metadata.uid)

    async def _gone(self, key: Key) -> None:
        """A binding does not exist any more: close the ports that only it needed. A denial is an event about the last version."""
        try:
            await self.networking.forget(key, self.index.opening)
        except errors.Denied as error:
            if key in self.last:
                self.reporter.closed(self.last[key], error)
            raise
        self.digests.note(_named(key), None)
        self.last.pop(key, None)
        self.arrivals.done(key)
        self.reporter.forget(key)

    async def _empty(self, binding: TargetGroupBinding) -> None:
        """Deregister our targets. If the target group does not exist any more, nothing has to be done."""
        mine = await shared.read(self.client, binding.metadata.key) or frozenset() if binding.multi_cluster else None
        try:
            session = await self._session(binding)
            registered = await health.registered(session, binding.target_group_arn) if binding.target_group_arn else ()
            change = targets.diff((), registered, Bounds(mine=mine))
            await health.deregister(session, binding.target_group_arn, change.deregister)
        except (errors.NotFound, errors.Invalid):
            pass
        self.known.forget(binding.target_group_arn)

    # Seeing -------------------------------------------------------------------------------------------------------

    def _view(self, binding: TargetGroupBinding) -> View:
        key = (binding.metadata.namespace, binding.service)
        return View(
            service=self.cache.get("Service", key),
            slices=self.cache.slices(key),
            pods=self.cache.objects("Pod"),
            nodes=Nodes(self.cache.objects("Node")),
            fail_open=self.config.gate("EndpointsFailOpen"),
            variable=self.config.quic_environment_variable_name,
        )


def _named(binding: Key) -> str:
    """The name of a binding among the digests."""
    return f"{KIND} {'/'.join(binding)}"
