"""`/mutate-elbv2-k8s-aws-v1beta1-targetgroupbinding`: the fields that a new binding does not set, as its target group has them in AWS.

Source: `webhooks/elbv2/targetgroupbinding_mutator.go` of the other controller.
"""

from albatross.admission import described
from albatross.admission.handler import Handler
from albatross.admission.review import ALLOWED, Response, Review, denied
from albatross.catalog.kinds import KINDS
from albatross.catalog.problems import message
from albatross.catalog.shape import Cursor
from albatross.checks.binding import unnamed
from albatross.model.config import Config
from albatross.model.facts import Facts, Question, TargetGroupFact
from albatross.model.snapshot import Snapshot, TargetGroupBinding

KIND = "TargetGroupBinding"
TYPES = ("instance", "ip")
FAMILIES = ("ipv4", "ipv6")

FAILURES = {
    "targetGroupARN": "",
    "targetType": "couldn't determine TargetType: ",
    "ipAddressType": "unable to get target group IP address type: ",
    "vpcID": "unable to get target group VpcID: ",
    "targetGroupProtocol": "couldn't determine TargetGroup protocol: ",
}
"""The fields that are completed, in this order, and the start of the text if AWS does not say them."""


def read(review: Review) -> TargetGroupBinding:
    """The new binding. Errors: `Malformed`."""
    found = KINDS[KIND].read(Cursor(review.object))
    assert isinstance(found, TargetGroupBinding), "its row of KINDS reads it"
    return found


def questions(review: Review, snapshot: Snapshot, config: Config) -> frozenset[Question]:
    """The target group of a new binding that is incomplete."""
    if not review.create:
        return frozenset()
    binding = read(review)
    if any(unnamed(binding)) or not _absent(binding):
        return frozenset()
    return frozenset({described.question(binding)})


def answer(review: Review, snapshot: Snapshot, facts: Facts, config: Config) -> Response:
    """A patch with the missing fields. It denies a binding without a target group, or with one of another type."""
    if not review.create:
        return ALLOWED
    binding = read(review)
    if wrong := [message(problem) for problem in unnamed(binding)]:
        return denied("; ".join(wrong))
    absent = _absent(binding)
    if not absent:
        return ALLOWED
    found = described.describe(binding, facts)
    if found.fact is None:
        return denied(FAILURES[absent[0]] + found.reason)
    values = described.known(found.fact)
    if wrong := [text for field, text in _unsupported(found.fact) if field in absent]:
        return denied("; ".join(wrong))
    return Response(patch=tuple({"op": "add", "path": f"/spec/{field}", "value": values[field]} for field in absent if values[field]))


def _absent(binding: TargetGroupBinding) -> tuple[str, ...]:
    written = described.written(binding)
    return tuple(field for field in FAILURES if not written[field])


def _unsupported(fact: TargetGroupFact) -> list[tuple[str, str]]:
    """Fields with values that a binding cannot have, such as the types `lambda` and `alb`."""
    found = []
    if fact.type not in TYPES:
        found.append(("targetType", f"unsupported TargetType: {fact.type}"))
    if fact.ip_address_type not in FAMILIES:
        found.append(("ipAddressType", f"unsupported IPAddressType: {fact.ip_address_type}"))
    return found


HANDLER = Handler(kind=KIND, answer=answer, questions=questions)
