"""The name, address pools and reserved capacity of the load balancer."""

import re

from albatross.catalog.limits import NAME
from albatross.catalog.notes import Notes
from albatross.model.intent import Intent, Setting, Share

REGIONAL = re.compile(r"arn:aws[a-z-]*:wafv2:[a-z0-9-]+:\d{12}:regional/webacl/[^/\s]+/[^/\s]+")
"""The ARN of a web ACL that a load balancer can have."""


def check(intent: Intent, notes: Notes) -> None:
    """Note names that AWS refuses, and reserved capacity."""
    for share in intent.shares:
        if share.settings.name:
            _name(share.settings.name, notes)
        _pool(share.settings.customer_owned_ipv4_pool, "ipv4pool-coip-", notes)
        _pool(share.settings.ipv4_ipam_pool, "ipam-pool-", notes)
        _pool(share.overrides.ipv4_ipam_pool, "ipam-pool-", notes)
        _web_acls(share, notes)
        _capacity(share, notes)


def _name(name: Setting[str], notes: Notes) -> None:
    if NAME.fullmatch(name.value):
        return
    if not name.value:
        reason = "it is empty"
    elif name.value.startswith("internal-"):
        reason = "it starts with internal-"
    elif name.value.strip("-") != name.value:
        reason = "it starts or ends with a hyphen"
    else:
        reason = "it has characters other than letters, digits and hyphens"
    notes.add("LB157", name.origin, name=name.value, reason=reason)


def _pool(pool: Setting[str] | None, prefix: str, notes: Notes) -> None:
    """Patterns of CustomerOwnedIpv4Pool and Ipv4IpamPoolId in the API model of elbv2."""
    if pool and not re.fullmatch(f"{prefix}[a-zA-Z0-9]+", pool.value):
        notes.add("LB407", pool.origin, what="address pool", value=pool.value, expected=f"an id such as {prefix}0a1b2c3d")


def _web_acls(share: Share, notes: Notes) -> None:
    """Load balancers are regional; web ACLs of CloudFront have the scope `global`. WAF Classic has ids, not ARNs of WAFv2."""
    arn, classic = share.settings.web_acl_arn, share.settings.web_acl_classic
    if arn and arn.value not in ("", "none") and not REGIONAL.fullmatch(arn.value):
        expected = "the ARN of a regional WAFv2 web ACL (arn:aws:wafv2:<region>:<account>:regional/webacl/<name>/<id>)"
        notes.add("LB407", arn.origin, "error", what="web ACL", value=arn.value, expected=expected)
    if classic and ":wafv2:" in classic.value:
        notes.add("LB437", classic.origin, value=classic.value)


def _capacity(share: Share, notes: Notes) -> None:
    for capacity in (share.settings.minimum_capacity, share.overrides.minimum_capacity):
        if capacity is not None:
            notes.add("LB408", capacity.origin, units=str(capacity.value))
