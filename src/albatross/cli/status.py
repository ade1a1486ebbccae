"""`albatross status`: load balancer → listener → rule → target group → target, with the health of each."""

import asyncio
import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

import click

from albatross import pipeline
from albatross.aws.read import observe, standing
from albatross.catalog import good, kinds, problems, tracking
from albatross.catalog.good import Good
from albatross.cli import live, option, trouble
from albatross.cli.live import Live
from albatross.cli.terminal import console, tree
from albatross.cli.terminal.tree import Leaf
from albatross.frontend import PLACING, ROOTS
from albatross.frontend.group import Group
from albatross.model.config import Config
from albatross.model.ident import Ident
from albatross.model.observed import Observed, Owned
from albatross.model.resources.action import Action, Forward
from albatross.model.resources.listener import Listener
from albatross.model.resources.load_balancer import LoadBalancer
from albatross.model.resources.ref import Token
from albatross.model.resources.stack import StackId
from albatross.model.resources.target_group import TargetGroup
from albatross.model.snapshot import Snapshot
from albatross.planner import safety
from albatross.wording import words

Health = Mapping[str, Sequence[Mapping[str, Any]]]
"""Descriptions of DescribeTargetHealth by target group ARN."""


@click.command()
@click.argument("object", default="")
@click.option("-n", "--namespace", default="", help="Only objects of this namespace.")
@option.kubeconfig
@option.context
@option.output("text", "json")
@click.option("--leader-election-id", "lease", default="", help="The name of the controller's Lease. Default: the Lease with its label.")
@option.settings
def status(config: Config, object: str, namespace: str, output: str, **given: Any) -> None:
    """Show the load balancers of all Ingresses and Services of the cluster, or of one of them, down to the health of each target.

    If the last pass of an object failed, the reason is shown, from its events.
    """

    async def work() -> tuple[list[Leaf], tuple[str, tuple[str, ...]]]:
        async with live.opened(config, given["kubeconfig"], given["context"]) as world:
            return await trees(world, object, namespace), await trouble.leader(world.client, given["lease"])

    roots, (who, wrong) = live.run(work)
    if output == "json":
        print(json.dumps([asdict(root) for root in roots], indent=2))
        return
    screen = console.out()
    if who:
        screen.print(f"controller: {who}", highlight=False)
    for each in wrong:
        screen.print(f"  {each}", style="yellow", highlight=False)
    if not roots:
        screen.print(
            "no load balancer exists in AWS for " + (object if object else f"namespace {namespace}" if namespace else "this cluster")
        )
    tree.show(screen, roots)


async def trees(world: Live, object: str = "", namespace: str = "") -> list[Leaf]:
    """A tree for each load balancer of the objects with a name or in a namespace (by default all).

    AWS says what exists, by the cluster's tags. So a load balancer is also shown if the group of its object is unknown, or if the object is
    deleted.
    """
    snapshot = kinds.snapshot(await live.objects(world.client, (*PLACING, *ROOTS, trouble.BINDING)))
    survey = pipeline.survey(snapshot, world.config)
    tagged = await standing.stacks(world.session, world.config)
    groups = {stack: survey.group(stack) for stack in sorted(survey.groups.keys() | tagged)}
    wanted = {stack: group for stack, group in groups.items() if any(_asked(each, object, namespace) for each in _idents(group))}
    pods = await _pods(world, {each.namespace for group in wanted.values() for each in _idents(group) if each.namespace})
    told = await trouble.told(world.client, namespace)
    found = await asyncio.gather(*(_group(world, stack, pods) for stack in wanted))
    pairs = zip(wanted.values(), found, strict=True)
    drawn = [_stayed(_claimed(root, group), group, snapshot) for group, roots in pairs for root in roots]
    return [*_troubles(told, wanted.values(), snapshot, not object), *drawn]


def _troubles(told: trouble.Told, groups: Collection[Group], snapshot: Snapshot, everything: bool) -> list[Leaf]:
    """A line for each object and binding of the groups with a failed last pass, and of bindings without a group with `everything`."""
    stacks = {group.id for group in groups}
    owners = {Ident(trouble.BINDING, *key): tracking.labelled(each.metadata.labels) for key, each in snapshot.bindings.items()}
    bindings = [ident for ident, stack in sorted(owners.items()) if stack in stacks or (everything and stack is None)]
    return [told[each] for each in (*(each for group in groups for each in _idents(group)), *bindings) if each in told]


def _idents(group: Group) -> tuple[Ident, ...]:
    """The objects of a group; if there are none, the object with the name of the group."""
    return (*group.members, *group.leaving, *group.unclear) or (Ident("", group.id.namespace, group.id.name),)


def _claimed(root: Leaf, group: Group) -> Leaf:
    """The tree, with a remark if no object has the load balancer for sure."""
    if group.members:
        return root
    if group.unclear:
        told = (f"{each.short}: {problem.code} {problems.message(problem)}" for each in group.unclear for problem in group.problems(each))
        return replace(root, remark=f"{root.remark}, kept as it is; {'; '.join(told)}")
    if group.leaving:
        return replace(root, remark=f"{root.remark}, {', '.join(each.short for each in group.leaving)} leaves it")
    return replace(root, remark=f"{root.remark}, no object of the cluster claims it (group {group.id})")


