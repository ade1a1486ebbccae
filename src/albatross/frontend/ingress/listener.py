"""The ports on which one Ingress listens, with their settings."""

import hashlib

from albatross.catalog.annotations import ingress as row
from albatross.catalog.bounds import HOSTS
from albatross.catalog.value import cidrs
from albatross.frontend.ingress.context import Context, Subject
from albatross.model.intent import CertificateRequest, Listen, Names, Setting
from albatross.model.problem import Origin
from albatross.model.resources.listener import MutualAuthentication

SECURE_ONLY = (row.SSL_POLICY, row.CERTIFICATE_ARN, row.MUTUAL_AUTHENTICATION)
Ports = tuple[tuple[int, str, Origin], ...]


def listens(subject: Subject, context: Context) -> tuple[tuple[Listen, ...], Listen | None]:
    """The listeners of an Ingress, sorted by port, each with its settings. If its ports are unreadable: none, and the one to suppose."""
    params, reader = subject.params, subject.reader
    given = reader.either(row.CERTIFICATE_ARN, subject.texts("certificateArn", params.certificate_arn) if params else None)
    certificates = given if given and given.value else None
    request = _request(subject, context)
    policy = reader.either(row.SSL_POLICY, subject.text("sslPolicy", params.ssl_policy) if params else None)
    inbound, lists = _inbound(subject), _prefix_lists(subject)
    mutual = reader.read(row.MUTUAL_AUTHENTICATION)
    by_port = dict(mutual.value) if mutual else {}
    named = () if certificates or request else hosts(subject)

    def listen(port: int, protocol: str, origin: Origin) -> Listen:
        secure = protocol == "HTTPS"
        return Listen(
            id=str(port),
            port=port,
            protocol=protocol,
            origin=origin,
            inbound_cidrs=inbound,
            prefix_lists=lists,
            certificates=certificates if secure else None,
            certificate_request=request if secure else None,
            hosts=named if secure else (),
            ssl_policy=policy if secure else None,
            mutual_authentication=_mutual(mutual, by_port.get(port)) if secure else None,
            attributes=reader.keyed(row.LISTENER_ATTRIBUTES, row.LISTENER_ATTRIBUTES.of(f"{protocol}-{port}")),
        )

    found = tuple(listen(*each) for each in sorted(_ports(subject, bool(certificates or request))))
    _without_effect(subject, context, found, by_port)
    return found, listen(443, "HTTPS", subject.origin) if reader.unreadable(row.LISTEN_PORTS) else None


def _ports(subject: Subject, secure: bool) -> Ports:
    written = subject.reader.raw(row.LISTEN_PORTS.key)
    if written is None:
        return ((443, "HTTPS", subject.origin),) if secure else ((80, "HTTP", subject.origin),)
    found = subject.reader.read(row.LISTEN_PORTS)
    if found is None:
        return ()  # the value is unreadable
    return tuple((port, protocol, found.origin.at(found.origin.field, pointer)) for port, protocol, pointer in found.value)


def _inbound(subject: Subject) -> Names | None:
    params = subject.params
    written = subject.texts("inboundCIDRs", params.inbound_cidrs) if params else None
    if written is None:
        return subject.reader.read(row.INBOUND_CIDRS)
    subject.reader.either(row.INBOUND_CIDRS, written)
    return subject.reader.narrowed(written, lambda value: cidrs(",".join(value)))


def _prefix_lists(subject: Subject) -> Names | None:
    params = subject.params
    ruling = None
    if params is not None:
        ruling = subject.texts("prefixListsIDs", params.prefix_lists_ids) or subject.texts("PrefixListsIDs", params.prefix_lists_ids_legacy)
    return subject.reader.either(row.PREFIX_LISTS, ruling)


def _mutual(
    written: Setting[tuple[tuple[int, MutualAuthentication], ...]] | None, found: MutualAuthentication | None
) -> Setting[MutualAuthentication] | None:
    return Setting(found, written.origin) if written and found else None


def hosts(subject: Subject) -> tuple[Setting[str], ...]:
    """Every host of the rules and the TLS section, sorted and without duplicates, with the first field that names it; at most HOSTS."""
    found: dict[str, Origin] = {}
    for index, rule in enumerate(subject.ingress.rules):
        if rule.host:
            found.setdefault(rule.host, subject.origin.at(f"spec.rules[{index}].host"))
    for index, tls in enumerate(subject.ingress.tls):
        for number, host in enumerate(tls.hosts):
            found.setdefault(host, subject.origin.at(f"spec.tls[{index}].hosts[{number}]"))
    return tuple(Setting(host, found[host]) for host in sorted(found)[:HOSTS])


def _request(subject: Subject, context: Context) -> CertificateRequest | None:
    if not context.config.gate("EnableCertificateManagement"):
        return None
    raw = subject.reader.raw(row.CREATE_ACM_CERT.key)
    wanted = row.CREATE_ACM_CERT.parse(raw.value) if raw else None
    if raw is None or wanted is None:
        return None
    if wanted.value is None:
        context.notes.add("LB101", raw.origin, "warning", value=raw.value, meant="true")
    own = subject.reader.raw(row.CERTIFICATE_ARN.key)
    authority = subject.reader.read(row.ACM_PCA_ARN)
    if not wanted.value or (own and row.CERTIFICATE_ARN.parse(own.value).value):
        return None
    names = tuple(host.value for host in hosts(subject))
    if not names:
        context.notes.add("LB163", raw.origin)
        return None
    arn = (authority.value if authority else "") or context.config.default_pca_arn
    kind = "private" if arn else "amazon_issued"
    digest = hashlib.sha256(f"{subject.origin.namespace}/{subject.origin.name}".encode()).hexdigest()[:8]
    return CertificateRequest(id=f"{kind}/{names[0].replace('*', 'wildcard')}-{digest}", hosts=names, authority=arn)


def _without_effect(subject: Subject, context: Context, found: tuple[Listen, ...], mutual: dict[int, MutualAuthentication]) -> None:
    _unmanaged(subject, context)
    if subject.reader.unreadable(row.LISTEN_PORTS):
        for key in subject.annotations:
            if key.startswith(row.LISTENER_ATTRIBUTES.stem):
                subject.reader.keyed(row.LISTENER_ATTRIBUTES, key)
        return  # nobody knows which ports are HTTPS
    secure = {listen.port for listen in found if listen.protocol == "HTTPS"}
    for wanted in SECURE_ONLY:
        raw = subject.reader.raw(wanted.key)
        if raw is not None and not secure:
            context.notes.add("LB133", raw.origin, annotation=wanted.name, reason="no port of this Ingress is HTTPS")
    raw = subject.reader.raw(row.MUTUAL_AUTHENTICATION.key)
    for port in sorted(mutual.keys() - secure) if secure else ():
        assert raw is not None, "its ports came from it"
        what = f"mutual-authentication for port {port}"
        context.notes.add("LB133", raw.origin, annotation=what, reason="this port is not an HTTPS port of this Ingress")


def _unmanaged(subject: Subject, context: Context) -> None:
    for wanted in (row.INBOUND_CIDRS, row.PREFIX_LISTS):
        raw = subject.reader.raw(wanted.key)
        if raw is not None and context.security_groups_given:
            context.notes.add("LB133", raw.origin, annotation=wanted.name, reason="security-groups is set, so no group is managed")
