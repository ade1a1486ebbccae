"""Quotas and name rules of AWS, each with its source. With them, checks report problems before AWS refuses a call."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

_ALB = "https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-limits.html"
_NLB = "https://docs.aws.amazon.com/elasticloadbalancing/latest/network/load-balancer-limits.html"
_VPC = "https://docs.aws.amazon.com/vpc/latest/userguide/amazon-vpc-limits.html"
_API = "https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/"
_CONDITIONS = "https://docs.aws.amazon.com/elasticloadbalancing/latest/application/rule-condition-types.html"


@dataclass(frozen=True, slots=True, kw_only=True)
class Quota:
    """The default quota of AWS. AWS can increase `adjustable` quotas. `code` is the error code of AWS above the quota."""

    name: str
    value: int
    adjustable: bool
    code: str
    source: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Length:
    """The minimum and maximum length of a text, in characters."""

    name: str
    low: int = 0
    high: int
    source: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """The whole numbers that AWS accepts, with both ends."""

    name: str
    low: int
    high: int
    source: str


def _quota(name: str, value: int, adjustable: bool, code: str, source: str = _ALB) -> tuple[str, Quota]:
    return name, Quota(name=name, value=value, adjustable=adjustable, code=code, source=source)


QUOTAS: Mapping[str, Quota] = dict(
    (
        _quota("load balancers per region", 50, True, "TooManyLoadBalancers"),
        _quota("listeners per load balancer", 50, True, "TooManyListeners"),
        _quota("rules per load balancer", 100, True, "TooManyRules"),
        _quota("certificates per load balancer", 25, True, "TooManyCertificates"),
        _quota("targets per load balancer", 1000, True, "TooManyTargets"),
        _quota("targets per target group", 1000, True, "TooManyTargets"),
        _quota("target groups per region", 3000, True, "TooManyTargetGroups"),
        _quota("target groups per load balancer", 100, False, "TooManyUniqueTargetGroupsPerLoadBalancer"),
        _quota("target groups per action", 5, False, "TooManyActions"),
        _quota("condition values per rule", 5, False, "TooManyActions"),
        _quota("condition wildcards per rule", 6, False, "TooManyActions"),
        _quota("mutual authentication listeners per load balancer", 2, False, "InvalidConfigurationRequest"),
        _quota("trust stores per region", 20, True, "TooManyTrustStores"),
        _quota("network load balancers per region", 50, True, "TooManyLoadBalancers", _NLB),
        _quota("listeners per network load balancer", 50, False, "TooManyListeners", _NLB),
        _quota("security groups per load balancer", 5, True, "InvalidConfigurationRequest", _VPC),
        _quota("inbound rules per security group", 60, True, "RulesPerSecurityGroupLimitExceeded", _VPC),
        _quota("security groups per region", 2500, True, "SecurityGroupLimitExceeded", _VPC),
        _quota("tags per resource", 50, False, "TooManyTags", _API + "API_AddTags.html"),
    )
)
"""Default quotas by name. Default rules and default certificates of a load balancer are not counted."""

SCALARS: Mapping[str, int] = {
    "targets registered per call": 200,
    "resources per DescribeTags call": 20,
    "reachable zones of an application load balancer": 2,
    "free addresses per subnet": 8,
}
"""Numbers that are not quotas: batch sizes and minimums."""


def _length(name: str, high: int, source: str, low: int = 0) -> tuple[str, Length]:
    return name, Length(name=name, low=low, high=high, source=source)


LENGTHS: Mapping[str, Length] = dict(
    (
        _length("load balancer name", 32, _API + "API_CreateLoadBalancer.html", 1),
        _length("target group name", 32, _API + "API_CreateTargetGroup.html", 1),
        _length("security group name", 255, "https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateSecurityGroup.html", 1),
        _length("tag key", 128, _API + "API_Tag.html", 1),
        _length("tag value", 256, _API + "API_Tag.html"),
        _length("host-header value", 128, _CONDITIONS, 1),
        _length("path-pattern value", 128, _CONDITIONS, 1),
        _length("http-header name", 40, _CONDITIONS, 1),
        _length("http-header value", 128, _CONDITIONS, 1),
        _length("http-request-method value", 40, _CONDITIONS, 1),
        _length("query-string value", 128, _CONDITIONS),
        _length("regular expression", 128, _CONDITIONS, 1),
        _length("fixed-response body", 1024, _API + "API_FixedResponseActionConfig.html"),
        _length("redirect host", 128, _API + "API_RedirectActionConfig.html", 1),
        _length("redirect path", 128, _API + "API_RedirectActionConfig.html", 1),
        _length("redirect query", 128, _API + "API_RedirectActionConfig.html"),
        _length("health check path", 1024, _API + "API_CreateTargetGroup.html", 1),
    )
)
"""Lengths by name."""


def _span(name: str, low: int, high: int, source: str) -> tuple[str, Span]:
    return name, Span(name=name, low=low, high=high, source=source)


SPANS: Mapping[str, Span] = dict(
    (
        _span("port", 1, 65535, _API + "API_CreateListener.html"),
        _span("rule priority", 1, 50000, _API + "API_CreateRule.html"),
        _span("target group weight", 0, 999, _API + "API_TargetGroupTuple.html"),
        _span("stickiness seconds", 1, 604800, _API + "API_TargetGroupStickinessConfig.html"),
        _span("health check interval seconds", 5, 300, _API + "API_CreateTargetGroup.html"),
        _span("health check timeout seconds", 2, 120, _API + "API_CreateTargetGroup.html"),
        _span("healthy threshold", 2, 10, _API + "API_CreateTargetGroup.html"),
        _span("unhealthy threshold", 2, 10, _API + "API_CreateTargetGroup.html"),
        _span("health check http code", 200, 499, _API + "API_Matcher.html"),
        _span("health check grpc code", 0, 99, _API + "API_Matcher.html"),
        _span("session timeout seconds", 1, 604800, _API + "API_AuthenticateOidcActionConfig.html"),
    )
)
"""Whole numbers by name."""

FIXED_RESPONSE_CODE = re.compile(r"(2|4|5)\d\d")
"""`FixedResponseActionConfig.StatusCode`: 2XX, 4XX or 5XX."""

CONTENT_TYPES: frozenset[str] = frozenset({"text/plain", "text/css", "text/html", "application/javascript", "application/json"})
"""`FixedResponseActionConfig.ContentType`."""

REDIRECT_CODES: frozenset[str] = frozenset({"HTTP_301", "HTTP_302"})
"""`RedirectActionConfig.StatusCode`."""

NAME = re.compile(r"(?!internal-)[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?")
"""The name of a load balancer or target group: letters, digits and hyphens, no hyphen at start or end.

