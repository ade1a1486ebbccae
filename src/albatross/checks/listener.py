"""Listeners: security policies and ARNs of certificates."""

import re
from difflib import get_close_matches

from albatross.catalog.limits import SSL_POLICIES
from albatross.catalog.notes import Notes
from albatross.model.intent import Intent, Listen

CERTIFICATE = re.compile(r"arn:aws[a-z-]*:(acm:[a-z0-9-]+:\d{12}:certificate/\S+|iam::\d{12}:server-certificate/\S+)")


def check(intent: Intent, notes: Notes) -> None:
    """Note unknown security policies, and ARNs that are not ARNs of certificates."""
    for share in intent.shares:
        for listen in share.formed:
            _policy(listen, notes)
            for arn in listen.certificates.value if listen.certificates else ():
                if listen.certificates and not CERTIFICATE.fullmatch(arn):
                    expected = "the ARN of an ACM or IAM certificate"
                    notes.add("LB407", listen.certificates.origin, what="certificate", value=arn, expected=expected)


def _policy(listen: Listen, notes: Notes) -> None:
    policy = listen.ssl_policy
    if policy and policy.value not in SSL_POLICIES:
        near = get_close_matches(policy.value, SSL_POLICIES, n=1, cutoff=0.0)
        notes.add("LB407", policy.origin, what="security policy", value=policy.value, expected=f"an AWS security policy such as {near[0]}")
