"""`listen-ports` and `mutual-authentication`."""

from albatross.catalog.bounds import PORTS
from albatross.catalog.form import REMARKS
from albatross.catalog.value import Json, decoded
from albatross.model.resources.listener import MutualAuthentication

PROTOCOLS = ("HTTP", "HTTPS")
MODES = ("off", "passthrough", "verify")

Port = tuple[int, str, str]
"""Port, protocol, and the JSON pointer to it."""


def _listen_ports(root: Json) -> tuple[Port, ...]:
    found: dict[int, Port] = {}
    entries = root.elements()
    if not entries:
        root.fault("LB118", key="listen-ports")
    if len(entries) > PORTS:
        root.fault("LB188", count=str(len(entries)), most=str(PORTS))
        return ()
    for entry in entries:
        for protocol, at in entry.entries():
            port = _port(at)
            if protocol not in PROTOCOLS:
                at.unlisted("LB112", PROTOCOLS, value=protocol)
            elif port is not None:
                if port in found and found[port][1] != protocol:
                    at.fault("LB127", port=str(port))
                found[port] = (port, protocol, at.pointer)
    return tuple(found.values())


def _port(at: Json) -> int | None:
    port = at.int32()
    if port is None:
        if not at.given:
            at.fault("LB120", value="null")
        return None
    if not 1 <= port <= 65535:
        at.fault("LB120", value=str(port))
        return None
    return port


listen_ports = decoded(_listen_ports, REMARKS)
"""A JSON array of `{protocol: port}` → ports in order of appearance; the last protocol of a port is used."""


def _mutual_authentication(root: Json) -> tuple[tuple[int, MutualAuthentication], ...]:
    entries = root.elements()
    if not entries:
        root.fault("LB118", key="mutual-authentication")
    found = dict(pair for entry in entries if (pair := _mutual(entry)) is not None)
    return tuple(found.items())


def _mutual(at: Json) -> tuple[int, MutualAuthentication] | None:
    field = at.fields("port", "mode", "trustStore", "ignoreClientCertificateExpiry", "advertiseTrustStoreCaNames")
    port, mode = field["port"].int32() or 0, field["mode"].text() or ""
    store, expiry = field["trustStore"].text() or "", field["ignoreClientCertificateExpiry"].boolean()
    if not 1 <= port <= 65535:
        field["port"].fault("LB120", value=str(port))
    if mode not in MODES:
        field["mode"].unlisted("LB112", MODES, value=mode)
        return None
    if mode == "verify" and not store:
        field["trustStore"].fault("LB121", port=str(port))
    if mode != "verify":
        _only_verify(field, mode, bool(store))
    advertise = field["advertiseTrustStoreCaNames"].text()
    if advertise not in (None, "on", "off"):
        field["advertiseTrustStoreCaNames"].unlisted("LB112", ("on", "off"), value=str(advertise))
    ignore = False if mode == "verify" and expiry is None else expiry
    wanted = MutualAuthentication(
        mode=mode, trust_store_arn=store, ignore_client_certificate_expiry=ignore, advertise_trust_store_ca_names=advertise
    )
    return port, wanted


def _only_verify(field: dict[str, Json], mode: str, store: bool) -> None:
    for name in ("trustStore", "ignoreClientCertificateExpiry", "advertiseTrustStoreCaNames"):
        if field[name].given and (name != "trustStore" or store):
            field[name].fault("LB122", key=name, mode=mode)


mutual_authentication = decoded(_mutual_authentication, REMARKS)
"""A JSON array → (port, settings); `trust_store_arn` may still be a name, or empty."""
