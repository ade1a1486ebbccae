"""One row for each annotation of a Service that becomes a network load balancer (`service.beta.kubernetes.io/…`).

Most names start with `aws-load-balancer-`, because other controllers use this prefix too.
"""

from collections.abc import Callable

from albatross.catalog.annotations.row import Annotation
from albatross.catalog.form import weight
from albatross.catalog.value import Parsed, boolean, choice, int32, items, mapping, text

PREFIX = _P = "service.beta.kubernetes.io/"
_A = _P + "aws-load-balancer-"
_NLB = "https://docs.aws.amazon.com/elasticloadbalancing/latest/network/"
_KINDS = ("Service",)
OURS = ("aws-load-balancer-", "load-balancer-source-ranges", "actions.")
"""Starts of the names under the prefix that are meant for AWS. Controllers of other clouds use other names."""


def _upper(*allowed: str) -> Callable[[str], Parsed[str]]:
    """One of `allowed`, in any case."""
    parse = choice(*allowed)

    def read(raw: str) -> Parsed[str]:
        found = parse(raw.upper())
        return found if found.value is not None else parse(raw)

    return read


# Who creates the load balancer ------------------------------------------------------------------------------------

TYPE = Annotation(
    key=_A + "type", parse=text, type="text", kinds=_KINDS,
    about="that this controller creates the load balancer; a Service with spec.loadBalancerClass does not need it",
    range="external | nlb-ip", example="external",
)  # fmt: skip
TARGET_TYPE = Annotation(
    key=_A + "nlb-target-type", parse=text, type="text", kinds=_KINDS,
    about="whether the targets are nodes (instance) or pods (ip)",
    default="--default-target-type (instance)", range="instance | ip", example="ip",
)  # fmt: skip

# The load balancer ------------------------------------------------------------------------------------------------

