"""Errors while a plan runs → problems: the call, the answer of AWS, its meaning, and the fix."""

from collections.abc import Iterable
from dataclasses import replace

from albatross.aws.session import errors
from albatross.aws.session.errors import AwsError
from albatross.catalog import denial, problems
from albatross.catalog.limits import QUOTAS, Quota
from albatross.catalog.permissions import Feature
from albatross.kube.errors import KubeConflict, KubeError, KubeThrottled, Refused
from albatross.model.plan import Failed, Outcome
from albatross.model.problem import Origin, Problem

RECORDS = "LB522"
CLUSTER = "LB520"
OURS = "LB521"


def failed(outcome: Outcome) -> tuple[Failed, ...]:
    """The operations that failed with an error. An operation that only has to wait is not one of them."""
    return tuple(each for each in outcome.failures if not isinstance(each.error, errors.NotReady))


def problem(error: Exception, origin: Origin, what: str, cluster: str = "") -> Problem:
    """The problem of an error. `what` names the action (`create Listener 80`). The text has no request id, because each one differs.

    `cluster` is the name of the cluster, for the commands that print missing permissions.
    """
    if isinstance(error, errors.Denied) and error.code in errors.CODES_OF_PERMISSION:
        call = {"what": what, "call": f"{error.service} {error.operation}", "aws_code": error.code}
        found = {**denial.words(error.message, error.service, error.operation, cluster), **call}
        return Problem(denial.read(error.message).problem, origin, tuple(sorted(found.items())))
    if isinstance(error, AwsError):
        code = RECORDS if error.code == "InvalidChangeBatch" else errors.row(error)
        return Problem(code, origin, _words(what, error))
    if isinstance(error, errors.IdentityError):
        if error.problem is not None:
            return replace(error.problem, origin=origin)
        return Problem(
            errors.CREDENTIALS, origin, (("call", "the AWS client"), ("code", "IdentityError"), ("said", str(error)), ("what", what))
        )
    if isinstance(error, KubeError):
        return Problem(CLUSTER, origin, (("remedy", _way(error)), ("said", problems.clipped(str(error))), ("what", what)))
    return Problem(OURS, origin, (("said", problems.clipped(f"{type(error).__name__}: {error}")), ("what", what)))


def feature(error: Exception) -> Feature | None:
    """The optional feature that AWS denies; None for every other error."""
    if not (isinstance(error, errors.Denied) and error.code in errors.CODES_OF_PERMISSION):
        return None
    rows = denial.rows(denial.read(error.message), error.service, error.operation)
    features = {row.feature for row in rows if not row.required}
    return features.pop() if len(features) == 1 and not any(row.required for row in rows) else None


def words(error: Exception, what: str, cluster: str = "") -> str:
    """The code, the message and the fix of an error, in one line for an event."""
    return problems.sentence(problem(error, Origin("", "", ""), what, cluster))


def within(found: Iterable[Exception]) -> float | None:
    """The longest time until the next try after these errors, in seconds; None: the back-off decides."""
    return min((each.retry_within for each in found if isinstance(each, errors.Denied)), default=None)


def _words(what: str, error: AwsError) -> tuple[tuple[str, str], ...]:
    quotas = [quota for quota in QUOTAS.values() if quota.code == error.code]
    words = {
        "what": what,
        "call": f"{error.service} {error.operation}",
        "code": error.code or type(error).__name__,
        "said": problems.clipped(error.message),
        "quota": " or ".join(f"{quota.name} ({quota.value} by default)" for quota in quotas) or error.code,
        "remedy": _remedy(quotas),
    }
    return tuple(sorted(words.items()))


def _remedy(quotas: Iterable[Quota]) -> str:
    fixed = [quota for quota in quotas if not quota.adjustable]
    return "use fewer, because AWS does not increase this quota" if fixed else "request a quota increase in Service Quotas, or use fewer"


def _way(error: KubeError) -> str:
    """What to do about an error of the cluster: only a refusal can be a matter of the controller's installation."""
    if isinstance(error, Refused) and error.status < 500 and not isinstance(error, KubeConflict | KubeThrottled):
        return "check that the controller's role allows it, and that the custom resource definition is installed"
    return "wait: if the problem lasts, look at the API server, and at the webhooks that it calls"
