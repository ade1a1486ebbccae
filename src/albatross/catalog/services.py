"""The AWS services that the controllers call, by the two names that people write for them.

AWS: "Service identifiers" of the SDK reference guide. The other controller's flags use these identifiers; botocore has shorter names.
"""

from collections.abc import Mapping
from difflib import get_close_matches

IDENTIFIERS: Mapping[str, str] = {
    "acm": "ACM",
    "ec2": "EC2",
    "eks": "EKS",
    "elbv2": "Elastic Load Balancing v2",
    "globalaccelerator": "Global Accelerator",
    "iam": "IAM",
    "resourcegroupstaggingapi": "Resource Groups Tagging API",
    "route53": "Route 53",
    "service-quotas": "Service Quotas",
    "shield": "Shield",
    "sts": "STS",
    "waf-regional": "WAF Regional",
    "wafv2": "WAFV2",
}
"""The service identifier of each service, by botocore's name. Only the other controller calls two of them: they are accepted."""

_NAMES: Mapping[str, str] = {
    **{name.lower(): name for name in IDENTIFIERS},
    **{identifier.lower(): name for name, identifier in IDENTIFIERS.items()},
}


def name(text: str) -> str | None:
    """botocore's name of a service, from that name or from its identifier, in any case; None for another text."""
    return _NAMES.get(text.strip().lower())


def unknown(text: str) -> str:
    """What to say of a text that names no service."""
    near = get_close_matches(text.strip().lower(), _NAMES, 1)
    hint = f" (did you mean {IDENTIFIERS[_NAMES[near[0]]]}?)" if near else ""
    return f"{text.strip()!r} is not a service that is called{hint}; the services are {', '.join(sorted(IDENTIFIERS.values()))}"
