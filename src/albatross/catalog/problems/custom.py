"""LB172 to LB183: errors of IngressClassParams and TargetGroupBindings.

The summaries are the texts of the other controller's admission webhooks, so that the webhooks and `lint` say the same.
"""

from collections.abc import Mapping

from albatross.catalog.problems.row import Example, ProblemRow

ARN = "arn:aws:elasticloadbalancing:eu-west-1:123456789012:targetgroup/web/0123456789abcdef"


def _class(broken: str, fixed: str) -> Example:
    """Two specs of IngressClassParams, in the flow style of YAML."""
    head = "kind: IngressClassParams\nmetadata:\n  name: alb\nspec: "
    return Example(f"{head}{broken}\n", f"{head}{fixed}\n")


def _bound(broken: Mapping[str, str], fixed: Mapping[str, str], beside: str = "") -> Example:
    """Two specs of a TargetGroupBinding: fields in the flow style of YAML."""
    return Example(beside + _binding("web", broken), beside + _binding("web", fixed))


def _binding(name: str, fields: Mapping[str, str]) -> str:
    given = {"serviceRef": "{name: web, port: 80}", "targetGroupARN": ARN, "targetType": "ip", **fields}
    lines = [f"  {field}: {value}" for field, value in given.items() if value]
    return "\n".join(["kind: TargetGroupBinding", "metadata:", f"  name: {name}", "spec:", *lines]) + "\n"


PARAMETERS: tuple[ProblemRow, ...] = (
    ProblemRow(
        code="LB172",
        slug="class-cidr-unreadable",
        severity="error",
        literal=True,
        summary="Invalid value: {value}: Could not be parsed as a CIDR{hint}",
        why="a CIDR is an IP address, a slash and the length of the prefix",
        fix="write a CIDR, such as 203.0.113.0/24",
        example=_class("{inboundCIDRs: [203.0.113.7]}", "{inboundCIDRs: [203.0.113.7/32]}"),
    ),
    ProblemRow(
        code="LB173",
        slug="class-cidr-host-bits",
        severity="error",
        literal=True,
        summary='Invalid value: {value}: Network contains bits outside prefix (did you mean "{meant}")',
        why="the address has bits after the prefix, so it is unclear which addresses are meant",
        fix="write {meant}, or a longer prefix",
        example=_class("{inboundCIDRs: [203.0.113.7/24]}", "{inboundCIDRs: [203.0.113.0/24]}"),
    ),
    ProblemRow(
        code="LB174",
        slug="class-subnets-empty",
        severity="error",
        literal=True,
        summary="Required value: must have either `ids` or `tags`",
        why="without one of them no subnet is selected",
        fix="add ids or tags, or remove spec.subnets",
        example=_class("{subnets: {}}", "{subnets: {tags: {Name: [public-a, public-b]}}}"),
    ),
    ProblemRow(
        code="LB175",
        slug="class-subnets-twice",
        severity="error",
        literal=True,
        summary="Forbidden: may not have both `ids` and `tags` set",
        why="the subnets are selected in only one way",
        fix="remove ids or tags",
        example=_class("{subnets: {ids: [subnet-0a], tags: {Name: [public-a]}}}", "{subnets: {tags: {Name: [public-a, public-b]}}}"),
    ),
    ProblemRow(
        code="LB176",
        slug="class-subnet-tags-empty",
        severity="error",
        literal=True,
        summary="Required value: must have at least one tag key",
        why="without a tag no subnet is selected",
        fix="add a tag, or remove spec.subnets",
        example=_class("{subnets: {tags: {}}}", "{subnets: {tags: {Name: [public-a, public-b]}}}"),
    ),
    ProblemRow(
        code="LB177",
        slug="class-subnet-repeated",
        severity="error",
        literal=True,
        summary="Duplicate value: {value}",
        why="a repeated value is usually a copy that was not changed",
        fix="remove or correct the repeated value",
        example=_class("{subnets: {tags: {Name: [public-a, public-a]}}}", "{subnets: {tags: {Name: [public-a, public-b]}}}"),
    ),
)

BINDINGS: tuple[ProblemRow, ...] = (
    ProblemRow(
        code="LB178",
        slug="binding-without-target-group",
        severity="error",
        literal=True,
        summary="must provide either TargetGroupARN or TargetGroupName",
        why="without one of them the target group is unknown",
        fix="set spec.targetGroupARN or spec.targetGroupName",
        example=_bound({"targetGroupARN": ""}, {}),
    ),
    ProblemRow(
        code="LB179",
        slug="binding-node-selector",
        severity="error",
        literal=True,
        summary="TargetGroupBinding cannot set NodeSelector when TargetType is ip",
        why="the targets are pods, so no node is selected",
        fix="remove spec.nodeSelector, or use targetType instance",
        example=_bound({"nodeSelector": "{matchLabels: {pool: web}}"}, {}),
    ),
    ProblemRow(
        code="LB180",
        slug="binding-shared-target-group",
        severity="error",
        literal=True,
        summary="TargetGroup {arn} is already bound to following TargetGroupBindings [{bindings}]. Please enable MultiCluster mode on all "
        "TargetGroupBindings referencing {arn} or choose a different Target Group ARN.",
        why="each binding would deregister the targets of the others",
        fix="use another target group, or set multiClusterTargetGroup: true on all of them",
        example=_bound({}, {"targetGroupARN": ARN.replace("/web/", "/web-2/")}, _binding("other", {}) + "---\n"),
    ),
    ProblemRow(
        code="LB181",
        slug="binding-vpc-id",
        severity="error",
        literal=True,
        summary="ValidationError: vpcID {value} failed to satisfy constraint: VPC Id must begin with 'vpc-' followed by "
        "8, 17 or 32 lowercase letters (a-f) or numbers.",
        why="AWS has no VPC with such an id",
        fix="write the id of the VPC of the target group, or remove the field: it is then read from AWS",
        example=_bound({"vpcID": "vpc-main"}, {"vpcID": "vpc-0a1b2c3d"}),
    ),
    ProblemRow(
        code="LB182",
        slug="binding-role-with-instances",
        severity="error",
        literal=True,
        summary="Unable to use instance target type while using assume role",
        why="the instances of this cluster do not exist in the account of the role",
        fix="use a target group with target type ip, or remove iamRoleArnToAssume",
        example=_bound({"iamRoleArnToAssume": "arn:aws:iam::210987654321:role/web", "targetType": "instance"}, {"targetType": "instance"}),
    ),
    ProblemRow(
        code="LB183",
        slug="binding-quic-with-instances",
        severity="error",
        literal=True,
        summary="QUIC protocol is not supported for Instance target types.",
        why="a server id belongs to a pod, and instances have none",
        fix="use a target group with target type ip",
        example=_bound({"targetGroupProtocol": "QUIC", "targetType": "instance"}, {"targetGroupProtocol": "QUIC"}),
    ),
)

ROWS: tuple[ProblemRow, ...] = (*PARAMETERS, *BINDINGS)
