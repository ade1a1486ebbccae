"""What one Ingress says about the network load balancer in front."""

from albatross.catalog import annotations as row
from albatross.catalog.value import Parsed, int32, refused
from albatross.frontend.reader import Reader
from albatross.model.intent import FrontendSettings, HealthCheckSettings

_POLICY = "dns_record.client_routing_policy"
POLICIES = ("any_availability_zone", "availability_zone_affinity", "partial_availability_zone_affinity")


def settings(reader: Reader) -> FrontendSettings:
    """Read the `frontend-nlb-…` annotations; only where some member of the group enables it."""
    return FrontendSettings(
        scheme=reader.read(row.FRONTEND_SCHEME),
        subnets=reader.read(row.FRONTEND_SUBNETS),
        security_groups=reader.read(row.FRONTEND_SECURITY_GROUPS),
        eip_allocations=reader.read(row.FRONTEND_EIP_ALLOCATIONS),
        ports=reader.narrowed(reader.read(row.FRONTEND_PORT_MAPPING), _ports),
        health_check=_health_check(reader),
        attributes=reader.narrowed(reader.read(row.FRONTEND_ATTRIBUTES), _attributes),
        tags=reader.read(row.FRONTEND_TAGS),
    )


def _health_check(reader: Reader) -> HealthCheckSettings:
    return HealthCheckSettings(
        port=reader.narrowed(reader.read(row.FRONTEND_HEALTHCHECK_PORT), _health_check_port),
        protocol=reader.read(row.FRONTEND_HEALTHCHECK_PROTOCOL),
        path=reader.read(row.FRONTEND_HEALTHCHECK_PATH),
        success_codes=reader.read(row.FRONTEND_SUCCESS_CODES),
        interval=reader.read(row.FRONTEND_HEALTHCHECK_INTERVAL),
        timeout=reader.read(row.FRONTEND_HEALTHCHECK_TIMEOUT),
        healthy_threshold=reader.read(row.FRONTEND_HEALTHY_THRESHOLD),
        unhealthy_threshold=reader.read(row.FRONTEND_UNHEALTHY_THRESHOLD),
    )


def _health_check_port(raw: str) -> Parsed[int | str]:
    if raw == "traffic-port":
        return Parsed(raw)
    number = int32(raw).value
    return refused("LB104", value=raw, allowed="traffic-port, a number") if number is None else Parsed(number)


def _ports(pairs: tuple[tuple[str, str], ...]) -> Parsed[tuple[tuple[int, int], ...]]:
    found: dict[int, int] = {}
    for front, behind in pairs:
        numbers = int32(front).value, int32(behind).value
        if numbers[0] is None or numbers[1] is None:
            return refused("LB140", pair=f"{front}={behind}")
        found[numbers[0]] = numbers[1]
    return Parsed(tuple(sorted(found.items())))


def _attributes(pairs: tuple[tuple[str, str], ...]) -> Parsed[tuple[tuple[str, str], ...]]:
    policy = dict(pairs).get(_POLICY)
    if policy is not None and policy not in POLICIES:
        return refused("LB104", value=policy, allowed=", ".join(POLICIES))
    return Parsed(pairs)
