"""The resources of the account, kept between sweeps: our own writes are visible at once, even if AWS shows them later."""

import asyncio
from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Any

import pytest
from tests.aws.scripted import CONFIG, Scripted, fails
from tests.clock import Eager, Virtual, until

from albatross.aws.session import errors
from albatross.aws.session.inventory import CHUNK, LIST_SECONDS, TAG_SECONDS, Inventory
from albatross.catalog.tracking import INGRESS, SERVICE
from albatross.model.facts import Tags
from albatross.model.resources.stack import StackId


def item(name: str, vpc: str = "vpc-1") -> dict[str, Any]:
    return {"TargetGroupArn": name, "VpcId": vpc}


class Account(Scripted):
    """An account with target groups and their tags; `listed` may be older than the real state."""

    def __init__(self, *names: str) -> None:
        super().__init__(DescribeTargetGroups=self.describe, DescribeTags=self.describe_tags)
        self.listed = [item(name) for name in names]
        self.stands = {name: {"n": name} for name in names}

    def describe(self, TargetGroupArns: Iterable[str] = ()) -> dict[str, Any]:
        if TargetGroupArns:
            found = [item(name) for name in TargetGroupArns if name in self.stands]
            if not found:
                raise errors.NotFound("elbv2", "DescribeTargetGroups", "TargetGroupNotFound", "no")
            return {"TargetGroups": found}
        return {"TargetGroups": list(self.listed)}

    def describe_tags(self, ResourceArns: list[str]) -> dict[str, Any]:
        if any(name not in self.stands for name in ResourceArns):
            raise errors.NotFound("elbv2", "DescribeTags", "TargetGroupNotFound", "no")
        rows = [{"ResourceArn": a, "Tags": [{"Key": k, "Value": v} for k, v in self.stands[a].items()]} for a in ResourceArns]
        return {"TagDescriptions": rows}

    async def names(self) -> set[str]:
        return {str(found["TargetGroupArn"]) for found, _ in await self.inventory.target_groups()}


async def test_a_sweep_is_kept_for_a_while() -> None:
    account = Account("a")
    assert await account.names() == {"a"}
    account.listed.append(item("b"))
    account.stands["b"] = {}
    assert await account.names() == {"a"}
    await account.clock.sleep(LIST_SECONDS)
    assert await account.names() == {"a", "b"}


async def test_what_we_made_is_there_before_aws_lists_it() -> None:
    account = Account()
    await account.names()
    account.inventory.put("target_group", item("new"), {"a": "b"})
    assert await account.inventory.target_groups() == [(item("new"), {"a": "b"})]
    await account.clock.sleep(LIST_SECONDS)
    assert await account.names() == {"new"}, "the next sweep lags behind our write"


async def test_what_we_made_and_another_deleted_goes_after_a_while() -> None:
    account = Account()
    account.inventory.put("target_group", item("new"), {})
    assert await account.names() == {"new"}
    await account.clock.sleep(2 * LIST_SECONDS + 1)
    assert await account.names() == set()


async def test_a_lagging_sweep_does_not_bring_back_what_we_deleted() -> None:
    account = Account("a", "b")
    await account.names()
    account.inventory.drop("target_group", "a")
    assert await account.names() == {"b"}
    await account.clock.sleep(LIST_SECONDS)
    assert await account.names() == {"b"}, "AWS still lists it"
    account.inventory.relist()
    assert await account.names() == {"b"}, "a surprise makes us list anew, not believe the old"


async def test_what_was_made_anew_by_another_is_seen_in_the_end() -> None:
    account = Account("a")
    account.inventory.drop("target_group", "a")
    assert await account.names() == set()
    await account.clock.sleep(2 * LIST_SECONDS + 1)
    assert await account.names() == {"a"}


async def test_after_a_surprise_even_our_own_writes_are_doubted() -> None:
    account = Account()
    await account.names()
    account.inventory.put("target_group", item("new"), {})
    account.inventory.relist()
    assert await account.names() == set()


async def test_what_we_touched_is_read_anew_alone() -> None:
    account = Account("a", "b")
    await account.names()
    account.calls.clear()
    del account.stands["b"]
    for name in ("a", "b"):
        account.inventory.touch("target_group", name)
    assert await account.names() == {"a"}
    assert account.calls == [("DescribeTargetGroups", {"TargetGroupArns": [name]}) for name in ("a", "b")]


async def test_what_we_made_and_aws_does_not_know_yet_is_not_hidden_when_it_does() -> None:
    account = Account()
    await account.names()
    account.inventory.touch("target_group", "new")
    assert await account.names() == set()
    account.listed.append(item("new"))
    account.stands["new"] = {}
    assert await account.names() == {"new"}, "it is read again"
    account.inventory.relist()
    assert await account.names() == {"new"}


async def test_what_aws_does_not_show_for_long_is_not_read_again() -> None:
    account = Account("a")
    await account.names()
    account.inventory.touch("target_group", "a")
    del account.stands["a"]
    assert await account.names() == set()
    await account.clock.sleep(errors.LAG_SECONDS)
    await account.names()
    account.calls.clear()
    assert await account.names() == set()
    assert account.calls == []


