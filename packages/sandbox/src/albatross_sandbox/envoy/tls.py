"""Certificates and security policies → Envoy's TLS context; pure."""

import re
from typing import Any

from albatross_sandbox.envoy import name
from albatross_sandbox.envoy.state import KeyPair, Listener, State

Json = dict[str, Any]

_ALPN = {
    "HTTP1Only": ["http/1.1"],
    "HTTP2Only": ["h2"],
    "HTTP2Optional": ["http/1.1", "h2"],
    "HTTP2Preferred": ["h2", "http/1.1"],
}


def versions(policy: str) -> tuple[str, str]:
    """Lowest and highest TLS version of a security policy, in Envoy's words, by the name AWS gave it.

    https://docs.aws.amazon.com/elasticloadbalancing/latest/application/describe-ssl-policies.html
    """
    if modern := re.search(r"TLS13-1-([0-3])", policy):
        return f"TLSv1_{modern[1]}", "TLSv1_3"
    if older := re.search(r"(?:TLS|FS)-1-([0-2])", policy):
        return f"TLSv1_{older[1]}", "TLSv1_2"
    return "TLSv1_0", "TLSv1_2"


def alpn(listener: Listener, http2: bool) -> list[str]:
    """Protocols offered, in order."""
    if listener.http:
        return ["h2", "http/1.1"] if http2 else ["http/1.1"]
    return _ALPN.get(listener.alpn, [])


def socket(listener: Listener, state: State, http2: bool) -> tuple[Json | None, list[str]]:
    """The transport socket of a secure listener, None where it has no certificate to show; and what it lacks.

    Envoy itself chooses among the certificates by SNI (exact name, then one-label wildcard) and falls back to the first.
    """
    known = state.certificates
    have = [known[arn] for arn in listener.certificates if arn in known]
    warnings = [f"listener {listener.port}: no private key for {arn}: not served" for arn in listener.certificates if arn not in known]
    if not have:
        return None, [*warnings, f"listener {listener.port}: no certificate can be served, so it does not listen"]
    low, high = versions(listener.ssl_policy)
    common: Json = {
        "tls_params": {"tls_minimum_protocol_version": low, "tls_maximum_protocol_version": high},
        "alpn_protocols": alpn(listener, http2),
        "tls_certificates": [_certificate(each) for each in have],
    }
    context: Json = {"@type": name.extension("transport_sockets.tls.v3.DownstreamTlsContext"), "common_tls_context": common}
    if listener.mutual == "passthrough":
        common["validation_context"] = {"trust_chain_verification": "ACCEPT_UNTRUSTED"}
    if listener.mutual == "verify":
        bundle = state.bundles.get(listener.trust_store)
        if bundle is None:
            return None, [*warnings, f"listener {listener.port}: its trust store has no certificates to be read, so it does not listen"]
        context["require_client_certificate"] = True
        common["validation_context"] = {"trusted_ca": {"inline_string": bundle}, "allow_expired_certificate": listener.expired_allowed}
    return {"name": "envoy.transport_sockets.tls", "typed_config": context}, warnings


def _certificate(pair: KeyPair) -> Json:
    return {"certificate_chain": {"inline_string": pair.certificate}, "private_key": {"inline_string": pair.private_key}}
