"""What a rule waits for before it sends requests to new target groups, and for how long."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import pytest
from tests.clock import Virtual
from tests.controller.scripted import Account
from tests.planner.stand import ID, STACK, TG, plan, rule, there
from tests.world import CONFIG

from albatross.aws.session.errors import Denied, Invalid, NotFound, NotReady
from albatross.controller.awaiting import SETTLED, TargetWaits, settled
from albatross.model.observed import Owned
from albatross.model.plan import Awaited, Create, DeleteBinding, Plan, Step, Update

NEW = "arn:new"


@dataclass
class Elb(Account):
    """An account in which the test says how the targets of each group are."""

    targets: dict[str, list[str] | Exception] = field(default_factory=dict)

    def __init__(self, states: Mapping[str, list[str] | Exception]) -> None:
        super().__init__(CONFIG)
        self.clock = Virtual()
        self.targets = dict(states)

    async def call(self, service: str, operation: str, /, **request: Any) -> dict[str, Any]:
        assert operation == "DescribeTargetHealth"
        states = self.targets[request["TargetGroupArn"]]
        if isinstance(states, Exception):
            raise states
        found = [{"Target": {"Id": f"10.0.0.{number}"}, "TargetHealth": {"State": state}} for number, state in enumerate(states)]
        return {"TargetHealthDescriptions": found}


def change(prepared: bool = True, checked: bool = False, serving: bool = True) -> Update:
    before = there(STACK).rules[0]
    before = Owned(resource=replace(before.resource, listener=rule(1, "/a").listener), arn=before.arn)
    plain = Update(resource=rule(1, "/a", NEW), before=before, changed=("actions",))
    until = replace(plain, resource=rule(1, "/a")) if prepared else None
    return replace(plain, awaited=Awaited(groups=(NEW,), serving=(TG,) if serving else (), prepared=until, checked=checked))


@dataclass
class Bed:
    account: Elb
    seconds: float = 60.0
    refuse: Exception | None = None
    prepared: list[Create | Update] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.waits = TargetWaits(self.account, self.seconds)

    async def prepare(self, operation: Create | Update) -> None:
        self.prepared.append(operation)
        if self.refuse:
            raise self.refuse

    async def ready(self, operation: Update) -> dict[str, str]:
        return dict(await self.waits.ready(ID, operation, {TG: "arn:old"}, self.prepare))

    async def waiting(self, operation: Update) -> NotReady:
        with pytest.raises(NotReady) as caught:
            await self.ready(operation)
        return caught.value


def bed(new: list[str] | Exception, old: list[str] | Exception | None = None) -> Bed:
    return Bed(Elb({NEW: new, "arn:old": ["healthy"] if old is None else old}))


async def test_healthy_targets_need_no_wait() -> None:
    found = bed(["initial", "healthy"])
    assert await found.ready(change()) == {}
    assert found.prepared == []
    assert found.waits.waits == {ID: {}}


async def test_until_then_the_target_group_is_added_with_weight_0() -> None:
    found = bed([])
    wait = await found.waiting(change())
    assert wait.what == "rule 80:1 (/a) is changed when target group arn:new has a healthy target, at most 60 s after the change"
    assert found.prepared == [change().awaited.prepared]  # type: ignore[union-attr]
    found.account.targets[NEW] = ["healthy"]
    assert await found.ready(change(prepared=False, checked=True)) == {}


async def test_what_is_checked_is_not_prepared_again() -> None:
    found = bed(["initial"])
    await found.waiting(change(prepared=False, checked=True))
    assert found.prepared == []


async def test_the_looks_become_rarer() -> None:
    found = bed(["unhealthy"])
    seconds = []
    for _ in range(4):
        seconds.append((await found.waiting(change())).retry_after)
        await found.account.clock.advance(12)  # type: ignore[attr-defined]
    assert seconds == [1.0, 3.0, 5.0, 5.0]


async def test_after_the_longest_time_the_rule_changes_all_the_same() -> None:
    found = bed([])
    await found.waiting(change())
    await found.account.clock.advance(60)  # type: ignore[attr-defined]
    assert await found.ready(change()) == {"rule": "rule 80:1 (/a)", "groups": "target group arn:new", "seconds": "60"}


@pytest.mark.parametrize("old", [["unhealthy"], [], NotFound("elbv2", "DescribeTargetHealth", "TargetGroupNotFound", "gone")])
async def test_nothing_waits_if_nothing_answers_today(old: list[str] | Exception) -> None:
    assert await bed([], old).ready(change()) == {}


@pytest.mark.parametrize(("state", "enough"), [("unused", True), ("draining", False)])
async def test_without_checks_registered_targets_are_enough(state: str, enough: bool) -> None:
    found = bed([state])
    if enough:
        assert await found.ready(change(prepared=False, serving=False)) == {}
    else:
        await found.waiting(change(prepared=False, serving=False))


async def test_what_aws_refuses_to_check_is_only_registered() -> None:
    found = bed(["unused"])
    found.refuse = Invalid("elbv2", "ModifyRule", "InvalidLoadBalancerAction", "no")
    await found.waiting(change())
    assert await found.ready(change()) == {}
    assert len(found.prepared) == 1


async def test_other_errors_are_errors() -> None:
    with pytest.raises(Denied):
        await bed(Denied("elbv2", "DescribeTargetHealth", "AccessDenied", "no")).ready(change())


async def test_a_wait_ends_with_its_plan() -> None:
    found = bed([])
    await found.waiting(change())
    found.waits.retain(Plan(stack=ID, steps=(Step(operation=change()),)))
    assert found.waits.waits[ID]
    found.waits.retain(Plan(stack=ID))
    assert found.waits.waits == {}


async def test_a_default_action_and_a_rule_without_conditions_have_names() -> None:
    listener = there(STACK).listeners[0]
    plain = replace(change(), resource=STACK.listeners[0], before=listener)
    assert "the default action of listener 80" in (await bed([]).waiting(plain)).what
    plain = replace(change(), resource=replace(rule(1, "/a"), conditions=()))
    assert (await bed([]).waiting(plain)).what.startswith("rule 80:1 is changed")


def test_old_targets_stay_in_the_pass_that_changes_their_rule() -> None:
    (gone,) = [each for each in plan(replace(STACK, bindings=()), there(STACK)).operations if isinstance(each, DeleteBinding)]
    settled(gone)
    with pytest.raises(NotReady) as caught:
        settled(replace(gone, served=True))
    assert caught.value.retry_after == SETTLED
