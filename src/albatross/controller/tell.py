"""The reports of a pass of the model loop: events and status of the group's objects, the log, and the verdict."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

import structlog

from albatross import frontend
from albatross.aws.session.errors import AwsError, NotReady, Throttled
from albatross.catalog import denial, good, problems, tracking
from albatross.catalog.good import Good, NotKept
from albatross.catalog.kinds import find
from albatross.controller import fault
from albatross.controller.board import Board
from albatross.controller.metrics import Metrics
from albatross.controller.passes import Passes
from albatross.controller.worker import Verdict
from albatross.errors import AlbatrossError
from albatross.frontend import report
from albatross.frontend.group import Group, Placement
from albatross.frontend.report import Line, Standing
from albatross.kube import patch
from albatross.kube.cache import Cache
from albatross.kube.client import Client
from albatross.kube.errors import KubeError, KubeNotFound
from albatross.kube.events import Event, Recorder
from albatross.model.ident import Ident
from albatross.model.plan import Create, Done, Failed, Operation, Outcome, Skipped, Standby, Update
from albatross.model.problem import Origin, Problem
from albatross.model.resources.rule import Rule
from albatross.model.resources.stack import Stack, StackId
from albatross.model.snapshot import Snapshot
from albatross.pipeline import Decision, unkept
from albatross.planner.document import document

log = structlog.get_logger("groups")

NAME = "ingress"
# A user fixes input and cluster problems with an edit, which wakes the group; an AWS error may disappear without an edit.
FIXED_BY_EDIT = ("LB1", "LB2")
AGAIN_SECONDS = 30.0
"""Seconds until a stack with a problem in the account is read again (chosen by us): somebody adds a tag, and waits for the result."""
LOGGED = 100
"""The maximum number of problems, and of failed operations, that one pass logs (chosen by us: a line takes 0.1 ms)."""
REPLACING_SECONDS = 5.0
"""Seconds until it is checked again whether the successor of a load balancer is ready (chosen by us: AWS needs minutes to provision it)."""
NAME_SECONDS = 15.0
"""Seconds until a name that belongs to somebody else is checked again (chosen by us): if a host moves between Ingresses, the other one
deletes its record within seconds. The records are cached, so this costs few calls."""


@dataclass
class Teller:
    """The only writer of events and statuses of a stack's objects.

    `noted` has the problems of each stack's last pass, `waits` what each stack waits for. `passes` keeps more for the page. `due` has the
    problems that objects must show in their annotation; empty: none. `shown` are the uid and the text that were written last, because
    the cache knows them later.
    """

    client: Client
    cache: Cache
    recorder: Recorder
    metrics: Metrics
    cluster: str = ""
    noted: dict[StackId, tuple[Problem, ...]] = field(default_factory=dict)
    waits: dict[StackId, frozenset[str]] = field(default_factory=dict)
    passes: Passes = field(default_factory=Passes)
    board: Board = field(default_factory=Board)
    due: dict[Ident, str] = field(default_factory=dict)
    shown: dict[Ident, tuple[str, str]] = field(default_factory=dict)

    def say(self, lines: Iterable[Line]) -> None:
        """Record the events. An object that no longer exists gets no event."""
        for line in lines:
            noun = self.cache.get(line.ident.kind, line.ident.key)
            if noun is not None:
                source = tracking.OWNERS[frontend.ROOTS[line.ident.kind].OWNERS[0]].controller
                self.recorder.emit(Event(line.ident.kind, noun.metadata, line.type, line.reason, line.message, source))

    async def status(self, group: Group, standing: Standing) -> bool:
        """Write the statuses that changed. If one cannot be written, an event reports it, and the others are still written: False."""
        written = True
        for each in frontend.of(group).status(self.cache.snapshot(), group, standing):
            before = [entry.hostname for entry in self.cache.get(each.ident.kind, each.ident.key).status]
            try:
                with self.metrics.timed(NAME, "dns_resolve_and_update_status"):
                    await patch.status(self.client, each.ident, each.body)
                self.say(report.changed(each, before))
            except KubeNotFound:
                pass  # there is no object any more
            except KubeError as error:
                self.say([report.failed(each.ident, "update status", "FailedUpdateStatus", error)])
                written = False
        return written

    async def moved(self, group: Group, standing: Standing) -> None:
        """The address moves to another load balancer. Errors: NotReady if it cannot be written: the old one must not be deleted before."""
        if not await self.status(group, standing):
            raise NotReady("the new address cannot be written", AGAIN_SECONDS)

    async def model(self, group: Group, text: str) -> None:
        """Write the stack as JSON into its annotation; if it is empty, remove the annotation. If the cluster refuses, only log it."""
        for each in frontend.of(group).annotations(self.cache.snapshot(), group, text):
            await self._annotate(each.ident, each.values)

    async def keep(self, written: Mapping[Ident, str | NotKept], found: Iterable[Problem]) -> list[Problem]:
        """Write the last good version of objects with errors (from `versions`) into an annotation; problems if it cannot be kept.

        The same write has the errors of the object in `found`.
        """
        told = []
        for ident, text in written.items():
            now = self.cache.get(ident.kind, ident.key)
            if isinstance(text, NotKept):
                told.append(unkept(ident, text.reason))
            elif now is not None:
                wrong = report.noted(each for each in found if each.origin.ident == ident and problems.severity(each) == "error")
                self.shown[ident] = (now.metadata.uid, wrong)
                await self._annotate(ident, {tracking.LAST_GOOD: text, tracking.TROUBLE: wrong})
        return told

    async def discard(self, idents: Iterable[Ident]) -> None:
        """Remove the annotation with the last good version from objects that have no errors."""
        for ident in idents:
            now = self.cache.get(ident.kind, ident.key)
            if now is not None and tracking.LAST_GOOD in now.metadata.annotations:
                self.due.pop(ident, None)
                self.shown.pop(ident, None)
                await self._annotate(ident, dict.fromkeys(sorted(tracking.MARKS.intersection(now.metadata.annotations))))

    async def mark(self) -> None:
        """Write the problems of objects into their annotation where they changed. An object without problems costs no write."""
        due, self.due = self.due, {}
        for ident, text in due.items():
            now = self.cache.get(ident.kind, ident.key)
            if now is None:
                continue
            uid, before = self.shown.get(ident, ("", ""))
            if uid != now.metadata.uid:
                before = now.metadata.annotations.get(tracking.TROUBLE, "")
            if text != before:
                self.shown[ident] = (now.metadata.uid, text)
                await self._annotate(ident, {tracking.TROUBLE: text or None})

    def left(self, idents: Iterable[Ident]) -> None:
        """These objects have left their group; the write that removed its finalizer removed the annotations too."""
        for ident in idents:
            now = self.cache.get(ident.kind, ident.key)
            if now is None or now.metadata.deleting:
                self.shown.pop(ident, None)
            elif ident in self.shown:
                self.shown[ident] = (now.metadata.uid, "")

    async def _annotate(self, ident: Ident, values: Mapping[str, str | None]) -> None:
        """Write annotations. If the cluster refuses, only log it."""
        try:
            await patch.annotations(self.client, ident, values)
        except KubeError as error:
            log.warning("annotation not written", object=str(ident), keys=sorted(values), error=str(error))

    def complain(self, placements: Iterable[Placement]) -> None:
        """Report objects with an unknown stack, because no pass handles them."""
        for each in placements:
            self.board.note(("placement", each.ident), each.problems if each.lost else ())
            if each.lost:
                self.due[each.ident] = report.noted(each.problems)
                self.say([frontend.ROOTS[each.ident.kind].lost(each)])
            elif each.stack is None and not each.held:  # else the pass of its last stack knows what is wrong
                self.due[each.ident] = ""

    # What was decided --------------------------------------------------------------------------------------------

    def planned(self, group: Group, decision: Decision) -> None:
        """Log the plan before it runs, and report changes that affect users."""
        if decision.plan:
            log.info("plan", group=str(group.id), checksum=decision.plan.checksum, **decision.plan.counts)
        for problem in decision.problems:
            if problem.code in report.FORETOLD and problem not in decision.blamed.get(problem.origin.ident, ()):
                told = group.members or group.leaving
                own = problem.code in report.OWN and problem.origin.ident in (*group.members, *group.leaving)
                self.say(report.warned(ident, problem) for ident in ((problem.origin.ident,) if own else told))

    def problems(self, group: Group, decision: Decision) -> None:
        """Report each object's errors as an event, and log all problems if they differ from the last pass."""
        self.say(report.broken(ident, found, decision.problems) for ident, found in decision.blamed.items())
        self.board.note(("plan", group.id), decision.problems)
        self.board.note(("deploy", group.id), ())
        self.due.update((ident, report.noted(found)) for ident, found in decision.blamed.items())
        if self.noted.get(group.id, ()) == decision.problems:
            return
        self.noted[group.id] = decision.problems
        for problem in decision.problems[:LOGGED]:
            at = problem.origin
            words = {"message": problems.message(problem), "fix": problems.remedy(problem), "severity": problems.severity(problem)}
            log.info("problem", group=str(group.id), code=problem.code, object=at.object, field=at.field, **words)
        if (more := len(decision.problems) - LOGGED) > 0:
            log.info("more problems", group=str(group.id), count=more)

    def forget(self, stack: StackId) -> None:
        """A stack no longer exists."""
        self.noted.pop(stack, None)
        self.waits.pop(stack, None)
        self.board.note(("plan", stack), ())
        self.board.note(("deploy", stack), ())

    def late(self, group: Group, operation: Create | Update, words: tuple[tuple[str, str], ...]) -> None:
        """Report that a rule is changed although its new target groups have no healthy target."""
        asked = _asked(operation, group)
        self.say(report.warned(ident, Problem("LB523", Origin.of(ident), words)) for ident in asked)

    # How it ended ------------------------------------------------------------------------------------------------

    def well(self, idents: Iterable[Ident], decision: Decision) -> Verdict:
        """The whole plan is done: report success on these objects; or once what a replaced load balancer still waits for."""
        waits = tuple(f"{what}, then its address moves to its successor" for what in _waits(decision))
        told = self.waits.pop(decision.stack.id, frozenset()) if decision.stack else frozenset()
        if waits and decision.stack:
            self.waits[decision.stack.id] = frozenset(waits)
            self.say(report.waiting(ident, what) for what in waits if what not in told for ident in idents)
        else:
            self.say(report.well(ident) for ident in idents)
        self.due.update((ident, "") for ident in idents)
        return patience(decision)

    def unwritten(self) -> Verdict:
        """The plan is done, but a status is not written: the next pass writes it, and an event has said why."""
        return Verdict(failed=True, within=AGAIN_SECONDS)

    def refused(self, decision: Decision) -> Verdict:
        """An error prevents a plan."""
        self.metrics.errors.labels(NAME, "build_model_error").inc()
        return patience(decision)

    def unfinished(self, group: Group, decision: Decision, outcome: Outcome) -> Verdict:
        """Some operations failed or must wait."""
        failures = fault.failed(outcome)
        self._recount(group.id, outcome)
        if not failures:
            waits = {each.error: _asked(each.step.operation, group) for each in outcome.failures if isinstance(each.error, NotReady)}
            self._await(group, waits)
            return Verdict(after=min((each.retry_after for each in waits), default=0.0))
        self.metrics.errors.labels(NAME, "deploy_model_error").inc()
        self._blame(group, decision, outcome)
        return Verdict(failed=True, within=fault.within(each.error for each in outcome.failures))

    def _blame(self, group: Group, decision: Decision, outcome: Outcome) -> None:
        """Report the errors on the objects. If AWS denies a feature, this concerns only the objects that ask for it."""
        failures, told = fault.failed(outcome), group.members or group.leaving
        concerned = [_concerned(each, decision, told) for each in failures]
        faults = [fault.problem(each.error, origin(group), each.step.id, self.cluster) for each in failures]
        progress = report.progress(outcome, len(faults))
        known = {each.step.id for each in failures}
        whole = all(isinstance(each, Done) or each.step.id in known for each in outcome.results)
        owned = {ident: [problem for problem, idents in zip(faults, concerned, strict=True) if ident in idents] for ident in told}
        self.board.note(("deploy", group.id), (replace(each, origin=Origin.of(ident)) for ident, own in owned.items() for each in own))
        for ident, own in owned.items():
            if own:
                self.due[ident] = report.noted((*decision.blamed.get(ident, ()), *own))
                self.say([report.undone(ident, own, progress)])
            elif whole and ident not in decision.blamed:
                self.due[ident] = ""
                self.say([report.well(ident)])

    def stopped(self, group: Group, error: AlbatrossError) -> Verdict:
        """The pass stopped before or after the plan, because AWS or the cluster returned an error."""
        if isinstance(error, NotReady):
            log.info("pass waits", group=str(group.id), error=str(error))
            self._await(group, {error: group.members or group.leaving})
            return Verdict(after=error.retry_after)
        found = self._problem(group, error)
        log.warning("pass failed", group=str(group.id), code=found.code, error=str(error), fix=problems.remedy(found))
        self.metrics.errors.labels(NAME, "deploy_model_error").inc()
        told = group.members or group.leaving
        self.board.note(("deploy", group.id), (replace(found, origin=Origin.of(ident)) for ident in told))
        # these errors are temporary, so they get no event
        if not isinstance(error, KubeError | Throttled):
            self.say(report.stopped(ident, found) for ident in told)
            self.due.update((ident, report.noted([found])) for ident in told)
        return Verdict(failed=True, within=fault.within([error]))

    def problem(self, group: Group, error: AlbatrossError) -> Problem | None:
        """The problem of an error that stopped a pass; None if the pass only waits."""
        return None if isinstance(error, NotReady) else self._problem(group, error)

    def _problem(self, group: Group, error: AlbatrossError) -> Problem:
        what = "read the resources in AWS" if isinstance(error, AwsError) else "reconcile"
        return fault.problem(error, origin(group), what, self.cluster)

    def failed(self, group: Group, outcome: Outcome) -> tuple[tuple[tuple[Operation, Problem], ...], dict[str, str]]:
        """The operations that failed, with their problems, and the errors in words by operation."""
        found = fault.failed(outcome)
        faults = tuple((each.step.operation, fault.problem(each.error, origin(group), each.step.id, self.cluster)) for each in found)
        return faults, {each.step.id: str(each.error) for each in found}

    def _await(self, group: Group, found: Mapping[NotReady, tuple[Ident, ...]]) -> None:
        """Report what the group waits for, on these objects: once, not at every try."""
        told = self.waits.get(group.id, frozenset())
        now = {each.what: idents for each, idents in found.items() if not each.quiet}
        self.waits[group.id] = frozenset(now)
        self.say(report.waiting(ident, what) for what, idents in sorted(now.items()) if what not in told for ident in idents)

    def _recount(self, stack: StackId, outcome: Outcome) -> None:
        """Log failed operations, waiting operations, and operations that did not run."""
        for each in outcome.failures[:LOGGED]:
            if isinstance(each.error, NotReady):
                log.info("operation waits", group=str(stack), operation=each.step.id, error=str(each.error))
                continue
            found = fault.problem(each.error, Origin("Group", "", str(stack)), each.step.id, self.cluster)
            words = {"code": found.code, "error": str(each.error), "why": problems.PROBLEMS[found.code].why, "fix": problems.remedy(found)}
            log.warning("operation failed", group=str(stack), operation=each.step.id, **words)
        if left := [each.step.id for each in outcome.results if isinstance(each, Skipped)]:
            log.info("operations left", group=str(stack), operations=left[:LOGGED], count=len(left))


