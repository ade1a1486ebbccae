"""Objects that an API server refuses or stores: patches over good ones, from `cases.yaml`."""

from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
import yaml
from tests.world import merged

CASES = yaml.safe_load((Path(__file__).parent / "cases.yaml").read_text())
GOOD: dict[str, Any] = {
    "Ingress": {
        "apiVersion": "networking.k8s.io/v1",
        "metadata": {"name": "app", "namespace": "default"},
        "spec": {"ingressClassName": "alb", "rules": [{"host": "www.example.com"}]},
    },
    "IngressClass": {"apiVersion": "networking.k8s.io/v1", "metadata": {"name": "other"}, "spec": {"controller": "ingress.k8s.aws/alb"}},
    "Service": {
        "apiVersion": "v1",
        "metadata": {"name": "web", "namespace": "default"},
        "spec": {"type": "NodePort", "selector": {"app": "web"}, "ports": [{"port": 80}]},
    },
    "Namespace": {"apiVersion": "v1", "metadata": {"name": "shop"}},
}
PATH = {"path": "/", "pathType": "Prefix", "backend": {"service": {"name": "web", "port": {"number": 80}}}}


def made(kind: str, case: dict[str, Any]) -> dict[str, Any]:
    obj: dict[str, Any] = merged(deepcopy({"kind": kind, **GOOD[kind]}), case.get("patch", {}))
    if kind == "Ingress" and obj["spec"].get("rules"):
        obj["spec"]["rules"][0]["http"] = {"paths": case.get("paths", [merged(PATH, case.get("path", {}))])}
        obj["spec"]["rules"][0]["host"] = case.get("host", "www.example.com")
    return obj


ALL = [pytest.param(made(kind, case), case["refused"], id=f"{kind}-{number}") for kind in CASES for number, case in enumerate(CASES[kind])]
