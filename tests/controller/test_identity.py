"""Who the controller is in AWS, and which features AWS denies."""

from typing import Any

import pytest
from structlog.testing import capture_logs
from tests.clock import Virtual
from tests.controller.scripted import Cluster, Heard
from tests.kube.wire import Api

from albatross.aws.session.client import Session
from albatross.aws.session.errors import Unavailable
from albatross.catalog import rbac
from albatross.catalog.identity import ROLE
from albatross.checks.access import Rights
from albatross.controller import herald as heralds
from albatross.controller.features import Features
from albatross.controller.herald import Herald
from albatross.controller.identity import introduce, unknown
from albatross.controller.metrics import Metrics
from albatross.errors import AlbatrossError
from albatross.kube.errors import Forbidden
from albatross.model.config import Config
from albatross.model.snapshot import Metadata

ARN = "arn:aws:sts::123456789012:assumed-role/lb/botocore-session-1"
NODE = "arn:aws:sts::123456789012:assumed-role/nodes/i-0123456789abcdef0"
USER = "system:serviceaccount:kube-system:lb"
PATH = "/api/v1/namespaces/kube-system/serviceaccounts/lb"
EVENTS = next(rule for rule in rbac.RULES if rule.feature == "events")
NODES = next(rule for rule in rbac.RULES if rule.feature == "nodes")


class Known(Session):
    """A session of a given identity."""

    def __init__(self, arn: str, method: str, fault: AlbatrossError | None = None) -> None:
        super().__init__(Config(cluster_name="c", region="eu-west-1"), clock=Virtual())
        self.arn, self.source, self.fault = arn, method, fault

    async def identity(self) -> tuple[str, str]:
        if self.fault:
            raise self.fault
        return "123456789012", self.arn

    async def method(self) -> str:
        return self.source


def told(annotations: dict[str, str]) -> tuple[Herald, Heard]:
    heard = Heard(Cluster())
    return Herald(Metadata(namespace="kube-system", name="lb", annotations=annotations), heard), heard


def codes(lines: list[Any]) -> list[str]:
    return [line["code"] for line in lines if line["event"] == "problem"]


async def test_it_says_who_it_is_everywhere() -> None:
    herald, heard = told({ROLE: "arn:aws:iam::123456789012:role/lb"})
    metrics = Metrics()
    with capture_logs() as lines:
        found = await introduce(Known(ARN, "assume-role-with-web-identity"), herald, metrics, {})
    assert found.kind == "irsa"
    assert [(each.type, each.reason) for each in heard.events] == [("Normal", "Identity")]
    assert f"the controller is {ARN} (IRSA" in heard.events[0].message
    assert [(line["event"], line.get("arn")) for line in lines] == [("identity", ARN)]
    assert f'albatross_identity_info{{account="123456789012",arn="{ARN}",kind="irsa"}} 1.0' in metrics.text().decode()


@pytest.mark.parametrize(
    ("annotations", "found"),
    [
        ({}, ["LB705"]),
        ({"eks.amazonaws.com/policy-arn": "arn:aws:iam::123456789012:policy/lb"}, ["LB701", "LB705"]),
        ({ROLE: "arn:aws:iam::123456789012:role/lb"}, ["LB704"]),
        ({ROLE: '"arn:aws:iam::123456789012:role/lb"'}, ["LB702", "LB705"]),
    ],
)
async def test_the_role_of_the_node_is_not_the_intended_one(annotations: dict[str, str], found: list[str]) -> None:
    herald, heard = told(annotations)
    with capture_logs() as lines:
        await introduce(Known(NODE, "iam-role"), herald, Metrics(), {})
    assert codes(lines) == found
    assert [each.reason for each in heard.events] == ["Identity", *["IdentityMismatch"] * len(found)]


async def test_without_an_answer_of_sts_it_goes_on() -> None:
    herald, heard = told({})
    fault = Unavailable("sts", "GetCallerIdentity", "", "no route")
    assert (await introduce(Known("", "iam-role", fault), herald, Metrics(), {})).kind == "node"
    assert [each.reason for each in heard.events] == ["Identity"]


