"""Whether the account has Shield Advanced, as far as Shield says so."""

from typing import Any

import pytest
from tests.aws.scripted import Scripted, fails

from albatross.aws.read.shield import SECONDS, SUBSCRIPTION_SECONDS, UNREADABLE_SECONDS, subscribed
from albatross.aws.session.errors import Denied, Unavailable, Unknown

ACTIVE = {"SubscriptionState": "ACTIVE"}


class Shield(Scripted):
    """Its first answers cannot be read."""

    def __init__(self, unreadable: int) -> None:
        super().__init__(GetSubscriptionState=self.state)
        self.unreadable = unreadable

    def state(self) -> dict[str, Any]:
        self.unreadable -= 1
        if self.unreadable >= 0:
            raise Unavailable("shield", "GetSubscriptionState", "", "ResponseParserError: no JSON")
        return ACTIVE


async def test_an_answer_that_cannot_be_read_is_asked_for_again() -> None:
    shield = Shield(unreadable=3)
    assert await subscribed(shield)
    assert shield.count("GetSubscriptionState") == 4


async def test_without_an_answer_it_counts_as_no_for_some_minutes() -> None:
    shield = Shield(unreadable=int(UNREADABLE_SECONDS) + 1)
    assert not await subscribed(shield)
    assert not await subscribed(shield), "the answer is kept"
    await shield.clock.sleep(SECONDS)
    assert await subscribed(shield)
    await shield.clock.sleep(SUBSCRIPTION_SECONDS - 1)
    asked = shield.count("GetSubscriptionState")
    assert await subscribed(shield)
    assert shield.count("GetSubscriptionState") == asked


async def test_another_error_is_no_answer_either() -> None:
    shield = Scripted(GetSubscriptionState=fails(Unknown, "InternalErrorException"))
    assert not await subscribed(shield)
    assert shield.count("GetSubscriptionState") == 1


async def test_a_missing_permission_is_an_error() -> None:
    with pytest.raises(Denied):
        await subscribed(Scripted(GetSubscriptionState=fails(Denied, "AccessDeniedException")))
