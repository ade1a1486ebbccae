"""Targets: none, unhealthy for each reason of AWS, and the part that stops the health check."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from tests.diagnose.evident import APP, BALANCER, NOW, STACK, codes, evident, pod, words

from albatross.diagnose import firewall, targets
from albatross.diagnose.evidence import AwsEvidence, Evidence, Ident
from albatross.diagnose.firewall import Side
from albatross.diagnose.subject import diagnose
from albatross.model.facts import Facts, Subnet, SubnetsOfVpc
from albatross.model.observed import Observed, Owned
from albatross.model.resources.target_group import HealthCheck, TargetGroup
from albatross.model.target import Registered, Target

CHECK = HealthCheck(
    port="traffic-port",
    protocol="HTTP",
    path="/ping",
    http_code="200",
    interval_seconds=15,
    timeout_seconds=5,
    healthy_threshold_count=2,
    unhealthy_threshold_count=2,
)
GROUP = Owned(
    resource=TargetGroup(id="g", name="k8s-g", target_type="ip", port=80, protocol="HTTP", ip_address_type="ipv4", health_check=CHECK),
    arn="arn:tg",
)
BINDING: dict[str, Any] = {
    "apiVersion": "elbv2.k8s.aws/v1beta1",
    "kind": "TargetGroupBinding",
    "metadata": {"namespace": "shop", "name": "b"},
    "spec": {"targetGroupARN": "arn:tg", "serviceRef": {"name": "web", "port": 80}},
}
RECENT = datetime.fromtimestamp(NOW - 20, UTC).isoformat()


def ill(reason: str, description: str = "", address: str = "10.0.0.1", state: str = "unhealthy", port: int | None = 8080) -> Registered:
    return Registered(Target(id=address, port=port), state, reason, description)


def seen(*health: Registered, more: tuple[Any, ...] = (), check: HealthCheck = CHECK, ident: Ident = APP, **aws: Any) -> Evidence:
    group = replace(GROUP, resource=replace(GROUP.resource, health_check=check))
    stack = STACK if ident is APP else replace(STACK, owner="service.k8s.aws", name="web")
    observed = {stack: Observed(load_balancers=(BALANCER,), target_groups=(group,))}
    known = AwsEvidence(observed=observed, health={"arn:tg": health}, **aws)
    return evident(more=(BINDING, *more), aws=known)


def found(evidence: Evidence) -> Any:
    (cause,) = targets.check(evidence, APP)
    return cause


def test_bindings_of_others_are_left_out() -> None:
    other = {
        **BINDING,
        "metadata": {"namespace": "shop", "name": "c"},
        "spec": {**BINDING["spec"], "serviceRef": {"name": "x", "port": 80}},
    }
    assert len(list(targets.groups(seen(more=(other,)), APP))) == 1


def test_healthy_targets() -> None:
    evidence = seen(ill("", state="healthy"), ill("Target.DeregistrationInProgress", state="draining"))
    assert not list(targets.check(evidence, APP))
    assert "1 of 1 targets of Service shop/web are healthy" in diagnose(evidence, APP).facts


def test_no_target() -> None:
    nobody = found(seen())
    assert words(nobody)["reason"] == "the Service does not exist or has no selector"
    selector = "kind: Service\nmetadata: {name: web, namespace: shop}\nspec: {selector: {app: web}}"
    base = AwsEvidence(observed={STACK: Observed(load_balancers=(BALANCER,), target_groups=(GROUP,))})
    assert words(found(evident(selector, more=(BINDING,), aws=base)))["reason"] == "no pod has the labels app=web"
    pods = found(evident(selector, more=(BINDING, pod()), aws=base))
    assert (pods.problem.code, words(pods)["reason"]) == ("LB606", "none of its 1 pods is ready")
    assert pods.remedy.commands == ("kubectl describe pods -n shop --selector app=web",)


def test_ready_endpoints_that_are_not_registered() -> None:
    some = {
        "apiVersion": "discovery.k8s.io/v1",
        "kind": "EndpointSlice",
        "metadata": {"namespace": "shop", "name": "web-1", "labels": {"kubernetes.io/service-name": "web"}},
        "addressType": "IPv4",
        "endpoints": [
            {"addresses": ["10.0.0.1"], "conditions": {"ready": True}},
            {"addresses": ["10.0.0.2"], "conditions": {"ready": False}},
        ],
        "ports": [{"name": "http", "port": 8080}],
    }
    cause = found(seen(more=(some,)))
    assert (cause.problem.code, words(cause)["ready"]) == ("LB607", "1")


def test_another_code() -> None:
    cause = found(seen(ill("Target.ResponseCodeMismatch", "Health checks failed with these codes: [404]"), more=(pod(),)))
    assert (cause.problem.code, words(cause)["answered"], words(cause)["codes"]) == ("LB610", "404", "200")
    assert words(cause)["targets"] == "pod web-1 (10.0.0.1:8080)"
    assert "healthcheck-path=PATH" in cause.remedy.commands[0]
    assert any("curl -si http://10.0.0.1:8080/ping" in each for each in cause.look)
    plain = found(seen(ill("Target.ResponseCodeMismatch"), check=replace(CHECK, path=None, http_code=None)))
    assert (words(plain)["answered"], words(plain)["check"]) == ("another code", "a HTTP connection on port 8080")


def test_another_code_of_a_service() -> None:
    balanced = "kind: Service\nmetadata: {name: web, namespace: shop}\nspec: {type: LoadBalancer, loadBalancerClass: service.k8s.aws/nlb}"
    ident = Ident("Service", "shop", "web")
    stack = replace(STACK, owner="service.k8s.aws", name="web")
    health = {"arn:tg": (ill("Target.ResponseCodeMismatch", "[500]"),)}
    aws = AwsEvidence(observed={stack: Observed(load_balancers=(BALANCER,), target_groups=(GROUP,))}, health=health)
    (cause,) = targets.check(evident(balanced, more=(BINDING,), aws=aws), ident)
    assert "service.beta.kubernetes.io/aws-load-balancer-healthcheck-path=PATH" in cause.remedy.commands[0]


def test_a_port_that_nobody_has() -> None:
    cause = found(seen(ill("Target.FailedHealthChecks"), more=(pod(),), check=replace(CHECK, port=9999)))
    assert (cause.problem.code, words(cause)["reason"]) == ("LB611", ", and their containers have the ports 8080")
    right = found(seen(ill("Target.FailedHealthChecks"), more=(pod(),)))
    assert right.remedy.commands == ("kubectl logs -n shop web-1",)
    instance = found(seen(ill("Target.FailedHealthChecks", address="i-1")))
    assert instance.remedy.commands == ("kubectl get pods -n shop --output wide",)
    assert found(seen(ill("Target.FailedHealthChecks", port=None))).problem.code == "LB611"


def test_many_targets_are_counted() -> None:
    cause = found(seen(*(ill("Target.Timeout", address=f"10.0.0.{n}") for n in range(1, 6))))
    assert (cause.problem.code, words(cause)["targets"].endswith(" and 2 more")) == ("LB612", True)
    assert "healthcheck-timeout-seconds=10" in cause.remedy.commands[0]


@pytest.mark.parametrize(
    ("reason", "description", "code"),
    [
        ("Target.FailedHealthChecks", "", "LB616"),
        ("Target.Timeout", "", "LB616"),
        ("Target.ResponseCodeMismatch", "Health checks failed with these codes: [503]", "LB616"),
        ("Target.ResponseCodeMismatch", "Health checks failed with these codes: [404]", "LB610"),
    ],
)
def test_pods_that_still_start(reason: str, description: str, code: str) -> None:
    assert found(seen(ill(reason, description), more=(pod(started=RECENT),))).problem.code == code
    assert found(seen(ill(reason, description), more=(pod(ports=(), started=RECENT),))).problem.code == code
    strange = pod()
    strange["status"]["containerStatuses"] = [{"state": {"waiting": {}}}]
    assert found(seen(ill(reason, description), more=(strange,))).problem.code != "LB616"


@pytest.mark.parametrize(
    ("reason", "state", "code"),
    [
        ("Target.NotInUse", "unused", "LB614"),
        ("Target.InvalidState", "unused", "LB615"),
        ("Elb.InternalError", "unhealthy", "LB615"),
        ("Something.New", "unhealthy", "LB615"),
        ("Elb.InitialHealthChecking", "initial", "LB617"),
    ],
)
def test_other_reasons(reason: str, state: str, code: str) -> None:
    cause = found(seen(ill(reason, state=state)))
    assert (cause.problem.code, words(cause)["state"]) == (code, state)


# Security groups -------------------------------------------------------------------------------------------------------


def rule(**given: Any) -> dict[str, Any]:
    return {"GroupId": "sg-node", "IpPermissions": [{"IpProtocol": "tcp", "FromPort": 8080, "ToPort": 8080, **given}]}


INTERFACE = {"PrivateIpAddress": "10.0.0.9", "PrivateIpAddresses": [{"PrivateIpAddress": "10.0.0.1"}], "Groups": [{"GroupId": "sg-node"}]}


def closed(firewall: dict[str, Any], address: str = "10.0.0.1") -> list[str]:
    instances = ({"InstanceId": "i-1", "SecurityGroups": [{"GroupId": "sg-node"}]},)
    timeout = ill("Target.Timeout", address=address)
    facts = Facts({SubnetsOfVpc(): (Subnet(id="subnet-1", vpc_id="v", zone="a", cidr="10.1.0.0/24"),)})
    return codes([found(seen(timeout, firewalls=(firewall,), interfaces=(INTERFACE,), instances=instances, facts=facts))])


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ({}, "LB613"),
        ({"UserIdGroupPairs": [{"GroupId": "sg-other"}]}, "LB613"),
        ({"UserIdGroupPairs": [{"GroupId": "sg-lb"}]}, "LB612"),
        ({"UserIdGroupPairs": [{"GroupId": "sg-lb"}], "FromPort": 9000, "ToPort": 9001}, "LB613"),
        ({"UserIdGroupPairs": [{"GroupId": "sg-lb"}], "IpProtocol": "udp"}, "LB613"),
        ({"UserIdGroupPairs": [{"GroupId": "sg-lb"}], "IpProtocol": "-1"}, "LB612"),
        ({"IpRanges": [{"CidrIp": "10.1.0.0/16"}]}, "LB612"),
        ({"IpRanges": [{"CidrIp": "10.1.0.0/28"}], "Ipv6Ranges": [{"CidrIpv6": "::/0"}]}, "LB613"),
        ({"PrefixListIds": [{"PrefixListId": "pl-1"}]}, "LB612"),
    ],
)
def test_rules(given: dict[str, Any], code: str) -> None:
    assert closed(rule(**given)) == [code]


def test_instances_and_unknown_groups() -> None:
    assert closed(rule(), "i-1") == ["LB613"]
    assert closed(rule(), "10.9.9.9") == ["LB612"]
    assert not firewall.allows({}, Side(groups=frozenset({"sg-x"})), Side(), 1)
    assert firewall.opened(replace_region(), "sg-1", 443, "10.0.0.0/8").endswith("--port 443 --cidr 10.0.0.0/8")


def replace_region() -> Evidence:
    evidence = evident()
    return replace(evidence, config=replace(evidence.config, region=""))
