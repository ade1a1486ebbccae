import socket

import aiohttp
import pytest

from albatross.controller import probes
from albatross.controller.metrics import Metrics
from albatross.errors import AlbatrossError


def free() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


async def fetch(port: int, path: str) -> tuple[int, str]:
    async with aiohttp.ClientSession() as http, http.get(f"http://127.0.0.1:{port}{path}") as answer:
        return answer.status, await answer.text()


async def test_readiness_says_what_is_missing() -> None:
    port, missing = free(), ["pods"]
    async with probes.serve(f"127.0.0.1:{port}", probes.health(lambda: "".join(missing))):
        assert await fetch(port, "/healthz") == (200, "ok")
        assert await fetch(port, "/readyz") == (500, "pods")
        missing.clear()
        assert await fetch(port, "/readyz") == (200, "ok")


async def test_metrics_are_those_dashboards_know() -> None:
    port, metrics = free(), Metrics()
    metrics.called("elbv2", "CreateRule", "", 0.1)
    metrics.called("elbv2", "CreateRule", "Throttling", 0.1)
    with metrics.timed("ingress", "build_model"):
        pass
    async with probes.serve(f"127.0.0.1:{port}", probes.metrics(metrics)):
        _, text = await fetch(port, "/metrics")
    assert 'aws_api_calls_total{error_code="",operation="CreateRule",service="elbv2",status_code="200"} 1.0' in text
    assert 'aws_api_call_throttled_errors_total{error_code="Throttling"' in text
    assert 'awslbc_controller_reconcile_stage_duration_count{controller="ingress",reconcile_stage="build_model"} 1.0' in text


@pytest.mark.parametrize("off", ["", "0", ":0"])
async def test_it_can_be_switched_off(off: str) -> None:
    async with probes.serve(off, probes.metrics(Metrics())):
        assert probes.address(off) is None


async def test_an_address_in_use_is_named() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        where = f"127.0.0.1:{taken.getsockname()[1]}"
        with pytest.raises(AlbatrossError, match=f"cannot listen on {where}"):
            async with probes.serve(where, probes.metrics(Metrics())):
                pass


def test_addresses() -> None:
    assert probes.address(":8080") == ("0.0.0.0", 8080)
    assert probes.address("[::1]:9") == ("::1", 9)
    for wrong in ("8080:", ":x", ":70000"):
        with pytest.raises(ValueError, match=r"port|literal"):
            probes.address(wrong)
