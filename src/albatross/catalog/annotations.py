"""A row an annotation of an Ingress (`alb.ingress.kubernetes.io/…`): what it holds, where it counts, how a group of members merges it.

Parsing, unknown-annotation checks and the reference page run off this table.
"""

import difflib
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any, Generic, TypeVar

from albatross.catalog.form import action, condition, identity, listener, transform
from albatross.catalog.value import Parser, boolean, choice, cidrs, int32, int64, integer, items, mapping, text

T = TypeVar("T")

PREFIX = "alb.ingress.kubernetes.io/"
_AWS = "https://docs.aws.amazon.com/elasticloadbalancing/latest/application/"
_NLB = "https://docs.aws.amazon.com/elasticloadbalancing/latest/network/"


class Merge(Enum):
    """How the values of a group's members become one."""

    OWN = "each member's own"
    EXCLUSIVE = "one value for the group; members that say nothing agree"
    KEY = "one value for the group, key by key"
    PORT = "one value for each port"
    UNION = "all members' together"


@dataclass(frozen=True, slots=True, kw_only=True)
class Row(Generic[T]):
    """One annotation, without its prefix; `<…>` in a name stands for what the user fills in. `kinds` are the objects it may stand on."""

    name: str
    parse: Parser[T]
    type: str
    about: str
    merge: Merge = Merge.OWN
    default: str = ""
    unit: str = ""
    range: str = ""
    kinds: tuple[str, ...] = ("Ingress",)
    example: str = ""
    since: str = ""
    deprecated: str = ""
    source: str = ""

    @property
    def key(self) -> str:
        """The whole annotation key."""
        return PREFIX + self.name

    @property
    def stem(self) -> str:
        """The name up to what the user fills in: `actions.` of `actions.<name>`, the whole name of others."""
        return self.name.partition("<")[0]


_BOTH = ("Ingress", "Service")
_SCHEMES = ("internal", "internet-facing")
_PROTOCOLS = ("HTTP", "HTTPS")
_OWN, _ONE, _KEY, _PORT, _UNION = Merge.OWN, Merge.EXCLUSIVE, Merge.KEY, Merge.PORT, Merge.UNION

# The group --------------------------------------------------------------------------------------------------------

GROUP_NAME = Row(name="group.name", parse=text, type="text", about="the group whose load balancer this object shares", example="team-a")
GROUP_ORDER = Row(
    name="group.order", parse=integer(32, -1000, 1000), type="int32", about="the place among the group's members, smallest first",
    default="0", range="-1000..1000", example="10",
)  # fmt: skip

# The load balancer ------------------------------------------------------------------------------------------------

