"""One row for each field of `spec` of IngressClassParams: its content, the annotation that it overrides, and the member that decides.

The schema of the CustomResourceDefinition and the reference page are generated from this table.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum

from albatross.catalog.annotations import ingress as annotations
from albatross.catalog.schema import Schema, choice, fields, items, pairs, selector, text


class Wins(Enum):
    """How the value of a class and the value of an annotation are combined."""

    ALONE = "there is no annotation for it"
    WHOLE = "the annotation is ignored"
    OVER = "it replaces the values of annotations"
    KEY = "key by key"


class Scope(Enum):
    """The member of a group that decides with its class."""

    OWN = "each member's own"
    FIRST = "the group's first member's"
    PORT = "the first member's on that port"


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameter:
    """One field of `spec`. `empty` says when it is not set; `nouns` are the attributes of `model.snapshot.IngressClassParams`."""

    name: str
    schema: Schema
    nouns: tuple[str, ...]
    range: str = ""
    annotation: str = ""
    wins: Wins = Wins.WHOLE
    scope: Scope = Scope.OWN
    empty: str = "empty"
    example: str = ""

    @property
    def about(self) -> str:
        """Its purpose, in a sentence."""
        return str(self.schema["description"])


_TEXTS: Schema = {"type": "string"}
_NUMBER: Schema = {"type": "integer", "format": "int32"}
_LISTENER = fields({"protocol": text("HTTP or HTTPS."), "port": _NUMBER, "listenerAttributes": pairs("Attributes of the listener.")})
_SUBNETS = fields(
    {
        "ids": items({"type": "string", "pattern": "subnet-[0-9a-f]+"}, "Ids; set either ids or tags.", minItems=1),
        "tags": {
            "type": "object",
            "additionalProperties": items(_TEXTS),
            "description": "Tags with their allowed values; set either ids or tags.",
        },
    },
    description="The subnets of the load balancer.",
)

ROWS: tuple[Parameter, ...] = (
    Parameter(
        name="PrefixListsIDs", schema=items(_TEXTS, "The old spelling of prefixListsIDs."), nouns=("prefix_lists_ids_legacy",),
        range="not together with prefixListsIDs", annotation=annotations.PREFIX_LISTS.name, example="[pl-0a1b2c3d]",
    ),
    Parameter(
        name="certificateArn", schema=items(_TEXTS, "Certificates of all HTTPS listeners."), nouns=("certificate_arn",),
        annotation=annotations.CERTIFICATE_ARN.name, example="['arn:aws:acm:eu-west-1:123456789012:certificate/1']",
    ),
    Parameter(
        name="group",
        schema=fields({"name": text("The name of the group.")}, "name", description="The group of all Ingresses of the class."),
        nouns=("group_name",), range="1..63 of a-z, 0-9, - and .; no - or . at start or end", annotation=annotations.GROUP_NAME.name,
        empty="absent", example="{name: team-a}",
    ),
    Parameter(
        name="inboundCIDRs", schema=items(_TEXTS, "Sources that may reach the load balancer."), nouns=("inbound_cidrs",), range="CIDRs",
        annotation=annotations.INBOUND_CIDRS.name, example="[203.0.113.0/24]",
    ),
    Parameter(
        name="ipAddressType", schema=choice("The address family.", "ipv4", "dualstack", "dualstack-without-public-ipv4"),
        nouns=("ip_address_type",), annotation=annotations.IP_ADDRESS_TYPE.name, empty="absent", example="dualstack",
    ),
    Parameter(
        name="ipamConfiguration",
        schema=fields(
            {"ipv4IPAMPoolId": text("The IPAM pool of the public IPv4 addresses.")}, description="The source of public IPv4 addresses."
        ),
        nouns=("ipam_configured", "ipv4_ipam_pool_id"), annotation=annotations.IPAM_IPV4_POOL_ID.name, wins=Wins.OVER, scope=Scope.FIRST,
        empty="absent; an empty pool is a value", example="{ipv4IPAMPoolId: ipam-pool-0a1b2c3d}",
    ),
    Parameter(
        name="listeners", schema=items(_LISTENER, "Attributes of listeners."), nouns=("listeners",),
        range="if entries are equal, the first is used", annotation=annotations.LISTENER_ATTRIBUTES.name, wins=Wins.KEY, scope=Scope.PORT,
        example="[{protocol: HTTPS, port: 443, listenerAttributes: [{key: routing.http.response.server.enabled, value: 'false'}]}]",
    ),
    Parameter(
        name="loadBalancerAttributes", schema=pairs("Attributes of the load balancer."), nouns=("load_balancer_attributes",),
        annotation=annotations.LOAD_BALANCER_ATTRIBUTES.name, wins=Wins.KEY, scope=Scope.FIRST,
        example="[{key: idle_timeout.timeout_seconds, value: '120'}]",
    ),
    Parameter(
        name="loadBalancerName", schema=text("The name of the load balancer."), nouns=("load_balancer_name",), range="1..32 characters",
        annotation=annotations.LOAD_BALANCER_NAME.name, example="shop",
    ),
    Parameter(
        name="minimumLoadBalancerCapacity",
        schema=fields({"capacityUnits": _NUMBER}, "capacityUnits", description="Reserved capacity, in LCUs; 0 releases it."),
        nouns=("minimum_load_balancer_capacity",), annotation=annotations.MINIMUM_CAPACITY.name, wins=Wins.OVER, scope=Scope.FIRST,
        empty="absent",
        example="{capacityUnits: 100}",
    ),
    Parameter(
        name="namespaceSelector", schema=selector("The namespaces that may use the class; all if absent or empty."),
        nouns=("namespace_selector",), wins=Wins.ALONE, example="{matchLabels: {team: shop}}",
    ),
    Parameter(
        name="prefixListsIDs", schema=items(_TEXTS, "Managed prefix lists that may reach the load balancer."), nouns=("prefix_lists_ids",),
        range="not together with PrefixListsIDs", annotation=annotations.PREFIX_LISTS.name, example="[pl-0a1b2c3d]",
    ),
    Parameter(
        name="scheme", schema=choice("Whether the load balancer has public addresses.", "internal", "internet-facing"), nouns=("scheme",),
        annotation=annotations.SCHEME.name, empty="absent", example="internet-facing",
    ),
    Parameter(
        name="sslPolicy", schema=text("The security policy of HTTPS listeners."), nouns=("ssl_policy",),
        annotation=annotations.SSL_POLICY.name, example="ELBSecurityPolicy-TLS13-1-2-2021-06",
    ),
    Parameter(
        name="sslRedirectPort", schema=text("The HTTPS port to which HTTP listeners redirect."), nouns=("ssl_redirect_port",),
        range="digits; anything else turns the redirect off", annotation=annotations.SSL_REDIRECT.name, example="'443'",
    ),
    Parameter(
        name="subnets", schema=_SUBNETS, nouns=("subnets",), range="either ids or tags", annotation=annotations.SUBNETS.name,
        empty="absent", example="{ids: [subnet-0a1b2c3d, subnet-1a1b2c3d]}",
    ),
    Parameter(
        name="tags", schema=pairs("Tags for all AWS resources."), nouns=("tags",), annotation=annotations.TAGS.name, wins=Wins.KEY,
        example="[{key: team, value: shop}]",
    ),
    Parameter(
        name="targetType", schema=choice("Whether targets are nodes (instance) or pods (ip).", "instance", "ip"), nouns=("target_type",),
        annotation=annotations.TARGET_TYPE.name, empty="absent", example="ip",
    ),
    Parameter(
        name="wafv2AclArn", schema=text("The ARN of a WAFv2 web ACL."), nouns=("wafv2_acl_arn",),
        annotation=annotations.WAFV2_ACL_ARN.name, example="none",
    ),
    Parameter(
        name="wafv2AclName", schema=text("The name of a WAFv2 web ACL."), nouns=("wafv2_acl_name",),
        annotation=annotations.WAFV2_ACL_NAME.name, example="edge",
    ),
)  # fmt: skip

PARAMETERS: Mapping[str, Parameter] = {row.name: row for row in ROWS}
"""Every row by the name of its field."""
