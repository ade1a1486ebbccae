"""Certificates of secure ports: given, requested, or discovered by host."""

from collections.abc import Sequence

from albatross.catalog import tracking
from albatross.model.facts import CertificateFact as Found
from albatross.model.facts import Certificates
from albatross.model.ident import Ident
from albatross.model.intent import Listen, Setting, Share
from albatross.model.resources.certificate import Certificate
from albatross.model.resources.ref import Ref, Token
from albatross.planner.builders.task import Task


def requested(task: Task) -> tuple[Certificate, ...]:
    """One certificate for each member that requests one."""
    found = {}
    for share in task.intent.shares:
        for listen in share.listens:
            request = listen.certificate_request
            if request:
                found[request.id] = Certificate(
                    id=request.id,
                    type="PRIVATE" if request.authority else "AMAZON_ISSUED",
                    domain_name=request.hosts[0],
                    subject_alternative_names=request.hosts,
                    certificate_authority_arn=request.authority or None,
                    tags=tuple(sorted({**{key: tag.value for key, tag in share.tags.items()}, **task.config.default_tags}.items())),
                )
    return tuple(found[each] for each in sorted(found))


def merged(number: int, heard: Sequence[tuple[Share, Listen]], task: Task) -> tuple[Token, ...]:
    """The default certificate, then the others without duplicates; the default one can occur a second time among the others.

    The list of a TLS listener stays as it is: it has one member only, and the other controller keeps its duplicates.
    """
    given = heard[0][1].certificates
    if given and heard[0][1].protocol == "TLS":
        return given.value
    default: Token | None = None
    others: dict[Token, None] = {}
    for share, listen in heard:
        tokens = of(share.member, listen, task)
        if tokens and default is None:
            default, tokens = tokens[0], tokens[1:]
        others.update(dict.fromkeys(tokens))
    if default is not None:
        return (default, *others)
    if not any(listen.hosts for _, listen in heard):  # with hosts, the certificate is unknown, or each host has its own problem
        task.ledger.add("LB316", heard[0][1].origin, port=str(number))
    return ()


def of(member: Ident, listen: Listen, task: Task) -> tuple[Token, ...]:
    """The certificates of one member on a port."""
    if listen.certificates:
        return listen.certificates.value
    if listen.certificate_request:
        return (Ref("Certificate", listen.certificate_request.id, "arn"),)
    return _discovered(member, listen.hosts, task)


def _discovered(member: Ident, hosts: tuple[Setting[str], ...], task: Task) -> tuple[Token, ...]:
    if not hosts:
        return ()
    known = task.ask(Certificates(), Found, hosts[0].origin)
    if known is None:
        return ()
    usable = [found for found in known if _usable(found, task)]
    arns: set[str] = set()
    for host in hosts:
        matching = {found.arn for found in usable if found.covers(host.value)}
        if not matching:
            task.ledger.fail("LB309", host.origin, host=host.value, member=member.short)
        arns |= matching
    return tuple(sorted(arns))


def _usable(found: Found, task: Task) -> bool:
    allowed = task.config.allowed_certificate_authority_arns
    if allowed and found.authority_arn not in allowed:
        return False
    # discovery ignores certificates that we requested ourselves
    return not (task.config.gate("EnableCertificateManagement") and found.tags.keys() >= tracking.REQUESTED)
