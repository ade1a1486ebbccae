"""Gives desired and current resources one form, so that equal resources compare equal.

AWS fills in omitted values (redirect parts, weights, attributes), does not return some values (client secrets), and returns lists in
its own order. `project` converts the current noun to the form of the desired one: if the desired noun omits a field, or if only the
spelling differs, the result has the desired value.
"""

import hashlib
from dataclasses import replace
from functools import singledispatch
from typing import TypeVar

from albatross.model.config import Config
from albatross.model.resources.action import Action, AuthenticateOidc, FixedResponse, Forward, Redirect, Stickiness, WeightedTargetGroup
from albatross.model.resources.binding import Binding
from albatross.model.resources.certificate import Certificate
from albatross.model.resources.listener import Listener, MutualAuthentication
from albatross.model.resources.load_balancer import LoadBalancer
from albatross.model.resources.ref import Pairs, Token
from albatross.model.resources.rule import Condition, Rule, Transform
from albatross.model.resources.security_group import SecurityGroup
from albatross.model.resources.target_group import HealthCheck, TargetGroup

T = TypeVar("T")

LAYER_4 = frozenset({"TCP", "UDP", "TLS", "QUIC", "TCP_QUIC", "TCP_UDP"})
"""Protocols of network load balancers."""


def project(desired: T, current: T, config: Config) -> T:
    """The current noun in the form of the desired one, with the id and tags of the desired one."""
    return _project(desired, current, config)  # type: ignore[return-value]


@singledispatch
def _project(desired: object, current: object, config: Config) -> object:
    return current


@_project.register
def _(desired: LoadBalancer, current: LoadBalancer, config: Config) -> LoadBalancer:
    subnets, groups_given = _places(desired, current), bool(desired.security_groups)
    groups = set(current.security_groups) == set(desired.security_groups)
    return replace(
        current,
        id=desired.id,
        tags=desired.tags,
        subnet_mappings=desired.subnet_mappings if subnets else current.subnet_mappings,
        security_groups=desired.security_groups if groups else current.security_groups,
        attributes=attributes(desired.attributes, current.attributes),
        ipv4_ipam_pool=desired.ipv4_ipam_pool if not (desired.ipv4_ipam_pool or current.ipv4_ipam_pool) else current.ipv4_ipam_pool,
        ipv6_source_nat=_silent(desired.ipv6_source_nat, current.ipv6_source_nat or "off"),
        # AWS refuses the setting without security groups; then it is left out, and LB415 reports it.
        private_link_rules=_silent(desired.private_link_rules, current.private_link_rules) if groups_given else desired.private_link_rules,
    )


def _silent(desired: str | None, current: str | None) -> str | None:
    """The current value, or nothing if the desired noun does not say it."""
    return None if desired is None else current


def _places(desired: LoadBalancer, current: LoadBalancer) -> bool:
    """Whether both have the same subnets and prefixes for source NAT. AWS changes other addresses only together with the subnets.

    The exception: a load balancer that becomes dualstack gets the IPv6 addresses that it did not have.
    """
    if {each.subnet_id for each in current.subnet_mappings} != {each.subnet_id for each in desired.subnet_mappings}:
        return False
    prefixes = {each.source_nat_ipv6_prefix for each in desired.subnet_mappings} - {None}
    if prefixes and prefixes != {each.source_nat_ipv6_prefix for each in current.subnet_mappings} - {None}:
        return _assigned(desired, current)
    new = any(each.ipv6_address for each in desired.subnet_mappings) and not any(each.ipv6_address for each in current.subnet_mappings)
    return not (new and current.ip_address_type == "ipv4" and desired.ip_address_type != "ipv4")


def _assigned(desired: LoadBalancer, current: LoadBalancer) -> bool:
    """Whether AWS has chosen a prefix for each subnet where the user leaves the choice to AWS, and has the given prefixes elsewhere."""
    now = {each.subnet_id: each.source_nat_ipv6_prefix for each in current.subnet_mappings}
    wanted = ((each.subnet_id, each.source_nat_ipv6_prefix) for each in desired.subnet_mappings)
    return all(now.get(subnet) if prefix == "auto_assigned" else now.get(subnet) == prefix for subnet, prefix in wanted)


@_project.register
def _(desired: TargetGroup, current: TargetGroup, config: Config) -> TargetGroup:
    return replace(
        current,
        id=desired.id,
        tags=desired.tags,
        protocol_version=current.protocol_version if desired.protocol_version else desired.protocol_version,
        health_check=_health_check(desired.health_check, current.health_check),
        attributes=attributes(desired.attributes, current.attributes),
    )


