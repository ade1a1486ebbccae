"""Endpoints × registered → register, deregister."""

from dataclasses import replace

import pytest

from albatross.model.snapshot import (
    Endpoint,
    EndpointSlice,
    LabelRequirement,
    LabelSelector,
    Metadata,
    Node,
    Pod,
    PodCondition,
    ServerId,
    Service,
    ServicePort,
    Taint,
    TargetGroupBinding,
)
from albatross.model.target import Registered, Target, Wanted
from albatross.planner import targets
from albatross.planner.targets import Bounds, View

BINDING = TargetGroupBinding(metadata=Metadata(namespace="shop", name="tgb"), target_type="ip", service="web", port=80)
PORT = ServicePort("http", 80, 8080, node_port=30080)
SERVICE = Service(metadata=Metadata(namespace="shop", name="web"), type="NodePort", ports=(PORT,))
POD = Pod(namespace="shop", name="a", pod_ip="10.0.0.1", node_name="n1", conditions=(PodCondition(type="ContainersReady", status="True"),))
NODE = Node(name="n1", provider_id="aws:///a/i-1", ready="True")


def view(endpoint: Endpoint, *, pod: Pod = POD, node: Node = NODE, fail_open: bool = True) -> View:
    piece = EndpointSlice(namespace="shop", name="web-1", service="web", ports=(("http", 8080),), endpoints=(endpoint,))
    return View(service=SERVICE, slices=(piece,), pods={("shop", pod.name): pod}, nodes={node.name: node}, fail_open=fail_open)


def found(seen: View, binding: TargetGroupBinding = BINDING) -> list[str]:
    return [targets.name(w.target) for w in targets.endpoints(binding, seen).wanted]


GATED = Endpoint("10.0.0.1", ("shop", "a"), "n1", ready=False)


@pytest.mark.parametrize(
    ("endpoint", "pod", "node", "expected"),
    [
        (Endpoint("10.0.0.1", ("shop", "a"), "n1", ready=True), POD, NODE, True),
        (Endpoint("10.0.0.1", ("shop", "a"), "n1", ready=None), POD, NODE, True),
        (GATED, POD, NODE, True),
        (GATED, replace(POD, conditions=()), NODE, False),
        (replace(GATED, terminating=True), POD, NODE, False),
        (GATED, POD, replace(NODE, ready="Unknown"), True),
        (GATED, POD, replace(NODE, ready="False"), False),
        (GATED, POD, replace(NODE, name="other"), False),
        (Endpoint("10.0.0.1", ("shop", "stranger"), "n1", ready=True), POD, NODE, False),
        (Endpoint("10.0.0.1", None, "n1", ready=True), POD, NODE, False),
    ],
)
def test_which_endpoint_is_a_target(endpoint: Endpoint, pod: Pod, node: Node, expected: bool) -> None:
    assert found(view(endpoint, pod=pod, node=node)) == (["10.0.0.1:8080"] if expected else [])


def test_a_pod_that_is_not_known_yet_is_named() -> None:
    stranger = Endpoint("10.0.0.1", ("shop", "stranger"), "n1", ready=True)
    assert targets.endpoints(BINDING, view(stranger)).unseen == (("shop", "stranger"),)


QUIC = replace(BINDING, target_group_protocol="QUIC")
IDS = (
    ServerId(variable="OTHER", id="0x0", ports=(8080,)),
    ServerId(variable="ID", id="0x1", ports=(9090,)),
    ServerId(variable="ID", id="0x2", ports=(8080,)),
)


@pytest.mark.parametrize(
    ("ids", "binding", "expected"),
    [
        (IDS, QUIC, ["0x2"]),
        (IDS, replace(BINDING, target_group_protocol="TCP_QUIC"), ["0x2"]),
        (IDS[:2], QUIC, ["0x1"]),  # no container has the port
        (IDS[:1], QUIC, []),  # another variable
        ((), QUIC, []),
        (IDS, replace(BINDING, target_group_protocol="UDP"), [""]),
        (IDS, BINDING, [""]),
    ],
)
def test_targets_of_quic_have_the_server_ids_of_their_pods(
    ids: tuple[ServerId, ...], binding: TargetGroupBinding, expected: list[str]
) -> None:
    seen = view(Endpoint("10.0.0.1", ("shop", "a"), "n1", ready=True), pod=replace(POD, server_ids=ids))
    made = targets.endpoints(binding, replace(seen, variable="ID"))
    assert [each.target.server_id for each in made.wanted] == expected
    assert made.anonymous == (() if expected else (("shop", "a"),))


def test_another_server_id_is_another_target() -> None:
    old, new = Target("10.0.0.1", 443, server_id="0x1"), Target("10.0.0.1", 443, server_id="0x2")
    change = targets.diff([new], [Registered(old, "healthy")])
    assert (change.register, change.deregister, change.replaced) == ((new,), (old,), (old,))


def test_a_lost_node_counts_only_when_failing_open() -> None:
    assert found(view(GATED, node=replace(NODE, ready="Unknown"), fail_open=False)) == []


def test_an_unnamed_service_port_takes_every_slice_port() -> None:
    piece = EndpointSlice(
        namespace="shop",
        name="w",
        service="web",
        ports=(("", 8080), ("x", 9090)),
        endpoints=(Endpoint("10.0.0.1", ("shop", "a"), "n1", True),),
    )
    service = replace(SERVICE, ports=(ServicePort("", 80, 8080),))
    seen = View(service=service, slices=(piece,), pods={("shop", "a"): POD})
    assert found(seen) == ["10.0.0.1:8080", "10.0.0.1:9090"]


