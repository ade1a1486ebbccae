"""One row for each annotation of an Ingress and of its Services (`alb.ingress.kubernetes.io/…`).

A row says what the annotation contains, on which kinds it is read, and how a group merges the values of its members.
"""

from albatross.catalog.annotations.row import Annotation, Merge
from albatross.catalog.form import action, condition, identity, listener, transform
from albatross.catalog.value import boolean, choice, cidrs, int32, int64, integer, items, mapping, text

PREFIX = _P = "alb.ingress.kubernetes.io/"
_AWS = "https://docs.aws.amazon.com/elasticloadbalancing/latest/application/"
_NLB = "https://docs.aws.amazon.com/elasticloadbalancing/latest/network/"

_BOTH = ("Ingress", "Service")
_SCHEMES = ("internal", "internet-facing")
_PROTOCOLS = ("HTTP", "HTTPS")
_OWN, _ONE, _KEY, _PORT, _UNION = Merge.OWN, Merge.EXCLUSIVE, Merge.KEY, Merge.PORT, Merge.UNION

# The group --------------------------------------------------------------------------------------------------------

GROUP_NAME = Annotation(
    key=_P + "group.name", parse=text, type="text", about="the name of the group; its members share one load balancer", example="team-a"
)  # fmt: skip
GROUP_ORDER = Annotation(
    key=_P + "group.order", parse=integer(32, -1000, 1000), type="int32",
    about="the position among the members of the group, smallest number first",
    default="0", range="-1000..1000", example="10",
)  # fmt: skip

# The load balancer ------------------------------------------------------------------------------------------------

LOAD_BALANCER_NAME = Annotation(
    key=_P + "load-balancer-name", parse=text, type="text", merge=_ONE, about="the name of the load balancer; used only when it is created",
    default="generated", range="1..32 characters", example="shop",
)  # fmt: skip
SCHEME = Annotation(
    key=_P + "scheme", parse=choice(*_SCHEMES), type="choice", merge=_ONE,
    about="whether the load balancer is public; a change replaces it",
    default="--default-load-balancer-scheme (internal)", range=" | ".join(_SCHEMES), example="internet-facing",
)  # fmt: skip
IP_ADDRESS_TYPE = Annotation(
    key=_P + "ip-address-type", parse=choice("ipv4", "dualstack", "dualstack-without-public-ipv4"), type="choice", merge=_ONE,
    about="the address families of the load balancer", default="ipv4", range="ipv4 | dualstack | dualstack-without-public-ipv4",
    example="dualstack",
)  # fmt: skip
SUBNETS = Annotation(
    key=_P + "subnets", parse=items, type="list", merge=_ONE, about="ids or Name tags of the subnets, one in each zone",
    default="discovered", example="subnet-0a1b2c3d,private-b",
)  # fmt: skip
CUSTOMER_OWNED_IPV4_POOL = Annotation(
    key=_P + "customer-owned-ipv4-pool", parse=text, type="text", merge=_ONE,
    about="the customer-owned address pool on an Outpost; used only at creation",
    example="ipv4pool-coip-0a1b2c3d",
)  # fmt: skip
IPAM_IPV4_POOL_ID = Annotation(
    key=_P + "ipam-ipv4-pool-id", parse=text, type="text", merge=_ONE, about="the IPAM pool for public IPv4 addresses",
    example="ipam-pool-0a1b2c3d",
)  # fmt: skip
LOAD_BALANCER_ATTRIBUTES = Annotation(
    key=_P + "load-balancer-attributes", parse=mapping, type="map", merge=_KEY, about="attributes of the load balancer",
    example="idle_timeout.timeout_seconds=120", source=_AWS + "application-load-balancers.html#load-balancer-attributes",
)  # fmt: skip
MINIMUM_CAPACITY = Annotation(
    key=_P + "minimum-load-balancer-capacity", parse=mapping, type="map", merge=_KEY, about="the reserved capacity; 0 releases it",
    unit="LCU", range="CapacityUnits", example="CapacityUnits=100", source=_AWS + "capacity-unit-reservation.html",
)  # fmt: skip
SECURITY_GROUPS = Annotation(
    key=_P + "security-groups", parse=items, type="list", merge=_ONE,
    about="ids or Name tags of security groups to use instead of a managed group",
    default="managed", example="sg-0a1b2c3d,web",
)  # fmt: skip
MANAGE_BACKEND_RULES = Annotation(
    key=_P + "manage-backend-security-group-rules", parse=boolean, type="bool", merge=_ONE,
    about="whether the controller opens the ports of the targets even if security-groups is set",
    default="--enable-manage-backend-security-group-rules (false)", example="true",
)  # fmt: skip
INBOUND_CIDRS = Annotation(
    key=_P + "inbound-cidrs", parse=cidrs, type="list of CIDR", merge=_PORT,
    about="source addresses that the managed security group allows",
    default="0.0.0.0/0, ::/0", example="203.0.113.0/24",
)  # fmt: skip
PREFIX_LISTS = Annotation(
    key=_P + "security-group-prefix-lists", parse=items, type="list", merge=_PORT,
    about="prefix lists that the managed security group allows",
    example="pl-0a1b2c3d",
)  # fmt: skip
TAGS = Annotation(
    key=_P + "tags", parse=mapping, type="map", merge=_KEY, kinds=_BOTH, about="tags of all AWS resources of this object",
    example="team=shop,stage=prod",
)  # fmt: skip
WAFV2_ACL_ARN = Annotation(
    key=_P + "wafv2-acl-arn", parse=text, type="text", merge=_ONE, about="the ARN of the WAFv2 web ACL; `none` removes it", example="none"
)  # fmt: skip
WAFV2_ACL_NAME = Annotation(
    key=_P + "wafv2-acl-name", parse=text, type="text", merge=_ONE, about="the name of the WAFv2 web ACL; overrides every ARN in the group",
    example="edge",
)  # fmt: skip
WAF_ACL_ID = Annotation(
    key=_P + "waf-acl-id", parse=text, type="text", merge=_ONE, about="the id of the regional WAF Classic web ACL; `none` removes it",
    example="none", deprecated="AWS ended WAF Classic; use wafv2-acl-arn",
)  # fmt: skip
WEB_ACL_ID = Annotation(
    key=_P + "web-acl-id", parse=text, type="text", merge=_ONE, about="the old name of waf-acl-id",
    example="none", deprecated="use wafv2-acl-arn"
)  # fmt: skip
SHIELD = Annotation(
    key=_P + "shield-advanced-protection", parse=boolean, type="bool", merge=_ONE,
    about="whether Shield Advanced protects the load balancer", example="true"
)  # fmt: skip