NAME = Annotation(
    key=_A + "name", parse=text, type="text", kinds=_KINDS, about="the name of the load balancer; used only when it is created",
    default="generated", range="1..32 characters", example="shop",
)  # fmt: skip
SCHEME = Annotation(
    key=_A + "scheme", parse=choice("internal", "internet-facing"), type="choice", kinds=_KINDS,
    about="whether the load balancer is public; a change replaces it",
    default="the scheme of the existing load balancer, or --default-load-balancer-scheme (internal)",
    range="internal | internet-facing", example="internet-facing",
)  # fmt: skip
INTERNAL = Annotation(
    key=_A + "internal", parse=boolean, type="bool", kinds=_KINDS, about="the old form of scheme: true means internal",
    example="true", deprecated="use aws-load-balancer-scheme",
)  # fmt: skip
IP_ADDRESS_TYPE = Annotation(
    key=_A + "ip-address-type", parse=choice("ipv4", "dualstack"), type="choice", kinds=_KINDS,
    about="the address families of the load balancer", default="ipv4", range="ipv4 | dualstack", example="dualstack",
)  # fmt: skip
SUBNETS = Annotation(
    key=_A + "subnets", parse=items, type="list", kinds=_KINDS, about="ids or Name tags of the subnets, one in each zone",
    default="the subnets of the existing load balancer, or discovered", example="subnet-0a1b2c3d,private-b",
)  # fmt: skip
EIP_ALLOCATIONS = Annotation(
    key=_A + "eip-allocations", parse=items, type="list", kinds=_KINDS,
    about="allocation ids of Elastic IP addresses, one for each subnet, in the order of the subnets; only for internet-facing",
    example="eipalloc-0a1b2c3d,eipalloc-1a1b2c3d",
)  # fmt: skip
PRIVATE_IPV4_ADDRESSES = Annotation(
    key=_A + "private-ipv4-addresses", parse=items, type="list", kinds=_KINDS,
    about="private IPv4 addresses, one inside each subnet; only for internal", example="10.0.1.10,10.0.2.10",
)  # fmt: skip
IPV6_ADDRESSES = Annotation(
    key=_A + "ipv6-addresses", parse=items, type="list", kinds=_KINDS,
    about="IPv6 addresses, one inside each subnet; only for dualstack", example="2001:db8:1::10,2001:db8:2::10",
)  # fmt: skip
IPV6_SOURCE_NAT = Annotation(
    key=_A + "enable-prefix-for-ipv6-source-nat", parse=choice("on", "off"), type="choice", kinds=_KINDS,
    about="whether the load balancer has IPv6 prefixes for source NAT, which UDP over dualstack needs",
    default="off", range="on | off", example="on", source=_NLB + "network-load-balancers.html",
)  # fmt: skip
SOURCE_NAT_PREFIXES = Annotation(
    key=_A + "source-nat-ipv6-prefixes", parse=items, type="list", kinds=_KINDS,
    about="the prefixes for source NAT, one for each subnet: /80 prefixes inside the subnet, or auto_assigned",
    example="auto_assigned,2001:db8:1:2:8000::/80",
)  # fmt: skip
ATTRIBUTES = Annotation(
    key=_A + "attributes", parse=mapping, type="map", kinds=_KINDS, about="attributes of the load balancer",
    example="load_balancing.cross_zone.enabled=true", source=_NLB + "network-load-balancers.html#load-balancer-attributes",
)  # fmt: skip
ACCESS_LOG_ENABLED = Annotation(
    key=_A + "access-log-enabled", parse=boolean, type="bool", kinds=_KINDS, about="whether access logs are written; false has no effect",
    example="true", deprecated="use access_logs.s3.enabled in aws-load-balancer-attributes",
)  # fmt: skip
ACCESS_LOG_BUCKET = Annotation(
    key=_A + "access-log-s3-bucket-name", parse=text, type="text", kinds=_KINDS, about="the bucket of access logs",
    example="my-logs", deprecated="use access_logs.s3.bucket in aws-load-balancer-attributes",
)  # fmt: skip
ACCESS_LOG_PREFIX = Annotation(
    key=_A + "access-log-s3-bucket-prefix", parse=text, type="text", kinds=_KINDS, about="the prefix of access logs in their bucket",
    example="edge", deprecated="use access_logs.s3.prefix in aws-load-balancer-attributes",
)  # fmt: skip
CROSS_ZONE = Annotation(
    key=_A + "cross-zone-load-balancing-enabled", parse=boolean, type="bool", kinds=_KINDS,
    about="whether targets in all zones get traffic from each zone",
    example="true", deprecated="use load_balancing.cross_zone.enabled in aws-load-balancer-attributes",
)  # fmt: skip
MINIMUM_CAPACITY = Annotation(
    key=_A + "minimum-load-balancer-capacity", parse=mapping, type="map", kinds=_KINDS, about="the reserved capacity; 0 releases it",
    unit="LCU", range="CapacityUnits", example="CapacityUnits=2750", source=_NLB + "capacity-unit-reservation.html",
)  # fmt: skip
TAGS = Annotation(
    key=_A + "additional-resource-tags", parse=mapping, type="map", kinds=_KINDS, about="tags of all AWS resources of this Service",
    example="team=shop,stage=prod",
)  # fmt: skip

# Who may reach it -------------------------------------------------------------------------------------------------

SOURCE_RANGES = Annotation(
    key=_P + "load-balancer-source-ranges", parse=items, type="list of CIDR", kinds=_KINDS,
    about="source addresses that may connect; not used if spec.loadBalancerSourceRanges is set",
    default="0.0.0.0/0, ::/0", example="203.0.113.0/24",
)  # fmt: skip
SECURITY_GROUPS = Annotation(
    key=_A + "security-groups", parse=items, type="list", kinds=_KINDS,
    about="ids or Name tags of security groups to use instead of a managed group", default="managed", example="sg-0a1b2c3d,web",
)  # fmt: skip
MANAGE_BACKEND_RULES = Annotation(
    key=_A + "manage-backend-security-group-rules", parse=boolean, type="bool", kinds=_KINDS,
    about="whether the controller opens the ports of the targets, if security groups are given or the load balancer has none",
    default="--enable-manage-backend-security-group-rules (false); true without security groups", example="true",
)  # fmt: skip
DISABLE_SECURITY_GROUPS = Annotation(
    key=_A + "disable-nlb-sg", parse=boolean, type="bool", kinds=_KINDS,
    about="whether the load balancer is created without security groups; AWS can never add security groups to it later",
    default="false", example="true", source=_NLB + "load-balancer-security-groups.html",
)  # fmt: skip
PREFIX_LISTS = Annotation(
    key=_A + "security-group-prefix-lists", parse=items, type="list", kinds=_KINDS,
    about="prefix lists that the managed security group allows; without source ranges, only these", example="pl-0a1b2c3d",
)  # fmt: skip
PRIVATE_LINK_RULES = Annotation(
    key=_A + "inbound-sg-rules-on-private-link-traffic", parse=choice("on", "off"), type="choice", kinds=_KINDS,
    about="whether the rules of the security groups apply to traffic through AWS PrivateLink", range="on | off", example="off",
    source=_NLB + "load-balancer-security-groups.html",
)  # fmt: skip
ICMP = Annotation(
    key=_A + "enable-icmp-for-path-mtu-discovery", parse=text, type="text", kinds=_KINDS,
    about="`on`: the managed security group allows ICMP for path MTU discovery", default="off", range="on | off", example="on",
)  # fmt: skip

