"""Certificates of the webhooks, as PEM: made, read, and loaded into a TLS context that serves already."""

import os
import ssl
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from albatross.install.rotation import LIFE

# The list of the other controller (`main.go`); TLS 1.3 has its own.
CIPHERS = ":".join(
    (
        "ECDHE-ECDSA-AES128-GCM-SHA256",
        "ECDHE-RSA-AES128-GCM-SHA256",
        "ECDHE-ECDSA-AES256-GCM-SHA384",
        "ECDHE-RSA-AES256-GCM-SHA384",
        "ECDHE-ECDSA-CHACHA20-POLY1305",
        "ECDHE-RSA-CHACHA20-POLY1305",
        "AES128-GCM-SHA256",
        "AES256-GCM-SHA384",
    )
)
EARLY = timedelta(minutes=5)
"""Chosen: a certificate is valid a little before it is made, because clocks differ."""
MARK = b"-----BEGIN CERTIFICATE-----"


@dataclass(frozen=True, slots=True)
class Pair:
    """A certificate, its key, and the CA that signed it."""

    authority: bytes
    certificate: bytes
    key: bytes = field(repr=False)


def names(service: str, namespace: str) -> tuple[str, ...]:
    """The names of a Service; the API server uses `service.namespace.svc`."""
    return (f"{service}.{namespace}.svc", f"{service}.{namespace}", service, f"{service}.{namespace}.svc.cluster.local")


def make(hosts: tuple[str, ...], now: datetime) -> Pair:
    """A certificate for these names. Its CA signs nothing else: the key of the CA is not kept."""
    root, own = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    # Two CAs of a bundle must have different names, or TLS libraries can choose the wrong one.
    issuer = _name(f"albatross-webhook-ca-{x509.random_serial_number():x}"[:64])
    public = root.public_key()
    authority = (
        _builder(issuer, issuer, public, now)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_usage(signs=True), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(public), critical=False)
        .sign(root, hashes.SHA256())
    )
    served = (
        _builder(_name(hosts[0][:64]), issuer, own.public_key(), now)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_usage(signs=False), critical=True)
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(host) for host in hosts]), critical=False)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(public), critical=False)
        .sign(root, hashes.SHA256())
    )
    key = own.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    return Pair(_pem(authority), _pem(served), key)


def ends(certificate: bytes) -> datetime:
    """When a certificate ends. ValueError if it is not one."""
    return x509.load_pem_x509_certificate(certificate).not_valid_after_utc


def covers(certificate: bytes, hosts: Iterable[str]) -> bool:
    """Whether a certificate is valid for these names. ValueError if it is not one."""
    extensions = x509.load_pem_x509_certificate(certificate).extensions
    try:
        found = extensions.get_extension_for_class(x509.SubjectAlternativeName).value.get_values_for_type(x509.DNSName)
    except x509.ExtensionNotFound:
        return False
    return set(hosts) <= set(found)


def split(bundle: bytes) -> list[bytes]:
    """The certificates of a bundle, in their order."""
    return [MARK + part.rstrip() + b"\n" for part in bundle.split(MARK)[1:]]


def context(client_authority: str = "") -> ssl.SSLContext:
    """A TLS context of a server, without a certificate. With a CA file, clients need a certificate of this CA. Errors: OSError."""
    made = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    made.minimum_version = ssl.TLSVersion.TLSv1_2
    made.set_ciphers(CIPHERS)
    if client_authority:
        made.load_verify_locations(cafile=client_authority)
        made.verify_mode = ssl.CERT_REQUIRED
    return made


def load(into: ssl.SSLContext, certificate: bytes, key: bytes) -> None:
    """Use the certificate for new connections. OSError (ssl.SSLError) if the two do not fit; then the context keeps what it has."""
    with _file(certificate) as chain, _file(key) as secret:
        ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(chain, secret)
        into.load_cert_chain(chain, secret)


@contextmanager
def _file(text: bytes) -> Iterator[str]:
    """A file in memory: the ssl module reads only files, and the root filesystem of the pod is read-only."""
    if not hasattr(os, "memfd_create"):  # pragma: no cover - macOS
        with tempfile.NamedTemporaryFile() as file:
            file.write(text)
            file.flush()
            yield file.name
        return
    number = os.memfd_create("albatross")
    try:
        os.write(number, text)
        yield f"/proc/self/fd/{number}"
    finally:
        os.close(number)


def _builder(subject: x509.Name, issuer: x509.Name, public: ec.EllipticCurvePublicKey, now: datetime) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(public)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - EARLY)
        .not_valid_after(now + LIFE)
    )


def _usage(signs: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not signs,
        key_cert_sign=signs,
        crl_sign=signs,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )


def _name(text: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])


def _pem(certificate: x509.Certificate) -> bytes:
    return certificate.public_bytes(serialization.Encoding.PEM)
