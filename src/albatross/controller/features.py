"""Optional features that AWS denies: said once, in the log, in a metric and in an event; they come back by themselves."""

from dataclasses import dataclass, field

import structlog

from albatross.aws.session.errors import CODES_OF_PERMISSION
from albatross.catalog import permissions, problems
from albatross.catalog.event import DISABLED, ENABLED
from albatross.catalog.permissions import CallPermission, Feature
from albatross.controller.herald import KIND, Herald
from albatross.controller.metrics import Metrics
from albatross.model.problem import Origin, Problem

log = structlog.get_logger("identity")

OPTIONAL: frozenset[Feature] = frozenset({"wafv2", "waf-regional", "shield", "certificates", "certificate-creation", "cognito"})
"""Features that a permission switches off as a whole. The others concern single bindings, and the events of these report a denial."""


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
        self.herald.warn([problem], DISABLED)

    def _back(self, row: CallPermission) -> None:
        del self.off[row.action]
        self.metrics.disabled.labels(row.feature, row.action).set(0)
        log.info("feature is back", feature=row.feature, action=row.action)
        self.herald.say("Normal", ENABLED, f"AWS allows {row.action} now; {row.feature} works again")


def _origin(herald: Herald) -> Origin:
    return Origin(KIND, *(herald.metadata.key if herald.metadata else ("", "")))


def _optional(service: str, operation: str) -> CallPermission | None:
    """The row of a call that only optional features make. What DNS records need too does not mean that another feature is off."""
    rows = permissions.needed(service, operation)
    return rows[0] if rows and all(row.feature in OPTIONAL for row in rows) else None
