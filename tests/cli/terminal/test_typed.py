"""Operations as programs read them: the resource before and after, with types."""

import json
from typing import Any

from albatross.cli.terminal.typed import form, value
from albatross.model.ident import Ident
from albatross.model.observed import Owned
from albatross.model.plan import (
    ChangeRecords,
    Create,
    CreateBackendGroup,
    Delete,
    DeleteBinding,
    Deregister,
    Move,
    Operation,
    PutBinding,
    Register,
    Retire,
    SetCapacity,
    SetRulePriorities,
    Step,
    Update,
)
from albatross.model.resources.action import AuthenticateOidc
from albatross.model.resources.binding import Binding, NetworkingRule
from albatross.model.resources.load_balancer import LoadBalancer
from albatross.model.resources.record import Record
from albatross.model.resources.ref import LATER, Given, Ref
from albatross.model.resources.rule import Rule
from albatross.model.resources.target_group import HealthCheck, TargetGroup
from albatross.model.target import Target

CHECK = HealthCheck(
    port="traffic-port", protocol="HTTP", interval_seconds=15, timeout_seconds=5, healthy_threshold_count=2, unhealthy_threshold_count=2
)
TARGETS = Ref("TargetGroup", "a", "arn")


def balancer(scheme: str = "internal") -> LoadBalancer:
    return LoadBalancer(id="LoadBalancer", name="k8s-app", type="application", scheme=scheme, ip_address_type="ipv4", minimum_capacity=5)


def group(port: int | Given) -> TargetGroup:
    return TargetGroup(
        id="a", name="k8s-a-0123456789", target_type="instance", port=port, protocol="HTTP", ip_address_type="ipv4", health_check=CHECK
    )


def told(operation: Operation, *classes: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(json.dumps(form(Step(operation=operation, needs=("x",)), frozenset(classes))))
    return found


def test_a_creation_has_no_before() -> None:
    found = told(Create(resource=balancer(), tags=(("team", "a"),)))
    assert (found["before"], found["changed"], found["later"], found["needs"]) == (None, [], [], ["x"])
    assert found["after"]["minimum_capacity"] == 5
    assert found["after"]["tags"] == {"team": "a"}
    assert found["after"]["subnet_mappings"] == []


def test_a_change_has_both() -> None:
    before = Owned(resource=balancer(), arn="lb", tags=(("old", "1"), ("team", "a")))
    change = Update(resource=balancer("x"), before=before, changed=("tags",), put_tags=(("team", "b"),), remove_tags=(("old", "1"),))
    found = told(change)
    assert (found["before"]["scheme"], found["after"]["scheme"], found["changed"]) == ("internal", "x", ["tags"])
    assert (found["before"]["tags"], found["after"]["tags"]) == ({"old": "1", "team": "a"}, {"team": "b"})


def test_a_replacement_has_both_and_a_deletion_has_no_after() -> None:
    before = Owned(resource=balancer(), arn="lb")
    found = told(Create(resource=balancer("x"), replaces=before, changed=("scheme",)))
    assert (found["sign"], found["before"]["scheme"], found["after"]["scheme"]) == ("-/+", "internal", "x")
    gone = told(Delete(before=before))
    assert (gone["before"]["name"], gone["after"]) == ("k8s-app", None)


def test_what_the_cluster_gives_is_null_and_named() -> None:
    found = told(Create(resource=group(Given(f"node port of 80 {LATER}"))), "TargetGroup")
    assert (found["after"]["port"], found["after"]["name"], found["later"]) == (None, None, ["name", "port"])
    known = told(Create(resource=group(30080)), "TargetGroup")
    assert (known["after"]["port"], known["after"]["name"], known["later"]) == (30080, None, ["name"])
    final = told(Create(resource=group(30080)))
    assert (final["after"]["name"], final["later"]) == ("k8s-a-0123456789", [])


def test_a_binding_has_the_name_of_its_target_group() -> None:
    rule = NetworkingRule(port=Given(f"node port of 80 {LATER}"))
    binding = Binding(
        id="a", namespace="shop", name="k8s-a-0123456789", target_group=TARGETS, target_type="ip", service="a", port=80, networking=(rule,)
    )
    made = told(PutBinding(resource=binding), "TargetGroup")
    assert made["after"]["name"] is None
    assert made["after"]["networking"][0]["port"] is None
    assert made["after"]["target_group"] == {"kind": "TargetGroup", "id": "a", "field": "arn"}
    there = Owned(resource=binding, arn="shop/a")
    assert told(PutBinding(resource=binding, before=there, changed=("port",)))["before"]["port"] == 80
    assert told(DeleteBinding(before=there))["after"] is None


def test_everything_else() -> None:
    record = Record(id="Z/a/A", zone="Z", name="a", type="A")
    made = told(ChangeRecords(zone="Z", creates=(record,)))
    assert (made["before"], made["after"]["records"][0]["name"]) == (None, "a")
    rule = Owned(resource=Rule(id="80:1", listener=Ref("Listener", "80", "arn"), priority=1, actions=(), conditions=()), arn="rule")
    moved = told(SetRulePriorities(listener=Ref("Listener", "80", "arn"), moves=(Move(rule=rule, priority=7),)))
    assert (moved["before"], moved["after"]) == ({"priorities": {"rule": 1}}, {"priorities": {"rule": 7}})
    capacity = told(SetCapacity(load_balancer=Ref("LoadBalancer", "LoadBalancer", "arn"), units=5))
    assert (capacity["before"], capacity["after"]) == ({"units": None}, {"units": 5})
    added = told(Register(target_group=TARGETS, targets=(Target("i-1", 80),)))
    assert (added["before"], added["after"]) == (None, {"targets": [{"id": "i-1", "port": 80, "zone": "", "server_id": ""}]})
    assert told(Deregister(target_group=TARGETS, targets=()))["before"] == {"targets": []}
    assert told(CreateBackendGroup())["after"] == {}


def test_secrets_are_never_written() -> None:
    action = AuthenticateOidc(
        issuer="https://id.example.com",
        authorization_endpoint="a",
        token_endpoint="t",
        user_info_endpoint="u",
        client_id="me",
        client_secret="hush",
        on_unauthenticated_request="deny",
        scope="openid",
        session_cookie_name="c",
        session_timeout=1,
    )
    assert "hush" not in json.dumps(value(action))
    assert value({"of": Ident("Ingress", "shop", "app")}) == {"of": "Ingress/shop/app"}


def test_a_load_balancer_that_loses_the_address_stays() -> None:
    found = told(Retire(before=Owned(resource=balancer(), arn="lb", tags=(("a", "b"),))))
    assert found["before"] == found["after"]
    assert found["before"]["tags"] == {"a": "b"}
