"""The settings of one Ingress for the network load balancer in front of its application load balancer."""

from collections.abc import Iterable

from albatross.catalog.annotations import ingress as row
from albatross.catalog.value import Parsed, int32, refused
from albatross.frontend.ingress.context import Context, Subject
from albatross.frontend.pairs import routed
from albatross.frontend.reader import Reader
from albatross.model.intent import Chained, Forwarding, ForwardTo, Listen, LoadBalancerSettings, Setting, Share, TargetGroupSettings
from albatross.model.problem import Hint

ID = "FrontendNlb"
"""The resource id of the network load balancer."""

Ports = Setting[tuple[tuple[int, int], ...]]
"""(port of the network load balancer, port of the application load balancer) pairs."""


def share(subject: Subject, behind: Share, balancer: str, context: Context) -> Share:
    """Read the `frontend-nlb-…` annotations, but only if a member of the group enables the load balancer.

    `behind` has the settings of the Ingress for the application load balancer; `balancer` is the resource id of that load balancer.
    """
    enabled = subject.reader.read(row.ENABLE_NLB)
    if not context.nlb_enabled:
        if subject.reader.unreadable(row.ENABLE_NLB):
            _settings(subject.reader, None)
            subject.reader.read(row.NLB_PORT_MAPPING)
            _health_check(subject.reader)
        return Share(member=behind.member, origin=behind.origin)
    settings = _settings(subject.reader, enabled)
    mapping = subject.reader.narrowed(subject.reader.read(row.NLB_PORT_MAPPING), _ports)
    check = _health_check(subject.reader)
    listens = tuple(_listens(behind, balancer, mapping, check))
    return Share(member=behind.member, origin=behind.origin, settings=settings, listens=listens, unread=behind.unread)


def _settings(reader: Reader, enabled: Setting[bool] | None) -> LoadBalancerSettings:
    attributes = reader.narrowed(reader.read(row.NLB_ATTRIBUTES), routed)
    return LoadBalancerSettings(
        enabled=enabled,
        scheme=reader.read(row.NLB_SCHEME),
        subnets=reader.read(row.NLB_SUBNETS),
        security_groups=reader.read(row.NLB_SECURITY_GROUPS),
        addresses=reader.read(row.NLB_EIP_ALLOCATIONS),
        attributes={key: Setting(value, attributes.origin) for key, value in attributes.value} if attributes else None,
        tags=reader.read(row.NLB_TAGS),
    )


def _listens(behind: Share, balancer: str, mapping: Ports | None, check: TargetGroupSettings) -> Iterable[Listen]:
    """A listener for each mapped port; without a mapping, for each port of the application load balancer."""
    written = mapping if mapping and mapping.value else None
    pairs = written.value if written else tuple((listen.port, listen.port) for listen in behind.listens)
    at = written.origin if written else behind.origin
    for front, port in pairs:
        chained = Chained(id=f"{ID}-tg-TCP-{front}", balancer=balancer, port=port, settings=check, origin=at, written=bool(written))
        forward = ForwardTo((Forwarding(chained=chained, origin=at),))
        yield Listen(id=f"{ID}-ls-TCP-{front}", port=front, protocol="TCP", origin=at, forward=forward)


def _health_check(reader: Reader) -> TargetGroupSettings:
    return TargetGroupSettings(
        health_check_port=reader.narrowed(reader.read(row.NLB_HEALTHCHECK_PORT), _health_check_port),
        health_check_protocol=reader.read(row.NLB_HEALTHCHECK_PROTOCOL),
        health_check_path=reader.read(row.NLB_HEALTHCHECK_PATH),
        success_codes=reader.read(row.NLB_SUCCESS_CODES),
        health_check_interval=reader.read(row.NLB_HEALTHCHECK_INTERVAL),
        health_check_timeout=reader.read(row.NLB_HEALTHCHECK_TIMEOUT),
        healthy_threshold=reader.read(row.NLB_HEALTHY_THRESHOLD),
        unhealthy_threshold=reader.read(row.NLB_UNHEALTHY_THRESHOLD),
    )


def _health_check_port(raw: str) -> Parsed[int | str]:
    if raw == "traffic-port":
        return Parsed(raw)
    number = int32(raw).value
    if number is None:
        return refused("LB104", Hint(known=("traffic-port",)), value=raw, allowed="traffic-port, a number")
    return Parsed(number)


def _ports(pairs: tuple[tuple[str, str], ...]) -> Parsed[tuple[tuple[int, int], ...]]:
    found: dict[int, int] = {}
    for front, behind in pairs:
        numbers = int32(front).value, int32(behind).value
        if numbers[0] is None or numbers[1] is None:
            return refused("LB140", pair=f"{front}={behind}")
        found[numbers[0]] = numbers[1]
    return Parsed(tuple(sorted(found.items())))
