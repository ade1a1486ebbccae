"""Generated names: vectors that the peer's own tests assert, and more of the same formulas."""

import pytest

from albatross.catalog.naming import FORMULAS, by_uid, hashed
from albatross.catalog.tracking import INGRESS, SERVICE
from albatross.model.resources.stack import StackId
from albatross.planner.builders import name

ECHO = StackId(INGRESS, "default", "echo-server")
MINE = "my-cluster"


@pytest.mark.parametrize(
    ("cluster", "stack", "scheme", "wanted"),
    [
        ("", StackId(INGRESS, "awesome-ns", "ing-1"), "internet-facing", "k8s-awesomen-ing1-43b698093c"),
        ("", StackId(INGRESS, "", "explicit-group"), "internal", "k8s-explicitgroup-5bf9e53c23"),
        (MINE, ECHO, "internal", "k8s-default-echoserv-775293031b"),
        (MINE, StackId(INGRESS, "", "my-team.awesome-group"), "internet-facing", "k8s-myteamawesomegrou-f57e6caa2a"),
    ],
)
def test_load_balancer(cluster: str, stack: StackId, scheme: str, wanted: str) -> None:
    facts = {"cluster": cluster, "stack": str(stack), "scheme": scheme}
    assert name.load_balancer(stack, *hashed(FORMULAS[INGRESS].load_balancer, facts)) == wanted


def test_security_group() -> None:
    facts = {"cluster": MINE, "stack": str(ECHO)}
    assert name.security_group(ECHO, *hashed(FORMULAS[INGRESS].security_group, facts)) == "k8s-default-echoserv-dab668ddb1"


def test_names_of_a_service_depend_on_its_uid() -> None:
    web = StackId(SERVICE, "nlb-own-class", "web")
    facts = {"cluster": "prod-eks", "namespace": "nlb-own-class", "name": "web", "uid": "35e7bac5-e595-4ed2-a00e-54937d22ed1e"}
    balancer = hashed(FORMULAS[SERVICE].load_balancer, {**facts, "scheme": "internal"})
    assert name.load_balancer(web, *balancer) == "k8s-nlbowncl-web-06142139ad"
    assert name.security_group(web, *hashed(FORMULAS[SERVICE].security_group, facts)) == "k8s-nlbowncl-web-d62331b474"


@pytest.mark.parametrize(
    ("port", "number", "control", "wanted"),
    [
        ("http", "8080", (), "k8s-ns1-name1-2c37289a00"),
        ("80", "8080", (), "k8s-ns1-name1-ab859e54b5"),
        ("http", "8080", ("80",), "k8s-ns1-name1-7ed91338c9"),
    ],
)
def test_target_group(port: str, number: str, control: tuple[str, ...], wanted: str) -> None:
    parts = ("", "", "ns-1", "name-1", "my-uuid", port, number, "ip", "HTTP", "HTTP1", *control)
    assert name.target_group("ns-1", "name-1", *parts) == wanted


def test_target_group_of_a_cluster() -> None:
    uid = "11111111-2222-3333-4444-555555555555"
    parts = (MINE, "default/echo-server", "default", "echo-server", uid, "80", "8080", "ip", "HTTP", "HTTP1")
    assert name.target_group("default", "echo-svc-v1", *parts) == "k8s-default-echosvcv-aeac0f4035"


def test_frontend() -> None:
    assert name.frontend("k8s-default-echoserv-775293031b", MINE, ECHO, "internal") == "k8s-default-echoserv-7752930-nlb"
    assert name.frontend("ä" * 15, MINE, ECHO, "internal") == "ä" * 14 + "-nlb"
    assert name.frontend("", MINE, ECHO, "internal") == "k8s-default-echoserv-775293-nlb"
    assert name.frontend("", MINE, StackId(INGRESS, "", "team"), "internal").startswith("k8s-team-")


def test_frontend_target_group() -> None:
    parts = ("80", "alb", "TCP", "traffic-port", "HTTP")
    assert name.frontend_target_group(MINE, ECHO, *parts) == "k8s-default-echoserv-5e88c5d12c"


def test_names_that_only_a_cluster_can_give() -> None:
    assert by_uid(INGRESS) == {"TargetGroup"}
    assert by_uid(SERVICE) == {"TargetGroup", "LoadBalancer", "SecurityGroup"}