The name of a load balancer does not start with `internal-`.
"""

HOST = re.compile(r"[A-Za-z0-9.*?-]*\.[A-Za-z*?]+")
"""A host-header value: letters, digits, `-`, `.`, `*` and `?`; at least one dot, and only letters or wildcards after the last dot."""

PATH = re.compile(r"""[A-Za-z0-9_.$/~"'@:+&*?-]+""")
"""A path-pattern value, case-sensitive: letters, digits, `_-.$/~"'@:+&` and the wildcards `*` and `?`.

Source: docs.aws.amazon.com/elasticloadbalancing/latest/application/rule-condition-types.html#path-conditions.
"""

HEADER_NAME = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]+")
"""The name in an http-header condition; it has no wildcards."""

METHOD = re.compile(r"[A-Z_-]+")
"""An http-request-method value: upper case letters, `-` and `_`."""

TAG = re.compile(r"[\w\s+\-=.:/@]*")
"""A tag's key or value: letters, digits, whitespace and `+ - = . _ : / @`; a key does not start with `aws:`."""

SSL_POLICIES: frozenset[str] = frozenset(
    f"ELBSecurityPolicy-{name}"
    for name in (
        "2016-08",
        "2015-05",
        "TLS-1-0-2015-04",
        "TLS-1-1-2017-01",
        "TLS-1-2-2017-01",
        "TLS-1-2-Ext-2018-06",
        "FS-2018-06",
        "FS-1-1-2019-08",
        "FS-1-2-2019-08",
        "FS-1-2-Res-2019-08",
        "FS-1-2-Res-2020-10",
        "TLS13-1-0-2021-06",
        "TLS13-1-1-2021-06",
        "TLS13-1-2-2021-06",
        "TLS13-1-3-2021-06",
        "TLS13-1-2-Res-2021-06",
        "TLS13-1-2-Ext1-2021-06",
        "TLS13-1-2-Ext2-2021-06",
        "TLS13-1-0-FIPS-2023-04",
        "TLS13-1-1-FIPS-2023-04",
        "TLS13-1-2-FIPS-2023-04",
        "TLS13-1-3-FIPS-2023-04",
        "TLS13-1-2-Res-FIPS-2023-04",
        "TLS13-1-2-Ext0-FIPS-2023-04",
        "TLS13-1-2-Ext1-FIPS-2023-04",
        "TLS13-1-2-Ext2-FIPS-2023-04",
        "TLS13-1-0-PQ-2025-09",
        "TLS13-1-2-PQ-2025-09",
        "TLS13-1-2-Res-PQ-2025-09",
        "TLS13-1-2-Ext1-PQ-2025-09",
        "TLS13-1-2-Ext2-PQ-2025-09",
        "TLS13-1-3-PQ-2025-09",
        "TLS13-1-0-FIPS-PQ-2025-09",
        "TLS13-1-2-FIPS-PQ-2025-09",
        "TLS13-1-2-Res-FIPS-PQ-2025-09",
        "TLS13-1-2-Ext0-FIPS-PQ-2025-09",
        "TLS13-1-2-Ext1-FIPS-PQ-2025-09",
        "TLS13-1-2-Ext2-FIPS-PQ-2025-09",
        "TLS13-1-3-FIPS-PQ-2025-09",
    )
)
"""Security policies of secure listeners; source: https://docs.aws.amazon.com/elasticloadbalancing/latest/application/describe-ssl-policies.html"""


def fits(name: str, text: str) -> bool:
    """Whether the row `name` of LENGTHS allows the length of a text; KeyError if there is no such row."""
    row = LENGTHS[name]
    return row.low <= len(text) <= row.high


def within(name: str, number: int) -> bool:
    """Whether a number is in the range of row `name` of SPANS; KeyError if there is no such row."""
    row = SPANS[name]
    return row.low <= number <= row.high
