"""The certificates that the objects name: are they usable, and for how long."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from albatross.diagnose.cause import Cause, cause
from albatross.diagnose.evidence import Body, Evidence, Origin, grouped
from albatross.frontend import ROOTS
from albatross.model.facts import covers

NAMES = (
    "alb.ingress.kubernetes.io/certificate-arn",
    "service.beta.kubernetes.io/aws-load-balancer-ssl-cert",
)
"""The annotations with ARNs of certificates."""
DAYS = 30
"""A certificate that ends in fewer days is reported, if AWS does not renew it (chosen by us: AWS renews 60 days before)."""
DAY = 86400.0
KEYS = ("RSA_1024", "RSA_2048", "RSA_3072", "RSA_4096", "EC_prime256v1", "EC_secp384r1", "EC_secp521r1")
"""Keys that load balancers accept."""


def named(evidence: Evidence) -> Mapping[str, tuple[Origin, ...]]:
    """The ARNs of certificates in annotations, with their places."""
    return grouped(
        (arn, Origin(kind, *at, f'metadata.annotations["{annotation}"]'))
        for kind in ROOTS
        for at, noun in evidence.nouns(kind).items()
        for annotation in NAMES
        for arn in _arns(noun.metadata.annotations.get(annotation, ""))
    )


def _arns(written: str) -> list[str]:
    return [each.strip() for each in written.split(",") if each.strip()]


def check(evidence: Evidence) -> Iterator[Cause]:
    """Every named certificate that is not usable, and every one that ends soon."""
    yield from uncovered(evidence)
    known: dict[str, Any] = {str(each["CertificateArn"]): each for each in evidence.aws.certificates}
    for arn, places in sorted(named(evidence).items()):
        at, objects = places[0], ", ".join(each.ident.short for each in places)
        if arn.count(":") > 4 and arn.split(":")[2] == "acm":
            if reason := _unusable(evidence, arn, known.get(arn)):
                domain = str((known.get(arn) or {}).get("DomainName") or "unknown")
                command = _way(evidence, arn, known.get(arn))
                yield cause("LB660", at, command, arn=arn, domain=domain, objects=objects, reason=reason, way=f"`{command}`")
            elif ending := _ending(evidence, known[arn]):
                domain, command = str(known[arn].get("DomainName")), _way(evidence, arn, known[arn])
                yield cause("LB661", at, command, arn=arn, domain=domain, days=ending[0], reason=ending[1], command=command)


def uncovered(evidence: Evidence) -> Iterator[Cause]:
    """Every host of an Ingress that no certificate in its annotation covers."""
    known = {str(each["CertificateArn"]): each for each in evidence.aws.certificates}
    for (namespace, name), ingress in sorted(evidence.snapshot.ingresses.items()):
        arns = _arns(ingress.metadata.annotations.get(NAMES[0], ""))
        domains = {str(domain) for arn in arns if arn in known for domain in known[arn].get("SubjectAlternativeNames") or ()}
        hosts = [host for host in dict.fromkeys(rule.host for rule in ingress.rules) if host]
        for host in hosts if domains else ():
            if not any(covers(domain, host) for domain in domains):
                command = f"aws acm request-certificate --region {evidence.config.region} --domain-name {host} --validation-method DNS"
                at = Origin("Ingress", namespace, name, f'metadata.annotations["{NAMES[0]}"]')
                yield cause("LB659", at, command, host=host, domains=", ".join(sorted(domains)), command=command)


def _unusable(evidence: Evidence, arn: str, found: Body | None) -> str:
    region = arn.split(":")[3]
    if region != evidence.config.region:
        return f"it is in Region {region}, and the load balancers are in {evidence.config.region}"
    if found is None:
        return "it does not exist in this account"
    if found.get("Status") != "ISSUED":
        return f"its status is {found.get('Status')}"
    algorithm = str(found.get("KeyAlgorithm") or KEYS[0]).replace("-", "_")
    return "" if algorithm in KEYS else f"load balancers do not support its key {algorithm}"


def _ending(evidence: Evidence, found: Body) -> tuple[str, str] | None:
    """The days until a certificate ends, and why AWS does not renew it; None if there is time, or if AWS renews it."""
    ends = found.get("NotAfter")
    date = datetime.fromisoformat(ends) if isinstance(ends, str) else ends
    days = (date.timestamp() - evidence.now) / DAY if isinstance(date, datetime) else DAYS
    reason = "it was imported" if found.get("Type") == "IMPORTED" else "nobody uses it" if not found.get("InUseBy") else ""
    return (f"{days:.0f}", reason) if days < DAYS and reason else None


def _way(evidence: Evidence, arn: str, found: Body | None) -> str:
    region, domain = evidence.config.region, (found or {}).get("DomainName") or "HOST"
    if found and found.get("Status") == "PENDING_VALIDATION":
        return f"aws acm describe-certificate --region {region} --certificate-arn {arn} --query Certificate.DomainValidationOptions"
    return f"aws acm request-certificate --region {region} --domain-name {domain} --validation-method DNS"


def remark(evidence: Evidence) -> str:
    """How many are named."""
    return f"{len(named(evidence))} certificates are named by annotations, {len(evidence.aws.certificates)} exist in ACM"
