"""The pipeline as a whole: order never matters, nothing raises, and a decision is a plan."""

import json
import random
from dataclasses import replace
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from tests.world import CONFIG, PREFIX, RECORDING, Result, annotated, compiled, objects, paths, prepared, snapshot

from albatross import pipeline
from albatross.catalog import kinds, problems
from albatross.catalog.annotations import ANNOTATIONS
from albatross.catalog.tracking import INGRESS
from albatross.cli.model import compiled as model
from albatross.model.ident import Ident
from albatross.model.observed import Observed, Owned
from albatross.model.resources.stack import Stack, StackId
from albatross.pipeline import Decision, Prepared
from albatross.planner.document import document

OTHER = Ident("Ingress", "shop", "other")
APP = StackId(INGRESS, "shop", "app")
NAMES = [row.name.replace("<name>", "web").replace("<protocol>-<port>", "HTTP-80") for row in ANNOTATIONS.values()]
NAMES = [name.replace("<service>.<port>", "web.80") for name in NAMES if name != "group.name"]
RICH = {
    "tags": "b=2,a=1",
    "listen-ports": '[{"HTTPS": 443}, {"HTTP": 80}]',
    "target-group-attributes": "stickiness.enabled=true,slow_start.duration_seconds=30",
    "actions.go": '{"type": "redirect", "redirectConfig": {"statusCode": "HTTP_301", "path": "/x"}}',
}


def team() -> list[dict[str, Any]]:
    members = [
        annotated(
            {"group.name": "team", "group.order": str(number % 2), **RICH},
            f"m{number}",
            spec={"ingressClassName": "alb", **paths((f"/{number}", "Exact", "web:80"), ("/go", "Prefix", "go:use-annotation"))},
        )
        for number in range(4)
    ]
    return objects(*members)


def shuffled(value: Any, dice: random.Random) -> Any:
    """The same JSON with every map in another order."""
    if isinstance(value, dict):
        return {key: shuffled(value[key], dice) for key in dice.sample(list(value), len(value))}
    return [shuffled(each, dice) for each in value] if isinstance(value, list) else value


@given(seed=st.integers(0, 1 << 32))
@settings(max_examples=15, deadline=None)
def test_order_of_objects_and_maps_never_matters(seed: int) -> None:
    dice = random.Random(seed)
    given = [shuffled(each, dice) for each in dice.sample(team(), len(team()))]
    assert model(kinds.snapshot(given), RECORDING, CONFIG) == model(kinds.snapshot(team()), RECORDING, CONFIG)


@given(written=st.dictionaries(st.sampled_from(NAMES), st.text() | st.sampled_from(["true", "1", "a=b", "[]", "{}", '[{"HTTP": 80}]'])))
@settings(max_examples=60, deadline=None)
def test_no_annotation_makes_it_raise(written: dict[str, str]) -> None:
    result = Result(snapshot(annotated(written)))
    stack = result.stacks["shop/app"]
    # a check of what AWS certainly refuses can find an error after a stack is built
    assert stack is not None or result.errors
    if stack is not None:
        json.dumps(document(stack)).encode()


def decided(found: Prepared, observed: Observed | None = None) -> Decision:
    """What the recorded account's answers lead to."""
    built = pipeline.build(found, RECORDING.answer(found.questions, CONFIG), CONFIG)
    return pipeline.decide(found, built, observed or Observed(), CONFIG)


def test_a_group_that_is_not_there_is_empty() -> None:
    found = prepared(snapshot(), StackId(INGRESS, "", "nobody"))
    assert (found.members, found.questions) == ((), frozenset())
    built = pipeline.build(found, RECORDING.answer((), CONFIG), CONFIG)
    assert built.stack is not None
    assert document(built.stack)["resources"] == {"FrontendNLBTargetGroup": {"FrontendNLBTargetGroup": {"TargetGroups": {}}}}


def test_a_decision_is_a_plan_or_nothing_at_all() -> None:
    cluster = snapshot()
    decision = decided(prepared(cluster, APP))
    assert decision.plan is not None
    assert decision.stack is not None
    refused = prepared(snapshot(annotated({"scheme": "x"})), APP)
    assert decided(refused).plan is None


def test_every_question_that_is_asked_was_announced() -> None:
    given = {
        "subnets": "private-a,private-b",
        "security-groups": "web-sg,sg-1",
        "wafv2-acl-name": "acl",
        "enable-frontend-nlb": "true",
        "frontend-nlb-subnets": "subnet-1",
        "frontend-nlb-security-groups": "sg-2",
        "listen-ports": '[{"HTTPS": 443}]',
        "mutual-authentication": '[{"port": 443, "mode": "verify", "trustStore": "ts"}]',
        "actions.go": '{"type": "forward", "targetGroupName": "tg"}',
    }
    default = {"service": {"name": "go", "port": {"name": "use-annotation"}}}
    result = compiled(annotated(given, spec={"defaultBackend": default}))
    assert "LB314" not in result.codes


def test_fewer_questions_where_the_answers_are_not_needed() -> None:
    lean = replace(CONFIG, backend_security_group="sg-1", gates={"SubnetDiscoveryByReachability": False})
    asked = {type(each).__name__ for each in prepared(snapshot(), APP, lean).questions}
    assert asked == {"SubnetsOfVpc", "Zones", "LoadBalancersOfStack"}


