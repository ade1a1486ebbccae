"""A certificate authority and a server's certificate, for the life of a sandbox."""

import datetime
import ipaddress
from dataclasses import dataclass

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

_LIFE = datetime.timedelta(days=365)
_NAMES = ("localhost", "kubernetes", "kubernetes.default", "kubernetes.default.svc", "kubernetes.default.svc.cluster.local")


@dataclass(frozen=True, slots=True)
class Bundle:
    """PEM texts."""

    authority: bytes
    certificate: bytes
    key: bytes

    @property
    def text(self) -> bytes:
        """Key, certificate and authority, as `read` takes them apart again."""
        return self.key + self.certificate + self.authority


def read(text: bytes) -> Bundle:
    """The bundle of such a text; ValueError where it is none."""
    mark = b"-----BEGIN"
    _, key, certificate, authority = [mark + part for part in text.split(mark)]
    return Bundle(authority, certificate, key)


def make(addresses: tuple[str, ...]) -> Bundle:
    """A server certificate for some addresses, signed by an authority whose key is thrown away."""
    root_key, key = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    root_name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "sandbox-ca")])
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "kube-apiserver")])
    root = (
        _builder(root_name, root_name, root_key.public_key())
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .add_extension(_usage(signs=True), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(root_key.public_key()), critical=False)
        .sign(root_key, hashes.SHA256())
    )
    names: list[x509.GeneralName] = [x509.DNSName(item) for item in _NAMES]
    names += [x509.IPAddress(ipaddress.ip_address(item)) for item in addresses]
    leaf = (
        _builder(name, root_name, key.public_key())
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(_usage(signs=False), critical=True)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(root_key.public_key()), critical=False)
        .sign(root_key, hashes.SHA256())
    )
    text = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    return Bundle(root.public_bytes(serialization.Encoding.PEM), leaf.public_bytes(serialization.Encoding.PEM), text)


def _builder(subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePublicKey) -> x509.CertificateBuilder:
    start = datetime.datetime.now(datetime.UTC) - datetime.timedelta(minutes=5)  # for clocks that are a little behind
    serial = x509.random_serial_number()
    builder = x509.CertificateBuilder(issuer, subject, key, serial)
    return builder.not_valid_before(start).not_valid_after(start + _LIFE)


def _usage(signs: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=True,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=signs,
        crl_sign=signs,
        encipher_only=False,
        decipher_only=False,
    )
