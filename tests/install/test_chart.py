"""The Helm chart: its files parse, its values are those of the other chart, and Helm makes the objects of `render` from it."""

import json
import re
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest
import yaml

from albatross.catalog.settings import SETTINGS
from albatross.install import chart, issuer, sheet, values
from albatross.install.installation import Installation
from albatross.install.objects import objects

helm_python: Any = import_module("helm_python") if find_spec("helm_python") else None

FOLDER = Path(__file__).parents[2] / "charts" / "albatross"
HELM = shutil.which("helm")
FILES = chart.files()
OTHER = Path(__file__).with_name("other-chart.txt").read_text().split()
"""The values of the chart aws-load-balancer-controller 3.5.0, and those that only its templates name."""


# Without Helm ----------------------------------------------------------------------------------------------------------


def test_the_folder_holds_what_is_generated() -> None:
    there = {str(path.relative_to(FOLDER)): path.read_text() for path in FOLDER.rglob("*") if path.is_file() and path.name != "README.md"}
    assert there == dict(FILES)


def test_every_value_of_the_other_chart_is_known() -> None:
    assert set(OTHER) - set(sheet.rows()) - set(values.MISSPELT) == set()
    assert set(values.MISSPELT.values()) <= set(sheet.rows())


def test_values_and_schema_agree() -> None:
    found = yaml.safe_load(FILES["values.yaml"])
    for name, (default, _) in sheet.rows().items():
        place, kinds = found, sheet.schema()
        for key in name.split("."):
            place, kinds = place[key], kinds["properties"][key]
        assert place == default, name
        assert default is None or kinds["type"][0] in ("boolean", "integer", "string", "object", "array", "number"), name
    assert json.loads(FILES["values.schema.json"])["properties"]["clusterName"]["type"] == ["string", "number", "null"]


@pytest.mark.parametrize("name", [name for name in FILES if name.startswith("templates/") and name.endswith(".yaml")])
def test_a_template_is_yaml_around_its_expressions(name: str) -> None:
    assert "<<" not in FILES[name]
    text = FILES[name]
    assert text.count("{{- if ") + text.count("{{- with ") + text.count("{{- range ") == text.count("{{- end }}")
    plain = "\n".join(
        "" if line.lstrip().startswith("{{") else re.sub(r"{{.*?}}", "x", line) for line in re.sub(ELSE, "", text).splitlines()
    )
    assert [each for each in yaml.safe_load_all(plain) if each]


ELSE = re.compile(r"^\{\{- if [^\n]*\}\}\n +\w+:\n\{\{- toYaml[^\n]*\n(?=\{\{- else)", re.MULTILINE)
"""A part that a value replaces: both parts have the same key."""


def test_every_setting_of_a_value_is_an_argument() -> None:
    named = {row.flag for row in values.flags().values()} | {issuer.SETTING, "manage-crds"}
    assert set(re.findall(r'\(list "([a-z0-9-]+)"', FILES["templates/_helpers.tpl"])) == named
    assert {row.flag for row in SETTINGS if row.chart} <= named


def test_what_cannot_be_served_is_said() -> None:
    for each in values.OBJECTS:
        assert (f"WARNING: {each.name} has no effect" in FILES["templates/NOTES.txt"]) == bool(each.unserved)
    assert "ingressValdationFailurePolicy is a typing error" in FILES["templates/NOTES.txt"]


# With Helm -------------------------------------------------------------------------------------------------------------

helm = pytest.mark.skipif(not (HELM or helm_python), reason="neither helm nor the package helm-python-sdk is installed")
Given = Mapping[str, Any]


def rendered(given: Given, tmp_path: Path) -> Iterator[str]:
    """The text of every template, as Helm renders it."""
    if helm_python:
        with helm_python.Chart.load(str(FOLDER)) as loaded:
            loaded.validate_schema(dict(given))
            yield from loaded.render(dict(given), name="albatross", namespace="kube-system").values()
        return
    (tmp_path / "values.yaml").write_text(json.dumps(given))
    run = [str(HELM), "template", "albatross", str(FOLDER), "--namespace", "kube-system", "-f", str(tmp_path / "values.yaml")]
    yield subprocess.run(run, capture_output=True, text=True, check=True).stdout


def made(given: Given, tmp_path: Path) -> dict[tuple[str, str], Any]:
    """The objects by kind and name."""
    found = [each for text in rendered(given, tmp_path) for each in _objects(text)]
    return {(each["kind"], each["metadata"]["name"]): each for each in found}


def _objects(text: str) -> Iterator[Any]:
    if "kind:" in text:
        yield from (each for each in yaml.safe_load_all(text) if each)


