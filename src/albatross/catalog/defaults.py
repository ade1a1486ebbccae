"""What is sent where nothing was written: a row a field, by what makes the stack and by the family of its load balancer.

The values are those of kubernetes-sigs/aws-load-balancer-controller; they differ from one kind of object to the next, and from AWS' own.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from albatross.catalog.tracking import INGRESS

_MODEL = "https://github.com/kubernetes-sigs/aws-load-balancer-controller/blob/v3.5.0/pkg/ingress/"
_GROUP = _MODEL + "model_build_target_group.go"
_FRONT = _MODEL + "model_build_frontend_nlb.go"


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
    )
}
"""By owner, family and field (`<field> of <protocol version>` where that has one of its own)."""


def text(owner: str, family: str, field: str, version: str = "") -> str:
    """A default that is a text; KeyError where there is none."""
    return str(_row(owner, family, field, version).value)


def number(owner: str, family: str, field: str) -> int:
    """A default that is a number; KeyError where there is none."""
    return int(_row(owner, family, field).value)


def _row(owner: str, family: str, field: str, version: str = "") -> Default:
    own = DEFAULTS.get((owner, family, f"{field} of {version}"))
    return own or DEFAULTS[owner, family, field]
