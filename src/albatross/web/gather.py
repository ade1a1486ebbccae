"""What the controller keeps → the view of the page. Only cards of groups that changed are made again."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from operator import is_

from albatross.catalog import tracking
from albatross.controller.app import App
from albatross.controller.passes import PassRecord, PlanRun
from albatross.frontend.group import Group
from albatross.model.ident import Ident
from albatross.model.plan import Plan
from albatross.model.problem import Problem
from albatross.model.resources.ref import Ref
from albatross.model.resources.stack import Stack, StackId
from albatross.model.snapshot import Ingress
from albatross.model.target import Registered
from albatross.page.compose import GroupState, card, flaw
from albatross.page.view import CallRow, Card, PageView, PlanRow
from albatross.wording.operation import sign

Key = tuple[object, ...]
VERBS = {"+": "create", "~": "change", "-/+": "replace", "-": "delete"}


@dataclass(slots=True)
class Gathered:
    """The inputs of a view, read in one moment; `view` makes the view from them and may run in another thread."""

    fresh: list[tuple[StackId, Key, GroupState]]
    order: list[StackId]
    base: PageView
    plans: tuple[PlanRun, ...]


@dataclass
class Gatherer:
    """Remembers each card together with the objects that it was made from. `calls` are those to AWS; `read` are targets by target group."""

    app: App
    calls: Callable[[], tuple[CallRow, ...]] = tuple
    read: Mapping[str, tuple[Registered, ...]] = field(default_factory=dict)
    states: Mapping[str, str] = field(default_factory=dict)
    _cards: dict[StackId, tuple[Key, Card]] = field(default_factory=dict)
    _targets: dict[str, tuple[Registered, ...]] = field(default_factory=dict)

    def gather(self) -> Gathered:
        """Read everything; for the thread of the event loop."""
        index, passes = self.app.index, self.app.groups.teller.passes
        order = sorted(index.stacks() | passes.last.keys(), key=tracking.output)
        fresh = []
        for id in order:
            key, state = self._state(id, index.group(id), passes.last.get(id) or NOTHING)
            known = self._cards.get(id)
            if known is None or not _same(known[0], key):
                fresh.append((id, key, state))
        for id in self._cards.keys() - set(order):
            del self._cards[id]
        return Gathered(fresh, order, self._base(), tuple(passes.plans))

    def view(self, material: Gathered) -> PageView:
        """Make the view."""
        for id, key, state in material.fresh:
            self._cards[id] = key, card(state)
        cards = tuple(self._cards[id][1] for id in material.order if id in self._cards)
        base = material.base
        return PageView(
            place=base.place,
            leading=base.leading,
            leader=base.leader,
            command=base.command,
            listed=base.listed,
            cards=cards,
            flaws=base.flaws,
            plans=tuple(row(run) for run in reversed(material.plans)),
            calls=base.calls,
        )

    def _base(self) -> PageView:
        app = self.app
        config, elector = app.config, app.elector
        lost = tuple(flaw(problem) for each in sorted(app.index.lost(), key=lambda each: each.ident) for problem in each.problems)
        leader = elector.holder.partition("_")[0] if elector else ""
        space = app.options.leader_election_namespace or app.client.access.namespace
        return PageView(
            place=(("cluster", config.cluster_name), ("region", config.region), ("VPC", config.vpc_id), ("account", config.account)),
            leading=app.leading,
            leader=leader,
            command=f"kubectl -n {space} port-forward pod/{leader} {app.options.page_address.rpartition(':')[2]}" if leader else "",
            listed=not app.waiting_for,
            flaws=lost,
            calls=self.calls(),
        )

    # One group -------------------------------------------------------------------------------------------------------

    def _state(self, id: StackId, group: Group, record: PassRecord) -> tuple[Key, GroupState]:
        """What is known about a group, and the objects that this depends on."""
        arns = _arns(record.stack, record.ids, "TargetGroup")
        targets = {arn: found for arn in arns if (found := self._registered(arn)) is not None}
        balancers = _arns(record.stack, record.ids, "LoadBalancer")
        seen = {each.arn: each.state for each in record.observed.load_balancers}
        states = {arn: now for arn in balancers if (now := self.states.get(arn) or seen.get(arn, ""))}
        bindings = record.stack.bindings if record.stack else ()
        slices = [each for bound in bindings for each in self.app.cache.slices((bound.namespace, bound.service))]
        nodes = self.app.cache.objects("Node") if any(bound.target_type == "instance" for bound in bindings) else {}
        roots = [self.app.cache.get(ident.kind, ident.key) for ident in (*group.members, *group.leaving)]
        names = {end.address: end.pod[1] for each in slices for end in each.endpoints if end.pod}
        names |= {node.instance_id: node.name for node in nodes.values()} if nodes else {}
        state = GroupState(
            id=id,
            objects=tuple(str(ident) for ident in (*group.members, *group.leaving)),
            stack=record.stack,
            ids=record.ids,
            problems=tuple(dict.fromkeys((*record.problems, *_placed(group)))),
            failed=record.failed,
            states=states,
            targets=targets,
            names=names,
            paths=_paths(roots),
        )
        return (record, group, *targets.values(), *states.values(), *slices, *roots, nodes), state

    def _registered(self, arn: str) -> tuple[Registered, ...] | None:
        """The targets as read last: by the controller, or for the page. A list is missing for a moment while it changes."""
        known = self.app.targets.known.lists.get(arn)
        if (found := self.read.get(arn)) is not None:
            self._targets[arn] = found
        elif known is not None:
            self._targets[arn] = known.registered
        return self._targets.get(arn)


NOTHING = PassRecord()


def _same(old: Key, new: Key) -> bool:
    """Whether these are the same objects. They never change, so their content is not compared."""
    return len(old) == len(new) and all(map(_equal, old, new))


def _equal(old: object, new: object) -> bool:
    return is_(old, new) or (isinstance(old, str) and old == new) or (old == {} and new == {})


def _arns(stack: Stack | None, ids: Mapping[Ref, str], noun: str) -> list[str]:
    if stack is None:
        return []
    found: Iterable[object] = stack.target_groups if noun == "TargetGroup" else stack.load_balancers
    refs = (Ref(noun, str(getattr(each, "id", "")), "arn") for each in found)
    return [ids[ref] for ref in refs if ref in ids]


def _placed(group: Group) -> tuple[Problem, ...]:
    return tuple(problem for placement in group.placements.values() for problem in placement.problems)


def _paths(roots: Iterable[object]) -> dict[str, tuple[str, str, str]]:
    """The Service, the host and the path of each path of Ingresses, by the origin of the path."""
    found = {}
    for root in roots:
        if isinstance(root, Ingress):
            ident = Ident("Ingress", root.metadata.namespace, root.metadata.name)
            for number, rule in enumerate(root.rules):
                for each, path in enumerate(rule.paths or ()):
                    found[f"{ident} spec.rules[{number}].http.paths[{each}]"] = path.backend.service or "", rule.host, path.path
    return found


# Plans ---------------------------------------------------------------------------------------------------------------


def counts(plan: Plan) -> str:
    """`3 to create, 1 to change`. A replacement is one change of the plan, and has two operations."""
    found = Counter(sign(each) for each in plan.operations)
    found["-/+"] = (found["-/+"] + 1) // 2
    return ", ".join(f"{found[mark]} to {verb}" for mark, verb in VERBS.items() if found[mark])


def row(run: PlanRun) -> PlanRow:
    """A plan for the page."""
    total, failed = len(run.plan.steps), len(run.failed)
    over = "done" if run.done >= total and not failed else f"{failed} failed" if failed else f"ended after {run.done} of {total}"
    return PlanRow(
        number=run.number,
        time=run.at.strftime("%Y-%m-%d %H:%M:%S"),
        name=tracking.output(run.plan.stack),
        counts=counts(run.plan),
        checksum=run.plan.checksum,
        state=f"{run.done} of {total} done" if run.running else over,
        health="warn" if run.running else "good" if over == "done" else "bad",
        failed=run.failed,
    )
