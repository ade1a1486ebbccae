"""Performs one operation of a plan: `perform(session, operation, ids, release)`."""

import asyncio
from collections.abc import Mapping
from typing import assert_never

from albatross.aws.perform import addon, backend, certificate, listener, load_balancer, record, rule, security_group, target_group
from albatross.aws.perform.learn import Learnt
from albatross.aws.perform.security_group import Release
from albatross.aws.session.client import Session
from albatross.aws.session.errors import LAG_SECONDS, AwsError, Conflict, Invalid, NotFound, NotReady, Unavailable
from albatross.aws.targets import health
from albatross.aws.wire.action import literal
from albatross.model.plan import (
    ChangeRecords,
    Create,
    CreateBackendGroup,
    Delete,
    Deregister,
    Register,
    Retire,
    SetCapacity,
    SetRulePriorities,
    Update,
)
from albatross.model.resources.action import AuthenticateOidc
from albatross.model.resources.addon import Protection, RegionalWebAclAssociation, WebAclAssociation
from albatross.model.resources.certificate import Certificate
from albatross.model.resources.listener import Listener
from albatross.model.resources.load_balancer import LoadBalancer
from albatross.model.resources.ref import BACKEND, Ref, Token
from albatross.model.resources.rule import Rule
from albatross.model.resources.security_group import SecurityGroup
from albatross.model.resources.target_group import TargetGroup
from albatross.token import swap

AwsOperation = (
    Create | Update | Delete | Retire | CreateBackendGroup | SetCapacity | SetRulePriorities | ChangeRecords | Register | Deregister
)
"""The operations that call AWS. Operations on bindings call the cluster."""

AGAIN_SECONDS = 0.5
"""The time until the state is read again after a lost answer; chosen by us."""

RECORDS = "InvalidChangeBatch"
"""The only code of Route 53 for a record that exists already, or that does not exist any more."""

SURPRISES = (Conflict, NotFound, Unavailable, asyncio.CancelledError)
"""After these errors, the account may differ from what we know: without an answer, AWS may have created a resource all the same."""


async def perform(session: Session, operation: AwsOperation, ids: Mapping[Ref, str], release: Release | None = None) -> Learnt:
    """Perform the operation, with every reference replaced by its id. Returns the new ids.

    `release` is called with a security group that can't be deleted yet, to remove our rules that name it from other security groups.
    Errors: AwsError; NotReady if it is only possible later; UnresolvedError if a reference has no id yet.
    """
    known: dict[Token, Token] = {}
    known.update(ids.items())
    try:
        learnt = await _perform(session, operation, known, release)
        _made(session, operation, known)
        return learnt
    except (AwsError, asyncio.CancelledError) as error:
        if isinstance(error, SURPRISES):
            session.inventory.relist()
            session.backend = ""
        if isinstance(error, AwsError):
            raise _own(error, operation) or _lag(session, error, operation, known) or _discreet(error, operation) from None
        raise


def _own(error: AwsError, operation: AwsOperation) -> NotReady | None:
    """If the first try had its effect, but its answer was lost: the wait for the next pass, which finds what it made."""
    if not error.repeated or not (isinstance(error, Conflict) or error.code == RECORDS):
        return None
    return NotReady(f"{operation.id}: the answer of AWS was lost, so the state is read again", AGAIN_SECONDS, quiet=True)


def _made(session: Session, operation: AwsOperation, known: Mapping[Token, Token]) -> None:
    """Remember for some seconds what we created or changed."""
    now = session.clock.now()
    for old in [each for each, at in session.written.items() if now - at >= LAG_SECONDS]:
        del session.written[old]
    if isinstance(operation, Create | Update):
        session.written[_key(operation, known)] = now


def _lag(session: Session, error: AwsError, operation: AwsOperation, known: Mapping[Token, Token]) -> NotReady | None:
    """If it conflicts with what we wrote a moment ago, because reads of AWS are some seconds older: the wait until they show it."""
    if not (isinstance(error, Conflict) and isinstance(operation, Create | Update)):
        return None
    if session.clock.now() - session.written.get(_key(operation, known), float("-inf")) >= LAG_SECONDS:
        return None
    return NotReady(f"{operation.id}: AWS does not show yet what was written", AGAIN_SECONDS, quiet=True)


