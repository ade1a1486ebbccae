"""What became of a group → what its Ingresses are told: addresses and events."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from albatross.catalog import problems
from albatross.model.plan import Done, Outcome
from albatross.model.problem import Problem
from albatross.model.resources.ref import Ref
from albatross.model.resources.stack import Stack
from albatross.model.snapshot import LoadBalancerIngress

BALANCER = "LoadBalancer"
FRONTEND = "FrontendNlb"
TOLD = 2
"""The maximum number of refusals in one event (chosen by us: an event holds 1024 characters)."""


@dataclass(frozen=True, slots=True)
class Line:
    """An event: its type (Normal or Warning), reason and message."""

    type: str
    reason: str
    message: str


FORETOLD = {"LB501": "ReplacingLoadBalancer", "LB504": "RemovingDeletionProtection"}
"""Problems that are told before the plan runs, with the reasons of their events."""

SUCCESS = Line("Normal", "SuccessfullyReconciled", "Successfully reconciled")


def failed(what: str, reason: str, cause: object) -> Line:
    """A Warning as the other controller words it: `Failed deploy model due to …`."""
    return Line("Warning", reason, f"Failed {what} due to {cause}")


def addresses(stack: Stack, ids: Mapping[Ref, str]) -> tuple[LoadBalancerIngress, ...]:
    """The status of every member: the load balancer with the listeners' ports, then the one in front of it; empty while unknown."""
    name = ids.get(Ref("LoadBalancer", BALANCER, "dns_name"), "").lower()
    if not name:
        return ()
    ports = tuple(sorted({listener.port for listener in stack.listeners if listener.load_balancer.id == BALANCER}))
    front = ids.get(Ref("LoadBalancer", FRONTEND, "dns_name"), "").lower()
    wanted = any(balancer.id == FRONTEND for balancer in stack.load_balancers)
    own = LoadBalancerIngress(hostname=name, ports=ports)
    return (own, LoadBalancerIngress(hostname=front)) if wanted and front else (own,)


def broken(found: Iterable[Problem]) -> Line:
    """One event for all of a member's errors: code, place, message and fix of each."""
    return failed("build model", "FailedBuildModel", "; ".join(_sentence(problem) for problem in found))


def unplaced(found: Iterable[Problem]) -> Line:
    """The event for an Ingress whose group cannot be told."""
    return Line("Warning", "FailedLoadGroupID", f"failed load groupID due to {'; '.join(_sentence(problem) for problem in found)}")


def _sentence(problem: Problem) -> str:
    place = problem.origin.object + (f" {problem.origin.field}" if problem.origin.field else "")
    return f"{problem.code}: {problems.message(problem)} [{place}] fix: {problems.remedy(problem)}"


def warned(problem: Problem) -> Line:
    """The event before something that users will notice; its problem is one of FORETOLD."""
    return Line("Warning", FORETOLD[problem.code], problems.sentence(problem))


def undone(outcome: Outcome, faults: Sequence[Problem]) -> Line:
    """One event for what AWS or the cluster refused: what each refusal means, what was done, and what waits for it."""
    causes = "; ".join(problems.sentence(each) for each in faults[:TOLD])
    more = f"; and {len(faults) - TOLD} more" if len(faults) > TOLD else ""
    return failed("deploy model", "FailedDeployModel", f"{causes}{more}; {_progress(outcome, len(faults))}")


def stopped(problem: Problem) -> Line:
    """The event for an error before there was a plan, or after it."""
    return failed("deploy model", "FailedDeployModel", problems.sentence(problem))


def _progress(outcome: Outcome, faults: int) -> str:
    done = sum(isinstance(each, Done) for each in outcome.results)
    waits = len(outcome.results) - done - faults
    return f"{done} of {len(outcome.results)} operations are done" + (f", {waits} wait for it" if waits else "")
