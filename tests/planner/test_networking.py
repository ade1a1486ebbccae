"""The ports that targets' security groups open."""

import pytest

from albatross.model.resources.binding import NetworkingRule
from albatross.model.resources.security_group import Permission
from albatross.planner import networking
from albatross.planner.networking import DESCRIPTION, Choice, Demand, InterfaceGroup

TAG = "kubernetes.io/cluster/c"


PLAIN = InterfaceGroup(id="sg-1")
OURS = InterfaceGroup(id="sg-2", tags={TAG: "owned"})
EKS = InterfaceGroup(id="sg-3", tags={TAG: "owned", "aws:eks:cluster-name": "c"})
SHARED = InterfaceGroup(id="sg-0", tags={TAG: "shared"})


@pytest.mark.parametrize(
    ("groups", "chosen", "doubt"),
    [
        ([PLAIN], "sg-1", False),
        ([PLAIN, OURS], "sg-2", False),
        ([OURS, EKS], "sg-3", True),
        ([SHARED, OURS], "sg-2", True),
        ([SHARED, InterfaceGroup(id="sg-9", tags={TAG: "shared"})], "sg-0", True),
        ([PLAIN, InterfaceGroup(id="sg-9")], "sg-1", True),
    ],
)
def test_which_group_takes_the_rules(groups: list[InterfaceGroup], chosen: str, doubt: bool) -> None:
    choice = networking.choose(groups, "c", {})
    assert choice is not None
    assert (choice.group, bool(choice.doubt)) == (chosen, doubt)


def test_no_group_is_no_choice() -> None:
    assert networking.choose([], "c", {}) is None


def test_extra_tags_narrow_the_choice() -> None:
    web = InterfaceGroup(id="sg-9", tags={TAG: "owned", "tier": "web"})
    assert networking.choose([OURS, web], "c", {"tier": "web"}) == Choice("sg-9")


def rule(port: int | str | None, source: str = "sg-b") -> NetworkingRule:
    return NetworkingRule(source_group=source, port=port)


def ports(found: frozenset[Permission]) -> list[tuple[int, int]]:
    return sorted((p.from_port, p.to_port) for p in found)


def test_ports_of_one_source_become_one_range() -> None:
    demands = [Demand("sg-n", (rule(80),)), Demand("sg-n", (rule(8080), rule(443)))]
    assert ports(networking.permissions(demands)["sg-n"]) == [(80, 8080)]
    assert ports(networking.permissions(demands, restricted=False)["sg-n"]) == [(80, 80), (443, 443), (8080, 8080)]


def test_sources_stay_apart() -> None:
    found = networking.permissions([Demand("sg-n", (rule(80), rule(90, "sg-c")))])["sg-n"]
    assert ports(found) == [(80, 80), (90, 90)]


def test_no_port_means_all() -> None:
    assert ports(networking.permissions([Demand("sg-n", (rule(None),))])["sg-n"]) == [(0, 65535)]


def test_a_named_port_opens_what_its_pods_call_so() -> None:
    assert ports(networking.permissions([Demand("sg-n", (rule("http"),), frozenset({("http", 80), ("http", 90), ("x", 7)}))])["sg-n"]) == [
        (80, 90)
    ]


def test_cidrs_are_kept_by_family() -> None:
    demand = Demand("sg-n", (NetworkingRule(cidr="10.0.0.0/8", port=1), NetworkingRule(cidr="::/0", port=1)))
    assert {(p.cidr, p.cidr6) for p in networking.permissions([demand])["sg-n"]} == {("10.0.0.0/8", ""), ("", "::/0")}


MINE = Permission(from_port=80, to_port=80, source_group="sg-b", description=DESCRIPTION)
THEIRS = Permission(from_port=22, to_port=22, cidr="10.0.0.0/8", description="ssh")


def test_only_our_rules_are_revoked() -> None:
    rules = networking.diff([], [MINE, THEIRS])
    assert (rules.grant, rules.revoke) == ((), (MINE,))


def test_nothing_is_revoked_before_all_are_heard() -> None:
    assert not networking.diff([], [MINE], revoke=False)


def test_a_rule_that_stands_is_not_granted_again() -> None:
    assert networking.diff([MINE], []).grant == (MINE,)
    assert not networking.diff([MINE], [MINE])


def test_after_a_start_a_wider_rule_is_enough() -> None:
    wide = Permission(from_port=80, to_port=9000, source_group="sg-b", description=DESCRIPTION)
    other = Permission(from_port=80, to_port=9000, source_group="sg-c", description=DESCRIPTION)
    assert not networking.diff([MINE], [wide], revoke=False)
    assert networking.diff([MINE], [other], revoke=False).grant == (MINE,)
    assert networking.diff([MINE], [wide]).revoke == (wide,)