async def test_a_reading_that_fails_is_made_up_for() -> None:
    account = Account("a")
    await account.names()
    account.inventory.touch("target_group", "a")
    account.answers["DescribeTargetGroups"] = fails(errors.Throttled, "Throttling")
    with pytest.raises(errors.Throttled):
        await account.names()
    account.answers["DescribeTargetGroups"] = account.describe
    account.calls.clear()
    await account.names()
    assert account.count("DescribeTargetGroups") == 1


async def test_other_vpcs_are_left_out() -> None:
    account = Account("a")
    account.listed.append(item("far", "vpc-2"))
    assert await account.names() == {"a"}
    account.config = replace(CONFIG, vpc_id="")
    account.stands["far"] = {}
    assert await account.names() == {"a", "far"}


async def test_security_groups_are_found_by_either_tag_of_the_cluster() -> None:
    def group(name: str, **tags: str) -> dict[str, Any]:
        return {"GroupId": name, "Tags": [{"Key": f"{key}.k8s.aws/cluster", "Value": value} for key, value in tags.items()]}

    found = [group("both", elbv2="c", ingress="c"), group("new", elbv2="c"), group("old", ingress="c"), group("other", elbv2="d")]
    session = Scripted(DescribeSecurityGroups=lambda Filters: {"SecurityGroups": found})
    assert [item["GroupId"] for item, _ in await session.inventory.security_groups()] == ["both", "new", "old"]
    ((_, request),) = session.calls
    assert request["Filters"][-1] == {"Name": "tag-key", "Values": ["elbv2.k8s.aws/cluster", "ingress.k8s.aws/cluster"]}
    session.answers["DescribeSecurityGroups"] = lambda GroupIds: {"SecurityGroups": []}
    session.inventory.touch("security_group", "both")
    assert len(await session.inventory.security_groups()) == 2


async def test_who_accepts_older_lists_and_tags_reads_nothing() -> None:
    clock = Virtual()
    session = Scripted(
        clock,
        DescribeLoadBalancers=lambda: {"LoadBalancers": [{"LoadBalancerArn": "l", "VpcId": "vpc-1"}]},
        DescribeTags=lambda ResourceArns: {"TagDescriptions": []},
    )

    async def asked(trust: float) -> int:
        task = asyncio.ensure_future(session.inventory.load_balancers(trust))
        await clock.advance(1)
        await task
        return len(session.calls)

    assert await asked(0) == 2
    await clock.advance(TAG_SECONDS * 3)
    assert await asked(TAG_SECONDS * 4) == 2
    session.inventory.untag(["l", "unknown"])
    assert await asked(TAG_SECONDS * 4) == 3
    assert await asked(0) == 4


async def test_load_balancers_come_with_their_tags() -> None:
    session = Scripted(
        DescribeLoadBalancers=lambda **request: {"LoadBalancers": [{"LoadBalancerArn": "l", "VpcId": "vpc-1", **request}]},
        DescribeTags=lambda ResourceArns: {"TagDescriptions": [{"ResourceArn": "l", "Tags": [{"Key": "a", "Value": "b"}]}]},
    )
    assert await session.inventory.load_balancers() == [({"LoadBalancerArn": "l", "VpcId": "vpc-1"}, {"a": "b"})]
    session.inventory.touch("load_balancer", "l")
    ((found, _),) = await session.inventory.load_balancers()
    assert found["LoadBalancerArns"] == ["l"]


# Tags ------------------------------------------------------------------------------------------------------------------


async def test_those_who_ask_at_once_share_calls_of_twenty() -> None:
    names = [f"t{number:03}" for number in range(CHUNK + 5)]
    account = Account(*names)
    both = await asyncio.gather(account.inventory.tags(names), account.inventory.tags(names[:3]))
    assert both[0]["t001"] == {"n": "t001"}
    assert [len(asked["ResourceArns"]) for _, asked in account.calls] == [CHUNK, 5]


async def test_a_resource_that_is_gone_has_no_tags_and_hides_no_others() -> None:
    account = Account("a", "b")
    del account.stands["b"]
    assert await account.inventory.tags(["a", "b"]) == {"a": {"n": "a"}, "b": {}}


async def test_tags_are_believed_for_a_while_and_our_own_at_once() -> None:
    account = Account("a")

    async def tags() -> Tags:
        return (await account.inventory.tags(["a"]))["a"]

    await tags()
    account.stands["a"] = {"n": "other"}
    assert await tags() == {"n": "a"}
    await account.clock.sleep(TAG_SECONDS)
    assert await tags() == {"n": "other"}
    account.inventory.retag("a", {"n": "ours"})
    assert await tags() == {"n": "ours"}
    account.inventory.forget()
    assert await tags() == {"n": "other"}


