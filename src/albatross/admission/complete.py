"""`/mutate-elbv2-k8s-aws-v1beta1-targetgroupbinding`: the fields that a new binding does not set, as its target group has them in AWS.

Source: `webhooks/elbv2/targetgroupbinding_mutator.go` of the other controller.
"""

from albatross.admission.described import KIND, describe, known, question, read, written
from albatross.admission.handler import Handler, Submission
from albatross.admission.review import ALLOWED, Response, denied
from albatross.catalog.problems import message
from albatross.checks.binding import unnamed
from albatross.model.facts import Question, TargetGroupFact
from albatross.model.snapshot import TargetGroupBinding

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


def questions(given: Submission) -> frozenset[Question]:
    """The target group of a new binding that is incomplete."""
    if not given.review.create:
        return frozenset()
    binding = read(given.review.object)
    if any(unnamed(binding)) or not _absent(binding):
        return frozenset()
    return frozenset({question(binding)})


def answer(given: Submission) -> Response:
    """A patch with the missing fields. It denies a binding without a target group, or with one of another type."""
    if not given.review.create:
        return ALLOWED
    binding = read(given.review.object)
    if wrong := [message(problem) for problem in unnamed(binding)]:
        return denied("; ".join(wrong))
    absent = _absent(binding)
    if not absent:
        return ALLOWED
    found = describe(binding, given.facts)
    if found.fact is None:
        return denied(FAILURES[absent[0]] + found.reason)
    values = known(found.fact)
    if wrong := [text for field, text in _unsupported(found.fact) if field in absent]:
        return denied("; ".join(wrong))
    return Response(patch=tuple({"op": "add", "path": f"/spec/{field}", "value": values[field]} for field in absent if values[field]))


def _absent(binding: TargetGroupBinding) -> tuple[str, ...]:
    present = written(binding)
    return tuple(field for field in FAILURES if not present[field])


def _unsupported(fact: TargetGroupFact) -> list[tuple[str, str]]:
    """Fields with values that a binding cannot have, such as the types `lambda` and `alb`."""
    found = []
    if fact.type not in TYPES:
        found.append(("targetType", f"unsupported TargetType: {fact.type}"))
    if fact.ip_address_type not in FAMILIES:
        found.append(("ipAddressType", f"unsupported IPAddressType: {fact.ip_address_type}"))
    return found


HANDLER = Handler(kind=KIND, answer=answer, questions=questions)
