"""Services and health checks against the pods of the same files."""

from dataclasses import replace
from typing import Any

import pytest
import yaml
from tests.world import Result, annotated, snapshot

from albatross.catalog.problems import message, remedy
from albatross.model.problem import Problem

SERVICE = """
kind: Service
metadata: {name: web}
spec:
  selector: {app: web}
  ports:
  - {name: http, port: 80, targetPort: %s, nodePort: 30080}
  - {name: admin, port: 81, targetPort: admin, nodePort: 30081}
"""
PORTS = "[{name: http, containerPort: 8080}, {name: admin, containerPort: 8081}]"
SPEC = "{containers: [{name: c, ports: %s, readinessProbe: %s}]}"
POD = "kind: Deployment\nmetadata: {name: %s}\nspec: {template: {metadata: {labels: {app: %s}}, spec: %s}}"


def pod(probe: str = "null", ports: str = PORTS, name: str = "web", app: str = "web") -> str:
    return POD % (name, app, SPEC % (ports, probe))


def found(*patches: str, target: str = "8080", complete: bool = False, **settings: str) -> list[Problem]:
    """The problems of the base Ingress with these settings, of the Service and of these objects."""
    ingress = annotated({key.replace("_", "-"): value for key, value in settings.items()})
    cluster = replace(snapshot(SERVICE % target, ingress, *patches), complete=complete)
    return [each for each in Result(cluster).problems if each.code.startswith("LB25")]


def codes(*patches: str, target: str = "8080", complete: bool = False, **settings: str) -> list[str]:
    return sorted({each.code for each in found(*patches, target=target, complete=complete, **settings)})


def test_pods_that_fit_have_no_problem() -> None:
    assert codes(pod("{httpGet: {path: /, port: http}}")) == []
    assert codes(pod(), target="http") == []
    assert codes() == []


def test_no_pod_in_the_files() -> None:
    other = pod(app="other")
    (problem,) = found(other)
    assert message(problem) == "no pod in the files has the labels app=web; Deployment web: app=other"
    assert problem.origin.field == "spec.selector"
    # other files, other namespaces and clusters can have these pods
    assert codes(other, complete=True) == []
    away = yaml.safe_load(other)
    away["metadata"]["namespace"] = "elsewhere"
    assert codes(yaml.safe_dump(away)) == []
    assert codes(other, "kind: Deployment\nmetadata: {name: unread}\nspec: {template: {spec: {containers: 1}}}") == []
    assert codes(other, "kind: Service\nmetadata: {name: web}\nspec: {selector: null}") == []


def test_ports() -> None:
    (problem,) = found(pod(), target="80")
    assert message(problem) == "no container of Deployment web has the port 80; its ports are 8080 (http), 8081 (admin)"
    assert problem.origin.field == "spec.ports[0].targetPort"
    assert codes(pod(), target="grpc") == ["LB253"]
    assert codes(pod(ports="[{containerPort: 8080}]"), target="http") == ["LB253"]
    # a container does not have to name its ports, and one of several workloads is enough
    assert codes(pod(ports="[]"), target="80") == []
    assert codes(pod(), pod(ports="[{containerPort: 80}]", name="canary"), target="80") == []


@pytest.mark.parametrize(
    ("settings", "wrong"),
    [
        ({"target_type": "ip", "healthcheck_port": "9000"}, ["LB254"]),
        ({"target_type": "ip", "healthcheck_port": "8081"}, []),
        ({"target_type": "ip", "healthcheck_port": "admin"}, []),
        ({"target_type": "ip", "healthcheck_port": "traffic-port"}, []),
        ({"healthcheck_port": "8081"}, ["LB254"]),
        ({"healthcheck_port": "81"}, ["LB254"]),
        ({"healthcheck_port": "30081"}, []),
        # any other program of the node can open this port
        ({"healthcheck_port": "10256"}, []),
    ],
)
def test_the_port_of_the_health_check(settings: dict[str, Any], wrong: list[str]) -> None:
    assert codes(pod(), **settings) == wrong
    assert codes(pod(ports="[]"), **settings) == []


def test_ports_of_the_node() -> None:
    network = pod().replace("{containers", "{hostNetwork: true, containers")
    assert codes(network, healthcheck_port="8081") == []
    assert codes(pod(ports="[{containerPort: 8080}, {name: admin, containerPort: 8081, hostPort: 8081}]"), healthcheck_port="8081") == []
    later = "kind: Service\nmetadata: {name: web}\nspec: {ports: [{name: http, port: 80, targetPort: 8080}]}"
    (problem,) = found(pod(), later, healthcheck_port="8080")
    assert message(problem).endswith("the ports are given by the cluster")


