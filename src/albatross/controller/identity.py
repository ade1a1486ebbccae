"""Who the controller is in AWS: in the log, in a metric, and in an event about its ServiceAccount."""

import os
from collections.abc import Mapping

import structlog

from albatross.aws.session.client import Session
from albatross.aws.session.errors import AwsError
from albatross.catalog import problems
from albatross.catalog.identity import Principal, classify
from albatross.checks import account as checks
from albatross.controller.herald import Herald
from albatross.controller.metrics import Metrics
from albatross.model.problem import Problem
from albatross.model.snapshot import ServiceAccount

log = structlog.get_logger("identity")


async def introduce(session: Session, told: Herald, metrics: Metrics, environ: Mapping[str, str] = os.environ) -> Principal:
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
        _warn(told, (*checks.annotated(named), *(checks.intended(named, found) if arn else ())))
    return found


def unknown(told: Herald) -> None:
    """Say what is wrong with the annotations of the ServiceAccount, because there are no credentials."""
    if told.metadata:
        _warn(told, checks.annotated(ServiceAccount(metadata=told.metadata)))


def _warn(told: Herald, wrong: tuple[Problem, ...]) -> None:
    for problem in wrong:
        words = {"message": problems.message(problem), "fix": problems.remedy(problem)}
        log.warning("problem", code=problem.code, field=problem.origin.field, **words)
    told.warn(wrong, "IdentityMismatch")
