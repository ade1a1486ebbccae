"""`/validate-elbv2-k8s-aws-v1beta1-targetgroupbinding`: bindings that cannot work.

The checks and their texts are those of the other controller (`webhooks/elbv2/targetgroupbinding_validator.go`), with two differences.
All problems are reported at once. An update may complete a binding with the values of its target group: the targets loop does so
for bindings that were stored without the webhook.
"""

from collections.abc import Iterator
from dataclasses import replace

from albatross.admission.complete import FAILURES
from albatross.admission.described import KIND, Described, describe, known, question, read, written
from albatross.admission.handler import Handler, Submission
from albatross.admission.review import ALLOWED, Response, denied, settled, shortened
from albatross.catalog.problems import message
from albatross.checks import binding as checks
from albatross.model.facts import Question, TargetGroupFact
from albatross.model.snapshot import Snapshot, TargetGroupBinding


def questions(given: Submission) -> frozenset[Question]:
    """The target group of a new binding; for an update, only if a field that was empty is set or the ARN is left out."""
    if settled(given.review):
        return frozenset()
    binding = read(given.review.object)
    named = binding.target_group_arn or binding.target_group_name
    if named and (given.review.create or not binding.target_group_arn or _filled(binding, read(given.review.old))):
        return frozenset({question(binding)})
    return frozenset()


def answer(given: Submission) -> Response:
    """Deny with every problem. If AWS cannot be asked, a new binding is not compared with its target group, with a warning."""
    if settled(given.review):
        return ALLOWED
    binding, found = read(given.review.object), Described(None)
    if questions(given):
        found = describe(binding, given.facts)
    wrong = list(_required(binding, found))
    if given.review.create:
        wrong += _new(binding, given.snapshot, found)
    else:
        old = read(given.review.old)
        unresolved = old.target_group_arn if binding.target_group_name else ""
        arn = binding.target_group_arn or (found.fact.arn if found.fact else unresolved)
        wrong += _immutable(replace(binding, target_group_arn=arn), old, found.fact, given.config.vpc_id)
        problems = (*checks.selector(binding), *checks.role(binding), *checks.shared(binding, given.snapshot, arn))
        wrong += [message(problem) for problem in problems]
    if wrong:
        return denied("; ".join(wrong))
    if given.review.create and found.fact is None:
        return Response(warnings=(shortened(f"not compared with the target group in AWS: {found.reason}"),))
    return ALLOWED


def _required(binding: TargetGroupBinding, found: Described) -> Iterator[str]:
    absent = []
    if not binding.target_group_arn and not binding.target_group_name:
        absent.append("either TargetGroupARN or TargetGroupName")
    elif not binding.target_group_arn and found.fact is None:
        yield f"searching TargetGroup with name {binding.target_group_name}: {found.reason}"
    if not binding.target_type:
        absent.append("spec.targetType")
    if absent:
        yield f"TargetGroupBinding must specify these fields: {','.join(absent)}"


# New bindings ------------------------------------------------------------------------------------------------------


def _new(binding: TargetGroupBinding, snapshot: Snapshot, found: Described) -> Iterator[str]:
    arn = found.fact.arn if found.fact else ""
    yield from (message(problem) for problem in (*checks.selector(binding), *checks.shared(binding, snapshot, arn), *checks.vpc(binding)))
    if found.fact is not None:
        yield from _different(binding, found.fact)
    elif found.certain and binding.target_group_arn:
        yield FAILURES["ipAddressType"] + found.reason
    yield from (message(problem) for problem in (*checks.role(binding), *checks.quic(binding)))


def _different(binding: TargetGroupBinding, fact: TargetGroupFact) -> Iterator[str]:
    """Fields that differ from the target group in AWS."""
    if (binding.ip_address_type or "ipv4") != fact.ip_address_type:
        yield f"invalid IP address type {fact.ip_address_type} for TargetGroup {fact.arn}"
    if binding.vpc_id and binding.vpc_id != fact.vpc_id and not any(checks.vpc(binding)):
        yield f"invalid VpcID {binding.vpc_id} doesnt match VpcID from TargetGroup {fact.arn}"
    protocol = binding.target_group_protocol
    if protocol and protocol != fact.protocol:
        yield f"TargetGroup {fact.arn} protocol differs (got {protocol}, expected {fact.protocol})"


# Updates -----------------------------------------------------------------------------------------------------------


def _immutable(binding: TargetGroupBinding, old: TargetGroupBinding, fact: TargetGroupFact | None, vpc: str) -> Iterator[str]:
    """Fields that change, except those that were empty and get the default, or the value of the target group."""
    own = known(fact) if fact else {}
    if fact and old.target_group_name not in ("", fact.name):
        del own["targetGroupARN"]
    before, implied = written(old), {"ipAddressType": "ipv4", "vpcID": vpc}
    changed = [
        f"spec.{field}"
        for field, value in _fixed(binding).items()
        if value != before[field] and (before[field] or value not in (own.get(field), implied.get(field)))
    ]
    if changed:
        yield f"TargetGroupBinding update may not change these immutable fields: {','.join(changed)}"


def _filled(binding: TargetGroupBinding, old: TargetGroupBinding) -> bool:
    """Whether the update sets an immutable field that was empty."""
    before = written(old)
    return any(value and not before[field] for field, value in _fixed(binding).items())


def _fixed(binding: TargetGroupBinding) -> dict[str, str]:
    return {field: value for field, value in written(binding).items() if field != "targetGroupProtocol"}


HANDLER = Handler(kind=KIND, answer=answer, questions=questions)
