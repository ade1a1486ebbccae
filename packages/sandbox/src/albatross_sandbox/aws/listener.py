"""Listeners: create, describe, change, delete, and their certificates."""

from typing import Any

from albatross_sandbox.aws import account, action, attribute, quic, ssl_policy, tag
from albatross_sandbox.aws.cloud import Cloud
from albatross_sandbox.aws.fault import Fault, invalid
from albatross_sandbox.aws.store import Listener, LoadBalancer, Request, Result, Rule, Store, page, token

_PROTOCOLS = {
    "application": ("HTTP", "HTTPS"),
    "network": ("TCP", "TLS", "UDP", "TCP_UDP", "QUIC", "TCP_QUIC"),
    "gateway": (),
}
_ENCRYPTED = ("HTTPS", "TLS")
_ALPN = ("HTTP1Only", "HTTP2Only", "HTTP2Optional", "HTTP2Preferred", "None")


async def create(store: Store, cloud: Cloud, request: Request) -> Result:
    """CreateListener; the same request twice answers the same listener."""
    lb = store.load_balancer(request["LoadBalancerArn"])
    tags = tag.read(request.get("Tags"))
    fresh = Listener(
        arn=store.arn("listener", f"{lb.suffix}/{token()}"),
        load_balancer=lb,
        port=request.get("Port"),
        protocol=request.get("Protocol"),
        certificate=None,
        extra_certificates=[],
        ssl_policy=None,
        alpn=[],
        mutual=None,
        attributes={},
        tags=tags,
    )
    await _settle(store, cloud, fresh, request)
    fresh.attributes = attribute.for_listener(fresh.protocol)
    actions = action.read(store, lb, fresh.protocol, request["DefaultActions"])
    if same := _same_port(lb, fresh.port):
        if _settings(same) != _settings(fresh) or same.default.actions != actions or same.tags != tags:
            raise Fault("DuplicateListener", f"A listener already exists on this port for this load balancer '{lb.arn}'")
        return {"Listeners": [shown(same)]}
    quota = f"listeners-per-{'network' if lb.kind == 'network' else 'application'}-load-balancer"
    account.enforce(store, quota, len(lb.listeners) + 1, "TooManyListeners", "The maximum number of listeners has been reached")
    _keep(store, fresh, actions)
    return {"Listeners": [shown(fresh)]}


def _keep(store: Store, listener: Listener, actions: list[dict[str, Any]]) -> None:
    lb = listener.load_balancer
    suffix = listener.arn.partition(":listener/")[2]
    rule = Rule(store.arn("listener-rule", f"{suffix}/{token()}"), listener, None, [], [], [], {})
    lb.listeners[listener.arn] = store.listeners[listener.arn] = listener
    listener.rules[rule.arn] = store.rules[rule.arn] = rule
    action.bind(store, rule, actions)


def _same_port(lb: LoadBalancer, port: int | None, but: Listener | None = None) -> Listener | None:
    return next((held for held in lb.listeners.values() if held.port == port and held is not but), None)


def _settings(listener: Listener) -> tuple[Any, ...]:
    return (listener.protocol, listener.certificate, listener.ssl_policy, listener.alpn, listener.mutual)


async def _settle(store: Store, cloud: Cloud, listener: Listener, request: Request) -> None:
    """Give a listener its port, protocol and TLS settings from a request, refusing what AWS refuses."""
    _check_protocol(listener)
    quic.check_listener(listener)
    if listener.protocol not in _ENCRYPTED:
        _refuse_tls(listener, request)
        listener.certificate, listener.ssl_policy, listener.alpn, listener.mutual = None, None, [], None
        listener.extra_certificates = []
        return
    await _certify(cloud, listener, request.get("Certificates"))
    listener.ssl_policy = ssl_policy.require(request.get("SslPolicy") or listener.ssl_policy or ssl_policy.DEFAULT)
    if "AlpnPolicy" in request:
        listener.alpn = _alpn(listener, request["AlpnPolicy"])
    if listener.protocol == "HTTPS":
        listener.mutual = _mutual(store, request.get("MutualAuthentication"), listener.mutual)
    elif request.get("MutualAuthentication"):
        raise invalid("Mutual authentication is supported on HTTPS listeners only")