def test_slices_of_the_other_family_are_left() -> None:
    assert found(view(GATED), replace(BINDING, ip_address_type="ipv6")) == []


@pytest.mark.parametrize("missing", [View(service=None), replace(view(GATED), service=replace(SERVICE, ports=()))])
def test_without_the_service_or_its_port_nothing_is_known(missing: View) -> None:
    assert not targets.endpoints(BINDING, missing).known


def test_a_port_is_found_by_name() -> None:
    assert found(view(GATED), replace(BINDING, port="http")) == ["10.0.0.1:8080"]


INSTANCE = replace(BINDING, target_type="instance")


def nodes(*some: Node, service: Service = SERVICE) -> View:
    return View(service=service, nodes={n.name: n for n in some})


@pytest.mark.parametrize(
    ("node", "expected"),
    [
        (NODE, True),
        (replace(NODE, labels={"node-role.kubernetes.io/control-plane": ""}), True),
        (replace(NODE, labels={"node-role.kubernetes.io/master": ""}), False),
        (replace(NODE, labels={"eks.amazonaws.com/compute-type": "fargate"}), False),
        (replace(NODE, taints=(Taint("ToBeDeletedByClusterAutoscaler", "NoExecute"),)), False),
        (replace(NODE, taints=(Taint("karpenter.sh/disrupted", "NoSchedule"),)), False),
        (replace(NODE, taints=(Taint("karpenter.sh/disrupted", "NoExecute"),)), True),
        (replace(NODE, ready="False"), False),
        (replace(NODE, provider_id="eks-hybrid:///r/c/mi-1"), False),
    ],
)
def test_which_node_is_a_target(node: Node, expected: bool) -> None:
    assert found(nodes(node), INSTANCE) == (["i-1:30080"] if expected else [])


def test_unready_nodes_serve_when_no_other_does() -> None:
    lost = replace(NODE, name="n2", provider_id="aws:///a/i-2", ready="Unknown")
    assert found(nodes(lost), INSTANCE) == ["i-2:30080"]
    assert found(nodes(lost, NODE), INSTANCE) == ["i-1:30080"]


def test_a_node_without_an_instance_is_named() -> None:
    hybrid = replace(NODE, provider_id="eks-hybrid:///r/c/mi-1")
    assert targets.endpoints(INSTANCE, nodes(hybrid)).unusable == ("n1",)


def test_a_cluster_ip_service_has_no_instances() -> None:
    assert found(nodes(NODE, service=replace(SERVICE, type="ClusterIP")), INSTANCE) == []


@pytest.mark.parametrize(
    ("operator", "values", "expected"),
    [("In", ("a",), True), ("NotIn", ("a",), False), ("Exists", (), True), ("DoesNotExist", (), False), ("Like", (), False)],
)
def test_node_selectors(operator: str, values: tuple[str, ...], expected: bool) -> None:
    selector = LabelSelector({}, (LabelRequirement("zone", operator, values),))
    assert targets.suitable(replace(NODE, labels={"zone": "a"}), selector) is expected


A, B, C = Target("10.0.0.1", 80), Target("10.0.0.2", 80), Target("10.0.0.3", 80)


def test_missing_are_registered_and_surplus_deregistered() -> None:
    change = targets.diff([A, B], [Registered(B, "healthy"), Registered(C, "healthy")])
    assert (change.register, change.deregister) == ((A,), (C,))


def test_nothing_to_do_is_no_change() -> None:
    assert not targets.diff([A], [Registered(A, "unhealthy")])


def test_a_draining_target_is_registered_again_and_never_deregistered() -> None:
    change = targets.diff([A], [Registered(A, "draining"), Registered(B, "draining")])
    assert (change.register, change.deregister) == ((A,), ())


def test_only_our_own_targets_go_in_a_shared_group() -> None:
    change = targets.diff([], [Registered(A, "healthy"), Registered(B, "healthy")], Bounds(mine=frozenset({"10.0.0.1:80"})))
    assert change.deregister == (A,)


@pytest.mark.parametrize(("most", "expected"), [(0, 2), (2, 1), (1, 0), (9, 2)])
def test_the_limit_counts_what_is_listed(most: int, expected: int) -> None:
    assert len(targets.diff([A, B], [Registered(C, "draining")], Bounds(most=most)).register) == expected


def test_an_address_outside_the_vpc_goes_to_all_zones() -> None:
    assert [t.zone for t in targets.placed([A, Target("192.168.0.1", 80)], ["10.0.0.0/16", "fd00::/56"])] == ["", "all"]


def test_order_of_slices_changes_nothing() -> None:
    seen = view(GATED)
    more = replace(seen.slices[0], name="w2", endpoints=(Endpoint("10.0.0.9", ("shop", "a"), "n1", True),))
    one, other = replace(seen, slices=(*seen.slices, more)), replace(seen, slices=(more, *seen.slices))
    assert targets.endpoints(BINDING, one) == targets.endpoints(BINDING, other)
    assert targets.endpoints(BINDING, one).wanted[0] == Wanted(Target("10.0.0.1", 8080), pod=("shop", "a"))
