"""Performs the operations of plans: in AWS, or in the cluster; some of them not before something else is true."""

from collections.abc import Callable, Mapping

import structlog

from albatross.aws.perform.operation import perform
from albatross.aws.perform.security_group import Release
from albatross.aws.session.client import Session
from albatross.aws.session.effect import judged
from albatross.controller.awaiting import TargetWaits, Words, settled
from albatross.frontend.group import Group
from albatross.kube.bindings import Bindings
from albatross.model.plan import Create, DeleteBinding, Operation, Plan, PutBinding, Update
from albatross.model.resources.ref import Ref, Token

log = structlog.get_logger("groups")


Late = Callable[[Group, Create | Update, Words], None]
"""Called when a rule changes without healthy targets, because the longest time is over."""


class Performer:
    """Performs operations of all groups. `release` removes the rules that name a security group from those of the targets."""

    def __init__(self, session: Session, seconds: float, bindings: Bindings, late: Late, release: Release | None) -> None:
        self._session = session
        self._bindings = bindings
        self._late = late
        self._release = release
        self.waits = TargetWaits(session, seconds)

    def begin(self, plan: Plan) -> None:
        """Call it before the first operation of a plan."""
        self.waits.retain(plan)

    async def perform(self, group: Group, operation: Operation, ids: Mapping[Ref, str]) -> Mapping[Ref, str]:
        """Perform one operation, and return the new ids. Errors: NotReady if it is only possible later; AwsError, KubeError."""
        with judged():
            if isinstance(operation, Create | Update) and operation.awaited:
                await self._ready(group, operation, ids)
            return await self._perform(group, operation, ids)

    async def _ready(self, group: Group, operation: Create | Update, ids: Mapping[Ref, str]) -> None:
        """Errors: NotReady while the new target groups of a rule have no healthy target."""

        async def prepare(prepared: Create | Update) -> object:
            return await self._perform(group, prepared, ids)

        if late := await self.waits.ready(group.id, operation, ids, prepare):
            self._late(group, operation, late)

    async def _perform(self, group: Group, operation: Operation, ids: Mapping[Ref, str]) -> Mapping[Ref, str]:
        log.info("operation", group=str(group.id), operation=operation.id)

        def resolve(token: Token) -> str:
            return ids[token] if isinstance(token, Ref) else token

        match operation:
            case PutBinding():
                await self._bindings.put(operation, group.id, resolve)
            case DeleteBinding():
                settled(operation)
                await self._bindings.delete(operation)
            case _:
                return await perform(self._session, operation, ids, self._release)
        return {}