LOAD_BALANCER_NAME = Row(
    name="load-balancer-name", parse=text, type="text", merge=_ONE, about="the load balancer's name; counts at creation only",
    default="generated", range="1..32 characters", example="shop",
)  # fmt: skip
SCHEME = Row(
    name="scheme", parse=choice(*_SCHEMES), type="choice", merge=_ONE, about="whether the internet can reach it; a change replaces it",
    default="--default-load-balancer-scheme (internal)", range=" | ".join(_SCHEMES), example="internet-facing",
)  # fmt: skip
IP_ADDRESS_TYPE = Row(
    name="ip-address-type", parse=choice("ipv4", "dualstack", "dualstack-without-public-ipv4"), type="choice", merge=_ONE,
    about="the address families of the load balancer", default="ipv4", range="ipv4 | dualstack | dualstack-without-public-ipv4",
    example="dualstack",
)  # fmt: skip
SUBNETS = Row(
    name="subnets", parse=items, type="list", merge=_ONE, about="subnet ids or Name tags, one in each zone",
    default="discovered", example="subnet-0a1b2c3d,private-b",
)  # fmt: skip
CUSTOMER_OWNED_IPV4_POOL = Row(
    name="customer-owned-ipv4-pool", parse=text, type="text", merge=_ONE, about="the address pool on an Outpost; counts at creation only",
    example="ipv4pool-coip-0a1b2c3d",
)  # fmt: skip
IPAM_IPV4_POOL_ID = Row(
    name="ipam-ipv4-pool-id", parse=text, type="text", merge=_ONE, about="the IPAM pool its public addresses come from",
    example="ipam-pool-0a1b2c3d",
)  # fmt: skip
LOAD_BALANCER_ATTRIBUTES = Row(
    name="load-balancer-attributes", parse=mapping, type="map", merge=_KEY, about="attributes of the load balancer",
    example="idle_timeout.timeout_seconds=120", source=_AWS + "application-load-balancers.html#load-balancer-attributes",
)  # fmt: skip
MINIMUM_CAPACITY = Row(
    name="minimum-load-balancer-capacity", parse=mapping, type="map", merge=_KEY, about="reserved capacity; 0 resets it",
    unit="LCU", range="CapacityUnits", example="CapacityUnits=100", source=_AWS + "capacity-unit-reservation.html",
)  # fmt: skip
SECURITY_GROUPS = Row(
    name="security-groups", parse=items, type="list", merge=_ONE, about="security group ids or Name tags, instead of a managed group",
    default="managed", example="sg-0a1b2c3d,web",
)  # fmt: skip
MANAGE_BACKEND_RULES = Row(
    name="manage-backend-security-group-rules", parse=boolean, type="bool", merge=_ONE,
    about="whether rules towards the targets are managed although security groups are given",
    default="--enable-manage-backend-security-group-rules (false)", example="true",
)  # fmt: skip
INBOUND_CIDRS = Row(
    name="inbound-cidrs", parse=cidrs, type="list of CIDR", merge=_PORT, about="who may connect, in the managed security group",
    default="0.0.0.0/0, ::/0", example="203.0.113.0/24",
)  # fmt: skip
PREFIX_LISTS = Row(
    name="security-group-prefix-lists", parse=items, type="list", merge=_PORT, about="prefix lists that may connect",
    example="pl-0a1b2c3d",
)  # fmt: skip
TAGS = Row(
    name="tags", parse=mapping, type="map", merge=_KEY, kinds=_BOTH, about="tags of everything made for this object",
    example="team=shop,stage=prod",
)  # fmt: skip
WAFV2_ACL_ARN = Row(
    name="wafv2-acl-arn", parse=text, type="text", merge=_ONE, about="the web ACL; `none` takes it off", example="none"
)  # fmt: skip
WAFV2_ACL_NAME = Row(
    name="wafv2-acl-name", parse=text, type="text", merge=_ONE, about="the web ACL by name; beats every ARN of the group",
    example="edge",
)  # fmt: skip
WAF_ACL_ID = Row(
    name="waf-acl-id", parse=text, type="text", merge=_ONE, about="the WAF Classic regional web ACL; `none` takes it off",
    example="none", deprecated="AWS WAF Classic has ended; use wafv2-acl-arn",
)  # fmt: skip
WEB_ACL_ID = Row(
    name="web-acl-id", parse=text, type="text", merge=_ONE, about="an old name of waf-acl-id",
    example="none", deprecated="use wafv2-acl-arn"
)  # fmt: skip
SHIELD = Row(
    name="shield-advanced-protection", parse=boolean, type="bool", merge=_ONE, about="whether Shield Advanced protects it", example="true"
)  # fmt: skip

# Listeners --------------------------------------------------------------------------------------------------------

LISTEN_PORTS = Row(
    name="listen-ports", parse=listener.listen_ports, type="JSON", merge=_UNION, about="protocols and ports to listen on",
    default='[{"HTTP": 80}], or [{"HTTPS": 443}] with a certificate', example='[{"HTTP": 80}, {"HTTPS": 443}]',
)  # fmt: skip
CERTIFICATE_ARN = Row(
    name="certificate-arn", parse=items, type="list", merge=_UNION, about="certificates of secure listeners, the default one first",
    default="discovered by host", example="arn:aws:acm:eu-west-1:123456789012:certificate/1",
)  # fmt: skip
SSL_POLICY = Row(
    name="ssl-policy", parse=text, type="text", merge=_PORT, about="the security policy of secure listeners",
    default="--default-ssl-policy", example="ELBSecurityPolicy-TLS13-1-2-2021-06", source=_AWS + "describe-ssl-policies.html",
)  # fmt: skip
SSL_REDIRECT = Row(
    name="ssl-redirect", parse=int32, type="int32", merge=_ONE, about="the secure port to which every HTTP listener redirects",
    example="443"
)  # fmt: skip
MUTUAL_AUTHENTICATION = Row(
    name="mutual-authentication", parse=listener.mutual_authentication, type="JSON", merge=_PORT, about="client certificates, by port",
    example='[{"port": 443, "mode": "passthrough"}]', source=_AWS + "mutual-authentication.html",
)  # fmt: skip
LISTENER_ATTRIBUTES = Row(
    name="listener-attributes.<protocol>-<port>", parse=mapping, type="map", merge=_KEY, about="attributes of one listener",
    example="routing.http.response.server.enabled=false",
)  # fmt: skip
CREATE_ACM_CERT = Row(
    name="create-acm-cert", parse=boolean, type="bool", about="whether a certificate is requested for the hosts", default="false",
    example="true",
)  # fmt: skip
ACM_PCA_ARN = Row(
    name="acm-pca-arn", parse=text, type="text", about="the private authority that issues it", default="--default-pca-arn",
    example="arn:aws:acm-pca:eu-west-1:123456789012:certificate-authority/1",
)  # fmt: skip

