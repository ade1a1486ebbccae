"""Certificates."""

import ssl
from datetime import UTC, datetime
from pathlib import Path

import pytest
from cryptography import x509

from albatross.controller.webhook import certificate
from albatross.install.rotation import LIFE

HOSTS = certificate.names("hook", "home")


def test_a_certificate_is_for_the_names_of_its_service() -> None:
    now = datetime.now(UTC).replace(microsecond=0)
    pair = certificate.make(HOSTS, now)
    assert HOSTS[0] == "hook.home.svc"
    assert certificate.covers(pair.certificate, HOSTS)
    assert not certificate.covers(pair.certificate, ("other.home.svc",))
    assert not certificate.covers(pair.authority, HOSTS)
    assert certificate.ends(pair.certificate) == now + LIFE
    served, authority = (x509.load_pem_x509_certificate(text) for text in (pair.certificate, pair.authority))
    served.verify_directly_issued_by(authority)


def test_two_authorities_have_different_names() -> None:
    now = datetime.now(UTC)
    found = {x509.load_pem_x509_certificate(certificate.make(HOSTS, now).authority).subject for _ in range(2)}
    assert len(found) == 2


def test_a_bundle_is_split_in_its_order() -> None:
    one, two = (certificate.make(HOSTS, datetime.now(UTC)).authority for _ in range(2))
    assert certificate.split(one + two) == [one, two]
    assert certificate.split(b"") == []


def test_a_pair_that_does_not_fit_changes_nothing() -> None:
    one, two = (certificate.make(HOSTS, datetime.now(UTC)) for _ in range(2))
    context = certificate.context()
    certificate.load(context, one.certificate, one.key)
    with pytest.raises(ssl.SSLError):
        certificate.load(context, two.certificate, one.key)


def test_only_safe_protocols_are_spoken(tmp_path: Path) -> None:
    context = certificate.context()
    assert context.minimum_version == ssl.TLSVersion.TLSv1_2
    assert context.verify_mode == ssl.CERT_NONE
    names = {each["name"] for each in context.get_ciphers()}
    assert names >= set(certificate.CIPHERS.split(":"))
    assert not {name for name in names if "CBC" in name or name.endswith("-SHA")}
    file = tmp_path / "ca.pem"
    file.write_bytes(certificate.make(HOSTS, datetime.now(UTC)).authority)
    assert certificate.context(str(file)).verify_mode == ssl.CERT_REQUIRED
