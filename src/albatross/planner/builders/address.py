"""The subnets of a load balancer with its addresses in them: Elastic IPs, private IPv4, IPv6, and prefixes for source NAT."""

import ipaddress
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from albatross.catalog import defaults
from albatross.model.facts import Subnet
from albatross.model.intent import Balancer, Names, Setting, given
from albatross.model.resources.load_balancer import SubnetMapping
from albatross.planner.builders import merge, subnet
from albatross.planner.builders.subnet import SubnetDemand
from albatross.planner.builders.task import Task

PREFIX_LENGTH = 80
"""The length of a prefix for source NAT."""
AUTO = "auto_assigned"

Address = ipaddress.IPv4Address | ipaddress.IPv6Address


def mappings(balancer: Balancer, ids: tuple[str, ...], demand: SubnetDemand, task: Task) -> tuple[SubnetMapping, ...]:
    """One mapping for each subnet, in their order. Addresses with an error are left out, and the error prevents the stack."""
    known = subnet.facts(ids, task)
    allocations = _allocations(balancer, ids, demand, task)
    private = _placed(_private(balancer, ids, demand, task), ids, known, lambda found: (found.cidr,), task)
    six = _placed(_six(balancer, ids, demand, task), ids, known, lambda found: found.ipv6_cidrs, task)
    prefixes = _prefixes(balancer, ids, demand, task)
    return tuple(
        SubnetMapping(
            subnet_id=each,
            allocation_id=allocations.get(each),
            private_ipv4_address=private.get(each),
            ipv6_address=six.get(each),
            source_nat_ipv6_prefix=prefixes.get(each),
        )
        for each in ids
    )


def source_nat(balancer: Balancer, demand: SubnetDemand, task: Task) -> str | None:
    """Whether there are prefixes for source NAT (on or off); None if this kind of load balancer does not say it."""
    written = _said(balancer, "ipv6_source_nat", "enable-prefix-for-ipv6-source-nat", task)
    if written and written.value == "on" and not demand.dualstack:
        _needs(written, "enable-prefix-for-ipv6-source-nat", "a dualstack load balancer", demand.ip_address_type, task)
    return given(written, "") or defaults.optional(task.intent.id.owner, balancer.family, "ipv6_source_nat")


def _said(balancer: Balancer, field: str, what: str, task: Task) -> Setting[Any] | None:
    return merge.exclusive(merge.said(balancer, field), f"{balancer.words}{what}", task.ledger)


def _needs(at: Setting[Any], what: str, needed: str, found: str, task: Task) -> None:
    task.ledger.fail("LB165", at.origin, what=what, needed=needed, found=found)


# Elastic IPs -------------------------------------------------------------------------------------------------------


def _allocations(balancer: Balancer, ids: Sequence[str], demand: SubnetDemand, task: Task) -> Mapping[str, str]:
    """The first address is for the first subnet, and so on."""
    found: Names | None = merge.exclusive(merge.said(balancer, "addresses"), f"{balancer.words}eip-allocations", task.ledger, sorted)
    if found is None:
        return {}
    if demand.scheme != "internet-facing":
        task.ledger.fail("LB158", found.origin)
    # An empty list in front of another load balancer means that there are none; elsewhere it is one address too few for each subnet.
    if ids and len(found.value) != len(ids) and not (balancer.in_front_of and not found.value):
        task.ledger.fail("LB159", found.origin, addresses=str(len(found.value)), subnets=str(len(ids)))
    return dict(zip(ids, found.value, strict=True)) if len(found.value) == len(ids) else {}


# Addresses in subnets ----------------------------------------------------------------------------------------------


def _private(balancer: Balancer, ids: Sequence[str], demand: SubnetDemand, task: Task) -> Setting[tuple[Address, ...]] | None:
    found: Names | None = _said(balancer, "private_ipv4_addresses", "private-ipv4-addresses", task)
    if found and demand.scheme != "internal":
        _needs(found, "private-ipv4-addresses", "an internal load balancer", demand.scheme, task)
    return _parsed(found, ids, 4, task)


