"""Webhooks are registered once they are reached, and removed when they are not."""

from base64 import b64encode
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from tests.controller.webhook.conftest import Replica, Stand

from albatross.catalog import webhooks
from albatross.controller.app import background
from albatross.controller.webhook import certificate
from albatross.controller.webhook.register import PATIENCE, deregister
from albatross.install.webhooks import COLLECTIONS, bundle
from albatross.kube.client import Client, Request
from albatross.kube.errors import Forbidden, KubeNotFound, Unreachable

VALIDATING = f"{COLLECTIONS[False]}/{webhooks.CONFIGURATION}"
MUTATING = f"{COLLECTIONS[True]}/{webhooks.CONFIGURATION}"
PROBE = f"{COLLECTIONS[False]}/{webhooks.PROBE}"


@pytest.fixture
async def replica(stand: Stand) -> AsyncIterator[Replica]:
    await stand.serve()
    async with stand.running() as found:
        yield found


async def exists(stand: Stand, path: str) -> bool:
    try:
        await stand.get(path)
    except KubeNotFound:
        return False
    return True


async def test_what_is_reached_is_registered(stand: Stand, replica: Replica) -> None:
    registrar = replica.registrar()
    await registrar.round()
    assert registrar.registered
    for path in (VALIDATING, MUTATING):
        found = await stand.get(path)
        assert bundle(found) == replica.keeper.bundle
    assert b"albatross_webhooks_registered 1.0" in replica.metrics.text()
    versions = [(await stand.get(path))["metadata"]["resourceVersion"] for path in (VALIDATING, MUTATING, PROBE)]
    await registrar.round()
    assert [(await stand.get(path))["metadata"]["resourceVersion"] for path in (VALIDATING, MUTATING, PROBE)] == versions


async def test_the_probe_stores_nothing(stand: Stand, replica: Replica) -> None:
    await replica.registrar().round()
    assert not await exists(stand, "/api/v1/namespaces/default/configmaps/albatross-webhook-probe")


async def test_what_somebody_changed_is_written_again(stand: Stand, replica: Replica) -> None:
    registrar = replica.registrar()
    await registrar.round()
    before = (await stand.get(VALIDATING))["webhooks"]
    await stand.api.client.patch(VALIDATING, {"webhooks": []})
    await registrar.round()
    assert (await stand.get(VALIDATING))["webhooks"] == before


async def test_what_is_not_reached_is_never_registered(stand: Stand, replica: Replica, capsys: pytest.CaptureFixture[str]) -> None:
    await stand.strike(replica)
    registrar = replica.registrar()
    for _ in range(PATIENCE):
        await registrar.round()
    assert not registrar.registered
    assert not await exists(stand, VALIDATING)
    said = capsys.readouterr().out
    assert said.count("LB751") >= 1
    assert said.count('no endpoints available for service "albatross-webhook-service"') == 1


async def test_what_is_not_reached_any_more_is_removed_and_comes_back(stand: Stand, replica: Replica) -> None:
    registrar = replica.registrar()
    await registrar.round()
    await stand.strike(replica)
    for number in range(PATIENCE):
        assert await exists(stand, VALIDATING), number
        await registrar.round()
    assert not await exists(stand, VALIDATING)
    assert not await exists(stand, MUTATING)
    assert b"albatross_webhooks_registered 0.0" in replica.metrics.text()
    await stand.enlist(replica)
    await registrar.round()
    assert await exists(stand, VALIDATING)


async def test_another_certificate_is_told_apart(stand: Stand, replica: Replica, capsys: pytest.CaptureFixture[str]) -> None:
    other = certificate.make(("albatross-webhook-service.default.svc",), stand.clock.utc())
    certificate.load(replica.webhooks._tls, other.certificate, other.key)
    await replica.registrar().round()
    assert "LB752" in capsys.readouterr().out


async def test_without_webhooks_of_a_kind_its_configuration_goes(stand: Stand, replica: Replica) -> None:
    registrar = replica.registrar()
    await registrar.round()
    registrar.paths = tuple(path for path in registrar.paths if path.startswith("/mutate"))
    await registrar.round()
    assert (await exists(stand, MUTATING), await exists(stand, VALIDATING)) == (True, False)


async def test_an_object_that_is_stored_means_that_the_probe_was_not_asked(stand: Stand, replica: Replica) -> None:
    registrar = replica.registrar()
    assert await registrar._probe(replica.webhooks.place()) == "the API server has not called the probe yet"


