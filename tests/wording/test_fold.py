"""Operations that are alike are one block."""

from dataclasses import replace

from albatross.catalog.tracking import INGRESS
from albatross.cli.terminal.plan import lines_of
from albatross.model.observed import Owned
from albatross.model.plan import ChangeRecords, Create, Delete, Operation, Plan, Register, Step
from albatross.model.resources.record import Record
from albatross.model.resources.ref import Ref
from albatross.model.resources.security_group import SecurityGroup
from albatross.model.resources.stack import StackId
from albatross.model.resources.target_group import HealthCheck, TargetGroup
from albatross.model.target import Target
from albatross.wording.details import FINAL, OWN_PORTS
from albatross.wording.fold import blocks, shown

CHECK = HealthCheck(
    port="traffic-port", protocol="HTTP", interval_seconds=15, timeout_seconds=5, healthy_threshold_count=2, unhealthy_threshold_count=2
)
GROUP = SecurityGroup(id="g", name="g", description="")


def target(name: str, port: int = 80, protocol: str = "HTTP") -> TargetGroup:
    own = {"target_type": "ip", "ip_address_type": "ipv4", "health_check": CHECK}
    return TargetGroup(id=name, name=f"k8s-{name}", port=port, protocol=protocol, **own)  # type: ignore[arg-type]


def plan(*operations: Operation) -> Plan:
    return Plan(stack=StackId(INGRESS, "shop", "app"), steps=tuple(Step(operation=each) for each in operations))


def written(found: Plan, expand: bool = False) -> str:
    return "\n".join(line.plain for block in blocks(found, FINAL, expand) for line in lines_of(block, 80, expand))


def test_alike_operations_are_one_block_at_the_place_of_the_first() -> None:
    made = [Create(resource=target(f"a{n}", 8000 + n)) for n in range(1, 41)]
    found = list(blocks(plan(made[0], Create(resource=GROUP), *made[1:]), FINAL))
    assert [(each.title, each.names[:2]) for each in found] == [("40 target groups", ("a1", "a2")), ("security group", ("g",))]
    text = written(plan(*made))
    assert text.startswith("    + 40 target groups a1, a2, a3, … 37 more\n        name             k8s-a1; k8s-a2; k8s-a3; … 37 more\n")
    assert "        port             8001; 8002; 8003; … 37 more\n" in text
    assert text.count("protocol         HTTP\n") == 1


def test_two_are_still_compared_by_eye() -> None:
    found = list(blocks(plan(*(Create(resource=target(name)) for name in "ab")), FINAL))
    assert [each.names for each in found] == [("a",), ("b",)]


def test_another_field_is_another_block() -> None:
    made = [Create(resource=target(f"a{n}")) for n in range(3)] + [Create(resource=target("https", protocol="HTTPS"))]
    assert [each.title for each in blocks(plan(*made), FINAL)] == ["3 target groups", "target group"]


def test_deletions_are_folded_by_name() -> None:
    gone = [Delete(before=Owned(resource=replace(GROUP, name=f"g{n}"), arn=f"sg-{n}")) for n in range(5)]
    assert written(plan(*gone)) == "    - 5 security groups g0, g1, g2, … 2 more"
    assert written(plan(*gone[:4])) == "    - 4 security groups g0, g1, g2, g3"


def test_expanded_is_one_block_for_each() -> None:
    made = [Create(resource=target(f"a{n}")) for n in range(3)]
    assert [each.title for each in blocks(plan(*made), FINAL, expand=True)] == ["target group"] * 3


def test_records_with_one_value_are_one_line() -> None:
    balancer = Ref("LoadBalancer", "LoadBalancer", "dns_name")
    made = tuple(Record(id=f"Z/{n}/A", zone="Z", name=f"{n}.example.com", type="A", target=balancer) for n in "abcde")
    other = Record(id="Z/x/TXT", zone="Z", name="x.example.com", type="TXT", values=('"owner"',))
    change = ChangeRecords(zone="Z", creates=(*made, other))
    assert written(plan(change)) == (
        "    + DNS records in hosted zone Z\n"
        "        5 A records      alias of LoadBalancer: a.example.com, b.example.com,\n"
        "                         c.example.com, … 2 more\n"
        '        TXT x.example.com "owner"'
    )
    assert written(plan(change), expand=True).count("alias of LoadBalancer") == 5


def test_named_target_ports_say_what_port_1_means() -> None:
    (block,) = blocks(plan(Create(resource=target("a", port=1))), FINAL)
    assert ("port", (OWN_PORTS,)) in block.fields
    assert OWN_PORTS == "1 (not used: the target port has a name, so each target is registered with its own port)"


def test_a_remark_of_all_values_is_written_once() -> None:
    later = frozenset(("TargetGroup",))
    made = plan(*(Create(resource=target(f"a{n}-0123456789")) for n in range(3)))
    text = "\n".join(line.plain for block in blocks(made, later) for line in lines_of(block, 100))
    assert "name             k8s-a0-…; k8s-a1-…; k8s-a2-… (the end is a hash of UIDs)\n" in text


def test_the_rest_is_a_number() -> None:
    assert shown("abcd", ", ") == "a, b, c, d"
    assert shown("abcde", ", ") == "a, b, c, … 2 more"


def test_a_noun_for_many_stays_as_it_is() -> None:
    added = [Register(target_group=f"tg-{n}", targets=(Target(id="arn:lb", port=80),)) for n in range(4)]
    assert written(plan(*added)) == "    + targets 1 of tg-0, 1 of tg-1, 1 of tg-2, 1 of tg-3"
