"""`plan` without a cluster: what files come to, what stays unknown, and exit codes."""

import json
import re
from pathlib import Path

import pytest
from tests.cli.front import GOLDEN, albatross, same

from albatross.cli.terminal import markdown

GOOD = GOLDEN / "good.yaml"


@pytest.mark.parametrize(("output", "golden"), [("text", "plan.txt"), ("markdown", "plan.md")])
def test_a_plan_reads_well(output: str, golden: str, update: bool) -> None:
    answer = albatross("plan", "-f", GOOD, "-o", output)
    assert answer.code == 2
    same(golden, answer.out, update)


def test_a_plan_uses_the_last_good_version(update: bool) -> None:
    answer = albatross("plan", "-f", GOLDEN / "kept.yaml")
    assert answer.code == 1
    same("plan-kept.txt", answer.out.replace(f"{GOLDEN}/", ""), update)


def test_a_plan_is_json_for_programs() -> None:
    found = json.loads(albatross("plan", "-f", GOOD, "-o", "json").out)
    stack = found["stacks"]["shop/app"]
    assert stack["planned"]
    assert found["changes"] == len(stack["operations"]) == sum(stack["total"]["create"].values())
    assert found["total"] == stack["total"]
    assert {"id", "sign", "noun", "name", "before", "after", "changed", "later", "needs"} == set(stack["operations"][0])
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
    assert (made["after"]["port"], made["after"]["name"], made["later"]) == (None, None, ["name", "port"])
    assert albatross("lint", "-f", path).out == "no problems in 1 file (1 Ingress, 1 Service)\n"


def test_a_service_without_node_ports_has_no_plan(tmp_path: Path) -> None:
    path = tmp_path / "a.yaml"
    path.write_text(STORED_LATER.replace("TYPE", "ClusterIP"))
    answer = albatross("plan", "-f", path)
    assert answer.code == 1
    assert "LB209" in answer.out


# Many alike --------------------------------------------------------------------------------------------------------

MANY = """
---
apiVersion: v1
kind: Service
metadata: {name: webN, namespace: shop}
spec: {type: TYPE, ports: [{name: http, port: 80, targetPort: TARGET, nodePort: PORT}]}
---
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata:
  name: appN
  namespace: shop
  annotations: {alb.ingress.kubernetes.io/group.name: GROUP, alb.ingress.kubernetes.io/target-type: KIND}
spec:
  ingressClassName: alb
  rules:
  - host: wwwN.example.com
    http: {paths: [{path: /, pathType: Prefix, backend: {service: {name: webN, port: {number: 80}}}}]}
"""


def many(folder: Path, number: int, group: str = "team", kind: str = "instance", target: str = "8080") -> Path:
    words = {"TYPE": "NodePort", "TARGET": target, "KIND": kind}
    text = MANY
    for word, value in words.items():
        text = text.replace(word, value)
    path = folder / "many.yaml"
    found = (text.replace("PORT", str(30000 + n)).replace("GROUP", group).replace("N.", f"{n}.") for n in range(number))
    path.write_text("".join(re.sub("(web|app|www|each)N", rf"\g<1>{n}", each) for n, each in enumerate(found)))
    return path


def test_what_is_alike_is_folded_in_80_columns(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, update: bool) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    path = many(tmp_path, 40, kind="ip", target="http")
    folded = albatross("plan", "-f", path).out
    same("plan-many.txt", folded, update)
    assert max(map(len, folded.splitlines())) <= 80
    expanded = albatross("plan", "-f", path, "--expand").out
    assert (folded.count("target group shop/"), expanded.count("+ target group shop/")) == (0, 40)
    # a wrapped line has the words of the unwrapped one
    monkeypatch.setenv("COLUMNS", "4000")
    assert albatross("plan", "-f", path).out.split() == folded.split()


def test_a_comment_holds_what_fits(tmp_path: Path) -> None:
    told = albatross("plan", "-f", many(tmp_path, 100, "eachN"), "-o", "markdown").out
    assert 50_000 < len(told) <= markdown.LIMIT - 1000
    assert told.startswith("**Total of 100 groups: 601 to create**\n")
    assert re.search(r"\n\d\d groups left out, to fit in one comment \(3\d\d to create\): `each", told)
    assert told.count("```diff") == told.count("```") / 2


def test_one_group_is_chosen(tmp_path: Path) -> None:
    path = many(tmp_path, 3, "eachN")
    other = STORED_LATER.replace("TYPE", "ClusterIP")
    (tmp_path / "wrong.yaml").write_text(other)
    assert albatross("plan", "-f", tmp_path).code == 1
    chosen = albatross("plan", "-f", tmp_path, "--group", "each1")
    assert chosen.code == 2
    assert re.findall("Plan for (.*)", chosen.out) == ["each1"]
    assert "Total of 1 group: 7 to create\n" in chosen.out
    assert "LB209" not in chosen.out
    several = albatross("plan", "-f", path, "--group", "each[01]", "--group", "shop/app2").out
    assert re.findall("Plan for (.*)", several) == ["each0", "each1", "each2"]
    wrong = albatross("plan", "-f", tmp_path, "--group", "shop/app")
    assert (wrong.code, "LB209" in wrong.out) == (1, True)


def test_an_unknown_group_is_a_usage_error(tmp_path: Path) -> None:
    answer = albatross("plan", "-f", GOOD, "--group", "shop/ap")
    assert answer.code == 1
    assert "no group is named shop/ap; there are 1 groups, for example shop/app" in answer.err
    (tmp_path / "a.yaml").write_text("apiVersion: v1\nkind: Service\nmetadata: {name: web}\nspec: {ports: [{port: 80}]}\n")
    assert "there are no groups" in albatross("plan", "-f", tmp_path, "--group", "x").err