HEALTHZ = "{httpGet: {path: /healthz, port: http}}"


@pytest.mark.parametrize(
    ("probe", "settings", "wrong"),
    [
        (HEALTHZ, {}, ["LB255"]),
        (HEALTHZ, {"healthcheck_path": "/healthz"}, []),
        (HEALTHZ, {"healthcheck_path": "/healthz?deep=1"}, []),
        (HEALTHZ, {"healthcheck_path": "/ping"}, ["LB255"]),
        (HEALTHZ, {"healthcheck_protocol": "HTTPS"}, ["LB256"]),
        (HEALTHZ, {"backend_protocol": "HTTPS"}, ["LB256"]),
        ("{httpGet: {path: /healthz, port: 8080, scheme: https}}", {"healthcheck_path": "/healthz"}, ["LB256"]),
        ("{httpGet: {path: /healthz, port: 8080, scheme: https}}", {"healthcheck_path": "/healthz", "healthcheck_protocol": "HTTPS"}, []),
        ("{grpc: {port: 8080}}", {}, ["LB256"]),
        ("{grpc: {port: 8080}}", {"backend_protocol_version": "GRPC", "listen_ports": '[{"HTTPS": 443}]', "certificate_arn": "arn:a"}, []),
        ("{tcpSocket: {port: 8080}}", {}, []),
        ("{exec: {command: [x]}}", {}, []),
        # only one of the two paths is known to exist on the port
        ("{httpGet: {path: /healthz, port: admin}}", {}, []),
        ("{httpGet: {path: /healthz, port: admin}}", {"healthcheck_path": "/healthz"}, ["LB257"]),
        ("{httpGet: {path: /healthz, port: admin}}", {"healthcheck_path": "/healthz", "healthcheck_port": "admin"}, []),
        ("{httpGet: {path: /healthz, port: admin}}", {"healthcheck_path": "/healthz", "healthcheck_port": "30081"}, []),
        ("{httpGet: {path: /healthz, port: admin}}", {"healthcheck_path": "/healthz", "healthcheck_port": "10256"}, []),
        ("{httpGet: {path: /healthz, port: unknown}}", {"healthcheck_path": "/healthz"}, []),
        ("{httpGet: {path: /healthz, port: admin}}", {"target_type": "ip", "healthcheck_path": "/healthz", "healthcheck_port": "8081"}, []),
        ("{httpGet: {path: /healthz, port: admin}}", {"target_type": "ip", "healthcheck_path": "/healthz"}, ["LB257"]),
        ("{grpc: {port: admin}}", {"healthcheck_path": "/healthz"}, []),
    ],
)
def test_probes(probe: str, settings: dict[str, Any], wrong: list[str]) -> None:
    assert codes(pod(probe), **settings) == wrong


def test_one_probe_that_agrees_is_enough() -> None:
    assert codes(pod(HEALTHZ), pod("{httpGet: {path: /, port: http}}", name="canary")) == []


def test_places_and_words() -> None:
    (default,) = found(pod(HEALTHZ))
    assert default.origin.field == "spec.rules[0].http.paths[0].backend.service"
    assert remedy(default) == "write alb.ingress.kubernetes.io/healthcheck-path: /healthz"
    (written,) = found(pod(HEALTHZ), healthcheck_path="/ping")
    assert written.origin.field == 'metadata.annotations["alb.ingress.kubernetes.io/healthcheck-path"]'
    (grpc,) = found(pod("{grpc: {port: 8080}}"))
    assert remedy(grpc) == "write alb.ingress.kubernetes.io/backend-protocol-version: GRPC"


NLB = """
kind: Service
metadata: {name: net%s}
spec:
  type: LoadBalancer
  loadBalancerClass: service.k8s.aws/nlb
  externalTrafficPolicy: %s
  selector: {app: web}
  ports: [{name: http, port: 80, targetPort: 8080, nodePort: 30090}]
"""
CHECKED = ", annotations: {service.beta.kubernetes.io/aws-load-balancer-healthcheck-protocol: HTTP}"


def test_services_too() -> None:
    assert codes(pod(HEALTHZ), NLB % ("", "Cluster"), healthcheck_path="/healthz") == []
    (problem,) = found(pod(HEALTHZ), NLB % (CHECKED, "Cluster"), healthcheck_path="/healthz")
    assert remedy(problem) == "write service.beta.kubernetes.io/aws-load-balancer-healthcheck-path: /healthz"
    # nodes answer these checks themselves
    assert codes(pod(HEALTHZ), NLB % (CHECKED, "Local"), healthcheck_path="/healthz") == []
