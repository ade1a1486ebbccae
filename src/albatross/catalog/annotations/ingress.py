"""A row an annotation of an Ingress and of the Services behind it (`alb.ingress.kubernetes.io/…`).

It says what the annotation holds, where it counts, and how a group of members merges it.
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
    key=_P + "group.name", parse=text, type="text", about="the group whose load balancer this object shares", example="team-a"
)  # fmt: skip
GROUP_ORDER = Annotation(
    key=_P + "group.order", parse=integer(32, -1000, 1000), type="int32", about="the place among the group's members, smallest first",
    default="0", range="-1000..1000", example="10",
)  # fmt: skip

# The load balancer ------------------------------------------------------------------------------------------------

LOAD_BALANCER_NAME = Annotation(
    key=_P + "load-balancer-name", parse=text, type="text", merge=_ONE, about="the load balancer's name; counts at creation only",
    default="generated", range="1..32 characters", example="shop",
)  # fmt: skip
SCHEME = Annotation(
    key=_P + "scheme", parse=choice(*_SCHEMES), type="choice", merge=_ONE, about="whether the internet can reach it; a change replaces it",
    default="--default-load-balancer-scheme (internal)", range=" | ".join(_SCHEMES), example="internet-facing",
)  # fmt: skip
IP_ADDRESS_TYPE = Annotation(
    key=_P + "ip-address-type", parse=choice("ipv4", "dualstack", "dualstack-without-public-ipv4"), type="choice", merge=_ONE,
    about="the address families of the load balancer", default="ipv4", range="ipv4 | dualstack | dualstack-without-public-ipv4",
    example="dualstack",
)  # fmt: skip
SUBNETS = Annotation(
    key=_P + "subnets", parse=items, type="list", merge=_ONE, about="subnet ids or Name tags, one in each zone",
    default="discovered", example="subnet-0a1b2c3d,private-b",
)  # fmt: skip
CUSTOMER_OWNED_IPV4_POOL = Annotation(
    key=_P + "customer-owned-ipv4-pool", parse=text, type="text", merge=_ONE,
    about="the address pool on an Outpost; counts at creation only",
    example="ipv4pool-coip-0a1b2c3d",
)  # fmt: skip
IPAM_IPV4_POOL_ID = Annotation(
    key=_P + "ipam-ipv4-pool-id", parse=text, type="text", merge=_ONE, about="the IPAM pool its public addresses come from",
    example="ipam-pool-0a1b2c3d",
)  # fmt: skip
LOAD_BALANCER_ATTRIBUTES = Annotation(
    key=_P + "load-balancer-attributes", parse=mapping, type="map", merge=_KEY, about="attributes of the load balancer",
    example="idle_timeout.timeout_seconds=120", source=_AWS + "application-load-balancers.html#load-balancer-attributes",
)  # fmt: skip
MINIMUM_CAPACITY = Annotation(
    key=_P + "minimum-load-balancer-capacity", parse=mapping, type="map", merge=_KEY, about="reserved capacity; 0 resets it",
    unit="LCU", range="CapacityUnits", example="CapacityUnits=100", source=_AWS + "capacity-unit-reservation.html",
)  # fmt: skip
SECURITY_GROUPS = Annotation(
    key=_P + "security-groups", parse=items, type="list", merge=_ONE, about="security group ids or Name tags, instead of a managed group",
    default="managed", example="sg-0a1b2c3d,web",
)  # fmt: skip
MANAGE_BACKEND_RULES = Annotation(
    key=_P + "manage-backend-security-group-rules", parse=boolean, type="bool", merge=_ONE,
    about="whether rules towards the targets are managed although security groups are given",
    default="--enable-manage-backend-security-group-rules (false)", example="true",
)  # fmt: skip
INBOUND_CIDRS = Annotation(
    key=_P + "inbound-cidrs", parse=cidrs, type="list of CIDR", merge=_PORT, about="who may connect, in the managed security group",
    default="0.0.0.0/0, ::/0", example="203.0.113.0/24",
)  # fmt: skip
PREFIX_LISTS = Annotation(
    key=_P + "security-group-prefix-lists", parse=items, type="list", merge=_PORT, about="prefix lists that may connect",
    example="pl-0a1b2c3d",
)  # fmt: skip
TAGS = Annotation(
    key=_P + "tags", parse=mapping, type="map", merge=_KEY, kinds=_BOTH, about="tags of everything made for this object",
    example="team=shop,stage=prod",
)  # fmt: skip
WAFV2_ACL_ARN = Annotation(
    key=_P + "wafv2-acl-arn", parse=text, type="text", merge=_ONE, about="the web ACL; `none` takes it off", example="none"
)  # fmt: skip
WAFV2_ACL_NAME = Annotation(
    key=_P + "wafv2-acl-name", parse=text, type="text", merge=_ONE, about="the web ACL by name; beats every ARN of the group",
    example="edge",
)  # fmt: skip
WAF_ACL_ID = Annotation(
    key=_P + "waf-acl-id", parse=text, type="text", merge=_ONE, about="the WAF Classic regional web ACL; `none` takes it off",
    example="none", deprecated="AWS WAF Classic has ended; use wafv2-acl-arn",
)  # fmt: skip
WEB_ACL_ID = Annotation(
    key=_P + "web-acl-id", parse=text, type="text", merge=_ONE, about="an old name of waf-acl-id",
    example="none", deprecated="use wafv2-acl-arn"
)  # fmt: skip
SHIELD = Annotation(
    key=_P + "shield-advanced-protection", parse=boolean, type="bool", merge=_ONE,
    about="whether Shield Advanced protects it", example="true"
)  # fmt: skip

# Listeners --------------------------------------------------------------------------------------------------------

LISTEN_PORTS = Annotation(
    key=_P + "listen-ports", parse=listener.listen_ports, type="JSON", merge=_UNION, about="protocols and ports to listen on",
    default='[{"HTTP": 80}], or [{"HTTPS": 443}] with a certificate', example='[{"HTTP": 80}, {"HTTPS": 443}]',
)  # fmt: skip
CERTIFICATE_ARN = Annotation(
    key=_P + "certificate-arn", parse=items, type="list", merge=_UNION, about="certificates of secure listeners, the default one first",
    default="discovered by host", example="arn:aws:acm:eu-west-1:123456789012:certificate/1",
)  # fmt: skip
SSL_POLICY = Annotation(
    key=_P + "ssl-policy", parse=text, type="text", merge=_PORT, about="the security policy of secure listeners",
    default="--default-ssl-policy", example="ELBSecurityPolicy-TLS13-1-2-2021-06", source=_AWS + "describe-ssl-policies.html",
)  # fmt: skip
SSL_REDIRECT = Annotation(
    key=_P + "ssl-redirect", parse=int32, type="int32", merge=_ONE, about="the secure port to which every HTTP listener redirects",
    example="443"
)  # fmt: skip
MUTUAL_AUTHENTICATION = Annotation(
    key=_P + "mutual-authentication", parse=listener.mutual_authentication, type="JSON", merge=_PORT, about="client certificates, by port",
    example='[{"port": 443, "mode": "passthrough"}]', source=_AWS + "mutual-authentication.html",
)  # fmt: skip
LISTENER_ATTRIBUTES = Annotation(
    key=_P + "listener-attributes.<protocol>-<port>", parse=mapping, type="map", merge=_KEY, about="attributes of one listener",
    example="routing.http.response.server.enabled=false",
)  # fmt: skip
CREATE_ACM_CERT = Annotation(
    key=_P + "create-acm-cert", parse=boolean, type="bool", about="whether a certificate is requested for the hosts", default="false",
    example="true",
)  # fmt: skip
ACM_PCA_ARN = Annotation(
    key=_P + "acm-pca-arn", parse=text, type="text", about="the private authority that issues it", default="--default-pca-arn",
    example="arn:aws:acm-pca:eu-west-1:123456789012:certificate-authority/1",
)  # fmt: skip

# Target groups ----------------------------------------------------------------------------------------------------

TARGET_TYPE = Annotation(
    key=_P + "target-type", parse=choice("instance", "ip"), type="choice", kinds=_BOTH, about="whether nodes or pods are the targets",
    default="--default-target-type (instance)", range="instance | ip", example="ip",
)  # fmt: skip
BACKEND_PROTOCOL = Annotation(
    key=_P + "backend-protocol", parse=choice(*_PROTOCOLS), type="choice", kinds=_BOTH, about="the protocol towards the targets",
    default="HTTP", range="HTTP | HTTPS", example="HTTPS",
)  # fmt: skip
BACKEND_PROTOCOL_VERSION = Annotation(
    key=_P + "backend-protocol-version", parse=choice("HTTP1", "HTTP2", "GRPC"), type="choice", kinds=_BOTH,
    about="its version", default="HTTP1", range="HTTP1 | HTTP2 | GRPC", example="GRPC",
)  # fmt: skip
TARGET_GROUP_ATTRIBUTES = Annotation(
    key=_P + "target-group-attributes", parse=mapping, type="map", kinds=_BOTH, about="attributes of the target group",
    example="deregistration_delay.timeout_seconds=30", source=_AWS + "edit-target-group-attributes.html",
)  # fmt: skip
HEALTHCHECK_PORT = Annotation(
    key=_P + "healthcheck-port", parse=text, type="int or name", kinds=_BOTH,
    about="a number, `traffic-port` or a port name of the Service",
    default="traffic-port", example="traffic-port",
)  # fmt: skip
HEALTHCHECK_PROTOCOL = Annotation(
    key=_P + "healthcheck-protocol", parse=choice(*_PROTOCOLS), type="choice", kinds=_BOTH, about="the protocol of health checks",
    default="that of the target group", range="HTTP | HTTPS", example="HTTP",
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
    key=_P + "healthcheck-timeout-seconds", parse=int32, type="int32", kinds=_BOTH, about="seconds until a health check has failed",
    default="5", unit="s", range="2..120", example="10",
)  # fmt: skip
HEALTHY_THRESHOLD = Annotation(
    key=_P + "healthy-threshold-count", parse=int32, type="int32", kinds=_BOTH, about="successes until a target is healthy",
    default="2", range="2..10", example="3",
)  # fmt: skip
UNHEALTHY_THRESHOLD = Annotation(
    key=_P + "unhealthy-threshold-count", parse=int32, type="int32", kinds=_BOTH, about="failures until a target is unhealthy",
    default="2", range="2..10", example="3",
)  # fmt: skip
SUCCESS_CODES = Annotation(
    key=_P + "success-codes", parse=text, type="text", kinds=_BOTH, about="HTTP or gRPC codes that mean healthy",
    default="200, or 12 for GRPC", example="200-299",
)  # fmt: skip
TARGET_NODE_LABELS = Annotation(
    key=_P + "target-node-labels", parse=mapping, type="map", kinds=_BOTH, about="labels of the nodes that become instance targets",
    example="role=edge",
)  # fmt: skip
TARGET_CONTROL_PORT = Annotation(
    key=_P + "target-control-port.<service>.<port>", parse=int32, type="int32", kinds=_BOTH, about="the port of the target control agent",
    range="1..65535", example="3000",
)  # fmt: skip
MULTI_CLUSTER = Annotation(
    key=_P + "multi-cluster-target-group", parse=boolean, type="bool", kinds=_BOTH, about="whether other clusters register targets too",
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
    key=_P + "auth-idp-oidc", parse=identity.oidc, type="JSON", kinds=_BOTH, about="the OpenID Connect provider; its secret is a Secret",
    example='{"issuer": "https://example.com", "authorizationEndpoint": "…", "tokenEndpoint": "…", "userInfoEndpoint": "…",'
    ' "secretName": "oidc"}',
)  # fmt: skip
AUTH_ON_UNAUTHENTICATED = Annotation(
    key=_P + "auth-on-unauthenticated-request", parse=text, type="text", kinds=_BOTH, about="what happens to others",
    default="authenticate", range="authenticate | allow | deny", example="deny",
)  # fmt: skip
AUTH_SCOPE = Annotation(
    key=_P + "auth-scope", parse=text, type="text", kinds=_BOTH, about="the scope to ask for", default="openid", example="openid email"
)  # fmt: skip
AUTH_SESSION_COOKIE = Annotation(
    key=_P + "auth-session-cookie", parse=text, type="text", kinds=_BOTH, about="the name of the session cookie",
    default="AWSELBAuthSessionCookie", example="session",
)  # fmt: skip
AUTH_SESSION_TIMEOUT = Annotation(
    key=_P + "auth-session-timeout", parse=int64, type="int64", kinds=_BOTH, about="how long a session lasts", default="604800", unit="s",
    range="1..604800", example="3600",
)  # fmt: skip
JWT_VALIDATION = Annotation(
    key=_P + "jwt-validation", parse=identity.jwt_validation, type="JSON", about="what a bearer token must show",
    example='{"jwksEndpoint": "https://example.com/jwks", "issuer": "https://example.com"}',
)  # fmt: skip

# Rules ------------------------------------------------------------------------------------------------------------

ACTIONS = Annotation(
    key=_P + "actions.<name>", parse=action.action, type="JSON", about="what a backend whose port is `use-annotation` does",
    example='{"type": "fixed-response", "fixedResponseConfig": {"statusCode": "503"}}',
)  # fmt: skip
CONDITIONS = Annotation(
    key=_P + "conditions.<name>", parse=condition.conditions, type="JSON", about="further conditions of rules with that backend",
    example='[{"field": "http-header", "httpHeaderConfig": {"httpHeaderName": "X-Canary", "values": ["1"]}}]',
)  # fmt: skip
TRANSFORMS = Annotation(
    key=_P + "transforms.<name>", parse=transform.transforms, type="JSON", about="how requests to that backend are rewritten",
    example='[{"type": "url-rewrite", "urlRewriteConfig": {"rewrites": [{"regex": "^/api/(.*)$", "replace": "/$1"}]}}]',
)  # fmt: skip
USE_REGEX_PATH_MATCH = Annotation(
    key=_P + "use-regex-path-match", parse=boolean, type="bool", about="whether ImplementationSpecific paths are regular expressions",
    default="false", example="true",
)  # fmt: skip

# The network load balancer in front -------------------------------------------------------------------------------

ENABLE_NLB = Annotation(
    key=_P + "enable-frontend-nlb", parse=boolean, type="bool", merge=_ONE, about="whether a network load balancer stands in front",
    default="false", example="true", source=_NLB + "application-load-balancer-target.html",
)  # fmt: skip
NLB_SCHEME = Annotation(
    key=_P + "frontend-nlb-scheme", parse=choice(*_SCHEMES), type="choice", merge=_ONE, about="its scheme",
    default="--default-load-balancer-scheme (internal)", range=" | ".join(_SCHEMES), example="internal",
)  # fmt: skip
NLB_SUBNETS = Annotation(
    key=_P + "frontend-nlb-subnets", parse=items, type="list", merge=_ONE, about="its subnets", default="discovered",
    example="private-a"
)  # fmt: skip
NLB_SECURITY_GROUPS = Annotation(
    key=_P + "frontend-nlb-security-groups", parse=items, type="list", merge=_ONE, about="its security groups",
    default="those of the application load balancer", example="sg-0a1b2c3d",
)  # fmt: skip
NLB_EIP_ALLOCATIONS = Annotation(
    key=_P + "frontend-nlb-eip-allocations", parse=items, type="list", merge=_ONE, about="its elastic addresses, one for each subnet",
    example="eipalloc-0a1b2c3d,eipalloc-1a1b2c3d",
)  # fmt: skip
NLB_PORT_MAPPING = Annotation(
    key=_P + "frontend-nlb-listener-port-mapping", parse=mapping, type="map", merge=_UNION, about="its ports = the ports behind them",
    default="one to one", example="8443=443",
)  # fmt: skip
NLB_HEALTHCHECK_PORT = Annotation(
    key=_P + "frontend-nlb-healthcheck-port", parse=text, type="int or traffic-port", merge=_PORT, about="the port of its health checks",
    default="traffic-port", example="80",
)  # fmt: skip
NLB_HEALTHCHECK_PROTOCOL = Annotation(
    key=_P + "frontend-nlb-healthcheck-protocol", parse=choice(*_PROTOCOLS), type="choice", merge=_PORT,
    about="the protocol of its health checks",
    default="HTTP", range="HTTP | HTTPS", example="HTTP",
)  # fmt: skip
NLB_HEALTHCHECK_PATH = Annotation(
    key=_P + "frontend-nlb-healthcheck-path", parse=text, type="text", merge=_PORT, about="the path of its health checks", default="/",
    example="/healthz",
)  # fmt: skip
NLB_SUCCESS_CODES = Annotation(
    key=_P + "frontend-nlb-healthcheck-success-codes", parse=text, type="text", merge=_PORT, about="codes that mean healthy", default="200",
    example="200-399",
)  # fmt: skip
NLB_HEALTHCHECK_INTERVAL = Annotation(
    key=_P + "frontend-nlb-healthcheck-interval-seconds", parse=int32, type="int32", merge=_PORT, about="seconds between its health checks",
    default="15", unit="s", range="5..300", example="30",
)  # fmt: skip
NLB_HEALTHCHECK_TIMEOUT = Annotation(
    key=_P + "frontend-nlb-healthcheck-timeout-seconds", parse=int32, type="int32", merge=_PORT, about="seconds until one has failed",
    default="5", unit="s", range="2..120", example="10",
)  # fmt: skip
NLB_HEALTHY_THRESHOLD = Annotation(
    key=_P + "frontend-nlb-healthcheck-healthy-threshold-count", parse=int32, type="int32", merge=_PORT, about="successes until healthy",
    default="2", range="2..10", example="3",
)  # fmt: skip
NLB_UNHEALTHY_THRESHOLD = Annotation(
    key=_P + "frontend-nlb-healthcheck-unhealthy-threshold-count", parse=int32, type="int32", merge=_PORT, about="failures until unhealthy",
    default="2", range="2..10", example="3",
)  # fmt: skip
NLB_ATTRIBUTES = Annotation(
    key=_P + "frontend-nlb-attributes", parse=mapping, type="map", merge=_ONE, about="its attributes",
    example="load_balancing.cross_zone.enabled=true", source=_NLB + "network-load-balancers.html#load-balancer-attributes",
)  # fmt: skip
NLB_TAGS = Annotation(
    key=_P + "frontend-nlb-tags", parse=mapping, type="map", merge=_ONE, about="its tags, instead of the application load balancer's",
    example="team=edge",
)  # fmt: skip

# Written by the controller ----------------------------------------------------------------------------------------

DRY_RUN_PLAN = Annotation(
    key=_P + "dry-run-plan", parse=text, type="text",
    about="the model of the group; written by the controller with gate IngressPlanAnnotation"
)  # fmt: skip
