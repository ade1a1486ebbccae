"""TargetGroupBindings: fields that do not fit together. The texts are those of the other controller's admission webhook.

Source: `webhooks/elbv2/targetgroupbinding_validator.go`.
"""

import re
from collections.abc import Iterator

from albatross.model.problem import Origin, Problem
from albatross.model.snapshot import Snapshot, TargetGroupBinding

_VPC = re.compile(r"vpc-([0-9a-f]{8}|[0-9a-f]{17}|[0-9a-f]{32})", re.ASCII)


def check(binding: TargetGroupBinding, snapshot: Snapshot) -> Iterator[Problem]:
    """Every problem that is visible without AWS, also by other bindings of the snapshot."""
    yield from unnamed(binding)
    yield from selector(binding)
    yield from shared(binding, snapshot)
    yield from vpc(binding)
    yield from role(binding)
    yield from quic(binding)


def unnamed(binding: TargetGroupBinding) -> Iterator[Problem]:
    """Neither ARN nor name of a target group."""
    if not binding.target_group_arn and not binding.target_group_name:
        yield Problem("LB178", _at(binding, "spec"))


def selector(binding: TargetGroupBinding) -> Iterator[Problem]:
    """Nodes are selected, but the targets are pods."""
    if binding.target_type == "ip" and binding.node_selector is not None:
        yield Problem("LB179", _at(binding, "spec.nodeSelector"))


def shared(binding: TargetGroupBinding, snapshot: Snapshot, arn: str = "") -> Iterator[Problem]:
    """Other bindings of the same target group, if not all of them are for several clusters. `arn` is for a binding without one."""
    arn = binding.target_group_arn or arn
    others = [
        each for key, each in sorted(snapshot.bindings.items()) if key != binding.metadata.key and arn and each.target_group_arn == arn
    ]
    if others and not all(each.multi_cluster for each in (binding, *others)):
        listed = " ".join("/".join(each.metadata.key) for each in others)
        related = tuple(_at(each, "spec.targetGroupARN") for each in others)
        yield Problem("LB180", _at(binding, "spec.targetGroupARN"), (("arn", arn), ("bindings", listed)), related=related)


def vpc(binding: TargetGroupBinding) -> Iterator[Problem]:
    """An id of a VPC that cannot exist."""
    if binding.vpc_id and not _VPC.fullmatch(binding.vpc_id):
        yield Problem("LB181", _at(binding, "spec.vpcID"), (("value", binding.vpc_id),))


def role(binding: TargetGroupBinding) -> Iterator[Problem]:
    """Instances of another account."""
    if binding.iam_role_arn and binding.target_type == "instance":
        yield Problem("LB182", _at(binding, "spec.targetType"))


def quic(binding: TargetGroupBinding) -> Iterator[Problem]:
    """Instances of a target group that uses QUIC."""
    if binding.quic and binding.target_type == "instance":
        yield Problem("LB183", _at(binding, "spec.targetType"))


def _at(binding: TargetGroupBinding, field: str) -> Origin:
    return Origin("TargetGroupBinding", *binding.metadata.key, field)
