"""The status of Ingresses, and what those are told that have no group."""

from dataclasses import replace
from typing import Any

from albatross.catalog.tracking import INGRESS
from albatross.frontend.group import Group, Placement
from albatross.frontend.ingress import report
from albatross.frontend.report import Annotations, Standing, Status
from albatross.model.ident import Ident
from albatross.model.problem import Origin, Problem
from albatross.model.resources.listener import Listener
from albatross.model.resources.load_balancer import LoadBalancer
from albatross.model.resources.ref import Ref
from albatross.model.resources.rule import Rule
from albatross.model.resources.stack import Stack, StackId
from albatross.model.snapshot import Ingress, IngressBackend, LoadBalancerIngress, Metadata, Snapshot

A = Ident("Ingress", "shop", "a")


def balancer(id: str) -> LoadBalancer:
    return LoadBalancer(id=id, name=id, type="application", scheme="internal", ip_address_type="ipv4")


def listener(port: int, balancer: str = "LoadBalancer") -> Listener:
    return Listener(id=str(port), load_balancer=Ref("LoadBalancer", balancer, "arn"), port=port, protocol="HTTP")


STACK = Stack(
    id=StackId(INGRESS, "shop", "a"),
    load_balancers=(balancer("LoadBalancer"), balancer("FrontendNlb")),
    listeners=(listener(443), listener(80), listener(9, "FrontendNlb")),
)
OWN, FRONT = Ref("LoadBalancer", "LoadBalancer", "dns_name"), Ref("LoadBalancer", "FrontendNlb", "dns_name")
ADDRESSES = (LoadBalancerIngress(hostname="k8s-a.elb", ports=(80, 443)), LoadBalancerIngress(hostname="nlb"))


def test_addresses_are_the_load_balancers_names_with_its_ports() -> None:
    assert report.addresses(STACK, {}) == ()
    assert report.addresses(STACK, {OWN: "K8s-A.elb"}) == ADDRESSES[:1]
    assert report.addresses(STACK, {OWN: "K8s-A.elb", FRONT: "nlb"}) == ADDRESSES


def rule(member: Ident) -> Rule:
    return Rule(id="80:1", listener=Ref("Listener", "80", "arn"), priority=1, actions=(), conditions=(), member=member)


def status(*found: LoadBalancerIngress, ids: dict[Ref, str], served: bool = True, **more: Any) -> tuple[Status, ...]:
    """What is to be written to a member that says this, beside one that is gone."""
    ingress = Ingress(metadata=Metadata(namespace="shop", name="a"), status=found)
    group = Group(STACK.id, (A, Ident("Ingress", "shop", "gone")))
    standing = Standing(replace(STACK, rules=more.pop("rules", (rule(A),))), ids, frozenset({A} if served else ()), **more)
    return report.status(Snapshot(ingresses={A.key: ingress}), group, standing)


PORTS = [{"port": 80, "protocol": ""}, {"port": 443, "protocol": ""}]
OLD = LoadBalancerIngress(hostname="k8s-old.elb")


def test_a_status_is_written_where_it_says_something_else() -> None:
    ids = {OWN: "K8s-A.elb", FRONT: "nlb"}
    body = {"loadBalancer": {"ingress": [{"hostname": "k8s-a.elb", "ports": PORTS}, {"hostname": "nlb"}]}}
    assert status(ids=ids) == status(*ADDRESSES[:1], ids=ids) == (Status(A, body),)
    assert status(*ADDRESSES, ids=ids) == status(*reversed(ADDRESSES), ids=ids) == ()


def test_an_address_waits_until_its_member_is_served() -> None:
    ids = {OWN: "K8s-A.elb"}
    assert status(ids=ids, served=False, known=frozenset({"k8s-a.elb"})) == ()
    assert status(OLD, ids=ids, served=False, known=frozenset({"k8s-a.elb"})) == ()
    assert status(ids=ids, rules=()) == ()
    other = rule(Ident("Ingress", "shop", "b"))
    assert status(ids=ids, rules=(other,)) == ()


def test_a_default_backend_is_served_without_a_rule() -> None:
    backend = IngressBackend(service="web", port=80)
    ingress = Ingress(metadata=Metadata(namespace="shop", name="a"), default_backend=backend)
    standing = Standing(STACK, {OWN: "K8s-A.elb"}, frozenset({A}))
    assert report.status(Snapshot(ingresses={A.key: ingress}), Group(STACK.id, (A,)), standing)


def test_who_has_an_address_keeps_it_and_sees_what_becomes_of_it() -> None:
    ids = {OWN: "K8s-A.elb", FRONT: "nlb"}
    (found,) = status(LoadBalancerIngress(hostname="k8s-a.elb"), ids=ids, served=False, known=frozenset({"k8s-a.elb"}), rules=())
    assert found.body == {"loadBalancer": {"ingress": [{"hostname": "k8s-a.elb", "ports": PORTS}]}}
    (found,) = status(OLD, ids=ids, served=False, known=frozenset({"k8s-old.elb", "k8s-a.elb"}))
    assert found.body == {"loadBalancer": {"ingress": [{"hostname": "k8s-a.elb", "ports": PORTS}]}}


def test_no_status_is_written_while_no_address_is_known() -> None:
    assert status(ids={}) == ()


def test_an_ingress_of_no_group_is_told_why() -> None:
    problem = Problem("LB201", Origin.of(A, "spec.ingressClassName"), (("name", "abl"),))
    line = report.lost(Placement(ident=A, problems=(problem,), undecided=True))
    assert (line.ident, line.type, line.reason) == (A, "Warning", "FailedLoadGroupID")
    assert line.message.startswith('failed load groupID due to LB201: IngressClass "abl" does not exist [')


# The annotation with the model ---------------------------------------------------------------------------------------

B = Ident("Ingress", "shop", "b")
PLAN = "alb.ingress.kubernetes.io/dry-run-plan"


def pair(**plans: str) -> Snapshot:
    written = {name: {PLAN: text} if text else {} for name, text in plans.items()}
    nouns = [Ingress(metadata=Metadata(namespace="shop", name=name, annotations=each)) for name, each in written.items()]
    return Snapshot(ingresses={noun.metadata.key: noun for noun in nouns})


def test_the_first_member_gets_the_model() -> None:
    group = Group(StackId(INGRESS, "", "team"), members=(A, B))
    assert report.annotations(pair(a="", b=""), group, "{}") == (Annotations(A, {PLAN: "{}"}),)
    assert report.annotations(pair(a="{}", b=""), group, "{}") == ()
    assert report.annotations(pair(a="old", b="{}"), group, "{}") == (Annotations(A, {PLAN: "{}"}), Annotations(B, {PLAN: None}))
    assert report.annotations(pair(b="{}"), group, "{}") == (Annotations(B, {PLAN: None}),)


def test_without_a_model_the_annotation_is_removed() -> None:
    group = Group(StackId(INGRESS, "", "team"), members=(A, B))
    assert report.annotations(pair(a="{}", b=""), group, "") == (Annotations(A, {PLAN: None}),)
    assert report.annotations(pair(a="", b=""), group, "") == ()
