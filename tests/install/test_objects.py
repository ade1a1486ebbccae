"""The objects of an installation: complete, valid, restricted, and always the same."""

from collections import Counter
from typing import Any

import pytest
import yaml
from hypothesis import given as every
from hypothesis import strategies

from albatross.catalog.settings import SETTINGS, read
from albatross.catalog.webhooks import CERTIFICATE, SECRET, SERVICE
from albatross.controller.webhook import certificate
from albatross.install.installation import LEASE, Installation, Item
from albatross.install.objects import objects
from albatross.install.text import document, render
from albatross_sandbox.kube import fault
from albatross_sandbox.kube.cluster import Cluster
from albatross_sandbox.kube.options import Options
from albatross_sandbox.kube.shape import Shape

PLAIN = Installation(cluster_name="prod")
FULL = Installation(
    cluster_name="prod",
    region="eu-west-1",
    vpc_id="vpc-0a1b2c3d",
    namespace="lb",
    image="registry.example.com/albatross@sha256:" + "0" * 64,
    replicas=3,
    role="arn:aws:iam::123456789012:role/albatross",
    settings={"log-level": "debug", "default-tags": "team=a,stage=b", "ingress-class": "public"},
    default_class=True,
    parameters={"scheme": "internet-facing"},
)
MANAGED = Installation(cluster_name="prod", namespace="lb", settings={"webhook-certificates": "cert-manager"})
BARE = Installation(
    cluster_name="prod",
    replicas=1,
    settings={"metrics-bind-addr": "0", "health-probe-bind-addr": "0", "webhook-bind-port": "0", "ingress-class": ""},
    crds=False,
)


def of(kind: str, given: Installation) -> list[Item]:
    return [item for item in objects(given) if item.kind == kind]


def container(given: Installation) -> Any:
    return of("Deployment", given)[0].body["spec"]["template"]["spec"]["containers"][0]


def test_the_usual_installation() -> None:
    assert Counter(item.kind for item in objects(PLAIN)) == {
        "CustomResourceDefinition": 2,
        "ServiceAccount": 1,
        "ClusterRole": 1,
        "ClusterRoleBinding": 1,
        "Role": 1,
        "RoleBinding": 1,
        "IngressClass": 1,
        "Service": 2,
        "PodDisruptionBudget": 1,
        "Deployment": 1,
    }
    assert {item.namespace for item in objects(PLAIN)} == {"", "kube-system"}


def test_one_replica_without_ports_and_class() -> None:
    kinds = {item.kind for item in objects(BARE)}
    assert kinds == {"ServiceAccount", "ClusterRole", "ClusterRoleBinding", "Role", "RoleBinding", "Deployment"}
    assert not container(BARE)["ports"]
    assert "livenessProbe" not in container(BARE)
    assert not of("Deployment", BARE)[0].body["spec"]["template"]["metadata"]["annotations"]


def test_cert_manager_makes_the_certificate_that_is_served() -> None:
    (first, signing), (authority, served) = of("Issuer", MANAGED), of("Certificate", MANAGED)
    assert first.body["spec"] == {"selfSigned": {}}
    assert authority.body["spec"]["issuerRef"]["name"] == first.name
    assert signing.body["spec"]["ca"]["secretName"] == authority.body["spec"]["secretName"]
    assert (authority.body["spec"]["isCA"], "isCA" in served.body["spec"]) == (True, False)
    assert served.body["spec"]["issuerRef"] == {"kind": "Issuer", "name": signing.name}
    assert (served.name, served.body["spec"]["secretName"]) == (CERTIFICATE, SECRET)
    assert set(served.body["spec"]["dnsNames"]) <= set(certificate.names(SERVICE, "lb"))
    assert f"{SERVICE}.lb.svc" in served.body["spec"]["dnsNames"]
    assert "--webhook-certificates=cert-manager" in container(MANAGED)["args"]


def test_without_webhooks_there_is_no_certificate() -> None:
    off = Installation(cluster_name="prod", settings={**MANAGED.settings, "webhook-bind-port": "0"})
    assert (of("Certificate", off), of("Issuer", PLAIN)) == ([], [])


def test_the_class_refers_to_its_parameters() -> None:
    (params,), (found,) = of("IngressClassParams", FULL), of("IngressClass", FULL)
    assert params.body["spec"] == {"scheme": "internet-facing"}
    assert found.body["spec"]["parameters"]["name"] == params.name == found.name == "public"
    assert found.body["metadata"]["annotations"] == {"ingressclass.kubernetes.io/is-default-class": "true"}


