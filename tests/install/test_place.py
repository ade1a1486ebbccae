"""Name, region and VPC of a cluster from several sources."""

from typing import Any

import pytest

from albatross.install import place
from albatross.install.place import Clue, settle
from albatross.model.problem import Origin

AT = Origin("Deployment", "kube-system", "albatross")
SERVER = "https://0123456789ABCDEF0123456789ABCDEF.gr7.eu-west-1.eks.amazonaws.com"
CONTEXT = "arn:aws:eks:eu-west-1:123456789012:cluster/prod"


def pairs(clues: object) -> list[tuple[str, str]]:
    return [(clue.fact, clue.value) for clue in clues]  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("server", "names", "command", "found"),
    [
        (SERVER, (), (), [("aws-region", "eu-west-1")]),
        ("https://ABC.sk1.cn-north-1.eks.amazonaws.com.cn", (), (), [("aws-region", "cn-north-1")]),
        ("https://ABC.yl4.us-gov-west-1.eks.amazonaws.com:443", (), (), [("aws-region", "us-gov-west-1")]),
        ("https://127.0.0.1:6443", ("sandbox", ""), (), []),
        ("https://x", (CONTEXT, CONTEXT), (), [("cluster-name", "prod"), ("aws-region", "eu-west-1")]),
        (
            "https://x",
            (),
            ("aws", "--region", "eu-west-1", "eks", "get-token", "--cluster-name", "prod", "--output", "json"),
            [("cluster-name", "prod"), ("aws-region", "eu-west-1")],
        ),
        ("https://x", (), ("aws", "eks", "get-token", "--cluster-name=prod"), [("cluster-name", "prod")]),
        ("https://x", (), ("aws-iam-authenticator", "token", "-i", "prod"), [("cluster-name", "prod")]),
        ("https://x", (), ("aws-iam-authenticator", "token", "--cluster-id", "prod"), [("cluster-name", "prod")]),
    ],
)
def test_a_kubeconfig(server: str, names: tuple[str, ...], command: tuple[str, ...], found: list[tuple[str, str]]) -> None:
    assert pairs(place.of_access(server, names, command)) == found


def test_nodes() -> None:
    labels = {"topology.kubernetes.io/region": "eu-west-1", "alpha.eksctl.io/cluster-name": "prod"}
    nodes: list[dict[str, Any]] = [{"metadata": {"name": "a", "labels": labels}}, {"metadata": {"name": "b"}}, {}]
    assert pairs(place.of_nodes(nodes)) == [("aws-region", "eu-west-1"), ("cluster-name", "prod")]


@pytest.mark.parametrize(
    ("tags", "found"),
    [
        ({"aws:eks:cluster-name": "prod", "kubernetes.io/cluster/other": "owned"}, ["prod"]),
        ({"kubernetes.io/cluster/prod": "owned", "kubernetes.io/cluster/other": "shared"}, ["prod"]),
        ({"Name": "node"}, []),
    ],
)
def test_tags_of_instances(tags: dict[str, str], found: list[str]) -> None:
    instance = {"InstanceId": "i-1", "Tags": [{"Key": key, "Value": value} for key, value in tags.items()]}
    assert [clue.value for clue in place.of_instances([instance])] == found


def test_instances_are_in_a_vpc() -> None:
    assert pairs(place.of_instances([{"InstanceId": "i-1", "VpcId": "vpc-1"}])) == [("aws-vpc-id", "vpc-1")]


def test_eks() -> None:
    found = {"name": "prod", "endpoint": SERVER, "resourcesVpcConfig": {"vpcId": "vpc-1"}}
    assert pairs(place.of_cluster(found, SERVER)) == [("aws-vpc-id", "vpc-1")]
    assert pairs(place.of_cluster({"name": "prod"}, SERVER)) == []
    (other,) = place.of_cluster(found, SERVER.replace("0123", "9999"))
    assert other.fact == "cluster-name"
    assert SERVER in other.source


def test_what_is_given_comes_first_and_contradictions_are_problems() -> None:
    clues = [
        Clue("cluster-name", "prod", "a tag"),
        Clue("cluster-name", "prod", "another tag"),
        Clue("aws-region", "eu-west-1", "a label"),
        Clue("aws-vpc-id", "vpc-2", "an instance"),
    ]
    settled = settle({"cluster-name": "prd", "aws-region": "", "aws-vpc-id": "vpc-1"}, clues, AT)
    assert settled.values == {"cluster-name": "prd", "aws-region": "eu-west-1", "aws-vpc-id": "vpc-1"}
    assert settled.sources["aws-region"] == "a label"
    assert [(each.code, dict(each.args)["source"]) for each in settled.problems] == [("LB730", "a tag"), ("LB732", "an instance")]


def test_a_region_that_contradicts() -> None:
    (problem,) = settle({"aws-region": "eu-west-2"}, [Clue("aws-region", "eu-west-1", "a label")], AT).problems
    assert problem.code == "LB731"


def test_sources_that_agree_are_no_problem() -> None:
    assert settle({"cluster-name": "prod"}, [Clue("cluster-name", "prod", "a tag")], AT).problems == ()


def test_an_unknown_name() -> None:
    assert place.unknown("nobody knows", AT).code == "LB733"
