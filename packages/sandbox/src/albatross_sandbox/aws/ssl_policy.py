"""Predefined security policies of HTTPS and TLS listeners."""

from typing import Any

from albatross_sandbox.aws.fault import Fault
from albatross_sandbox.aws.store import Request, Result, Store, page

DEFAULT = "ELBSecurityPolicy-2016-08"  # what the API takes where none is given

# User guide, "Security policies for your Application Load Balancer".
_TLS13 = ("TLS_AES_128_GCM_SHA256", "TLS_AES_256_GCM_SHA384", "TLS_CHACHA20_POLY1305_SHA256")
_GCM = ("ECDHE-ECDSA-AES128-GCM-SHA256", "ECDHE-RSA-AES128-GCM-SHA256", "ECDHE-ECDSA-AES256-GCM-SHA384", "ECDHE-RSA-AES256-GCM-SHA384")
_CBC2 = ("ECDHE-ECDSA-AES128-SHA256", "ECDHE-RSA-AES128-SHA256", "ECDHE-ECDSA-AES256-SHA384", "ECDHE-RSA-AES256-SHA384")
_CBC1 = ("ECDHE-ECDSA-AES128-SHA", "ECDHE-RSA-AES128-SHA", "ECDHE-ECDSA-AES256-SHA", "ECDHE-RSA-AES256-SHA")
_RSA2 = ("AES128-GCM-SHA256", "AES128-SHA256", "AES256-GCM-SHA384", "AES256-SHA256")
_RSA1 = ("AES128-SHA", "AES256-SHA")
_MODERN, _WIDE, _ALL = ("TLSv1.3", "TLSv1.2"), ("TLSv1.3", "TLSv1.2", "TLSv1.1"), ("TLSv1.3", "TLSv1.2", "TLSv1.1", "TLSv1")
_OLD = ("TLSv1.2", "TLSv1.1", "TLSv1")
_EVERY = (*_GCM, *_CBC2, *_CBC1, *_RSA2, *_RSA1)

Row = tuple[tuple[str, ...], tuple[str, ...]]


def _table() -> dict[str, Row]:
    rows: dict[str, Row] = {
        "ELBSecurityPolicy-2016-08": (_OLD, _EVERY),
        "ELBSecurityPolicy-2015-05": (_OLD, _EVERY),
        "ELBSecurityPolicy-TLS-1-0-2015-04": (_OLD, (*_EVERY, "DES-CBC3-SHA")),
        "ELBSecurityPolicy-TLS-1-1-2017-01": (("TLSv1.2", "TLSv1.1"), _EVERY),
        "ELBSecurityPolicy-TLS-1-2-2017-01": (("TLSv1.2",), (*_GCM, *_CBC2, *_RSA2)),
        "ELBSecurityPolicy-TLS-1-2-Ext-2018-06": (("TLSv1.2",), _EVERY),
        "ELBSecurityPolicy-FS-2018-06": (_OLD, (*_GCM, *_CBC2, *_CBC1)),
        "ELBSecurityPolicy-FS-1-1-2019-08": (("TLSv1.2", "TLSv1.1"), (*_GCM, *_CBC2, *_CBC1)),
        "ELBSecurityPolicy-FS-1-2-2019-08": (("TLSv1.2",), (*_GCM, *_CBC2, *_CBC1)),
        "ELBSecurityPolicy-FS-1-2-Res-2019-08": (("TLSv1.2",), (*_GCM, *_CBC2)),
        "ELBSecurityPolicy-FS-1-2-Res-2020-10": (("TLSv1.2",), _GCM),
    }
    thirteen: dict[str, Row] = {
        "1-3": (("TLSv1.3",), _TLS13),
        "1-2": (_MODERN, (*_TLS13, *_GCM, *_CBC2)),
        "1-2-Res": (_MODERN, (*_TLS13, *_GCM)),
        "1-2-Ext1": (_MODERN, (*_TLS13, *_GCM, *_CBC2, *_RSA2)),
        "1-2-Ext2": (_MODERN, (*_TLS13, *_EVERY)),
        "1-1": (_WIDE, (*_TLS13, *_EVERY)),
        "1-0": (_ALL, (*_TLS13, *_EVERY)),
    }
    for key, row in thirteen.items():
        rows[f"ELBSecurityPolicy-TLS13-{key}-2021-06"] = row
        rows[f"ELBSecurityPolicy-TLS13-{key}-FIPS-2023-04"] = (row[0], tuple(c for c in row[1] if "CHACHA" not in c))
        if key not in ("1-1",):
            rows[f"ELBSecurityPolicy-TLS13-{key}-PQ-2025-09"] = row
    for key in ("1-2", "1-2-Res", "1-2-Ext0", "1-2-Ext1", "1-2-Ext2", "1-3", "1-0"):
        protocols, ciphers = thirteen["1-2-Ext2" if key == "1-2-Ext0" else key]
        rows[f"ELBSecurityPolicy-TLS13-{key}-FIPS-PQ-2025-09"] = (protocols, tuple(c for c in ciphers if "CHACHA" not in c))
    rows["ELBSecurityPolicy-TLS13-1-2-Ext0-FIPS-2023-04"] = rows["ELBSecurityPolicy-TLS13-1-2-Ext2-FIPS-2023-04"]
    return rows


POLICIES: dict[str, Row] = _table()


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
