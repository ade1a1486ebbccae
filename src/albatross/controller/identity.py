"""Who the controller is in AWS, and which features AWS denies: in the log, in metrics, and in events about its ServiceAccount."""

import asyncio
import os
from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import structlog

from albatross.aws.session.client import Session
from albatross.aws.session.errors import CODES_OF_PERMISSION, AwsError
from albatross.catalog import kinds, permissions, problems
from albatross.catalog.identity import Identity, classify
from albatross.catalog.kinds import KINDS
from albatross.catalog.permissions import CallPermission, Feature
from albatross.checks import account as checks
from albatross.controller.access import Rights, account, complaints
from albatross.controller.metrics import Metrics
from albatross.kube.client import Client
from albatross.kube.errors import KubeError
from albatross.kube.events import Event, Recorder
from albatross.model.problem import Origin, Problem
from albatross.model.snapshot import Key, Metadata, ServiceAccount

log = structlog.get_logger("identity")

KIND = "ServiceAccount"
COMPONENT = "identity"
OPTIONAL: frozenset[Feature] = frozenset({"wafv2", "waf-regional", "shield", "certificates", "certificate-creation", "cognito"})
"""Features that a permission switches off as a whole. The others concern single bindings; events of these bindings report a denial."""


@dataclass
class Herald:
    """Says things about the controller itself: each one in the log and, in a pod that may create events, about its ServiceAccount."""

    metadata: Metadata | None = None
    recorder: Recorder | None = None

    def say(self, kind: str, reason: str, message: str) -> None:
        """Record an event."""
        if self.metadata and self.recorder:
            self.recorder.emit(Event(KIND, self.metadata, kind, reason, message))

    def warn(self, found: Iterable[Problem], reason: str) -> None:
        """Record a Warning for each problem."""
        for problem in found:
            self.say("Warning", reason, problems.sentence(problem))


@dataclass
class Features:
    """The optional features that AWS denies now: found by a denied call, and back with the next call that succeeds."""

    metrics: Metrics
    herald: Herald = field(default_factory=Herald)
    identity: str = "the controller"
    off: dict[str, Feature] = field(default_factory=dict)

    def called(self, service: str, operation: str, code: str, seconds: float) -> None:
        """Note a call to AWS; for `Session.watcher`."""
        self.metrics.called(service, operation, code, seconds)
        row = _optional(service, operation)
        if row is None:
            return
        if code in CODES_OF_PERMISSION and row.action not in self.off:
            self._lost(row)
        elif not code and row.action in self.off:
            self._back(row)

    def _lost(self, row: CallPermission) -> None:
        self.off[row.action] = row.feature
        self.metrics.disabled.labels(row.feature, row.action).set(1)
        words = {"action": row.action, "feature": row.feature, "identity": self.identity}
        problem = Problem("LB712", _origin(self.herald), tuple(sorted(words.items())))
        log.warning("problem", code=problem.code, message=problems.message(problem), fix=problems.remedy(problem))
        self.herald.warn([problem], "FeatureDisabled")

    def _back(self, row: CallPermission) -> None:
        del self.off[row.action]
        self.metrics.disabled.labels(row.feature, row.action).set(0)
        log.info("feature is back", feature=row.feature, action=row.action)
        self.herald.say("Normal", "FeatureEnabled", f"AWS allows {row.action} now; {row.feature} works again")


def _origin(herald: Herald) -> Origin:
    return Origin(KIND, *(herald.metadata.key if herald.metadata else ("", "")))


def _optional(service: str, operation: str) -> CallPermission | None:
    return next((row for row in permissions.needed(service, operation) if row.feature in OPTIONAL), None)


@asynccontextmanager
async def herald(client: Client, rights: Rights) -> AsyncIterator[Herald]:
    """The herald of this process; it writes its events until the context ends."""
    key = account(rights.user)
    if key is None:
        yield Herald()
        return
    found = await read(client, key)
    recorder = None if "events" in rights.lacking else Recorder(client, COMPONENT)
    made = Herald(found.metadata, recorder)
    made.warn(complaints(rights), "AccessMissing")
    if recorder is None:
        yield made
        return
    task = asyncio.ensure_future(recorder.run())
    try:
        yield made
        await recorder.flush()
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def read(client: Client, key: Key) -> ServiceAccount:
    """A ServiceAccount; without its annotations if it cannot be read."""
    row = KINDS[KIND]
    try:
        found = kinds.parse({**await client.get(row.path(*key)), "apiVersion": row.api_version, "kind": row.kind})
    except KubeError as error:
        log.info("service account not readable", account="/".join(key), error=str(error))
        return ServiceAccount(metadata=Metadata(namespace=key[0], name=key[1]))
    assert isinstance(found, ServiceAccount)
    return found


async def introduce(session: Session, told: Herald, metrics: Metrics, environ: Mapping[str, str] = os.environ) -> Identity:
    """Ask STS who we are, say it, and warn if it is not the identity that the ServiceAccount names.

    If STS does not answer (a private network without an endpoint for STS), only the source of the credentials is known.
    """
    try:
        number, arn = await session.identity()
    except AwsError as error:
        log.warning("identity not known", error=str(error))
        number = arn = ""
    found = classify(arn, number, await session.method(), environ)
    metrics.identity.labels(found.kind, found.arn, found.account).set(1)
    log.info("identity", kind=found.kind, arn=found.arn, account=found.account)
    told.say("Normal", "Identity", f"the controller is {found.words}")
    if told.metadata:
        named = ServiceAccount(metadata=told.metadata)
        wrong = (*checks.annotated(named), *(checks.intended(named, found) if arn else ()))
        for problem in wrong:
            words = {"message": problems.message(problem), "fix": problems.remedy(problem)}
            log.warning("problem", code=problem.code, field=problem.origin.field, **words)
        told.warn(wrong, "IdentityMismatch")
    return found