def _check_protocol(listener: Listener) -> None:
    allowed = _PROTOCOLS[listener.load_balancer.kind]
    if not allowed:
        if listener.port or listener.protocol:
            raise invalid("A port and protocol cannot be specified for a Gateway Load Balancer listener")
        return
    if listener.protocol is None:
        raise invalid("A listener protocol must be specified")
    if listener.port is None:
        raise invalid("A listener port must be specified")
    if listener.protocol not in allowed:
        raise invalid(f"Listener protocol '{listener.protocol}' must be one of '{', '.join(sorted(allowed))}'")


def _refuse_tls(listener: Listener, request: Request) -> None:
    for name in ("Certificates", "SslPolicy", "AlpnPolicy"):
        if request.get(name):
            raise invalid(f"{name} cannot be specified for {listener.protocol} listeners")
    if (request.get("MutualAuthentication") or {}).get("Mode", "off") != "off":
        raise invalid("Mutual authentication is supported on HTTPS listeners only")


async def _certify(cloud: Cloud, listener: Listener, given: list[dict[str, Any]] | None) -> None:
    if not given and listener.certificate:
        return
    if not given or not given[0].get("CertificateArn"):
        raise invalid(f"A certificate must be specified for {listener.protocol} listeners")
    if len(given) > 1:
        raise invalid("Up to '1' certificate can be specified")
    await require_certificate(cloud, given[0]["CertificateArn"])
    listener.certificate = given[0]["CertificateArn"]


async def require_certificate(cloud: Cloud, arn: str) -> None:
    """Refuse a certificate that ACM and IAM do not know or that is not issued."""
    found = await cloud.certificate(arn)
    if found is None:
        raise Fault("CertificateNotFound", f"Certificate '{arn}' not found")
    if found.status != "ISSUED":
        need = "must have a fully-qualified domain name, a supported signature, and a supported key size"
        raise Fault("UnsupportedCertificate", f"The certificate '{arn}' {need}.")


def _alpn(listener: Listener, given: list[str]) -> list[str]:
    if given and listener.protocol != "TLS":
        raise invalid("ALPN policies are supported on TLS listeners only")
    if unknown := [name for name in given if name not in _ALPN]:
        raise Fault("ALPNPolicyNotFound", f"ALPN policy '{unknown[0]}' not found")
    return given


def _mutual(store: Store, given: dict[str, Any] | None, held: dict[str, Any] | None) -> dict[str, Any]:
    """Mutual authentication as AWS answers it."""
    if given is None:
        return held or {"Mode": "off"}
    mode = given.get("Mode") or "off"
    if mode not in ("off", "passthrough", "verify"):
        raise invalid(f"Mutual authentication mode '{mode}' must be one of 'off, passthrough, verify'")
    arn = given.get("TrustStoreArn") or None
    if mode != "verify":
        if arn:
            raise invalid(f"A trust store cannot be specified for mutual authentication mode '{mode}'")
        return {"Mode": mode}
    if arn is None:
        raise invalid("A trust store must be specified for mutual authentication mode 'verify'")
    return {
        "Mode": mode,
        "TrustStoreArn": store.trust_store(arn).arn,
        "IgnoreClientCertificateExpiry": given.get("IgnoreClientCertificateExpiry", False),
        "TrustStoreAssociationStatus": "active",
        "AdvertiseTrustStoreCaNames": given.get("AdvertiseTrustStoreCaNames") or "off",
    }


def shown(listener: Listener) -> Result:
    """A listener as Describe shows it."""
    return {
        "ListenerArn": listener.arn,
        "LoadBalancerArn": listener.load_balancer.arn,
        "Port": listener.port,
        "Protocol": listener.protocol,
        "Certificates": [{"CertificateArn": listener.certificate}] if listener.certificate else None,
        "SslPolicy": listener.ssl_policy,
        "DefaultActions": listener.default.actions,
        "AlpnPolicy": listener.alpn or None,
        "MutualAuthentication": listener.mutual,
    }


def describe(store: Store, request: Request) -> Result:
    """DescribeListeners."""
    arns, owner = request.get("ListenerArns"), request.get("LoadBalancerArn")
    if bool(arns) == bool(owner):
        raise invalid("You must specify either listener ARNs or a load balancer ARN")
    if arns:
        return {"Listeners": [shown(store.listener(arn)) for arn in dict.fromkeys(arns)]}
    held = store.load_balancer(owner or "").listeners.values()
    rows, marker = page(request, held, lambda listener: listener.arn)
    return {"Listeners": [shown(listener) for listener in rows], "NextMarker": marker}