# Listeners --------------------------------------------------------------------------------------------------------

SSL_CERT = Annotation(
    key=_A + "ssl-cert", parse=items, type="list", kinds=_KINDS,
    about="ARNs of ACM or IAM certificates; the first is the default certificate. With it, TCP ports become TLS listeners",
    example="arn:aws:acm:eu-west-1:123456789012:certificate/1", source=_NLB + "create-tls-listener.html",
)  # fmt: skip
SSL_PORTS = Annotation(
    key=_A + "ssl-ports", parse=items, type="list", kinds=_KINDS,
    about="names or numbers of the ports that become TLS listeners", default="all TCP ports", example="443,https",
)  # fmt: skip
SSL_POLICY = Annotation(
    key=_A + "ssl-negotiation-policy", parse=text, type="text", kinds=_KINDS, about="the security policy of the TLS listeners",
    default="--default-ssl-policy", example="ELBSecurityPolicy-TLS13-1-2-2021-06", source=_NLB + "describe-ssl-policies.html",
)  # fmt: skip
ALPN_POLICY = Annotation(
    key=_A + "alpn-policy", parse=choice("None", "HTTP1Only", "HTTP2Only", "HTTP2Optional", "HTTP2Preferred"), type="choice", kinds=_KINDS,
    about="the ALPN policy of the TLS listeners", range="None | HTTP1Only | HTTP2Only | HTTP2Optional | HTTP2Preferred",
    example="HTTP2Preferred",
)  # fmt: skip
BACKEND_PROTOCOL = Annotation(
    key=_A + "backend-protocol", parse=text, type="text", kinds=_KINDS,
    about="`ssl`: TLS listeners use TLS to the targets too", default="the protocol of the port", range="ssl", example="ssl",
)  # fmt: skip
LISTENER_ATTRIBUTES = Annotation(
    key=_A + "listener-attributes.<protocol>-<port>", parse=mapping, type="map", kinds=_KINDS,
    about="attributes of one listener; the protocol is that of the listener: TCP, UDP, TLS, TCP_UDP, QUIC or TCP_QUIC",
    example="tcp.idle_timeout.seconds=600",
)  # fmt: skip
ACTIONS = Annotation(
    key=_P + "actions.<protocol>-<port>", parse=weight.weighted, type="JSON", kinds=_KINDS,
    about="more Services or target groups for one listener, with weights",
    example='{"type": "forward", "forwardConfig": {"baseServiceWeight": 90, "targetGroups":'
    ' [{"serviceName": "v2", "servicePort": 80, "weight": 10}]}}',
)  # fmt: skip
TCP_UDP_LISTENER = Annotation(
    key=_A + "enable-tcp-udp-listener", parse=boolean, type="bool", kinds=_KINDS,
    about="whether a TCP port and a UDP port with one number become one TCP_UDP listener",
    default="feature gate EnableTCPUDPListener (false)", example="true",
)  # fmt: skip
QUIC_PORTS = Annotation(
    key=_A + "quic-enabled-ports", parse=items, type="list", kinds=_KINDS,
    about="names or numbers of the ports that become QUIC listeners (UDP) or TCP_QUIC listeners (TCP_UDP)", example="443",
)  # fmt: skip

# Target groups ----------------------------------------------------------------------------------------------------

