"""Opens ports in the security groups of targets, for the sum of all bindings that had a pass in this process."""

import asyncio
from collections import Counter
from collections.abc import Mapping, Set
from dataclasses import dataclass, field

import structlog

from albatross.aws.session.client import Session
from albatross.aws.session.errors import AwsError, Denied
from albatross.aws.targets import interface
from albatross.aws.targets import networking as wire
from albatross.catalog import networking as catalog
from albatross.model.config import Config
from albatross.model.resources.binding import NetworkingRule
from albatross.model.resources.security_group import Permission
from albatross.model.snapshot import Key, Node, Pod, TargetGroupBinding
from albatross.model.target import Wanted
from albatross.planner import networking
from albatross.planner.networking import Demand, InterfaceGroup

log = structlog.get_logger("targets")

DENIED_SECONDS = 12.0
"""How long the controller does not retry a change that AWS denied (chosen by us: less than the time until the next pass of a binding)."""

Behind = Mapping[Key | str, interface.Interface]
"""The network interface of each pod (by key) and of each instance (by id)."""


@dataclass(frozen=True, slots=True)
class Asked:
    """The request of one binding: its rules, and the pods and nodes of its targets."""

    binding: TargetGroupBinding
    wanted: tuple[Wanted, ...]
    pods: Mapping[Key, Pod]
    nodes: Mapping[str, Node]


