"""The settings of one Service for its load balancer."""

from albatross.catalog.annotations import albatross
from albatross.catalog.annotations import service as row
from albatross.catalog.bounds import ITEMS, PORTS
from albatross.catalog.value import boolean
from albatross.frontend.pairs import capacity_units, routed
from albatross.frontend.protection import settable
from albatross.frontend.service.reading import Reading
from albatross.model.intent import Keyed, LoadBalancerSettings, Names, Opening, Setting


def settings(reading: Reading) -> LoadBalancerSettings:
    """Read the annotations of the load balancer itself, and the source ranges of the spec."""
    reader = reading.reader
    without = reader.read(row.DISABLE_SECURITY_GROUPS)
    groups = reader.read(row.SECURITY_GROUPS)
    _unmanaged(reading, groups, without)
    return LoadBalancerSettings(
        name=reader.read(row.NAME),
        scheme=_scheme(reading),
        ip_address_type=reader.read(row.IP_ADDRESS_TYPE),
        subnets=reader.read(row.SUBNETS),
        security_groups=groups,
        manage_backend_rules=_manage(reading, groups, without),
        addresses=reader.read(row.EIP_ALLOCATIONS),
        private_ipv4_addresses=reader.read(row.PRIVATE_IPV4_ADDRESSES),
        ipv6_addresses=reader.read(row.IPV6_ADDRESSES),
        ipv6_source_nat=reader.read(row.IPV6_SOURCE_NAT),
        source_nat_prefixes=reader.read(row.SOURCE_NAT_PREFIXES),
        without_groups=without,
        source_ranges=_source_ranges(reading),
        prefix_lists=reader.read(row.PREFIX_LISTS),
        path_mtu=_path_mtu(reading),
        private_link_rules=reader.read(row.PRIVATE_LINK_RULES),
        attributes=_attributes(reading),
        minimum_capacity=_capacity(reading),
        replace_grace=reader.read(albatross.REPLACE_GRACE),
    )


def tags(reading: Reading) -> Keyed:
    """The tags of every resource of the Service."""
    return settable(reading.reader.keyed(row.TAGS), reading.config, reading.notes)


def openings(reading: Reading) -> tuple[Opening, ...]:
    """Every port of the spec, also those without a listener of their own; none if there are too many."""
    ports = reading.service.ports
    return tuple(Opening(port.protocol, port.port) for port in ports) if len(ports) <= PORTS else ()


def _scheme(reading: Reading) -> Setting[str] | None:
    """The scheme annotation; otherwise its old form, which is not even parsed if both are set."""
    old = reading.reader.raw(row.INTERNAL.key)
    if reading.reader.raw(row.SCHEME.key):
        if old:
            reading.notes.add("LB133", old.origin, annotation=row.INTERNAL.name, reason=f"{row.SCHEME.name} is set")
        return reading.reader.read(row.SCHEME)
    internal = reading.reader.read(row.INTERNAL)
    return Setting("internal" if internal.value else "internet-facing", internal.origin) if internal else None


def _manage(reading: Reading, groups: Names | None, without: Setting[bool] | None) -> Setting[bool] | None:
    """With a managed group, the annotation is not used. A load balancer that exists without groups uses it, but only AWS knows that."""
    raw = reading.reader.raw(row.MANAGE_BACKEND_RULES.key)
    bare = bool(without and without.value) or not reading.config.gate("NLBSecurityGroup")
    if raw is None or bare or (groups and groups.value):
        return reading.reader.read(row.MANAGE_BACKEND_RULES)
    reason = f"{row.SECURITY_GROUPS.name} is not set"
    reading.notes.add("LB133", raw.origin, annotation=row.MANAGE_BACKEND_RULES.name, reason=reason)
    value = boolean(raw.value).value
    return None if value is None else Setting(value, raw.origin)


def _unmanaged(reading: Reading, groups: Names | None, without: Setting[bool] | None) -> None:
    """What only a managed group would have, on a load balancer without one. Without any group, source ranges open the ports of targets."""
    bare = bool(without and without.value) or not reading.config.gate("NLBSecurityGroup")
    given = bool(groups and groups.value)
    unused = (row.SECURITY_GROUPS, row.PREFIX_LISTS, row.ICMP) if bare else (row.SOURCE_RANGES, row.PREFIX_LISTS, row.ICMP) if given else ()
    reason = "the load balancer has no security groups" if bare else f"{row.SECURITY_GROUPS.name} is set, so no group is managed"
    for each in unused:
        if raw := reading.reader.raw(each.key):
            reading.notes.add("LB133", raw.origin, annotation=each.name, reason=reason)
    if given and not bare and reading.service.load_balancer_source_ranges:
        reading.notes.add("LB424", reading.origin.at("spec.loadBalancerSourceRanges"))


def _source_ranges(reading: Reading) -> Names | None:
    """The field of the spec; the annotation is used only without it."""
    written = reading.service.load_balancer_source_ranges
    if not written:
        return reading.reader.read(row.SOURCE_RANGES)
    raw = reading.reader.raw(row.SOURCE_RANGES.key)
    if raw:
        reading.notes.add("LB133", raw.origin, annotation=row.SOURCE_RANGES.name, reason="spec.loadBalancerSourceRanges is set")
    at = reading.origin.at("spec.loadBalancerSourceRanges")
    if len(written) > ITEMS:
        reading.notes.add("LB767", at, count=str(len(written)), most=str(ITEMS))
        return None
    return Setting(written, at)


def _path_mtu(reading: Reading) -> Setting[bool] | None:
    raw = reading.reader.raw(row.ICMP.key)
    if raw and raw.value not in ("on", "off"):
        reading.notes.add("LB232", raw.origin, annotation=row.ICMP.name, value=raw.value, meant="on")
    return Setting(raw.value == "on", raw.origin) if raw else None


def _attributes(reading: Reading) -> Keyed:
    """The attributes, with those that older annotations set, which override them."""
    reader = reading.reader
    written = reader.narrowed(reader.read(row.ATTRIBUTES), routed)
    found = {key: Setting(value, written.origin) for key, value in written.value} if written else {}
    logs = reader.read(row.ACCESS_LOG_ENABLED)
    places = ((row.ACCESS_LOG_BUCKET, "access_logs.s3.bucket"), (row.ACCESS_LOG_PREFIX, "access_logs.s3.prefix"))
    if logs and logs.value:
        found["access_logs.s3.enabled"] = Setting("true", logs.origin)
        found |= {key: text for each, key in places if (text := reader.read(each))}
    for each, _ in places:
        raw = reader.raw(each.key)
        if raw and not (logs and logs.value):
            reading.notes.add("LB133", raw.origin, annotation=each.name, reason=f"{row.ACCESS_LOG_ENABLED.name} is not true")
    crossing = reader.read(row.CROSS_ZONE)
    if crossing:
        found["load_balancing.cross_zone.enabled"] = Setting(str(crossing.value).lower(), crossing.origin)
    return found


def _capacity(reading: Reading) -> Setting[int] | None:
    if not reading.config.gate("LBCapacityReservation"):
        return None
    return reading.reader.narrowed(reading.reader.read(row.MINIMUM_CAPACITY), capacity_units)
