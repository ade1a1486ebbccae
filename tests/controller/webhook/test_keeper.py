"""The certificate follows its Secret, or its files."""

from base64 import b64encode
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from tests.clock import Virtual, settle, until
from tests.controller.webhook.conftest import Stand

from albatross.catalog.webhooks import SECRET, SERVICE
from albatross.controller.app import background
from albatross.controller.webhook import certificate
from albatross.controller.webhook.keeper import BUNDLE, KEY, SERVED, Files, Keeper
from albatross.install.rotation import Phase
from albatross.kube.client import Client
from albatross.kube.errors import Forbidden

HOSTS = certificate.names(SERVICE, "default")
PATH = f"/api/v1/namespaces/default/secrets/{SECRET}"


def keeper(stand: Stand, own: bool = True) -> Keeper:
    return Keeper(stand.client, HOSTS, certificate.context(), own=own)


async def test_replicas_that_start_together_share_one_certificate(stand: Stand) -> None:
    one, two = keeper(stand), keeper(stand)
    async with background(one.run(), "one"), background(two.run(), "two"):
        await stand.until(lambda: one.ready.is_set() and two.ready.is_set())
        assert one.bundle == two.bundle
        stored = await stand.get(PATH)
        assert stored["type"] == "kubernetes.io/tls"


async def test_a_deleted_secret_is_made_again(stand: Stand) -> None:
    one = keeper(stand)
    async with background(one.run(), "one"):
        await stand.until(one.ready.is_set)
        before = one.bundle
        await stand.api.client.delete(PATH)
        await stand.until(lambda: one.bundle != before)


@pytest.mark.parametrize("broken", [{SERVED: b"no certificate"}, {KEY: b"no key"}, {BUNDLE: b""}, {"other": b"x", SERVED: b""}])
async def test_a_secret_that_cannot_be_served_is_replaced(stand: Stand, broken: dict[str, bytes]) -> None:
    pair = certificate.make(HOSTS, stand.clock.utc())
    data = {BUNDLE: pair.authority, SERVED: pair.certificate, KEY: pair.key, **broken}
    encoded = {name: b64encode(text).decode() for name, text in data.items()}
    await stand.api.make("Secret", SECRET, data=encoded)
    one = keeper(stand)
    async with background(one.run(), "one"):
        await stand.until(one.ready.is_set)
        assert one.bundle
        assert one.bundle != pair.authority


async def test_a_certificate_for_other_names_is_replaced(stand: Stand) -> None:
    pair = certificate.make(certificate.names("former", "default"), stand.clock.utc())
    data = {name: b64encode(text).decode() for name, text in ((BUNDLE, pair.authority), (SERVED, pair.certificate), (KEY, pair.key))}
    await stand.api.make("Secret", SECRET, data=data)
    one = keeper(stand)
    async with background(one.run(), "one"):
        await stand.until(lambda: one.secret and one.ready.is_set())
        assert certificate.covers(one.secret.data[SERVED], HOSTS)  # type: ignore[union-attr]


async def test_cert_manager_makes_it_otherwise(stand: Stand, capsys: pytest.CaptureFixture[str]) -> None:
    one = keeper(stand, own=False)
    async with background(one.run(), "one"):
        await stand.until(lambda: one.trouble)
        assert SECRET in one.trouble
        assert "code=LB754" in capsys.readouterr().out
        pair = certificate.make(("anything",), stand.clock.utc())
        data = {SERVED: b64encode(pair.certificate).decode(), KEY: b64encode(pair.key).decode()}
        await stand.api.make("Secret", SECRET, data=data)
        await stand.until(one.ready.is_set)
        assert (one.standing(), one.bundle) == (None, b"")


async def test_a_step_on_an_old_secret_is_a_conflict_and_changes_nothing(stand: Stand) -> None:
    one = keeper(stand)
    await one.advance(Phase.EXTEND)  # there is no Secret yet
    async with background(one.run(), "one"):
        await stand.until(one.ready.is_set)
        stale = one.secret
        await one.advance(Phase.EXTEND)
        await stand.until(lambda: one.secret is not stale)
        assert len(certificate.split(one.secret.data[BUNDLE])) == 2  # type: ignore[union-attr]


async def test_without_the_right_it_says_so_and_tries_again(stand: Stand, monkeypatch: pytest.MonkeyPatch) -> None:
    create, refused = Client.create, True

    async def guarded(client: Client, path: str, body: dict[str, Any]) -> dict[str, Any]:
        if refused:
            raise Forbidden("POST", path, 403, "Forbidden", "no")
        return await create(client, path, body)

    monkeypatch.setattr(Client, "create", guarded)
    one = keeper(stand)
    async with background(one.run(), "one"):
        await stand.until(lambda: one.trouble)
        assert not one.ready.is_set()
        refused = False
        await stand.until(one.ready.is_set)
        assert one.trouble == ""


async def test_what_cannot_be_read_is_trouble(stand: Stand) -> None:
    stand.api.wire.hold()
    one = keeper(stand)
    async with background(one.run(), "one"):
        await settle()
        await stand.clock.advance(11)
        assert "cannot be read" in one.trouble


async def test_files_are_loaded_when_they_change(tmp_path: Path) -> None:
    clock = Virtual()
    paths = (tmp_path / "tls.crt", tmp_path / "tls.key")
    files = Files(paths, certificate.context(), clock)
    async with background(files.run(), "files"):
        await until(lambda: files.trouble)
        pair = certificate.make(HOSTS, datetime.now(UTC))
        paths[0].write_bytes(pair.certificate)
        await settle()
        paths[1].write_bytes(pair.key)
        await until(files.ready.is_set, clock)
        assert files.trouble == ""
        other = certificate.make(HOSTS, datetime.now(UTC))
        paths[0].write_bytes(other.certificate)  # half written
        await until(lambda: files.trouble, clock)
        paths[1].write_bytes(other.key)
        await until(lambda: not files.trouble, clock)
