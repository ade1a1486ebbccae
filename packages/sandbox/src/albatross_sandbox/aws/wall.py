"""EC2's answers about security groups and interfaces → the rules that hold."""

from collections.abc import Iterable
from typing import Any, Protocol

from albatross_sandbox.firewall import Firewall, Rule, network

Row = dict[str, Any]


class Lists(Protocol):
    """Where the CIDRs of prefix lists are found."""

    async def prefixes(self, identity: str) -> list[str]:
        """The CIDRs of one."""


async def read(lists: Lists, groups: Iterable[Row], interfaces: Iterable[Row]) -> Firewall:
    """The rules of these security groups, and the groups of each address of these interfaces."""
    found: dict[str, tuple[str, ...]] = {}
    for each in interfaces:
        own = tuple(group["groupId"] for group in each.get("groupSet") or ())
        found |= {row["privateIpAddress"]: own for row in each.get("privateIpAddressesSet") or () if row.get("privateIpAddress")}
    rules = {each["groupId"]: tuple([await _rule(lists, rule) for rule in each.get("ipPermissions") or ()]) for each in groups}
    return Firewall(rules, found)


async def _rule(lists: Lists, row: Row) -> Rule:
    cidrs = [each["cidrIp"] for each in row.get("ipRanges") or ()]
    for each in row.get("prefixListIds") or ():
        cidrs += await lists.prefixes(each["prefixListId"])
    return Rule(
        protocol=str(row["ipProtocol"]),
        low=_number(row.get("fromPort")),
        high=_number(row.get("toPort")),
        cidrs=tuple(found for cidr in cidrs if (found := network(cidr))),
        groups=tuple(each["groupId"] for each in row.get("groups") or () if each.get("groupId")),
    )


def _number(port: str | None) -> int:
    return int(port) if port else -1