# Target groups ----------------------------------------------------------------------------------------------------

TARGET_TYPE = Row(
    name="target-type", parse=choice("instance", "ip"), type="choice", kinds=_BOTH, about="whether nodes or pods are the targets",
    default="--default-target-type (instance)", range="instance | ip", example="ip",
)  # fmt: skip
BACKEND_PROTOCOL = Row(
    name="backend-protocol", parse=choice(*_PROTOCOLS), type="choice", kinds=_BOTH, about="the protocol towards the targets",
    default="HTTP", range="HTTP | HTTPS", example="HTTPS",
)  # fmt: skip
BACKEND_PROTOCOL_VERSION = Row(
    name="backend-protocol-version", parse=choice("HTTP1", "HTTP2", "GRPC"), type="choice", kinds=_BOTH,
    about="its version", default="HTTP1", range="HTTP1 | HTTP2 | GRPC", example="GRPC",
)  # fmt: skip
TARGET_GROUP_ATTRIBUTES = Row(
    name="target-group-attributes", parse=mapping, type="map", kinds=_BOTH, about="attributes of the target group",
    example="deregistration_delay.timeout_seconds=30", source=_AWS + "edit-target-group-attributes.html",
)  # fmt: skip
HEALTHCHECK_PORT = Row(
    name="healthcheck-port", parse=text, type="int or name", kinds=_BOTH, about="a number, `traffic-port` or a port name of the Service",
    default="traffic-port", example="traffic-port",
)  # fmt: skip
HEALTHCHECK_PROTOCOL = Row(
    name="healthcheck-protocol", parse=choice(*_PROTOCOLS), type="choice", kinds=_BOTH, about="the protocol of health checks",
    default="that of the target group", range="HTTP | HTTPS", example="HTTP",
)  # fmt: skip
HEALTHCHECK_PATH = Row(
    name="healthcheck-path", parse=text, type="text", kinds=_BOTH, about="the path of health checks",
    default="/, or /AWS.ALB/healthcheck for GRPC", example="/healthz",
)  # fmt: skip
HEALTHCHECK_INTERVAL = Row(
    name="healthcheck-interval-seconds", parse=int32, type="int32", kinds=_BOTH, about="seconds between health checks",
    default="15", unit="s", range="5..300", example="30",
)  # fmt: skip
HEALTHCHECK_TIMEOUT = Row(
    name="healthcheck-timeout-seconds", parse=int32, type="int32", kinds=_BOTH, about="seconds until a health check has failed",
    default="5", unit="s", range="2..120", example="10",
)  # fmt: skip
HEALTHY_THRESHOLD = Row(
    name="healthy-threshold-count", parse=int32, type="int32", kinds=_BOTH, about="successes until a target is healthy",
    default="2", range="2..10", example="3",
)  # fmt: skip
UNHEALTHY_THRESHOLD = Row(
    name="unhealthy-threshold-count", parse=int32, type="int32", kinds=_BOTH, about="failures until a target is unhealthy",
    default="2", range="2..10", example="3",
)  # fmt: skip
SUCCESS_CODES = Row(
    name="success-codes", parse=text, type="text", kinds=_BOTH, about="HTTP or gRPC codes that mean healthy",
    default="200, or 12 for GRPC", example="200-299",
)  # fmt: skip
TARGET_NODE_LABELS = Row(
    name="target-node-labels", parse=mapping, type="map", kinds=_BOTH, about="labels of the nodes that become instance targets",
    example="role=edge",
)  # fmt: skip
TARGET_CONTROL_PORT = Row(
    name="target-control-port.<service>.<port>", parse=int32, type="int32", kinds=_BOTH, about="the port of the target control agent",
    range="1..65535", example="3000",
)  # fmt: skip
MULTI_CLUSTER = Row(
    name="multi-cluster-target-group", parse=boolean, type="bool", kinds=_BOTH, about="whether other clusters register targets too",
    default="false", example="true",
)  # fmt: skip

# Who may pass -----------------------------------------------------------------------------------------------------

