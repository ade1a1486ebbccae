"""Reads the health of targets for open pages, if the operator asks for it. All pages share one reading."""

import asyncio
from dataclasses import dataclass, field

import structlog

from albatross.aws.targets import health
from albatross.controller.app import App
from albatross.errors import AlbatrossError
from albatross.model.target import Registered

log = structlog.get_logger("page")

AT_ONCE = 4
"""Calls at the same time (chosen by us: the controller's own calls must not wait long behind them)."""
CHUNK = 20
"""Load balancers in one call (the limit of DescribeLoadBalancers)."""


@dataclass
class HealthReader:
    """`targets` by target group and `states` by load balancer, as read last; empty while nothing is read."""

    app: App
    targets: dict[str, tuple[Registered, ...]] = field(default_factory=dict)
    states: dict[str, str] = field(default_factory=dict)

    async def read(self) -> None:
        """Read everything once. What cannot be read is removed, so that no old state is shown."""
        groups, balancers = self._wanted("TargetGroup"), self._wanted("LoadBalancer")
        slots = asyncio.Semaphore(AT_ONCE)
        await asyncio.gather(*(self._group(arn, slots) for arn in groups), *(self._balancers(part) for part in _chunks(balancers)))
        for known, wanted in ((self.targets, groups), (self.states, balancers)):
            for arn in known.keys() - set(wanted):
                del known[arn]

    def forget(self) -> None:
        """No page is open: what was read gets old."""
        self.targets.clear()
        self.states.clear()

    def _wanted(self, noun: str) -> list[str]:
        records = self.app.groups.teller.passes.last.values()
        return sorted({arn for each in records for ref, arn in each.ids.items() if (ref.kind, ref.field) == (noun, "arn")})

    async def _group(self, arn: str, slots: asyncio.Semaphore) -> None:
        try:
            async with slots:
                self.targets[arn] = await health.registered(self.app.session, arn)
        except AlbatrossError as error:
            self.targets.pop(arn, None)
            log.info("health not read", target_group=arn, error=str(error))

    async def _balancers(self, arns: list[str]) -> None:
        try:
            answer = await self.app.session.call("elbv2", "DescribeLoadBalancers", LoadBalancerArns=arns)
        except AlbatrossError as error:
            log.info("load balancers not read", error=str(error))
            for arn in arns:
                self.states.pop(arn, None)
            return
        self.states.update({each["LoadBalancerArn"]: each["State"]["Code"] for each in answer["LoadBalancers"]})


def _chunks(arns: list[str]) -> list[list[str]]:
    return [arns[start : start + CHUNK] for start in range(0, len(arns), CHUNK)]
