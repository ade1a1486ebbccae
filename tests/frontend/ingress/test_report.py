from dataclasses import replace

from albatross.catalog.problems import PROBLEMS
from albatross.catalog.tracking import INGRESS
from albatross.frontend.ingress import report
from albatross.model.observed import Owned
from albatross.model.plan import CreateBackendGroup, DeleteBinding, Done, Failed, Outcome, Skipped, Step
from albatross.model.problem import Origin, Problem
from albatross.model.resources.binding import Binding
from albatross.model.resources.listener import Listener
from albatross.model.resources.load_balancer import LoadBalancer
from albatross.model.resources.ref import Ref
from albatross.model.resources.stack import Stack, StackId
from albatross.model.snapshot import LoadBalancerIngress

ERROR = next(code for code, row in PROBLEMS.items() if row.severity == "error")


def balancer(id: str) -> LoadBalancer:
    return LoadBalancer(id=id, name=id, type="application", scheme="internal", ip_address_type="ipv4")


def listener(port: int, balancer: str = "LoadBalancer") -> Listener:
    return Listener(id=str(port), load_balancer=Ref("LoadBalancer", balancer, "arn"), port=port, protocol="HTTP")


STACK = Stack(
    id=StackId(INGRESS, "shop", "a"),
    load_balancers=(balancer("LoadBalancer"), balancer("FrontendNlb")),
    listeners=(listener(443), listener(80), listener(9, "FrontendNlb")),
)


def test_addresses_are_the_load_balancers_names_with_its_ports() -> None:
    ids = {Ref("LoadBalancer", "LoadBalancer", "dns_name"): "K8s-A.elb"}
    assert report.addresses(STACK, {}) == ()
    assert report.addresses(STACK, ids) == (LoadBalancerIngress(hostname="k8s-a.elb", ports=(80, 443)),)
    ids[Ref("LoadBalancer", "FrontendNlb", "dns_name")] = "nlb"
    assert report.addresses(STACK, ids)[1] == LoadBalancerIngress(hostname="nlb")


def test_an_ingress_of_no_group_is_told_why() -> None:
    line = report.unplaced([Problem("LB201", Origin("Ingress", "shop", "a", "spec.ingressClassName"), (("name", "abl"),))])
    assert (line.type, line.reason) == ("Warning", "FailedLoadGroupID")
    assert line.message.startswith('failed load groupID due to LB201: IngressClass "abl" does not exist [')


def test_a_broken_member_is_told_code_place_and_fix() -> None:
    line = report.broken([Problem(ERROR, Origin("Ingress", "shop", "a", "spec"))])
    assert (line.type, line.reason) == ("Warning", "FailedBuildModel")
    assert line.message.startswith(f"Failed build model due to {ERROR}: ")
    assert "[Ingress/shop/a spec] fix: " in line.message


def refusal(number: int) -> Problem:
    return Problem("LB520", Origin("Ingress", "shop", "a"), (("said", f"no {number}"), ("what", "put Binding x")))


def test_a_refusal_is_told_with_what_was_done_and_what_waits() -> None:
    binding = Binding(id="x", namespace="shop", name="t", target_group="arn", target_type="ip", service="web", port=80)
    gone = Step(operation=DeleteBinding(before=Owned(resource=binding, arn="shop/t")))
    made = Step(operation=CreateBackendGroup())
    outcome = Outcome(results=(Done(made), Failed(made, ValueError("quota")), Skipped(gone, made.id)))
    line = report.undone(outcome, [refusal(1)])
    assert line.reason == "FailedDeployModel"
    assert line.message.startswith("Failed deploy model due to LB520: put Binding x: no 1; fix: ")
    assert line.message.endswith("; 1 of 3 operations are done, 1 wait for it")


def test_of_many_refusals_some_are_told() -> None:
    line = report.undone(Outcome(), [refusal(number) for number in range(5)])
    assert "no 1" in line.message
    assert "no 2" not in line.message
    assert "; and 3 more; " in line.message


def test_a_refusal_without_a_plan() -> None:
    assert report.stopped(refusal(1)).reason == "FailedDeployModel"


def test_what_is_told_before_it_happens_has_reasons_of_its_own() -> None:
    lines = [report.warned(replace(refusal(1), code=code)) for code in ("LB501", "LB504")]
    assert [(each.type, each.reason) for each in lines] == [
        ("Warning", "ReplacingLoadBalancer"),
        ("Warning", "RemovingDeletionProtection"),
    ]
