"""TargetGroupBindings and their target group."""

import json
from typing import Any

from albatross.model.facts import Answer, Question, TargetGroupFact, TargetGroupOf

ARN = "arn:aws:elasticloadbalancing:eu-west-1:123456789012:targetgroup/web/0123456789abcdef"
ROLE = "arn:aws:iam::210987654321:role/web"
VPC = "vpc-0a1b2c3d"
FACT = TargetGroupFact(arn=ARN, name="web", type="ip", vpc_id=VPC, protocol="HTTP")
FULL = {"targetGroupARN": ARN, "targetType": "ip", "ipAddressType": "ipv4", "vpcID": VPC, "targetGroupProtocol": "HTTP"}


def binding(name: str = "web", meta: dict[str, Any] | None = None, **spec: Any) -> dict[str, Any]:
    """A binding with these fields; None leaves a field out."""
    fields = {"serviceRef": {"name": "web", "port": 80}} | {field: value for field, value in spec.items() if value is not None}
    return {"metadata": {"name": name, "namespace": "shop", **(meta or {})}, "spec": fields}


def full(name: str = "web", meta: dict[str, Any] | None = None, **spec: Any) -> dict[str, Any]:
    """A complete binding, with other fields; None leaves a field out."""
    return binding(name, meta, **(FULL | spec))


def stored(name: str, **spec: Any) -> str:
    """A binding of the cluster."""
    return json.dumps({"kind": "TargetGroupBinding", **full(name, **spec)})


def said(answer: Answer, **by: str) -> dict[Question, Answer]:
    """The answer of AWS to the question about a target group."""
    return {TargetGroupOf(**(by or {"arn": ARN})): answer}
