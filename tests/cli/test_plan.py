"""`plan` without a cluster: what files come to, what stays unknown, and exit codes."""

import json
from pathlib import Path

import pytest
from tests.cli.front import GOLDEN, albatross, same

GOOD = GOLDEN / "good.yaml"


@pytest.mark.parametrize(("output", "golden"), [("text", "plan.txt"), ("markdown", "plan.md")])
def test_a_plan_reads_well(output: str, golden: str, update: bool) -> None:
    answer = albatross("plan", "-f", GOOD, "-o", output)
    assert answer.code == 2
    same(golden, answer.out, update)


def test_a_plan_is_json_for_programs() -> None:
    found = json.loads(albatross("plan", "-f", GOOD, "-o", "json").out)
    stack = found["stacks"]["shop/app"]
    assert stack["planned"]
    assert found["changes"] == len(stack["operations"]) == sum(stack["counts"].values())
    assert {"id", "sign", "noun", "name", "fields", "needs"} == set(stack["operations"][0])
    assert "the subnets of the VPC" in stack["unknown"]
    assert not found["problems"]


def test_settings_of_the_controller_are_taken() -> None:
    named = albatross("plan", "-f", GOOD, "--cluster-name", "prod", "--default-tags", "team=a").out
    assert named != albatross("plan", "-f", GOOD).out


def test_a_setting_that_makes_no_sense_is_a_usage_error() -> None:
    answer = albatross("plan", "-f", GOOD, "--default-target-type", "sideways")
    assert answer.code == 1
    assert "default-target-type" in answer.err


def test_nothing_of_ours_is_nothing_to_do(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text("apiVersion: v1\nkind: Service\nmetadata: {name: web}\nspec: {ports: [{port: 80}]}\n")
    answer = albatross("plan", "-f", tmp_path)
    assert (answer.code, answer.out) == (0, "nothing to plan: no Ingress and no Service belongs to this controller\n")


def test_an_error_is_exit_code_1() -> None:
    assert albatross("plan", "-f", GOLDEN / "shop.yaml").code == 1


@pytest.mark.parametrize(("text", "words"), [(None, "cannot read"), ("{", "is not JSON"), ("[]", "is not a recording")])
def test_a_recording_that_is_none_is_said(tmp_path: Path, text: str | None, words: str) -> None:
    path = tmp_path / "facts.json"
    if text is not None:
        path.write_text(text)
    answer = albatross("plan", "-f", GOOD, "--facts", path)
    assert answer.code == 1
    assert words in answer.err
    assert "albatross record" in answer.err


STORED_LATER = """
apiVersion: v1
kind: Service
metadata: {name: web, namespace: shop}
spec: {type: TYPE, ports: [{port: 80, targetPort: 8080}]}
---
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: {name: app, namespace: shop}
spec:
  ingressClassName: alb
  defaultBackend: {service: {name: web, port: {number: 80}}}
"""


@pytest.mark.parametrize("kind", ["NodePort", "LoadBalancer"])
def test_a_node_port_is_given_by_the_cluster(kind: str, tmp_path: Path) -> None:
    path = tmp_path / "a.yaml"
    path.write_text(STORED_LATER.replace("TYPE", kind))
    text, markdown = (albatross("plan", "-f", path, "-o", output) for output in ("text", "markdown"))
    assert (text.code, markdown.code) == (2, 2)
    for answer in (text, markdown):
        assert "port             node port of 80 (given by the cluster)\n" in answer.out
        assert "name             k8s-shop-web-… (the end is a hash of UIDs and of a node port)\n" in answer.out
    found = json.loads(albatross("plan", "-f", path, "-o", "json").out)
    made = next(each for each in found["stacks"]["shop/app"]["operations"] if each["noun"] == "target group")
    assert made["fields"]["port"] == "node port of 80 (given by the cluster)"
    assert albatross("lint", "-f", path).out == "no problems in 1 file (1 Ingress, 1 Service)\n"


def test_a_service_without_node_ports_has_no_plan(tmp_path: Path) -> None:
    path = tmp_path / "a.yaml"
    path.write_text(STORED_LATER.replace("TYPE", "ClusterIP"))
    answer = albatross("plan", "-f", path)
    assert answer.code == 1
    assert "LB209" in answer.out
