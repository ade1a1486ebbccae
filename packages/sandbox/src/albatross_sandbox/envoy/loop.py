"""Follow the account: look when something changed, tell Envoy, keep what there is to say about it."""

import asyncio
import json
import logging
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Protocol

import aiohttp
from botocore.exceptions import BotoCoreError, ClientError

from albatross_sandbox.envoy import address, config, datagram, read, relay
from albatross_sandbox.envoy.process import Envoy, EnvoyFailed
from albatross_sandbox.envoy.read import Answers, Json
from albatross_sandbox.envoy.state import Place, State, TargetGroup

_POLL_SECONDS = 0.1
_HEALTH_SECONDS = 1.0
_UNSETTLED_SECONDS = 0.25
_ANYWAY_SECONDS = 60.0  # the journal tells of every change; this is for what nobody thought of
_CALL_SECONDS = 0.01  # what asking for one group's health may cost on average, so that large accounts are asked more seldom
_UNSETTLED = frozenset({"initial", "draining", "unhealthy"})
_READING = ("Describe", "Get", "List")

log = logging.getLogger(__name__)


class Source(Protocol):
    """What the loop asks of an account: the real connection here, recorded answers in tests."""

    async def journal(self, since: int) -> list[Json]:
        """Calls with a number above `since`."""

    async def answers(self, before: Answers, touched: str | None) -> Answers:
        """Everything there is; what `touched` does not name may be taken from `before`, None asks for all anew."""

    async def health(self, groups: Iterable[str]) -> dict[str, tuple[Json, ...]]:
        """Target health by target group."""


@dataclass(frozen=True, slots=True)
class View:
    """What is served now; `through` is the number of the last journalled call it takes into account."""

    state: State = field(default_factory=State)
    places: Mapping[str, Place] = field(default_factory=dict)
    warnings: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    through: int = 0
    error: str | None = None


@dataclass(slots=True)
class Cursor:
    """How far the journal has been read."""

    n: int = 0

    def advance(self, calls: Sequence[Json]) -> tuple[bool, str | None]:
        """Read on: whether a call may have changed something, and what these calls asked for (None: it cannot be known).

        `calls` start at the last one read, so that a journal that was reset shows. Calls still under way are read again next time.
        """
        if self.n and (not calls or calls[0]["n"] != self.n):
            self.n = 0
            return True, None
        news = [call for call in calls if call["n"] > self.n]
        pending = min((call["n"] for call in news if not call["status"]), default=None)
        done = [call for call in news if pending is None or call["n"] < pending]
        if done:
            self.n = done[-1]["n"]
        changes = [call for call in done if not call["operation"].startswith(_READING) and call["status"] < 300]
        return bool(changes), json.dumps([[call["operation"], call.get("request")] for call in changes], default=str)


class Loop:
    """The data plane's one task."""

    def __init__(self, account: Source, envoy: Envoy, ledger: address.Ledger) -> None:
        self.view = View()
        self._account = account
        self._envoy = envoy
        self._ledger = ledger
        self._cursor = Cursor()
        self._answers = Answers()
        self._looked = self._checked = self._checked_some = -math.inf

    async def first(self) -> None:
        """Serve what there is now."""
        self._cursor.advance(await self._account.journal(0))
        await self._look(None)

    async def run(self) -> None:
        """Follow until cancelled; an account that does not answer is waited for."""
        clock = asyncio.get_running_loop().time
        while True:
            began = clock()
            try:
                await self._step()
            except (aiohttp.ClientError, BotoCoreError, ClientError, TimeoutError) as error:
                log.warning("the account does not answer: %s", type(error).__name__)
                self.view = replace(self.view, error=f"the account does not answer: {type(error).__name__}")
                self._looked = -math.inf  # what changed meanwhile is not known
            except EnvoyFailed as error:
                log.error("%s", error)
                self.view = replace(self.view, error=str(error))
            # A large account takes long to look at: at least as long again is left to others.
            await asyncio.sleep(max(_POLL_SECONDS, clock() - began))

    async def _step(self) -> None:
        now = asyncio.get_running_loop().time()
        changed, touched = self._cursor.advance(await self._account.journal(max(0, self._cursor.n - 1)))
        if not self._envoy.running:
            log.warning("envoy ended; starting it again")
            await self._envoy.start()
            await self._envoy.settle()
        if now - self._looked >= _ANYWAY_SECONDS:
            self._looked = self._checked = now
            await self._look(None)
        elif changed:
            await self._look(touched)
        elif self.view.through != self._cursor.n or self.view.error:
            self.view = replace(self.view, through=self._cursor.n, error=None)
        await self._check(now)

    async def _look(self, touched: str | None) -> None:
        through = self._cursor.n
        self._answers = await self._account.answers(self._answers, touched)
        await self._serve(through)

    async def _check(self, now: float) -> None:
        """Ask for health where it is time to."""
        # Targets come and go by calls, so a group without any need not be asked for.
        groups = [arn for arn, group in self.view.state.target_groups.items() if group.targets]
        unsettled = [arn for arn in groups if _unsettled(self.view.state.target_groups[arn])]
        if now - self._checked >= max(_HEALTH_SECONDS, len(groups) * _CALL_SECONDS):
            self._checked = self._checked_some = now
            asked = groups
        elif now - self._checked_some >= max(_UNSETTLED_SECONDS, len(unsettled) * _CALL_SECONDS):
            self._checked_some = now
            asked = unsettled
        else:
            return
        health = {**self._answers.target_health, **await self._account.health(asked)}
        if health != self._answers.target_health:
            self._answers = replace(self._answers, target_health=health)
            await self._serve(self.view.through)

    async def _serve(self, through: int) -> None:
        state = read.read(self._answers)
        places = self._ledger.places(state)
        rendered = config.render(state, places, str(self._envoy.folder))
        ways = relay.ways(str(self._envoy.folder), state)
        await self._envoy.relays.open(ways)
        if self._envoy.write(rendered.files):
            await self._envoy.settle()
        await self._envoy.relays.keep(ways)
        await self._envoy.fronts.follow(datagram.fronts(state, places))
        warnings = _with_refusals(rendered.warnings, self._envoy.refused, state)
        for (host, port), why in self._envoy.fronts.refused.items():
            for arn in [arn for arn, place in places.items() if host in (place.address, *place.zones.values())]:
                warnings[arn] = (*warnings[arn], f"UDP port {host}:{port} cannot be opened: {why}")
        self.view = View(state, places, warnings, through)


def _unsettled(group: TargetGroup) -> bool:
    """Whether some target is about to change: those of a group with none are asked for less often."""
    return any(each.state in _UNSETTLED for each in group.targets)


def _with_refusals(warnings: Mapping[str, tuple[str, ...]], refused: Mapping[str, str], state: State) -> dict[str, tuple[str, ...]]:
    """Warnings by load balancer, with what Envoy itself would not take."""
    said = tuple(f"envoy refused {file} and goes on with the one before: {why}" for file, why in sorted(refused.items()))
    return {balancer.arn: (*warnings.get(balancer.arn, ()), *said) for balancer in state.load_balancers}
