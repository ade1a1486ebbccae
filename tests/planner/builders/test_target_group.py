"""Target groups and bindings, from Services of every kind."""

import json
from dataclasses import replace
from typing import Any

import pytest
from tests.world import CONFIG, Result, annotated, compiled, paths, snapshot

from albatross.model.resources.binding import Binding
from albatross.model.resources.target_group import TargetGroup


def service(ports: list[dict[str, Any]], kind: str = "ClusterIP", annotations: dict[str, str] | None = None, **spec: Any) -> str:
    return annotated(annotations or {}, "web", "Service", spec={"type": kind, "ports": ports, **spec})


def made(annotations: dict[str, str], *patches: str, port: str = "web:80", **rest: Any) -> tuple[TargetGroup, Binding]:
    result = compiled(annotated(annotations, spec=paths(("/", "Prefix", port))), *patches, **rest)
    assert not result.errors, result.problems
    return result.stack.target_groups[0], result.stack.bindings[0]


def errors(annotations: dict[str, str], *patches: str, **rest: Any) -> Result:
    return compiled(annotated(annotations), *patches, **rest)


def test_defaults() -> None:
    group, binding = made({})
    check = group.health_check
    assert (group.target_type, group.port, group.protocol, group.protocol_version, group.ip_address_type) == (
        "instance", 30080, "HTTP", "HTTP1", "ipv4"
    )  # fmt: skip
    assert (check.port, check.protocol, check.path, check.http_code, check.grpc_code) == ("traffic-port", "HTTP", "/", "200", None)
    assert (binding.namespace, binding.name, binding.service, binding.port) == ("shop", group.name, "web", 80)
    assert binding.labels == (("ingress.k8s.aws/stack-name", "app"), ("ingress.k8s.aws/stack-namespace", "shop"))


def test_grpc_has_its_own_defaults() -> None:
    group, _ = made({"backend-protocol-version": "GRPC", "backend-protocol": "HTTPS"})
    check = group.health_check
    assert (check.path, check.http_code, check.grpc_code, check.protocol) == ("/AWS.ALB/healthcheck", None, "12", "HTTPS")


def test_everything_written() -> None:
    given = {
        "healthcheck-port": "81",
        "healthcheck-protocol": "HTTPS",
        "healthcheck-path": "/h",
        "healthcheck-interval-seconds": "20",
        "healthcheck-timeout-seconds": "6",
        "healthy-threshold-count": "3",
        "unhealthy-threshold-count": "4",
        "success-codes": "204",
        "target-group-attributes": "slow_start.duration_seconds=30",
        "target-node-labels": "a=b",
        "multi-cluster-target-group": "true",
    }
    group, binding = made(given)
    check = group.health_check
    numbers = (check.port, check.interval_seconds, check.timeout_seconds, check.healthy_threshold_count, check.unhealthy_threshold_count)
    assert numbers == (81, 20, 6, 3, 4)
    assert (check.protocol, check.path, check.http_code) == ("HTTPS", "/h", "204")
    assert (binding.node_selector, binding.multi_cluster) == ((("a", "b"),), True)
    assert [rule.port for rule in binding.networking or ()] == [30080, 81]


def test_the_service_wins_but_cannot_take_back_multi_cluster() -> None:
    own = {"healthcheck-path": "/svc", "tags": "b=svc", "multi-cluster-target-group": "false"}
    given = {"healthcheck-path": "/ing", "tags": "a=ing,b=ing", "multi-cluster-target-group": "true"}
    group, binding = made(given, annotated(own, "web", "Service"))
    assert (group.health_check.path, group.tags, binding.multi_cluster) == ("/svc", (("a", "ing"), ("b", "svc")), True)
    assert made({}, annotated({"multi-cluster-target-group": "true"}, "web", "Service"))[1].multi_cluster


