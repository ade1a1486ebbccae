"""What the server answers."""

import asyncio
import io
import json
import ssl
from collections.abc import AsyncIterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from tests.clock import Virtual, until

from albatross import admission
from albatross.aws.session.client import Session
from albatross.catalog.webhooks import PROBE_LABEL, PROBE_PATH
from albatross.controller.metrics import Metrics
from albatross.controller.webhook import certificate, server
from albatross.controller.webhook.server import LOOK_SECONDS, Desk, listening
from albatross.errors import AlbatrossError
from albatross.model.config import Config
from albatross.model.facts import Facts
from albatross.model.snapshot import Snapshot

CONFIG = Config(cluster_name="c", region="eu-west-1", vpc_id="vpc-1")
PARAMETERS = "/validate-elbv2-k8s-aws-v1beta1-ingressclassparams"
BINDING = "/validate-elbv2-k8s-aws-v1beta1-targetgroupbinding"
COMPLETE = "/mutate-elbv2-k8s-aws-v1beta1-targetgroupbinding"
HOSTS = ("hook.home.svc",)
ARN = "arn:aws:elasticloadbalancing:eu-west-1:123456789012:targetgroup/a/0123456789abcdef"


@dataclass
class Place:
    """A server, and how to reach it."""

    desk: Desk
    clock: Virtual
    url: str
    http: aiohttp.ClientSession
    trust: ssl.SSLContext

    async def post(self, path: str, body: Any) -> tuple[int, Any]:
        data = io.BytesIO(body if isinstance(body, bytes) else json.dumps(body).encode())
        async with self.http.post(self.url + path, data=data, ssl=self.trust, server_hostname=HOSTS[0]) as answer:
            text = await answer.text()
            return answer.status, json.loads(text)["response"] if answer.status == 200 else text

    def refused(self, path: str) -> dict[str, float]:
        """Failures of a path by category."""
        counters = (self.desk.metrics.validations, self.desk.metrics.mutations)
        samples = [each for counter in counters for metric in counter.collect() for each in metric.samples if each.name.endswith("_total")]
        return {each.labels["error_category"]: each.value for each in samples if each.labels["webhook_name"] == path}


@asynccontextmanager
async def placed(tls: ssl.SSLContext, trust: ssl.SSLContext) -> AsyncIterator[Place]:
    clock, thread = Virtual(), ThreadPoolExecutor(1)
    desk = Desk(Session(CONFIG, clock=clock), CONFIG, Snapshot, thread, Metrics(clock))
    async with listening(desk, 0, tls, "127.0.0.1") as port, aiohttp.ClientSession() as http:
        yield Place(desk, clock, f"https://127.0.0.1:{port}", http, trust)
    thread.shutdown()


@pytest.fixture
async def place() -> AsyncIterator[Place]:
    pair = certificate.make(HOSTS, datetime.now(UTC))
    tls, trust = certificate.context(), ssl.create_default_context(cadata=pair.authority.decode())
    certificate.load(tls, pair.certificate, pair.key)
    async with placed(tls, trust) as found:
        yield found


def review(kind: str, spec: Mapping[str, Any], operation: str = "CREATE", **metadata: Any) -> dict[str, Any]:
    obj = {"apiVersion": "elbv2.k8s.aws/v1beta1", "kind": kind, "metadata": {"namespace": "shop", "name": "x", **metadata}, "spec": spec}
    request = {"uid": "u-1", "operation": operation, "kind": {"kind": kind}, "namespace": "shop", "name": "x", "object": obj}
    return {"apiVersion": "admission.k8s.io/v1", "kind": "AdmissionReview", "request": request}


async def test_a_good_object_is_allowed_and_a_bad_one_refused(place: Place) -> None:
    status, answer = await place.post(PARAMETERS, review("IngressClassParams", {}))
    assert (status, answer["uid"], answer["allowed"]) == (200, "u-1", True)
    status, answer = await place.post(PARAMETERS, review("IngressClassParams", {"inboundCIDRs": ["nonsense"]}))
    assert (status, answer["allowed"], answer["status"]["code"]) == (200, False, 403)
    assert place.refused(PARAMETERS) == {"forbidden": 1}
    text = place.desk.metrics.text().decode()
    assert f'awslbc_webhook_validation_failure_total{{error_category="forbidden",webhook_name="{PARAMETERS}"}} 1.0' in text
    assert f'controller_runtime_webhook_latency_seconds_count{{webhook="{PARAMETERS}"}} 2.0' in text


@pytest.mark.parametrize("body", [b"{", b"[]", {"kind": "AdmissionReview"}, review("Pod", {})])
async def test_what_cannot_be_read_is_a_bad_request(place: Place, body: Any) -> None:
    status, answer = await place.post(PARAMETERS, body)
    assert (status, answer["allowed"], answer["status"]["code"]) == (200, False, 400)


