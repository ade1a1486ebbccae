"""Targets of a target group: which are registered and how they are, entering and leaving."""

import asyncio
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from albatross.aws.session.client import Session
from albatross.aws.wire.action import given, literal
from albatross.model.target import Registered, Target
from albatross.model.target import Target as Endpoint

CHUNK = 200
"""Targets in one RegisterTargets or DeregisterTargets (elbv2 limit)."""

VPC_SECONDS = 600.0
"""How long a VPC's address ranges are believed."""

LINGER = 0.01
"""Seconds in which requests for one target group are gathered into one call; chosen: far below a health check's interval."""


async def registered(session: Session, arn: str, targets: Iterable[Target] | None = None) -> tuple[Registered, ...]:
    """Every target of the group (or just those), but for those that are not registered. Errors: NotFound for no such group."""
    asked = [_write(each) for each in targets] if targets is not None else None
    if asked == []:
        return ()
    answer = await session.call("elbv2", "DescribeTargetHealth", TargetGroupArn=arn, Targets=asked)
    found = (_read(each) for each in answer.get("TargetHealthDescriptions") or ())
    return tuple(each for each in found if each.reason != "Target.NotRegistered")


async def describe(session: Session, arn: str) -> tuple[Registered, ...]:
    """Every target of a group whose targets are instances or addresses, as the targets loop knows them. Errors as `registered`."""
    found = await registered(session, arn)
    return tuple(
        Registered(Endpoint(literal(each.target.id), each.target.port or 0, each.target.zone), each.state, each.reason, each.description)
        for each in found
    )


async def group(session: Session, arn: str, name: str = "") -> dict[str, Any]:
    """A target group as elbv2 describes it, by its ARN or else its name. Errors: NotFound."""
    if arn:
        answer = await session.call("elbv2", "DescribeTargetGroups", TargetGroupArns=[arn])
    else:
        answer = await session.call("elbv2", "DescribeTargetGroups", Names=[name])
    found: dict[str, Any] = answer["TargetGroups"][0]
    return found


async def cidrs(session: Session, vpc_id: str) -> tuple[str, ...]:
    """The associated address ranges of a VPC, believed for ten minutes. Errors: AwsError (NotFound: there is no such VPC)."""
    return await session.cache.get(("cidrs", vpc_id), VPC_SECONDS, lambda: _cidrs(session, vpc_id))


async def _cidrs(session: Session, vpc_id: str) -> tuple[str, ...]:
    vpcs = await session.pages("ec2", "DescribeVpcs", "Vpcs", VpcIds=[vpc_id])
    return tuple(
        entry[block]
        for vpc in vpcs
        for sets, block, state in (
            ("CidrBlockAssociationSet", "CidrBlock", "CidrBlockState"),
            ("Ipv6CidrBlockAssociationSet", "Ipv6CidrBlock", "Ipv6CidrBlockState"),
        )
        for entry in vpc.get(sets) or ()
        if entry.get(state, {}).get("State") == "associated"
    )


def _read(item: dict[str, Any]) -> Registered:
    target, health = item["Target"], item.get("TargetHealth") or {}
    return Registered(
        target=Target(id=target["Id"], port=target.get("Port"), zone=target.get("AvailabilityZone") or ""),
        state=health.get("State", ""),
        reason=health.get("Reason") or "",
        description=health.get("Description") or "",
    )


def _write(target: Target | Endpoint) -> dict[str, Any]:
    return given(Id=literal(target.id), Port=target.port, AvailabilityZone=target.zone or None)


async def register(session: Session, arn: str, targets: Sequence[Target | Endpoint]) -> None:
    """Register targets; whoever asks for the same group meanwhile shares the call, and its error."""
    await _desk(session, "RegisterTargets", arn).hand_in(targets)


async def deregister(session: Session, arn: str, targets: Sequence[Target | Endpoint]) -> None:
    """Deregister targets; shared as with `register`."""
    await _desk(session, "DeregisterTargets", arn).hand_in(targets)


@dataclass(slots=True)
class _Desk:
    """Where requests for one group gather while the last call is under way."""

    session: Session
    operation: str
    arn: str
    waiting: dict[Target | Endpoint, list[asyncio.Future[None]]] = field(default_factory=dict)
    task: asyncio.Task[None] | None = None

    async def hand_in(self, targets: Sequence[Target | Endpoint]) -> None:
        if not targets:
            return
        done = [self._enter(target) for target in targets]
        if self.task is None or self.task.done():
            self.task = asyncio.ensure_future(self._work())
        await asyncio.gather(*done)

    def _enter(self, target: Target | Endpoint) -> asyncio.Future[None]:
        future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.waiting.setdefault(target, []).append(future)
        return future

    async def _work(self) -> None:
        await self.session.clock.sleep(LINGER)
        while self.waiting:
            batch = dict(list(self.waiting.items())[:CHUNK])
            for target in batch:
                del self.waiting[target]
            futures = [future for waiters in batch.values() for future in waiters]
            await self._send(list(batch), futures)

    async def _send(self, targets: list[Target | Endpoint], futures: list[asyncio.Future[None]]) -> None:
        error: BaseException | None = None
        try:
            items = [_write(each) for each in targets]
            if self.operation == "RegisterTargets":
                await self.session.call("elbv2", "RegisterTargets", TargetGroupArn=self.arn, Targets=items)
            else:
                await self.session.call("elbv2", "DeregisterTargets", TargetGroupArn=self.arn, Targets=items)
        except BaseException as caught:
            error = caught
            if not isinstance(caught, Exception):
                raise
        finally:
            for future in futures:
                if not future.done():
                    if error is None:
                        future.set_result(None)
                    elif isinstance(error, Exception):
                        future.set_exception(error)
                    else:
                        future.cancel()


def _desk(session: Session, operation: str, arn: str) -> _Desk:
    key = f"{operation} {arn}"
    desk = session.desks.get(key)
    if not isinstance(desk, _Desk):
        desk = session.desks[key] = _Desk(session, operation, arn)
    return desk