def test_pods_by_number_and_by_name() -> None:
    assert made({"target-type": "ip"})[0].port == 8080
    named = service([{"name": "http", "port": 80, "targetPort": "web"}])
    group, binding = made({"target-type": "ip"}, named)
    assert group.port == 1
    assert [rule.port for rule in binding.networking or ()] == ["web"]


def test_control_port() -> None:
    group, binding = made({"target-type": "ip", "target-control-port.web.http": "3000"}, port="web:http")
    assert group.control_port == 3000
    assert [rule.port for rule in binding.networking or ()] == [8080, 3000]
    assert errors({"target-control-port.web.80": "3000"}).errors == ["LB151"]


@pytest.mark.parametrize(("kind", "wanted"), [("instance", 30080), ("ip", 8080)])
def test_health_check_port_by_the_services_name(kind: str, wanted: int) -> None:
    assert made({"target-type": kind, "healthcheck-port": "http"})[0].health_check.port == wanted


def test_health_check_ports_that_stand_for_nothing() -> None:
    assert errors({"healthcheck-port": "admin"}).errors == ["LB149"]
    named = service([{"name": "http", "port": 80, "targetPort": "web"}])
    assert errors({"target-type": "ip", "healthcheck-port": "http"}, named).errors == ["LB150"]


def test_ports_that_are_missing() -> None:
    assert errors({}, service([{"name": "http", "port": 80, "targetPort": 8080}])).errors == ["LB209"]
    cluster = snapshot(annotated({"target-type": "ip"}))
    web = cluster.services["shop", "web"]
    bare = replace(web, ports=(replace(web.ports[0], target_port=0),))
    assert Result(replace(cluster, services={("shop", "web"): bare})).errors == ["LB210"]


def test_pods_can_be_switched_off() -> None:
    off = replace(CONFIG, gates={"EnableIPTargetType": False})
    assert errors({"target-type": "ip"}, config=off).errors == ["LB168"]
    assert errors({}, config=replace(off, default_target_type="ip")).errors == ["LB168"]


def test_ipv6_needs_a_dualstack_load_balancer() -> None:
    both = service([{"name": "http", "port": 80, "targetPort": 8080, "nodePort": 30080}], "NodePort", ipFamilies=["IPv4", "IPv6"])
    assert errors({}, both).at("LB170") == ["spec.ipFamilies"]
    assert "LB170" not in errors({"ip-address-type": "dualstack"}, both).codes


def test_networking_follows_the_security_groups() -> None:
    assert made({"security-groups": "web-sg"})[1].networking is None
    managed = made({"security-groups": "web-sg", "manage-backend-security-group-rules": "true"})[1]
    assert [rule.port for rule in managed.networking or ()] == [30080]
    wide = made({}, config=replace(CONFIG, disable_restricted_sg_rules=True))[1]
    assert [rule.port for rule in wide.networking or ()] == [None]
    alone = made({}, config=replace(CONFIG, enable_backend_security_group=False))[1]
    assert "ManagedLBSecurityGroup" in repr(alone.networking)
    fixed = made({}, config=replace(CONFIG, backend_security_group="sg-fixed"))[1]
    assert (fixed.networking or ())[0].source_group == "sg-fixed"
    off = replace(CONFIG, enable_backend_security_group=False)
    assert errors({"security-groups": "web-sg", "manage-backend-security-group-rules": "true"}, config=off).errors == ["LB169"]


def test_a_group_labels_its_bindings() -> None:
    result = compiled(annotated({"group.name": "team"}))
    stack = result.stacks["team"]
    assert stack is not None
    assert stack.bindings[0].labels == (("ingress.k8s.aws/stack", "team"),)


def test_an_error_in_one_target_leaves_out_the_route() -> None:
    targets = [{"serviceName": "web", "servicePort": port, "weight": 1} for port in (80, "http")]
    given = {"actions.go": json.dumps({"type": "forward", "forwardConfig": {"targetGroups": targets}}), "healthcheck-port": "admin"}
    result = compiled(annotated(given, spec=paths(("/", "Prefix", "go:use-annotation"))))
    assert result.errors == ["LB149"]
