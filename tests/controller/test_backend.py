"""When the shared backend security group is deleted."""

from tests.controller.scripted import Account
from tests.world import CONFIG

from albatross.catalog.tracking import INGRESS, backend_group
from albatross.controller.backend import BackendUsers
from albatross.frontend.group import Group
from albatross.model.ident import Ident
from albatross.model.resources.stack import StackId

A, B = StackId(INGRESS, "shop", "a"), StackId(INGRESS, "shop", "b")
NOBODY = frozenset[StackId]()


def stands() -> tuple[BackendUsers, Account]:
    account = Account(CONFIG)
    tags = [{"Key": key, "Value": value} for key, value in backend_group(CONFIG).items()]
    account.made["SecurityGroup"].append({"GroupId": "sg-1", "GroupName": "shared", "Tags": tags, "VpcId": CONFIG.vpc_id})
    return BackendUsers(account), account


def member(stack: StackId) -> Group:
    return Group(stack, (Ident("Ingress", stack.namespace, stack.name),))


def leaver(stack: StackId) -> Group:
    return Group(stack, leaving=(Ident("Ingress", stack.namespace, stack.name),))


async def test_one_that_has_no_members_but_still_uses_it_keeps_it() -> None:
    backend, account = stands()
    await backend.heard(member(A), True, {A, B})
    await backend.heard(member(B), True, {A, B})
    await backend.heard(leaver(B), False, NOBODY)  # A's last member goes too, but A has not been heard yet
    assert account.made["SecurityGroup"]
    await backend.heard(leaver(A), False, NOBODY)
    assert not account.made["SecurityGroup"]


async def test_who_never_used_it_does_not_have_it_deleted() -> None:
    backend, account = stands()
    await backend.heard(member(A), False, {A})
    assert (account.journal, backend.owed) == ([], False)


async def test_one_that_leaves_after_a_restart_may_have_used_it() -> None:
    backend, account = stands()
    await backend.heard(leaver(A), False, {B})
    assert (backend.owed, account.journal) == (True, [])
    await backend.heard(member(B), False, {B})
    assert not account.made["SecurityGroup"]