def test_the_arguments_are_settings_of_the_controller() -> None:
    first, *flags = container(FULL)["args"]
    assert first == "run"
    values = dict(flag.removeprefix("--").split("=", 1) for flag in flags)
    settings = read(values)
    assert not settings.complaints
    assert settings.config.default_tags == {"team": "a", "stage": "b"}
    assert (settings.config.vpc_id, settings.config.region, settings.options.log_level) == ("vpc-0a1b2c3d", "eu-west-1", "debug")
    assert container(PLAIN)["args"] == ["run", "--cluster-name=prod", "--manage-crds=false"]


def test_a_controller_that_manages_the_definitions_may_do_so() -> None:
    given = Installation(cluster_name="prod", settings={"manage-crds": "true"})
    allowed = [rule["resources"] for item in of("ClusterRole", given) for rule in item.body["rules"]]
    assert ["customresourcedefinitions"] in allowed
    assert ["customresourcedefinitions"] not in [rule["resources"] for item in of("ClusterRole", PLAIN) for rule in item.body["rules"]]
    assert container(given)["args"] == ["run", "--cluster-name=prod"]


def test_the_ports_follow_the_settings() -> None:
    moved = Installation(cluster_name="prod", settings={"metrics-bind-addr": ":9090"})
    assert {"name": "metrics-server", "containerPort": 9090, "protocol": "TCP"} in container(moved)["ports"]
    assert of("Service", moved)[1].body["spec"]["ports"][0]["port"] == 9090


def test_the_lease_of_the_role_is_that_of_the_settings() -> None:
    assert next(row.default for row in SETTINGS if row.flag == "leader-election-id") == LEASE


@pytest.mark.parametrize("given", [PLAIN, FULL, MANAGED, BARE])
def test_the_pods_are_restricted(given: Installation) -> None:
    """The rules of the Pod Security Standard "restricted": https://kubernetes.io/docs/concepts/security/pod-security-standards/."""
    spec = of("Deployment", given)[0].body["spec"]["template"]["spec"]
    assert not {"hostNetwork", "hostPID", "hostIPC", "initContainers", "ephemeralContainers"} & spec.keys()
    assert spec["securityContext"]["runAsNonRoot"] is True
    assert spec["securityContext"]["runAsUser"] > 0
    assert spec["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
    assert all(volume.keys() <= {"name", "emptyDir"} for volume in spec["volumes"])
    for each in spec["containers"]:
        inner = each["securityContext"]
        assert inner["allowPrivilegeEscalation"] is False
        assert inner["capabilities"] == {"drop": ["ALL"]}
        assert inner["readOnlyRootFilesystem"] is True
        assert not {"privileged", "procMount", "seLinuxOptions"} & inner.keys()
        assert all("hostPort" not in port for port in each["ports"])


@pytest.mark.parametrize("given", [PLAIN, FULL, MANAGED, BARE])
async def test_an_api_server_accepts_every_object(given: Installation) -> None:
    cluster = Cluster()
    shape = Shape(cluster.store)
    for item in (*(each for each in objects(FULL) if each.kind == "CustomResourceDefinition"), *objects(given)):
        resource = cluster.registry.of_kind(item.body["apiVersion"], item.kind)
        if resource is None:
            assert item.kind in ("IngressClassParams", "Issuer", "Certificate")  # known only once its definition is in the cluster
            continue
        options = Options(validation="Strict")
        body = shape.read(resource, item.body, options)
        shape.fill(resource, body, None)
        try:
            shape.check(resource, body, None, "")
        except fault.Fault as refused:
            pytest.fail(f"{item.kind}/{item.name}: {refused}")


# As text -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("given", [PLAIN, FULL, MANAGED, BARE])
def test_the_text_has_every_object_with_its_reason(given: Installation) -> None:
    text = render(objects(given))
    assert list(yaml.safe_load_all(text)) == [item.body for item in objects(given)]
    for part in text.split("---\n")[1:]:
        assert part.startswith("# ")
    assert max(len(line) for line in text.splitlines() if line.startswith("#")) <= 120


def test_the_text_is_always_the_same() -> None:
    assert render(objects(FULL)) == render(objects(FULL))


Values = strategies.recursive(
    strategies.text(max_size=8) | strategies.integers() | strategies.booleans() | strategies.none(),
    lambda inner: strategies.lists(inner, max_size=3) | strategies.dictionaries(strategies.text("aby:#- 1", max_size=4), inner, max_size=3),
    max_leaves=8,
)


@every(Values)
def test_any_value_is_read_back(value: Any) -> None:
    assert yaml.safe_load(document(Item("a reason", {"value": value}))) == {"value": value}


@pytest.mark.parametrize(
    "word", ["yes", "Off", "null", "~", "1e3", "0x1", "2026-01-01", "a: b", "- a", "a #b", "", "=", "12:30", "é", "a\nb"]
)
def test_words_that_yaml_reads_differently_are_quoted(word: str) -> None:
    assert yaml.safe_load(document(Item("a reason", {"value": [word]}))) == {"value": [word]}
