"""Whether a refusal has left everything as it was."""

import asyncio

import pytest
from tests.aws.scripted import Scripted, fails

from albatross.aws.session import errors
from albatross.aws.session.effect import judged


@pytest.fixture
def session() -> Scripted:
    return Scripted(
        AddTags=lambda **request: {},
        DescribeTags=lambda **request: {},
        CreateRule=fails(errors.Denied, "AccessDenied"),
        DescribeRules=fails(errors.Denied, "AccessDenied"),
    )


@pytest.mark.parametrize(("before", "harmless"), [((), True), (("DescribeTags",), True), (("DescribeTags", "AddTags"), False)])
async def test_only_a_write_before_it_makes_a_refusal_more_than_that(session: Scripted, before: tuple[str, ...], harmless: bool) -> None:
    async def work() -> None:
        with judged():
            for each in before:
                await asyncio.create_task(session.call("elbv2", each))
            await session.call("elbv2", "CreateRule")

    with pytest.raises(errors.Denied) as raised:
        await work()
    assert raised.value.harmless is harmless


async def test_an_answer_that_follows_a_lost_one_is_not_harmless() -> None:
    error = errors.Conflict("elbv2", "CreateRule", "PriorityInUse", "no")
    error.repeated = True
    with pytest.raises(errors.Conflict), judged():
        raise error
    assert not error.harmless


async def test_outside_of_such_a_block_nothing_is_known(session: Scripted) -> None:
    await session.call("elbv2", "AddTags")
    with pytest.raises(errors.Denied) as raised:
        await session.call("elbv2", "CreateRule")
    assert (raised.value.harmless, raised.value.asked) == (False, None)


async def test_a_refused_read_says_what_was_asked(session: Scripted) -> None:
    with pytest.raises(errors.Denied) as raised:
        await session.call("elbv2", "DescribeRules", ListenerArn="arn")
    assert raised.value.asked == {"ListenerArn": "arn"}