async def modify(store: Store, cloud: Cloud, request: Request) -> Result:
    """ModifyListener; what is not given stays."""
    listener = store.listener(request["ListenerArn"])
    lb = listener.load_balancer
    trial = Listener(
        **{name: getattr(listener, name) for name in Listener.__dataclass_fields__}
        | {"port": request.get("Port", listener.port), "protocol": request.get("Protocol", listener.protocol)}
    )
    await _settle(store, cloud, trial, request)
    if _same_port(lb, trial.port, listener):
        raise Fault("DuplicateListener", f"A listener already exists on this port for this load balancer '{lb.arn}'")
    given = request.get("DefaultActions")
    actions = action.read(store, lb, trial.protocol, given) if given else None
    if trial.protocol != listener.protocol:
        if actions is None:
            action.recheck(store, listener, trial.protocol)
        trial.attributes = attribute.for_listener(trial.protocol)
    for name in ("port", "protocol", "certificate", "extra_certificates", "ssl_policy", "alpn", "mutual", "attributes"):
        setattr(listener, name, getattr(trial, name))
    if listener.certificate in listener.extra_certificates:
        listener.extra_certificates.remove(listener.certificate)
    if actions is not None:
        action.bind(store, listener.default, actions)
    return {"Listeners": [shown(listener)]}


def delete(store: Store, request: Request) -> Result:
    """DeleteListener."""
    listener = store.listener(request["ListenerArn"])
    lb = listener.load_balancer
    targets = [target for group in store.target_groups.values() for target in group.targets.values() if target.id == lb.arn]
    if any(target.port == listener.port for target in targets):
        raise Fault("ResourceInUse", f"Listener '{listener.arn}' is the target of a target group of type alb")
    drop(store, listener)
    return {}


def drop(store: Store, listener: Listener) -> None:
    """Take a listener and its rules out of the store."""
    for rule in listener.rules.values():
        action.bind(store, rule, [])
        store.rules.pop(rule.arn, None)
    store.listeners.pop(listener.arn, None)
    listener.load_balancer.listeners.pop(listener.arn, None)


async def add_certificates(store: Store, cloud: Cloud, request: Request) -> Result:
    """AddListenerCertificates; one that is there already, or is the default one, is no error."""
    listener = _encrypted(store, request)
    arns = [row.get("CertificateArn", "") for row in request["Certificates"]]
    for arn in arns:
        await require_certificate(cloud, arn)
    wanted = [arn for arn in dict.fromkeys(arns) if arn not in listener.extra_certificates]
    lb = listener.load_balancer
    held = {arn for other in lb.listeners.values() for arn in other.extra_certificates} | set(wanted)
    quota = f"certificates-per-{lb.kind}-load-balancer"
    account.enforce(store, quota, len(held), "TooManyCertificates", "The maximum number of certificates per load balancer has been reached")
    listener.extra_certificates += wanted
    return {"Certificates": [{"CertificateArn": arn, "IsDefault": False} for arn in arns]}


def remove_certificates(store: Store, request: Request) -> Result:
    """RemoveListenerCertificates; one that is not there is no error."""
    listener = _encrypted(store, request)
    for row in request["Certificates"]:
        arn = row.get("CertificateArn", "")
        if arn in listener.extra_certificates:
            listener.extra_certificates.remove(arn)
        elif arn == listener.certificate:
            raise Fault("OperationNotPermitted", f"Default certificate '{arn}' cannot be removed")
    return {}


def describe_certificates(store: Store, request: Request) -> Result:
    """DescribeListenerCertificates: the default one first, marked, then those for SNI."""
    listener = _encrypted(store, request)
    rows = [{"CertificateArn": listener.certificate, "IsDefault": True}]
    rows += [{"CertificateArn": arn, "IsDefault": False} for arn in listener.extra_certificates]
    chunk, marker = page(request, rows, lambda row: f"{row['IsDefault']}{row['CertificateArn']}")
    return {"Certificates": chunk, "NextMarker": marker}


def _encrypted(store: Store, request: Request) -> Listener:
    listener = store.listener(request["ListenerArn"])
    if listener.protocol not in _ENCRYPTED:
        raise Fault("UnsupportedProtocol", f"Certificates are not supported on listeners with protocol '{listener.protocol}'")
    return listener
