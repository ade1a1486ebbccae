"""Predefined security policies of HTTPS and TLS listeners."""

from pathlib import Path
from typing import Any

import orjson

from albatross_sandbox.aws.fault import Fault
from albatross_sandbox.aws.store import Request, Result, Store, page

DEFAULT = "ELBSecurityPolicy-2016-08"  # what the API takes where none is given

Row = tuple[tuple[str, ...], tuple[str, ...]]


def _load() -> dict[str, Row]:
    """The policies of `ssl_policy.json`, where a policy names sets of ciphers (user guide, "Security policies")."""
    table = orjson.loads(Path(__file__).with_name("ssl_policy.json").read_bytes())
    sets: dict[str, list[str]] = table["ciphers"]
    return {
        name: (tuple(row["protocols"]), tuple(cipher for each in row["ciphers"] for cipher in sets[each]))
        for name, row in table["policies"].items()
    }


POLICIES = _load()
"""Name → protocols and ciphers, both in AWS's order."""


def require(name: str) -> str:
    """The policy's name, or Fault(SSLPolicyNotFound)."""
    if name not in POLICIES:
        raise Fault("SSLPolicyNotFound", f"SSL policy '{name}' not found")
    return name


def _shown(name: str) -> dict[str, Any]:
    protocols, ciphers = POLICIES[name]
    return {
        "Name": name,
        "SslProtocols": list(protocols),
        "Ciphers": [{"Name": cipher, "Priority": index} for index, cipher in enumerate(ciphers, 1)],
        "SupportedLoadBalancerTypes": ["application", "network"],
    }


def describe(store: Store, request: Request) -> Result:
    """DescribeSSLPolicies."""
    if names := request.get("Names"):
        return {"SslPolicies": [_shown(require(name)) for name in names]}
    rows, marker = page(request, sorted(POLICIES), lambda name: name)
    return {"SslPolicies": [_shown(name) for name in rows], "NextMarker": marker}
