"""`lint` says all that is wrong, with places, in three forms."""

import io
import json
import sys
from collections import Counter
from pathlib import Path

import pytest
from tests.cli.front import GOLDEN, albatross, same

SHOP = GOLDEN / "shop.yaml"


def test_every_problem_has_its_place() -> None:
    answer = albatross("lint", "-f", SHOP, "-o", "json")
    assert answer.code == 1
    found = json.loads(answer.out)
    places = [(each["code"], each["severity"], each["line"], each["column"]) for each in found["problems"]]
    assert places == [("LB131", "warning", 21, 5), ("LB120", "error", 22, 71), ("LB191", "error", 30, 7)]
    assert (found["error"], found["warning"], found["note"]) == (2, 1, 0)


def test_problems_of_files_read_well(update: bool, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    Path("broken.yaml").write_text('apiVersion: v1\nkind: Service\nmetadata:\n  name: "web\n')
    Path("chart.yaml").write_text("kind: {{ .Values.kind }}\n")
    Path("old.yaml").write_text("apiVersion: extensions/v1beta1\nkind: Ingress\nmetadata:\n  name: app\n")
    same("lint.txt", albatross("lint", "-f", ".", "-f", "none.yaml").out, update)


def test_clean_files_are_said_to_be_clean() -> None:
    answer = albatross("lint", "-f", GOLDEN / "good.yaml")
    assert (answer.code, answer.out) == (0, "no problems in 1 file (1 Ingress, 1 Service)\n")


def test_warnings_alone_are_no_failure(tmp_path: Path) -> None:
    text = (GOLDEN / "good.yaml").read_text().replace("/scheme:", "/sceme:")
    (tmp_path / "a.yaml").write_text(text)
    answer = albatross("lint", "-f", tmp_path)
    assert answer.code == 0
    assert answer.out.endswith("1 warning in 1 file (1 Ingress, 1 Service)\n")


def test_github_annotates_lines() -> None:
    lines = albatross("lint", "-f", SHOP, "-o", "github").out.splitlines()
    assert [line.split(" ")[0] for line in lines] == ["::warning", "::error", "::error"]
    assert f"file={SHOP},line=22,col=71,endColumn=76,title=LB120" in lines[1]


def test_class_params_and_bindings_are_checked_alone(tmp_path: Path) -> None:
    head = "apiVersion: elbv2.k8s.aws/v1beta1\nkind: {}\nmetadata: {{name: web}}\nspec:"
    params = head.format("IngressClassParams") + "\n  subnets:\n    tags:\n      Name: [a, a]\n---\n"
    binding = head.format("TargetGroupBinding") + " {targetType: ip, nodeSelector: {}, serviceRef: {name: web, port: 80}}\n"
    (tmp_path / "a.yaml").write_text(params + binding)
    found = json.loads(albatross("lint", "-f", tmp_path, "-o", "json").out)
    assert [(each["code"], each["line"], each["message"]) for each in found["problems"]] == [
        ("LB177", 7, 'Duplicate value: "a"'),
        ("LB178", 12, "must provide either TargetGroupARN or TargetGroupName"),
        ("LB179", 12, "TargetGroupBinding cannot set NodeSelector when TargetType is ip"),
    ]


def test_a_file_must_be_named() -> None:
    answer = albatross("lint")
    assert answer.code == 2
    assert "-f FILE" in answer.err


MISSPELT = "    alb.ingress.kubernetes.io/sceme: internal  # why\n"


@pytest.fixture
def misspelt(tmp_path: Path) -> Path:
    """The good file with a name that is wrong, and whose group may write it too."""
    path = tmp_path / "a.yaml"
    lines = (GOLDEN / "good.yaml").read_text().splitlines(keepends=True)
    path.write_text("".join(MISSPELT if "/scheme:" in line else line for line in lines))
    path.chmod(0o664)
    return path


def test_fix_rewrites_and_shows_the_difference(misspelt: Path) -> None:
    before = misspelt.read_text()
    answer = albatross("lint", "--fix", "-f", misspelt)
    assert answer.code == 0
    assert misspelt.read_text() == before.replace("/sceme:", "/scheme:")
    assert f"-{MISSPELT}+{MISSPELT.replace('sceme', 'scheme')}" in answer.out
    assert answer.out.endswith("fixed 1 problem in 1 file\nno problems in 1 file (1 Ingress, 1 Service)\n")
    assert misspelt.stat().st_mode & 0o777 == 0o664
    assert [each.name for each in misspelt.parent.iterdir()] == ["a.yaml"]
    assert albatross("lint", "--fix", "-f", misspelt).out.startswith("fixed 0 problems")


@pytest.mark.parametrize("options", [["--diff"], ["--fix", "--diff"], ["--fix-dry-run"]])
def test_diff_changes_nothing(misspelt: Path, options: list[str]) -> None:
    before = misspelt.read_text()
    answer = albatross("lint", *options, "-f", misspelt)
    assert "would fix 1 problem in 1 file\nwarning[LB131]" in answer.out
    assert f"\n-{MISSPELT}" in answer.out
    assert misspelt.read_text() == before


def test_what_is_piped_in_comes_out_fixed(misspelt: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(misspelt.read_bytes())))
    answer = albatross("lint", "--fix", "-f", "-")
    assert answer.out == misspelt.read_text().replace("/sceme:", "/scheme:")
    assert "fixed 1 problem" in answer.err


