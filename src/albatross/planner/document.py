"""A stack as one JSON document, in the form of aws-load-balancer-controller: for logs, annotations, plans and tests."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, assert_never

from albatross.catalog import tracking
from albatross.catalog.networking import entries
from albatross.model.resources.action import (
    Action,
    AuthenticateCognito,
    AuthenticateOidc,
    FixedResponse,
    Forward,
    JwtValidation,
    Redirect,
)
from albatross.model.resources.addon import Protection, RegionalWebAclAssociation, WebAclAssociation
from albatross.model.resources.binding import Binding, NetworkingRule
from albatross.model.resources.certificate import Certificate
from albatross.model.resources.listener import Listener, MutualAuthentication
from albatross.model.resources.load_balancer import LoadBalancer, SubnetMapping
from albatross.model.resources.record import Record
from albatross.model.resources.ref import Pairs, Ref, Token
from albatross.model.resources.registration import Registration
from albatross.model.resources.rule import Condition, Rule, Transform
from albatross.model.resources.security_group import Permission, SecurityGroup
from albatross.model.resources.stack import Stack
from albatross.model.resources.target_group import HealthCheck, TargetGroup

Json = dict[str, Any]
"""A JSON object."""

_ELB = "AWS::ElasticLoadBalancingV2::"
_REFS: Mapping[str, tuple[str, str]] = {
    "LoadBalancer": (_ELB + "LoadBalancer", "loadBalancerARN"),
    "TargetGroup": (_ELB + "TargetGroup", "targetGroupARN"),
    "Listener": (_ELB + "Listener", "listenerARN"),
    "SecurityGroup": ("AWS::EC2::SecurityGroup", "groupID"),
    "BackendSecurityGroup": ("AWS::EC2::SecurityGroup", "groupID"),
    "Certificate": ("AWS::ACM::Certificate", "certificateARN"),
    "SecurityGroupByName": ("AWS::EC2::SecurityGroup", "groupID"),
    "TargetGroupByName": (_ELB + "TargetGroup", "targetGroupARN"),
}
_NAMES = {"dns_name": "dnsName", "zone_id": "canonicalHostedZoneID"}
_EXISTING_CERTIFICATE = {"$ref": "#/resources///status/certificateARN"}
"""A certificate given by ARN: the peer prints it as a reference with empty parts."""
REDACTED = "[REDACTED]"


def document(stack: Stack) -> Json:
    """`{"id": …, "resources": {type: {id: {"spec": {…}}}}}`; fields that are not set are omitted."""
    kinds: dict[str, Iterable[tuple[str, Json]]] = {
        "AWS::ACM::Certificate": ((each.id, _certificate(each)) for each in stack.certificates),
        "AWS::EC2::SecurityGroup": ((each.id, _security_group(each)) for each in stack.security_groups),
        _ELB + "Listener": ((each.id, _listener(each)) for each in stack.listeners),
        _ELB + "ListenerRule": ((each.id, _rule(each)) for each in stack.rules),
        _ELB + "LoadBalancer": ((each.id, _load_balancer(each)) for each in stack.load_balancers),
        _ELB + "TargetGroup": ((each.id, _target_group(each)) for each in stack.target_groups),
        "AWS::Route53::RecordSet": ((each.id, _record(each)) for each in stack.records),
        "AWS::Shield::Protection": ((each.id, _protection(each)) for each in stack.protections),
        "AWS::WAFRegional::WebACLAssociation": ((each.id, _regional_web_acl(each)) for each in stack.regional_web_acls),
        "AWS::WAFv2::WebACLAssociation": ((each.id, _web_acl(each)) for each in stack.web_acls),
        "K8S::ElasticLoadBalancingV2::TargetGroupBinding": ((each.id, _binding(each)) for each in stack.bindings),
    }
    resources: Json = {kind: {name: {"spec": spec} for name, spec in specs} for kind, specs in kinds.items()}
    if tracking.OWNERS[stack.id.owner].chains:
        resources["FrontendNLBTargetGroup"] = {"FrontendNLBTargetGroup": _frontend_targets(stack.registrations)}
    return {"id": str(stack.id), "resources": {kind: found for kind, found in sorted(resources.items()) if found}}


def _set(**fields: Any) -> Json:
    """The fields that are set: not None and not empty."""
    return {key: value for key, value in fields.items() if value is not None and value not in ("", [], {}, ())}


def _token(token: Token) -> Any:
    return reference(token) if isinstance(token, Ref) else token


def reference(ref: Ref) -> Json:
    """What a document has instead of the id of a resource that does not exist yet."""
    kind, field = _REFS[ref.kind]
    field = _NAMES.get(ref.field, field)
    return {"$ref": f"#/resources/{kind}/{ref.id}/status/{field}"}


def _record(found: Record) -> Json:
    alias = {"dnsName": _token(found.target), "hostedZoneId": _token(found.target_zone)} if found.target else {}
    return {
        "name": found.name,
        "type": found.type,
        "hostedZoneId": found.zone,
        **_set(alias=alias, ttl=found.ttl or None, values=list(found.values)),
    }


def _attributes(pairs: Pairs, key: str = "key", value: str = "value") -> list[Json]:
    return [{key: name, value: text} for name, text in pairs]


def _certificate(found: Certificate) -> Json:
    return {
        "type": found.type,
        "domainName": found.domain_name,
        **_set(
            subjectAlternativeNames=list(found.subject_alternative_names),
            validationMethod=found.validation_method,
            certificateAuthorityARN=found.certificate_authority_arn,
            tags=dict(found.tags),
        ),
    }


def _security_group(found: SecurityGroup) -> Json:
    return {
        "groupName": found.name,
        "description": found.description,
        **_set(tags=dict(found.tags), ingress=[_permission(each) for each in found.ingress]),
    }


def _permission(found: Permission) -> Json:
    return {
        "ipProtocol": found.protocol,
        "fromPort": found.from_port,
        "toPort": found.to_port,
        **_set(
            ipRanges=[{"cidrIP": found.cidr}] if found.cidr else None,
            ipv6Ranges=[{"cidrIPv6": found.cidr6}] if found.cidr6 else None,
            prefixLists=[{"listID": found.prefix_list}] if found.prefix_list else None,
        ),
    }


def _load_balancer(found: LoadBalancer) -> Json:
    spec = {
        "name": found.name,
        "type": found.type,
        **_set(
            scheme=found.scheme,
            ipAddressType=found.ip_address_type,
            subnetMapping=[_subnet_mapping(each) for each in found.subnet_mappings],
            securityGroups=[_token(each) for each in found.security_groups],
            loadBalancerAttributes=_attributes(found.attributes),
            tags=dict(found.tags),
        ),
        **_written(enablePrefixForIpv6SourceNat=found.ipv6_source_nat, securityGroupsInboundRulesOnPrivateLink=found.private_link_rules),
    }
    if found.customer_owned_ipv4_pool is not None:
        spec["customerOwnedIPv4Pool"] = found.customer_owned_ipv4_pool
    if found.ipv4_ipam_pool is not None:
        spec["ipv4IPAMPool"] = found.ipv4_ipam_pool
    if found.minimum_capacity is not None:
        spec["minimumLoadBalancerCapacity"] = {"capacityUnits": found.minimum_capacity}
    return spec


def _subnet_mapping(found: SubnetMapping) -> Json:
    return {
        "subnetID": found.subnet_id,
        **_set(
            allocationID=found.allocation_id,
            privateIPv4Address=found.private_ipv4_address,
            ipv6Address=found.ipv6_address,
            sourceNatIpv6Prefix=found.source_nat_ipv6_prefix,
        ),
    }


def _listener(found: Listener) -> Json:
    spec = {
        "loadBalancerARN": _token(found.load_balancer),
        "port": found.port,
        "protocol": found.protocol,
        **_set(
            defaultActions=[_action(each) for each in found.default_actions],
            certificates=[
                {"certificateARN": _token(each) if isinstance(each, Ref) else _EXISTING_CERTIFICATE} for each in found.certificates
            ],
            alpnPolicy=list(found.alpn_policy),
            tags=dict(found.tags),
            listenerAttributes=_attributes(found.attributes, "Key", "Value"),
        ),
    }
    if found.ssl_policy is not None:
        spec["sslPolicy"] = found.ssl_policy
    if found.mutual_authentication:
        spec["mutualAuthentication"] = _mutual_authentication(found.mutual_authentication)
    return spec


def _mutual_authentication(found: MutualAuthentication) -> Json:
    spec: Json = {"mode": found.mode}
    if found.trust_store_arn is not None:
        spec["trustStoreArn"] = found.trust_store_arn
    if found.ignore_client_certificate_expiry is not None:
        spec["ignoreClientCertificateExpiry"] = found.ignore_client_certificate_expiry
    if found.advertise_trust_store_ca_names is not None:
        spec["advertiseTrustStoreCaNames"] = found.advertise_trust_store_ca_names
    return spec


def _rule(found: Rule) -> Json:
    return {
        "listenerARN": _token(found.listener),
        "priority": found.priority,
        "actions": [_action(each) for each in found.actions],
        "conditions": [_condition(each) for each in found.conditions],
        **_set(transforms=[_transform(each) for each in found.transforms], tags=dict(found.tags)),
    }


def _condition(found: Condition) -> Json:
    values = _set(regexValues=list(found.regex_values), values=list(found.values))
    match found.field:
        case "host-header":
            return {"field": found.field, "hostHeaderConfig": values}
        case "path-pattern":
            return {"field": found.field, "pathPatternConfig": values}
        case "http-header":
            return {"field": found.field, "httpHeaderConfig": {"httpHeaderName": found.header, **values}}
        case "http-request-method":
            return {"field": found.field, "httpRequestMethodConfig": values}
        case "source-ip":
            return {"field": found.field, "sourceIPConfig": values}
    pairs = [{**({} if key is None else {"key": key}), "value": value} for key, value in found.query]
    return {"field": found.field, "queryStringConfig": {"values": pairs}}


def _transform(found: Transform) -> Json:
    config = {"rewrites": [{"regex": regex, "replace": replace} for regex, replace in found.rewrites]}
    return {"type": found.type, "urlRewriteConfig" if found.type == "url-rewrite" else "hostHeaderRewriteConfig": config}


def _action(found: Action) -> Json:
    match found:
        case Forward():
            return {"type": "forward", "forwardConfig": _forward(found)}
        case FixedResponse():
            return {"type": "fixed-response", "fixedResponseConfig": _fixed_response(found)}
        case Redirect():
            return {"type": "redirect", "redirectConfig": _redirect(found)}
        case AuthenticateCognito():
            return {"type": "authenticate-cognito", "authenticateCognitoConfig": _cognito(found)}
        case AuthenticateOidc():
            return {"type": "authenticate-oidc", "authenticateOIDCConfig": _oidc(found)}
        case JwtValidation():
            return {"type": "jwt-validation", "jwtValidationConfig": _jwt(found)}
        case never:
            assert_never(never)


def _written(**fields: Any) -> Json:
    """The fields that are not None; empty ones are included."""
    return {key: value for key, value in fields.items() if value is not None}


def _forward(found: Forward) -> Json:
    groups = [{"targetGroupARN": _token(each.target_group), **_written(weight=each.weight)} for each in found.target_groups]
    sticky = found.stickiness
    config = None if sticky is None else _written(enabled=sticky.enabled, durationSeconds=sticky.duration_seconds)
    return {"targetGroups": groups or None, **_written(targetGroupStickinessConfig=config)}


def _fixed_response(found: FixedResponse) -> Json:
    return {"statusCode": found.status_code, **_written(contentType=found.content_type, messageBody=found.message_body)}


def _redirect(found: Redirect) -> Json:
    return {
        "statusCode": found.status_code,
        **_written(host=found.host, path=found.path, port=found.port, protocol=found.protocol, query=found.query),
    }


def _session(found: AuthenticateCognito | AuthenticateOidc) -> Json:
    return {
        "scope": found.scope,
        "sessionCookieName": found.session_cookie_name,
        "sessionTimeout": found.session_timeout,
        **_set(onUnauthenticatedRequest=found.on_unauthenticated_request, authenticationRequestExtraParams=dict(found.extra_params)),
    }


def _cognito(found: AuthenticateCognito) -> Json:
    return {
        **_session(found),
        "userPoolARN": found.user_pool_arn,
        "userPoolClientID": found.user_pool_client_id,
        "userPoolDomain": found.user_pool_domain,
    }


def _oidc(found: AuthenticateOidc) -> Json:
    return {
        **_session(found),
        "issuer": found.issuer,
        "authorizationEndpoint": found.authorization_endpoint,
        "tokenEndpoint": found.token_endpoint,
        "userInfoEndpoint": found.user_info_endpoint,
        "clientID": REDACTED,
        "clientSecret": REDACTED,
    }


def _jwt(found: JwtValidation) -> Json:
    claims = [{"format": each.format, "name": each.name, "values": list(each.values)} for each in found.additional_claims]
    return {"jwksEndpoint": found.jwks_endpoint, "issuer": found.issuer, **_set(additionalClaims=claims)}


def _target_group(found: TargetGroup) -> Json:
    return {
        "name": found.name,
        "targetType": found.target_type,
        "port": found.port,
        "protocol": found.protocol,
        **_set(
            protocolVersion=found.protocol_version,
            ipAddressType=found.ip_address_type,
            healthCheckConfig=_health_check(found.health_check),
            targetGroupAttributes=_attributes(found.attributes),
            tags=dict(found.tags),
        ),
        **_written(targetControlPort=found.control_port),
    }


def _health_check(found: HealthCheck) -> Json:
    return {
        "port": found.port,
        "protocol": found.protocol,
        **_written(path=found.path, matcher=_written(httpCode=found.http_code, grpcCode=found.grpc_code) or None),
        "intervalSeconds": found.interval_seconds,
        "timeoutSeconds": found.timeout_seconds,
        "healthyThresholdCount": found.healthy_threshold_count,
        "unhealthyThresholdCount": found.unhealthy_threshold_count,
    }


def _binding(found: Binding) -> Json:
    spec = {
        "targetGroupARN": _token(found.target_group),
        "targetType": found.target_type,
        "serviceRef": {"name": found.service, "port": found.port},
        **_set(
            nodeSelector={"matchLabels": dict(found.node_selector)} if found.node_selector else None,
            ipAddressType=found.ip_address_type,
            vpcID=found.vpc_id,
            multiClusterTargetGroup=found.multi_cluster or None,
            targetGroupProtocol=found.protocol,
        ),
    }
    if found.networking is not None:
        spec["networking"] = _set(ingress=[_networking(each) for each in entries(found.networking)])
    return {"template": {"metadata": {"name": found.name, "namespace": found.namespace}, "spec": spec}}


def _networking(found: Sequence[NetworkingRule]) -> Json:
    """One element of the list. SCTP has no ports there."""
    peers = dict.fromkeys((each.source_group, each.cidr) for each in found)
    ports = dict.fromkeys((each.protocol, each.port) for each in found if each.protocol != "SCTP")
    return {
        "from": [{"ipBlock": {"cidr": cidr}} if cidr else {"securityGroup": {"groupID": _token(group)}} for group, cidr in peers],
        "ports": [{"protocol": protocol, **_written(port=port)} for protocol, port in ports] or None,
    }


def _frontend_targets(found: Iterable[Registration]) -> Json:
    return {
        "TargetGroups": {
            each.id: {
                "Name": each.id,
                "ARN": _token(each.target_group),
                "Port": each.port,
                "TargetARN": _token(each.target),
                "TargetPort": each.target_port,
            }
            for each in found
        }
    }


def _web_acl(found: WebAclAssociation) -> Json:
    return {"webACLARN": found.web_acl_arn, "resourceARN": _token(found.resource)}


def _regional_web_acl(found: RegionalWebAclAssociation) -> Json:
    return {"webACLID": found.web_acl_id, "resourceARN": _token(found.resource)}


def _protection(found: Protection) -> Json:
    return {"enabled": found.enabled, "resourceARN": _token(found.resource)}
