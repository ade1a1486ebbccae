"""The ports of targets' own security groups, summed over every binding this process has heard of."""

import asyncio
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

import structlog

from albatross.aws import access, interface
from albatross.aws.client import Session
from albatross.catalog import networking as catalog
from albatross.model.config import Config
from albatross.model.resources.binding import NetworkingRule
from albatross.model.snapshot import Key, Node, Pod, TargetGroupBinding
from albatross.model.target import Wanted
from albatross.planner import networking, targets
from albatross.planner.networking import Demand, InterfaceGroup

log = structlog.get_logger("targets")


@dataclass(frozen=True, slots=True)
class Asked:
    """What one binding asks for: its rules, and the pods and nodes behind its targets."""

    binding: TargetGroupBinding
    wanted: tuple[Wanted, ...]
    pods: Mapping[Key, Pod]
    nodes: Mapping[str, Node]


@dataclass
class Access:
    """Opens what bindings ask for; closes what none asks for any more, once every binding in `expected` has been heard."""

    session: Session
    config: Config
    heard: dict[Key, tuple[Demand, ...]] = field(default_factory=dict)
    touched: set[str] = field(default_factory=set)
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def ask(self, asked: Asked, expected: Iterable[Key]) -> None:
        """Hear one binding and mend the groups it concerns. Errors: AwsError."""
        rules = catalog.parse(asked.binding.networking)
        demands = await self._demands(asked, rules) if rules else ()
        await self._settle(asked.binding.metadata.key, demands, expected)

    async def forget(self, key: Key, expected: Iterable[Key]) -> None:
        """A binding is gone: take back what only it had asked for."""
        await self._settle(key, (), expected)
        self.heard.pop(key, None)

    async def _settle(self, key: Key, demands: tuple[Demand, ...], expected: Iterable[Key]) -> None:
        async with self.lock:
            before = self.heard.get(key, ())
            self.heard[key] = demands
            complete = all(k in self.heard for k in expected)
            concerned = {d.group for d in (*before, *demands)} | (self.touched if complete else set())
            if before == demands and not complete:
                return
            self.touched.update(concerned)
            await self._mend(concerned, revoke=complete)

    async def _mend(self, groups: set[str], *, revoke: bool) -> None:
        everything = networking.permissions(
            (d for each in self.heard.values() for d in each), restricted=not self.config.disable_restricted_sg_rules
        )
        for name, group in (await access.groups(self.session, groups)).items():
            rules = networking.diff(everything.get(name, ()), group.permissions, revoke=revoke)
            if rules:
                await access.open_ports(self.session, name, rules.grant, rules.revoke)
                log.info("target rules", group=name, granted=len(rules.grant), revoked=len(rules.revoke))
        if revoke:
            self.touched &= set(everything)

    async def _demands(self, asked: Asked, rules: tuple[NetworkingRule, ...]) -> tuple[Demand, ...]:
        behind = await self._interfaces(asked)
        facts = await access.groups(self.session, {g for each in behind.values() for g in each.groups})
        members: dict[str, list[Pod]] = {}
        for who, found in behind.items():
            present = [InterfaceGroup(id=g, name=facts[g].name, tags=facts[g].tags) for g in found.groups if g in facts]
            choice = networking.choose(present, self.config.cluster_name, self.config.service_target_eni_security_group_tags)
            if choice is None:
                continue
            if choice.doubt:
                log.warning("security group chosen among several", interface=found.id, group=choice.group, why=choice.doubt)
            pod = asked.pods.get(who) if isinstance(who, tuple) else None
            members.setdefault(choice.group, []).extend([pod] if pod else [])
        return tuple(Demand(group, rules, _named(pods)) for group, pods in sorted(members.items()))

    async def _interfaces(self, asked: Asked) -> dict[Key | str, interface.Interface]:
        pods = [asked.pods[w.pod] for w in asked.wanted if w.pod and w.pod in asked.pods]
        nodes = {targets.instance_id(asked.nodes[w.node].provider_id) for w in asked.wanted if w.node in asked.nodes}
        behind_pods = await interface.of_pods(self.session, pods, asked.nodes, self.config.vpc_id) if pods else {}
        behind_nodes = await interface.of_nodes(self.session, nodes) if nodes else {}
        found: list[tuple[Key | str, interface.Interface]] = [*behind_pods.items(), *behind_nodes.items()]
        return dict(found)


def _named(pods: Iterable[Pod]) -> Mapping[str, frozenset[int]]:
    """Container ports by name, over all pods: a name may stand for different numbers."""
    found: dict[str, set[int]] = {}
    for pod in pods:
        for name, number in pod.container_ports:
            found.setdefault(name, set()).add(number)
    return {name: frozenset(numbers) for name, numbers in found.items() if name}