def modelled(stack: Stack) -> str:
    """The model of a stack as an annotation has it."""
    return json.dumps(document(stack), separators=(",", ":"))


def versions(goods: Mapping[Ident, Good], snapshot: Snapshot) -> dict[Ident, str | NotKept]:
    """The annotations with the last good versions, of objects that do not have them yet. The time depends on the size of the objects."""
    found: dict[Ident, str | NotKept] = {}
    for ident, version in goods.items():
        now = find(snapshot, ident)
        if now is not None and not good.current(version, now):
            found[ident] = good.write(version, now)
    return found


def _asked(operation: Operation, group: Group) -> tuple[Ident, ...]:
    """The object that asks for an operation: the member of a rule, else all objects."""
    resource = operation.resource if isinstance(operation, Create | Update) else None
    return (resource.member,) if isinstance(resource, Rule) and resource.member else group.members or group.leaving


def _concerned(failure: Failed, decision: Decision, told: tuple[Ident, ...]) -> frozenset[Ident]:
    feature = fault.feature(failure.error)
    asking = decision.asking.get(feature, frozenset()) if feature else frozenset()
    return asking.intersection(told) or frozenset(told)


def _waits(decision: Decision) -> tuple[str, ...]:
    """What replaced load balancers wait for; nothing if the address moves in this plan."""
    return tuple(f"load balancer {each.before.resource.name} is replaced: {what}" for each in _standby(decision) for what in each.waits)


