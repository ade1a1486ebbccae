"""The Shield protection of load balancers, and whether the account has Shield Advanced."""

from dataclasses import replace

from albatross.aws.session.client import Session
from albatross.aws.session.errors import CODES_OF_PERMISSION, AwsError, Denied, NotFound
from albatross.aws.session.retry import again
from albatross.model.observed import Observed, Owned
from albatross.model.resources.addon import Protection
from albatross.model.resources.load_balancer import LoadBalancer
from albatross.model.resources.stack import Stack

SECONDS = 600.0
"""How long a protection is cached, and an answer of Shield that failed; our own writes are stored at once."""
SUBSCRIPTION_SECONDS = 2 * 3600.0
"""How long the state of the account's Shield subscription is cached."""

UNREADABLE, UNREADABLE_SECONDS = frozenset({""}), 5.0
"""The code of errors without an answer that can be read, and how long the question is repeated after them (chosen by us)."""
_SUBSCRIPTION = "shield subscription"

PATIENCE_SECONDS = 10.0
"""How long a deletion waits for Shield (chosen by us): a cluster without a way to Shield must be able to delete load balancers too."""

PROTECTION = "managed by aws-load-balancer-controller"
"""The name of protections that we create: the same as the peer's, so that each controller finds the protections of the other."""
OURS = frozenset({PROTECTION, "managed by aws-alb-ingress-controller"})
"""Names of protections that may be deleted."""


def going(stack: Stack, found: Observed) -> list[Owned[LoadBalancer]]:
    """The load balancers that the stack does not have, or that another one with the same id replaces."""
    wanted = {(each.id, each.type, each.scheme) for each in stack.load_balancers}
    return [each for each in found.load_balancers if (each.resource.id, each.resource.type, each.resource.scheme) not in wanted]


async def protection(session: Session, want: Protection, arn: str) -> Owned[Protection] | None:
    """In an account without a Shield subscription, the desired state is returned as the current one: it could not be changed."""
    if not await subscribed(session):
        return Owned(resource=want, arn="")
    identity, name = await _described(session, arn)
    if not identity:
        return None
    return Owned(resource=replace(want, resource=arn, enabled=want.enabled or name in OURS), arn=identity)


async def _described(session: Session, arn: str) -> tuple[str, str]:
    """The id and the name of a load balancer's protection; both are empty if it has none."""

    async def ask() -> tuple[str, str]:
        try:
            found = (await session.call("shield", "DescribeProtection", ResourceArn=arn))["Protection"]
        except NotFound:
            return "", ""
        return str(found["Id"]), str(found.get("Name") or "")

    return await session.cache.get(("protection", arn), SECONDS, ask)


async def last(session: Session, balancer: Owned[LoadBalancer]) -> Owned[Protection] | None:
    """Our protection of a load balancer that goes. If Shield may not be asked, or does not answer, the load balancer goes without it."""

    async def ask() -> bool:
        try:
            async with session.clock.timeout(PATIENCE_SECONDS):
                return await subscribed(session)
        except (TimeoutError, Denied):
            return False

    if not await session.cache.get("shield answers", SECONDS, ask):
        return None
    try:
        identity, name = await _described(session, balancer.arn)
    except Denied as error:
        if error.code not in CODES_OF_PERMISSION:
            raise
        return None
    protection = Protection(id=balancer.resource.id, resource=balancer.arn, enabled=True)
    return Owned(resource=protection, arn=identity) if name in OURS else None


async def subscribed(session: Session) -> bool:
    """Whether the account has Shield Advanced. Errors: Denied if the permission for the question is missing.

    If Shield does not answer, this counts as no for some minutes, so that load balancers do not wait for it.
    """

    async def call() -> str:
        return str((await session.call("shield", "GetSubscriptionState")).get("SubscriptionState"))

    async def ask() -> bool:
        return await again(call, on=UNREADABLE, clock=session.clock, every=1.0, within=UNREADABLE_SECONDS) == "ACTIVE"

    try:
        return await session.cache.get(_SUBSCRIPTION, SUBSCRIPTION_SECONDS, ask)
    except AwsError as error:
        if error.code in CODES_OF_PERMISSION:
            raise
        session.cache.put(_SUBSCRIPTION, False, SECONDS)
        return False
