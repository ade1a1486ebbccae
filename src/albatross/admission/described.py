"""The target group of a binding, as AWS describes it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from albatross.catalog.kinds import KINDS
from albatross.model.facts import Facts, RefusedAnswer, TargetGroupFact, TargetGroupOf
from albatross.model.snapshot import TargetGroupBinding

MISSING = "TargetGroupNotFound: One or more target groups not found"
"""What AWS answers for a target group that does not exist; elbv2 DescribeTargetGroups."""


KIND = "TargetGroupBinding"
FIELDS = {
    "targetGroupARN": ("target_group_arn", "arn"),
    "targetType": ("target_type", "type"),
    "ipAddressType": ("ip_address_type", "ip_address_type"),
    "vpcID": ("vpc_id", "vpc_id"),
    "targetGroupProtocol": ("target_group_protocol", "protocol"),
}
"""Fields of `spec` that AWS knows: the attribute of a binding, and the attribute of a target group. All but the last one never change."""


@dataclass(frozen=True, slots=True)
class Described:
    """The target group, or None and the reason. `certain`: AWS answered that it does not exist."""

    fact: TargetGroupFact | None
    reason: str = ""
    certain: bool = False


def read(obj: Mapping[str, Any]) -> TargetGroupBinding:
    """A binding. Errors: `Malformed`."""
    found = KINDS[KIND].noun(obj)
    assert isinstance(found, TargetGroupBinding), "its row of KINDS reads it"
    return found


def question(binding: TargetGroupBinding) -> TargetGroupOf:
    """By ARN, or by name if the binding has no ARN; with the role of the binding."""
    arn, name = binding.target_group_arn, binding.target_group_name
    return TargetGroupOf(arn=arn, name="" if arn else name, role=binding.iam_role_arn, external_id=binding.external_id)


def describe(binding: TargetGroupBinding, facts: Facts) -> Described:
    """The answer to the question about a binding."""
    found = facts.answers.get(question(binding))
    match found:
        case None:
            return Described(None, "AWS was not asked")
        case RefusedAnswer():
            return Described(None, f"{found.code}: {found.message}")
    fact = next((each for each in found if isinstance(each, TargetGroupFact)), None)
    return Described(fact) if fact else Described(None, MISSING, certain=True)


def written(binding: TargetGroupBinding) -> dict[str, str]:
    """The fields as the binding has them; empty if it does not set them."""
    return {field: getattr(binding, own) for field, (own, _) in FIELDS.items()}


def known(fact: TargetGroupFact) -> dict[str, str]:
    """The fields as AWS has them."""
    return {field: getattr(fact, theirs) for field, (_, theirs) in FIELDS.items()}