def _standby(decision: Decision) -> tuple[Standby, ...]:
    """Replaced load balancers that stay; a plan without steps can have some too."""
    return () if decision.plan is None else decision.plan.standby


def patience(decision: Decision) -> Verdict:
    """The time until the next pass of a stack with these problems, or with a load balancer that is being replaced."""
    found, at = _patience(decision), decision.plan.at if decision.plan is not None else 0.0
    due = [REPLACING_SECONDS if each.until is None else _left(each.until - at) for each in _standby(decision)]
    return replace(found, after=min(due if found.after is None else (*due, found.after))) if due else found


def _left(seconds: float) -> float:
    """Until the deletion of a load balancer. If its time is over, its successor does not answer yet."""
    return seconds if seconds > 0 else REPLACING_SECONDS


def _patience(decision: Decision) -> Verdict:
    codes = [problem.code for found in decision.blamed.values() for problem in found]
    if any(problem.code in report.UNNAMED for problem in decision.problems):
        return Verdict(after=NAME_SECONDS)
    if denial.PROBLEMS.intersection(codes):
        return Verdict(after=denial.AGAIN_SECONDS)
    return Verdict(after=AGAIN_SECONDS) if any(not code.startswith(FIXED_BY_EDIT) for code in codes) else Verdict()


def origin(group: Group) -> Origin:
    """The first object of the group; if it has no objects, the group."""
    for ident in (*group.members, *group.leaving)[:1]:
        return Origin.of(ident)
    return Origin("Group", "", str(group.id))
