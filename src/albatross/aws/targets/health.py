"""Targets of a target group: the registered ones with their health, registration and deregistration."""

import asyncio
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from albatross.aws.session.client import Session
from albatross.aws.wire.action import given, literal
from albatross.model.target import Registered, Target

CHUNK = 200
"""Targets per RegisterTargets or DeregisterTargets call (elbv2 limit)."""

VPC_SECONDS = 600.0
"""How long the address ranges of a VPC are cached."""

LINGER = 0.01
"""Seconds in which requests for one target group are collected into one call; chosen by us: much shorter than a health check interval."""


async def registered(session: Session, arn: str, targets: Iterable[Target] | None = None) -> tuple[Registered, ...]:
    """Every registered target of the group, or only those in `targets`. Errors: NotFound if the group does not exist."""
    asked = [_write(each) for each in targets] if targets is not None else None
    if asked == []:
        return ()
    answer = await session.call("elbv2", "DescribeTargetHealth", TargetGroupArn=arn, Targets=asked)
    found = (_read(each) for each in answer.get("TargetHealthDescriptions") or ())
    return tuple(each for each in found if each.reason != "Target.NotRegistered")


async def group(session: Session, arn: str, name: str = "") -> dict[str, Any]:
    """A target group as elbv2 describes it, by its ARN or otherwise by its name. Errors: NotFound."""
    if arn:
        answer = await session.call("elbv2", "DescribeTargetGroups", TargetGroupArns=[arn])
    else:
        answer = await session.call("elbv2", "DescribeTargetGroups", Names=[name])
    found: dict[str, Any] = answer["TargetGroups"][0]
    return found


async def cidrs(session: Session, vpc_id: str) -> tuple[str, ...]:
    """The associated address ranges of a VPC, cached for ten minutes. Errors: AwsError (NotFound: the VPC does not exist)."""
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
        target=Target(target["Id"], target.get("Port"), target.get("AvailabilityZone") or "", target.get("QuicServerId") or ""),
        state=health.get("State", ""),
        reason=health.get("Reason") or "",
        description=health.get("Description") or "",
    )


def _write(target: Target) -> dict[str, Any]:
    return given(Id=literal(target.id), Port=target.port, AvailabilityZone=target.zone or None, QuicServerId=target.server_id or None)


async def register(session: Session, arn: str, targets: Sequence[Target]) -> None:
    """Register targets. Errors: AwsError."""
    await _change(session, "RegisterTargets", arn, targets)


async def deregister(session: Session, arn: str, targets: Sequence[Target]) -> None:
    """Deregister targets. Errors: AwsError."""
    await _change(session, "DeregisterTargets", arn, targets)


async def _change(session: Session, operation: str, arn: str, targets: Sequence[Target]) -> None:
    items = [_write(each) for each in targets]
    for start in range(0, len(items), CHUNK):
        chunk = items[start : start + CHUNK]
        if operation == "RegisterTargets":
            await session.call("elbv2", "RegisterTargets", TargetGroupArn=arn, Targets=chunk)
        else:
            await session.call("elbv2", "DeregisterTargets", TargetGroupArn=arn, Targets=chunk)


_Key = tuple[Session, str, str]


@dataclass(slots=True)
class Batches:
    """Registers and deregisters for many tasks: simultaneous requests for one group share the call, and its error."""

    _waiting: dict[_Key, "_Batch"] = field(default_factory=dict)

    async def register(self, session: Session, arn: str, targets: Sequence[Target]) -> None:
        """Register targets. Errors: AwsError."""
        await self._add((session, "RegisterTargets", arn), targets)

    async def deregister(self, session: Session, arn: str, targets: Sequence[Target]) -> None:
        """Deregister targets. Errors: AwsError."""
        await self._add((session, "DeregisterTargets", arn), targets)

    def __len__(self) -> int:
        return len(self._waiting)

    async def _add(self, key: _Key, targets: Sequence[Target]) -> None:
        if not targets:
            return
        batch = self._waiting.get(key)
        if batch is None:
            batch = self._waiting[key] = _Batch()
            batch.task = asyncio.ensure_future(self._work(key, batch))
        await asyncio.gather(*(batch.add(each) for each in targets))

    async def _work(self, key: _Key, batch: "_Batch") -> None:
        try:
            await key[0].clock.sleep(LINGER)
            while batch.targets:
                await batch.send(*key)
        finally:
            del self._waiting[key]
            batch.cancel()


@dataclass(slots=True)
class _Batch:
    """The targets for the next call about one target group, and the tasks that wait for it."""

    targets: dict[Target, list[asyncio.Future[None]]] = field(default_factory=dict)
    task: asyncio.Task[None] | None = None

    def add(self, target: Target) -> asyncio.Future[None]:
        future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.targets.setdefault(target, []).append(future)
        return future

    async def send(self, session: Session, operation: str, arn: str) -> None:
        batch = {target: self.targets.pop(target) for target in list(self.targets)[:CHUNK]}
        waiting = [future for futures in batch.values() for future in futures]
        try:
            await _change(session, operation, arn, tuple(batch))
        except BaseException as error:
            _settle(waiting, error)
            if not isinstance(error, Exception):
                raise
        else:
            _settle(waiting, None)

    def cancel(self) -> None:
        _settle((future for futures in self.targets.values() for future in futures), asyncio.CancelledError())


def _settle(waiting: Iterable[asyncio.Future[None]], error: BaseException | None) -> None:
    for future in waiting:
        if future.done():
            continue
        if error is None:
            future.set_result(None)
        elif isinstance(error, Exception):
            future.set_exception(error)
        else:
            future.cancel()
