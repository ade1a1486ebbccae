"""Members that disagree, and members at fault: who is served, and who is told."""

from dataclasses import replace

from tests.controller.groups.bed import APP, BAD, GROUPED, IP, TEAM, Bed, default
from tests.world import CONFIG, annotated, objects

from albatross.catalog.tracking import INGRESS, finalizer
from albatross.controller.worker import Verdict
from albatross.model.resources.stack import StackId


def strict(bed: Bed) -> None:
    bed.groups.config = bed.groups.decider.config = replace(CONFIG, strict_groups=True)


# Who is right ----------------------------------------------------------------------------------------------------------


async def test_a_newcomer_with_another_scheme_does_not_stop_the_served_ones(bed: Bed) -> None:
    bed.apply("two", {**GROUPED, "scheme": "internal", "group.order": "5"})
    await bed.look(TEAM)
    bed.heard.take()
    bed.apply("new", {**GROUPED, "scheme": "internet-facing", "group.order": "1"})
    await bed.look(TEAM)
    assert set(bed.heard.take()) == {("two", "SuccessfullyReconciled"), ("new", "FailedBuildModel")}
    assert "DeleteLoadBalancer" not in bed.account.writes()


async def test_while_nobody_is_served_the_group_order_decides(bed: Bed) -> None:
    bed.apply("two", {**GROUPED, "scheme": "internal", "group.order": "5"})
    bed.apply("new", {**GROUPED, "scheme": "internet-facing", "group.order": "1"})
    await bed.look(TEAM)
    assert set(bed.heard.take()) == {("new", "SuccessfullyReconciled"), ("two", "FailedBuildModel")}


async def test_who_moves_into_a_served_group_is_a_newcomer_there(bed: Bed) -> None:
    bed.apply("two", {**GROUPED, "scheme": "internal", "group.order": "5"})
    await bed.look(TEAM)
    bed.apply("app", {**IP, "scheme": "internet-facing"})
    await bed.look()
    bed.heard.take()
    bed.apply("app", {**GROUPED, "scheme": "internet-facing", "group.order": "1"})
    await bed.look(TEAM)
    assert set(bed.heard.take()) == {("two", "SuccessfullyReconciled"), ("app", "FailedBuildModel")}


async def test_the_served_protocol_of_a_port_stands(bed: Bed) -> None:
    bed.apply("two", {**GROUPED, "listen-ports": '[{"HTTP": 8080}]', "group.order": "5"})
    await bed.look(TEAM)
    bed.heard.take()
    tls = {"listen-ports": '[{"HTTPS": 8080}]', "certificate-arn": "arn:aws:acm:ap-northeast-2:123456789012:certificate/a"}
    bed.apply("new", {**GROUPED, **tls, "group.order": "1"})
    await bed.look(TEAM)
    assert set(bed.heard.take()) == {("two", "SuccessfullyReconciled"), ("new", "FailedBuildModel")}


async def test_a_leaver_is_held_while_a_member_is_at_fault(bed: Bed) -> None:
    strict(bed)
    bed.apply(annotations=GROUPED)
    bed.apply("two", GROUPED)
    await bed.look(TEAM)
    bed.cluster.mark_deleted("Ingress", "two")
    bed.apply(annotations={**GROUPED, **BAD})
    assert await bed.look(TEAM) == Verdict()
    assert bed.cluster.finalizers("two") == [finalizer(TEAM)]


# Members at fault ------------------------------------------------------------------------------------------------------


async def test_a_member_at_fault_stays_at_its_last_good_version(bed: Bed) -> None:
    bed.apply(annotations=GROUPED)
    bed.apply("two", GROUPED)
    await bed.look(TEAM)
    bed.heard.take()
    groups = len(bed.account.made["TargetGroup"])
    bed.apply("two", {**GROUPED, **BAD})
    bed.account.journal.clear()
    assert await bed.look(TEAM) == Verdict()
    assert len(bed.account.made["TargetGroup"]) == groups
    assert not [each for each in bed.account.writes() if each.startswith("Delete")]
    assert bed.heard.take() == [("two", "FailedBuildModel"), ("app", "SuccessfullyReconciled")]


async def test_a_member_at_fault_is_not_remembered_as_good(bed: Bed) -> None:
    bed.apply(annotations=GROUPED)
    bed.apply("two", {**GROUPED, **BAD})
    await bed.look(TEAM)
    assert [ident.name for ident in bed.groups.history._good] == ["app"]
    bed.apply("two", {**GROUPED, "healthcheck-path": "/good"})
    await bed.look(TEAM)
    bed.apply("two", {**GROUPED, **BAD, "healthcheck-path": "/bad"})
    await bed.look(TEAM)
    assert {"/good", "/"} == {each["HealthCheckPath"] for each in bed.account.made["TargetGroup"]}
    (good,) = [noun for ident, noun in bed.groups.history._good.items() if ident.name == "two"]
    assert "/good" in good.noun.metadata.annotations.values()


async def test_a_broken_edit_that_also_moves_is_not_undone(bed: Bed) -> None:
    bed.apply("two", IP)
    await bed.look(StackId(INGRESS, "shop", "two"))
    bed.apply(annotations=GROUPED)
    bed.apply("two", {**GROUPED, **BAD})
    await bed.look(TEAM)
    assert ("two", "FailedBuildModel") in bed.heard.take()
    assert [group["TargetGroupName"].startswith("k8s-shop-web") for group in bed.account.made["TargetGroup"]] == [True, True]


async def test_strict_groups_stop_at_the_first_fault(bed: Bed) -> None:
    strict(bed)
    bed.apply(annotations=GROUPED)
    bed.apply("two", {**GROUPED, **BAD})
    assert await bed.look(TEAM) == Verdict()
    assert bed.account.writes() == []
    assert bed.heard.take() == [("two", "FailedBuildModel")]


async def test_problems_are_noted_once(bed: Bed) -> None:
    bed.apply(annotations={**IP, **BAD})
    await bed.look()
    noted = bed.groups.teller.noted[APP]
    await bed.look()
    assert bed.groups.teller.noted[APP] is noted
    assert [problem.code for problem in noted] == ["LB102"]


async def test_an_object_without_a_group_is_told_why(bed: Bed) -> None:
    bed.apply(annotations={"group.name": "Not A Name"})
    bed.groups.teller.complain(bed.index.lost())
    bed.groups.teller.complain([bed.index.placement(each.ident) for each in bed.index.lost()])
    assert bed.heard.take() == [("app", "FailedLoadGroupID")] * 2


async def test_an_edit_reads_only_the_member_that_changed(bed: Bed) -> None:
    bed.apply("two", GROUPED)
    bed.apply("new", GROUPED)
    for _ in range(2):  # the first pass writes finalizers and status
        await bed.look(TEAM)
    memory = bed.groups.decider.memory
    before = dict(memory.readings[TEAM])
    patch = annotated({**GROUPED, "healthcheck-interval-seconds": "20"}, "two", spec={"ingressClassName": "alb", **default("web")})
    bed.cluster.apply(*(each for each in objects(patch) if each["metadata"]["name"] == "two"))
    await bed.look(TEAM)
    after = memory.readings[TEAM]
    assert {ident.name for ident in after if after[ident] is not before[ident]} == {"two"}


async def test_nothing_is_kept_of_a_group_with_one_member(bed: Bed) -> None:
    bed.apply("two", GROUPED)
    bed.apply("new", GROUPED)
    await bed.look(TEAM)
    bed.apply("new", IP)
    await bed.look(TEAM)
    assert TEAM not in bed.groups.decider.memory.readings