def test_links_stay_and_so_does_the_mark(misspelt: Path) -> None:
    misspelt.write_bytes(b"\xef\xbb\xbf" + misspelt.read_bytes())
    link = misspelt.parent / "link.yaml"
    link.symlink_to(misspelt.name)
    albatross("lint", "--fix", "-f", link)
    assert link.is_symlink()
    assert misspelt.read_bytes().startswith(b"\xef\xbb\xbfapi")
    assert b"/scheme:" in misspelt.read_bytes()


def test_a_folder_that_takes_nothing_is_an_error(misspelt: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("os.access", lambda *_: False)
    answer = albatross("lint", "--fix", "-f", misspelt)
    assert (answer.code, answer.err) == (1, f"error: cannot write {misspelt}: it is read-only\n")


def test_a_fix_is_told_as_json(misspelt: Path) -> None:
    found = json.loads(albatross("lint", "--fix", "-f", misspelt, "-o", "json").out)
    assert [each["code"] for each in found["fixed"]] == ["LB131"]
    assert MISSPELT in found["diff"]
    assert found["problems"] == []


def test_what_is_not_fixed_says_why(misspelt: Path) -> None:
    misspelt.write_text(misspelt.read_text().replace(MISSPELT, MISSPELT + '    note: "{{ .Values.note }}"\n'))
    answer = albatross("lint", "--fix", "-f", misspelt)
    assert f"not fixed: LB131 at {misspelt}:" in answer.out
    assert f": {misspelt} is not changed: it is a template\nfixed 0 problems in 0 files\n" in answer.out


ACCOUNT = """---
apiVersion: v1
kind: ServiceAccount
metadata:
  name: aws-load-balancer-controller
  namespace: kube-system
  annotations:
    eks.amazonaws.com/policy-arn: arn:aws:iam::123456789012:policy/lb
"""


def test_an_annotation_that_eks_does_not_read_is_found_and_blocks_nothing(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text((GOLDEN / "good.yaml").read_text() + ACCOUNT)
    answer = albatross("lint", "-f", tmp_path, "-o", "json")
    assert answer.code == 0
    (found,) = json.loads(answer.out)["problems"]
    line = (tmp_path / "a.yaml").read_text().splitlines().index("    eks.amazonaws.com/policy-arn: arn:aws:iam::123456789012:policy/lb") + 1
    assert (found["code"], found["line"], found["column"]) == ("LB701", line, 5)
    assert "kubectl annotate serviceaccount -n kube-system aws-load-balancer-controller" in found["fix"]
    assert albatross("plan", "-f", tmp_path).code == albatross("plan", "-f", GOLDEN / "good.yaml").code


SECRET = """apiVersion: v1
kind: Secret
metadata: {name: oidc, namespace: shop}
dta: {clientSecret: hunter1}
data:
  clientID: 8675309
  clientSecret: aHVudGVyMg==
  clientSecret: aHVudGVyMw==
stringData: hunter4
---
apiVersion: v1
kind: Secret
metadata: {name: broken, namespace: shop}
stringData: {clientSecret: hunter5: 6}
"""


@pytest.mark.parametrize("output", ["text", "json", "github", "sarif", "junit"])
def test_the_contents_of_secrets_are_not_printed(tmp_path: Path, output: str) -> None:
    (tmp_path / "a.yaml").write_text(SECRET)
    answer = albatross("lint", "-f", tmp_path, "-o", output)
    assert answer.code == 1
    for code in ("LB191", "LB194", "LB196", "LB762"):
        assert code in answer.out
    assert not [word for word in ("hunter", "8675309", "aHVudGVy") if word in answer.out + answer.err]


def test_every_problem_at_once() -> None:
    answer = albatross("lint", "-f", GOLDEN / "mistakes.yaml", "-o", "json", "--region", "eu-west-1")
    found = json.loads(answer.out)["problems"]
    assert answer.code == 1
    assert Counter(each["code"] for each in found) == {
        "LB102": 1,  # 30s
        "LB104": 2,  # two schemes
        "LB105": 1,  # an address without a length
        "LB119": 1,  # a condition field
        "LB131": 1,  # an annotation with a misspelled name
        "LB133": 1,  # an action that nobody uses
        "LB144": 1,  # prefix with a small p
        "LB185": 1,  # a certificate of another Region
        "LB186": 1,  # a placeholder
        "LB189": 8,  # host, path, path type, backend, two names of ports, a port twice, the scheme of the class parameters
        "LB194": 1,  # a number without quotes
        "LB206": 1,  # a Service that is not in the files
        "LB208": 1,  # a port that the Service does not have
        "LB213": 1,  # an action that is missing
        "LB220": 1,  # two ports with one number
        "LB407": 3,  # a path, a subnet id and a web ACL
        "LB411": 1,  # the placeholder is not a tag
        "LB438": 1,  # an annotation of another controller
        "LB701": 1,  # an annotation that EKS does not read
    }
    assert all(each["line"] and each["fix"] for each in found)
