"""A cluster that changes from the peer to us: what the peer left in AWS is what we want, so nothing is written.

`aws/` was recorded from aws-load-balancer-controller v3.5.0: the account after it had deployed each scenario, ids replaced by `lb:`, `tg:`
and `sg:` with names. Bindings, add-ons and reserved capacity are not in the recording.
"""

import json
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from tests.planner.stand import plan

from albatross import manifests, pipeline
from albatross.aws.read.recorded import Recording
from albatross.aws.wire import listener, load_balancer, rule, security_group, target_group
from albatross.catalog import tracking
from albatross.model.config import Config
from albatross.model.observed import Observed, Owned
from albatross.model.plan import PutBinding
from albatross.model.resources.listener import Listener
from albatross.model.resources.ref import Pairs
from albatross.model.resources.rule import Rule
from albatross.model.resources.stack import Stack, StackId
from albatross.model.target import Target

HERE = Path(__file__).parent
FACTS = json.loads((HERE / "scenarios" / "_facts.json").read_text())
STACK = StackId(tracking.INGRESS, "", "")
"""Any stack of Ingresses: its prefix says which tag holds a resource id."""
STATES = {path.stem: json.loads(path.read_text()) for path in sorted((HERE / "aws").glob("*.json"))}
DEVIATING = {path.stem for path in (HERE / "scenarios").glob("*.json") if '"deviation"' in path.read_text()}
CONFIG = Config(
    cluster_name="prod-eks",
    region="ap-northeast-2",
    vpc_id=FACTS["ec2.DescribeVpcs"][0]["VpcId"],
    enable_waf=False,
    enable_wafv2=False,
    enable_shield=False,
    gates={"LBCapacityReservation": False},
)
KNOWN = {f"sg:{each['GroupName']}": each["GroupId"] for each in FACTS["ec2.DescribeSecurityGroups"]} | {
    f"tg:{each['TargetGroupName']}": each["TargetGroupArn"] for each in FACTS["elasticloadbalancingv2.DescribeTargetGroups"]
}


@pytest.fixture(scope="module")
def stacks() -> Mapping[str, Stack | None]:
    """Every group of the scenarios, built as one cluster."""
    loaded = manifests.load([str(path) for path in sorted((HERE / "scenarios").glob("*.yaml"))], complete=True)
    survey, recording = pipeline.survey(loaded.snapshot, CONFIG), Recording(FACTS)
    built: dict[str, Stack | None] = {}
    for stack_id, group in survey.groups.items():
        prepared = pipeline.prepare(loaded.snapshot, CONFIG, group)
        built[str(stack_id)] = pipeline.build(prepared, recording.answer(prepared.questions, CONFIG), CONFIG).stack
    return built


def known(value: Any) -> Any:
    """The recording with the ids of what was in the account before."""
    match value:
        case dict():
            return {key: known(each) for key, each in value.items()}
        case list():
            return [known(each) for each in value]
        case str():
            return KNOWN.get(value, value)
        case _:
            return value


def pairs(found: Mapping[str, str]) -> Pairs:
    return tuple(sorted(found.items()))


def observed(state: Mapping[str, Any]) -> Observed:
    """The recording as `aws.observe` would tell of it."""
    balancers = {f"lb:{name}": each for name, each in state["loadBalancers"].items()}
    lbs = tuple(
        load_balancer.read(
            {**each, "LoadBalancerArn": arn, "AvailabilityZones": [{"SubnetId": subnet} for subnet in each["AvailabilityZones"]]},
            pairs(each["tags"]),
            tracking.resource(each["tags"], STACK),
            pairs(each["attributes"]),
        )
        for arn, each in balancers.items()
    )
    ports = {f"{arn}/{key}": (arn, each) for arn, balancer in balancers.items() for key, each in balancer["listeners"].items()}
    groups = {f"tg:{name}": each for name, each in state["targetGroups"].items()}
    return Observed(
        load_balancers=lbs,
        listeners=tuple(port(arn, *found) for arn, found in ports.items()),
        rules=tuple(entry(arn, each) for arn, (_, found) in ports.items() for each in found["rules"] if not each["IsDefault"]),
        target_groups=tuple(
            target_group.read(
                {**each, "TargetGroupArn": arn}, pairs(each["tags"]), tracking.resource(each["tags"], STACK), pairs(each["attributes"])
            )
            for arn, each in groups.items()
        ),
        security_groups=tuple(
            security_group.read(
                {"GroupId": f"sg:{name}", "IpPermissions": each["ingress"]}, pairs(each["tags"]), tracking.resource(each["tags"], STACK)
            )
            for name, each in state["securityGroups"].items()
        ),
        registered={arn: tuple(target(text) for text in each["targets"]) for arn, each in groups.items() if each["TargetType"] == "alb"},
    )


def port(arn: str, balancer: str, item: Mapping[str, Any]) -> Owned[Listener]:
    sni = list(item["certificates"])
    for default in item.get("Certificates") or ():
        sni.remove(default["CertificateArn"])
    noun = listener.read(item, [{"CertificateArn": each} for each in sni], pairs(item["attributes"]))
    named = replace(noun, id=tracking.resource(item["tags"], STACK))
    return listener.own(named, {"ListenerArn": arn, "LoadBalancerArn": balancer}, pairs(item["tags"]))


def entry(arn: str, item: Mapping[str, Any]) -> Owned[Rule]:
    named = {**item, "RuleArn": f"{arn}/{item['Priority']}"}
    return rule.read(named, arn, pairs(item["tags"]), tracking.resource(item["tags"], STACK))


def target(text: str) -> Target:
    arn, _, number = text.rpartition(":")
    return Target(f"lb:{arn.split('/')[2]}", int(number))


@pytest.mark.parametrize("name", STATES)
def test_nothing_is_written(name: str, stacks: Mapping[str, Stack | None]) -> None:
    for stack_id, state in STATES[name].items():
        stack = stacks[stack_id]
        assert stack is not None
        steps = plan(stack, observed(known(state)), CONFIG).steps
        written = [step.id for step in steps if not isinstance(step.operation, PutBinding)]
        assert written == [] or name in DEVIATING