def wanted(given: Installation) -> dict[tuple[str, str], Any]:
    return {(item.kind, item.name): item.body for item in objects(given)}


def container(found: dict[tuple[str, str], Any]) -> Any:
    return found["Deployment", "albatross"]["spec"]["template"]["spec"]["containers"][0]


@helm
def test_default_values_make_the_objects_of_render(tmp_path: Path) -> None:
    found = made({"clusterName": "prod"}, tmp_path)
    found |= {("CustomResourceDefinition", each["metadata"]["name"]): each for each in yaml.safe_load_all(FILES["crds/crds.yaml"])}
    expected = wanted(Installation(cluster_name="prod"))
    assert found.keys() == expected.keys()
    for name, body in expected.items():
        assert found[name] == body, name


@helm
def test_other_values_make_the_objects_of_another_installation(tmp_path: Path) -> None:
    given = {
        "clusterName": "{{ .Release.Name }}-1",
        "region": "eu-west-1",
        "vpcId": "vpc-1",
        "replicaCount": 3,
        "image": {"repository": "registry.example.com/albatross", "tag": "v1"},
        "serviceAccount": {"annotations": {"eks.amazonaws.com/role-arn": "arn:aws:iam::1:role/a"}},
        "defaultTags": {"team": "a", "stage": "b"},
        "externalManagedTags": ["x", "y"],
        "enableShield": False,
        "enableWaf": True,
        "maxTargetsPerTargetGroup": 1000000,
        "controllerConfig": {"featureGates": {"ALBSingleSubnet": True}},
        "metricsBindAddr": ":9090",
        "ingressClass": "public",
        "ingressClassConfig": {"default": True},
        "ingressClassParams": {"spec": {"scheme": "internal"}},
    }
    settings = {
        "default-tags": "stage=b,team=a",
        "external-managed-tags": "x,y",
        "enable-shield": "false",
        "max-targets-per-target-group": "1000000",
        "feature-gates": "ALBSingleSubnet=true",
        "metrics-bind-addr": ":9090",
        "ingress-class": "public",
    }
    expected = wanted(
        Installation(
            cluster_name="albatross-1",
            region="eu-west-1",
            vpc_id="vpc-1",
            replicas=3,
            image="registry.example.com/albatross:v1",
            role="arn:aws:iam::1:role/a",
            settings=settings,
            default_class=True,
            parameters={"scheme": "internal"},
            crds=False,
        )
    )
    assert made(given, tmp_path) == expected


@helm
def test_cert_manager_makes_the_objects_of_an_installation_with_it(tmp_path: Path) -> None:
    expected = wanted(Installation(cluster_name="c", crds=False, settings={"webhook-certificates": "cert-manager"}))
    assert made({"clusterName": "c", "enableCertManager": True}, tmp_path) == expected


@helm
def test_cert_manager_with_an_issuer_of_the_user(tmp_path: Path) -> None:
    ours = {"issuerRef": {"kind": "ClusterIssuer", "name": "ours"}, "duration": "100h", "renewBefore": "10h", "revisionHistoryLimit": 3}
    given = {"clusterName": "c", "enableCertManager": True, "certManager": ours, "cluster": {"dnsDomain": "corp.local"}}
    found = {name: body for name, body in made(given, tmp_path).items() if name[0] in ("Issuer", "Certificate")}
    (spec,) = (body["spec"] for body in found.values())
    assert spec.pop("dnsNames")[1] == "albatross-webhook-service.kube-system.svc.corp.local"
    assert spec == {**ours, "secretName": "albatross-webhook-tls"}


PARTS: Given = {
    "clusterName": "c",
    "replicaCount": 1,
    "rbac": {"create": False},
    "serviceAccount": {"create": False, "name": "mine"},
    "createIngressClassResource": False,
    "metricsBindAddr": "0",
    "webhookBindPort": 0,
    "resources": {"limits": {"memory": "2Gi"}},
    "podSecurityContext": {"fsGroup": 1},
    "affinity": {"nodeAffinity": {}},
    "topologySpreadConstraints": [{"maxSkew": 2}],
    "updateStrategy": {"type": "Recreate"},
    "nodeSelector": {"a": "b"},
    "tolerations": [{"operator": "Exists"}],
    "additionalLabels": {"more": "1"},
    "podLabels": {"pod": "2"},
    "podAnnotations": {"note": "3"},
    "deploymentAnnotations": {"note": "4"},
    "env": {"A": 1},
    "envSecretName": "keys",
    "envFrom": [{"secretRef": {"name": "s"}}],
    "extraVolumes": [{"name": "v"}],
    "extraVolumeMounts": [{"name": "v", "mountPath": "/v"}],
    "hostNetwork": True,
    "dnsPolicy": "ClusterFirstWithHostNet",
    "runtimeClassName": "gvisor",
    "imagePullSecrets": [{"name": "pull"}],
    "livenessProbe": {"tcpSocket": {"port": 1}},
    "configureDefaultAffinity": False,
}


