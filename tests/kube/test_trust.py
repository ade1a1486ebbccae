import os
import ssl
from dataclasses import replace
from pathlib import Path

import pytest
from tests.clock import Virtual

from albatross.kube.config import Access, Material
from albatross.kube.errors import Unconfigured
from albatross.kube.trust import CHECK_SECONDS, Trust
from albatross_sandbox.kube import certificate

ACCESS = Access(server="https://127.0.0.1:1", source="test")


def test_a_rotated_authority_is_trusted_without_a_restart(tmp_path: Path) -> None:
    file = tmp_path / "ca.crt"
    file.write_bytes(certificate.make(("127.0.0.1",)).authority)
    trust = Trust(replace(ACCESS, ca=Material(str(file))))
    context = trust.context
    assert not trust.reload()
    file.write_bytes(certificate.make(("127.0.0.1",)).authority)
    os.utime(file, (1, 1))
    assert trust.reload()
    assert trust.context is context
    assert context.cert_store_stats()["x509_ca"] == 2


async def test_the_files_are_looked_at_twice_a_minute(tmp_path: Path) -> None:
    clock, file = Virtual(), tmp_path / "ca.crt"
    file.write_bytes(certificate.make(("127.0.0.1",)).authority)
    trust = Trust(replace(ACCESS, ca=Material(str(file))), clock)
    file.write_bytes(certificate.make(("127.0.0.1",)).authority)
    os.utime(file, (1, 1))
    await clock.advance(CHECK_SECONDS)
    trust.refresh()
    assert trust.context.cert_store_stats()["x509_ca"] == 1
    await clock.advance(1)
    trust.refresh()
    assert trust.context.cert_store_stats()["x509_ca"] == 2


def test_own_certificates_may_be_inline() -> None:
    made = certificate.make(("127.0.0.1",))
    trust = Trust(
        replace(ACCESS, ca=Material(data=made.authority), certificate=Material(data=made.certificate), key=Material(data=made.key))
    )
    assert trust.context.verify_mode is ssl.CERT_REQUIRED


def test_what_cannot_be_loaded_is_named(tmp_path: Path) -> None:
    with pytest.raises(Unconfigured, match="certificates cannot be loaded"):
        Trust(replace(ACCESS, ca=Material(str(tmp_path / "missing"))))
