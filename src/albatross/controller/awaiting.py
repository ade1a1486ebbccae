"""Waits for healthy targets before a rule sends requests to them. The pass does not wait: the operation is done in a later pass."""

from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass, field

import structlog

from albatross.aws.session.client import Session
from albatross.aws.session.errors import Invalid, Limit, NotFound, NotReady
from albatross.aws.targets import health
from albatross.model.plan import Awaited, Create, DeleteBinding, Plan, Update
from albatross.model.resources.ref import Ref, Token
from albatross.model.resources.rule import Rule
from albatross.model.resources.stack import StackId
from albatross.model.target import Registered

log = structlog.get_logger("groups")

SOONEST, LATEST = 1.0, 5.0
"""Seconds until the next look (chosen by us): AWS checks new targets within seconds, and a look costs a few calls."""

SETTLED = 5.0
"""Seconds from the change of a rule until its old targets are deregistered (chosen by us): a load balancer uses the old rule so long."""

Perform = Callable[[Create | Update], Awaitable[object]]
Words = tuple[tuple[str, str], ...]


@dataclass(slots=True)
class _Wait:
    """A wait for target groups: since when, and whether AWS refused to check their health."""

    since: float
    refused: bool = False


@dataclass
class TargetWaits:
    """The waits of all stacks, by the id of the operation and its target groups. They are in memory: after a restart they start again."""

    session: Session
    seconds: float
    waits: dict[StackId, dict[tuple[str, tuple[Token, ...]], _Wait]] = field(default_factory=dict)

    async def ready(self, stack: StackId, operation: Create | Update, ids: Mapping[Ref, str], prepare: Perform) -> Words:
        """Return when the operation may run. If only because the longest time is over: the words of LB523; else nothing.

        `prepare` performs the operation that adds the target groups with weight 0. Errors: NotReady until then; AwsError.
        """
        awaited = operation.awaited
        assert awaited is not None
        waits, key = self.waits.setdefault(stack, {}), (operation.id, awaited.groups)
        wait = waits.setdefault(key, _Wait(self.session.clock.now()))
        waited = self.session.clock.now() - wait.since
        lacking = await self._lacking(awaited, ids, wait)
        if not lacking or waited >= self.seconds:
            del waits[key]
            words = {"rule": _named(operation), "groups": _listed(lacking), "seconds": f"{self.seconds:g}"}
            return tuple(sorted(words.items())) if lacking else ()
        if awaited.prepared and not wait.refused:
            await self._prepare(awaited.prepared, wait, prepare)
        what = f"{_named(operation)} is changed when {_listed(lacking)} has a healthy target, at most {self.seconds:g} s after the change"
        raise NotReady(what, min(LATEST, max(SOONEST, waited / 4)))

    def retain(self, plan: Plan) -> None:
        """Forget the waits of a stack that its new plan does not have any more."""
        asked = {(each.id, each.awaited.groups) for each in plan.operations if isinstance(each, Create | Update) and each.awaited}
        kept = {key: wait for key, wait in self.waits.pop(plan.stack, {}).items() if key in asked}
        if kept:
            self.waits[plan.stack] = kept

    async def _lacking(self, awaited: Awaited, ids: Mapping[Ref, str], wait: _Wait) -> tuple[Token, ...]:
        """The target groups that are not ready, as long as something answers today."""
        found = []
        for group in awaited.groups:
            targets = await self._targets(group, ids)
            # Without a rule that uses the target group, AWS does not check the health of its targets.
            unchecked = wait.refused or not (awaited.prepared or awaited.checked)
            if not any(each.state == "healthy" or (unchecked and not each.draining) for each in targets):
                found.append(group)
        return tuple(found) if found and await self._serving(awaited, ids) else ()

    async def _serving(self, awaited: Awaited, ids: Mapping[Ref, str]) -> bool:
        if not awaited.serving:
            return True
        for group in awaited.serving:
            if any(each.state == "healthy" for each in await self._targets(group, ids)):
                return True
        return False

    async def _targets(self, group: Token, ids: Mapping[Ref, str]) -> tuple[Registered, ...]:
        try:
            return await health.registered(self.session, ids[group] if isinstance(group, Ref) else group)
        except NotFound:
            return ()

    async def _prepare(self, prepared: Create | Update, wait: _Wait, prepare: Perform) -> None:
        try:
            await prepare(prepared)
        except (Invalid, Limit) as error:
            log.info("target groups not checked", operation=prepared.id, error=str(error))
            wait.refused = True


def settled(operation: DeleteBinding) -> None:
    """Errors: NotReady in the pass that changed the rule; the next one finds it changed."""
    if operation.served:
        raise NotReady(
            f"targets of {operation.before.arn} are deregistered when the load balancer has used the new rule for some seconds", SETTLED
        )


def _named(operation: Create | Update) -> str:
    resource = operation.resource
    if not isinstance(resource, Rule):
        return f"the default action of listener {resource.id}"
    values = [value for each in resource.conditions for value in (*each.values, *each.regex_values)]
    return f"rule {resource.id} ({' '.join(values)})" if values else f"rule {resource.id}"


def _listed(groups: Iterable[Token]) -> str:
    return " and ".join(f"target group {each.id if isinstance(each, Ref) else each}" for each in groups)