async def test_no_answer_of_the_api_server_ends_the_rounds(
    stand: Stand, replica: Replica, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    errors: list[Exception] = [Forbidden("POST", "/x", 403, "Forbidden", "may not create"), Unreachable("s", "gone"), RuntimeError("bug")]
    registrar = replica.registrar()
    rounds = registrar.round

    async def failing() -> None:
        if errors:
            raise errors.pop(0)
        await rounds()

    monkeypatch.setattr(registrar, "round", failing)
    async with background(registrar.run(), "register"):
        await stand.until(lambda: registrar.registered)
    said = capsys.readouterr().out
    assert "LB753" in said
    assert "webhooks not checked" in said


async def test_a_probe_that_we_may_not_send_is_not_a_webhook_that_is_not_reached(
    stand: Stand, replica: Replica, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def refuse(client: Client, request: Request) -> None:
        raise Forbidden("POST", request.path, 403, "Forbidden", "no")

    monkeypatch.setattr(Client, "call", refuse)
    with pytest.raises(Forbidden):
        await replica.registrar()._probe(replica.webhooks.place())


# The whole ------------------------------------------------------------------------------------------------------------


async def test_the_leader_registers_with_its_own_name(stand: Stand, replica: Replica) -> None:
    async with background(replica.webhooks.register(), "register"):
        await stand.until(lambda: b"albatross_webhooks_registered 1.0" in replica.metrics.text())
    conditions = (await stand.get(VALIDATING))["webhooks"][0]["matchConditions"]
    assert {"name": "not-our-own-write", "expression": 'request.userInfo.username != "kubernetes-admin"'} in conditions


async def test_switched_off_it_removes_what_was_registered(stand: Stand, replica: Replica) -> None:
    await replica.registrar().round()
    off = stand.replica(enable_webhooks=False)
    await off.webhooks.run()
    await off.webhooks.register()
    for path in (VALIDATING, MUTATING, PROBE):
        assert not await exists(stand, path)
    await deregister(stand.client)


async def test_switched_off_without_the_right_it_goes_on(stand: Stand, monkeypatch: pytest.MonkeyPatch) -> None:
    async def refuse(client: Client, path: str, body: Any = None) -> None:
        raise Forbidden("DELETE", path, 403, "Forbidden", "no")

    monkeypatch.setattr(Client, "delete", refuse)
    await stand.replica(enable_webhooks=False).webhooks.register()


async def test_without_a_service_nothing_is_served_and_nobody_waits(stand: Stand, capsys: pytest.CaptureFixture[str]) -> None:
    replica = stand.replica()
    async with background(replica.webhooks.run(), "webhooks"):
        await stand.until(lambda: "does not exist" in replica.webhooks._trouble)
        assert not replica.webhooks.serving
        assert replica.webhooks.waiting_for == ""
        await stand.serve()
        await stand.until(lambda: replica.webhooks.serving)
    assert capsys.readouterr().out.count("code=LB751") == 1


async def test_it_is_ready_when_it_listens(stand: Stand) -> None:
    await stand.serve()
    replica = stand.replica()
    replica.webhooks._present.set()
    assert replica.webhooks.waiting_for == "waiting for: the certificate of the webhooks"
    replica.keeper.trouble = "no right"
    assert replica.webhooks.waiting_for == ""
    await replica.webhooks.drain()  # nothing to drain


async def test_a_port_in_use_is_tried_again(stand: Stand, replica: Replica, capsys: pytest.CaptureFixture[str]) -> None:
    other = stand.replica()
    other.webhooks.port = replica.webhooks.port
    async with background(other.webhooks.run(), "webhooks"):
        await stand.until(lambda: "cannot listen" in other.webhooks.waiting_for)
        replica.webhooks.ended.set()
        await stand.until(lambda: other.webhooks.serving)
    assert "cannot listen" in capsys.readouterr().out


async def test_files_are_served_and_not_registered(stand: Stand, tmp_path: Path) -> None:
    await stand.serve()
    pair = certificate.make(("x",), stand.clock.utc())
    (tmp_path / "tls.crt").write_bytes(pair.certificate)
    (tmp_path / "tls.key").write_bytes(pair.key)
    async with stand.running(webhook_folder=str(tmp_path)) as found:
        await found.webhooks.register()
        assert not await exists(stand, PROBE)


async def test_who_may_not_read_services_serves_all_the_same(stand: Stand, monkeypatch: pytest.MonkeyPatch) -> None:
    get = Client.get

    async def guarded(client: Client, path: str, params: Any = None) -> Any:
        if "/services/" in path:
            raise Forbidden("GET", path, 403, "Forbidden", "no")
        return await get(client, path, params)

    monkeypatch.setattr(Client, "get", guarded)
    replica = stand.replica()
    async with background(replica.webhooks.run(), "webhooks"):
        await stand.until(lambda: replica.webhooks.serving)


async def test_a_nameless_controller_registers_without_the_condition(stand: Stand, monkeypatch: pytest.MonkeyPatch) -> None:
    async def refuse(client: Client, path: str, body: Any) -> None:
        raise Forbidden("POST", path, 403, "Forbidden", "no")

    monkeypatch.setattr(Client, "create", refuse)
    assert await stand.replica().webhooks._self() == ""


async def test_cert_managers_bundle_is_taken_from_the_probe(stand: Stand) -> None:
    await stand.serve()
    pair = certificate.make(certificate.names(webhooks.SERVICE, "default"), stand.clock.utc())
    data = {name: b64encode(text).decode() for name, text in (("tls.crt", pair.certificate), ("tls.key", pair.key))}
    await stand.api.make("Secret", webhooks.SECRET, data=data)
    async with stand.running(webhook_certificates="cert-manager") as replica:
        registrar = replica.registrar()
        await registrar.round()
        assert not registrar.registered
        found = await stand.get(PROBE)
        assert found["metadata"]["annotations"]["cert-manager.io/inject-ca-from"] == "default/albatross-webhook-serving-cert"
        found["webhooks"][0]["clientConfig"]["caBundle"] = b64encode(pair.authority).decode()  # as its injector does
        await stand.api.client.replace(PROBE, found)
        await registrar.round()
        assert registrar.registered
        assert bundle(await stand.get(VALIDATING)) == pair.authority
        assert replica.keeper.standing() is None
