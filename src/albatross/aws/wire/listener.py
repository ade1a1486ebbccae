"""Listeners: elbv2 `Listener` ↔ model."""

from collections.abc import Mapping, Sequence
from typing import Any

from albatross.aws.wire import action
from albatross.model.observed import Owned
from albatross.model.resources.listener import Listener, MutualAuthentication
from albatross.model.resources.ref import Pairs, Ref

Item = Mapping[str, Any]


def settings(listener: Listener, weighted: bool = True) -> dict[str, Any]:
    """The common parameters of CreateListener and ModifyListener: all except SNI certificates, attributes and tags."""
    certificates = listener.certificates[:1]
    return action.given(
        Port=listener.port,
        Protocol=listener.protocol,
        DefaultActions=action.write(listener.default_actions, weighted),
        Certificates=[{"CertificateArn": action.literal(each)} for each in certificates] or None,
        SslPolicy=listener.ssl_policy,
        AlpnPolicy=list(listener.alpn_policy) or None,
        MutualAuthentication=mutual_authentication(listener.mutual_authentication),
    )


def mutual_authentication(mutual: MutualAuthentication | None) -> dict[str, Any] | None:
    """Model → request; only the mode verify has a trust store, and says whether it advertises its CA names."""
    if mutual is None:
        return None
    if mutual.mode != "verify":
        return {"Mode": mutual.mode}
    return action.given(
        Mode=mutual.mode,
        TrustStoreArn=mutual.trust_store_arn,
        IgnoreClientCertificateExpiry=mutual.ignore_client_certificate_expiry,
        AdvertiseTrustStoreCaNames=mutual.advertise_trust_store_ca_names or "off",
    )


def extras(listener: Listener) -> frozenset[str]:
    """The desired SNI list: every certificate, including the default one, so that AWS can choose between key types."""
    return frozenset(action.literal(each) for each in listener.certificates)


def read(item: Item, sni: Sequence[Item], attributes: Pairs, remembered: str = "") -> Listener:
    """Answer → model, without its load balancer and id; `sni` are the items of DescribeListenerCertificates."""
    own = tuple(each["CertificateArn"] for each in item.get("Certificates") or ())
    more = tuple(sorted(each["CertificateArn"] for each in sni if not each.get("IsDefault")))
    return Listener(
        id="",
        load_balancer=Ref("LoadBalancer", "", "arn"),
        port=int(item.get("Port") or 0),
        protocol=item.get("Protocol", ""),
        default_actions=action.read(item.get("DefaultActions") or (), remembered),
        certificates=own + more,
        ssl_policy=item.get("SslPolicy") or None,
        alpn_policy=tuple(item.get("AlpnPolicy") or ()),
        mutual_authentication=_read_mutual(item.get("MutualAuthentication")),
        attributes=attributes,
    )


def _read_mutual(item: Item | None) -> MutualAuthentication | None:
    if not item or not item.get("Mode"):
        return None
    return MutualAuthentication(
        mode=item["Mode"],
        trust_store_arn=item.get("TrustStoreArn") or None,
        ignore_client_certificate_expiry=item.get("IgnoreClientCertificateExpiry"),
        advertise_trust_store_ca_names=item.get("AdvertiseTrustStoreCaNames") or None,
    )


def own(listener: Listener, item: Item, tags: Pairs) -> Owned[Listener]:
    """The listener, with its ARN and its load balancer in AWS."""
    return Owned(resource=listener, arn=item["ListenerArn"], tags=tags, parent=item.get("LoadBalancerArn", ""))
