"""Evidence for tests: a small cluster with one Ingress, and what AWS has of it."""

from dataclasses import replace
from typing import Any

from tests.world import CONFIG, RECORDING, objects

from albatross import pipeline
from albatross.catalog import kinds
from albatross.catalog.identity import Principal
from albatross.catalog.tracking import INGRESS
from albatross.diagnose.cause import Cause
from albatross.diagnose.evidence import AwsEvidence, Evidence, Ident
from albatross.install import policy as needed
from albatross.install.trust import Account
from albatross.model.facts import Facts, Question, RouteTables, SubnetsOfVpc, Vpc, Zones
from albatross.model.observed import Observed, Owned
from albatross.model.resources.load_balancer import LoadBalancer, SubnetMapping
from albatross.model.resources.stack import StackId

APP = Ident("Ingress", "shop", "app")
STACK = StackId(INGRESS, "shop", "app")
DNS = "k8s-app-1.ap-northeast-2.elb.amazonaws.com"
NOW = 1_800_000_000.0
BALANCER = Owned(
    resource=LoadBalancer(
        id="LoadBalancer",
        name="k8s-app",
        type="application",
        scheme="internal",
        ip_address_type="ipv4",
        subnet_mappings=(SubnetMapping(subnet_id="subnet-1"),),
        security_groups=("sg-lb",),
    ),
    arn="arn:lb",
    dns_name=DNS,
    zone_id="ZLB",
    state="active",
)
LEADER = Principal(kind="pod-identity", arn="arn:aws:sts::123456789012:assumed-role/lb/eks-x", account="123456789012")
ARN = "arn:aws:iam::123456789012:role/lb"
ISSUER = "oidc.eks.ap-northeast-2.amazonaws.com/id/A"
PROVIDER = f"arn:aws:iam::123456789012:oidc-provider/{ISSUER}"
CLUSTER = {
    "arn": "arn:aws:eks:r:1:cluster/prod-eks",
    "identity": {"oidc": {"issuer": f"https://{ISSUER}"}},
    "resourcesVpcConfig": {"clusterSecurityGroupId": "sg-cluster"},
}
LB = Account(namespace="kube-system", name="lb")

Object = dict[str, Any]


def evident(*patches: str, more: tuple[Object, ...] = (), aws: AwsEvidence | None = None, **given: Any) -> Evidence:
    """The base objects with patches and more objects, and the facts of the recorded account."""
    every = [*objects(*patches), *more]
    held: dict[str, tuple[Object, ...]] = {}
    for each in every:
        held[each["kind"]] = (*held.get(each["kind"], ()), each)
    snapshot = kinds.snapshot([each for each in every if each["kind"] in kinds.KINDS])
    made = Evidence(config=CONFIG, now=NOW, snapshot=snapshot, objects=held, **given)
    asked: set[Question] = {SubnetsOfVpc(), RouteTables(), Zones(), Vpc()}
    for group in pipeline.survey(snapshot, CONFIG).groups.values():
        prepared = pipeline.prepare(snapshot, CONFIG, group)
        asked |= prepared.questions | prepared.extra
    known = aws or AwsEvidence(observed={STACK: Observed(load_balancers=(BALANCER,))})
    return replace(made, aws=replace(known, facts=Facts({**RECORDING.answer(asked, CONFIG).answers, **known.facts.answers})))


def deployment(
    name: str = "albatross", image: str = "albatross-controller:1", replicas: int | None = 1, ready: int = 1, **spec: Any
) -> Object:
    """A Deployment of a controller with one pod."""
    container = {"name": "controller", "image": image, "args": ["--cluster-name=prod-eks"]}
    template = {"metadata": {"labels": {"app": name}}, "spec": {"serviceAccountName": "lb", "containers": [container]}}
    body = {"selector": {"matchLabels": {"app": name}}, "template": template, **spec}
    status = {"readyReplicas": ready, "updatedReplicas": ready, "availableReplicas": ready, "replicas": ready, "observedGeneration": 1}
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"namespace": "kube-system", "name": name, "generation": 1},
        "spec": body if replicas is None else {**body, "replicas": replicas},
        "status": status,
    }


def pod(name: str = "web-1", namespace: str = "shop", ip: str = "10.0.0.1", ports: tuple[int, ...] = (8080,), **more: Any) -> Object:
    """A pod that is ready, since a long time unless `started` says when."""
    started = more.pop("started", "2020-01-01T00:00:00Z")
    container = {"name": "web", "image": "web", "ports": [{"containerPort": port} for port in ports], **more.pop("container", {})}
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"namespace": namespace, "name": name, "labels": {"app": "web"}},
        "spec": {"nodeName": "n", "containers": [container]},
        "status": {
            "podIP": ip,
            "conditions": [{"type": "Ready", "status": "True"}],
            "containerStatuses": [{"name": "web", "state": {"running": {"startedAt": started}}}],
        },
        **more,
    }


def account(**annotations: str) -> Object:
    """The ServiceAccount of the Deployment."""
    metadata = {
        "namespace": "kube-system",
        "name": "lb",
        "annotations": {f"eks.amazonaws.com/{k.replace('_', '-')}": v for k, v in annotations.items()},
    }
    return {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": metadata}


def codes(found: Any) -> list[str]:
    """The codes of causes."""
    causes: list[Cause] = list(found)
    return [each.problem.code for each in causes]


def words(found: Cause) -> dict[str, str]:
    """The arguments of the problem of a cause."""
    return dict(found.problem.args)


def installed(*more: Any, leader: Principal | None = None, **aws: Any) -> Evidence:
    return evident(more=(deployment(), *more), leader=leader, aws=AwsEvidence(cluster=CLUSTER, **aws))


def hook(**client: Any) -> dict[str, Any]:
    service = {"service": {"namespace": "kube-system", "name": "albatross-webhook-service"}}
    config = {"metadata": {"name": "albatross-webhook"}, "kind": "ValidatingWebhookConfiguration"}
    return {**config, "webhooks": [{"name": "vingress.elbv2.k8s.aws", "clientConfig": {**service, **client}}]}


def everything() -> dict[str, Any]:
    return needed.document(needed.statements((), "prod-eks", "account"))