# Listeners --------------------------------------------------------------------------------------------------------

LISTEN_PORTS = Annotation(
    key=_P + "listen-ports", parse=listener.listen_ports, type="JSON", merge=_UNION, about="the protocols and ports of the listeners",
    default='[{"HTTP": 80}], or [{"HTTPS": 443}] with a certificate', example='[{"HTTP": 80}, {"HTTPS": 443}]',
)  # fmt: skip
CERTIFICATE_ARN = Annotation(
    key=_P + "certificate-arn", parse=items, type="list", merge=_UNION,
    about="certificates of the HTTPS listeners; the first is the default certificate",
    default="discovered by host", example="arn:aws:acm:eu-west-1:123456789012:certificate/1",
)  # fmt: skip
SSL_POLICY = Annotation(
    key=_P + "ssl-policy", parse=text, type="text", merge=_PORT, about="the security policy of the HTTPS listeners",
    default="--default-ssl-policy", example="ELBSecurityPolicy-TLS13-1-2-2021-06", source=_AWS + "describe-ssl-policies.html",
)  # fmt: skip
SSL_REDIRECT = Annotation(
    key=_P + "ssl-redirect", parse=int32, type="int32", merge=_ONE, about="the HTTPS port to which all HTTP listeners redirect",
    example="443"
)  # fmt: skip
MUTUAL_AUTHENTICATION = Annotation(
    key=_P + "mutual-authentication", parse=listener.mutual_authentication, type="JSON", merge=_PORT,
    about="how each HTTPS port handles client certificates",
    example='[{"port": 443, "mode": "passthrough"}]', source=_AWS + "mutual-authentication.html",
)  # fmt: skip
LISTENER_ATTRIBUTES = Annotation(
    key=_P + "listener-attributes.<protocol>-<port>", parse=mapping, type="map", merge=_KEY, about="attributes of one listener",
    example="routing.http.response.server.enabled=false",
)  # fmt: skip
CREATE_ACM_CERT = Annotation(
    key=_P + "create-acm-cert", parse=boolean, type="bool",
    about="whether the controller requests an ACM certificate for the hosts", default="false",
    example="true",
)  # fmt: skip
ACM_PCA_ARN = Annotation(
    key=_P + "acm-pca-arn", parse=text, type="text",
    about="the ARN of the private CA that issues the requested certificate", default="--default-pca-arn",
    example="arn:aws:acm-pca:eu-west-1:123456789012:certificate-authority/1",
)  # fmt: skip