def _stayed(root: Leaf, group: Group, snapshot: Snapshot) -> Leaf:
    """The tree, with the members of which the last good version is in use. Events end after an hour, but the annotation says it too."""
    versions = ((each, good.read(kinds.find(snapshot, each))) for each in group.members)
    told = [f"{each.short}: last good version in use since {found.since}" for each, found in versions if isinstance(found, Good)]
    return replace(root, remark="; ".join((root.remark, *told))) if told else root


def _asked(ident: Ident, object: str, namespace: str) -> bool:
    return object in ("", ident.name, ident.short) and namespace in ("", ident.namespace)


async def _pods(world: Live, namespaces: Iterable[str]) -> dict[str, str]:
    """Pod names by address."""
    row = kinds.KINDS["Pod"]
    lists = await asyncio.gather(*(world.client.get(row.path(namespace)) for namespace in sorted(namespaces)))
    pods = [(item["metadata"]["name"], (item.get("status") or {}).get("podIP")) for found in lists for item in found.get("items") or ()]
    return {address: name for name, address in pods if address}


async def _group(world: Live, stack: StackId, pods: Mapping[str, str]) -> list[Leaf]:
    observed = await observe.observe(world.session, stack, world.config)
    arns = [group.arn for group in observed.target_groups]
    answers = await asyncio.gather(*(world.session.call("elbv2", "DescribeTargetHealth", TargetGroupArn=arn) for arn in arns))
    health = {arn: answer["TargetHealthDescriptions"] for arn, answer in zip(arns, answers, strict=True)}
    return draw(observed, health, pods)


def draw(observed: Observed, health: Health, pods: Mapping[str, str]) -> list[Leaf]:
    """A tree for each load balancer of one group; `pods` are names by address."""
    return _Drawing(observed, health, pods).roots()


@dataclass(frozen=True, slots=True)
class _Drawing:
    """Draws the resources of one group as trees."""

    observed: Observed
    health: Health
    pods: Mapping[str, str]

    def roots(self) -> list[Leaf]:
        pending = (each for each in self.observed.certificates if each.state != "ISSUED")
        return [
            *(self._load_balancer(each) for each in self.observed.load_balancers),
            *(Leaf(f"certificate {each.resource.domain_name}", _words(each.state)) for each in pending),
        ]

    def _load_balancer(self, owned: Owned[LoadBalancer]) -> Leaf:
        listeners = tuple(self._listener(each) for each in self.observed.listeners if each.parent == owned.arn)
        return Leaf(owned.resource.name, owned.state, f"{owned.resource.scheme} {owned.dns_name}{_replaced(owned)}", listeners)

    def _listener(self, owned: Owned[Listener]) -> Leaf:
        rules = sorted((each for each in self.observed.rules if each.parent == owned.arn), key=lambda each: each.resource.priority)
        leaves = [
            self._rule(f"{each.resource.priority}  {words.conditions(each.resource.conditions)}", each.resource.actions) for each in rules
        ]
        default = self._rule("default", owned.resource.default_actions)
        number = len(set(owned.resource.certificates))
        remark = f"{number} certificate{'s' if number > 1 else ''}, {owned.resource.ssl_policy}" if number else ""
        return Leaf(f"{owned.resource.protocol}:{owned.resource.port}", remark=remark, children=(*leaves, default))

    def _rule(self, label: str, actions: tuple[Action, ...]) -> Leaf:
        groups = [each for action in actions if isinstance(action, Forward) for each in action.target_groups]
        shown = ((each.target_group, f", weight {1 if each.weight is None else each.weight}" if len(groups) > 1 else "") for each in groups)
        leaves = tuple(replace(leaf, remark=leaf.remark + weight) for group, weight in shown for leaf in self._target_group(group))
        others = tuple(action for action in actions if not isinstance(action, Forward))
        return Leaf(f"{label} → {words.actions(others)}" if others else label, children=leaves)

    def _target_group(self, token: Token) -> list[Leaf]:
        return [self._targets(each) for each in self.observed.target_groups if token == each.arn]

    def _targets(self, owned: Owned[TargetGroup]) -> Leaf:
        check = owned.resource.health_check
        remark = f"{owned.resource.protocol} to {owned.resource.target_type}s, health at {check.path or check.port}"
        return Leaf(owned.resource.name, remark=remark, children=tuple(self._target(each) for each in self.health[owned.arn]))

    def _target(self, description: Mapping[str, Any]) -> Leaf:
        target, state = description["Target"], description["TargetHealth"]
        pod = self.pods.get(target["Id"], "")
        remark = " ".join(word for word in (pod, state.get("Description", "")) if word)
        return Leaf(f"{target['Id']}:{target.get('Port', '')}", state["State"], remark)


def _words(state: str) -> str:
    """A state of ACM as the states of load balancers are written: `pending validation`."""
    return state.lower().replace("_", " ")


def _replaced(owned: Owned[LoadBalancer]) -> str:
    at = tracking.moved(owned.tags)
    return "" if at is None else f", replaced since {safety.clock(at)}"
