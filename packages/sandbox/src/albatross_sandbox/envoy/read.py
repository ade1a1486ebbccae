"""Describe answers → State; pure, and the only place that knows their field names."""

import ipaddress
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from albatross_sandbox.envoy import reach
from albatross_sandbox.envoy.state import (
    Authenticate,
    Claim,
    Condition,
    Final,
    FixedResponse,
    Forward,
    Jwt,
    KeyPair,
    Listener,
    LoadBalancer,
    Pair,
    Redirect,
    Rewrite,
    Rule,
    State,
    Step,
    Target,
    TargetGroup,
    Weighted,
    Zone,
)
from albatross_sandbox.firewall import Firewall, Origin

Json = Mapping[str, Any]

# https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_RuleCondition.html
_CONFIG = {
    "host-header": "HostHeaderConfig",
    "path-pattern": "PathPatternConfig",
    "http-header": "HttpHeaderConfig",
    "http-request-method": "HttpRequestMethodConfig",
    "query-string": "QueryStringConfig",
    "source-ip": "SourceIpConfig",
}


@dataclass(frozen=True, slots=True)
class Answers:
    """Raw answers: lists by the ARN of what they belong to, instance addresses by instance id, subnets by id,
    key pairs by certificate ARN, PEM bundles by trust store ARN, CIDRs by prefix list id."""

    load_balancers: tuple[Json, ...] = ()
    load_balancer_attributes: Mapping[str, tuple[Json, ...]] = field(default_factory=dict)
    listeners: Mapping[str, tuple[Json, ...]] = field(default_factory=dict)
    listener_attributes: Mapping[str, tuple[Json, ...]] = field(default_factory=dict)
    listener_certificates: Mapping[str, tuple[Json, ...]] = field(default_factory=dict)
    rules: Mapping[str, tuple[Json, ...]] = field(default_factory=dict)
    target_groups: tuple[Json, ...] = ()
    target_group_attributes: Mapping[str, tuple[Json, ...]] = field(default_factory=dict)
    target_health: Mapping[str, tuple[Json, ...]] = field(default_factory=dict)
    instances: Mapping[str, str] = field(default_factory=dict)
    subnets: Mapping[str, Json] = field(default_factory=dict)
    keys: Mapping[str, Json] = field(default_factory=dict)
    bundles: Mapping[str, str] = field(default_factory=dict)
    security_groups: tuple[Json, ...] = ()
    interfaces: tuple[Json, ...] = ()
    prefix_lists: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


def read(answers: Answers) -> State:
    """The State that these answers describe."""
    wall = reach.firewall(answers.security_groups, answers.interfaces, answers.prefix_lists)
    origins = {raw["LoadBalancerArn"]: reach.origin(raw, answers.subnets) for raw in answers.load_balancers}
    groups = {raw["TargetGroupArn"]: _walled(target_group(raw, answers), wall, origins) for raw in answers.target_groups}
    fronts = reach.fronts(groups)
    balancers = (
        _guarded(load_balancer(raw, answers), wall, origins, groups, fronts.get(raw["LoadBalancerArn"], ()))
        for raw in answers.load_balancers
    )
    return State(
        load_balancers=tuple(sorted(balancers, key=lambda b: b.arn)),
        target_groups=groups,
        certificates={arn: key_pair(raw) for arn, raw in answers.keys.items()},
        bundles=answers.bundles,
    )


def _walled(group: TargetGroup, wall: Firewall, origins: Mapping[str, Origin]) -> TargetGroup:
    """The group with who gets through to its targets; it belongs to one load balancer."""
    start = next((origins[arn] for arn in group.load_balancers if arn in origins), None)
    if start is None:
        return group
    return replace(group, targets=tuple(replace(each, clients=reach.through(wall, start, group, each)) for each in group.targets))


def _guarded(
    balancer: LoadBalancer, wall: Firewall, origins: Mapping[str, Origin], groups: Mapping[str, TargetGroup], fronts: Iterable[str]
) -> LoadBalancer:
    """The load balancer with who may connect to its listeners; `fronts` are the load balancers in front of it."""
    front = [group for arn in fronts if arn in origins for group in origins[arn].groups]
    start = origins[balancer.arn]
    listeners = (replace(each, clients=reach.clients(wall, start, each, groups, front)) for each in balancer.listeners)
    return replace(balancer, listeners=tuple(listeners))


def load_balancer(raw: Json, answers: Answers) -> LoadBalancer:
    """One load balancer with everything under it."""
    arn = raw["LoadBalancerArn"]
    listeners = (listener(each, answers) for each in answers.listeners.get(arn, ()))
    return LoadBalancer(
        arn=arn,
        name=raw["LoadBalancerName"],
        dns_name=raw.get("DNSName", ""),
        scheme=raw.get("Scheme", "internet-facing"),
        type=raw.get("Type", "application"),
        attributes=attributes(answers.load_balancer_attributes.get(arn, ())),
        listeners=tuple(sorted(listeners, key=lambda each: (each.port, each.arn))),
        zones=zones(raw) if raw.get("Type") == "network" else (),
    )