@helm
def test_parts_are_replaced_added_and_left_out(tmp_path: Path) -> None:
    found = made(PARTS, tmp_path)
    assert set(found) == {("Deployment", "albatross")}
    body = found["Deployment", "albatross"]
    pod, inner = body["spec"]["template"]["spec"], container(found)
    assert body["metadata"]["labels"]["more"] == body["spec"]["template"]["metadata"]["labels"]["more"] == "1"
    assert body["metadata"]["annotations"] == {"note": "4"}
    assert body["spec"]["template"]["metadata"]["annotations"] == {"note": "3"}
    assert body["spec"]["template"]["metadata"]["labels"]["pod"] == "2"
    assert body["spec"]["strategy"] == {"type": "Recreate"}
    for key in (
        "affinity",
        "topologySpreadConstraints",
        "nodeSelector",
        "tolerations",
        "dnsPolicy",
        "runtimeClassName",
        "imagePullSecrets",
    ):
        assert pod[key] == PARTS[key], key
    assert (pod["serviceAccountName"], pod["hostNetwork"], pod["securityContext"]) == ("mine", True, {"fsGroup": 1})
    assert pod["volumes"][-1] == {"name": "v"}
    assert (inner["resources"], inner["livenessProbe"], inner["envFrom"]) == (PARTS["resources"], PARTS["livenessProbe"], PARTS["envFrom"])
    assert inner["volumeMounts"][-1] == {"name": "v", "mountPath": "/v"}
    assert [each["name"] for each in inner["env"][-3:]] == ["A", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"]
    assert [each["name"] for each in inner["ports"]] == ["health"]
    assert "--webhook-bind-port=0" in inner["args"]


@helm
def test_secrets_monitor_and_budget_on_request(tmp_path: Path) -> None:
    more = {"serviceMonitor": {"enabled": True, "scrapeTimeout": "5s", "relabelings": [{"action": "drop"}]}}
    given = {"clusterName": "c", "clusterSecretsPermissions": {"allowAllSecrets": True}, "podDisruptionBudget": {"minAvailable": 1}, **more}
    found = made(given, tmp_path)
    assert found["ClusterRole", "albatross"]["rules"][-1]["resources"] == ["secrets"]
    assert found["PodDisruptionBudget", "albatross"]["spec"]["minAvailable"] == 1
    assert "maxUnavailable" not in found["PodDisruptionBudget", "albatross"]["spec"]
    (endpoint,) = found["ServiceMonitor", "albatross"]["spec"]["endpoints"]
    assert endpoint == {"port": "metrics-server", "interval": "1m", "scrapeTimeout": "5s", "relabelings": [{"action": "drop"}]}


@helm
@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({}, []),
        ({"webhookConfig": {"ingressValdationFailurePolicy": "Ignore"}}, ["is a typing error of the other chart"]),
        ({"keepTLSSecret": True, "enableCertManager": True}, ["keepTLSSecret has no effect: the running controller"]),
        ({"globalAcceleratorMaxConcurrentReconciles": 9}, ["globalAcceleratorMaxConcurrentReconciles has no effect yet"]),
        ({"webhookTLS": {"caCert": "x"}, "nameOverride": "n"}, ["webhookTLS has no effect", "nameOverride has no effect"]),
    ],
)
def test_the_notes_warn(tmp_path: Path, given: Given, said: list[str]) -> None:
    if not helm_python:
        pytest.skip("helm template does not print the notes; the package helm-python-sdk does")
    text = next(each for each in rendered({"clusterName": "c", **given}, tmp_path) if "The controller runs in namespace" in each)
    assert text.count("WARNING") == len(said)
    assert all(each in text for each in said)


@helm
def test_a_chart_without_the_cluster_name_says_how_to_set_it(tmp_path: Path) -> None:
    with pytest.raises(Exception, match="clusterName") as raised:
        made({}, tmp_path)
    assert "--set clusterName=NAME" in str(getattr(raised.value, "stderr", raised.value))


@helm
def test_a_value_of_a_wrong_type_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Exception, match="replicaCount"):
        made({"clusterName": "c", "replicaCount": "many"}, tmp_path)