# Target groups ----------------------------------------------------------------------------------------------------

TARGET_TYPE = Annotation(
    key=_P + "target-type", parse=choice("instance", "ip"), type="choice", kinds=_BOTH,
    about="whether the targets are nodes (instance) or pods (ip)",
    default="--default-target-type (instance)", range="instance | ip", example="ip",
)  # fmt: skip
BACKEND_PROTOCOL = Annotation(
    key=_P + "backend-protocol", parse=choice(*_PROTOCOLS), type="choice", kinds=_BOTH,
    about="the protocol between load balancer and targets",
    default="HTTP", range="HTTP | HTTPS", example="HTTPS",
)  # fmt: skip
BACKEND_PROTOCOL_VERSION = Annotation(
    key=_P + "backend-protocol-version", parse=choice("HTTP1", "HTTP2", "GRPC"), type="choice", kinds=_BOTH,
    about="the version of the protocol between load balancer and targets", default="HTTP1", range="HTTP1 | HTTP2 | GRPC", example="GRPC",
)  # fmt: skip
TARGET_GROUP_ATTRIBUTES = Annotation(
    key=_P + "target-group-attributes", parse=mapping, type="map", kinds=_BOTH, about="attributes of the target group",
    example="deregistration_delay.timeout_seconds=30", source=_AWS + "edit-target-group-attributes.html",
)  # fmt: skip
HEALTHCHECK_PORT = Annotation(
    key=_P + "healthcheck-port", parse=text, type="int or name", kinds=_BOTH,
    about="the port of health checks: a number, `traffic-port` or the name of a Service port",
    default="traffic-port", example="traffic-port",
)  # fmt: skip
HEALTHCHECK_PROTOCOL = Annotation(
    key=_P + "healthcheck-protocol", parse=choice(*_PROTOCOLS), type="choice", kinds=_BOTH, about="the protocol of health checks",
    default="the protocol of the target group", range="HTTP | HTTPS", example="HTTP",
)  # fmt: skip
HEALTHCHECK_PATH = Annotation(
    key=_P + "healthcheck-path", parse=text, type="text", kinds=_BOTH, about="the path of health checks",
    default="/, or /AWS.ALB/healthcheck for GRPC", example="/healthz",
)  # fmt: skip
HEALTHCHECK_INTERVAL = Annotation(
    key=_P + "healthcheck-interval-seconds", parse=int32, type="int32", kinds=_BOTH, about="seconds between health checks",
    default="15", unit="s", range="5..300", example="30",
)  # fmt: skip
HEALTHCHECK_TIMEOUT = Annotation(
    key=_P + "healthcheck-timeout-seconds", parse=int32, type="int32", kinds=_BOTH, about="seconds until a health check times out",
    default="5", unit="s", range="2..120", example="10",
)  # fmt: skip
HEALTHY_THRESHOLD = Annotation(
    key=_P + "healthy-threshold-count", parse=int32, type="int32", kinds=_BOTH, about="successful checks until a target is healthy",
    default="2", range="2..10", example="3",
)  # fmt: skip
UNHEALTHY_THRESHOLD = Annotation(
    key=_P + "unhealthy-threshold-count", parse=int32, type="int32", kinds=_BOTH, about="failed checks until a target is unhealthy",
    default="2", range="2..10", example="3",
)  # fmt: skip
SUCCESS_CODES = Annotation(
    key=_P + "success-codes", parse=text, type="text", kinds=_BOTH, about="HTTP or gRPC codes of a healthy target",
    default="200, or 12 for GRPC", example="200-299",
)  # fmt: skip
TARGET_NODE_LABELS = Annotation(
    key=_P + "target-node-labels", parse=mapping, type="map", kinds=_BOTH, about="only nodes with these labels become instance targets",
    example="role=edge",
)  # fmt: skip
TARGET_CONTROL_PORT = Annotation(
    key=_P + "target-control-port.<service>.<port>", parse=int32, type="int32", kinds=_BOTH, about="the port of the target control agent",
    range="1..65535", example="3000",
)  # fmt: skip
MULTI_CLUSTER = Annotation(
    key=_P + "multi-cluster-target-group", parse=boolean, type="bool", kinds=_BOTH, about="whether other clusters also register targets",
    default="false", example="true",
)  # fmt: skip

