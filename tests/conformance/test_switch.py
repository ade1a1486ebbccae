"""A cluster that changes from the peer to us: what the peer left in AWS is what we want, so nothing is written.

`aws/` was recorded from aws-load-balancer-controller v3.5.0: the account after it had deployed each scenario, ids replaced by `lb:`, `tg:`
and `sg:` with names. Bindings, add-ons and reserved capacity are not in the recording.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
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


@dataclass(frozen=True)
class Recorded:
    """All recordings of one kind of objects: the account before, the states after, and the stacks that are built for them."""

    folder: Path
    owner: str

    @cached_property
    def facts(self) -> Mapping[str, Any]:
        found: Mapping[str, Any] = json.loads((self.folder / "scenarios" / "_facts.json").read_text())
        return found

    @cached_property
    def config(self) -> Config:
        return Config(
            cluster_name="prod-eks",
            region="ap-northeast-2",
            vpc_id=self.facts["ec2.DescribeVpcs"][0]["VpcId"],
            enable_waf=False,
            enable_wafv2=False,
            enable_shield=False,
            gates={"LBCapacityReservation": False},
        )

    @cached_property
    def states(self) -> Mapping[str, Any]:
        return {path.stem: json.loads(path.read_text()) for path in sorted((self.folder / "aws").glob("*.json"))}

    @cached_property
    def deviating(self) -> set[str]:
        return {path.stem for path in (self.folder / "scenarios").glob("*.json") if '"deviation"' in path.read_text()}

    @cached_property
    def stacks(self) -> Mapping[str, Stack | None]:
        """Every group of the scenarios, built as one cluster."""
        loaded = manifests.load([str(path) for path in sorted((self.folder / "scenarios").glob("*.yaml"))], complete=True)
        survey, recording = pipeline.survey(loaded.snapshot, self.config), Recording(self.facts)
        built: dict[str, Stack | None] = {}
        for stack_id, group in survey.groups.items():
            prepared = pipeline.prepare(loaded.snapshot, self.config, group)
            built[str(stack_id)] = pipeline.build(prepared, recording.answer(prepared.questions, self.config), self.config).stack
        return built

    @cached_property
    def before(self) -> Mapping[str, str]:
        """The ids of what was in the account before."""
        groups = {f"sg:{each['GroupName']}": each["GroupId"] for each in self.facts["ec2.DescribeSecurityGroups"]}
        targets = self.facts["elasticloadbalancingv2.DescribeTargetGroups"]
        return groups | {f"tg:{each['TargetGroupName']}": each["TargetGroupArn"] for each in targets}

    def known(self, value: Any) -> Any:
        """The recording with the ids of what was in the account before."""
        match value:
            case dict():
                return {key: self.known(each) for key, each in value.items()}
            case list():
                return [self.known(each) for each in value]
            case str():
                return self.before.get(value, value)
            case _:
                return value


KINDS = {"ingress": Recorded(HERE, tracking.INGRESS), "service": Recorded(HERE / "nlb", tracking.SERVICE)}


def pairs(found: Mapping[str, str]) -> Pairs:
    return tuple(sorted(found.items()))


def observed(state: Mapping[str, Any], owner: str) -> Observed:
    """The recording as `aws.observe` would tell of it. The owner's prefix says which tag holds a resource id."""
    stack = StackId(owner, "", "")
    balancers = {f"lb:{name}": each for name, each in state["loadBalancers"].items()}
    lbs = tuple(
        load_balancer.read(
            {**each, "LoadBalancerArn": arn, "AvailabilityZones": [{"SubnetId": subnet} for subnet in each["AvailabilityZones"]]},
            pairs(each["tags"]),
            tracking.resource(each["tags"], stack),
            pairs(each["attributes"]),
        )
        for arn, each in balancers.items()
    )
    ports = {f"{arn}/{key}": (arn, each) for arn, balancer in balancers.items() for key, each in balancer["listeners"].items()}
    groups = {f"tg:{name}": each for name, each in state["targetGroups"].items()}
    return Observed(
        load_balancers=lbs,
        listeners=tuple(port(arn, *found, stack) for arn, found in ports.items()),
        rules=tuple(entry(arn, each, stack) for arn, (_, found) in ports.items() for each in found["rules"] if not each["IsDefault"]),
        target_groups=tuple(
            target_group.read(
                {**each, "TargetGroupArn": arn}, pairs(each["tags"]), tracking.resource(each["tags"], stack), pairs(each["attributes"])
            )
            for arn, each in groups.items()
        ),
        security_groups=tuple(
            security_group.read(
                {"GroupId": f"sg:{name}", "IpPermissions": each["ingress"]}, pairs(each["tags"]), tracking.resource(each["tags"], stack)
            )
            for name, each in state["securityGroups"].items()
        ),
        registered={arn: tuple(target(text) for text in each["targets"]) for arn, each in groups.items() if each["TargetType"] == "alb"},
    )


def port(arn: str, balancer: str, item: Mapping[str, Any], stack: StackId) -> Owned[Listener]:
    sni = list(item["certificates"])
    for default in item.get("Certificates") or ():
        sni.remove(default["CertificateArn"])
    noun = listener.read(item, [{"CertificateArn": each} for each in sni], pairs(item["attributes"]))
    named = replace(noun, id=tracking.resource(item["tags"], stack))
    return listener.own(named, {"ListenerArn": arn, "LoadBalancerArn": balancer}, pairs(item["tags"]))


def entry(arn: str, item: Mapping[str, Any], stack: StackId) -> Owned[Rule]:
    named = {**item, "RuleArn": f"{arn}/{item['Priority']}"}
    return rule.read(named, arn, pairs(item["tags"]), tracking.resource(item["tags"], stack))


def target(text: str) -> Target:
    arn, _, number = text.rpartition(":")
    return Target(f"lb:{arn.split('/')[2]}", int(number))


@pytest.mark.parametrize(("kind", "name"), [(kind, name) for kind, found in KINDS.items() for name in found.states])
def test_nothing_is_written(kind: str, name: str) -> None:
    found = KINDS[kind]
    for stack_id, state in found.states[name].items():
        stack = found.stacks[stack_id]
        assert stack is not None
        steps = plan(stack, observed(found.known(state), found.owner), found.config).steps
        written = [step.id for step in steps if not isinstance(step.operation, PutBinding)]
        assert written == [] or name in found.deviating