def pair(second: dict[str, str]) -> Prepared:
    """A group of `app` and `other`, which has these annotations besides."""
    spec = {"ingressClassName": "alb", **paths(("/b", "Exact", "web:80"))}
    own, other = annotated({"group.name": "team"}), annotated({"group.name": "team", **second}, "other", spec=spec)
    return prepared(snapshot(own, other), StackId(INGRESS, "", "team"))


def standing(stack: Stack | None) -> Observed:
    """A stack as if it stood in AWS: its target groups and rules."""
    assert stack is not None
    groups = tuple(Owned(resource=each, arn=f"arn:{each.id}") for each in stack.target_groups)
    return Observed(target_groups=groups, rules=tuple(Owned(resource=each, arn=f"arn:{each.id}") for each in stack.rules))


def test_what_stands_for_a_member_at_fault_is_kept() -> None:
    well, broken = pair({}), pair({"healthcheck-interval-seconds": "x"})
    before = standing(decided(well).stack)
    decision = decided(broken, before)
    assert broken.faulty == decision.blamed.keys() == {OTHER}
    assert [problem.code for problem in decision.blamed[OTHER]] == ["LB102"]
    assert decision.stack is not None
    assert [group.id for group in decision.stack.target_groups] == ["shop/app-web:80", "shop/other-web:80"]
    restored = replace(broken, restored=frozenset({OTHER}))
    again = decided(restored, before).stack
    assert again is not None
    assert [group.id for group in again.target_groups] == ["shop/app-web:80"]


def namesakes(first: dict[str, str], *routes: str) -> Prepared:
    """A group of `app` and `app-two`, which has these paths."""
    spec = {"ingressClassName": "alb", **paths(*((path, "Exact", "web:80") for path in routes))}
    own, two = annotated({"group.name": "team", **first}), annotated({"group.name": "team"}, "app-two", spec=spec)
    return prepared(snapshot(own, two), StackId(INGRESS, "", "team"))


def test_a_broken_member_keeps_no_route_of_one_whose_name_begins_with_its_own() -> None:
    well, broken = namesakes({}, "/b", "/old"), namesakes({"healthcheck-interval-seconds": "x"}, "/b")
    before = decided(well).stack
    decision = decided(broken, standing(before))
    assert before is not None
    assert decision.stack is not None
    assert {value for rule in before.rules for each in rule.conditions for value in each.values} >= {"/b", "/old"}
    assert "/old" not in {value for rule in decision.stack.rules for each in rule.conditions for value in each.values}
    assert "shop/app-web:80" in {group.id for group in decision.stack.target_groups}


PROTECTED = {"load-balancer-attributes": "deletion_protection.enabled=true"}


def replacing(annotations: dict[str, str]) -> tuple[Prepared, Decision]:
    """What becomes of an internal load balancer that is wanted internet-facing, with these annotations."""
    new = prepared(snapshot(annotated({"scheme": "internet-facing", **annotations})), APP)
    old = prepared(snapshot(annotated({"scheme": "internal"})), APP)
    before = decided(old).stack
    assert before is not None
    seen = Observed(load_balancers=tuple(Owned(resource=each, arn="arn:lb", dns_name="lb.elb") for each in before.load_balancers))
    return new, decided(new, seen)


def test_a_load_balancer_that_shall_be_protected_is_not_replaced() -> None:
    group, refused = replacing(PROTECTED)
    assert (refused.plan, refused.stack) == (None, None)
    (problem,) = refused.blamed[group.members[0]]
    assert (problem.code, problem.origin.field) == ("LB503", 'metadata.annotations["alb.ingress.kubernetes.io/load-balancer-attributes"]')
    assert "cannot change its scheme" in problems.message(problem)
    assert replacing({"load-balancer-attributes": "deletion_protection.enabled=false"})[1].plan


def test_an_error_of_a_member_that_leaves_is_told_to_it() -> None:
    gone = {"annotations": {PREFIX + name: text for name, text in PROTECTED.items()}, "finalizers": ["ingress.k8s.aws/resources"]}
    patch = {"kind": "Ingress", "metadata": {"name": "app", "deletionTimestamp": "2026-01-01T00:00:00Z", **gone}}
    decision = decided(prepared(snapshot(json.dumps(patch)), APP))
    assert {ident.short: [each.code for each in found] for ident, found in decision.blamed.items()} == {"shop/app": ["LB214"]}


def test_a_resource_without_an_id_is_told_of() -> None:
    stray = Observed(unidentified=("arn:stray",))
    decision = decided(pair({}), stray)
    (problem,) = [each for each in decision.problems if each.code == "LB320"]
    assert (problem.origin.object, dict(problem.args)) == ("Ingress/shop/app", {"arn": "arn:stray", "group": "team"})
    assert not decision.blamed
    nobody = prepared(snapshot(), StackId(INGRESS, "", "team"))
    assert decided(nobody, stray).problems == ()


def test_a_denied_feature_is_reported_where_it_is_asked_for() -> None:
    cluster = snapshot(annotated({"wafv2-acl-name": "shop", "shield-advanced-protection": "true"}))
    found = prepared(cluster, APP)
    built = pipeline.build(found, RECORDING.answer(found.questions | found.extra, CONFIG), CONFIG)
    told = pipeline.decide(found, built, Observed(denied=frozenset({"wafv2"})), CONFIG).problems
    assert [each.origin.field for each in told if each.code == "LB713"] == [
        'metadata.annotations["alb.ingress.kubernetes.io/wafv2-acl-name"]'
    ]
