"""The ports of a Service → listeners: TLS, merged TCP and UDP, QUIC, and weighted targets."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from albatross.catalog.annotations import service as row
from albatross.catalog.form.weight import ExtraTarget, WeightedForm
from albatross.catalog.value import boolean
from albatross.frontend.service.reading import Reading
from albatross.frontend.service.target_group import Backends
from albatross.model.intent import Forwarding, ForwardTo, Listen, Names, Setting
from albatross.model.problem import Origin, Severity
from albatross.model.snapshot import ServicePort

UPGRADES = {"UDP": "QUIC", "TCP_UDP": "TCP_QUIC"}
"""Protocols that can become QUIC."""
TLS_ONLY = (row.SSL_POLICY, row.ALPN_POLICY, row.BACKEND_PROTOCOL)


@dataclass(frozen=True, slots=True)
class _Heard:
    """A port with the protocols of its listener and of its target group."""

    port: ServicePort
    origin: Origin
    protocol: str
    target: str


@dataclass(frozen=True, slots=True)
class _Security:
    """The certificates, the ports that use them (empty: all), and the protocol to the targets."""

    certificates: Names | None
    ports: frozenset[str]
    behind: str

    def covers(self, port: ServicePort, protocol: str) -> bool:
        """Whether the port becomes a TLS listener."""
        if self.certificates is None or protocol in UPGRADES:
            return False
        return not self.ports or bool(self.ports & {port.name, str(port.port)})


def listens(reading: Reading) -> tuple[Listen, ...]:
    """A listener for each port number, in the order of the spec. Of a Service with too many ports, none is read."""
    if reading.excessive():
        return ()
    security = _security(reading)
    quic = reading.reader.read(row.QUIC_PORTS)
    named = frozenset(quic.value) if quic else frozenset[str]()
    heard = [_quic(_secured(each, security), named, quic, reading) for each in _ports(reading)]
    backends = Backends(reading)
    secure = any(each.protocol == "TLS" for each in heard)
    policy = reading.reader.read(row.SSL_POLICY) if secure else None
    alpn = reading.reader.read(row.ALPN_POLICY) if secure else None
    _without_effect(reading, secure, security)
    _unknown_ports(reading, row.QUIC_PORTS.name, quic, "warning")
    return tuple(
        Listen(
            id=str(each.port.port),
            port=each.port.port,
            protocol=each.protocol,
            origin=each.origin,
            forward=_forward(each, backends, reading),
            certificates=security.certificates if each.protocol == "TLS" else None,
            ssl_policy=policy if each.protocol == "TLS" else None,
            alpn_policy=alpn if each.protocol == "TLS" else None,
            attributes=reading.reader.keyed(row.LISTENER_ATTRIBUTES, row.LISTENER_ATTRIBUTES.of(f"{each.protocol}-{each.port.port}")),
        )
        for each in heard
    )


# Ports -------------------------------------------------------------------------------------------------------------


def _ports(reading: Reading) -> Iterator[_Heard]:
    """One for each port number. Several ports with one number are merged if that is on; otherwise the first one is used."""
    groups: dict[int, list[tuple[int, ServicePort]]] = {}
    for index, port in enumerate(reading.service.ports):
        groups.setdefault(port.port, []).append((index, port))
    merging = _merging(reading)
    for number, found in groups.items():
        index, first = found[0]
        at = reading.origin.at(f"spec.ports[{index}]")
        if len(found) > 1 and merging:
            reason = _unfit([port for _, port in found])
            if reason:
                reading.notes.add("LB124", at, port=str(number), reason=reason)
            yield _Heard(first, at, "TCP_UDP", "TCP_UDP")
            continue
        for later, port in found[1:]:
            place = reading.origin.at(f"spec.ports[{later}]")
            reading.notes.add("LB220", place, port=str(number), protocol=port.protocol, first=first.protocol)
        yield _Heard(first, at, first.protocol, first.protocol)


def _merging(reading: Reading) -> bool:
    """Whether TCP and UDP ports with one number are merged. An invalid value is ignored, as by the other controller."""
    raw = reading.reader.raw(row.TCP_UDP_LISTENER.key)
    value = boolean(raw.value).value if raw else None
    if raw and value is None:
        reading.notes.add("LB232", raw.origin, annotation=row.TCP_UDP_LISTENER.name, value=raw.value, meant="true")
    return reading.config.gate("EnableTCPUDPListener") if value is None else value


def _unfit(ports: list[ServicePort]) -> str:
    """Why these ports cannot be merged; empty if they can."""
    protocols = [port.protocol for port in ports]
    if len(ports) != 2:
        return f"{len(ports)} ports have this number, but only two can be merged"
    others = [each for each in protocols if each not in ("TCP", "UDP")]
    if others:
        return f"{others[0]} cannot be merged"
    return f"both are {protocols[0]}" if protocols[0] == protocols[1] else ""


def _secured(heard: _Heard, security: _Security) -> _Heard:
    if not security.covers(heard.port, heard.protocol):
        return heard
    return _Heard(heard.port, heard.origin, "TLS", "TLS" if security.behind == "ssl" else heard.target)


def _quic(heard: _Heard, named: frozenset[str], quic: Names | None, reading: Reading) -> _Heard:
    if quic is None or not named & {heard.port.name, str(heard.port.port)}:
        return heard
    upgrade = UPGRADES.get(heard.protocol)
    if upgrade is None:
        reading.notes.add("LB128", quic.origin, port=str(heard.port.port), protocol=heard.protocol)
        return heard
    return _Heard(heard.port, heard.origin, upgrade, upgrade)


# TLS ---------------------------------------------------------------------------------------------------------------


def _security(reading: Reading) -> _Security:
    certificates, ports = reading.reader.read(row.SSL_CERT), reading.reader.read(row.SSL_PORTS)
    _unknown_ports(reading, row.SSL_PORTS.name, ports, "error")
    behind = reading.reader.raw(row.BACKEND_PROTOCOL.key)
    given = certificates if certificates and certificates.value else None
    if behind and given and behind.value != "ssl":
        reading.notes.add("LB232", behind.origin, annotation=row.BACKEND_PROTOCOL.name, value=behind.value, meant="ssl")
    return _Security(given, frozenset(ports.value if ports else ()), behind.value if behind else "")


def _unknown_ports(reading: Reading, what: str, written: Names | None, severity: Severity) -> None:
    """Report names and numbers that do not match any port of the Service."""
    known = {text for port in reading.service.ports for text in (port.name, str(port.port)) if text}
    for item in written.value if written else ():
        if written and item not in known:
            reading.notes.add("LB129", written.origin, severity, annotation=what, port=item, known=", ".join(sorted(known)) or "none")


def _without_effect(reading: Reading, secure: bool, security: _Security) -> None:
    if secure:
        return
    reason = "no port becomes a TLS listener" if security.certificates else f"{row.SSL_CERT.name} is not set"
    for each in (*TLS_ONLY, row.SSL_PORTS, *((row.SSL_CERT,) if security.certificates else ())):
        if raw := reading.reader.raw(each.key):
            reading.notes.add("LB133", raw.origin, annotation=each.name, reason=reason)


# Targets -----------------------------------------------------------------------------------------------------------


def _forward(heard: _Heard, backends: Backends, reading: Reading) -> ForwardTo:
    """The Service itself, and more targets if an annotation for this listener names them."""
    key = row.ACTIONS.of(f"{heard.protocol}-{heard.port.port}")
    written = reading.reader.read(row.ACTIONS, key)
    own = backends.of(reading.service, heard.port, heard.target, heard.origin)
    if written is None:
        return ForwardTo((Forwarding(backend=own, origin=heard.origin),))
    form: WeightedForm = written.value
    base = Forwarding(backend=own, weight=form.base_weight, origin=written.origin)
    return ForwardTo((base, *_extras(form.targets, heard, backends, written, reading)), form.stickiness)


def _extras(
    targets: Iterable[ExtraTarget], heard: _Heard, backends: Backends, written: Setting[WeightedForm], reading: Reading
) -> Iterator[Forwarding]:
    for target in targets:
        at = written.origin.at(written.origin.field, target.pointer)
        if target.service is None:
            yield Forwarding(arn=target.arn or "", weight=target.weight, origin=at)
            continue
        key, services = (reading.origin.namespace, target.service), reading.snapshot.services
        service = services.get(key)
        if service is None:
            reading.notes.missing("LB207", at, key, services)
            continue
        offer = backends.offers.of(service)
        port = offer.find(target.port or 0)
        if port is None:
            reading.notes.add("LB208", at, port=str(target.port), service=target.service, known=offer.listed)
            continue
        protocol = "TCP" if heard.protocol == "TLS" and target.decrypt else heard.protocol
        yield Forwarding(backend=backends.of(service, port, protocol, at), weight=target.weight, origin=at)