def _key(operation: Create | Update, known: Mapping[Token, Token]) -> int:
    return hash(repr(swap(operation.resource, known)))


def _discreet(error: AwsError, operation: AwsOperation) -> AwsError:
    """The error, without the secrets of the request. `from None` removes its cause, which contains the same answer."""
    resource = operation.resource if isinstance(operation, Create | Update) else None
    match resource:
        case Listener(default_actions=actions) | Rule(actions=actions):
            secrets = [each.client_secret for each in actions if isinstance(each, AuthenticateOidc) and each.client_secret]
        case _:
            secrets = []
    return error.without(secrets) if secrets else error


async def _perform(session: Session, operation: AwsOperation, known: Mapping[Token, Token], release: Release | None) -> Learnt:
    match operation:
        case Create():
            return await _create(session, operation, known)
        case Update():
            await _update(session, swap(operation, known))
        case Delete():
            await _delete(session, swap(operation, known), release)
        case Retire():
            await load_balancer.retire(session, operation)
        case CreateBackendGroup():
            return {BACKEND: await backend.ensure(session)}
        case SetCapacity(load_balancer=ref):
            await load_balancer.capacity(session, operation, literal(known.get(ref, ref)))
        case SetRulePriorities():
            await rule.prioritize(session, operation)
        case ChangeRecords():
            await record.change(session, swap(operation, known))
        case Register():
            done = swap(operation, known)
            try:
                await health.register(session, literal(done.target_group), done.targets)
            except Invalid:
                await load_balancer.awaited(session, done.targets)
                raise
        case Deregister():
            done_too = swap(operation, known)
            await health.deregister(session, literal(done_too.target_group), done_too.targets)
        case _:
            assert_never(operation)
    return {}


async def _create(session: Session, operation: Create, known: Mapping[Token, Token]) -> Learnt:
    resource = swap(operation.resource, known)
    match resource:
        case SecurityGroup():
            return await security_group.create(session, operation, resource)
        case Certificate():
            return await certificate.create(session, operation, resource)
        case LoadBalancer():
            return await load_balancer.create(session, operation, resource)
        case TargetGroup():
            return await target_group.create(session, operation, resource)
        case Listener():
            return await listener.create(session, operation, resource)
        case Rule():
            return await rule.create(session, operation, resource)
        case WebAclAssociation() | RegionalWebAclAssociation() | Protection():
            await addon.create(session, operation, resource)
            return {}
        case _:
            assert_never(resource)


async def _update(session: Session, operation: Update) -> None:
    match operation.resource:
        case SecurityGroup() as group:
            await security_group.update(session, operation, group)
        case Certificate() as wanted:
            await certificate.update(session, operation, wanted)
        case LoadBalancer() as balancer:
            await load_balancer.update(session, operation, balancer)
        case TargetGroup() as targets:
            await target_group.update(session, operation, targets)
        case Listener() as port:
            await listener.update(session, operation, port)
        case Rule() as route:
            await rule.update(session, operation, route)
        case WebAclAssociation() | RegionalWebAclAssociation() | Protection():
            raise TypeError("what hangs on a load balancer is created or deleted, never updated")
        case _:
            assert_never(operation.resource)


async def _delete(session: Session, operation: Delete, release: Release | None) -> None:
    match operation.before.resource:
        case SecurityGroup():
            await security_group.delete(session, operation, release)
        case Certificate():
            await certificate.delete(session, operation)
        case LoadBalancer():
            await load_balancer.delete(session, operation)
        case TargetGroup():
            await target_group.delete(session, operation)
        case Listener():
            await listener.delete(session, operation)
        case Rule():
            await rule.delete(session, operation)
        case (WebAclAssociation() | RegionalWebAclAssociation() | Protection()) as association:
            await addon.delete(session, operation, association)
        case _:
            assert_never(operation.before.resource)