def _health_check(desired: HealthCheck, current: HealthCheck) -> HealthCheck:
    matched = desired.http_code or desired.grpc_code
    return replace(
        current,
        port=desired.port if str(desired.port) == str(current.port) else current.port,
        path=current.path if desired.path is not None else None,
        http_code=current.http_code if matched else desired.http_code,
        grpc_code=current.grpc_code if matched else desired.grpc_code,
    )


@_project.register
def _(desired: Listener, current: Listener, config: Config) -> Listener:
    return replace(
        current,
        id=desired.id,
        tags=desired.tags,
        default_actions=actions(desired.default_actions, current.default_actions),
        certificates=_certificates(desired, current),
        ssl_policy=current.ssl_policy if desired.ssl_policy else desired.ssl_policy,
        alpn_policy=_alpn(desired.alpn_policy, current.alpn_policy, config),
        mutual_authentication=_mutual(desired.mutual_authentication, current.mutual_authentication, config),
        attributes=attributes(desired.attributes, current.attributes) if desired.protocol != "TLS" else desired.attributes,
    )


def _certificates(desired: Listener, current: Listener) -> tuple[Token, ...]:
    """The default certificate must be the first one. With TLS, the SNI list must contain all certificates."""
    if current.certificates[:1] != desired.certificates[:1]:
        return current.certificates
    if not desired.ssl_policy and not current.ssl_policy:
        return desired.certificates
    if set(current.certificates[1:]) == set(desired.certificates):
        return desired.certificates
    # The default certificate and the others in the SNI list look like the desired list, but the SNI list must contain the default one too.
    return () if current.certificates == desired.certificates else current.certificates


def _alpn(desired: tuple[str, ...], current: tuple[str, ...], config: Config) -> tuple[str, ...]:
    """If it is not set, the current ALPN policy is kept, unless EnhancedDefaultBehavior removes it."""
    none = (), ("None",)
    if desired in none and (current in none or not config.gate("EnhancedDefaultBehavior")):
        return desired
    return current


def _mutual(desired: MutualAuthentication | None, current: MutualAuthentication | None, config: Config) -> MutualAuthentication | None:
    """If it is not set, mutual authentication is kept, unless EnhancedDefaultBehavior removes it. Off and absent are equal."""
    off = current is None or current.mode == "off"
    if desired is None:
        return desired if off or not config.gate("EnhancedDefaultBehavior") else current
    if desired.mode == "off":
        return desired if off else current
    if current is None or current.mode != desired.mode:
        return current
    if desired.mode == "passthrough":
        return desired
    same = (current.trust_store_arn or "") == (desired.trust_store_arn or "")
    expiry = bool(current.ignore_client_certificate_expiry) == bool(desired.ignore_client_certificate_expiry)
    names = (current.advertise_trust_store_ca_names or "off") == (desired.advertise_trust_store_ca_names or "off")
    return desired if same and expiry and names else current


@_project.register
def _(desired: Rule, current: Rule, config: Config) -> Rule:
    return replace(
        current,
        id=desired.id,
        tags=desired.tags,
        actions=actions(desired.actions, current.actions),
        conditions=desired.conditions if conditions(desired.conditions) == conditions(current.conditions) else current.conditions,
        transforms=desired.transforms if _by_type(desired) == _by_type(current) else current.transforms,
    )


def _by_type(rule: Rule) -> list[Transform]:
    return sorted(rule.transforms, key=lambda each: each.type)


@_project.register
def _(desired: SecurityGroup, current: SecurityGroup, config: Config) -> SecurityGroup:
    same = set(desired.ingress) == set(current.ingress)
    return replace(current, id=desired.id, tags=desired.tags, ingress=desired.ingress if same else current.ingress)


@_project.register
def _(desired: Certificate, current: Certificate, config: Config) -> Certificate:
    same = set(desired.subject_alternative_names) == set(current.subject_alternative_names)
    names = desired.subject_alternative_names if same else current.subject_alternative_names
    return replace(current, id=desired.id, tags=desired.tags, subject_alternative_names=names)


@_project.register
def _(desired: Binding, current: Binding, config: Config) -> Binding:
    same = (desired.networking or ()) == (current.networking or ())
    return replace(current, id=desired.id, networking=desired.networking if same else current.networking)