# Who may pass -----------------------------------------------------------------------------------------------------

AUTH_TYPE = Annotation(
    key=_P + "auth-type", parse=choice("none", "cognito", "oidc"), type="choice", kinds=_BOTH, about="how requests are authenticated",
    default="none", range="none | cognito | oidc", example="oidc", source=_AWS + "listener-authenticate-users.html",
)  # fmt: skip
AUTH_COGNITO = Annotation(
    key=_P + "auth-idp-cognito", parse=identity.cognito, type="JSON", kinds=_BOTH, about="the Cognito user pool",
    example='{"userPoolARN": "…", "userPoolClientID": "…", "userPoolDomain": "…"}',
)  # fmt: skip
AUTH_OIDC = Annotation(
    key=_P + "auth-idp-oidc", parse=identity.oidc, type="JSON", kinds=_BOTH,
    about="the OpenID Connect provider; a Secret holds its credentials",
    example='{"issuer": "https://example.com", "authorizationEndpoint": "…", "tokenEndpoint": "…", "userInfoEndpoint": "…",'
    ' "secretName": "oidc"}',
)  # fmt: skip
AUTH_ON_UNAUTHENTICATED = Annotation(
    key=_P + "auth-on-unauthenticated-request", parse=text, type="text", kinds=_BOTH, about="what happens to unauthenticated requests",
    default="authenticate", range="authenticate | allow | deny", example="deny",
)  # fmt: skip
AUTH_SCOPE = Annotation(
    key=_P + "auth-scope", parse=text, type="text", kinds=_BOTH,
    about="the scope that is requested from the provider", default="openid", example="openid email"
)  # fmt: skip
AUTH_SESSION_COOKIE = Annotation(
    key=_P + "auth-session-cookie", parse=text, type="text", kinds=_BOTH, about="the name of the session cookie",
    default="AWSELBAuthSessionCookie", example="session",
)  # fmt: skip
AUTH_SESSION_TIMEOUT = Annotation(
    key=_P + "auth-session-timeout", parse=int64, type="int64", kinds=_BOTH,
    about="the maximum duration of a session", default="604800", unit="s",
    range="1..604800", example="3600",
)  # fmt: skip
JWT_VALIDATION = Annotation(
    key=_P + "jwt-validation", parse=identity.jwt_validation, type="JSON", about="how bearer tokens are validated",
    example='{"jwksEndpoint": "https://example.com/jwks", "issuer": "https://example.com"}',
)  # fmt: skip

# Rules ------------------------------------------------------------------------------------------------------------

ACTIONS = Annotation(
    key=_P + "actions.<name>", parse=action.action, type="JSON",
    about="the action of the backend that has this name and port `use-annotation`",
    example='{"type": "fixed-response", "fixedResponseConfig": {"statusCode": "503"}}',
)  # fmt: skip
CONDITIONS = Annotation(
    key=_P + "conditions.<name>", parse=condition.conditions, type="JSON",
    about="more conditions for the rules of the backend with this name",
    example='[{"field": "http-header", "httpHeaderConfig": {"httpHeaderName": "X-Canary", "values": ["1"]}}]',
)  # fmt: skip
TRANSFORMS = Annotation(
    key=_P + "transforms.<name>", parse=transform.transforms, type="JSON", about="how requests to the backend with this name are rewritten",
    example='[{"type": "url-rewrite", "urlRewriteConfig": {"rewrites": [{"regex": "^/api/(.*)$", "replace": "/$1"}]}}]',
)  # fmt: skip
USE_REGEX_PATH_MATCH = Annotation(
    key=_P + "use-regex-path-match", parse=boolean, type="bool",
    about="whether paths of type ImplementationSpecific are regular expressions",
    default="false", example="true",
)  # fmt: skip

# The network load balancer in front -------------------------------------------------------------------------------

