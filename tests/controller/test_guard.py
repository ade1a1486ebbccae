"""Deletions are counted over the passes of all groups, for ten minutes."""

from dataclasses import dataclass, replace

from albatross.catalog.tracking import INGRESS
from albatross.controller.guard import Guard
from albatross.model.ident import Ident
from albatross.model.observed import Owned
from albatross.model.plan import Delete, Plan, Step
from albatross.model.resources.load_balancer import LoadBalancer
from albatross.model.resources.stack import Stack, StackId
from albatross.pipeline import Decision

A = Ident("Ingress", "shop", "a")


def removal(name: str) -> Decision:
    balancer = LoadBalancer(id="LoadBalancer", name=name, type="application", scheme="internal", ip_address_type="ipv4")
    stack = StackId(INGRESS, "shop", name)
    step = Step(operation=Delete(before=Owned(resource=balancer, arn=f"arn:{name}", dns_name=f"{name}.elb")))
    return Decision(Stack(id=stack), Plan(stack=stack, steps=(step,)), ())


@dataclass
class Bed:
    """A cluster with this many load balancers, in addition to those that are deleted."""

    others: int = 0
    time: float = 0.0
    asked: int = 0

    def guard(self, allowed: int | None = 2) -> Guard:
        return Guard(allowed, self.standing, lambda: self.time, same)

    async def standing(self) -> frozenset[str]:
        self.asked += 1
        return frozenset(f"arn:other-{number}" for number in range(self.others))


async def same(one: object, other: object) -> bool:
    return one == other


async def passed(guard: Guard, *names: str) -> list[bool]:
    return [(await guard.reviewed(removal(name), [A])).plan is not None for name in names]


async def test_further_ones_are_held_back() -> None:
    bed = Bed()
    guard = bed.guard()
    assert await passed(guard, "a", "b", "c") == [True, True, False]
    decision = await guard.reviewed(removal("c"), [A])
    assert (decision.stack, [each.code for each in decision.blamed[A]]) == (None, ["LB505"])
    assert dict(decision.problems[0].args)["lost"] == "3"


async def test_they_go_once_the_earlier_ones_are_long_ago() -> None:
    bed = Bed()
    guard = bed.guard()
    assert await passed(guard, "a", "b", "c") == [True, True, False]
    bed.time = 600
    assert await passed(guard, "c") == [True]


async def test_one_that_is_tried_again_counts_once() -> None:
    bed = Bed()
    guard = bed.guard()
    assert await passed(guard, "a", "a", "a", "b") == [True] * 4
    bed.time = 599
    assert await passed(guard, "a", "c") == [True, False]
    bed.time = 600
    assert await passed(guard, "c") == [True]


async def test_a_small_share_of_many_may_go() -> None:
    assert await passed(Bed(others=7).guard(), "a", "b", "c") == [True] * 3
    assert await passed(Bed(others=6).guard(), "a", "b", "c") == [True, True, False]


async def test_what_was_wrong_before_is_told_too_and_nobody_is_no_matter() -> None:
    guard = Bed().guard(0)
    error = (await guard.reviewed(removal("a"), [])).problems[0]
    assert error.origin.object == "LoadBalancer/a"
    decision = replace(removal("a"), problems=(error,), blamed={A: (error,)})
    assert len((await guard.reviewed(decision, [A])).blamed[A]) == 2


async def test_nobody_asks_where_nothing_goes_or_everything_may() -> None:
    bed = Bed()
    idle = Decision(None, Plan(stack=StackId(INGRESS, "shop", "a")), ())
    assert await bed.guard().reviewed(idle, [A]) is idle
    assert await passed(bed.guard(None), "a", "b", "c") == [True] * 3
    assert bed.asked == 0


async def test_a_refused_plan_is_counted_again_without_a_look_at_aws() -> None:
    bed = Bed()
    guard, c = bed.guard(), removal("c")
    assert await passed(guard, "a", "b") == [True, True]
    assert c.plan is not None
    stack, objects = c.plan.stack, ["web"]
    assert await guard.again(stack, objects.copy, [A]) is None, "it was not refused yet"
    guard.hold(stack, objects.copy, c)
    bed.time = 599
    refusal = await guard.again(stack, objects.copy, [A])
    assert refusal is not None
    assert [each.code for each in refusal.problems] == ["LB505"]
    bed.time = 600
    assert await guard.again(stack, objects.copy, [A]) is None, "the earlier deletions do not count any more"
    guard.hold(stack, objects.copy, c)
    guard.gone = dict.fromkeys(("arn:a", "arn:b"), bed.time)
    objects.append("other")
    assert await guard.again(stack, objects.copy, [A]) is None, "an object of the group has changed"
    assert not guard.held