def zones(raw: Json) -> tuple[Zone, ...]:
    """The zones of a load balancer."""
    found = []
    for each in raw.get("AvailabilityZones") or ():
        own = (address["PrivateIPv4Address"] for address in each.get("LoadBalancerAddresses") or () if address.get("PrivateIPv4Address"))
        found.append(Zone(each["ZoneName"], next(own, None)))
    return tuple(sorted(found, key=lambda each: each.name))


def attributes(raw: Iterable[Json]) -> dict[str, str]:
    """Key/value pairs as a dictionary."""
    return {each["Key"]: each.get("Value", "") for each in raw}


def listener(raw: Json, answers: Answers) -> Listener:
    """One listener; without rules of its own (a network load balancer's), its default actions are the only rule."""
    arn = raw["ListenerArn"]
    rules = [rule(each) for each in answers.rules.get(arn, ())]
    if not any(each.priority is None for each in rules):
        rules.append(rule({"RuleArn": arn, "Priority": "default", "Actions": raw.get("DefaultActions", [])}))
    mutual = raw.get("MutualAuthentication") or {}
    return Listener(
        arn=arn,
        port=int(raw["Port"]),
        protocol=raw["Protocol"],
        certificates=certificates(raw.get("Certificates") or (), answers.listener_certificates.get(arn, ())),
        ssl_policy=raw.get("SslPolicy") or "",
        alpn=next(iter(raw.get("AlpnPolicy") or ()), ""),
        mutual=mutual.get("Mode") or "off",
        trust_store=mutual.get("TrustStoreArn") or "",
        expired_allowed=bool(mutual.get("IgnoreClientCertificateExpiry")),
        attributes=attributes(answers.listener_attributes.get(arn, ())),
        rules=tuple(sorted(rules, key=lambda each: (each.priority is None, each.priority or 0))),
    )


def certificates(own: Iterable[Json], listed: Iterable[Json]) -> tuple[str, ...]:
    """Certificate ARNs, the default one first: DescribeListeners shows that one only, DescribeListenerCertificates all."""
    default = [each["CertificateArn"] for each in own]
    default += [each["CertificateArn"] for each in listed if each.get("IsDefault")]
    rest = sorted(each["CertificateArn"] for each in listed if not each.get("IsDefault"))
    return tuple(dict.fromkeys([*default, *rest]))


def rule(raw: Json) -> Rule:
    """One rule of a listener."""
    priority = raw.get("Priority", "default")
    steps: list[Step] = []
    unknown: list[str] = []
    final: Final | None = None
    for each in sorted(raw.get("Actions") or (), key=lambda a: a.get("Order") or 0):
        match action(each):
            case Authenticate() | Jwt() as step:
                steps.append(step)
            case None:
                unknown.append(str(each.get("Type")))
            case read_final:
                final = read_final
    return Rule(
        arn=raw.get("RuleArn", ""),
        priority=None if priority == "default" else int(priority),
        conditions=tuple(condition(each) for each in raw.get("Conditions") or ()),
        rewrites=tuple(each for transform in raw.get("Transforms") or () for each in rewrites(transform)),
        steps=tuple(steps),
        final=final,
        unknown=tuple(unknown),
    )


def condition(raw: Json) -> Condition:
    """One condition; the older form without a config of its own is read too."""
    name = raw["Field"]
    config: Json = raw.get(_CONFIG.get(name, ""), None) or {"Values": raw.get("Values") or (), "RegexValues": raw.get("RegexValues") or ()}
    values = tuple(config.get("Values") or ())
    if name == "query-string":
        return Condition(name, pairs=tuple(Pair(each.get("Key") or None, each.get("Value", "")) for each in values))
    return Condition(name, values, tuple(config.get("RegexValues") or ()), config.get("HttpHeaderName", ""))


def rewrites(raw: Json) -> tuple[Rewrite, ...]:
    """The rewrites of one transform."""
    config = raw.get("HostHeaderRewriteConfig") or raw.get("UrlRewriteConfig") or {}
    return tuple(Rewrite(raw["Type"], each.get("Regex", ""), each.get("Replace", "")) for each in config.get("Rewrites") or ())


def action(raw: Json) -> Step | Final | None:
    """One action, or None for a type that is not known here."""
    match raw.get("Type"):
        case "forward":
            return forward(raw)
        case "redirect":
            return redirect(raw.get("RedirectConfig") or {})
        case "fixed-response":
            config = raw.get("FixedResponseConfig") or {}
            return FixedResponse(int(config.get("StatusCode", 503)), config.get("ContentType") or "", config.get("MessageBody") or "")
        case "authenticate-oidc":
            return oidc(raw.get("AuthenticateOidcConfig") or {})
        case "authenticate-cognito":
            return cognito(raw.get("AuthenticateCognitoConfig") or {})
        case "jwt-validation":
            return jwt(raw.get("JwtValidationConfig") or {})
        case _:
            return None