ENABLE_NLB = Annotation(
    key=_P + "enable-frontend-nlb", parse=boolean, type="bool", merge=_ONE, about="whether a network load balancer is created in front",
    default="false", example="true", source=_NLB + "application-load-balancer-target.html",
)  # fmt: skip
NLB_SCHEME = Annotation(
    key=_P + "frontend-nlb-scheme", parse=choice(*_SCHEMES), type="choice", merge=_ONE, about="the scheme of the network load balancer",
    default="--default-load-balancer-scheme (internal)", range=" | ".join(_SCHEMES), example="internal",
)  # fmt: skip
NLB_SUBNETS = Annotation(
    key=_P + "frontend-nlb-subnets", parse=items, type="list", merge=_ONE,
    about="the subnets of the network load balancer", default="discovered",
    example="private-a"
)  # fmt: skip
NLB_SECURITY_GROUPS = Annotation(
    key=_P + "frontend-nlb-security-groups", parse=items, type="list", merge=_ONE, about="the security groups of the network load balancer",
    default="the groups of the application load balancer", example="sg-0a1b2c3d",
)  # fmt: skip
NLB_EIP_ALLOCATIONS = Annotation(
    key=_P + "frontend-nlb-eip-allocations", parse=items, type="list", merge=_ONE,
    about="allocation ids of its elastic IP addresses, one for each subnet",
    example="eipalloc-0a1b2c3d,eipalloc-1a1b2c3d",
)  # fmt: skip
NLB_PORT_MAPPING = Annotation(
    key=_P + "frontend-nlb-listener-port-mapping", parse=mapping, type="map", merge=_UNION,
    about="port of the network load balancer = port behind it",
    default="one to one", example="8443=443",
)  # fmt: skip
NLB_HEALTHCHECK_PORT = Annotation(
    key=_P + "frontend-nlb-healthcheck-port", parse=text, type="int or traffic-port", merge=_PORT, about="the port of the health checks",
    default="traffic-port", example="80",
)  # fmt: skip
NLB_HEALTHCHECK_PROTOCOL = Annotation(
    key=_P + "frontend-nlb-healthcheck-protocol", parse=choice(*_PROTOCOLS), type="choice", merge=_PORT,
    about="the protocol of the health checks",
    default="HTTP", range="HTTP | HTTPS", example="HTTP",
)  # fmt: skip
NLB_HEALTHCHECK_PATH = Annotation(
    key=_P + "frontend-nlb-healthcheck-path", parse=text, type="text", merge=_PORT, about="the path of the health checks", default="/",
    example="/healthz",
)  # fmt: skip
NLB_SUCCESS_CODES = Annotation(
    key=_P + "frontend-nlb-healthcheck-success-codes", parse=text, type="text", merge=_PORT,
    about="HTTP codes of a healthy target", default="200",
    example="200-399",
)  # fmt: skip
NLB_HEALTHCHECK_INTERVAL = Annotation(
    key=_P + "frontend-nlb-healthcheck-interval-seconds", parse=int32, type="int32", merge=_PORT, about="seconds between health checks",
    default="15", unit="s", range="5..300", example="30",
)  # fmt: skip
NLB_HEALTHCHECK_TIMEOUT = Annotation(
    key=_P + "frontend-nlb-healthcheck-timeout-seconds", parse=int32, type="int32", merge=_PORT, about="seconds until a check times out",
    default="5", unit="s", range="2..120", example="10",
)  # fmt: skip
NLB_HEALTHY_THRESHOLD = Annotation(
    key=_P + "frontend-nlb-healthcheck-healthy-threshold-count", parse=int32, type="int32", merge=_PORT,
    about="successful checks until healthy",
    default="2", range="2..10", example="3",
)  # fmt: skip
NLB_UNHEALTHY_THRESHOLD = Annotation(
    key=_P + "frontend-nlb-healthcheck-unhealthy-threshold-count", parse=int32, type="int32", merge=_PORT,
    about="failed checks until unhealthy",
    default="2", range="2..10", example="3",
)  # fmt: skip
NLB_ATTRIBUTES = Annotation(
    key=_P + "frontend-nlb-attributes", parse=mapping, type="map", merge=_ONE, about="attributes of the network load balancer",
    example="load_balancing.cross_zone.enabled=true", source=_NLB + "network-load-balancers.html#load-balancer-attributes",
)  # fmt: skip
NLB_TAGS = Annotation(
    key=_P + "frontend-nlb-tags", parse=mapping, type="map", merge=_ONE,
    about="tags of the network load balancer, instead of those of the application load balancer",
    example="team=edge",
)  # fmt: skip

# Written by the controller ----------------------------------------------------------------------------------------

DRY_RUN_PLAN = Annotation(
    key=_P + "dry-run-plan", parse=text, type="text",
    about="the model of the group; the controller writes it if gate IngressPlanAnnotation is on"
)  # fmt: skip
