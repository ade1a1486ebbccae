"""What carries over from the other controller: from its Deployment, and from its chart values."""

from typing import Any

import pytest

from albatross.catalog.settings import SETTINGS
from albatross.install import peer, values
from albatross.install.account import ROLE
from albatross.install.peer import Carried
from albatross.install.webhooks import INJECT


def deployment(*args: str, image: str = "public.ecr.aws/eks/aws-load-balancer-controller:v3.5.0", **pod: Any) -> dict[str, Any]:
    env = [{"name": "AWS_REGION", "value": "eu-west-1"}, {"name": "MINE", "value": "1"}, {"name": "NODE", "valueFrom": {}}]
    containers = [{"name": "mesh", "image": "proxy"}, {"name": "controller", "image": image, "args": list(args), "env": env}]
    template = {"spec": {"containers": containers, **pod}}
    return {"kind": "Deployment", "metadata": {"name": "lbc"}, "spec": {"template": template}}


def fates(rows: Any) -> dict[str, tuple[str, str]]:
    return {row.name: (row.fate, row.to) for row in rows}


def test_a_deployment_is_known_by_its_image() -> None:
    assert peer.runs(deployment())
    assert not peer.runs(deployment(image="nginx"))
    assert not peer.runs({"kind": "Service"})


def test_what_a_deployment_says() -> None:
    account = {"metadata": {"annotations": {"eks.amazonaws.com/role-arn": "arn:aws:iam::1:role/lbc"}}}
    found = peer.peer(
        deployment("--cluster-name=prod", "--aws-region=$(AWS_REGION)", "--aws-vpc-id=$(GONE)", serviceAccountName="lbc"), account
    )
    assert (found.title, found.replicas, found.account, found.role) == ("Deployment default/lbc", 1, "lbc", "arn:aws:iam::1:role/lbc")
    assert found.settings == {"cluster-name": "prod", "aws-region": "eu-west-1", "aws-vpc-id": "$(GONE)"}
    assert found.env == {"AWS_REGION": "eu-west-1", "MINE": "1"}
    bare = peer.peer({"metadata": {"name": "x", "namespace": "lb"}, "spec": {"replicas": 0, "template": {"spec": {"containers": [{}]}}}})
    assert (bare.replicas, bare.account, bare.role, bare.settings) == (0, "default", "", {})


def test_the_certificate_of_cert_manager_moves_over() -> None:
    """In a cluster only the annotation of the webhook configurations shows it; the flags do not."""
    hook = {"metadata": {"name": "aws-load-balancer-webhook", "annotations": {INJECT: "kube-system/aws-load-balancer-serving-cert"}}}
    found = peer.peer(deployment("--cluster-name=prod"), hooks=[{"metadata": {"name": "bare"}}, hook])
    assert fates(peer.carried(found))[INJECT] == ("renamed", "--cert-manager")
    assert "--cert-manager" in list(peer.command(peer.chosen(found)))
    plain = peer.peer(deployment("--cluster-name=prod"))
    assert peer.chosen(plain) == plain.settings
    assert INJECT not in fates(peer.carried(plain))


def test_arguments_are_read_as_the_other_controller_reads_them() -> None:
    read = peer.parse(
        ["run", "--cluster-name", "prod", "--enable-waf", "--enable-shield=false", "-v", "--log-level", "debug", "--watch-namespace"]
    )
    assert read == {"cluster-name": "prod", "enable-waf": "true", "enable-shield": "false", "log-level": "debug", "watch-namespace": "true"}


def test_every_flag_has_a_fate() -> None:
    args = ("--cluster-name=prod", "--enable-endpoint-slices=false", "--globalaccelerator-max-concurrent-reconciles=2", "--other=1")
    gates = "--feature-gates=EnableIPTargetType=false,ALBSingleSubnet=true,Nothing=true"
    account = {"metadata": {"annotations": {ROLE: "arn"}}}
    assert fates(peer.carried(peer.peer(deployment(*args, gates), account))) == {
        "--cluster-name": ("same", "--cluster-name"),
        "--enable-endpoint-slices": ("no effect", "--enable-endpoint-slices"),
        "--globalaccelerator-max-concurrent-reconciles": ("not supported", "--globalaccelerator-max-concurrent-reconciles"),
        "--other": ("unknown", ""),
        "--feature-gates=EnableIPTargetType": ("no effect", "--feature-gates=EnableIPTargetType"),
        "--feature-gates=ALBSingleSubnet": ("same", "--feature-gates=ALBSingleSubnet"),
        "--feature-gates=Nothing": ("unknown", ""),
        "AWS_REGION": ("same", "AWS_REGION"),
        "MINE": ("not supported", ""),
        "eks.amazonaws.com/role-arn": ("same", "--role-arn"),
    }
    assert peer.NEEDLESS <= peer.KNOWN
    assert ROLE not in fates(peer.carried(peer.peer(deployment(*args))))


