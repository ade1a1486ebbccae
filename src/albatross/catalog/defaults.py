"""Defaults: one row for each field, by the owner of the stack and the family of its load balancer.

The values are those of kubernetes-sigs/aws-load-balancer-controller; they differ between kinds of objects, and from the defaults of AWS.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from albatross.catalog.tracking import INGRESS, SERVICE
from albatross.model.resources.ref import Pairs

_MODEL = "https://github.com/kubernetes-sigs/aws-load-balancer-controller/blob/v3.5.0/pkg/ingress/"
_GROUP = _MODEL + "model_build_target_group.go"
_FRONT = _MODEL + "model_build_frontend_nlb.go"
_SERVICE = "https://github.com/kubernetes-sigs/aws-load-balancer-controller/blob/v3.5.0/pkg/service/model_builder.go"


@dataclass(frozen=True, slots=True, kw_only=True)
class Default:
    """One default. `owner` is a prefix of `catalog.tracking`, `family` application or network; `unit` is empty for texts."""

    owner: str
    family: str
    field: str
    value: str | int
    unit: str = ""
    source: str


def _rows(owner: str, family: str, source: str, *found: tuple[str, str | int, str]) -> tuple[Default, ...]:
    return tuple(Default(owner=owner, family=family, field=field, value=value, unit=unit, source=source) for field, value, unit in found)


_ATTRIBUTE = "target group attribute "

_HEALTH_CHECK: tuple[tuple[str, str | int, str], ...] = (
    ("health_check_port", "traffic-port", ""),
    ("health_check_path", "/", ""),
    ("success_codes", "200", ""),
    ("health_check_interval", 15, "seconds"),
    ("health_check_timeout", 5, "seconds"),
    ("healthy_threshold", 2, "checks"),
    ("unhealthy_threshold", 2, "checks"),
)

DEFAULTS: Mapping[tuple[str, str, str], Default] = {
    (row.owner, row.family, row.field): row
    for row in (
        *_rows(INGRESS, "application", _GROUP, *_HEALTH_CHECK),
        *_rows(
            INGRESS,
            "application",
            _GROUP,
            ("protocol", "HTTP", ""),
            ("protocol_version", "HTTP1", ""),
            ("health_check_path of GRPC", "/AWS.ALB/healthcheck", ""),
            ("success_codes of GRPC", "12", ""),
        ),
        *_rows(INGRESS, "network", _FRONT, *_HEALTH_CHECK),
        *_rows(INGRESS, "network", _FRONT, ("protocol", "TCP", ""), ("health_check_protocol", "HTTP", "")),
        *_rows(
            SERVICE,
            "network",
            _SERVICE,
            ("protocol", "TCP", ""),
            ("protocol_version", "", ""),
            ("health_check_port", "traffic-port", ""),
            ("health_check_protocol", "TCP", ""),
            ("health_check_protocol of Local", "HTTP", ""),
            ("health_check_path", "/", ""),
            ("health_check_path of Local", "/healthz", ""),
            ("success_codes", "200-399", ""),
            ("health_check_interval", 10, "seconds"),
            ("health_check_timeout", 10, "seconds"),
            ("health_check_timeout of Local", 6, "seconds"),
            ("healthy_threshold", 3, "checks"),
            ("healthy_threshold of Local", 2, "checks"),
            ("unhealthy_threshold", 3, "checks"),
            ("unhealthy_threshold of Local", 2, "checks"),
            ("ipv6_source_nat", "off", ""),
            (f"{_ATTRIBUTE}proxy_protocol_v2.enabled", "false", ""),
        ),
    )
}
"""By owner, family and field.

`<field> of <variant>` is the default of a variant: of a protocol version, or of `Local` (nodes as targets, externalTrafficPolicy Local).
"""


def text(owner: str, family: str, field: str, variant: str = "") -> str:
    """A default that is a text; KeyError if there is none."""
    return str(_row(owner, family, field, variant).value)


def number(owner: str, family: str, field: str, variant: str = "") -> int:
    """A default that is a number; KeyError if there is none."""
    return int(_row(owner, family, field, variant).value)


def optional(owner: str, family: str, field: str, variant: str = "") -> str | None:
    """A default that is a text; None if there is none."""
    return text(owner, family, field, variant) if (owner, family, field) in DEFAULTS else None


def attributes(owner: str, family: str) -> Pairs:
    """The attributes that every target group has, sorted by key."""
    rows = (row for row in DEFAULTS.values() if (row.owner, row.family) == (owner, family) and row.field.startswith(_ATTRIBUTE))
    return tuple(sorted((row.field.removeprefix(_ATTRIBUTE), str(row.value)) for row in rows))


def _row(owner: str, family: str, field: str, variant: str) -> Default:
    own = DEFAULTS.get((owner, family, f"{field} of {variant}"))
    return own or DEFAULTS[owner, family, field]