PROXY_PROTOCOL = Annotation(
    key=_A + "proxy-protocol", parse=choice("*"), type="choice", kinds=_KINDS,
    about="`*`: every target gets a proxy protocol v2 header with each connection", range="*", example="*",
    source=_NLB + "edit-target-group-attributes.html#proxy-protocol",
)  # fmt: skip
PROXY_PROTOCOL_PORTS = Annotation(
    key=_A + "proxy-protocol-per-target-group", parse=items, type="list", kinds=_KINDS,
    about="numbers of the Service ports with a proxy protocol v2 header; all other ports get none", example="80,443",
)  # fmt: skip
TARGET_GROUP_ATTRIBUTES = Annotation(
    key=_A + "target-group-attributes", parse=mapping, type="map", kinds=_KINDS, about="attributes of all target groups",
    example="deregistration_delay.timeout_seconds=30", source=_NLB + "edit-target-group-attributes.html",
)  # fmt: skip
PORT_ATTRIBUTES = Annotation(
    key=_A + "target-group-attributes.<port>", parse=mapping, type="map", kinds=_KINDS,
    about="attributes of the target group of one Service port; they override those of all target groups",
    example="stickiness.enabled=true,stickiness.type=source_ip",
)  # fmt: skip
TARGET_NODE_LABELS = Annotation(
    key=_A + "target-node-labels", parse=mapping, type="map", kinds=_KINDS, about="only nodes with these labels become instance targets",
    example="role=edge",
)  # fmt: skip
MULTI_CLUSTER = Annotation(
    key=_A + "multi-cluster-target-group", parse=boolean, type="bool", kinds=_KINDS, about="whether other clusters also register targets",
    default="false", example="true",
)  # fmt: skip
HEALTHCHECK_PROTOCOL = Annotation(
    key=_A + "healthcheck-protocol", parse=_upper("TCP", "HTTP", "HTTPS"), type="choice", kinds=_KINDS,
    about="the protocol of health checks, in any case",
    default="TCP; HTTP for instance targets with externalTrafficPolicy Local", range="TCP | HTTP | HTTPS", example="HTTP",
)  # fmt: skip
HEALTHCHECK_PORT = Annotation(
    key=_A + "healthcheck-port", parse=text, type="int or name", kinds=_KINDS,
    about="the port of health checks: a number, `traffic-port` or the name of a Service port",
    default="traffic-port; spec.healthCheckNodePort for instance targets with externalTrafficPolicy Local", example="traffic-port",
)  # fmt: skip
HEALTHCHECK_PATH = Annotation(
    key=_A + "healthcheck-path", parse=text, type="text", kinds=_KINDS, about="the path of HTTP and HTTPS health checks",
    default="/; /healthz for instance targets with externalTrafficPolicy Local", example="/healthz",
)  # fmt: skip
HEALTHCHECK_INTERVAL = Annotation(
    key=_A + "healthcheck-interval", parse=int32, type="int32", kinds=_KINDS, about="seconds between health checks",
    default="10", unit="s", range="5..300", example="30",
)  # fmt: skip
HEALTHCHECK_TIMEOUT = Annotation(
    key=_A + "healthcheck-timeout", parse=int32, type="int32", kinds=_KINDS, about="seconds until a health check times out",
    default="10; 6 for instance targets with externalTrafficPolicy Local", unit="s", range="2..120", example="5",
)  # fmt: skip
HEALTHY_THRESHOLD = Annotation(
    key=_A + "healthcheck-healthy-threshold", parse=int32, type="int32", kinds=_KINDS,
    about="successful checks until a target is healthy",
    default="3; 2 for instance targets with externalTrafficPolicy Local", range="2..10", example="2",
)  # fmt: skip
UNHEALTHY_THRESHOLD = Annotation(
    key=_A + "healthcheck-unhealthy-threshold", parse=int32, type="int32", kinds=_KINDS, about="failed checks until a target is unhealthy",
    default="3; 2 for instance targets with externalTrafficPolicy Local", range="2..10", example="2",
)  # fmt: skip
SUCCESS_CODES = Annotation(
    key=_A + "healthcheck-success-codes", parse=text, type="text", kinds=_KINDS, about="HTTP codes of a healthy target",
    default="200-399", example="200-299",
)  # fmt: skip
