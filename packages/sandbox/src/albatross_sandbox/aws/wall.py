"""EC2's answers about security groups and interfaces → the rules that hold; pure."""

from collections.abc import Iterable, Mapping
from typing import Any

from albatross_sandbox.firewall import Firewall, Rule, networks

Row = dict[str, Any]


def listed(groups: Iterable[Row]) -> list[str]:
    """The prefix lists that rules of these security groups name."""
    rules = (rule for each in groups for rule in each.get("ipPermissions") or ())
    return sorted({each["prefixListId"] for rule in rules for each in rule.get("prefixListIds") or ()})


def firewall(groups: Iterable[Row], interfaces: Iterable[Row], lists: Mapping[str, list[str]]) -> Firewall:
    """The rules of these security groups, and the groups of each address of these interfaces; `lists` are the CIDRs of prefix lists."""
    found: dict[str, tuple[str, ...]] = {}
    for each in interfaces:
        own = tuple(group["groupId"] for group in each.get("groupSet") or ())
        found |= {row["privateIpAddress"]: own for row in each.get("privateIpAddressesSet") or () if row.get("privateIpAddress")}
    return Firewall({each["groupId"]: tuple(_rule(rule, lists) for rule in each.get("ipPermissions") or ()) for each in groups}, found)


def _rule(row: Row, lists: Mapping[str, list[str]]) -> Rule:
    cidrs = [each["cidrIp"] for each in row.get("ipRanges") or ()]
    cidrs += [cidr for each in row.get("prefixListIds") or () for cidr in lists[each["prefixListId"]]]
    return Rule(
        protocol=str(row["ipProtocol"]),
        low=_number(row.get("fromPort")),
        high=_number(row.get("toPort")),
        cidrs=networks(cidrs),
        groups=tuple(each["groupId"] for each in row.get("groups") or () if each.get("groupId")),
    )


def _number(port: str | None) -> int:
    return int(port) if port else -1