def forward(raw: Json) -> Forward:
    """A forward action in either form; AWS fills both where there is one target group."""
    config = raw.get("ForwardConfig") or {}
    groups = tuple(
        Weighted(each["TargetGroupArn"], 1 if each.get("Weight") is None else int(each["Weight"]))
        for each in config.get("TargetGroups") or ()
    )
    sticky = config.get("TargetGroupStickinessConfig") or {}
    seconds = int(sticky.get("DurationSeconds") or 3600) if sticky.get("Enabled") else None
    if not groups and raw.get("TargetGroupArn"):
        groups = (Weighted(raw["TargetGroupArn"], 1),)
    return Forward(groups, seconds)


def redirect(raw: Json) -> Redirect:
    """A redirect with the defaults AWS documents for what is left out."""
    return Redirect(
        protocol=raw.get("Protocol") or "#{protocol}",
        host=raw.get("Host") or "#{host}",
        port=str(raw.get("Port") or "#{port}"),
        path=raw.get("Path") or "/#{path}",
        query="#{query}" if raw.get("Query") is None else raw["Query"],
        status=302 if raw.get("StatusCode") == "HTTP_302" else 301,
    )


def oidc(raw: Json) -> Authenticate:
    """An OIDC step; the client secret is not read."""
    return Authenticate(
        kind="authenticate-oidc",
        endpoint=raw.get("AuthorizationEndpoint", ""),
        client_id=raw.get("ClientId", ""),
        scope=raw.get("Scope") or "openid",
        on_unauthenticated=raw.get("OnUnauthenticatedRequest") or "authenticate",
        extra=dict(raw.get("AuthenticationRequestExtraParams") or {}),
    )


def cognito(raw: Json) -> Authenticate:
    """A Cognito step; a domain without a dot is a prefix of Cognito's own domain in the pool's region."""
    domain = raw.get("UserPoolDomain", "")
    region = (raw.get("UserPoolArn", "").split(":") + [""] * 4)[3]
    host = domain if "." in domain else f"{domain}.auth.{region}.amazoncognito.com"
    return Authenticate(
        kind="authenticate-cognito",
        endpoint=f"https://{host}/oauth2/authorize",
        client_id=raw.get("UserPoolClientId", ""),
        scope=raw.get("Scope") or "openid",
        on_unauthenticated=raw.get("OnUnauthenticatedRequest") or "authenticate",
        extra=dict(raw.get("AuthenticationRequestExtraParams") or {}),
    )


def jwt(raw: Json) -> Jwt:
    """A JWT validation step."""
    claims = (
        Claim(each.get("Format", ""), each.get("Name", ""), tuple(each.get("Values") or ())) for each in raw.get("AdditionalClaims") or ()
    )
    return Jwt(raw.get("JwksEndpoint", ""), raw.get("Issuer", ""), tuple(claims))


def target_group(raw: Json, answers: Answers) -> TargetGroup:
    """One target group with its targets."""
    arn = raw["TargetGroupArn"]
    found = (target(each, raw, answers) for each in answers.target_health.get(arn, ()))
    return TargetGroup(
        arn=arn,
        name=raw["TargetGroupName"],
        protocol=raw.get("Protocol") or "",
        version=raw.get("ProtocolVersion") or "",
        type=raw.get("TargetType") or "instance",
        attributes=attributes(answers.target_group_attributes.get(arn, ())),
        load_balancers=tuple(raw.get("LoadBalancerArns") or ()),
        targets=tuple(sorted(found, key=lambda each: (each.id, each.port))),
    )


def target(raw: Json, group: Json, answers: Answers) -> Target:
    """One target; an instance's address comes from DescribeInstances, a load balancer's is filled in later."""
    identity = raw["Target"]["Id"]
    kind = group.get("TargetType") or "instance"
    address = {"ip": identity, "instance": answers.instances.get(identity)}.get(kind)
    port = int(raw["Target"].get("Port") or group.get("Port") or 0)
    zone = "" if address is None or raw["Target"].get("AvailabilityZone") == "all" else _zone(address, answers.subnets.values())
    return Target(identity, address, port, (raw.get("TargetHealth") or {}).get("State", "unused"), zone)


def _zone(address: str, subnets: Iterable[Json]) -> str:
    """The zone of the subnet that an address is in; empty outside the VPC."""
    found = ipaddress.ip_address(address)
    return next((str(each["AvailabilityZone"]) for each in subnets if found in ipaddress.ip_network(each["CidrBlock"])), "")


def key_pair(raw: Json) -> KeyPair:
    """A certificate with its chain and its key."""
    chain = raw.get("chain") or ""
    return KeyPair("\n".join(part.strip() for part in (raw["certificate"], chain) if part.strip()) + "\n", raw["private_key"])