@dataclass
class Networking:
    """Opens the ports that bindings request. It closes ports only after every binding in `expected` had a pass, if no binding needs them.

    `sum`: the number of bindings with the same request, because thousands may have it. `partial`: bindings with some interfaces unknown;
    while there is one, no port is closed. `touched`: security groups that may have rules of ours. `due`: those that may be outdated.
    `denied`: those with a change that AWS denied, with this change, the error and its time.
    """

    session: Session
    config: Config
    heard: dict[Key, tuple[Demand, ...]] = field(default_factory=dict)
    sum: Counter[Demand] = field(default_factory=Counter)
    partial: set[Key] = field(default_factory=set)
    touched: set[str] = field(default_factory=set)
    due: set[str] = field(default_factory=set)
    denied: dict[str, tuple[networking.Rules, Denied, float]] = field(default_factory=dict)
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    _complete: bool = False
    _surveyed: bool = False
    _looked: float = 0.0

    async def ask(self, asked: Asked, expected: Set[Key]) -> tuple[str, ...]:
        """Apply the request of one binding; return the pods and nodes with an unknown network interface. Errors: AwsError."""
        key = asked.binding.metadata.key
        rules = catalog.parse(asked.binding.networking)
        if rules is None and key not in self.heard:
            return ()
        behind = await self._interfaces(asked) if rules else {}
        missing = _missing(asked, behind) if rules else ()
        demands = await self._demands(asked, rules, behind) if rules else ()
        if missing:
            # keep the earlier request for targets with an unknown interface
            demands = (*demands, *(d for d in self.heard.get(key, ()) if d not in demands))
            self.partial.add(key)
        else:
            self.partial.discard(key)
        await self._settle(key, demands, expected)
        return missing

    async def forget(self, key: Key, expected: Set[Key]) -> None:
        """A binding is deleted: remove the rules that only this binding requested. Errors: AwsError."""
        if key in self.heard or self.due:
            self.partial.discard(key)
            await self._settle(key, (), expected)
            self.heard.pop(key, None)

    async def release(self, source: str) -> None:
        """Remove our rules that name a security group, so that AWS can delete it. Rules that a binding requests stay. Errors: AwsError."""
        async with self.lock:
            everything = self._everything()
            found = await wire.groups(self.session, self.touched | set(await wire.tagged(self.session)))
            for name, group in found.items():
                rules = networking.diff(everything.get(name, ()), group.permissions)
                if mine := [p for p in rules.revoke if str(p.source_group) == source]:
                    await wire.open_ports(self.session, name, (), mine)

    async def _settle(self, key: Key, demands: tuple[Demand, ...], expected: Set[Key]) -> None:
        async with self.lock:
            before = self.heard.get(key, ())
            self.heard[key] = demands
            if before != demands:
                self.sum.subtract(before)
                self.sum.update(demands)
                self.sum += Counter()  # adding an empty Counter drops requests with a count of 0
                self.due.update(d.group for d in (*before, *demands))
            self.touched.update(d.group for d in demands)
            complete = not self.partial and self.heard.keys() >= expected
            if complete and not self._surveyed:
                self.touched.update(await wire.tagged(self.session))
                self._surveyed = True
            now = self.session.clock.now()
            if complete and (not self._complete or now - self._looked > wire.SECONDS):
                self.due |= self.touched
                self._looked = now
            self._complete = complete
            if self.due:
                await self._repair(revoke=complete)

    async def _repair(self, *, revoke: bool) -> None:
        """Update the security groups in `due`. If one fails, the others are updated all the same."""
        everything = self._everything()
        found = await wire.groups(self.session, self.due)
        failed: list[AwsError] = []
        for name in sorted(self.due):
            try:
                if name in found:
                    await self._change(found[name], networking.diff(everything.get(name, ()), found[name].permissions, revoke=revoke))
            except AwsError as error:
                failed.append(error)
                continue
            self.due.discard(name)
            if name not in found or (revoke and name not in everything):
                self.touched.discard(name)
        if failed:
            raise failed[0]

    async def _change(self, group: wire.FoundGroup, rules: networking.Rules) -> None:
        """All bindings wait for the same rules, so AWS is asked again for only one of them if it denied the change a moment ago."""
        now, (before, error, at) = self.session.clock.now(), self.denied.pop(group.id, (None, None, 0.0))
        if error is not None and before == rules and now - at < DENIED_SECONDS:
            self.denied[group.id] = (rules, error, at)
            raise error
        if not rules:
            return
        try:
            await wire.open_ports(self.session, group.id, rules.grant, rules.revoke)
        except Denied as denied:
            self.denied[group.id] = (rules, denied, now)
            raise
        log.info("target rules", group=group.id, granted=len(rules.grant), revoked=len(rules.revoke))

    def _everything(self) -> Mapping[str, frozenset[Permission]]:
        return networking.permissions(self.sum, restricted=not self.config.disable_restricted_sg_rules)

    async def _demands(self, asked: Asked, rules: tuple[NetworkingRule, ...], behind: Behind) -> tuple[Demand, ...]:
        facts = await wire.groups(self.session, {g for each in behind.values() for g in each.groups})
        chosen = {found.id: self._choose(found, facts) for found in behind.values()}
        names = {rule.port for rule in rules if isinstance(rule.port, str)}
        named: dict[str, set[tuple[str, int]]] = {}
        for who, found in behind.items():
            if group := chosen[found.id]:
                pod = asked.pods.get(who) if isinstance(who, tuple) else None
                named.setdefault(group, set()).update(port for port in (pod.container_ports if pod else ()) if port[0] in names)
        return tuple(Demand(group, rules, frozenset(pairs)) for group, pairs in sorted(named.items()))

    def _choose(self, found: interface.Interface, facts: Mapping[str, wire.FoundGroup]) -> str:
        """The security group of an interface for our rules; empty if it has no such group."""
        present = [InterfaceGroup(id=g, name=facts[g].name, tags=facts[g].tags) for g in found.groups if g in facts]
        choice = networking.choose(present, self.config.cluster_name, self.config.service_target_eni_security_group_tags)
        if choice is not None and choice.doubt:
            log.warning("security group chosen among several", interface=found.id, group=choice.group, why=choice.doubt)
        return choice.group if choice else ""

    async def _interfaces(self, asked: Asked) -> Behind:
        pods, nodes = _pods(asked), _instances(asked)
        behind_pods = await interface.of_pods(self.session, pods, asked.nodes, self.config.vpc_id) if pods else {}
        behind_nodes = await interface.of_nodes(self.session, nodes) if nodes else {}
        found: list[tuple[Key | str, interface.Interface]] = [*behind_pods.items(), *behind_nodes.items()]
        return dict(found)


def _pods(asked: Asked) -> list[Pod]:
    keys = dict.fromkeys(w.pod for w in asked.wanted if w.pod)
    return [asked.pods[key] for key in keys if key in asked.pods]


def _instances(asked: Asked) -> dict[str, str]:
    """Instance id → node name."""
    return {asked.nodes[w.node].instance_id: w.node for w in asked.wanted if w.node in asked.nodes}


def _missing(asked: Asked, behind: Behind) -> tuple[str, ...]:
    pods = [p for p in _pods(asked) if interface.expected(p, asked.nodes) and (p.namespace, p.name) not in behind]
    nodes = [f"node {node}" for i, node in _instances(asked).items() if i not in behind]
    return (*(f"pod {p.namespace}/{p.name}" for p in pods), *nodes)
