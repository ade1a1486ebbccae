"""The health scripts for Argo CD: run where a Lua interpreter is found, otherwise only read."""

import importlib.util
import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from albatross.catalog.kinds import KINDS
from albatross.catalog.tracking import TROUBLE

ROOT = Path(__file__).parents[2]
FILE = ROOT / "monitoring" / "argocd-cm.yaml"
STEM = "resource.customizations.health."
KEYS = {"Ingress": "networking.k8s.io_Ingress", "Service": "Service", "TargetGroupBinding": "elbv2.k8s.aws_TargetGroupBinding"}
SCRIPTS: dict[str, str] = {key.removeprefix(STEM): text for key, text in yaml.safe_load(FILE.read_text())["data"].items()}
ADDRESS = {"loadBalancer": {"ingress": [{"hostname": "web.elb.amazonaws.com"}]}}
WRONG = {"annotations": {TROUBLE: "LB205: no Service"}}
BALANCED = {"spec": {"type": "LoadBalancer"}}

CASES: list[tuple[str, dict[str, Any], tuple[str, str]]] = [
    ("Ingress", {}, ("Progressing", "waiting for the address of the load balancer")),
    ("Ingress", {"status": {"loadBalancer": {}}}, ("Progressing", "waiting for the address of the load balancer")),
    ("Ingress", {"status": ADDRESS}, ("Healthy", "web.elb.amazonaws.com")),
    ("Ingress", {"status": ADDRESS, "metadata": WRONG}, ("Degraded", "LB205: no Service")),
    ("Ingress", {"metadata": WRONG}, ("Degraded", "LB205: no Service")),
    ("Service", {"spec": {"type": "ClusterIP"}, "metadata": WRONG}, ("Healthy", "")),
    ("Service", BALANCED, ("Progressing", "waiting for the address of the load balancer")),
    ("Service", {**BALANCED, "status": ADDRESS}, ("Healthy", "web.elb.amazonaws.com")),
    ("Service", {**BALANCED, "status": ADDRESS, "metadata": WRONG}, ("Degraded", "LB205: no Service")),
    ("TargetGroupBinding", {"metadata": {"generation": 2}}, ("Progressing", "waiting for the registration of the targets")),
    ("TargetGroupBinding", {"metadata": {"generation": 2}, "status": {"observedGeneration": 2}}, ("Healthy", "")),
    (
        "TargetGroupBinding",
        {"status": {"conditions": [{"type": "Ready", "status": "False", "message": "LB511: denied"}]}},
        ("Degraded", "LB511: denied"),
    ),
]


def test_there_is_a_script_for_each_kind() -> None:
    assert set(SCRIPTS) == set(KEYS.values())
    for kind, key in KEYS.items():
        group = KINDS[kind].api_version.rpartition("/")[0]
        assert key == (f"{group}_{kind}" if group else kind)


@pytest.mark.parametrize("text", SCRIPTS.values(), ids=SCRIPTS)
def test_every_block_of_a_script_ends(text: str) -> None:
    words = re.findall(r"\b(?:if|for|while|function|end|return)\b", re.sub(r'"[^"]*"', '""', text))
    assert words.count("end") == sum(words.count(word) for word in ("if", "for", "while", "function"))
    assert text.count("(") == text.count(")")
    assert text.rstrip().endswith("return hs")
    assert set(re.findall(r'"(Healthy|Degraded|Progressing|\w+ed)"', text)) <= {"Healthy", "Degraded", "Progressing"}
    assert (TROUBLE in text) == ("Binding" not in text and "observedGeneration" not in text)


@pytest.mark.skipif(importlib.util.find_spec("lupa") is None, reason="lupa, a Lua interpreter, is not installed")
@pytest.mark.parametrize(("kind", "obj", "expected"), CASES)
def test_what_a_script_says(kind: str, obj: dict[str, Any], expected: tuple[str, str]) -> None:
    lua = importlib.import_module("lupa").LuaRuntime(unpack_returned_tuples=True)
    found = lua.execute(f"local obj = ...\n{SCRIPTS[KEYS[kind]]}", lua.table_from({"metadata": {}, **obj}, recursive=True))
    assert (found["status"], found["message"]) == expected


def test_the_page_names_the_annotation() -> None:
    page = (ROOT / "docs" / "argocd.md").read_text()
    assert TROUBLE in page
    assert TROUBLE.replace(".", "\\.") in page