AUTH_TYPE = Row(
    name="auth-type", parse=choice("none", "cognito", "oidc"), type="choice", kinds=_BOTH, about="how requests are authenticated",
    default="none", range="none | cognito | oidc", example="oidc", source=_AWS + "listener-authenticate-users.html",
)  # fmt: skip
AUTH_COGNITO = Row(
    name="auth-idp-cognito", parse=identity.cognito, type="JSON", kinds=_BOTH, about="the Cognito user pool",
    example='{"userPoolARN": "…", "userPoolClientID": "…", "userPoolDomain": "…"}',
)  # fmt: skip
AUTH_OIDC = Row(
    name="auth-idp-oidc", parse=identity.oidc, type="JSON", kinds=_BOTH, about="the OpenID Connect provider; its secret is a Secret",
    example='{"issuer": "https://example.com", "authorizationEndpoint": "…", "tokenEndpoint": "…", "userInfoEndpoint": "…",'
    ' "secretName": "oidc"}',
)  # fmt: skip
AUTH_ON_UNAUTHENTICATED = Row(
    name="auth-on-unauthenticated-request", parse=text, type="text", kinds=_BOTH, about="what happens to others",
    default="authenticate", range="authenticate | allow | deny", example="deny",
)  # fmt: skip
AUTH_SCOPE = Row(
    name="auth-scope", parse=text, type="text", kinds=_BOTH, about="the scope to ask for", default="openid", example="openid email"
)  # fmt: skip
AUTH_SESSION_COOKIE = Row(
    name="auth-session-cookie", parse=text, type="text", kinds=_BOTH, about="the name of the session cookie",
    default="AWSELBAuthSessionCookie", example="session",
)  # fmt: skip
AUTH_SESSION_TIMEOUT = Row(
    name="auth-session-timeout", parse=int64, type="int64", kinds=_BOTH, about="how long a session lasts", default="604800", unit="s",
    range="1..604800", example="3600",
)  # fmt: skip
JWT_VALIDATION = Row(
    name="jwt-validation", parse=identity.jwt_validation, type="JSON", about="what a bearer token must show",
    example='{"jwksEndpoint": "https://example.com/jwks", "issuer": "https://example.com"}',
)  # fmt: skip

# Rules ------------------------------------------------------------------------------------------------------------

ACTIONS = Row(
    name="actions.<name>", parse=action.action, type="JSON", about="what a backend whose port is `use-annotation` does",
    example='{"type": "fixed-response", "fixedResponseConfig": {"statusCode": "503"}}',
)  # fmt: skip
CONDITIONS = Row(
    name="conditions.<name>", parse=condition.conditions, type="JSON", about="further conditions of rules with that backend",
    example='[{"field": "http-header", "httpHeaderConfig": {"httpHeaderName": "X-Canary", "values": ["1"]}}]',
)  # fmt: skip
TRANSFORMS = Row(
    name="transforms.<name>", parse=transform.transforms, type="JSON", about="how requests to that backend are rewritten",
    example='[{"type": "url-rewrite", "urlRewriteConfig": {"rewrites": [{"regex": "^/api/(.*)$", "replace": "/$1"}]}}]',
)  # fmt: skip
USE_REGEX_PATH_MATCH = Row(
    name="use-regex-path-match", parse=boolean, type="bool", about="whether ImplementationSpecific paths are regular expressions",
    default="false", example="true",
)  # fmt: skip

# The network load balancer in front -------------------------------------------------------------------------------

