"""How long the compiler takes: 1,000 Ingresses in groups of their own, and one group of 100 members. Run: python benchmarks/compile.py"""

import gc
import json
from pathlib import Path
from time import perf_counter
from typing import Any

from albatross import pipeline
from albatross.aws.read.recorded import Recording
from albatross.catalog import kinds
from albatross.model.config import Config
from albatross.model.snapshot import Snapshot

ACCOUNT = json.loads((Path(__file__).parent.parent / "tests/conformance/scenarios/_facts.json").read_text())
RECORDING = Recording(ACCOUNT)
CONFIG = Config(cluster_name="prod-eks", region="ap-northeast-2", vpc_id=ACCOUNT["ec2.DescribeVpcs"][0]["VpcId"])
BUDGETS = {"1,000 Ingresses": 2.0, "100 members": 0.15}
"""Seconds."""


def cluster(count: int, group: str = "") -> Snapshot:
    """Ingresses with four paths each, and their Services."""
    objects: list[dict[str, Any]] = [
        {
            "apiVersion": "networking.k8s.io/v1",
            "kind": "IngressClass",
            "metadata": {"name": "alb"},
            "spec": {"controller": "ingress.k8s.aws/alb"},
        }
    ]
    for number in range(count):
        objects += [_service(number), _ingress(number, group)]
    return kinds.snapshot(objects)


def _service(number: int) -> dict[str, Any]:
    ports = [{"name": "http", "port": 80, "targetPort": 8080, "nodePort": 30000 + number % 2000}]
    return {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": {"namespace": "shop", "name": f"web-{number}", "uid": f"uid-{number}"},
        "spec": {"type": "NodePort", "ports": ports},
    }


def _ingress(number: int, group: str) -> dict[str, Any]:
    prefix = "alb.ingress.kubernetes.io/"
    annotations = {
        f"{prefix}scheme": "internet-facing",
        f"{prefix}target-type": "ip",
        f"{prefix}listen-ports": '[{"HTTP": 80}, {"HTTPS": 443}]',
        f"{prefix}certificate-arn": "arn:aws:acm:ap-northeast-2:123456789012:certificate/1",
        f"{prefix}tags": "team=shop,stage=prod",
        f"{prefix}healthcheck-path": "/healthz",
        f"{prefix}actions.go": '{"type": "redirect", "redirectConfig": {"statusCode": "HTTP_301", "path": "/new"}}',
        **({f"{prefix}group.name": group} if group else {}),
    }
    backend = {"service": {"name": f"web-{number}", "port": {"number": 80}}}
    go = {"service": {"name": "go", "port": {"name": "use-annotation"}}}
    paths = [{"path": f"/{each}", "pathType": "Prefix", "backend": go if each == "old" else backend} for each in ("", "api", "img", "old")]
    return {
        "apiVersion": "networking.k8s.io/v1",
        "kind": "Ingress",
        "metadata": {"namespace": "shop", "name": f"app-{number}", "annotations": annotations},
        "spec": {"ingressClassName": "alb", "rules": [{"host": f"h{number}.example.com", "http": {"paths": paths}}]},
    }


def compile_all(snapshot: Snapshot) -> float:
    """Seconds for every group of a snapshot, from survey to stacks."""
    start = perf_counter()
    survey = pipeline.survey(snapshot, CONFIG)
    for group in survey.groups.values():
        prepared = pipeline.prepare(snapshot, CONFIG, group)
        built = pipeline.build(prepared, RECORDING.answer(prepared.questions, CONFIG), CONFIG)
        assert built.stack is not None
    return perf_counter() - start


def main() -> None:
    """Print the best of three for each case, and its budget."""
    for name, snapshot in (("1,000 Ingresses", cluster(1000)), ("100 members", cluster(100, "team"))):
        gc.collect()
        best = min(compile_all(snapshot) for _ in range(3))
        print(f"{name}: {best * 1000:.0f} ms (budget {BUDGETS[name] * 1000:.0f} ms)")


if __name__ == "__main__":
    main()