def _six(balancer: Balancer, ids: Sequence[str], demand: SubnetDemand, task: Task) -> Setting[tuple[Address, ...]] | None:
    found: Names | None = _said(balancer, "ipv6_addresses", "ipv6-addresses", task)
    if found and not demand.dualstack:
        _needs(found, "ipv6-addresses", "a dualstack load balancer", demand.ip_address_type, task)
    return _parsed(found, ids, 6, task)


def _parsed(found: Names | None, ids: Sequence[str], version: int, task: Task) -> Setting[tuple[Address, ...]] | None:
    if found is None:
        return None
    _counted(found, f"IPv{version} addresses", ids, task)
    addresses = [(text, _address(text)) for text in found.value]
    for text, address in addresses:
        if address is None or address.version != version:
            task.ledger.fail("LB230", found.origin, value=text, version=str(version))
    return Setting(tuple(address for _, address in addresses if address and address.version == version), found.origin)


def _address(text: str) -> Address | None:
    try:
        return ipaddress.ip_address(text)
    except ValueError:
        return None


def _counted(found: Names, what: str, ids: Sequence[str], task: Task) -> None:
    if ids and len(found.value) != len(ids):
        task.ledger.fail("LB160", found.origin, what=what, count=str(len(found.value)), subnets=str(len(ids)))


def _placed(
    wanted: Setting[tuple[Address, ...]] | None,
    ids: Iterable[str],
    known: Mapping[str, Subnet],
    cidrs: Callable[[Subnet], tuple[str, ...]],
    task: Task,
) -> Mapping[str, str]:
    """The one address inside each subnet, whatever their order."""
    placed: dict[str, str] = {}
    for each in ids if wanted else ():
        assert wanted is not None, "without addresses there is nothing to place"
        if each not in known:
            continue  # the subnet is unknown, which has its own problem
        inside = [address for address in wanted.value if _within(address, cidrs(known[each]))]
        if len(inside) == 1:
            placed[each] = str(inside[0])
        else:
            words = {"subnet": each, "cidrs": ", ".join(cidrs(known[each])) or "none", "count": str(len(inside))}
            task.ledger.fail("LB340", wanted.origin, **words)
    return placed


def _within(address: Address, cidrs: Iterable[str]) -> bool:
    return any(address in ipaddress.ip_network(cidr) for cidr in cidrs)


# Source NAT --------------------------------------------------------------------------------------------------------


def _prefixes(balancer: Balancer, ids: Sequence[str], demand: SubnetDemand, task: Task) -> Mapping[str, str]:
    """The first prefix is for the first subnet, and so on."""
    found: Names | None = _said(balancer, "source_nat_prefixes", "source-nat-ipv6-prefixes", task)
    if found is None:
        return {}
    on = _said(balancer, "ipv6_source_nat", "enable-prefix-for-ipv6-source-nat", task)
    if not demand.dualstack:
        _needs(found, "source-nat-ipv6-prefixes", "a dualstack load balancer", demand.ip_address_type, task)
    if given(on, "off") != "on":
        _needs(found, "source-nat-ipv6-prefixes", "enable-prefix-for-ipv6-source-nat on", given(on, "off"), task)
    _counted(found, "prefixes for source NAT", ids, task)
    known = subnet.facts(ids, task)
    pairs = dict(zip(ids, found.value, strict=False))
    for each, prefix in pairs.items():
        _prefix(prefix, known.get(each), found, task)
    return pairs


def _prefix(prefix: str, place: Subnet | None, found: Names, task: Task) -> None:
    if prefix == AUTO:
        return
    text, _, length = prefix.partition("/")
    address = _address(text)
    if length != str(PREFIX_LENGTH) or address is None or address.version != 6:
        task.ledger.fail("LB231", found.origin, value=prefix)
    elif place and not _within(address, place.ipv6_cidrs):
        task.ledger.fail("LB342", found.origin, prefix=prefix, subnet=place.id, cidrs=", ".join(place.ipv6_cidrs) or "none")