async def test_tags_of_what_is_long_gone_take_no_memory() -> None:
    account = Account("a")
    for number in range(1000):
        account.inventory.retag(f"rule {number}", {})
    await account.clock.sleep(2 * TAG_SECONDS + 1)
    await account.inventory.tags(["a"])
    assert len(account.inventory) == 1


async def test_an_error_reaches_all_who_ask_and_the_next_ask_anew() -> None:
    account = Account("a")
    account.answers["DescribeTags"] = fails(errors.Throttled, "Throttling")
    both = await asyncio.gather(*(account.inventory.tags(["a"]) for _ in range(2)), return_exceptions=True)
    assert [type(each) for each in both] == [errors.Throttled] * 2
    account.answers["DescribeTags"] = account.describe_tags
    assert await account.inventory.tags(["a"]) == {"a": {"n": "a"}}


async def test_closed_it_fetches_no_more() -> None:
    account = Account("a")
    account.inventory.close()
    asking = asyncio.ensure_future(account.inventory.tags(["a"]))
    await asyncio.sleep(0)
    account.inventory.close()
    with pytest.raises(asyncio.CancelledError):
        await asking
    assert isinstance(account.clock, Eager)


WEB, API = StackId(INGRESS, "shop", "web"), StackId(SERVICE, "shop", "api")


class Stacks(Account):
    """Target groups of two stacks, and one of nobody."""

    def __init__(self) -> None:
        super().__init__("w1", "w2", "a", "other")
        own = {"w1": (f"{INGRESS}/stack", "shop/web"), "w2": (f"{INGRESS}/stack", "shop/web"), "a": (f"{SERVICE}/stack", "shop/api")}
        self.stands |= {name: {key: value} for name, (key, value) in own.items()}

    async def of(self, stack: StackId) -> list[str]:
        return [str(found["TargetGroupArn"]) for found, _ in await self.inventory.tagged("target_group", stack)]


async def test_a_stack_gets_what_has_its_tag() -> None:
    account = Stacks()
    assert await account.of(WEB) == ["w1", "w2"]
    assert await account.of(API) == ["a"]
    assert await account.of(StackId(INGRESS, "shop", "api")) == [], "the same name, with another owner"


@pytest.mark.parametrize(
    ("change", "found"),
    [
        (lambda kept: kept.put("target_group", item("new"), {f"{INGRESS}/stack": "shop/web"}), ["w1", "w2", "new"]),
        (lambda kept: kept.drop("target_group", "w1"), ["w2"]),
        (lambda kept: kept.retag("w1", {f"{INGRESS}/stack": "shop/else"}), ["w2"]),
        (lambda kept: kept.retag("some-listener", {f"{INGRESS}/stack": "shop/web"}), ["w1", "w2"]),
    ],
    ids=["put", "drop", "retag", "of a listener"],
)
async def test_what_is_stored_is_seen_at_once(change: Callable[[Inventory], None], found: list[str]) -> None:
    account = Stacks()
    await account.of(WEB)
    change(account.inventory)
    assert await account.of(WEB) == found


async def test_what_changed_in_aws_is_seen_when_it_is_read_again() -> None:
    account = Stacks()
    await account.of(WEB)
    account.stands["w1"] = {}
    assert await account.of(WEB) == ["w1", "w2"]
    account.inventory.untag(["w1"])
    assert await account.of(WEB) == ["w2"]
    account.stands["w2"] = {}
    await account.clock.sleep(TAG_SECONDS)
    assert await account.of(WEB) == []
    account.stands["a"] = {f"{INGRESS}/stack": "shop/web"}
    account.inventory.forget()
    assert await account.of(WEB) == ["a"]


async def test_what_is_touched_is_seen_when_it_is_read_again() -> None:
    account = Stacks()
    await account.of(WEB)
    account.inventory.touch("target_group", "w2")
    del account.stands["w2"]
    assert await account.of(WEB) == ["w1"]


async def test_what_is_stored_while_tags_are_read_is_seen() -> None:
    account = Stacks()
    asking = asyncio.ensure_future(account.of(WEB))
    await until(lambda: bool(account.inventory._wanted))
    account.inventory.put("target_group", item("new"), {f"{INGRESS}/stack": "shop/web"})
    await asking
    assert await account.of(WEB) == ["w1", "w2", "new"]


async def test_the_same_list_is_used_while_nothing_changes() -> None:
    account = Stacks()
    await account.of(WEB)
    first = await account.inventory.target_groups()
    account.inventory.retag("some-rule", {})
    assert await account.inventory.target_groups() is first


async def test_what_we_made_is_recent_for_a_while_even_after_a_surprise() -> None:
    account = Account()
    account.inventory.put("target_group", item("new"), {})
    account.inventory.relist()
    assert account.inventory.recent("new")
    assert not account.inventory.recent("old")
    account.inventory.put("target_group", item("deleted"), {})
    account.inventory.drop("target_group", "deleted")
    assert not account.inventory.recent("deleted")
    await account.clock.sleep(LIST_SECONDS)
    assert not account.inventory.recent("new")
    await account.clock.sleep(1)
    await account.names()
    assert account.inventory._recent == {}