@pytest.mark.parametrize("key", ["eks.amazonaws.com/policy-arn", "eks.amazonaws.com/role-arn"])
def test_without_credentials_the_annotation_is_the_cause(key: str) -> None:
    herald, heard = told({key: "arn:aws:iam::123456789012:policy/lb"})
    with capture_logs() as lines:
        unknown(herald)
        unknown(Herald())
    assert codes(lines) == ["LB703" if key == ROLE else "LB701"]
    assert [each.reason for each in heard.events] == ["IdentityMismatch"]


async def test_on_a_laptop_there_is_no_service_account() -> None:
    with capture_logs() as lines:
        async with heralds.herald(Cluster(), Rights("kubernetes-admin")) as herald:
            await introduce(Known("arn:aws:iam::123456789012:user/me", "env"), herald, Metrics(), {})
    assert (herald.metadata, codes(lines)) == (None, [])


async def test_the_herald_writes_about_the_service_account(api: Api) -> None:
    await api.running.cluster.create({"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"namespace": "kube-system", "name": "lb"}})
    async with heralds.herald(api.client, Rights(USER, (NODES,))) as herald:
        herald.say("Normal", "Identity", "me")
    written = api.running.cluster.list("events")
    assert [(each["reason"], each["involvedObject"]["name"]) for each in written] == [("AccessMissing", "lb"), ("Identity", "lb")]
    assert written[0]["involvedObject"]["uid"]
    assert "LB711" in written[0]["message"]


async def test_without_events_nothing_is_written() -> None:
    cluster = Cluster()
    cluster.refuse = lambda request: Forbidden(request.method, request.path, 403) if request.path == PATH else None
    async with heralds.herald(cluster, Rights(USER, (EVENTS,))) as herald:
        herald.say("Normal", "Identity", "me")
    assert herald.metadata == Metadata(namespace="kube-system", name="lb")
    assert not [each for each in cluster.journal if "/events" in each[1]]


def called(features: Features, operation: str, code: str = "", service: str = "wafv2") -> None:
    features.called(service, operation, code, 0.1)


def disabled(features: Features) -> list[str]:
    lines = features.metrics.text().decode().splitlines()
    return [line for line in lines if line.startswith("albatross_feature_disabled{")]


def test_a_denied_feature_is_said_once_and_comes_back() -> None:
    herald, heard = told({})
    features = Features(Metrics(), herald, ARN)
    with capture_logs() as lines:
        for _ in range(3):
            called(features, "GetWebACLForResource", "AccessDeniedException")
    assert codes(lines) == ["LB712"]
    assert [(each.reason, each.type) for each in heard.events] == [("FeatureDisabled", "Warning")]
    assert "wafv2:GetWebACLForResource" in heard.events[0].message
    assert ARN in heard.events[0].message
    assert disabled(features) == ['albatross_feature_disabled{action="wafv2:GetWebACLForResource",feature="wafv2"} 1.0']
    called(features, "GetWebACLForResource")
    assert disabled(features) == ['albatross_feature_disabled{action="wafv2:GetWebACLForResource",feature="wafv2"} 0.0']
    assert (heard.events[-1].reason, features.off) == ("FeatureEnabled", {})


@pytest.mark.parametrize(
    ("service", "operation", "code"),
    [
        ("wafv2", "GetWebACLForResource", "WAFInternalErrorException"),
        ("wafv2", "GetWebACLForResource", ""),
        ("elbv2", "CreateLoadBalancer", "AccessDenied"),
        ("sts", "AssumeRole", "AccessDenied"),
        ("elbv2", "RegisterTargets", "AccessDenied"),
    ],
)
def test_other_calls_disable_nothing(service: str, operation: str, code: str) -> None:
    features = Features(Metrics())
    called(features, operation, code, service)
    assert not features.off
    assert f'operation="{operation}"' in features.metrics.text().decode()