async def test_a_path_that_is_not_served_does_not_exist(place: Place) -> None:
    status, text = await place.post("/mutate-nothing", review("Pod", {}))
    assert (status, text) == (404, "no webhook is served at /mutate-nothing")


async def test_before_the_cluster_is_listed_the_failure_policy_decides(place: Place) -> None:
    place.desk.snapshot = lambda: None
    assert (await place.post(PARAMETERS, review("IngressClassParams", {})))[0] == 503


async def test_a_request_that_is_too_large_is_refused(place: Place) -> None:
    assert (await place.post(PARAMETERS, b" " * (server.LARGEST + 1)))[0] == 413


async def test_more_than_some_at_once_are_refused(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server, "AT_ONCE", 0)
    assert (await place.post(PARAMETERS, review("IngressClassParams", {})))[0] == 503


async def test_a_bug_of_ours_is_an_error_of_the_server(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*args: object) -> None:
        raise RuntimeError("bug")

    monkeypatch.setattr(admission, "answer", fail)
    assert (await place.post(PARAMETERS, review("IngressClassParams", {})))[0] == 500
    assert place.refused(PARAMETERS) == {"internal_server_error": 1}


@pytest.mark.parametrize(("path", "allowed"), [(COMPLETE, True), (BINDING, False)])
async def test_an_unanswered_question_does_not_hold_up_what_is_checked_again(
    place: Place, monkeypatch: pytest.MonkeyPatch, path: str, allowed: bool
) -> None:
    async def silent(*args: object) -> Facts:
        await asyncio.Event().wait()
        return Facts()

    monkeypatch.setattr(server, "look", silent)
    asked = asyncio.ensure_future(place.post(path, review("TargetGroupBinding", {"targetGroupARN": ARN, "serviceRef": {"name": "w"}})))
    await until(lambda: place.clock.waiting)
    await place.clock.advance(LOOK_SECONDS)
    status, answer = await asked
    assert (status, answer["allowed"]) == (200, allowed)
    assert answer["warnings"][0].startswith("LB755") if allowed else answer["status"]["code"] == 504


async def test_an_error_of_ours_in_a_lookup_is_the_same(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    async def failing(*args: object) -> Facts:
        raise AlbatrossError("no credentials")

    monkeypatch.setattr(server, "look", failing)
    _, answer = await place.post(COMPLETE, review("TargetGroupBinding", {"targetGroupARN": ARN, "serviceRef": {"name": "w"}}))
    assert "no credentials" in answer["warnings"][0]


async def test_a_probe_is_refused_with_its_own_nonce(place: Place) -> None:
    status, answer = await place.post(PROBE_PATH, review("ConfigMap", {}, labels={PROBE_LABEL: "n-7"}))
    assert (status, answer["allowed"], answer["status"]["message"]) == (200, False, "n-7")
    status, answer = await place.post(PROBE_PATH, b"{")
    assert answer["status"]["code"] == 400


async def test_while_it_ends_each_answer_ends_its_connection(place: Place) -> None:
    async def kept() -> bool:
        async with place.http.post(place.url + PARAMETERS, data=b"{}", ssl=place.trust, server_hostname=HOSTS[0]) as answer:
            return answer.headers.get("Connection") != "close"

    assert await kept()
    place.desk.draining = True
    assert not await kept()


async def test_a_new_certificate_is_served_by_a_server_that_listens(place: Place) -> None:
    pair = certificate.make(HOSTS, datetime.now(UTC))
    trust = ssl.create_default_context(cadata=pair.authority.decode())
    tls, old = certificate.context(), certificate.make(HOSTS, datetime.now(UTC))
    certificate.load(tls, old.certificate, old.key)
    async with placed(tls, trust) as other:
        with pytest.raises(aiohttp.ClientConnectorCertificateError):
            await other.post(PARAMETERS, review("IngressClassParams", {}))
        certificate.load(tls, pair.certificate, pair.key)
        assert (await other.post(PARAMETERS, review("IngressClassParams", {})))[0] == 200


async def test_with_a_client_authority_only_its_clients_are_answered(tmp_path: Path) -> None:
    ours, theirs = (certificate.make(HOSTS, datetime.now(UTC)) for _ in range(2))
    (tmp_path / "ca.pem").write_bytes(theirs.authority)
    tls, trust = certificate.context(str(tmp_path / "ca.pem")), ssl.create_default_context(cadata=ours.authority.decode())
    certificate.load(tls, ours.certificate, ours.key)
    async with placed(tls, trust) as found:
        with pytest.raises(aiohttp.ClientError):
            await found.post(PARAMETERS, review("IngressClassParams", {}))


async def test_a_port_in_use_is_said(place: Place) -> None:
    port = int(place.url.rpartition(":")[2])
    with pytest.raises(AlbatrossError, match=f"cannot listen on port {port} for webhooks"):
        async with listening(place.desk, port, certificate.context(), "127.0.0.1"):
            pass