ENABLE_FRONTEND_NLB = Row(
    name="enable-frontend-nlb", parse=boolean, type="bool", merge=_ONE, about="whether a network load balancer stands in front",
    default="false", example="true", source=_NLB + "application-load-balancer-target.html",
)  # fmt: skip
FRONTEND_SCHEME = Row(
    name="frontend-nlb-scheme", parse=choice(*_SCHEMES), type="choice", merge=_ONE, about="its scheme",
    default="--default-load-balancer-scheme (internal)", range=" | ".join(_SCHEMES), example="internal",
)  # fmt: skip
FRONTEND_SUBNETS = Row(
    name="frontend-nlb-subnets", parse=items, type="list", merge=_ONE, about="its subnets", default="discovered",
    example="private-a"
)  # fmt: skip
FRONTEND_SECURITY_GROUPS = Row(
    name="frontend-nlb-security-groups", parse=items, type="list", merge=_ONE, about="its security groups",
    default="those of the application load balancer", example="sg-0a1b2c3d",
)  # fmt: skip
FRONTEND_EIP_ALLOCATIONS = Row(
    name="frontend-nlb-eip-allocations", parse=items, type="list", merge=_ONE, about="its elastic addresses, one for each subnet",
    example="eipalloc-0a1b2c3d,eipalloc-1a1b2c3d",
)  # fmt: skip
FRONTEND_PORT_MAPPING = Row(
    name="frontend-nlb-listener-port-mapping", parse=mapping, type="map", merge=_UNION, about="its ports = the ports behind them",
    default="one to one", example="8443=443",
)  # fmt: skip
FRONTEND_HEALTHCHECK_PORT = Row(
    name="frontend-nlb-healthcheck-port", parse=text, type="int or traffic-port", merge=_PORT, about="the port of its health checks",
    default="traffic-port", example="80",
)  # fmt: skip
FRONTEND_HEALTHCHECK_PROTOCOL = Row(
    name="frontend-nlb-healthcheck-protocol", parse=choice(*_PROTOCOLS), type="choice", merge=_PORT,
    about="the protocol of its health checks",
    default="HTTP", range="HTTP | HTTPS", example="HTTP",
)  # fmt: skip
FRONTEND_HEALTHCHECK_PATH = Row(
    name="frontend-nlb-healthcheck-path", parse=text, type="text", merge=_PORT, about="the path of its health checks", default="/",
    example="/healthz",
)  # fmt: skip
FRONTEND_SUCCESS_CODES = Row(
    name="frontend-nlb-healthcheck-success-codes", parse=text, type="text", merge=_PORT, about="codes that mean healthy", default="200",
    example="200-399",
)  # fmt: skip
FRONTEND_HEALTHCHECK_INTERVAL = Row(
    name="frontend-nlb-healthcheck-interval-seconds", parse=int32, type="int32", merge=_PORT, about="seconds between its health checks",
    default="15", unit="s", range="5..300", example="30",
)  # fmt: skip
FRONTEND_HEALTHCHECK_TIMEOUT = Row(
    name="frontend-nlb-healthcheck-timeout-seconds", parse=int32, type="int32", merge=_PORT, about="seconds until one has failed",
    default="5", unit="s", range="2..120", example="10",
)  # fmt: skip
FRONTEND_HEALTHY_THRESHOLD = Row(
    name="frontend-nlb-healthcheck-healthy-threshold-count", parse=int32, type="int32", merge=_PORT, about="successes until healthy",
    default="2", range="2..10", example="3",
)  # fmt: skip
FRONTEND_UNHEALTHY_THRESHOLD = Row(
    name="frontend-nlb-healthcheck-unhealthy-threshold-count", parse=int32, type="int32", merge=_PORT, about="failures until unhealthy",
    default="2", range="2..10", example="3",
)  # fmt: skip
FRONTEND_ATTRIBUTES = Row(
    name="frontend-nlb-attributes", parse=mapping, type="map", merge=_ONE, about="its attributes",
    example="load_balancing.cross_zone.enabled=true", source=_NLB + "network-load-balancers.html#load-balancer-attributes",
)  # fmt: skip
FRONTEND_TAGS = Row(
    name="frontend-nlb-tags", parse=mapping, type="map", merge=_ONE, about="its tags, instead of the application load balancer's",
    example="team=edge",
)  # fmt: skip

# Written by the controller ----------------------------------------------------------------------------------------

DRY_RUN_PLAN = Row(
    name="dry-run-plan", parse=text, type="text", about="the model of the group; written by the controller with gate IngressPlanAnnotation"
)  # fmt: skip

ANNOTATIONS: Mapping[str, Row[Any]] = {row.name: row for row in list(globals().values()) if isinstance(row, Row)}
"""Every row by name, in the order of the reference page."""

_STEMS = tuple(row.stem for row in ANNOTATIONS.values() if "<" in row.name)


def find(name: str) -> Row[Any] | None:
    """The row of an annotation by its name without the prefix, `actions.web` finding `actions.<name>`."""
    if row := ANNOTATIONS.get(name):
        return row
    return next((row for row in ANNOTATIONS.values() if "<" in row.name and name.startswith(row.stem) and name != row.stem), None)


def nearest(name: str) -> str:
    """The known annotation that a misspelt one probably meant, or nothing."""
    names = {row.name.lower(): row.name for row in ANNOTATIONS.values()}
    plain = {known.replace("-", "").replace(".", ""): real for known, real in names.items()}
    if real := plain.get(name.lower().replace("-", "").replace(".", "").replace("_", "")):
        return real
    close = difflib.get_close_matches(name.lower(), list(names), n=1, cutoff=0.75)
    return names[close[0]] if close else ""