def test_a_values_file_moves_over() -> None:
    settings, table = peer.of_values(
        {
            "clusterName": "prod",
            "region": "",
            "defaultTags": {"team": "a", "stage": "b"},
            "externalManagedTags": ["x", "y"],
            "enableShield": False,
            "controllerConfig": {"featureGates": {"ALBSingleSubnet": True}},
            "replicaCount": 3,
            "podLabels": {"a": "b"},
            "enableCertManager": True,
            "webhookConfig": {"ingressValdationFailurePolicy": "Ignore"},
            "nothing": {"at": "all"},
        }
    )
    assert settings == {
        "cluster-name": "prod",
        "default-tags": "team=a,stage=b",
        "external-managed-tags": "x,y",
        "enable-shield": "false",
        "feature-gates": "ALBSingleSubnet=true",
        "webhook-certificates": "cert-manager",
    }
    assert peer.of_values({"enableCertManager": False})[0] == {}
    assert fates(table) == {
        "clusterName": ("renamed", "--cluster-name"),
        "defaultTags": ("renamed", "--default-tags"),
        "externalManagedTags": ("renamed", "--external-managed-tags"),
        "enableShield": ("renamed", "--enable-shield"),
        "--feature-gates=ALBSingleSubnet": ("same", "--feature-gates=ALBSingleSubnet"),
        "replicaCount": ("same", "replicaCount"),
        "podLabels": ("same", "podLabels"),
        "enableCertManager": ("renamed", "--cert-manager"),
        "webhookConfig.ingressValdationFailurePolicy": ("not supported", "webhookConfig.ingressValidationFailurePolicy"),
        "nothing.at": ("unknown", ""),
    }
    assert {row.why for row in table if row.name in ("replicaCount", "podLabels")} == {
        "in the chart; also an option of `albatross install`",
        "in the chart; `albatross install` has its own",
    }


def test_the_command_has_what_decides() -> None:
    settings = {"cluster-name": "prod", "enable-waf": "true", "enable-endpoint-slices": "false", "default-tags": "a=b", "other": "x"}
    assert list(peer.command(settings)) == ["albatross install", "--cluster-name=prod", "--default-tags=a=b"]
    assert list(peer.command({}, "arn", "lb")) == ["albatross install", "--namespace lb", "--role-arn arn"]
    assert list(peer.command({"webhook-certificates": "cert-manager"})) == ["albatross install", "--cert-manager"]


@pytest.mark.parametrize(
    ("ours", "theirs", "found"),
    [
        ({"default-tags": "a=b"}, {"default-tags": "a=b", "log-level": "debug", "strange": "1"}, ()),
        ({"feature-gates": "ALBSingleSubnet=true"}, {"feature-gates": "EndpointsFailOpen=true,ALBSingleSubnet=true"}, ()),
        ({"default-tags": "a=b"}, {"enable-waf": "false"}, ("default-tags", "enable-waf")),
    ],
)
def test_different_decisions_are_named(ours: dict[str, str], theirs: dict[str, str], found: tuple[str, ...]) -> None:
    assert peer.unequal(ours, theirs) == found


def test_the_lease_is_in_the_namespace_of_the_pods() -> None:
    assert peer.lease({}, "lb") == "lb/aws-load-balancer-controller-leader"
    assert peer.lease({"leader-election-namespace": "x", "leader-election-id": "y"}, "lb") == "x/y"


def test_every_value_of_a_setting_exists_once() -> None:
    names = [row.name for row in values.OBJECTS]
    assert len(names) == len(set(names))
    assert not set(names) & set(values.flags())
    assert set(values.OTHERS.values()) <= {row.flag for row in SETTINGS}
    assert {row.path[0] for row in values.OBJECTS if row.name.startswith("image")} == {"image", "imagePullSecrets"}
    assert Carried(name="a", value="b", fate="same").to == ""