def attributes(desired: Pairs, current: Pairs) -> Pairs:
    """The current values of the desired keys only; `True` and `true` are equal."""
    now, wanted = dict(current), dict(desired)
    pairs = ((key, wanted[key] if _same(wanted[key], now[key]) else now[key]) for key in wanted if key in now)
    return tuple(sorted(pairs)) if set(wanted) <= set(now) else tuple(sorted((*pairs, ("", "unknown"))))


def _same(one: str, other: str) -> bool:
    return one == other or (one.lower() == other.lower() and one.lower() in ("true", "false"))


def conditions(wanted: tuple[Condition, ...]) -> tuple[Condition, ...]:
    """Conditions sorted by field, as the peer and AWS compare them; the order of the values does not change."""
    return tuple(sorted(wanted, key=lambda each: each.field))


def actions(desired: tuple[Action, ...], current: tuple[Action, ...]) -> tuple[Action, ...]:
    """The current actions in the form of the desired ones, if both have the same effect."""
    if len(desired) != len(current):
        return current
    same = all(_action(want) == _action(_seen(want, have)) for want, have in zip(desired, current, strict=True))
    return desired if same else current


def _action(action: Action) -> Action:
    """An action with the defaults of AWS filled in."""
    match action:
        case Forward():
            return _forward(action)
        case Redirect():
            return replace(
                action,
                host=action.host if action.host is not None else "#{host}",
                path=action.path if action.path is not None else "/#{path}",
                port=action.port if action.port is not None else "#{port}",
                protocol=action.protocol if action.protocol is not None else "#{protocol}",
                query=action.query if action.query is not None else "#{query}",
            )
        case FixedResponse():
            return replace(action, content_type=action.content_type or None, message_body=action.message_body or None)
        case _:
            return action


def _forward(action: Forward) -> Forward:
    groups = action.target_groups
    weights = [None] if len(groups) == 1 else [1 if each.weight is None else each.weight for each in groups]
    pairs = (WeightedTargetGroup(each.target_group, weight) for each, weight in zip(groups, weights, strict=True))
    sticky = action.stickiness
    return Forward(
        tuple(sorted(pairs, key=lambda pair: repr(pair.target_group))),
        Stickiness(bool(sticky.enabled), sticky.duration_seconds) if sticky else None,
    )


def _seen(desired: Action, current: Action) -> Action:
    """The current action, with the desired values for stickiness that is not set and for a secret that AWS does not return."""
    if isinstance(desired, Forward) and isinstance(current, Forward):
        return _seen_forward(desired, current)
    if isinstance(desired, AuthenticateOidc) and isinstance(current, AuthenticateOidc):
        known = "sha256:" + hashlib.sha256(desired.client_secret.encode()).hexdigest()
        unseen = current.client_secret in ("", known)
        return replace(current, client_secret=desired.client_secret) if unseen else current
    return current


def _seen_forward(desired: Forward, current: Forward) -> Forward:
    if desired.stickiness is None or current.stickiness is None:
        return replace(current, stickiness=desired.stickiness if desired.stickiness is None else current.stickiness)
    seconds = current.stickiness.duration_seconds if desired.stickiness.duration_seconds is not None else None
    return replace(current, stickiness=Stickiness(current.stickiness.enabled, seconds))


@singledispatch
def frozen(desired: object, current: object, config: Config) -> tuple[str, ...]:
    """Fields that AWS can't change on this resource, although it can on others of the same kind."""
    return ()


@frozen.register
def _(desired: TargetGroup, current: TargetGroup, config: Config) -> tuple[str, ...]:
    # The address family of a target group and of its binding is final: with the old one, the targets of the other family are refused.
    if config.replace_grace_seconds and desired.ip_address_type != current.ip_address_type:
        return ("ip_address_type", *_checks(desired, current, config))
    return _checks(desired, current, config)


def _checks(desired: TargetGroup, current: TargetGroup, config: Config) -> tuple[str, ...]:
    # Until 2022 elbv2 refused to change the health check of a network load balancer's target group (gate NLBHealthCheckAdvancedConfig).
    if config.gate("NLBHealthCheckAdvancedConfig") or desired.protocol not in LAYER_4:
        return ()
    want, have = desired.health_check, _health_check(desired.health_check, current.health_check)
    compared = ("protocol", "http_code", "grpc_code", "interval_seconds", "timeout_seconds")
    return ("health_check",) if any(getattr(want, each) != getattr(have, each) for each in compared) else ()
