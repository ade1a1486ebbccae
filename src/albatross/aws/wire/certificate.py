"""Certificates that we request from ACM: find them, request one, prove the domain, wait for it."""

import asyncio
from collections.abc import Mapping
from typing import Any

from albatross.aws.session.client import Session
from albatross.aws.session.errors import Conflict, Invalid, NotFound, NotReady
from albatross.aws.wire import answer
from albatross.aws.wire import zone as hosted
from albatross.catalog import tracking
from albatross.errors import AlbatrossError
from albatross.model.config import Config
from albatross.model.observed import Owned
from albatross.model.resources.certificate import Certificate
from albatross.model.resources.stack import StackId

LIST_SECONDS = 60.0
"""How long the list of certificates and their tags are cached."""
RECORDS_WITHIN = 30.0
"""Seconds until ACM returns the validation records."""
RECORD_TTL = 60
"""TTL of a validation record in seconds, the same as the peer's."""
RETRY_SECONDS = 30.0
"""Seconds until a certificate that is not issued yet is checked again; no worker waits for it."""


KEY_TYPES = ["RSA_1024", "RSA_2048", "RSA_3072", "RSA_4096", "EC_prime256v1", "EC_secp384r1", "EC_secp521r1"]
"""All types: without this list, ListCertificates returns only RSA_1024 and RSA_2048."""


class ZoneError(AlbatrossError):
    """No hosted zone of the account can prove a domain."""


async def owned(session: Session, stack: StackId, config: Config) -> tuple[Owned[Certificate], ...]:
    """The stack's certificates; makes no call unless the gate EnableCertificateManagement is on."""
    if not config.gate("EnableCertificateManagement"):
        return ()
    tagged = await session.cache.get("certificate tags", LIST_SECONDS, lambda: _tagged(session))
    ours = [(arn, tags) for arn, tags in tagged if tracking.owns(tags, config, stack)]
    details = await asyncio.gather(*(describe(session, arn) for arn, _ in ours))
    return tuple(_own(detail, tags, stack) for (_, tags), detail in zip(ours, details, strict=True))


async def _tagged(session: Session) -> list[tuple[str, Mapping[str, str]]]:
    listed = await session.pages("acm", "ListCertificates", "CertificateSummaryList", Includes={"keyTypes": KEY_TYPES})
    arns = [item["CertificateArn"] for item in listed]
    tags = await asyncio.gather(*(session.call("acm", "ListTagsForCertificate", CertificateArn=arn) for arn in arns))
    return [(arn, answer.tags(found)) for arn, found in zip(arns, tags, strict=True)]


def _own(detail: Mapping[str, Any], tags: Mapping[str, str], stack: StackId) -> Owned[Certificate]:
    noun = Certificate(
        id=tracking.resource(tags, stack),
        type=detail.get("Type", ""),
        domain_name=detail.get("DomainName", ""),
        subject_alternative_names=tuple(detail.get("SubjectAlternativeNames") or ()),
        certificate_authority_arn=detail.get("CertificateAuthorityArn"),
    )
    return Owned(resource=noun, arn=detail["CertificateArn"], tags=tuple(sorted(tags.items())), state=detail.get("Status", ""))


async def describe(session: Session, arn: str) -> dict[str, Any]:
    """acm DescribeCertificate."""
    found: dict[str, Any] = (await session.call("acm", "DescribeCertificate", CertificateArn=arn))["Certificate"]
    return found


async def zone(session: Session, domain: str) -> str:
    """The id of the public hosted zone of the domain; if several match, the one with the longest name. Errors: ZoneError."""
    found = await hosted.public(session, domain.rstrip("."))
    if found is None:
        raise ZoneError(f"certificate for {domain!r}: no public Route 53 hosted zone of this account holds it; make one, or give an ARN")
    return found.id


async def records(session: Session, arn: str) -> list[Mapping[str, str]]:
    """The records that prove the domains; waits until ACM returns them."""
    began = session.clock.now()
    while True:
        options = (await describe(session, arn)).get("DomainValidationOptions") or []
        found = [each["ResourceRecord"] for each in options if each.get("ResourceRecord")]
        if options and len(found) == len(options):
            return found
        if session.clock.now() - began > RECORDS_WITHIN:
            raise NotReady(f"certificate {arn} has no validation records yet", RETRY_SECONDS)
        await session.clock.sleep(5)


async def change(session: Session, action: str, proof: Mapping[str, str]) -> None:
    """Create (`CREATE`) or delete (`DELETE`) one validation record; no error if this is done already."""
    where = await zone(session, proof["Name"].rstrip("."))
    entry = {"Name": proof["Name"], "Type": proof["Type"], "TTL": RECORD_TTL, "ResourceRecords": [{"Value": proof["Value"]}]}
    batch = {"Changes": [{"Action": action, "ResourceRecordSet": entry}]}
    try:
        await session.call("route53", "ChangeResourceRecordSets", HostedZoneId=where, ChangeBatch=batch)
    except (Invalid, NotFound, Conflict) as error:
        if error.code != "InvalidChangeBatch":
            raise


async def issued(session: Session, arn: str) -> None:
    """Return if the certificate is issued. Errors: NotReady while it waits for validation; AlbatrossError in any other state."""
    detail = await describe(session, arn)
    match detail.get("Status"):
        case "ISSUED":
            return
        case "PENDING_VALIDATION":
            raise NotReady(f"certificate {arn} is not issued yet", RETRY_SECONDS)
        case status:
            reason = detail.get("FailureReason") or "no reason given"
            raise AlbatrossError(f"certificate {arn} is {status}: {reason}; delete it, or give another ARN")


def forget(session: Session) -> None:
    """Read the certificates again next time."""
    session.cache.forget("certificate tags")
