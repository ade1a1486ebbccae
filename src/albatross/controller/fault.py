"""Errors while a plan is carried out → problems: what was asked, what AWS said, what that means, and what to do about it."""

from collections.abc import Iterable, Mapping

from albatross.aws.session import errors
from albatross.aws.session.errors import AwsError
from albatross.catalog import permissions, problems
from albatross.catalog.limits import QUOTAS, Quota
from albatross.kube.errors import KubeError
from albatross.model.plan import Failed, Outcome
from albatross.model.problem import Origin, Problem

ROWS: Mapping[type[AwsError], str] = {
    errors.Throttled: "LB510",
    errors.Denied: "LB511",
    errors.NotFound: "LB513",
    errors.Conflict: "LB514",
    errors.Limit: "LB515",
    errors.Busy: "LB516",
    errors.Invalid: "LB517",
    errors.Unavailable: "LB518",
    errors.Unknown: "LB519",
}
"""The row of each class of AWS's errors."""

CREDENTIALS = "LB512"
CLUSTER = "LB520"
OURS = "LB521"

LONGEST = 300
"""Characters of an answer that are told (chosen: an event holds 1024); EC2's encoded authorization messages are far longer."""


def failed(outcome: Outcome) -> tuple[Failed, ...]:
    """The operations that ran into an error; those that merely have to wait are none."""
    return tuple(each for each in outcome.failures if not isinstance(each.error, errors.NotReady))


def problem(error: Exception, origin: Origin, what: str) -> Problem:
    """The problem of an error; `what` is what was being done (`create Listener 80`). It holds no request id: those differ each time."""
    if isinstance(error, AwsError):
        code = ROWS.get(type(error), ROWS[errors.Unknown])
        if isinstance(error, errors.Denied) and error.code not in errors.CODES_OF_PERMISSION:
            code = CREDENTIALS
        return Problem(code, origin, _words(what, error))
    if isinstance(error, errors.IdentityError):
        return Problem(CREDENTIALS, origin, (("call", "AWS"), ("code", "nothing"), ("said", str(error)), ("what", what)))
    code = CLUSTER if isinstance(error, KubeError) else OURS
    said = str(error) if isinstance(error, KubeError) else f"{type(error).__name__}: {error}"
    return Problem(code, origin, (("said", _clipped(said)), ("what", what)))


def words(error: Exception, what: str) -> str:
    """Its code, what was said, and what to do, in one line for an event."""
    return problems.sentence(problem(error, Origin("", "", ""), what))


def _words(what: str, error: AwsError) -> tuple[tuple[str, str], ...]:
    quotas = [quota for quota in QUOTAS.values() if quota.code == error.code]
    words = {
        "what": what,
        "call": f"{error.service} {error.operation}",
        "code": error.code or type(error).__name__,
        "said": _clipped(error.message),
        "actions": _actions(error),
        "quota": " or ".join(f"{quota.name} ({quota.value} unless raised)" for quota in quotas) or error.code,
        "remedy": _remedy(quotas),
    }
    return tuple(sorted(words.items()))


def _actions(error: AwsError) -> str:
    rows = permissions.needed(error.service, error.operation)
    return " and ".join(dict.fromkeys(row.action for row in rows)) or f"{error.service}:{error.operation}"


def _remedy(quotas: Iterable[Quota]) -> str:
    fixed = [quota for quota in quotas if not quota.adjustable]
    return "it cannot be raised, so need fewer" if fixed else "have it raised in Service Quotas, or need fewer"


def _clipped(text: str) -> str:
    return text if len(text) <= LONGEST else text[: LONGEST - 1] + "…"
