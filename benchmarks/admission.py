"""What admission costs: the import at start, a certificate, and one call over TLS. Run: python benchmarks/admission.py"""

import asyncio
import json
import ssl
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from statistics import quantiles
from time import perf_counter

import aiohttp

from albatross.aws.session.client import Session
from albatross.catalog import kinds
from albatross.controller.metrics import Metrics
from albatross.controller.webhook import certificate
from albatross.controller.webhook.server import Desk, listening
from albatross.model.config import Config

CONFIG = Config(cluster_name="c", region="eu-west-1", vpc_id="vpc-1")
HOST = "hook.home.svc"
CALLS, PODS = 1000, 5000
IMPORT = "import time; t = time.perf_counter(); import albatross.controller.webhook.{}; print(time.perf_counter() - t)"


def review(number: int) -> tuple[str, bytes]:
    """An Ingress of one host and path, as the API server sends it."""
    backend = {"service": {"name": "web", "port": {"number": 80}}}
    rule = {"host": "www.example.com", "http": {"paths": [{"path": "/", "pathType": "Prefix", "backend": backend}]}}
    metadata = {"namespace": "shop", "name": f"app-{number}"}
    body = {
        "apiVersion": "networking.k8s.io/v1",
        "kind": "Ingress",
        "metadata": metadata,
        "spec": {"ingressClassName": "alb", "rules": [rule]},
    }
    request = {"uid": str(number), "operation": "CREATE", "kind": {"kind": "Ingress"}, "namespace": "shop", "object": body}
    return "/validate-networking-v1-ingress", json.dumps(
        {"apiVersion": "admission.k8s.io/v1", "kind": "AdmissionReview", "request": request}
    ).encode()


async def calls() -> list[float]:
    """The seconds of each call."""
    objects = [{"apiVersion": "v1", "kind": "Pod", "metadata": {"namespace": "shop", "name": f"p-{number}"}} for number in range(PODS)]
    alb = {"apiVersion": "networking.k8s.io/v1", "kind": "IngressClass", "metadata": {"name": "alb"}}
    objects.append({**alb, "spec": {"controller": "ingress.k8s.aws/alb"}})
    snapshot, pair, tls = kinds.snapshot(objects), certificate.make((HOST,), datetime.now(UTC)), certificate.context()
    certificate.load(tls, pair.certificate, pair.key)
    trust = ssl.create_default_context(cadata=pair.authority.decode())
    desk = Desk(Session(CONFIG), CONFIG, lambda: snapshot, ThreadPoolExecutor(1), Metrics())
    times = []
    async with listening(desk, 0, tls, "127.0.0.1") as port, aiohttp.ClientSession() as http:
        for number in range(CALLS):
            path, body = review(number)
            start = perf_counter()
            async with http.post(f"https://127.0.0.1:{port}{path}", data=body, ssl=trust, server_hostname=HOST) as answer:
                found = json.loads(await answer.read())
            times.append(perf_counter() - start)
            assert found["response"]["allowed"], found
    desk.thread.shutdown()
    return times


def main() -> None:
    for name in ("certificate", "service"):
        made = subprocess.run((sys.executable, "-c", IMPORT.format(name)), check=True, capture_output=True, text=True).stdout
        print(f"import of webhook.{name:<12} {float(made) * 1000:7.1f} ms")
    start = perf_counter()
    certificate.make((HOST,), datetime.now(UTC))
    print(f"{'a certificate and its CA':<30} {(perf_counter() - start) * 1000:7.1f} ms")
    cuts = quantiles(asyncio.run(calls()), n=100)
    print(f"{'an Ingress: median':<30} {cuts[49] * 1000:7.2f} ms\n{'an Ingress: 99 of 100 within':<30} {cuts[98] * 1000:7.2f} ms")


if __name__ == "__main__":
    main()
