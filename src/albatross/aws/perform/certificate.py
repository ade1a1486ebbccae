"""Requests certificates from ACM, and deletes them."""

from albatross.aws.perform import tag
from albatross.aws.perform.learn import Learnt
from albatross.aws.session.client import Session
from albatross.aws.session.errors import NotFound
from albatross.aws.session.retry import again
from albatross.aws.wire import certificate as wire
from albatross.model.plan import Create, Delete, Update
from albatross.model.resources.certificate import Certificate
from albatross.model.resources.ref import Ref

IN_USE = frozenset({"ResourceInUseException"})


async def create(session: Session, made: Create, certificate: Certificate) -> Learnt:
    """RequestCertificate, add the validation records in Route 53, and check whether it is issued. Errors: NotReady until it is issued.

    A certificate is found again by its tags, so the next pass continues with it.
    """
    public = certificate.type != "PRIVATE"
    names = sorted({certificate.domain_name, *certificate.subject_alternative_names})
    if public:
        for name in names:
            await wire.zone(session, name)
    answer = await session.call(
        "acm",
        "RequestCertificate",
        DomainName=certificate.domain_name,
        SubjectAlternativeNames=list(certificate.subject_alternative_names) or None,
        ValidationMethod=certificate.validation_method if public else None,
        CertificateAuthorityArn=certificate.certificate_authority_arn,
        Tags=tag.items(made.tags),
    )
    wire.forget(session)
    arn = str(answer["CertificateArn"])
    if public:
        await prove(session, arn)
    await wire.issued(session, arn)
    return {Ref("Certificate", certificate.id, "arn"): arn}


async def prove(session: Session, arn: str) -> None:
    """Create the validation records in Route 53."""
    for record in await wire.records(session, arn):
        await wire.change(session, "CREATE", record)


async def update(session: Session, change: Update, certificate: Certificate) -> None:
    """Add missing tags (tags of others are kept), then validate it if it waits for this. Errors: NotReady until it is issued."""
    if change.put_tags:
        await session.call("acm", "AddTagsToCertificate", CertificateArn=change.before.arn, Tags=tag.items(change.put_tags))
        wire.forget(session)
    if "state" in change.changed:
        if certificate.type != "PRIVATE":
            await prove(session, change.before.arn)
        await wire.issued(session, change.before.arn)


async def delete(session: Session, gone: Delete) -> None:
    """DeleteCertificate, then the validation records; for some seconds, a listener can still use the certificate."""
    arn = gone.before.arn
    try:
        detail = await wire.describe(session, arn)

        async def call() -> object:
            return await session.call("acm", "DeleteCertificate", CertificateArn=arn)

        await again(call, on=IN_USE, clock=session.clock, every=5.0, within=30.0)
    except NotFound:
        return
    finally:
        wire.forget(session)
    for option in detail.get("DomainValidationOptions") or ():
        if record := option.get("ResourceRecord"):
            await wire.change(session, "DELETE", record)
